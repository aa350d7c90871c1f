"""The table of what startup imports."""

from __future__ import annotations

from pathlib import Path

from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.timetable import Row, Timetable
from pytest_importcontract.report.text import plain
from pytest_importcontract.report.timing import tell_times

BASE = Path("/r")


def row(module: str, within: str, own: float, whole: float, modules: int, line: int = 0) -> Row:
    """A module that a line of the one around it imports; without a line, one of others."""
    file = f"/r/{within.replace('.', '/')}.py" if line else "/lib/other.py"
    return Row(
        module=module,
        within=within,
        importer=within,
        hop=Hop(file=file, line=line or 9, text="", foreign=not line),
        seconds=whole,
        own_seconds=own,
        modules=modules,
    )


ROWS = (
    row("app.main", "", 0.0102, 1.5, 1201),
    row("app.small", "app.main", 0.001, 0.001, 1, line=1),
    row("app.core", "app.main", 0.1, 0.4, 300, line=2),
    row("app.core.everything_that_there_is", "app.core", 0.3, 0.3, 299, line=1),
    row("numbers", "app.main", 0.18, 0.9898, 900, line=3),
    row("numbers.big", "numbers", 0.8098, 0.8098, 899),
)


def start(*rows: Row, fails: str = "") -> Timetable:
    return Timetable(
        entrypoint="app.main:app",
        ended=fails or "loaded",
        fails=bool(fails),
        starts=3,
        seconds=1.55,
        bare_seconds=0.0234,
        modules=sum(each.modules for each in rows if not each.within) if rows else None,
        memory=0,
        bare_memory=0,
        rows=rows,
    )


def told(*starts: Timetable, width: int = 80, everything: bool = False) -> str:
    return f"\n{plain(tell_times(starts, width, BASE, everything=everything))}\n"


def test_the_slowest_first_below_those_that_led_to_them() -> None:
    assert (
        told(start(*ROWS))
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
        told(start(*ROWS), width=100, everything=True)
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
    failed = start(*ROWS[:2], fails="OSError: gone\x1b")
    killed = start(fails="killed by SIGKILL")
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
