"""What pytest is given to show."""

from __future__ import annotations

from pathlib import Path

from pytest_importcontract.diagnosis.model import Cause, Diagnosis, Hop
from pytest_importcontract.report.failure import FailureText

BASE = Path("/r")


def diagnosis(number: int = 1) -> Diagnosis:
    return Diagnosis(
        service="api",
        check="import",
        subject="app",
        headline=f"api cannot import app{number}",
        error="KeyError: 'X'",
        hops=(Hop(file="/r/app.py", line=3, text="import x"),),
        cause=Cause(key=("k",), text="because"),
        fixes=("mend it",),
    )


class Recorder:
    """A terminal that writes down how each piece would look."""

    fullwidth = 80

    def __init__(self) -> None:
        self.written = ""

    def write(self, msg: str, *, flush: bool = False, **markup: bool) -> None:
        marks = "+".join(name for name, on in markup.items() if on)
        self.written += f"<{marks}>{msg}</>" if marks else msg

    def line(self, s: str = "", **markup: bool) -> None:
        self.write(f"{s}\n", **markup)


def test_colours() -> None:
    terminal = Recorder()
    FailureText([diagnosis()], BASE).toterminal(terminal)
    assert (
        terminal.written
        == """\
<red+bold>api cannot import app1</>

  <red>KeyError: 'X'</>

  <cyan>app.py:3</>   import x

  <bold>cause</>  because
  <bold>fix</>    mend it
"""
    )


def test_several_violations_of_one_item_stand_below_each_other() -> None:
    text = str(FailureText([diagnosis(1), diagnosis(2)], BASE))
    assert text == f"{FailureText([diagnosis(1)], BASE)}\n\n{FailureText([diagnosis(2)], BASE)}"


def test_the_line_for_summaries() -> None:
    crash = FailureText([diagnosis()], BASE).reprcrash
    assert (str(crash), crash.message) == ("/r/app.py:3: KeyError: 'X'", "KeyError: 'X'")


def test_short_styles_are_short() -> None:
    for style in ("short", "line"):
        assert str(FailureText([diagnosis()], BASE, style)).count("\n") == 4


def test_what_has_been_shown_is_one_line() -> None:
    text = str(FailureText([diagnosis()], BASE, shown_at="c.toml::api::import[x]"))
    assert (
        text
        == "api cannot import app1: KeyError: 'X'; its cause is shown at c.toml::api::import[x]"
    )
