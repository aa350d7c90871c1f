"""The end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pytest_importcontract.diagnosis.model import Cause, Diagnosis, Hop
from pytest_importcontract.report.summary import summarise
from pytest_importcontract.report.text import plain

BASE = Path("/r")
TOTALS = {("api", "startup"): 1, ("api", "import"): 1852, ("api", "required_symbol"): 2}


def failed(check: str, subject: str, cause: str, service: str = "api") -> Diagnosis:
    return Diagnosis(
        service=service,
        check=check,
        subject=subject,
        headline="",
        hops=(Hop(file=f"/r/{subject}.py", line=7, text=""),),
        cause=Cause(key=(cause,), text=cause),
    )


def summary(
    *diagnoses: Diagnosis, width: int = 80, unreached: Mapping[str, int] = MappingProxyType({})
) -> str:
    totals = {**TOTALS, ("web", "import"): 1}
    return plain(tuple(summarise(diagnoses, totals, unreached, width, BASE)))


def test_one_cause() -> None:
    modules = [failed("import", f"m{number}", "auth does not ship") for number in range(37)]
    assert (
        summary(failed("startup", "main", "auth does not ship"), *modules)
        == """\
api: 1 cause breaks startup and 37 of 1,852 modules
  38 items   auth does not ship
             main.py:7"""
    )


def test_causes_that_break_startup_come_first_and_then_the_widest() -> None:
    text = summary(
        failed("import", "a", "narrow"),
        failed("import", "b", "wide"),
        failed("import", "c", "wide"),
        failed("startup", "main", "fatal"),
        failed("required_symbol", "s", "narrow"),
        failed("integration", "auth", "rule"),
    )
    assert (
        text
        == """\
api: 4 causes break startup, 3 of 1,852 modules, 1 of 2 required symbols and 1
rule
  1 item     fatal
             main.py:7
  2 items    narrow
             a.py:7
  2 items    wide
             b.py:7
  1 item     rule
             auth.py:7"""
    )


def test_each_service_has_a_line() -> None:
    text = summary(failed("import", "a", "x"), failed("import", "b", "x", service="web"))
    assert (
        text
        == """\
api: 1 cause breaks 1 of 1,852 modules
  1 item     x
             a.py:7
web: 1 cause breaks 1 of 1 module
  1 item     x
             b.py:7"""
    )


def test_modules_that_fail_and_that_nothing_reaches() -> None:
    text = summary(failed("import", "a", "wide"), unreached={"api": 1203, "web": 1})
    assert (
        text
        == """\
api: 1 cause breaks 1 of 1,852 modules
  1 item     wide
             a.py:7
api: 1,203 modules that no entrypoint reaches do not import
web: 1 module that no entrypoint reaches does not import"""
    )
