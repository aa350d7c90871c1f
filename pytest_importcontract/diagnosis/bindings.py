"""Which names a module has once it has run, as far as its source can tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pytest_importcontract.shipment.catalog import Catalog

_DYNAMIC = frozenset({"globals", "setattr", "exec", "vars", "locals", "__dict__", "modules"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def may_have(catalog: Catalog, module: str, name: str, path: Path | None = None) -> bool:
    """Whether the module, once it has run, could have the name; False is certain.

    A module that cannot be read as source counts as yes, and so do a ``__getattr__`` and whatever
    writes to a namespace. A name that first-party code imports from first-party code counts only
    where that code has it: two modules that import a name from each other do not bring it into
    being.

    Args:
        catalog: where other modules are.
        module: the module's dotted name.
        name: the name.
        path: the module's file, where it is not the catalog's; one that is not first-party takes
            its names from modules that the catalog need not know.
    """
    return _may_have(catalog, module, name, path, set())


def imported_by(catalog: Catalog, module: str) -> frozenset[str]:
    """The modules that a module that ships imports when it runs, as far as its source can tell."""
    path = catalog.shipped[module].path
    names: set[str] = set()
    for node in _in_module_scope(parsed(path) or ast.Module([], [])):
        match node:
            case ast.Import(names=aliases):
                names.update(alias.name for alias in aliases)
            case ast.ImportFrom():
                source = _source(node, _package(module, path))
                names.update((source, *(f"{source}.{alias.name}" for alias in node.names)))
    return frozenset(names)


def parsed(path: Path | None) -> ast.Module | None:
    """The source of a module; None where it cannot be read as such."""
    try:
        return ast.parse(path.read_bytes()) if path else None
    except (OSError, ValueError, SyntaxError, RecursionError):
        return None


def _package(module: str, path: Path | None) -> str:
    return module if path and path.stem == "__init__" else module.rpartition(".")[0]


def _may_have(
    catalog: Catalog, module: str, name: str, path: Path | None, seen: set[tuple[str, str]]
) -> bool:
    if (module, name) in seen:
        return False
    seen.add((module, name))
    if f"{module}.{name}" in catalog.shipped:
        return True
    known = catalog.shipped.get(module)
    path = path or (known.path if known else None)
    tree = parsed(path)
    if tree is None:
        return True
    if any(_is_dynamic(node, name) for node in ast.walk(tree)):
        return True
    foreign = path is not None and catalog.is_foreign(path)
    package = _package(module, path)
    for node in _in_module_scope(tree):
        if isinstance(node, ast.ImportFrom):
            if _imports(catalog, node, package, name, seen, foreign=foreign):
                return True
        elif name in bound(node) or "__getattr__" in bound(node):
            return True
    return False


def _imports(
    catalog: Catalog,
    node: ast.ImportFrom,
    package: str,
    name: str,
    seen: set[tuple[str, str]],
    *,
    foreign: bool,
) -> bool:
    source = _source(node, package)
    for alias in node.names:
        original = name if alias.name == "*" else alias.name
        if name == (alias.asname or original) and (
            foreign
            or source not in catalog.shipped
            or _may_have(catalog, source, original, None, seen)
        ):
            return True
    return False


def _source(node: ast.ImportFrom, package: str) -> str:
    """The absolute name of the module that names are taken from."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _is_dynamic(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word in _DYNAMIC
        case ast.Global(names=names):
            return name in names
    return False


def _in_module_scope(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below `node` that run with the module and bind in its namespace."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.AnnAssign) and child.value is None:
            continue
        yield child
        if isinstance(child, _COMPREHENSIONS):
            yield from (inner for inner in ast.walk(child) if isinstance(inner, ast.NamedExpr))
        elif isinstance(child, ast.If) and _is_for_typing(child.test):
            yield from child.orelse
            for other in child.orelse:
                yield from _in_module_scope(other)
        elif not isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
            yield from _in_module_scope(child)


def _is_for_typing(test: ast.expr) -> bool:
    match test:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word == "TYPE_CHECKING"
    return False


def bound(node: ast.AST) -> tuple[str, ...]:
    """The names that the node itself binds."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return (name,)
        case ast.Name(id=name, ctx=ast.Store()) | ast.NamedExpr(target=ast.Name(id=name)):
            return (name,)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.Import(names=aliases):
            return tuple(alias.asname or alias.name.partition(".")[0] for alias in aliases)
        case ast.ImportFrom(names=aliases):
            return tuple(alias.asname or alias.name for alias in aliases)
    return ()
