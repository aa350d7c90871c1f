"""On which line of a TOML document each key and each list element stands.

TOML parsers return values without places, and a mistake without its line is a riddle. This scanner
reads a document that a parser has already accepted, so it checks nothing: it only follows the
grammar of TOML (https://toml.io/en/v1.1.0, of which 1.0 is a part) far enough to tell keys from
values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import tomli

Keys = tuple[str | int, ...]

DEEPEST: Final = 16
"""Paths longer than this are not recorded: no contract has them, and their number explodes."""

_WHITE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*+")
_BARE_KEY = re.compile(r"[^ \t\r\n=.\]]*")
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
_STRING = re.compile(
    r'"""(?:[^"\\]+|\\.|"{1,2}(?!"))*+"{3,5}'  # up to two more quotes belong to the string's end
    r"|'''(?:[^']+|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\]+|\\.)*+"'
    r"|'[^']*'",
    re.DOTALL,
)
_FLAT = re.compile(r"[^\[\]{}\"'#]+")


def line_numbers(text: str) -> Mapping[Keys, int]:
    """Map the path of every key and list element of the TOML document `text` to its line.

    A path holds strings for keys and integers for positions in a list, as in
    ``("services", "backend", "integrations", 0, "root")``. Lines count from 1. A table that has
    several places has the one of its own header, else the first that mentions it.

    Args:
        text: a document that a TOML parser accepts; what comes of any other is undefined.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._counted = 0
        self._line_there = 1
        self._lines: dict[Keys, int] = {}
        self._tables: dict[Keys, int] = {}

    def scan(self) -> Mapping[Keys, int]:
        current: Keys = ()
        self._skip(_BLANK)
        while self._position < len(self._text):
            if self._text.startswith("[[", self._position):
                current = self._array_header()
            elif self._peek() == "[":
                current = self._header()
            else:
                self._pair(current)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> Keys:
        line = self._line()
        self._position += 1
        path = self._follow((), self._key(), line)
        self._record(path, line)
        self._position += 1
        return path

    def _array_header(self) -> Keys:
        line = self._line()
        self._position += 2
        *outer, name = self._key()
        path = _deeper(self._follow((), tuple(outer), line), name)
        self._position += 2
        if len(path) >= DEEPEST:
            return path
        index = self._tables.get(path, 0)
        self._tables[path] = index + 1
        self._lines.setdefault(path, line)
        self._record((*path, index), line)
        return (*path, index)

    def _follow(self, path: Keys, names: tuple[str, ...], line: int) -> Keys:
        """The path that `names` lead to from `path`; an array of tables leads to its last one."""
        for name in names:
            path = _deeper(path, name)
            if len(path) <= DEEPEST:
                self._lines.setdefault(path, line)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        return path

    def _pair(self, current: Keys) -> None:
        line = self._line()
        path = self._follow(current, self._key(), line)
        self._position += 1  # the equals sign
        self._skip(_WHITE)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        names = []
        while True:
            self._skip(_WHITE)
            if self._peek() in ('"', "'"):
                names.append(str(tomli.loads(f"key = {self._skip(_STRING)}")["key"]))
            else:
                names.append(self._skip(_BARE_KEY))
            self._skip(_WHITE)
            if self._peek() != ".":
                return tuple(names)
            self._position += 1

    def _value(self, path: Keys) -> None:
        char = self._peek()
        if char in ('"', "'"):
            self._skip(_STRING)
        elif char in ("[", "{") and len(path) >= DEEPEST:
            self._skip_nested()
        elif char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: Keys) -> None:
        self._position += 1
        index = 0
        while self._another("]"):
            self._record((*path, index), self._line())
            self._value((*path, index))
            index += 1
        self._position += 1

    def _inline_table(self, path: Keys) -> None:
        self._position += 1
        while self._another("}"):
            self._pair(path)
        self._position += 1

    def _another(self, close: str) -> bool:
        self._skip(_BLANK)
        if self._peek() == ",":
            self._position += 1
            self._skip(_BLANK)
        return self._peek() not in ("", close)

    def _skip_nested(self) -> None:
        depth = 0
        while self._position < len(self._text):
            char = self._peek()
            if char in ('"', "'"):
                self._skip(_STRING)
            elif char == "#":
                self._skip(_BLANK)
            elif char in ("[", "{", "]", "}"):
                self._position += 1
                depth += 1 if char in ("[", "{") else -1
                if not depth:
                    return
            else:
                self._skip(_FLAT)

    def _record(self, path: Keys, line: int) -> None:
        if len(path) <= DEEPEST:
            self._lines[path] = line

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _line(self) -> int:
        self._line_there += self._text.count("\n", self._counted, self._position)
        self._counted = self._position
        return self._line_there

    def _skip(self, what: re.Pattern[str]) -> str:
        match = what.match(self._text, self._position)
        if match is None:
            return ""
        self._position = match.end()
        return match[0]


def _deeper(path: Keys, name: str) -> Keys:
    """`path` and `name`, or any path too long to be recorded, so that none grows without end."""
    return path if len(path) > DEEPEST else (*path, name)
