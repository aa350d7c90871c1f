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
        # Pytest itself would compile the examples' conftest.py beside it.
        env={**os.environ, "COLUMNS": "100", "PY_COLORS": "0", "PYTHONDONTWRITEBYTECODE": "1"},
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
    assert "62 passed" in done.stdout


def test_the_platform_starts_what_its_dockerfiles_start(copied: Path) -> None:
    chosen = ("--collect-only", "-k", "startup")
    done = run_pytest(copied, "--import-contracts", "contracts.example.toml", *chosen)
    shown = [line.strip() for line in done.stdout.splitlines()]
    assert [line for line in shown if "startup" in line] == [
        "<ContractItem startup[backend.app.main:app]>",
        "<ContractItem startup[auth_service.main:app]>",
    ]
    header = shown[2 : shown.index("collected 62 items / 60 deselected / 2 selected")]
    assert header[0] == "import contracts: contracts.example.toml (backend, auth)"
    doubts = header[1 : next(i for i, line in enumerate(header) if line.startswith("rootdir: "))]
    assert [line for line in doubts if "the image runs Python 3.11" not in line] == []


SERVED = """
[services.image]
ships.dockerfile = "dockerfiles/backend.Dockerfile"
runtime.env = { AUTH_SERVICE_URL = "http://127.0.0.1:9", BACKEND_DATABASE = "messages.sqlite3" }
[services.image.health]
command = "uvicorn backend.app.main:app --port {port}"
url = "http://127.0.0.1:{port}/health"

[services.workers]
modules = ["backend.app.main"]
ships.files = ["backend/**", "shared/**"]
runtime.env = { AUTH_SERVICE_URL = "http://127.0.0.1:9", BACKEND_DATABASE = "messages.sqlite3" }
[services.workers.health]
command = "gunicorn backend.app.main:app -k asgi -w 2 -b 127.0.0.1:{port}"
url = "http://127.0.0.1:{port}/health"
"""


def test_the_platform_comes_up_by_real_servers(copied: Path) -> None:
    platform = copied / "examples" / "platform"
    (platform / "contracts.toml").write_text(SERVED)
    done = run_pytest(platform, "--import-contracts", "-rA", "contracts.toml", "-k", "health")
    assert done.returncode == 0, done.stdout
    assert "PASSED contracts.toml::image::health" in done.stdout
    assert "PASSED contracts.toml::workers::health" in done.stdout
    assert done.stdout.count("Booting worker with pid") == 2


def test_the_platform_passes_its_own_tests(copied: Path) -> None:
    done = run_pytest(copied, "-q", "examples/platform")
    assert done.returncode == 0, done.stdout


def test_the_outage_passes_its_own_tests_as_on_every_laptop(copied: Path) -> None:
    done = run_pytest(copied / "examples" / "outage", "-q")
    assert done.returncode == 0, done.stdout


def test_the_line_that_the_outage_says_to_add_lets_it_start(copied: Path) -> None:
    outage = copied / "examples" / "outage"
    contract = ("--import-contracts", "contracts.toml", "-q", "-k", "startup")
    shown = run_pytest(outage, *contract).stdout
    assert "or ship it: COPY auth_service/ /app/auth_service/ (after line 13), and add the" in shown
    dockerfile = outage / "dockerfiles" / "backend.Dockerfile"
    lines = dockerfile.read_text("utf-8").splitlines()
    lines.insert(13, "COPY auth_service/ /app/auth_service/")
    dockerfile.write_text("\n".join(lines) + "\n", "utf-8")
    done = run_pytest(outage, *contract)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_outage_leaves_its_repository_as_it_was(copied: Path) -> None:
    outage = copied / "examples" / "outage"
    before = {path: path.stat().st_mtime_ns for path in outage.rglob("*")}
    done = run_pytest(outage, "--import-contracts", "contracts.toml", "-q", "-k", "startup")
    assert done.returncode == 1, done.stdout
    assert {path: path.stat().st_mtime_ns for path in outage.rglob("*")} == before
