"""Spread over pytest-xdist's workers, a run says the same."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("xdist")

XDIST = ["--import-contracts", "-p", "xdist", "-rA"]
FAILED = {
    "contracts.toml::backend::startup[shop.main:app]": "FAILED",
    "contracts.toml::backend::import[shop]": "PASSED",
    "contracts.toml::backend::import[shop.door]": "FAILED",
    "contracts.toml::backend::import[shop.fine]": "PASSED",
    "contracts.toml::backend::import[shop.main]": "FAILED",
    "contracts.toml::backend::required_symbol[shop.main:app]": "FAILED",
    "contracts.toml::backend::allowed_roots": "FAILED",
    "contracts.toml::backend::integration[auth]": "FAILED",
    "contracts.toml::backend::deferred_imports": "PASSED",
    "tests/test_own.py::test_own": "PASSED",
}
CAUSES = """\
=============================== import contracts ===============================
backend: 1 cause breaks startup, 2 of 4 modules, 1 of 1 required symbol and 2
rules
  6 items    auth_service/ is in this repository but ships.files
             (contracts.toml:13) does not bring it into the image
             shop/main.py:2
"""
_STYLE = re.compile(r"\x1b\[\d+m")
_SUMMARY = re.compile(r"(PASSED|FAILED) (\S+)( - .*)?")


def verdicts(text: str) -> dict[str, str]:
    found = [_SUMMARY.fullmatch(line) for line in text.split("\n")]
    return {match[2]: match[1] for match in found if match}


@pytest.mark.parametrize("options", [["--color=yes"], ["--color=yes", "--dist=loadgroup"]])
def test_two_workers_and_one_voice(shop: Any, options: list[str]) -> None:
    result = shop.pytest(*XDIST, "-n", "2", *options)
    coloured = "\n".join(result.outlines)
    shown = _STYLE.sub("", coloured)
    assert result.ret == 1
    assert verdicts(shown) == FAILED
    assert CAUSES in shown
    # One of the four that import tells the cause and the others say where.
    told = [line for line in shown.split("\n") if "its cause is shown at" in line]
    assert len(told) == 3
    (teller,) = {line.partition(" its cause is shown at ")[2] for line in told}
    assert FAILED[teller] == "FAILED"
    assert shown.count("  cause  auth_service/ is in this repository") == 1
    assert "\x1b[31m\x1b[1mbackend cannot " in coloured
    assert "\x1b[36mshop/main.py:2\x1b[0m" in coloured
    assert "\x1b[1mcause\x1b[0m" in coloured


def test_workers_get_the_contracts_that_an_ini_key_adds(shop: Any) -> None:
    shop.write({"pytest.ini": "[pytest]\nimport_contracts = true\ntestpaths = tests\n"})
    shown = "\n".join(shop.pytest("-p", "xdist", "-rA", "-n", "1").outlines)
    assert verdicts(shown) == FAILED


def test_no_workers(shop: Any) -> None:
    result = shop.pytest(*XDIST, "-n", "0")
    shown = "\n".join(result.outlines)
    assert verdicts(shown) == FAILED
    assert CAUSES in shown


def test_collecting_needs_no_workers(shop: Any) -> None:
    ids = shop.collected("--import-contracts", "-p", "xdist", "-n", "2")
    assert ids == [name for name in FAILED if not name.endswith("deferred_imports")]


def test_a_mistake_is_told_once_and_before_any_worker_starts(shop: Any) -> None:
    shop.write({"contracts.toml": '[services.a]\nmodule = ["shop"]\n'})
    result = shop.pytest(*XDIST, "-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [
        "ERROR: contracts.toml:2: services.a.module: unknown key (did you mean modules?)",
        "",
    ]
    assert "worker" not in "\n".join(result.outlines)
