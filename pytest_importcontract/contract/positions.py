"""On which line of a TOML document each key and each list element stands.

TOML parsers return values without places, and a mistake without its line is a riddle. This scanner
reads a document that a parser has already accepted, so it checks nothing: it only follows the
grammar of TOML 1.0 (https://toml.io/en/v1.0.0) far enough to tell keys from values.
"""

from __future__ import annotations

from collections.abc import Mapping

import tomli

Path = tuple[str | int, ...]

_WHITE = " \t"
_BLANK = " \t\r\n"
_BARE_END = set(" \t\r\n=.]")
_SCALAR_END = set(",]}#\r\n")


def line_numbers(text: str) -> Mapping[Path, int]:
    """Map the path of every key and list element of the TOML document `text` to its line.

    A path holds strings for keys and integers for positions in a list, as in
    ``("services", "backend", "integrations", 0, "root")``. Lines count from 1.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}

    def scan(self) -> Mapping[Path, int]:
        current: Path = ()
        self._skip_blank()
        while self._position < len(self._text):
            if self._text.startswith("[[", self._position):
                current = self._array_header()
            elif self._peek() == "[":
                current = self._header()
            else:
                self._pair(current)
            self._skip_blank()
        return self._lines

    def _header(self) -> Path:
        line = self._line()
        self._position += 1
        path = self._follow((), self._key(), line)
        self._position += 1
        return path

    def _array_header(self) -> Path:
        line = self._line()
        self._position += 2
        *outer, name = self._key()
        path = (*self._follow((), tuple(outer), line), name)
        self._position += 2
        index = self._tables.get(path, 0)
        self._tables[path] = index + 1
        self._lines.setdefault(path, line)
        self._lines[(*path, index)] = line
        return (*path, index)

    def _follow(self, path: Path, names: tuple[str, ...], line: int) -> Path:
        for name in names:
            path = (*path, name)
            self._lines.setdefault(path, line)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        return path

    def _pair(self, current: Path) -> None:
        line = self._line()
        path = self._follow(current, self._key(), line)
        self._position += 1  # the equals sign
        self._skip(_WHITE)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        names = []
        while True:
            self._skip(_WHITE)
            start = self._position
            if self._peek() in "\"'":
                self._string()
                quoted = self._text[start : self._position]
                names.append(str(tomli.loads(f"key = {quoted}")["key"]))
            else:
                while self._peek() not in _BARE_END:
                    self._position += 1
                names.append(self._text[start : self._position])
            self._skip(_WHITE)
            if self._peek() != ".":
                return tuple(names)
            self._position += 1

    def _value(self, path: Path) -> None:
        char = self._peek()
        if char in "\"'":
            self._string()
        elif char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        else:
            while self._position < len(self._text) and self._peek() not in _SCALAR_END:
                self._position += 1

    def _array(self, path: Path) -> None:
        self._position += 1
        self._skip_blank()
        index = 0
        while self._peek() != "]":
            self._lines[(*path, index)] = self._line()
            self._value((*path, index))
            self._skip_blank()
            if self._peek() == ",":
                self._position += 1
                self._skip_blank()
            index += 1
        self._position += 1

    def _inline_table(self, path: Path) -> None:
        self._position += 1
        self._skip_blank()
        while self._peek() != "}":
            self._pair(path)
            self._skip_blank()
            if self._peek() == ",":
                self._position += 1
                self._skip_blank()
        self._position += 1

    def _string(self) -> None:
        quote = self._peek()
        delimiter = quote * 3 if self._text.startswith(quote * 3, self._position) else quote
        self._position += len(delimiter)
        while not self._text.startswith(delimiter, self._position):
            escaped = quote == '"' and self._peek() == "\\"
            self._position += 2 if escaped else 1
        self._position += len(delimiter)
        if len(delimiter) == 3:  # up to two more quotes belong to the string's end
            while self._peek() == quote:
                self._position += 1

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1] or "\n"

    def _line(self) -> int:
        return self._text.count("\n", 0, self._position) + 1

    def _skip(self, characters: str) -> None:
        while self._position < len(self._text) and self._peek() in characters:
            self._position += 1

    def _skip_blank(self) -> None:
        self._skip(_BLANK)
        while self._position < len(self._text) and self._peek() == "#":
            end = self._text.find("\n", self._position)
            self._position = end if end >= 0 else len(self._text)
            self._skip(_BLANK)
