"""Variables that source code asks for on every way through it, without a default."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pytest_importcontract.observe.facts import Place

_SIGNS = (b"environ", b"getenv", b"decouple", b"load_dotenv")
_DOTENV = (".env", "settings.ini")  # files that libraries read of their own accord
_LOOPS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LATER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NO_TYPES = frozenset({"prefixed", "read_env", "add_parser", "parser_for", "seal", "dump"})


def needed(files: Iterable[Path]) -> Mapping[str, Place]:
    """The variables without which one of the modules cannot be imported, each by its first line.

    Only what runs whenever the module does counts: no function's body, no branch, nothing whose
    failure is caught. What some module sets is left out; where something sets variables that the
    source does not name, nothing is known.

    Args:
        files: of the modules.
    """
    found: dict[str, Place] = {}
    given: set[str] = set()
    reads_files = False
    files = list(files)
    for path in files:
        tree = _parsed(path)
        if tree is None:
            continue
        module = _Module(tree)
        if module.sets_unknown:
            return {}
        reads_files |= module.reads_files
        given |= module.given
        for name, line in module.needed():
            found.setdefault(name, Place(str(path), line))
    if reads_files and _dotenv_near(files):
        return {}
    return {name: place for name, place in found.items() if name not in given}


def asked(path: Path) -> frozenset[str]:
    """The names that a file's code asks ``os.environ`` for, in whichever way."""
    tree = _parsed(path)
    return _Module(tree).asked if tree else frozenset()


def asks(path: Path) -> bool:
    """Whether a file's code has to do with variables at all."""
    return _parsed(path) is not None


def _parsed(path: Path) -> ast.Module | None:
    try:
        text = path.read_bytes()
    except OSError:
        return None
    if not any(sign in text for sign in _SIGNS):
        return None
    try:
        return ast.parse(text)
    except (ValueError, SyntaxError, RecursionError):
        return None


def _dotenv_near(files: Iterable[Path]) -> bool:
    """Whether a file of variables lies in a folder around one of the modules."""
    folders = {folder for path in files for folder in path.parents}
    return any((folder / name).is_file() for folder in folders for name in _DOTENV)


class _Module:
    """What one module has to do with variables."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._os: set[str] = set()
        self._environ: set[str] = set()
        self._getenv: set[str] = set()
        self._config: set[str] = set()
        self._env: set[str] = set()
        self.given: set[str] = set()
        self.sets_unknown = False
        self.reads_files = False
        nodes = list(ast.walk(tree))
        for node in nodes:
            self._take_name(node)
        for node in nodes:
            self._take_use(node)

    @property
    def asked(self) -> frozenset[str]:
        """Names that it asks for anywhere."""
        names = (self._asked_by(node) for node in ast.walk(self._tree))
        return frozenset(name for name in names if name)

    def needed(self) -> Iterator[tuple[str, int]]:
        """What it asks for without a default whenever it runs, with the line."""
        for node in _always(self._tree.body):
            name = self._needed_by(node)
            if name:
                yield name, getattr(node, "lineno", 0)

    def _take_name(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names=names):
                self._os |= {each.asname or each.name for each in names if each.name == "os"}
            case ast.ImportFrom(module="os", names=names):
                self._environ |= {e.asname or e.name for e in names if e.name == "environ"}
                self._getenv |= {e.asname or e.name for e in names if e.name == "getenv"}
            case ast.ImportFrom(module="decouple", names=names):
                self._config |= {e.asname or e.name for e in names if e.name == "config"}
                self.reads_files = True
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=made) as call):
                if _last(made) in ("Env", "FileAwareEnv") and not (call.args or call.keywords):
                    self._env.add(name)

    def _take_use(self, node: ast.AST) -> None:
        match node:
            case ast.Subscript(value=value, slice=key, ctx=ast.Store()) if self._is_environ(value):
                self._give(key)
            case ast.Call(func=ast.Attribute(value=value, attr="setdefault"), args=[key, *_]):
                if self._is_environ(value):
                    self._give(key)
            case ast.Call(func=ast.Attribute(value=value, attr="update")):
                self.sets_unknown |= self._is_environ(value)
            case ast.AugAssign(target=value):
                self.sets_unknown |= self._is_environ(value)
            case ast.Call(func=called, args=args, keywords=keywords):
                if _last(called) in ("load_dotenv", "read_env"):
                    self.reads_files = True
                    self.sets_unknown |= bool(args or keywords)
                elif _last(called) == "prefixed":
                    self._env.clear()

    def _give(self, key: ast.expr) -> None:
        name = _text(key)
        self.given.add(name)
        self.sets_unknown |= not name

    def _needed_by(self, node: ast.AST) -> str:
        match node:
            case ast.Subscript(value=value, slice=key, ctx=ast.Load()):
                return _text(key) if self._is_environ(value) else ""
            case ast.Call(func=ast.Name(id=called), args=[key], keywords=keywords):
                of_library = called in self._config or called in self._env
                return _text(key) if of_library and not _has_default(keywords) else ""
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=owner), attr=kind),
                args=[key],
                keywords=keywords,
            ):
                of_library = owner in self._env and kind not in _NO_TYPES
                return _text(key) if of_library and not _has_default(keywords) else ""
        return ""

    def _asked_by(self, node: ast.AST) -> str:
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr="get" | "pop"), args=[key, *_]):
                return _text(key) if self._is_environ(value) else ""
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="getenv"), args=[key, *_]
            ):
                return _text(key) if name in self._os else ""
            case ast.Call(func=ast.Name(id=name), args=[key, *_]) if name in self._getenv:
                return _text(key)
        return self._needed_by(node)

    def _is_environ(self, node: ast.expr) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr="environ"):
                return name in self._os
            case ast.Name(id=name):
                return name in self._environ
        return False


def _always(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """What runs whenever the statements do."""
    for statement in body:
        match statement:
            case ast.Try(handlers=handlers, body=tried, finalbody=last):
                yield from _always(last if handlers else [*tried, *last])
            case ast.With(items=items, body=inner) | ast.AsyncWith(items=items, body=inner):
                yield from _parts(*(item.context_expr for item in items))
                if not any(_last(_called(item.context_expr)) == "suppress" for item in items):
                    yield from _always(inner)
            case ast.If(test=test) | ast.While(test=test):
                yield from _parts(test)
            case ast.ClassDef(bases=bases, decorator_list=decorators, body=inner):
                yield from _parts(*decorators, *bases)
                yield from _always(inner)
            case _ if isinstance(statement, _FUNCTIONS):
                yield from _parts(*statement.decorator_list, *statement.args.defaults)
            case _ if not isinstance(statement, _LOOPS):
                yield from _parts(*ast.iter_child_nodes(statement))


def _parts(*nodes: ast.AST) -> Iterator[ast.AST]:
    """The parts of expressions that are evaluated whatever the others come to."""
    for node in nodes:
        yield node
        match node:
            case ast.IfExp(test=test):
                yield from _parts(test)
            case ast.BoolOp(values=[first, *_]):
                yield from _parts(first)
            case _ if not isinstance(node, _LATER):
                yield from _parts(*ast.iter_child_nodes(node))


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _last(node: ast.expr) -> str:
    """The last part of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _has_default(keywords: Iterable[ast.keyword]) -> bool:
    return any(keyword.arg in ("default", None) for keyword in keywords)
