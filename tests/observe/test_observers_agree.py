"""What source says is what runs: the two observers against each other."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from generated_package import Package
from workbench import Workbench

from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.facts import Condition, Guard, ImportEdge, ImportKind, Origin
from pytest_importcontract.shipment.modules import modules_below

Key = tuple[str, int, str, tuple[str, ...]]


def key(edge: ImportEdge) -> Key:
    return edge.place.file, edge.place.line, edge.imported, edge.names


def by_key(edges: Iterable[ImportEdge]) -> dict[Key, ImportEdge]:
    return {key(edge): edge for edge in edges}


@pytest.mark.parametrize("batch", range(2))
def test_generated_packages(batch: int, bench: Workbench) -> None:
    packages = [Package(f"pkg{30 * batch + number}") for number in range(30)]
    for package in packages:
        for file, text in package.files.items():
            bench.write(file, text)
    shipment = bench.shipment()
    run = bench.run("".join(f"import {package.modules[0]}\n" for package in packages))
    assert run.outcome.ok, run.outcome
    analysis = analyse(
        modules_below([bench.root], (".py",)).values(),
        shipment.interpreter,
        lambda module: Origin.FIRST_PARTY if module[:3] == "pkg" else Origin.STANDARD_LIBRARY,
        to_repository=shipment.to_repository,
    )
    assert analysis.unread == ()
    modules = {module for package in packages for module in package.modules}
    ran = {edge.importer for edge in run.edges} & modules
    read = by_key(edge for edge in analysis.edges if edge.importer in ran)
    seen = by_key(edge for edge in run.edges if edge.importer in ran)
    assert len(read) > 3 * len(ran) > 100

    unread = [k for k in seen if k not in read]
    assert unread == [], "the source says nothing of these"
    # A guarded import does not run where one before it in the same try failed.
    idle = [
        k
        for k, edge in read.items()
        if edge.kind is ImportKind.EAGER and edge.guard is Guard.NONE and k not in seen
    ]
    assert idle == [], "these were to run"
    for where, edge in seen.items():
        said = read[where]
        if edge.kind is ImportKind.DEFERRED:
            assert said.kind is ImportKind.DEFERRED, where
        elif said.kind is ImportKind.DEFERRED:
            # To the run a class is no function, whatever called for it.
            assert said.scope.endswith(".C"), where
        else:
            assert said.kind in (ImportKind.EAGER, ImportKind.CONDITIONAL), where
            assert said.condition in (Condition.NONE, Condition.TRUE, Condition.UNKNOWN), where
        if edge.origin is Origin.FIRST_PARTY:
            assert said.submodules == edge.submodules, where
    kinds = {edge.kind for edge in read.values()}
    assert kinds == set(ImportKind) - {ImportKind.BY_NAME}
