"""Mistakes in what the user wrote, each with its place, all reported together."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One thing wrong in an input file: a contract, a Dockerfile, a requirements file.

    Attributes:
        file: the file as the user would name it.
        line: 1-based line, 0 when the mistake belongs to the file as a whole.
        subject: dotted path or quoted text of what is wrong; may be empty.
        what: the fault, without a full stop.
        suggestion: how to mend it; may be empty.
    """

    file: str
    line: int = 0
    subject: str = ""
    what: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = f" {self.subject}:" if self.subject else ""
        suggestion = f" ({self.suggestion})" if self.suggestion else ""
        return _printable(f"{place}:{subject} {self.what}{suggestion}")


def _printable(text: str) -> str:
    """`text` on one line, whatever the names in it hold."""
    if text.isprintable():
        return text
    escaped = (char.encode("unicode_escape").decode("ascii") for char in text)
    return "".join(c if c.isprintable() else e for c, e in zip(text, escaped, strict=True))


class MistakesError(Exception):
    """The input cannot be used.

    Attributes:
        mistakes: every reason, in file order.
    """

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(mistakes)
        self.mistakes = tuple(sorted(mistakes, key=_place))

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))


def _place(mistake: Mistake) -> tuple[str, int, str, str]:
    # Padded, so that the tenth of a list does not come before the second.
    subject = _NUMBER.sub(lambda number: number[0].zfill(9), mistake.subject)
    return mistake.file, mistake.line, subject, mistake.what
