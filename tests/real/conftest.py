"""Environments of real applications: built once for each list of requirements, then kept.

They lie in the folder that ``IMPORTCONTRACT_REAL_ENVS`` names, or else in the user's cache folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

MAY_TAKE = 300  # seconds for one step of building


@pytest.fixture(scope="session")
def environment() -> Callable[[Path], Path]:
    """Gives the interpreter of an environment that holds what a requirements file pins."""
    configured = os.environ.get("IMPORTCONTRACT_REAL_ENVS")
    cache = (
        Path(configured).absolute()
        if configured
        else platformdirs.user_cache_path("pytest-importcontract") / "real-environments"
    )

    def environment(requirements: Path) -> Path:
        key = hashlib.sha256(requirements.read_bytes())
        key.update(f"\0{sys.version}\0{sys.base_prefix}".encode())
        folder = cache / f"{requirements.parent.name}-{key.hexdigest()[:16]}"
        cache.mkdir(parents=True, exist_ok=True)
        with folder.with_name(f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            build(folder, requirements)
        return folder / "bin" / "python"

    return environment


def build(folder: Path, requirements: Path) -> None:
    # In place, since an environment cannot be moved; the marker says that nothing is missing.
    complete = folder / "complete"
    if complete.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-I", "-m", "venv", str(folder))
    run(
        *(str(folder / "bin" / "python"), "-I", "-m", "pip", "install", "--quiet"),
        *("--disable-pip-version-check", "--no-deps", "--only-binary=:all:"),
        *("-r", str(requirements)),
    )
    complete.touch()


def run(*command: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MAY_TAKE,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout[-5000:]}", pytrace=False)
