"""Budgets of a start in a run: what took too much once is measured again, alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

CONTRACT = """\
[services.slow]
entrypoints = ["app.slow"]
startup.max_seconds = 0.1
startup.max_memory = 20

[services.warming]
entrypoints = ["app.warming"]
startup.max_seconds = 0.8
startup.never_loads = ["app.slow", "not_even_installed"]
"""
WARMING = """\
import pathlib, time
done = pathlib.Path({mark!r})
if not done.exists():
    done.touch()
    time.sleep(2)
"""


def test_the_best_of_three_starts_counts(repository: Any, tmp_path: Path) -> None:
    slow = "import time\ntime.sleep(0.2)\nmuch = 'x' * 40_000_000\n"
    warming = WARMING.format(mark=str(tmp_path / "mark"))
    repository.write({"contracts.toml": CONTRACT, "app/slow.py": slow, "app/warming.py": warming})
    result = repository.pytest("--import-contracts", "-rA", "-k", "budget or never_loads")
    result.assert_outcomes(passed=3, failed=2)
    text = re.sub(r"\d+\.\d+ (s|MB)(?! are)", r"N \1", "\n".join(result.outlines))
    for line in (
        "starting slow takes N s, and 0.1 s are allowed",
        "  rule   max_seconds (contracts.toml:3): 0.1",
        "starting slow holds N MB, and 20.0 MB are allowed",
        "  contracts.toml:2   starts app.slow  [N s]",
        "PASSED contracts.toml::warming::budget[max_seconds]",
        "PASSED contracts.toml::warming::never_loads[app.slow]",
    ):
        assert line in text.split("\n"), text
    assert text.count("best of 3 starts") == 4  # of two causes, each in the summary as well


def test_what_is_deprecated_is_a_note_unless_the_contract_says_more(repository: Any) -> None:
    contract = '[services.s]\nentrypoints = ["app"]\nisolation = "cold"\n'
    source = "import warnings\nwarnings.warn('going', DeprecationWarning)\n"
    repository.write({"contracts.toml": contract, "app.py": source})
    result = repository.pytest("--import-contracts", "-rP", "-k", "startup or deprecations")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*notes*", "app.py:2 causes DeprecationWarning: going"])
    repository.write({"contracts.toml": contract + 'startup.deprecations = "fail"\n'})
    result = repository.pytest("--import-contracts", "-rP", "-k", "startup or deprecations")
    result.assert_outcomes(passed=1, failed=1)
    assert "app.py:2 causes" not in result.stdout.str()
