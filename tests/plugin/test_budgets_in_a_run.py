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
