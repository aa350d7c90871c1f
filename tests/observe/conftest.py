"""Services in temporary folders, run by real interpreters."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from workbench import VERSIONS, Workbench


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled copies, shared by all tests: else each would compile the standard library."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def bench(tmp_path: Path, bytecode: Path) -> Iterator[Workbench]:
    root = tmp_path / "repository"
    root.mkdir()
    workbench = Workbench(root, tmp_path / "cache", bytecode)
    yield workbench
    workbench.clear()


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without anything in it; tests work on copies."""
    path = tmp_path_factory.mktemp("environment") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", path], check=True)
    return path


@pytest.fixture
def site(environment: Path, bench: Workbench) -> Path:
    """The site-packages of a virtual environment `env` beside the contract."""
    shutil.copytree(environment, bench.root / "env", symlinks=True)
    (path,) = bench.root.glob("env/lib/python*/site-packages")
    return path


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> Path:
    """A CPython of that version: pyenv's, else the one on PATH."""
    version = request.param
    for path in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")):
        return path
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"no Python {version} here")
    return Path(found)
