"""What the names of a file stand for."""

from __future__ import annotations

import ast
import builtins

from .syntax import BLOCKS, CAPTURES, first_line, last_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .lines import Lines

# Fields of statements, targets and patterns below which names are bound.
_BINDING = frozenset(
    [
        *("body", "orelse", "finalbody", "handlers", "cases", "items"),
        *("targets", "target", "optional_vars", "elts", "name"),
        *("args", "posonlyargs", "kwonlyargs", "vararg", "kwarg"),
        *("pattern", "patterns", "kwd_patterns"),
    ]
)
_FIELDS: dict[
    Any, Any
] = {}  # by kind of node: those fields of it, whether it has expressions, a guard
OPENING_NAMES = frozenset({"globals", "locals", "vars", "exec", "setattr"})  # write to a namespace


def resolve(name: str, level: int, package: str) -> str:
    """The absolute name of a relative import (PEP 328); empty where it leads out of the top."""
    if not level:
        return name
    parts = package.rsplit(".", level - 1)
    if len(parts) < level or not parts[0]:
        return ""
    return f"{parts[0]}.{name}" if name else parts[0]


class Names:
    """What each name of a file is bound to, wherever in the file that happens.

    What a lambda and a comprehension bind is known to them alone, and left out.

    Args:
        tree: the file.
        package: what relative imports start from.
        lines: those of interest, as all are where a name is bound in an expression.
    """

    def __init__(self, tree: ast.Module, package: str, lines: Lines) -> None:
        self._bound: dict[str, list[Any]] = {}
        self._package = package
        self._counted: set[int] = set()
        self.has_star = False  # whether names may come from a star import
        self.are_constant = True  # whether a name that is assigned once keeps its value
        for node in _binding(tree, lines):
            look = self._LOOKS.get(type(node))
            if look is not None:
                look(self, node)

    def _bind(self, name: str | None, to: Any) -> None:
        if name is not None:
            self._bound.setdefault(name, []).append(to)

    def _look_at_name(self, node: Any) -> None:
        if isinstance(node.ctx, ast.Load):
            self.are_constant = self.are_constant and node.id not in OPENING_NAMES
        elif id(node) not in self._counted:
            self._bind(node.id, None)

    def _look_at_assignment(self, node: Any) -> None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                self._counted.add(id(target))
                if node.value is not None:
                    self._bind(target.id, node.value)

    def _look_at_binding(self, node: Any) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        self._bind(getattr(node, "arg", name), None)

    def _look_at_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                dotted = alias.name if alias.asname else alias.name.partition(".")[0]
                self._bind(alias.asname or dotted, dotted)
            elif alias.name == "*":
                self.are_constant = False
                self.has_star = True
            else:
                source = resolve(node.module or "", node.level, self._package)
                self._bind(alias.asname or alias.name, f"{source}.{alias.name}")

    _LOOKS: dict[type[ast.AST], Any] = {  # noqa: RUF012 (typing is not imported)
        ast.Name: _look_at_name,
        ast.Import: _look_at_import,
        ast.ImportFrom: _look_at_import,
        ast.Assign: _look_at_assignment,
        ast.AnnAssign: _look_at_assignment,
        ast.NamedExpr: _look_at_assignment,
        ast.arg: _look_at_binding,
        ast.FunctionDef: _look_at_binding,
        ast.AsyncFunctionDef: _look_at_binding,
        ast.ClassDef: _look_at_binding,
    }
    _LOOKS.update(dict.fromkeys(CAPTURES, _look_at_binding))

    def dotted(self, node: ast.AST, depth: int = 0) -> frozenset[str]:
        """The imported things that an expression can only be; empty where it can be another."""
        rest = ""
        while isinstance(node, ast.Attribute):
            rest = f".{node.attr}{rest}"
            node = node.value
        if not isinstance(node, ast.Name) or depth > 8:
            return frozenset()
        if node.id not in self._bound:
            known = hasattr(builtins, node.id)
            return frozenset([f"builtins.{node.id}{rest}"] if known else [])
        found: set[str] = set()
        for to in self._bound[node.id]:
            options = [to] if isinstance(to, str) else self.dotted(to, depth + 1) if to else ()
            if not options:
                return frozenset()
            found.update(option + rest for option in options)
        return frozenset(found)

    def is_for_typing(self, node: ast.Name | ast.Attribute) -> bool:
        """Whether it is ``typing.TYPE_CHECKING`` or what stands for it."""
        if isinstance(node, ast.Attribute):
            return node.attr == "TYPE_CHECKING"
        bound = self._bound.get(node.id)
        if not bound:
            return node.id == "TYPE_CHECKING"
        named = node.id in ("TYPE_CHECKING", "MYPY")
        return all(
            to.endswith(".TYPE_CHECKING")
            if isinstance(to, str)
            else named and isinstance(to, ast.Constant) and not to.value
            for to in bound
        )

    def is_bound(self, name: str) -> bool:
        """Whether the file binds the name."""
        return name in self._bound

    def assigned(self, name: str) -> ast.expr | None:
        """The expression that is assigned to the name, where that is all that ever binds it."""
        bound = self._bound.get(name, ())
        only = bound[0] if len(bound) == 1 and self.are_constant else None
        return only if isinstance(only, ast.expr) else None


def _binding(tree: ast.Module, lines: Lines) -> Iterator[ast.AST]:
    """The nodes that may bind names, or open a namespace to those who do."""
    todo: list[Any] = [tree]
    while todo:
        node = todo.pop()
        yield node
        kind = type(node)
        if kind not in _FIELDS:
            fields = ("value",) if kind is ast.Starred else _BINDING.intersection(kind._fields)
            has_expressions = issubclass(kind, ast.stmt) and "names" not in kind._fields
            _FIELDS[kind] = tuple(fields), has_expressions, "guard" in kind._fields
        fields, has_expressions, has_guard = _FIELDS[kind]
        for field in fields:
            part = getattr(node, field)
            if type(part) is list:
                todo += part
            elif isinstance(part, ast.AST):
                todo.append(part)
        if has_guard or (has_expressions and lines.between(first_line(node), last_line(node))):
            yield from _in_expressions(node)


def _in_expressions(node: Any) -> Iterator[ast.AST]:
    """The names that are read, and the assignments, in the expressions of a statement or a case."""
    todo = [part for field, part in node.__dict__.items() if field not in BLOCKS]
    while todo:
        part = todo.pop()
        if type(part) is list:
            todo += part
        elif isinstance(part, ast.AST):
            is_read = isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
            if is_read or isinstance(part, ast.NamedExpr):
                yield part
            todo += part.__dict__.values()
