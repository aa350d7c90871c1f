"""One service on several interpreters, and under python -O: an item for each start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
ELSEWHERE = "3.13" if HERE != "3.13" else "3.12"
PYENV = Path.home() / ".pyenv" / "versions"  # pytester moves home
CONTRACT = """\
[services.api]
entrypoints = ["app.main"]
modules = ["app.main"]
ships.files = ["app/**"]
runtime.python = ["here/bin/python", "there/bin/python", "twin/bin/python"]

[services.worker]
entrypoints = ["app.worker", "app.models"]
modules = ["app.models"]
startup.optimized = true
"""
FILES = {
    "app/main.py": "import lib\nimport sys\nprint(sys.version_info[:2], lib.__file__)\n",
    "app/worker.py": "from app import models\nassert (limit := 3)\nprint(limit)\n",
    "app/models.py": "import sys\nprint(sys.flags.optimize)\n",
}

NOT_INSTALLED = """
api on Python 3.x cannot start with what ships (contracts.toml:4)

  ModuleNotFoundError: No module named 'lib'

  app/main.py:1   import lib

  cause  lib is neither in this repository nor installed in there/bin/python
  fix    install the distribution that provides lib, or remove the import
"""
NO_ASSERTS = """
worker under python -O cannot start app.worker

  NameError: name 'limit' is not defined

  app/worker.py:3   print(limit)

  cause  app/worker.py:3 raises NameError at import
  note   python -O runs no assert statement, and nothing under if __debug__
"""
SUMMARY = """
api on Python 3.x: 1 cause breaks startup
  1 item     lib is neither in this repository nor installed in there/bin/python
             app/main.py:1
worker under python -O: 1 cause breaks startup
  1 item     app/worker.py:3 raises NameError at import
             app/worker.py:3
"""


def environment(folder: Path, version: str, *modules: str) -> None:
    """A virtual environment of that Python, with modules in it."""
    found = sorted(PYENV.glob(f"{version}.*/bin/python"))
    python = Path(sys.executable) if version == HERE else next(iter(found), None)
    if python is None:
        pytest.skip(f"no Python {version} here")
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", folder], check=True, env={})
    site = next(folder.glob("lib/python3.*/site-packages"))
    for name in modules:
        (site / f"{name}.py").write_text("", "utf-8")


def test_an_item_for_each_start(repository: Any) -> None:
    repository.write({"contracts.toml": CONTRACT, **FILES})
    environment(repository.folder / "here", HERE, "lib")
    environment(repository.folder / "there", ELSEWHERE)
    environment(repository.folder / "twin", HERE, "lib")
    result = repository.pytest("--import-contracts", "-rA", "-k", "startup")
    lines = result.outlines
    twins = [f"startup[app.main-{name}/bin/python]" for name in ("here", "twin")]
    assert [
        line.partition(" - ")[0] for line in lines if line.startswith(("PASSED", "FAILED"))
    ] == [
        f"PASSED contracts.toml::api::{twins[0]}",
        f"PASSED contracts.toml::api::{twins[1]}",
        "PASSED contracts.toml::worker::startup[app.worker]",
        "PASSED contracts.toml::worker::startup[app.models]",
        "PASSED contracts.toml::worker::startup[app.models-python-O]",
        f"FAILED contracts.toml::api::startup[app.main-python{ELSEWHERE}]",
        "FAILED contracts.toml::worker::startup[app.worker-python-O]",
    ]
    text = "\n".join(lines)
    version = tuple(map(int, HERE.split(".")))
    for name in ("here", "twin"):
        site = repository.folder / name / f"lib/python{HERE}/site-packages/lib.py"
        assert f"{version} {site}" in text
    for shown in (NOT_INSTALLED, NO_ASSERTS, SUMMARY):
        assert shown in text.replace(ELSEWHERE, "3.x"), text


def test_every_interpreter_must_be_one(repository: Any) -> None:
    contract = CONTRACT.replace("there/", "gone/").replace("twin/bin/python", "app/main.py")
    contract = contract.replace("= true", '= true\nruntime.env = { PYTHONOPTIMIZE = "2" }')
    repository.write({"contracts.toml": contract, **FILES})
    environment(repository.folder / "here", HERE, "lib")
    result = repository.pytest("--import-contracts")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "\n".join(result.errlines).strip() == (
        "ERROR: contracts.toml:5: services.api.runtime.python[1]: gone/bin/python does not exist "
        "(create it with: python3 -m venv gone)\n"
        "contracts.toml:5: services.api.runtime.python[2]: does not start: Permission denied\n"
        "contracts.toml:10: services.worker.startup.optimized: "
        "PYTHONOPTIMIZE is set, so every start is an optimized one"
    )


def test_each_must_have_what_the_image_installs(repository: Any, images: Any) -> None:
    contract = """\
        [services.api]
        ships.dockerfile = "Dockerfile"
        runtime.python = [".venv/bin/python", "bare/bin/python"]
    """
    dockerfile = "FROM PYTHON\nCOPY app app\nRUN pip install uvicorn\nCMD python -m app.models\n"
    images.write({"contracts.toml": contract, "Dockerfile": dockerfile, **FILES})
    environment(repository.folder / "bare", HERE)
    result = repository.pytest("--import-contracts")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "\n".join(result.errlines).strip() == (
        "ERROR: Dockerfile:3: api on bare/bin/python: the image installs what bare/bin/python does "
        "not have: uvicorn (bare/bin/python -m pip install uvicorn)"
    )
