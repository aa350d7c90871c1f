"""Without the flag there is nothing: no module, no line, no item."""

from __future__ import annotations

import json
from typing import Any

import pytest

REPORTER = """
    import json
    import sys
    from pathlib import Path

    def pytest_unconfigure():
        held = [name for name in sys.modules if name.partition(".")[0] == "pytest_importcontract"]
        needs = [name for name in ("jsonschema", "tomli", "platformdirs") if name in sys.modules]
        Path("held.json").write_text(json.dumps([sorted(held), needs]))
"""


def test_nothing_is_imported_and_nothing_is_said(sound: Any) -> None:
    sound.write({"conftest.py": REPORTER, "tests/test_own.py": "def test_own():\n    pass\n"})
    result = sound.pytest("-v")
    result.assert_outcomes(passed=1)
    said = [line for line in result.outlines if not line.startswith("plugins: ")]
    assert [line for line in said if "contract" in line] == []
    assert json.loads((sound.folder / "held.json").read_text("utf-8")) == [
        [
            "pytest_importcontract",
            "pytest_importcontract.hookspecs",
            "pytest_importcontract.plugin",
        ],
        [],
    ]


def test_a_contract_as_argument_is_nothing_to_collect(sound: Any) -> None:
    result = sound.pytest("contracts.toml")
    assert "import contracts" not in "\n".join(result.outlines)
    assert result.ret in (pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.USAGE_ERROR)


def test_unknown_ini_keys_are_still_pytest_s_to_judge(sound: Any) -> None:
    sound.write(
        {
            "pytest.ini": "[pytest]\nimport_contracts = false\nimport_contract = true\n",
            "test_own.py": "def test_own():\n    pass\n",
        }
    )
    result = sound.pytest()
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*Unknown config option: import_contract"])
    assert sound.pytest("--strict-config").ret == pytest.ExitCode.USAGE_ERROR
