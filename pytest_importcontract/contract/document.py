"""A TOML document with the line of everything in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import tomli

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.positions import Keys, line_numbers
from pytest_importcontract.contract.reader import dotted

_NAMESPACE = re.compile(r"\('.*'\)|\('.*',\)")


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML document.

    Attributes:
        name: what messages call it.
        data: what a TOML parser returns.
        lines: 1-based line of each key and list element.
    """

    name: str
    data: Mapping[str, Any] = field(repr=False)
    lines: Mapping[Keys, int] = field(repr=False)

    def line(self, *keys: str | int) -> int:
        """The line of what lies at the path `keys`, or of the nearest that it lies in; 1 at least.

        Lines of what nobody wrote are those of the table it would stand in.
        """
        path: Keys = keys
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 1


def parse(content: bytes, name: str) -> Document:
    """Read a TOML document.

    Args:
        content: its bytes; a byte order mark, which some editors write, is skipped.
        name: what messages call it.

    Raises:
        MistakesError: it is no TOML, or not in UTF-8.
    """
    try:
        # As in TOML itself, a CRLF is one newline.
        text = content.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
        return Document(name, tomli.loads(text), line_numbers(text))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
    except tomli.TOMLDecodeError as error:
        line, what = error.lineno, f"{_reworded(error.msg)} (column {error.colno})"
    except (ValueError, RecursionError) as error:
        # The parser gives up at its own limits: digits of a number, parts of a key, nesting.
        line, what = 0, f"cannot be parsed: {error}"
    raise MistakesError((Mistake(file=name, line=line, what=what),))


def _reworded(message: str) -> str:
    """The parser's message in the style of ours, keys as one writes them."""
    found = _NAMESPACE.search(message)
    if found:
        message = message.replace(found[0], dotted(ast.literal_eval(found[0])))
    elif message == "Cannot overwrite a value":
        message = "a key is given a second time"
    return message[:1].lower() + message[1:]
