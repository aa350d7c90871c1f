"""Reading a contract file: bytes, then TOML, then the contract's table in it.

Every mistake of a file is found before any is reported, each with its line.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, Final

import tomli

from pytest_importcontract.contract.language import schema
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import Contract
from pytest_importcontract.contract.positions import Keys, line_numbers
from pytest_importcontract.contract.reader import Source, dotted, read

__all__ = ["PYPROJECT", "has_contract", "load", "schema"]

PYPROJECT: Final = "pyproject.toml"
_TABLE: Final[Keys] = ("tool", "importcontract")
_HEADER = re.compile(rb"^\s*\[+\s*tool\s*\.\s*importcontract\b", re.MULTILINE)
_NAMESPACE = re.compile(r"\('.*'\)|\('.*',\)")


def has_contract(path: Path) -> bool:
    """Whether `path` is a pyproject.toml with a ``[tool.importcontract]`` table.

    A file that cannot be parsed counts when it has the table's header: reading it then says what
    is wrong, where skipping it would hide the contract.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return False
    try:
        data = tomli.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _HEADER.search(content) is not None
    tool = data.get("tool")
    return isinstance(tool, dict) and "importcontract" in tool


def load(path: Path, name: str) -> Contract:
    """Read a contract file.

    Args:
        path: the file. In a pyproject.toml the contract is the ``[tool.importcontract]`` table,
            in any other file the whole document.
        name: what messages call it.

    Raises:
        MistakesError: with every mistake in the file.
    """
    text = _text(path, name)
    try:
        data: Any = tomli.loads(text)
        lines = line_numbers(text)
    except tomli.TOMLDecodeError as error:
        what = f"{_reworded(error.msg)} (column {error.colno})"
        raise MistakesError((Mistake(file=name, line=error.lineno, what=what),)) from None
    except (ValueError, RecursionError) as error:
        # The parser gives up at its own limits: digits of a number, parts of a key, nesting.
        what = f"cannot be parsed: {error}"
        raise MistakesError((Mistake(file=name, what=what),)) from None
    if path.name != PYPROJECT:
        return read(Source(path=path, name=name, lines=lines), data)
    for key in _TABLE:
        data = data.get(key) if isinstance(data, dict) else None
    if data is None:
        what = "has no [tool.importcontract] table"
        raise MistakesError((Mistake(file=name, what=what),))
    return read(Source(path=path, name=name, lines=lines, prefix=_TABLE), data)


def _text(path: Path, name: str) -> str:
    try:
        # A byte order mark is what some editors write; as in TOML itself, a CRLF is one newline.
        return path.read_bytes().decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
    except (OSError, ValueError) as error:
        line, what = 0, f"cannot be read: {getattr(error, 'strerror', None) or error}"
    raise MistakesError((Mistake(file=name, line=line, what=what),))


def _reworded(message: str) -> str:
    """The parser's message in the style of ours, keys as one writes them."""
    found = _NAMESPACE.search(message)
    if found:
        message = message.replace(found[0], dotted(ast.literal_eval(found[0])))
    elif message == "Cannot overwrite a value":
        message = "a key is given a second time"
    return message[:1].lower() + message[1:]
