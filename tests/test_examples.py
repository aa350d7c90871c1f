"""The examples are what they say they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", "PY_COLORS": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The examples and their contract away from the project's own configuration."""
    shutil.copytree(TOP / "examples", tmp_path / "examples")
    shutil.copy(TOP / "contracts.example.toml", tmp_path)
    return tmp_path


def test_the_platform_keeps_its_contract(copied: Path) -> None:
    done = run_pytest(copied, "--import-contracts", "contracts.example.toml", "-q")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "48 passed" in done.stdout


def test_the_platform_passes_its_own_tests(copied: Path) -> None:
    done = run_pytest(copied, "-q", "examples/platform")
    assert done.returncode == 0, done.stdout


def test_the_outage_passes_its_own_tests_as_on_every_laptop(copied: Path) -> None:
    done = run_pytest(copied / "examples" / "outage", "-q")
    assert done.returncode == 0, done.stdout


def test_the_outage_leaves_its_repository_as_it_was(copied: Path) -> None:
    outage = copied / "examples" / "outage"
    before = {path: path.stat().st_mtime_ns for path in outage.rglob("*")}
    done = run_pytest(outage, "--import-contracts", "contracts.toml", "-q", "-k", "startup")
    assert done.returncode == 1, done.stdout
    assert {path: path.stat().st_mtime_ns for path in outage.rglob("*")} == before
