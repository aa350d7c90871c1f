"""The table of what startup imports."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pytest_importcontract.observe.facts import (
    Cost,
    Failure,
    Link,
    Load,
    Observation,
    Outcome,
    OutcomeKind,
    Place,
    Target,
    TargetKind,
)
from pytest_importcontract.report.text import plain
from pytest_importcontract.report.timing import Start, tell_times

BASE = Path("/r")


def load(module: str, within: str, own: float, whole: float, modules: int, line: int = 0) -> Load:
    """A module that the first line of the one around it imports; without a line, one of others."""
    file = f"/r/{within.replace('.', '/')}.py" if line else "/lib/other.py"
    return Load(
        module=module,
        within=within,
        importer=within,
        place=Place(file, line or 9) if within else Place("", 0),
        importer_is_first_party=bool(line),
        seconds=whole,
        own_seconds=own,
        modules=modules,
    )


LOADS = (
    load("app.main", "", 0.0102, 1.5, 1201),
    load("app.small", "app.main", 0.001, 0.001, 1, line=1),
    load("app.core", "app.main", 0.1, 0.4, 300, line=2),
    load("app.core.everything_that_there_is", "app.core", 0.3, 0.3, 299, line=1),
    load("numbers", "app.main", 0.18, 0.9898, 900, line=3),
    load("numbers.big", "numbers", 0.8098, 0.8098, 899),
)


def start(*loads: Load, outcome: Outcome | None = None) -> Start:
    loaded = Outcome(kind=OutcomeKind.LOADED)
    cost = Cost(loads=loads, modules=sum(load.modules for load in loads if not load.within))
    target = Target("api", TargetKind.ENTRYPOINT, "app.main:app")
    seen = Observation(target=target, outcome=outcome or loaded, seconds=1.55, cost=cost)
    bare = Target("api", TargetKind.BARE, "")
    return Start(
        observation=seen, bare=Observation(target=bare, outcome=loaded, seconds=0.0234), count=3
    )


def told(*starts: Start, width: int = 80, everything: bool = False) -> str:
    return f"\n{plain(tell_times(starts, width, BASE, everything=everything))}\n"


def test_the_slowest_first_below_those_that_led_to_them() -> None:
    assert (
        told(start(*LOADS))
        == """
app.main:app takes 1526.6 ms more than the 23.4 ms of the bare interpreter, in
the best of 3 starts, and loads 1,201 modules

       self   cumulative  modules
    10.2 ms    1500.0 ms    1,201  app.main
   180.0 ms     989.8 ms      900    numbers   app/main.py:3
   809.8 ms     809.8 ms      899      numbers.big
   100.0 ms     400.0 ms      300    app.core   app/main.py:2
   300.0 ms     300.0 ms      299      app.core.everything_that_there_is
                                           app/core.py:1

  1 more takes less (--all lists what there is)
"""
    )
    assert (
        told(start(*LOADS), width=100, everything=True)
        == """
app.main:app takes 1526.6 ms more than the 23.4 ms of the bare interpreter, in the best of 3 starts,
and loads 1,201 modules

       self   cumulative  modules
    10.2 ms    1500.0 ms    1,201  app.main
   180.0 ms     989.8 ms      900    numbers                               app/main.py:3
   809.8 ms     809.8 ms      899      numbers.big
   100.0 ms     400.0 ms      300    app.core                              app/main.py:2
   300.0 ms     300.0 ms      299      app.core.everything_that_there_is   app/core.py:1
     1.0 ms       1.0 ms        1    app.small                             app/main.py:1
"""
    )


def test_a_start_that_failed() -> None:
    failure = Failure(stage="import", links=(Link(type="OSError", bases=(), message="gone\x1b"),))
    failed = start(*LOADS[:2], outcome=Outcome(kind=OutcomeKind.FAILED, failure=failure))
    killed = start(outcome=Outcome(kind=OutcomeKind.KILLED, detail="by SIGKILL"))
    killed = dataclasses.replace(
        killed, observation=dataclasses.replace(killed.observation, cost=None)
    )
    assert (
        told(failed, killed)
        == r"""
app.main:app does not start (OSError: gone\x1b); it loads 1,201 modules before
that

       self   cumulative  modules
    10.2 ms    1500.0 ms    1,201  app.main
     1.0 ms       1.0 ms        1    app.small   app/main.py:1

app.main:app does not start (killed by SIGKILL)
"""
    )
