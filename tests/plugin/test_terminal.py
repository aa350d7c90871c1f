"""What the options of pytest's terminal make of a failure's text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TITLE = "________________________ backend startup[shop.main:app] ________________________"
STARTUP = """\
backend cannot start with what ships (contracts.toml:13)

  ModuleNotFoundError: No module named 'auth_service'

  shop/main.py:2   import auth_service

  cause  auth_service/ is in this repository but ships.files (contracts.toml:13)
         does not bring it into the image
  rule   integration "auth": auth_service is reached only through shop.door
  fix    import it through shop.door
         or ship it: add "auth_service/**" to ships.files (contracts.toml:13),
         and add the modules that import it to exempt of integration "auth"
         (contracts.toml:7)""".splitlines()
SHORT = """\
backend cannot start with what ships (contracts.toml:13)
  ModuleNotFoundError: No module named 'auth_service'
  shop/main.py:2   import auth_service
  cause  auth_service/ is in this repository but ships.files (contracts.toml:13)
         does not bring it into the image
  fix    import it through shop.door""".splitlines()
GROUPED = """\
=============================== import contracts ===============================
backend: 1 cause breaks startup
  1 item     auth_service/ is in this repository but ships.files
             (contracts.toml:13) does not bring it into the image
             shop/main.py:2""".splitlines()
ITEM = "contracts.toml::backend::startup[shop.main:app]"


def between(result: pytest.RunResult, first: str, last: str) -> list[str]:
    """The lines after `first` up to the one that starts with `last`."""
    lines = result.outlines
    lines = lines[lines.index(first) + 1 :]
    end = next(index for index, line in enumerate(lines) if line.startswith(last))
    return lines[:end]


@pytest.mark.parametrize("style", ["auto", "long", "native"])
def test_the_whole_text(shop: Any, style: str) -> None:
    result = shop.pytest("--import-contracts", ITEM, f"--tb={style}")
    captured = "----------------------------- Captured stdout call"
    assert between(result, TITLE, captured) == STARTUP
    shown = "\n".join(result.outlines)
    assert "\n".join(GROUPED) in shown
    assert "plugin.py" not in shown


def test_the_short_text(shop: Any) -> None:
    result = shop.pytest("--import-contracts", ITEM, "--tb=short", "--show-capture=no")
    assert between(result, TITLE, "====") == SHORT


def test_a_line(shop: Any) -> None:
    result = shop.pytest("--import-contracts", ITEM, "--tb=line")
    place = f"{shop.folder}/shop/main.py:2"
    assert f"{place}: ModuleNotFoundError: No module named 'auth_service'" in result.outlines


def test_no_text_but_the_causes(shop: Any) -> None:
    result = shop.pytest("--import-contracts", ITEM, "--tb=no")
    assert TITLE not in result.outlines
    assert between(result, GROUPED[0], "====")[: len(GROUPED) - 1] == GROUPED[1:]


def test_the_causes_point_at_the_services_own_lines(shop: Any) -> None:
    shop.write({"shop/main.py": "import pathlib\npathlib.Path('gone').read_text()\n"})
    result = shop.pytest("--import-contracts", ITEM, "--tb=line")
    home = Path.read_text.__module__  # a private module of the package from 3.13 on
    cause = f"  1 item     shop/main.py:2 calls {home}.read_text(), which raises"
    shown = result.outlines
    assert shown[shown.index(cause) + 1 :][:2] == [
        "             FileNotFoundError at import",
        "             shop/main.py:2",
    ]
    error = "FileNotFoundError: [Errno 2] No such file or directory: 'gone'"
    assert f"{shop.folder}/shop/main.py:2: {error}" in shown


def test_quietly(shop: Any) -> None:
    result = shop.pytest("--import-contracts", ITEM, "-q")
    assert result.outlines[:4] == [
        f"F{'[100%]':>78}",
        "=================================== FAILURES ===================================",
        TITLE,
        STARTUP[0],
    ]
    assert GROUPED[1] in result.outlines
    result = shop.pytest("--import-contracts", ITEM, "-qq")
    assert GROUPED[1] not in result.outlines
    assert STARTUP[0] in result.outlines


@pytest.mark.parametrize("verbose", ["-v", "-vv"])
def test_verbosely(shop: Any, verbose: str) -> None:
    result = shop.pytest("--import-contracts", ITEM, verbose)
    assert any(line.startswith(f"{ITEM} FAILED") for line in result.outlines)
    assert [line for line in STARTUP if line not in result.outlines] == []


def test_everything_is_listed(shop: Any) -> None:
    result = shop.pytest("--import-contracts", "contracts.toml", "-rA")
    result.stdout.fnmatch_lines(
        [
            "*= PASSES =*",
            "*_ backend import[[]shop.fine[]] _*",
            "*- Captured stdout call -*",
            "fine says hello",
            "*= short test summary info =*",
            "PASSED contracts.toml::backend::import[[]shop.fine[]]",
            "FAILED contracts.toml::backend::startup[[]shop.main:app[]] - ModuleNotFoundError:...",
            "FAILED contracts.toml::backend::allowed_roots - 1 direct import of auth_servi...",
        ]
    )


def test_captured_output_as_asked_for(shop: Any) -> None:
    shop.write(
        {"shop/main.py": "import sys\nprint('to out')\nprint('to err', file=sys.stderr)\n1/0"}
    )
    said = {}
    for shown in ("no", "stdout", "stderr", "all"):
        result = shop.pytest("--import-contracts", ITEM, f"--show-capture={shown}")
        said[shown] = [line for line in result.outlines if line in ("to out", "to err")]
    assert said == {
        "no": [],
        "stdout": ["to out"],
        "stderr": ["to err"],
        "all": ["to out", "to err"],
    }


def test_durations(shop: Any) -> None:
    result = shop.pytest("--import-contracts", ITEM, "--durations=1", "--durations-min=0")
    result.stdout.fnmatch_lines(["*= slowest 1 durations =*", f"*s call *{ITEM[:23]}*"])


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only"])
def test_setting_up_alone_starts_no_service(shop: Any, option: str) -> None:
    mark = shop.folder / "imported"
    shop.write({"shop/__init__.py": f"open({str(mark)!r}, 'w')\n"})
    result = shop.pytest("--import-contracts", "contracts.toml", option)
    assert result.ret == 0
    assert f"        {ITEM}" in result.outlines
    assert not mark.exists()


def test_without_a_terminal(shop: Any) -> None:
    result = shop.pytest("--import-contracts", "-p", "no:terminal", "--junitxml=out.xml")
    assert (result.ret, result.outlines, result.errlines) == (1, [], [])
    assert 'tests="11" ' in (shop.folder / "out.xml").read_text("utf-8")


def test_in_colour_where_there_is_any(shop: Any) -> None:
    result = shop.pytest("--import-contracts", ITEM, "--color=yes")
    assert f"\x1b[31m\x1b[1m{STARTUP[0]}\x1b[0m" in result.outlines


def test_warnings_as_errors_find_none_of_ours(shop: Any) -> None:
    result = shop.pytest("--import-contracts", "-W", "error", "--strict-config", "--tb=no")
    result.assert_outcomes(failed=6, passed=5)
    assert result.errlines == []
