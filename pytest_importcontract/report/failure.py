"""What pytest shows for a failed item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pytest_importcontract.diagnosis.model import Diagnosis
from pytest_importcontract.report.text import (
    Line,
    one_line,
    plain,
    render,
    render_known,
    render_short,
    safe_line,
)

_WIDTH = 80  # where there is no terminal: files, JUnit XML, other reports
_LOOKS = {
    "headline": {"red": True, "bold": True},
    "error": {"red": True},
    "place": {"cyan": True},
    "label": {"bold": True},
}


class Writer(Protocol):
    """What is needed of a terminal writer; pytest's is one."""

    @property
    def fullwidth(self) -> int:
        """Columns."""

    def write(self, msg: str, *, flush: bool = False, **markup: bool) -> None:
        """Write text, marked up where the terminal can show it."""

    def line(self, s: str = "", **markup: bool) -> None:
        """End a line."""


def write_lines(writer: Writer, lines: Sequence[Line]) -> None:
    """Write marked-up lines."""
    for line in lines:
        for span in line:
            writer.write(span.text, **_LOOKS.get(span.look, {}))
        writer.line()


@dataclass(frozen=True, slots=True)
class Crash:
    """The failure in one line, under the names that pytest's summaries look for."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


class FailureText:
    """A failed item's text, laid out for whatever width it is shown in.

    Args:
        diagnoses: what is wrong.
        base: folder that shown paths are relative to.
        style: pytest's ``--tb`` style.
        shown_at: the item that has shown the same cause already; empty for none.
    """

    def __init__(
        self, diagnoses: Sequence[Diagnosis], base: Path, style: str = "auto", shown_at: str = ""
    ) -> None:
        self.diagnoses = tuple(diagnoses)
        self._base = base
        self._style = style
        self._shown_at = shown_at

    @property
    def reprcrash(self) -> Crash:
        """The first failure's place and message."""
        first = self.diagnoses[0]
        place = first.place
        return Crash(
            path=safe_line(place.file) if place else "",
            lineno=place.line if place else 0,
            message=one_line(first),
        )

    def lines(self, width: int) -> list[Line]:
        """The text for a width in columns."""
        if self._shown_at:
            return list(render_known(self.diagnoses[0], self._shown_at))
        lines: list[Line] = []
        for diagnosis in self.diagnoses:
            layout = render_short if self._style in ("short", "line") else render
            lines += [(), *layout(diagnosis, width, self._base)]
        return lines[1:]

    def toterminal(self, tw: Writer) -> None:
        """Write the text, in colour where the terminal has any."""
        write_lines(tw, self.lines(tw.fullwidth))

    def __str__(self) -> str:
        return plain(self.lines(_WIDTH))
