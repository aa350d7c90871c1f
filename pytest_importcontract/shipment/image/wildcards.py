"""Wildcards in the sources of COPY and ADD: Go's ``filepath.Match``.

``*`` and ``?`` match inside one component, ``[...]`` with ``^`` for negation, a backslash takes a
character as it is. https://docs.docker.com/reference/dockerfile/#pattern-matching
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pytest_importcontract.shipment.image.model import Kind
from pytest_importcontract.shipment.image.tree import Files, resolve


class PatternError(ValueError):
    """A pattern that Docker refuses."""


def is_wild(text: str) -> bool:
    """Whether a path holds a wildcard."""
    return re.search(r"[*?\[]", re.sub(r"\\.", "", text, flags=re.DOTALL)) is not None


@lru_cache(maxsize=1024)
def component(pattern: str) -> re.Pattern[str]:
    """One component of a pattern, for a whole name.

    Raises:
        PatternError: a bracket is not closed, a range is empty, or a backslash ends it.
    """
    pieces = [""]
    rest = pattern
    while rest:
        char, rest = rest[0], rest[1:]
        if char == "*":
            pieces.append("")
            rest = rest.lstrip("*")
        elif char == "?":
            pieces[-1] += "[^/]"
        elif char == "[":
            text, rest = _bracket(rest)
            pieces[-1] += text
        else:
            if char == "\\":
                char, rest = _char("\\" + rest)
            pieces[-1] += re.escape(char)
    first, *others = pieces
    # What stands between two stars may as well match where it first can: no way back is needed.
    between = [f"(?>[^/]*?{piece})" for piece in others[:-1]]
    last = [f"[^/]*{piece}" for piece in others[-1:]]
    return re.compile("".join([first, *between, *last]), re.DOTALL)


def _bracket(rest: str) -> tuple[str, str]:
    negates = rest.startswith("^")
    rest = rest.removeprefix("^")
    spans: list[str] = []
    while not (spans and rest.startswith("]")):
        low, rest = _char(rest, bracket=True)
        high = low
        if rest.startswith("-"):
            high, rest = _char(rest[1:], bracket=True)
        if low <= high:  # Go reads a range that runs backwards, and nothing is in it
            spans.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            spans.append("")
    body = "".join(spans)
    if negates:
        return f"[^/{body}]", rest[1:]
    return (f"(?!/)[{body}]" if body else "(?!)"), rest[1:]


def _char(rest: str, *, bracket: bool = False) -> tuple[str, str]:
    if not rest or (bracket and rest[0] in "-]"):
        raise PatternError("a wildcard that is not closed")
    if rest[0] == "\\":
        rest = rest[1:]
        if not rest:
            raise PatternError("a backslash at the end of a pattern")
    return rest[0], rest[1:]


def find(files: Files, pattern: str) -> list[str]:
    """The paths that an absolute pattern matches, by name; what lies in a match is not looked at.

    Links before the first wildcard are followed, others are not entered.

    Raises:
        PatternError: Docker refuses the pattern.
    """
    parts = [part for part in pattern.split("/") if part]
    first = next(index for index, part in enumerate(parts) if is_wild(part))
    start = resolve(files, "/" + "/".join(parts[:first]))
    return list(_matching(files, start.rstrip("/"), [component(part) for part in parts[first:]]))


def _matching(files: Files, folder: str, patterns: list[re.Pattern[str]]) -> Iterator[str]:
    for name, node in files.children(folder or "/"):
        if not patterns[0].fullmatch(name):
            continue
        if len(patterns) == 1:
            yield f"{folder}/{name}"
        elif node.kind is Kind.FOLDER:
            yield from _matching(files, f"{folder}/{name}", patterns[1:])
