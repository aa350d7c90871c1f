"""Imports and names of modules in expressions."""

from __future__ import annotations

import ast
import re

from .names import OPENING_NAMES, resolve
from .syntax import BLOCKS, COMPREHENSIONS, children, last_line, last_word, listed_texts
from .where import perhaps, under, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from .conditions import Conditions
    from .findings import Findings
    from .lines import Lines
    from .where import Where

# Functions that import what a string names, and how they read it.
_IMPORTERS = {
    "importlib.import_module": "module",
    "runpy.run_module": "module",
    "builtins.__import__": "statement",
    "importlib.__import__": "statement",
    "pkgutil.resolve_name": "object",
    "pydoc.locate": "object",
    "django.utils.module_loading.import_string": "object",
    "werkzeug.utils.import_string": "object",
    "uvicorn.importer.import_from_string": "object",
    "uvicorn.run": "served",  # as an object, where it is a string
    "celery.utils.imports.symbol_by_name": "object",
    "kombu.utils.imports.symbol_by_name": "object",
}
# Functions that look for a module without importing it.
_SEEKERS = frozenset(["importlib.util.find_spec", "importlib.find_loader", "pkgutil.find_loader"])
_SEEK = frozenset(name.rpartition(".")[2] for name in _SEEKERS)
# Calls whose dotted names are no modules to import: loggers, and targets of mocks.
_NO_IMPORT = frozenset({"getLogger", "get_logger", "patch", "setattr", "delattr"})
_LISTING = frozenset({"imports", "include", "modules", "packages", "apps"})
_SETTING = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_NAME = r"[^\W\d]\w*"
_PLACE = rf":{_NAME}(\.{_NAME})*(\(\))?"  # in a module, as servers are told
_DOTTED = re.compile(rf"{_NAME}(\.{_NAME})+({_PLACE})?\Z|{_NAME}{_PLACE}\Z")
_WORD = re.compile(_NAME + r"\Z")
_ANNOTATIONS = frozenset({"annotation", "returns", "type_params", "type_comment"})
_NAMED = ("name", "dotted_path", "import_name", "mod_name", "path", "import_str", "app")


