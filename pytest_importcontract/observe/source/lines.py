"""Which lines of a file are worth a look."""

from __future__ import annotations

import re

IMPORTERS = (
    "import_module",
    "run_module",
    "__import__",
    "resolve_name",
    "locate",
    "import_string",
    "import_from_string",
    "symbol_by_name",
)
"""The last words of the functions that import what a string names."""

_MARKS = (
    *("import", "run_module", "resolve_name", "locate", "symbol_by_name"),
    *("global", "locals", "vars", "exec", "setattr", "__dict__", "sys.modules", ":="),
)
_STRING = re.compile(r"""["'](?:[^\W\d]\w*[.:])+[^\W\d][\w.]*(?:\(\))?["']""")
_SETTING = re.compile(r"\n[ \t]*[A-Z][A-Z0-9_]*[ ]*(?:\+?=|:)")
_LISTING = re.compile(r"(?:imports|include|modules|packages|apps)[ ]*=")
_ANY = "|".join(IMPORTERS)
_ALIAS = re.compile(rf"\b(?:{_ANY})\s+as\s+(\w+)")
_SECOND_NAME = re.compile(
    rf"^[ \t]*(\w+)[ \t]*=[ \t]*(?:\w+\.)*(?:{_ANY})\b(?!\s*\()", re.MULTILINE
)
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN = re.compile(rb"(?i)utf-?8(-.*)?\Z|(us-)?ascii\Z|latin-?1\Z|iso-?8859-\d+\Z|cp125\d\Z")


def lines_of_interest(content: bytes) -> tuple[list[int] | None, frozenset[str]]:
    """Lines that may hold an import or a name of one, None for all; and what importers are called.

    A look at the text spares most files most of the walk. A line too many costs a little time.
    """
    importers = frozenset(IMPORTERS)
    encoding = "utf-8"
    for head in content.split(b"\n", 2)[:2]:
        cookie = _COOKIE.match(head)
        if cookie:
            if not _PLAIN.match(cookie.group(1)):
                return None, importers  # an encoding in which letters may be other bytes
            encoding = "utf-8" if cookie.group(1)[:3].lower() == b"utf" else "latin-1"
    text = content.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
    if any(word in text for word in IMPORTERS):
        importers = importers.union(_ALIAS.findall(text), _SECOND_NAME.findall(text))
    places = {place for mark in importers.union(_MARKS) for place in _places(text, mark)}
    for pattern in (_STRING, _LISTING):
        places.update(match.start() for match in pattern.finditer(text))
    places.update(match.end() - 1 for match in _SETTING.finditer(f"\n{text}"))  # moved by one
    return _lines(text, sorted(places)), importers


def _places(text: str, mark: str) -> list[int]:
    found = []
    place = text.find(mark)
    while place >= 0:
        found.append(place)
        place = text.find(mark, place + len(mark))
    return found


def _lines(text: str, places: list[int]) -> list[int]:
    """The line numbers of places in order, each once."""
    found: list[int] = []
    line, last = 1, 0
    for place in places:
        line += text.count("\n", last, place)
        last = place
        if not found or found[-1] != line:
            found.append(line)
    return found
