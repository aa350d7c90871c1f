"""What goes wrong around a run shows no code of ours, leaves nothing and changes no verdict.

Once each, and only what every machine can do; `reliability.py` does all of it many times.
"""

from __future__ import annotations

import sys
from pathlib import Path

import faults
import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)


@pytest.mark.parametrize(
    "name",
    [
        "few_descriptors",
        "files_cannot_grow",
        "read_only_cache",
        "two_at_once",
        "interrupted",
        "killed",
    ],
)
def test_survived(tmp_path: Path, name: str) -> None:
    assert faults.survived(name, tmp_path / name, seed=1) == []
