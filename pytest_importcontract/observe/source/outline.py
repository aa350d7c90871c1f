"""A file without the functions and classes that hold nothing of interest, but for their names.

Making a tree of a file takes longer than all else that is done with it, and most of a file is
functions that import nothing. Names that they bind are their own (``global`` and ``nonlocal`` are
of interest), so nothing outside them is read in another way.
"""

from __future__ import annotations

import re
from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = re.compile(r"\n( *)(?:async +)?(def|class) +[^\W\d]\w*")
_REST = {"def": "(): pass", "class": ": pass"}
_ENDS: dict[int, re.Pattern[str]] = {}
_QUOTES = ('"""', "'''")


def outline(text: str, places: Sequence[int]) -> str | None:
    """The text with no more than the names of what has no place of interest; all keep their lines.

    Of a text that is no Python it may make some that is. Where it is not plain to see what is
    inside a string, all that follows stays as it is.

    Args:
        text: Python source; its lines end with a line feed.
        places: those of interest, in order.

    Returns:
        None where nothing would be left out.
    """
    if "\t" in text or "\f" in text:
        return None  # indentation is more than a count of blanks
    pieces: list[str] = []
    kept = at = 0  # what is before `kept` is done with; `at` is outside strings
    searched = 0
    while True:
        header = _HEADER.search(text, searched)
        if header is None:
            break
        start, searched, indent = header.start() + 1, header.end(), len(header.group(1))
        end = _following(text, searched, indent)
        if _any_between(places, start, end):
            continue
        outside = _outside(text, at, start)
        if outside > start:  # it is no header but some words of a string
            at = searched = outside
            continue
        end = _after_block(text, searched, end, indent) if outside == start else -1
        if end < 0:
            break
        at = start
        if _any_between(places, start, end):
            continue
        lines = "\n" * text.count("\n", searched, end)
        pieces += text[kept:searched], _REST[header.group(2)], lines
        kept = at = end
        searched = end - 1
    return "".join([*pieces, text[kept:]]) if pieces else None


def _any_between(places: Sequence[int], start: int, end: int) -> bool:
    place = bisect_left(places, start)
    return place < len(places) and places[place] < end


def _following(text: str, start: int, indent: int) -> int:
    """Where the first line begins that is indented no more than that and closes no bracket."""
    if indent not in _ENDS:
        _ENDS[indent] = re.compile(rf"\n {{0,{indent}}}[^ \n#)\]}}]")
    found = _ENDS[indent].search(text, start)
    return found.start() + 1 if found else len(text)


def _after_block(text: str, start: int, end: int, indent: int) -> int:
    """The line that follows a block, `end` unless that is in a string; -1 if not plain to see."""
    outside = _outside(text, start, end)
    while outside > end:
        end = _following(text, outside, indent)
        outside = _outside(text, outside, end)
    return outside


def _outside(text: str, start: int, end: int) -> int:
    """The first place from `end` on that is outside strings; -1 where that is not plain to see.

    Args:
        text: Python source.
        start: a place outside strings.
        end: where a line begins.
    """
    if text[end - 2 : end] == "\\\n":
        return -1
    at = start
    while True:
        opening = text.find(_QUOTES[0], at, end)
        other = text.find(_QUOTES[1], at, end if opening < 0 else opening)
        opening = opening if other < 0 else other
        if opening < 0:
            return end
        line = max(text.rfind("\n", at, opening) + 1, at)
        before = text[line:opening]
        if text[line - 2 : line] == "\\\n" or any(mark in before for mark in "\"'#"):
            return -1
        closing = text.find(text[opening : opening + 3], opening + 3)
        if closing < 0 or text[closing - 1] == "\\":
            return -1
        at = closing + 3
        if at > end:
            return at
