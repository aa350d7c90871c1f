"""Which functions and classes code mentions by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

Definition = tuple[str, str]  # a module and a name at its top level


def unmentioned(
    definitions: Iterable[Definition], sources: Mapping[str, Path], named: Set[Definition]
) -> frozenset[Definition]:
    """Those of the definitions that no code mentions outside their own bodies.

    A mention is a name, an attribute, an imported name, or a string that is or ends with the name,
    as ``"shop.tasks.send"``. What is decorated, and a class with bases, counts as mentioned: the
    decorator or the base may call it; so does what bears a name of the language's own, as
    ``__getattr__``, and what has no name at all.

    Args:
        definitions: what to look for.
        sources: the files in which a mention counts, by module.
        named: definitions that somebody else names, as an entrypoint.
    """
    wanted = {
        (module, name) for module, name in definitions if name.isidentifier() and not _own(name)
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
    for statement in body:
        home = ""
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in here:
                home = name
                if statement.decorator_list:
                    yield name, False
            case ast.ClassDef(name=name) if name in here:
                home = name
                if statement.decorator_list or statement.keywords or _has_bases(statement):
                    yield name, False
        for node in ast.walk(statement):
            for name in _named(node):
                yield name, name == home


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