class Expressions:
    """Reads the expressions on lines of interest.

    Args:
        findings: what is found goes there.
        conditions: of the file.
        package: what relative imports start from.
        lines: those of interest.
        importers: the last words of what imports by name.
    """

    def __init__(
        self,
        findings: Findings,
        conditions: Conditions,
        package: str,
        lines: Lines,
        importers: frozenset[str],
    ) -> None:
        self._findings = findings
        self._conditions = conditions
        self._package = package
        self._lines = lines
        self._importers = importers

    def look(self, node: Any, where: Where, first: int = 0) -> None:
        """Read the expressions of a statement, not those of the statements inside it."""
        if not self._lines.between(first or node.lineno, last_line(node)):
            return
        place: str | None = ""
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            place = last_word(target)
            if place == "__all__":
                return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        for field, part in ast.iter_fields(node):
            if field in BLOCKS or field in _ANNOTATIONS:
                continue
            for child in part if isinstance(part, list) else [part]:
                if isinstance(child, ast.AST):
                    self._expression(child, where, place)
        for case in getattr(node, "cases", ()):
            if case.guard is not None:
                self._expression(case.guard, perhaps(where), place)

    def _expression(self, node: ast.AST, where: Where, place: str | None) -> None:
        """Find the imports and names of modules in an expression; a place of None has no names."""
        todo: list[tuple[ast.AST, Any, str | None, bool]] = [(node, where, place, False)]
        while todo:
            node, where, place, listed = todo.pop()
            if isinstance(node, ast.Constant):
                if isinstance(node.value, str) and place is not None:
                    self._string(node, where, place, listed=listed)
                continue
            if isinstance(node, ast.Call):
                todo.extend(self._call(node, where))
                continue
            listed = listed or isinstance(node, (ast.List, ast.Tuple, ast.Set))
            listed = listed and not isinstance(node, ast.Dict)
            if isinstance(node, ast.NamedExpr):
                self._findings.bind(node.target.id, node.lineno, "value", where)
            elif isinstance(node, ast.Name):
                self._findings.open = self._findings.open or node.id in OPENING_NAMES
            elif isinstance(node, ast.Attribute):
                is_modules = node.attr == "modules" and last_word(node.value) == "sys"
                self._findings.open = self._findings.open or is_modules or node.attr == "__dict__"
            elif isinstance(node, (ast.Compare, ast.JoinedStr)):
                place = None
                if isinstance(node, ast.Compare):
                    self._asked_for(node, where)
            for part, there in _parts(node, where):
                todo.append((part, there, place, listed))

    def _string(self, node: Any, where: Where, place: str, *, listed: bool) -> None:
        text = node.value
        if not _DOTTED.match(text):
            keyword = place.rpartition("(")[2].rstrip("=)")
            setting = _SETTING.match(place) or place in _LISTING or keyword in _LISTING
            if not (listed and setting and _WORD.match(text)):
                return
        if self._findings.may_run(where):
            self._findings.strings.append([text, node.lineno, place, where.scope])

    def _call(
        self, node: ast.Call, where: Where
    ) -> Iterator[tuple[ast.AST, Any, str | None, bool]]:
        word = last_word(node.func)
        if word in _SEEK:
            self._sought(node, where)
        imports = word in self._importers and self._by_name(node, where)
        silent = imports or word in _NO_IMPORT or last_word(node.func, 1) == "patch"
        yield node.func, where, None, False
        for argument in node.args:
            yield argument, where, None if silent else f"{word}()", False
        for keyword in node.keywords:
            place = None if silent else f"{word}({keyword.arg or '**'}=)"
            yield keyword.value, where, place, False

    def _by_name(self, node: ast.Call, where: Where) -> bool:
        """Read a call that imports what a string names; whether it is one."""
        functions = self._conditions.names.dotted(node.func)
        if not functions or not all(name in _IMPORTERS for name in functions):
            return False
        function = min(functions)
        style = _IMPORTERS[function]
        by_name = function[9:] if function.startswith("builtins.") else function
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        arguments = [*node.args]
        first = arguments[0] if arguments else next(filter(None, map(given.get, _NAMED)), None)
        text = self._conditions.text(first)
        if text is None and style == "served":
            return False
        found: tuple[str, tuple[str, ...]] | None = None
        if text is not None and style == "module":
            found = self._module(text, arguments[1:2] or [given.get("package")]), ()
        elif text is not None and style == "statement":
            found = self._statement_like(text, arguments, given)
        elif text is not None and (_DOTTED.match(text) or _WORD.match(text)):
            module, colon, rest = text.partition(":")
            if not colon:
                module, _, rest = text.rpartition(".")
            found = (module, (rest.partition(".")[0],)) if module else (rest, ())
        if found is None or not found[0] or "" in found[0].split("."):
            if self._findings.may_run(where):
                row = {"line": node.lineno, "by_name": by_name, "scope": where.scope}
                self._findings.unknown.append(row)
        else:
            self._findings.add(node, found[0], found[1], where, by_name)
        return True

    def _sought(self, node: ast.Call, where: Where) -> None:
        """Note what is looked for."""
        functions = self._conditions.names.dotted(node.func)
        text = self._conditions.text(node.args[0]) if node.args else None
        if text and functions and functions <= _SEEKERS and self._findings.may_run(where):
            self._findings.sought.append([text, node.lineno])

    def _asked_for(self, node: ast.Compare, where: Where) -> None:
        """Note what is looked for as ``"name" in sys.modules``."""
        text = self._conditions.text(node.left)
        asks = len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn))
        if not (text and asks and self._findings.may_run(where)):
            return
        if self._conditions.names.dotted(node.comparators[0]) == {"sys.modules"}:
            self._findings.sought.append([text, node.lineno])

    def _module(self, text: str, package: Sequence[Any]) -> str:
        """What ``import_module(text, package)`` imports; empty where that is not known."""
        rest = text.lstrip(".")
        level = len(text) - len(rest)
        return resolve(rest, level, self._conditions.text(package[0]) or "" if level else "")

    def _statement_like(
        self, text: str, arguments: Sequence[Any], given: Mapping[Any, Any]
    ) -> tuple[str, tuple[str, ...]] | None:
        """What ``__import__`` imports; None where that is not known."""
        level = arguments[4] if len(arguments) > 4 else given.get("level")
        names = arguments[3] if len(arguments) > 3 else given.get("fromlist")
        if level is not None and not isinstance(level, ast.Constant):
            return None
        depth = level.value if isinstance(level, ast.Constant) else 0
        if type(depth) is not int or depth < 0:
            return None
        return resolve(text, depth, self._package), tuple(listed_texts(names)[0])


def _parts(node: ast.AST, where: Where) -> Iterator[tuple[ast.AST, Any]]:
    """The parts of an expression, each with where it stands."""
    if isinstance(node, ast.Lambda):
        defaults = [*node.args.defaults, *node.args.kw_defaults]
        yield from ((part, where) for part in defaults if part is not None)
        yield node.body, within(where, "<lambda>", at="function")
    elif isinstance(node, COMPREHENSIONS):
        inner = perhaps(where)
        for field, part in ast.iter_fields(node):
            if field != "generators":
                yield part, inner
        for place, generator in enumerate(node.generators):
            yield generator.iter, inner if place else where
            yield from ((test, inner) for test in generator.ifs)
    elif isinstance(node, ast.IfExp):
        yield node.test, where
        yield node.body, under(where, node.test, wanted=True)
        yield node.orelse, under(where, node.test, wanted=False)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield part, where
            where = under(where, part, wanted=isinstance(node.op, ast.And))
    elif isinstance(node, ast.arguments):
        defaults = [*node.defaults, *node.kw_defaults]
        yield from ((part, where) for part in defaults if part is not None)
    elif isinstance(node, ast.JoinedStr):
        values = [part for part in node.values if not isinstance(part, ast.Constant)]
        yield from ((part, where) for part in values)
    else:
        yield from ((part, where) for part in children(node))
