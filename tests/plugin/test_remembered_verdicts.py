"""The options about what is remembered, and what a run says of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

FILES = {
    "contracts.toml": '[services.shop]\nentrypoints = ["shop.main"]\nmodules = ["shop.**"]\n',
    "pytest.ini": "[pytest]\n",
    "shop/__init__.py": "",
    "shop/main.py": "import shop.used\n",
    "shop/used.py": "",
    "shop/leaf.py": "",
    "shop/broken.py": "import nowhere\n",
}
LINE = re.compile(r"import contracts: (\d+ of \d+) verdicts are remembered from an earlier run")
ALL = "6 of 7"  # all but that of the module that fails


def remembered(repository: Any, *options: str) -> str:
    """What the end of a run says; empty where it says nothing."""
    result = repository.pytest("--import-contracts", "--import-contracts-jobs=1", *options)
    assert result.ret == 1, result.outlines + result.errlines
    result.assert_outcomes(passed=7, failed=1)
    found = [match[1] for match in map(LINE.fullmatch, result.outlines) if match]
    return "".join(found)


@pytest.fixture
def shop(repository: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repository.write(FILES)
    return repository


def test_what_a_run_remembers(shop: Any, tmp_path: Path) -> None:
    off = "--import-contracts-cache=off"
    assert remembered(shop) == ""
    assert remembered(shop) == ALL
    assert remembered(shop, "-q") == ""
    assert remembered(shop, off) == ""
    assert remembered(shop, "-p", "xdist", "-n", "2", "--dist", "loadgroup") == ALL
    shop.write({"shop/leaf.py": "x = 1\n"})
    assert remembered(shop) == "5 of 7"
    assert remembered(shop, "--cache-clear") == ""
    assert remembered(shop) == ALL
    # A folder of its own, which may be read only, or inside the repository.
    own = f"--import-contracts-cache={tmp_path / 'own'}"
    assert remembered(shop, own) == ""
    (tmp_path / "own").chmod(0o555)
    (tmp_path / "own" / "verdicts.sqlite").chmod(0o444)
    assert remembered(shop, own) == ALL
    inside = "--import-contracts-cache=.verdicts"
    assert remembered(shop, inside) == ""
    assert remembered(shop, inside) == ALL
    assert (shop.folder / ".verdicts" / "verdicts.sqlite").is_file()


def test_a_place_where_nothing_can_be_remembered(shop: Any) -> None:
    shop.write({"file": ""})
    for _ in range(2):
        assert remembered(shop, "--import-contracts-cache=file") == ""
