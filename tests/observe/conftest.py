"""Services in temporary folders, run by real interpreters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from workbench import Workbench


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
