"""Reading a contract file: the TOML document, then the contract's table in it.

Every mistake of a file is found before any is reported, each with its line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import tomli

from pytest_importcontract.contract.document import parse
from pytest_importcontract.contract.language import schema
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import Contract
from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.contract.reader import Source, read

__all__ = ["CONTRACTS", "PYPROJECT", "contracts_in", "has_contract", "load", "schema"]

CONTRACTS: Final = "contracts.toml"
PYPROJECT: Final = "pyproject.toml"
_TABLE: Final[Keys] = ("tool", "importcontract")
_HEADER = re.compile(rb"^\s*\[+\s*tool\s*\.\s*importcontract\b", re.MULTILINE)


def contracts_in(folder: Path) -> list[Path]:
    """The contract files of a folder that need not be named: its own, and pyproject's table."""
    files = [folder / CONTRACTS] if (folder / CONTRACTS).is_file() else []
    return [*files, folder / PYPROJECT] if has_contract(folder / PYPROJECT) else files


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
    document = parse(_content(path, name), name)
    data: Any = document.data
    lines = document.lines
    if path.name != PYPROJECT:
        return read(Source(path=path, name=name, lines=lines), data)
    for key in _TABLE:
        data = data.get(key) if isinstance(data, dict) else None
    if data is None:
        what = "has no [tool.importcontract] table"
        raise MistakesError((Mistake(file=name, what=what),))
    return read(Source(path=path, name=name, lines=lines, prefix=_TABLE), data)


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise MistakesError((Mistake(file=name, what=what),)) from None
