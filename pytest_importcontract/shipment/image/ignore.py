"""Ignore files: which files of a build context a build sees."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from e2b_dockerfile_utils import PatternMatcher

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.image.model import Line

Verdict = tuple[bool, tuple[bool, ...]]
"""Whether a path is stripped, and what its children must know of it."""

_WILDEST = 5  # with more of them a name can take for ever to match
_STARS = re.compile(r"\*+")
_REPEATED = re.compile(r"(?:\*\*/){2,}")


class Matcher(PatternMatcher):
    """Patterns as ignore files and ``--exclude`` have them, without the library's warnings.

    Raises:
        ValueError: Docker refuses a pattern.
    """

    def __init__(self, patterns: list[str]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of `[[`, which the library passes on
            super().__init__(patterns)
        self._tests = [(pattern.exclusion, pattern.match) for pattern in self._patterns]

    def step(self, path: str, parent: tuple[bool, ...]) -> tuple[tuple[bool, ...], int]:
        """Which patterns hold for a path, and the last one that changed its fate, from 0.

        Returns:
            -1 where no pattern says anything.
        """
        held = []
        stripped = False
        decisive = -1
        for index, (brings_back, matches) in enumerate(self._tests):
            holds = bool(parent) and parent[index]
            if not holds and brings_back is stripped:
                holds = matches(path)
            held.append(holds)
            if holds and stripped is brings_back:
                stripped = not stripped
                decisive = index
        return tuple(held), decisive


@dataclass(frozen=True, slots=True)
class Ignore:
    """An ignore file, read.

    Meaning: https://docs.docker.com/build/concepts/context/#dockerignore-files. Patterns are
    anchored at the context's root, the last one that matches decides, ``!`` brings back, and what
    holds for a folder holds for all in it.

    Attributes:
        file: the file as messages call it; empty where there is none.
        lines: the patterns as written, with their lines.
        path: the file; None where there is none.
    """

    file: str
    lines: tuple[Line, ...]
    path: Path | None
    _matcher: Matcher

    @classmethod
    def parse(cls, text: str, file: str, path: Path | None = None) -> Ignore:
        """Read the text of an ignore file.

        Raises:
            MistakesError: patterns that Docker refuses, each with its line.
        """
        lines = []
        mistakes = []
        for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            line = Line(file, number, raw.strip())
            if raw.startswith("#") or not line.text:
                continue
            what = ""
            try:
                Matcher([_shorter(line.text)])
            except ValueError:
                what = "no pattern that Docker reads"
            if any(len(_STARS.findall(part)) > _WILDEST for part in line.text.split("/")):
                what = f"more than {_WILDEST} wildcards in one name"
            if what:
                mistakes.append(Mistake(file=file, line=number, subject=line.text, what=what))
            else:
                lines.append(line)
        if mistakes:
            raise MistakesError(tuple(mistakes))
        return cls(file, tuple(lines), path, Matcher([_shorter(line.text) for line in lines]))

    def strips(self, path: str) -> bool:
        """Whether the build does not see a path, relative to the context."""
        return self.decision(path) is not None

    def decision(self, path: str) -> Line | None:
        """The line that strips a path; None where it is not stripped."""
        held: tuple[bool, ...] = ()
        decisive = -1
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            held, decisive = self._matcher.step("/".join(parts[:depth]), held)
        if decisive < 0 or self.lines[decisive].text.startswith("!"):
            return None
        return self.lines[decisive]

    def last_match(self, path: str) -> Line | None:
        """The last line whose own pattern strips a path."""
        for line in reversed(self.lines):
            if not line.text.startswith("!") and Matcher([_shorter(line.text)]).matches(path):
                return line
        return None

    def verdict(self, path: str, parent: tuple[bool, ...]) -> Verdict:
        """What `strips` says, for a path whose folder's verdict is known.

        Args:
            path: relative to the context.
            parent: the second half of its folder's verdict; empty for the context itself.
        """
        if not self.lines:
            return False, ()
        held, decisive = self._matcher.step(path, parent)
        return decisive >= 0 and not self.lines[decisive].text.startswith("!"), held

    def may_bring_back_below(self, folder: str) -> bool:
        """Whether a ``!`` pattern could bring back something below a stripped folder."""
        return self._matcher.may_match_under(folder)


def _shorter(pattern: str) -> str:
    """The same pattern without repetitions, over which a regular expression takes for ever."""
    blank = " " if pattern.startswith("#") else ""  # else it would be read as a comment
    return blank + _REPEATED.sub("**/", pattern)


def find_ignore_file(dockerfile: Path, context: Path) -> Path | None:
    """The ignore file that holds: ``NAME.dockerignore`` beside the Dockerfile, or the context's."""
    for path in (
        dockerfile.with_name(f"{dockerfile.name}.dockerignore"),
        context / ".dockerignore",
    ):
        if path.is_file():
            return path
    return None
