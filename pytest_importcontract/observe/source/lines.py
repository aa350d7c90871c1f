"""What of a file is worth a look."""

from __future__ import annotations

import re
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
)
"""The last words of the functions that import what a string names."""

_MARKS = frozenset(
    [
        *("import", "run_module", "resolve_name", "locate", "symbol_by_name"),
        *("global", "nonlocal", "locals", "vars", "exec", "setattr"),
        *("__dict__", "sys.modules", ":="),
    ]
)
_LISTINGS = ("imports", "include", "modules", "packages", "apps")
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
    if any(word in text for word in IMPORTERS):
        importers = importers.union(_ALIAS.findall(text), _SECOND_NAME.findall(text))
    marks = [mark for mark in importers if "import" not in mark] + [*_MARKS]
    places = {place for mark in marks for place in _places(text, mark)}
    for word in _LISTINGS:
        places.update(p for p in _places(text, word) if _EQUALS.match(text, p + len(word)))
    for pattern in (_STRING, _SETTING_OF_ANOTHER):
        places.update(match.start() for match in pattern.finditer(text))
    places.update(match.end() - 1 for match in _SETTING.finditer(f"\n{text}"))  # moved by one
    return Interest(
        text=text, is_exact=encoding == "utf-8", places=sorted(places), importers=importers
    )


def lines_of(found: Interest) -> list[int] | None:
    """The numbers of the lines of interest, each once and in order; None for all."""
    if found.text is None:
        return None
    lines: list[int] = []
    line, last = 1, 0
    for place in found.places:
        line += found.text.count("\n", last, place)
        last = place
        if not lines or lines[-1] != line:
            lines.append(line)
    return lines


def _places(text: str, mark: str) -> list[int]:
    found = []
    place = text.find(mark)
    while place >= 0:
        found.append(place)
        place = text.find(mark, place + len(mark))
    return found
