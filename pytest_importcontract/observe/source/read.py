"""Reads one file."""

from __future__ import annotations

import ast
import hashlib
import os
import sys
import warnings

try:
    import symtable
except ImportError:  # an interpreter that is not CPython
    symtable = None  # type: ignore[assignment]

from .conditions import Conditions
from .expressions import Expressions
from .findings import Findings
from .flow import Flow
from .guards import Guards
from .lines import Lines, interest
from .outline import outline
from .statements import Statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .lines import Interest


def platform_facts() -> dict[str, Any]:
    """What conditions in source are evaluated with, as this interpreter would.

    Returns:
        ``platform`` (sys.platform), ``os`` (os.name), ``version`` (major, minor, micro) and
        ``implementation`` (sys.implementation.name).
    """
    return {
        "platform": sys.platform,
        "os": os.name,
        "version": list(sys.version_info[:3]),
        "implementation": sys.implementation.name,
    }


def read_file(
    file: str, module: str, is_package: bool, compiled: bool, platform: Mapping[str, Any]
) -> dict[str, Any]:
    """What `read_source` says of a file, and as ``content`` the SHA-256 of what was read.

    One that cannot be opened is a problem of line 0.
    """
    try:
        with open(file, "rb") as stream:
            content = stream.read()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return unreadable(why)
    answer = read_source(content, module, is_package, platform, compiled=compiled)
    answer["content"] = hashlib.sha256(content).hexdigest()
    return answer


def read_source(
    content: bytes,
    module: str,
    is_package: bool,
    platform: Mapping[str, Any],
    *,
    compiled: bool = False,
) -> dict[str, Any]:
    """What a module's source says; depends on the arguments and this interpreter alone.

    Conditions on ``sys.platform``, ``sys.version_info``, ``os.name`` and the like are evaluated as
    type checkers do (https://typing.python.org/en/latest/spec/directives.html), relative names are
    resolved (PEP 328).

    Args:
        content: the file's bytes, decoded as PEP 263 says.
        module: its dotted name.
        is_package: whether it is a package's ``__init__``.
        platform: see `platform_facts`.
        compiled: whether it is known to be Python; what is left out of the tree is then not looked
            at for faults.

    Returns:
        A JSON object.

        ``imports``: by line, each with ``imported`` (the module named), ``names`` (what follows
        ``import`` in ``from imported import …``), ``line``, ``kind`` (``eager``, ``deferred``: in a
        function or PEP 810's lazy, ``typing``: only for type checkers, ``conditional``: only the
        running service can tell, ``never``: a condition that is false on the platform, or code that
        nothing reaches), ``guard`` (the widest failure that is caught and does not go on:
        ``ImportError``, ``ModuleNotFoundError``; ``replaced`` where that of a missing module is
        caught and another one raised; or empty), ``condition`` (of the tests around it: ``true``,
        ``false``, ``unknown``, ``main`` for ``__name__ == "__main__"``, or empty),
        ``scope`` (the qualified name of the function or class around it), ``by_name`` (the
        function that imports what a string names; empty for a statement) and ``error`` (what it is
        bound to raise).

        ``unknown``: imports by a name that only the running service knows: ``line``, ``by_name``,
        ``scope``.

        ``bound``: names bound at the module's top level, each ``[name, line, how]``; `how` is
        ``import``, ``class``, ``function`` or ``value``.

        ``open``: whether code writes to a namespace, or ``__getattr__`` stands for names, so that
        it may have others; those of star imports are not meant.

        ``exports``: ``__all__`` as ``[names, whether that is all of them]``, or null.

        ``strings``: literals that look like a module or a place in one, each ``[text, line, place,
        scope]``; `place` is the setting they are assigned to, ``function()`` or
        ``function(keyword=)`` they are given to, or empty.

        ``sought``: modules that code looks for without importing them, as by ``find_spec``, each
        ``[module, line]``.

        ``problem``: why it could not be parsed, as ``line``, ``column`` (1-based, 0 where unknown),
        ``text`` (of the line), ``message``; or null.
    """
    found = interest(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _short(content, found, compiled) or ast.parse(content)
    except SyntaxError as error:
        text = (error.text or "").rstrip("\r\n")
        return _answer(problem=_problem(error.lineno, error.offset, text, error.msg))
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return unreadable(str(error) or "too deeply nested to be parsed")
    return read_tree(tree, found, module, is_package, platform)


def _short(content: bytes, found: Interest, compiled: bool) -> ast.Module | None:
    """A tree without what is of no interest; None for what has none or may not be Python."""
    if not found.is_exact or (symtable is None and not compiled):
        return None
    text = outline(found.text, found.places)
    if text is None:
        return None
    try:
        # Parses all of it and makes no tree; of bytes it reads the encoding, as `ast.parse` does.
        if not compiled:
            symtable.symtable(content, "", "exec")  # type: ignore[arg-type]
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def read_tree(
    tree: ast.Module, found: Interest, module: str, is_package: bool, platform: Mapping[str, Any]
) -> dict[str, Any]:
    """What `read_source` returns for a content that has been parsed into a tree."""
    package = module if is_package else module.rpartition(".")[0]
    lines = Lines(found)
    conditions = Conditions(tree, module, package, platform, lines)
    flow = Flow(conditions)
    findings = Findings(conditions, Guards(conditions, flow))
    expressions = Expressions(findings, conditions, package, lines, found.importers)
    Statements(findings, expressions, flow, lines, package).read(tree.body)
    return _answer(**findings.told())


def unreadable(why: str) -> dict[str, Any]:
    """What `read_source` would return for a file that cannot be read at all."""
    return _answer(problem=_problem(0, 0, "", why))


def _answer(**known: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"imports": [], "unknown": [], "bound": [], "open": False}
    answer.update({"exports": None, "strings": [], "sought": [], "problem": None})
    answer.update(known)
    return answer


def _problem(line: Any, column: Any, text: str, message: str) -> dict[str, Any]:
    return {"line": line or 0, "column": max(column or 0, 0), "text": text, "message": message}
