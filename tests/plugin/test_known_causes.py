"""A cause is told once; the items behind it say so in one line, and the end of the run counts."""

from __future__ import annotations

from typing import Any

MISSING = "ModuleNotFoundError: No module named 'auth_service'"
SHOWN = "its cause is shown at contracts.toml::backend::startup[shop.main:app]"


def test_later_items_name_the_one_that_told_it(shop: Any) -> None:
    result = shop.pytest("--import-contracts", "--show-capture=no", "-k", "startup or import[shop")
    lines = result.outlines
    titles = ["import[shop.door]", "import[shop.main]"]
    told = {
        title: lines[next(i for i, line in enumerate(lines) if f" backend {title} " in line) + 1]
        for title in titles
    }
    assert told == {
        "import[shop.door]": f"backend cannot import shop.door: {MISSING}; {SHOWN}",
        "import[shop.main]": f"backend cannot import shop.main: {MISSING}; {SHOWN}",
    }
    assert sum(line.startswith("  cause ") for line in lines) == 1


def test_the_end_of_the_run_counts_by_service_and_cause(shop: Any) -> None:
    shop.write(
        {
            "contracts.toml": (shop.folder / "contracts.toml").read_text("utf-8")
            + '\n[services.worker]\nmodules = ["shop", "shop.broken"]\n',
            "shop/broken.py": "1 / 0\n",
        }
    )
    # Other tests have the same modules, and what their runs remember is said, too.
    result = shop.pytest("--import-contracts", "--import-contracts-cache=off", "--tb=no")
    lines = result.outlines
    start = next(
        i for i, line in enumerate(lines) if line.startswith("=") and " import contracts " in line
    )
    end = next(i for i, line in enumerate(lines) if "short test summary" in line)
    assert [line for line in lines[start + 1 : end] if line] == [
        "backend: 2 causes break startup, 3 of 5 modules, 1 of 1 required symbol and 2",
        "rules",
        "  6 items    auth_service/ is in this repository but ships.files",
        "             (contracts.toml:13) does not bring it into the image",
        "             shop/main.py:2",
        "  1 item     shop/broken.py:1 raises ZeroDivisionError at import",
        "             shop/broken.py:1",
        "worker: 1 cause breaks 1 of 2 modules",
        "  1 item     shop/broken.py:1 raises ZeroDivisionError at import",
        "             shop/broken.py:1",
    ]


def test_a_run_without_failures_says_nothing_at_its_end(sound: Any) -> None:
    result = sound.pytest("--import-contracts", "-q")
    assert result.outlines[0].startswith(".")
    assert len(result.outlines) == 2
