"""README shows what really happens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_importcontract import load

TOP = Path(__file__).resolve().parents[1]
README = TOP / "README.md"
OUTPUT = re.compile(
    r"<!-- output: (?P<arguments>[^\n]*) -->\n```console\n(?P<shown>.*?)```\n", re.S
)
EXPLAINED = re.compile(
    r"<!-- explain: (?P<arguments>[^\n]*) -->\n```console\n(?P<shown>.*?)```\n", re.S
)
SECONDS = re.compile(r" in \d+\.\d\ds")


def shown_outputs() -> list[tuple[str, str]]:
    return [(m["arguments"], m["shown"]) for m in OUTPUT.finditer(README.read_text("utf-8"))]


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in a place where no other configuration of pytest reaches it."""
    place = tmp_path_factory.mktemp("outage")
    shutil.copytree(TOP / "examples" / "outage", place, dirs_exist_ok=True)
    return place


@pytest.mark.parametrize(("arguments", "shown"), shown_outputs())
def test_the_outage_prints_what_readme_shows(outage: Path, arguments: str, shown: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments.split()],
        cwd=outage,
        env={**os.environ, "COLUMNS": "80", "PY_COLORS": "0"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    commands, _, expected = shown.partition(f"$ pytest {arguments}\n")
    assert commands in ("", "$ cd examples/outage\n")
    assert SECONDS.sub("", printed) == SECONDS.sub("", expected)


def test_readme_shows_what_explain_prints(outage: Path) -> None:
    found = EXPLAINED.search(README.read_text("utf-8"))
    assert found is not None
    command = ["-m", "pytest_importcontract", "explain", *found["arguments"].split()]
    printed = subprocess.run(
        [sys.executable, *command],
        cwd=outage,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert found["shown"] == f"$ python {' '.join(command)}\n{printed}"


def test_readme_shows_five_outputs() -> None:
    assert len(shown_outputs()) == 5


def test_the_smallest_contract_is_one(tmp_path: Path) -> None:
    text = README.read_text("utf-8").partition("<!-- contract -->\n```toml\n")[2]
    path = tmp_path / "contracts.toml"
    path.write_text(text.partition("```")[0], "utf-8")
    assert [service.name for service in load(path, "contracts.toml").services] == ["backend"]


def test_the_tables_name_every_key_and_option() -> None:
    text = README.read_text("utf-8")
    keys = ("description", "entrypoints", "modules", "allowed_roots", "third_party")
    keys += ("required_symbols", "ships.files", "runtime.python", "runtime.paths", "env_file")
    keys += ("pass_env", "runtime.setup", "runtime.timeout", "integrations", "may_be_empty")
    keys += ("canonical", "documented", "health")
    assert [key for key in keys if f"`{key}`" not in text] == []
    options = ("--import-contracts", "--import-contracts-file=PATH", "--import-contracts-jobs=N")
    assert [option for option in options if f"| `{option}` |" not in text] == []
