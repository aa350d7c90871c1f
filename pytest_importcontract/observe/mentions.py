"""Which functions and classes code mentions by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

Definition = tuple[str, str]  # a module and a name at its top level

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_HOLDERS = (ast.stmt, ast.excepthandler, ast.match_case)
_PLAIN = frozenset({"staticmethod", "classmethod", "property"})


def unmentioned(
    definitions: Iterable[Definition], sources: Mapping[str, Path], named: Set[Definition]
) -> frozenset[Definition]:
    """Those of the definitions that no code mentions outside their own bodies.

    A mention is a name, an attribute, an imported name, or a string that is or ends with the name,
    as ``"shop.tasks.send"``. What is decorated, a class with bases and one whose methods are
    decorated count as mentioned: the decorator or the base may call them; so does what bears a name
    of the language's own, as ``__getattr__``, what has no name at all, and what has one outside
    ASCII, of which there may be several spellings.

    Args:
        definitions: what to look for.
        sources: the files in which a mention counts, by module.
        named: definitions that somebody else names, as an entrypoint.
    """
    wanted = {
        (module, name)
        for module, name in definitions
        if name.isidentifier() and name.isascii() and not _own(name)
    } - named
    left = set(wanted)
    for module, path in sources.items():
        names = {name for _, name in left}
        if not names:
            break
        pattern = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(n.encode()) for n in names))
        try:
            content = path.read_bytes()
        except OSError:
            continue
        matched = {match.decode() for match in pattern.findall(content)}
        if not matched:
            continue
        here = {name for home, name in left if home == module}
        try:
            mentions = list(_mentions(ast.parse(content).body, here))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            mentions = [(name, False) for name in matched]  # who knows
        for name, inside in mentions:
            left -= {d for d in left if d[1] == name and not (inside and d[0] == module)}
    return frozenset(left)


def _own(name: str) -> bool:
    """Whether it is a name that Python itself looks up."""
    return name.startswith("__") and name.endswith("__")


def _mentions(body: Iterable[ast.stmt], here: Set[str]) -> Iterator[tuple[str, bool]]:
    """Every name that is mentioned, and whether only in the body of the definition of that name."""
    for statement in _flat(body):
        home = ""
        if isinstance(statement, _DEFINITIONS) and statement.name in here:
            home = statement.name
            if _is_handed_over(statement):
                yield home, False
        nodes = (
            ast.walk(statement) if isinstance(statement, _DEFINITIONS) else _own_nodes(statement)
        )
        for node in nodes:
            for name in _named(node):
                yield name, name == home


def _flat(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a module, and those in its ``if``, ``try``, ``with`` and loops."""
    for statement in body:
        yield statement
        if not isinstance(statement, _DEFINITIONS):
            yield from _flat(_below(statement))


def _own_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """Its expressions, without the statements that stand in it."""
    pending = [statement]
    while pending:
        node = pending.pop()
        yield node
        pending += (n for n in ast.iter_child_nodes(node) if not isinstance(n, _HOLDERS))


def _below(statement: ast.AST) -> Iterator[ast.AST]:
    """The statements, handlers and cases that stand directly in it."""
    return (node for node in ast.iter_child_nodes(statement) if isinstance(node, _HOLDERS))


def _is_handed_over(definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether somebody may call it who does not name it: a decorator, a base, a metaclass."""
    if definition.decorator_list:
        return True
    if not isinstance(definition, ast.ClassDef):
        return False
    decorators = (
        decorator
        for method in definition.body
        if isinstance(method, _DEFINITIONS)
        for decorator in method.decorator_list
    )
    registers = any(not _is_plain(decorator) for decorator in decorators)
    return registers or bool(definition.keywords) or _has_bases(definition)


def _is_plain(decorator: ast.expr) -> bool:
    """Whether it is a decorator of the language's own, which hands nothing to anybody."""
    return isinstance(decorator, ast.Name) and decorator.id in _PLAIN


def _has_bases(statement: ast.ClassDef) -> bool:
    return any(not (isinstance(b, ast.Name) and b.id == "object") for b in statement.bases)


def _named(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.alias(name=name):
            yield name.rpartition(".")[2]
        case ast.Constant(value=str(text)):
            yield re.split(r"[.:]", text)[-1].removesuffix("()")
