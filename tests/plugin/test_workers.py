"""Spread over pytest-xdist's workers, a run says the same."""

from __future__ import annotations

import re
from pathlib import Path
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
    "contracts.toml::backend::hidden_failures": "PASSED",
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
    assert ids == [
        name for name in FAILED if not name.endswith(("deferred_imports", "hidden_failures"))
    ]


def test_a_mistake_is_told_once_and_before_any_worker_starts(shop: Any) -> None:
    shop.write({"contracts.toml": '[services.a]\nmodule = ["shop"]\n'})
    result = shop.pytest(*XDIST, "-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [
        "ERROR: contracts.toml:2: services.a.module: unknown key (did you mean modules?)",
        "",
    ]
    assert "worker" not in "\n".join(result.outlines)


# Two services that each tell when they start, and modules that tell how many import at a time.
STARTING = """\
import os
with open(os.environ["LOG"], "a") as log:
    print(__name__, file=log)
"""
BUSY = """\
import os, time
with open(os.environ["LOG"], "a") as log:
    print("+", file=log, flush=True)
    time.sleep(0.3)
    print("-", file=log)
"""
SERVICE = """\
[services.{name}]
entrypoints = ["{name}.main"]
isolation = "{isolation}"
runtime.env = {{ LOG = "{log}" }}
"""


def two_services(repository: Any, isolation: str = "warm", busy: int = 0) -> Path:
    log: Path = repository.folder / "log.txt"
    names = "one", "other"
    contract = (SERVICE.format(name=name, isolation=isolation, log=log) for name in names)
    files = {"contracts.toml": "".join(contract)}
    for name in names:
        files[f"{name}/__init__.py"] = ""
        files[f"{name}/main.py"] = STARTING
        files |= {f"{name}/leaf{number}.py": "" for number in range(6)}
        files |= {f"{name}/busy{number}.py": BUSY for number in range(busy)}
    repository.write(files)
    return log


def items(busy: int = 0) -> set[str]:
    return {
        f"contracts.toml::{name}::{item}"
        for name in ("one", "other")
        for item in (
            f"startup[{name}.main]",
            f"import[{name}]",
            f"import[{name}.main]",
            *(f"import[{name}.leaf{number}]" for number in range(6)),
            *(f"import[{name}.busy{number}]" for number in range(busy)),
            "deferred_imports",
            "hidden_failures",
        )
    }


def test_with_loadgroup_a_service_stays_together_and_starts_once(repository: Any) -> None:
    log = two_services(repository)
    result = repository.pytest(*XDIST, "-n", "2", "--dist", "loadgroup", "-v")
    assert result.ret == 0
    shown = "\n".join(result.outlines)
    ran = re.findall(r"\[(gw\d)\] \[[ \d]+%\] PASSED (\S+)", shown)
    assert {name for _, name in ran} == items()
    assert "@" not in shown.replace("@staticmethod", "")
    for service in ("one", "other"):
        assert len({worker for worker, name in ran if f"::{service}::" in name}) == 1
    assert sorted(log.read_text().split()) == ["one.main", "other.main"]


@pytest.mark.parametrize("dist", ["load", "worksteal"])
def test_each_worker_starts_a_service_at_most_once(repository: Any, dist: str) -> None:
    log = two_services(repository)
    result = repository.pytest(*XDIST, "-n", "2", "--dist", dist)
    assert result.ret == 0
    assert verdicts("\n".join(result.outlines)).keys() == items()
    starts = log.read_text().split()
    assert {*starts} == {"one.main", "other.main"}
    assert max(starts.count(name) for name in starts) <= 2


def at_a_time(log: Path) -> int:
    """The most that ran side by side."""
    running = most = 0
    for sign in log.read_text().split():
        running += {"+": 1, "-": -1}.get(sign, 0)
        most = max(most, running)
    return most


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-n", "0", "--import-contracts-jobs=3"], 3),
        (["-n", "1", "--dist=loadgroup", "--import-contracts-jobs=3"], 3),
        (["-n", "2", "--dist=loadgroup", "--import-contracts-jobs=2"], 2),
        (["-n", "2", "--dist=loadscope", "--import-contracts-jobs=1"], 2),
        (["-n", "2", "--import-contracts-jobs=8"], 2),
    ],
)
def test_workers_share_the_jobs(repository: Any, options: list[str], expected: int) -> None:
    log = two_services(repository, isolation="cold", busy=4)
    result = repository.pytest(*XDIST, *options)
    assert result.ret == 0
    assert verdicts("\n".join(result.outlines)).keys() == items(busy=4)
    assert at_a_time(log) == expected


def test_failures_of_a_group_are_known_to_later_runs_and_reports_by_their_own_names(
    shop: Any,
) -> None:
    report = shop.folder / "report.xml"
    grouped = [*XDIST, "-n", "2", "--dist", "loadgroup"]
    shop.pytest(*grouped, f"--junitxml={report}")
    named = re.findall(r'name="([^"]+)"', report.read_text())
    assert {name.rpartition("::")[2] for name in FAILED} <= {*named}
    failed = {name: verdict for name, verdict in FAILED.items() if verdict == "FAILED"}
    for options in (grouped, [*XDIST, "-n", "0"]):
        again = shop.pytest(*options, "--lf")
        assert verdicts("\n".join(again.outlines)) == failed
