"""What of a file is worth a look."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import namedtuple

IMPORTERS = (
    "import_module",
    "run_module",
    "__import__",
    "resolve_name",
    "locate",
    "import_string",
    "import_from_string",
    "symbol_by_name",
    "run",
)
"""The last words of the functions that import what a string names."""

_MARKS = frozenset(
    [
        *("import", "run_module", "resolve_name", "locate", "symbol_by_name"),
        *("global", "nonlocal", "locals", "vars", "exec", "setattr"),
        *("__dict__", "sys.modules", ":=", "find_spec", "find_loader"),
    ]
)
_LISTINGS = ("include", "modules", "packages", "apps")  # and "imports"
_STRING = re.compile(r"""["'](?:[^\W\d]\w*[.:])+[^\W\d][\w.]*(?:\(\))?["']""")
_SETTING = re.compile(r"\n[ \t]*[A-Z][A-Z0-9_]*[ ]*(?:\+?=|:)")
_SETTING_OF_ANOTHER = re.compile(r"\.[A-Z][A-Z0-9_]*[ ]*\+?=")
_EQUALS = re.compile(r"[ ]*=")
_ANY = "|".join(IMPORTERS)
_ALIAS = re.compile(rf"\b(?:{_ANY})\s+as\s+(\w+)")
_SECOND_NAME = re.compile(
    rf"^[ \t]*(\w+)[ \t]*=[ \t]*(?:\w+\.)*(?:{_ANY})\b(?!\s*\()", re.MULTILINE
)
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN = re.compile(rb"(?i)utf-?8(-.*)?\Z|(us-)?ascii\Z|latin-?1\Z|iso-?8859-\d+\Z|cp125\d\Z")

# `text`: the file, with one character for each line's end; None where letters may be other bytes
# than they look like. `is_exact`: whether every letter is what Python takes it for. `places`: in
# the text, in order, those that may hold an import or a name of one. `importers`: what the
# functions that import by name are called there.
Interest = namedtuple("Interest", "text is_exact places importers")


def interest(content: bytes) -> Interest:
    """What of a file is worth a look.

    A look at the text spares most files most of the work. A place too many costs a little time.
    """
    importers = frozenset(IMPORTERS)
    encoding = "utf-8"
    for head in content.split(b"\n", 2)[:2]:
        cookie = _COOKIE.match(head)
        if cookie:
            if not _PLAIN.match(cookie.group(1)):
                return Interest(text=None, is_exact=False, places=[], importers=importers)
            encoding = "utf-8" if cookie.group(1)[:3].lower() == b"utf" else "latin-1"
    text = content.decode(encoding, "replace").lstrip("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    places = {place for mark in _MARKS for place in _places(text, mark)}
    if any(text.startswith(IMPORTERS, place) for place in places) or "__import__" in text:
        others = {*_ALIAS.findall(text), *_SECOND_NAME.findall(text)}
        places.update(place for name in others for place in _places(text, name))
        importers = importers.union(others)
    for word in _LISTINGS:
        places.update(p for p in _places(text, word) if _EQUALS.match(text, p + len(word)))
    for pattern in (_STRING, _SETTING_OF_ANOTHER):
        places.update(match.start() for match in pattern.finditer(text))
    places.update(match.end() - 1 for match in _SETTING.finditer(f"\n{text}"))  # moved by one
    return Interest(
        text=text, is_exact=encoding == "utf-8", places=sorted(places), importers=importers
    )


class Lines:
    """The lines of a file that are of interest: all of them where its text is not known."""

    def __init__(self, found: Interest) -> None:
        self._are_all = found.text is None
        self._numbers: list[int] = []
        line, last = 1, 0
        for place in () if self._are_all else found.places:
            line += found.text.count("\n", last, place)
            last = place
            self._numbers.append(line)

    def between(self, first: int, last: int | None) -> bool:
        """Whether any line from the first to the last is of interest."""
        if self._are_all or last is None:
            return True
        place = bisect_left(self._numbers, first)
        return place < len(self._numbers) and self._numbers[place] <= last


def _places(text: str, mark: str) -> list[int]:
    found = []
    place = text.find(mark)
    while place >= 0:
        found.append(place)
        place = text.find(mark, place + len(mark))
    return found
