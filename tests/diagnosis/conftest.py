"""Little repositories to diagnose: each is written, run as a service is, and its failure read."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pytest_importcontract.checks.all import demands
from pytest_importcontract.contract.loader import load
from pytest_importcontract.diagnosis.diagnose import diagnose_all
from pytest_importcontract.diagnosis.model import Diagnosis
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.observers import Observers
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.report.failure import FailureText
from pytest_importcontract.shipment.preparation import prepare
from pytest_importcontract.shipment.shipment import Shipment

ONE_SERVICE = """\
[services.backend]
entrypoints = ["app.main"]

[services.backend.ships]
files = ["app/**"]
"""
STANDARD_LIBRARY = sysconfig.get_path("stdlib")
Files = Mapping[str, str | bytes]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing in it."""
    return environment(Path(sys.executable), tmp_path_factory.mktemp("bare") / "venv")


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of a Python that lacks much of what is written today."""
    known = [*Path.home().glob(".pyenv/versions/3.8.*/bin/python3.8"), shutil.which("python3.8")]
    python = next((path for path in known if path), None)
    if python is None:
        pytest.skip("there is no Python 3.8 here")
    return environment(Path(python), tmp_path_factory.mktemp("old") / "venv")


@pytest.fixture
def diagnoses(tmp_path: Path, cache: Path) -> Callable[..., tuple[Diagnosis, ...]]:
    """What is said about one item of the contract, by default its first; nothing if it holds."""

    def diagnoses(
        files: Files,
        contract: str = ONE_SERVICE,
        item: str = "",
        venv: Path | None = None,
        site: Files | None = None,
        caller: Collection[str] = (),
    ) -> tuple[Diagnosis, ...]:
        write(tmp_path, {"contracts.toml": contract, "app/__init__.py": "", **files})
        if venv is not None and not (tmp_path / ".venv").exists():
            shutil.copytree(venv, tmp_path / ".venv", symlinks=True)
            write(next(tmp_path.glob(".venv/lib/python3.*/site-packages")), site or {})
        with prepared(tmp_path, cache) as (shipment, bytecode):
            return diagnosed(shipment, bytecode, item, caller)

    return diagnoses


@pytest.fixture
def told(diagnoses: Callable[..., tuple[Diagnosis, ...]], tmp_path: Path) -> Callable[..., str]:
    """The whole text that a person reads about it, 80 columns wide."""

    def told(files: Files, contract: str = ONE_SERVICE, item: str = "", **more: Any) -> str:
        found = [anywhere(diagnosis) for diagnosis in diagnoses(files, contract, item, **more)]
        return f"\n{FailureText(found, tmp_path)}\n" if found else "\nit holds\n"

    return told


@pytest.fixture
def scene(tmp_path: Path, cache: Path) -> Iterator[Callable[..., Scene]]:
    """What a diagnosis looks things up in, for violations that a test makes up."""
    with contextlib.ExitStack() as stack:

        def scene(files: Files, contract: str = ONE_SERVICE) -> Scene:
            write(tmp_path, {"contracts.toml": contract, "app/__init__.py": "", **files})
            shipment, _ = stack.enter_context(prepared(tmp_path, cache))
            return Scene(shipment)

        yield scene


def environment(python: Path, folder: Path) -> Path:
    command = [python, "-I", "-m", "venv", "--without-pip", folder]
    subprocess.run(command, check=True, env={})
    return folder


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())


@contextlib.contextmanager
def prepared(folder: Path, cache: Path) -> Iterator[tuple[Shipment, Path]]:
    contract = load(folder / "contracts.toml", "contracts.toml")
    shipments = prepare(contract, "contracts.toml", cache, {})
    try:
        yield shipments[0], cache / "bytecode"
    finally:
        for shipment in shipments:
            shipment.release()


def diagnosed(
    shipment: Shipment, bytecode: Path, item: str, caller: Collection[str] = ()
) -> tuple[Diagnosis, ...]:
    found = {demand.name: demand for demand in demands(shipment.service, shipment.modules)}
    demand = found[item] if item else next(iter(found.values()))
    symbols = {target: [symbol] for target, symbol in demand.symbols}
    runner = Runner({shipment.service.name: shipment}, symbols, bytecode, jobs=2)
    try:
        runner.prefetch(demand.targets)
        observers = Observers(shipment, runner, 2)
        facts = observers.facts(demand.targets, reads=demand.reads)
        if demand.ask:
            asked = demand.ask(shipment.service, demand.subject, facts)
            facts = observers.asked(facts, asked)
    finally:
        runner.close()
    scene = Scene(shipment, caller)
    violations = demand.verify(shipment.service, demand.subject, facts)
    return diagnose_all(scene, violations)


def anywhere(diagnosis: Diagnosis) -> Diagnosis:
    """The same whichever Python runs, wherever it lies and whatever its library looks like."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    text = json.dumps(diagnosis.to_data()).replace(STANDARD_LIBRARY, "/python")
    text = re.sub(rf"\b([Pp]ython ?){re.escape(version)}\b", r"\g<1>3.x", text)
    found = Diagnosis.from_data(json.loads(text))
    hops = (
        dataclasses.replace(hop, line=0, text="(a line of Python's)")
        if hop.file.startswith("/python/")
        else hop
        for hop in found.hops
    )
    return dataclasses.replace(found, hops=tuple(hops))
