"""What code has in place of an import that fails."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pytest_importcontract.observe.facts import Instead

_NOTHING = (None, False, "", 0, ...)
_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class Fallback:
    """What stands at a line that imports, and in its place.

    Attributes:
        asks: whether it imports nothing, but asks whether something could be found.
        named: whether it names the module, rather than put its name together.
        star: whether it asks for no name in particular (``import *``).
        instead: what else binds the names that it would have bound, in the same function or,
            outside of any, in the same module.
    """

    asks: bool = False
    named: bool = True
    star: bool = False
    instead: Instead = Instead.NOTHING


def fallback(source: bytes, line: int, module: str, failed: Collection[int]) -> Fallback:
    """What a line's import has in its place when it fails.

    Args:
        source: the file's text.
        line: of the import.
        module: what is not found.
        failed: lines of the file whose imports failed.
    """
    tree = _parsed(source)
    statement, scope, tries = _found(tree, line) if tree else (None, None, ())
    if statement is None or scope is None:
        return Fallback()
    asks = any(
        isinstance(node, ast.Call) and ast.unparse(node.func).endswith("find_spec")
        for node in ast.walk(statement)
    )
    named = isinstance(statement, ast.Import | ast.ImportFrom) or any(
        isinstance(given, ast.Constant)
        and type(given.value) is str
        and (f"{given.value}.".startswith(f"{module}.") or given.value.startswith("."))
        for call in ast.walk(statement)
        if isinstance(call, ast.Call)
        for given in call.args
    )
    names = frozenset(_bound(statement))
    if "*" in names:
        return Fallback(star=True)
    protected = {id(node) for guard in tries[-1:] for node in _guarded(guard)}
    found: dict[str, Instead] = {}
    for other in _statements(scope, protected):
        for name, instead in _binds(other, failed):
            if found.get(name) is not Instead.IMPORT:
                found[name] = instead
    kinds = {found.get(name, Instead.NOTHING) for name in names}
    worst = (Instead.NOTHING, Instead.VALUE, Instead.IMPORT)
    instead = min(kinds, key=worst.index, default=Instead.NOTHING)
    return Fallback(asks=asks, named=named, instead=instead)


@cache
def _parsed(source: bytes) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _found(
    tree: ast.Module, line: int
) -> tuple[ast.stmt | None, _Scope | None, Sequence[ast.stmt]]:
    """The innermost statement at a line, the function around it, what may catch its failure."""
    node: ast.AST = tree
    statement, scope = None, None
    tries: list[ast.stmt] = []
    while True:
        if isinstance(node, _SCOPES):
            scope, tries = node, []
        if isinstance(node, ast.Try | ast.With):
            tries.append(node)
        inner = (child for child in ast.iter_child_nodes(node) if _holds(child, line))
        following = next((n for n in inner if _leads_to_statements(n)), None)
        if following is None:
            tries = [guard for guard in tries if any(_holds(n, line) for n in _guarded(guard))]
            return statement, scope, tries
        node = following
        if isinstance(node, ast.stmt):
            statement = node


def _leads_to_statements(node: ast.AST) -> bool:
    return isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case)


def _holds(node: ast.AST, line: int) -> bool:
    if isinstance(node, ast.match_case):
        return any(_holds(inner, line) for inner in node.body)
    return getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", 0) or 0)


def _guarded(node: ast.stmt) -> Sequence[ast.stmt]:
    return node.body if isinstance(node, ast.Try | ast.With) else ()


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement with an import binds by it."""
    match statement:
        case ast.Import(names=aliases):
            yield from (a.asname or a.name for a in aliases if a.asname or "." not in a.name)
        case ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name for alias in aliases)
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _binds(statement: ast.stmt, failed: Collection[int]) -> Iterator[tuple[str, Instead]]:
    match statement:
        case ast.Import() | ast.ImportFrom():
            lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
            if not any(line in failed for line in lines):
                yield from ((name, Instead.IMPORT) for name in _bound(statement))
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, Instead.VALUE
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            if not (isinstance(value, ast.Constant) and value.value in _NOTHING):
                by_name = isinstance(value, ast.Call) and "import_module" in ast.unparse(value.func)
                works = by_name and statement.lineno not in failed
                kind = Instead.IMPORT if works else Instead.VALUE
                if works or not by_name:
                    yield from ((name, kind) for name in _bound(statement))


def _statements(scope: ast.AST, protected: Collection[int]) -> Iterator[ast.stmt]:
    """The statements of a scope, without those of functions and classes in it."""
    for node in ast.iter_child_nodes(scope):
        if id(node) in protected:
            continue
        if isinstance(node, ast.stmt):
            yield node
        if _leads_to_statements(node) and not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            yield from _statements(node, protected)
