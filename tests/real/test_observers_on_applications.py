"""Real applications: what their source says is what runs, save for a listed remainder.

Run with ``pytest -m real``. An application's entrypoints are started and its modules' source is
read; of every module that ran to its end, the imports that the run made are those that the source
calls eager, and each import that the run made is in the source. What is left is listed in
`REMAINDER`, with the reason.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from test_real import APPLICATIONS, HERE, SUFFIXES, Application, copied, site_packages

from pytest_importcontract.contract.loader import load
from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.facts import (
    Guard,
    ImportEdge,
    ImportKind,
    Origin,
    Target,
    TargetKind,
)
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.shipment.interpreter import describe
from pytest_importcontract.shipment.modules import modules_below
from pytest_importcontract.shipment.preparation import prepare

# Until 3.11 a pattern's `sub` imports re from C, which counts for whoever calls it.
_FROM_C = "re is imported by the interpreter itself"
REMAINDER: Mapping[str, str] = {
    "datasette.vendored.pint.util:935 imports re (), unread": _FROM_C,
    "datasette.vendored.pint.util:937 imports re (), unread": _FROM_C,
}


@pytest.mark.real
@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda application: application.folder)
def test_source_and_run_agree(
    application: Application, environment: Callable[[Path], Path], tmp_path: Path
) -> None:
    python = environment(HERE / application.folder / "requirements.txt")
    folder = copied(application, python, tmp_path / "repository")
    contract = load(folder / "contracts.toml", "contracts.toml")
    (shipment,) = prepare(contract, "contracts.toml", tmp_path / "cache", {})
    runner = Runner({shipment.service.name: shipment}, {}, tmp_path / "bytecode", 1)
    try:
        targets = [
            Target(shipment.service.name, TargetKind.ENTRYPOINT, entrypoint.text)
            for entrypoint in shipment.service.entrypoints
        ]
        runs = [runner.observe(target) for target in targets]
    finally:
        runner.close()
        shipment.release()
    assert all(run.outcome.ok for run in runs), [run.outcome for run in runs]

    analysis = analyse(
        modules_below(
            [folder, *site_packages(python)],
            shipment.interpreter.suffixes,
            below=application.packages,
        ).values(),
        shipment.interpreter,
        lambda module: (
            Origin.FIRST_PARTY
            if module.partition(".")[0] in application.packages
            else Origin.THIRD_PARTY
        ),
        to_repository=shipment.to_repository,
    )
    loaded = {module for run in runs for module in run.loaded}
    ran = loaded & analysis.modules.keys()
    assert len(ran) > 30

    read = {key(edge): edge for edge in analysis.edges if edge.importer in ran}
    seen = {key(edge): edge for run in runs for edge in run.edges if edge.importer in ran}
    unknown = {
        (place.file, place.line)
        for module in analysis.modules.values()
        for place, _ in module.unknown
    }
    differences = [
        f"{edge.importer}:{edge.place.line} imports {edge.imported} {edge.names}, unread"
        for where, edge in seen.items()
        if where not in read and where[:2] not in unknown
    ]
    differences += [
        f"{edge.importer}:{edge.place.line} {read[where].kind} {edge.imported} ran {edge.kind}"
        for where, edge in seen.items()
        if where in read and not agree(read[where], edge)
    ]
    differences += [
        f"{edge.importer}:{edge.place.line} imports {edge.imported} {edge.names}, not run"
        for where, edge in read.items()
        if edge.kind is ImportKind.EAGER and edge.guard is Guard.NONE and where not in seen
    ]
    assert sorted(set(differences) - REMAINDER.keys()) == []


@pytest.mark.real
@pytest.mark.parametrize("tree", ["standard library", "Django"])
def test_every_file_of_a_large_tree_is_analysed_or_listed(
    tree: str, environment: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    python = environment(HERE / "django_project" / "requirements.txt")
    if tree == "Django":
        entries, below = list(site_packages(python)), ["django"]
    else:
        entries, below = [Path(os.__file__).parent], None
    modules = modules_below(entries, SUFFIXES, below=below).values()
    start = time.perf_counter()
    analysis = analyse(modules, describe(python), lambda module: Origin.FIRST_PARTY)
    seconds = time.perf_counter() - start
    sources = {module.name for module in modules if not module.is_namespace}
    assert len(sources) > 800
    size = sum(m.path.stat().st_size for m in modules if not m.is_namespace) / 1e6
    with capsys.disabled():
        print(f"\n{tree}: {len(sources)} files, {size:.1f} MB in {seconds:.1f} s")  # noqa: T201 (to be read)
    unread = {one.module: one for one in analysis.unread}
    assert not analysis.modules.keys() & unread.keys()
    assert analysis.modules.keys() | unread.keys() == sources
    # The standard library's tests hold broken files on purpose; nothing else may fail to parse.
    assert [name for name in unread if not name.startswith(("test.", "lib2to3.tests."))] == []


def key(edge: ImportEdge) -> tuple[str, int, str, tuple[str, ...]]:
    return edge.place.file, edge.place.line, edge.imported, edge.names


def agree(said: ImportEdge, ran: ImportEdge) -> bool:
    if ran.kind is ImportKind.DEFERRED:
        return said.kind is ImportKind.DEFERRED
    return said.kind in (ImportKind.EAGER, ImportKind.CONDITIONAL)
