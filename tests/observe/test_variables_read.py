"""Which variables a service asks for, and by which line."""

from __future__ import annotations

from pathlib import Path

from workbench import IN_ENV, Workbench, outermost, run_by

from pytest_importcontract.observe.facts import Observation

APP = """\
import os
from os import environ as E, getenv
A = os.environ["SET"]
B = getenv("UNSET") or getenv(key="UNSET", default="")
C = os.environ.get("SET", 1), "UNSET" in E, E.setdefault("ADDED", "1")
D = os.environb.get(b"BYTES")
try:
    E["TRIED"]
except KeyError as error:
    F = repr(error), error.__cause__, error.__suppress_context__
H = dict(E), E.copy(), list(E.items()), list(map(E.get, E)), {**E}
I = {k.lower(): v
     for k, v in os.environ.items()}
for number in range(1000):
    E.get("OFTEN")
del E["ADDED"]
E["LATER"] = "x"
print(F, E.pop("LATER"), len(E), sorted(H[0]) == sorted(E), E == H[0], type(E), type(E.copy()))
print(isinstance(E._data, dict), os.environ is E, E._data is os.environb._data)
os.environ["KEPT"] = "1"
import subprocess, sys
subprocess.run([sys.executable, "-c", "import os; print(os.environ['KEPT'])"], check=True)
exec("E['IN_TEXT']")
"""
LIBRARY = """\
import os

MODE = os.environ.get("LIBRARY_MODE")

def need(name):
    if name in os.environ:
        return os.environ[name]
    raise LookupError("no " + name)

def every():
    return {name: os.environ[name] for name in os.environ}
"""
USER = """\
import library

def need(name):
    return library.need(name)

library.every()
need("SET")
library.need("NEEDED")
"""


def reads(seen: Observation) -> list[tuple[str, int, str, str]]:
    return [
        (
            read.name,
            read.place.line,
            read.reader if read.first_party else f"{read.reader} for itself",
            f"{'needed' if read.needed else 'asked'}{'' if read.there else ', not there'}",
        )
        for read in seen.reads
    ]


def test_every_name_that_is_asked_for_has_its_line(bench: Workbench, python: Path) -> None:
    app = bench.write("app.py", APP)
    seen = bench.load("app", run_by(python), 'runtime.env = { SET = "1" }')
    _, printed = bench.plain(python, app, env={"SET": "1"})
    assert outermost(seen).key == "IN_TEXT"
    assert seen.stdout == printed
    assert seen.added == {"KEPT"}
    found = [read for read in reads(seen) if read[2] == "app"]
    assert found == [
        ("SET", 3, "app", "needed"),
        ("UNSET", 4, "app", "asked, not there"),
        ("SET", 5, "app", "asked"),
        ("UNSET", 5, "app", "asked, not there"),
        ("ADDED", 5, "app", "asked, not there"),
        ("ADDED", 5, "app", "asked"),
        ("BYTES", 6, "app", "asked, not there"),
        ("TRIED", 8, "app", "needed, not there"),
        ("OFTEN", 15, "app", "asked, not there"),
        ("LATER", 18, "app", "asked"),
        ("IN_TEXT", 1, "app", "needed, not there"),
    ]


def test_what_code_of_others_asks_for_belongs_to_the_line_that_called_it(
    bench: Workbench, site: Path
) -> None:
    (site / "library.py").write_text(LIBRARY)
    bench.write("app.py", USER)
    seen = bench.load("app", IN_ENV, 'runtime.env = { SET = "1" }')
    assert outermost(seen).message == "no NEEDED"
    assert reads(seen) == [
        ("LIBRARY_MODE", 3, "library for itself", "asked, not there"),
        ("SET", 4, "library", "asked"),
        ("NEEDED", 8, "library", "asked, not there"),
    ]
