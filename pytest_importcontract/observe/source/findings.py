"""What is found in a file."""

from __future__ import annotations

import ast

from .syntax import CAPTURES, last_word, listed_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .conditions import Conditions
    from .guards import Guards
    from .where import Where


class Findings:
    """Collects imports, names and strings; what never runs is no name of the module."""

    def __init__(self, conditions: Conditions, guards: Guards) -> None:
        self._conditions = conditions
        self._guards = guards
        self.rows: list[tuple[tuple[int, int, int], dict[str, Any]]] = []
        self.unknown: list[dict[str, Any]] = []
        self.bound: dict[tuple[str, str], int] = {}
        self.open = False
        self.exports: list[str] | None = None
        self.exports_are_all = True
        self.strings: list[list[Any]] = []
        self.sought: list[list[Any]] = []

    def told(self) -> dict[str, Any]:
        """All of it in order, as `read_source` describes it."""
        by_place = [row for _, row in sorted(self.rows, key=lambda pair: pair[0])]
        by_line = sorted((line, name, how) for (name, how), line in self.bound.items())
        return {
            "imports": by_place,
            "unknown": sorted(self.unknown, key=lambda row: row["line"]),
            "bound": [[name, line, how] for line, name, how in by_line],
            "open": self.open or any(name == "__getattr__" for _, name, _ in by_line),
            "exports": None if self.exports is None else [self.exports, self.exports_are_all],
            "strings": sorted(self.strings, key=lambda row: (row[1], row[0])),
            "sought": sorted(self.sought, key=lambda row: (row[1], row[0])),
        }

    def add(
        self,
        node: Any,
        imported: str,
        names: Sequence[str],
        where: Where,
        by_name: str = "",
        error: str = "",
        *,
        lazy: bool = False,
    ) -> None:
        """Note an import; for the parameters see `read_source`."""
        kind, condition = self._conditions.when(where, lazy=lazy)
        row = {
            "imported": imported,
            "names": list(names),
            "line": node.lineno,
            "kind": kind,
            "guard": self._guards.guard(where.tries),
            "condition": condition,
            "scope": where.scope,
            "by_name": by_name,
            "error": error,
        }
        self.rows.append(((node.lineno, node.col_offset, len(self.rows)), row))

    def bind(self, name: str, line: int, how: str, where: Where) -> None:
        """Note a name that is bound where the module's names are."""
        in_module = where.at == "module" or name in where.world
        if in_module and (name, how) not in self.bound and self.may_run(where):
            self.bound[name, how] = line

    def may_run(self, where: Where) -> bool:
        """Whether the service could run what stands there."""
        return self._conditions.when(where)[0] not in ("never", "typing")

    def bind_targets(self, node: Any, where: Where) -> None:
        """The names that a statement binds, save for definitions and imports."""
        if isinstance(node, ast.Delete):
            self._unbind(node, where)
        for case in getattr(node, "cases", ()):
            for name in _captured(case.pattern):
                self.bind(name, node.lineno, "value", where)
        targets = _targets(node)
        while targets:
            target = targets.pop()
            if isinstance(target, (ast.Tuple, ast.List)):
                targets.extend(target.elts)
            elif isinstance(target, ast.Starred):
                targets.append(target.value)
            elif isinstance(target, ast.Name):
                self.bind(target.id, target.lineno, "value", where)
                if target.id == "__all__" and where.at == "module":
                    self._export(node, where)
        if isinstance(node, ast.Expr) and where.at == "module":
            self._export(node, where)

    def _unbind(self, node: ast.Delete, where: Where) -> None:
        if where.at == "module" and self._conditions.when(where)[0] == "eager" and not where.tries:
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            for key in [key for key in self.bound if key[0] in names]:
                del self.bound[key]

    def _export(self, node: Any, where: Where) -> None:
        """What a statement does to ``__all__``."""
        fresh = isinstance(node, (ast.Assign, ast.AnnAssign))
        value = node.value
        if isinstance(node, ast.Expr):
            method = value.func if isinstance(value, ast.Call) else None
            if not isinstance(method, ast.Attribute) or last_word(method.value) != "__all__":
                return
            argument = value.args[0] if len(value.args) == 1 else None
            value = argument if method.attr == "extend" else None
            if method.attr == "append" and argument is not None:
                value = ast.List(elts=[argument], ctx=ast.Load())
        if not self.may_run(where):
            return
        names, whole = listed_texts(value)
        certain = self._conditions.when(where)[0] == "eager"
        before = [] if fresh and certain else self.exports or []
        self.exports = [*before, *names]
        self.exports_are_all = whole and certain and (fresh or self.exports_are_all)


def _targets(node: ast.AST) -> list[Any]:
    """What a statement assigns to."""
    if isinstance(node, ast.Assign):
        return list(node.targets)
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        return [node.target] if node.value is not None else []
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return [node.target]
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return [item.optional_vars for item in node.items if item.optional_vars]
    return [getattr(node, "name")] if type(node).__name__ == "TypeAlias" else []  # noqa: B009


def _captured(pattern: ast.AST) -> Iterator[str]:
    """The names that a pattern of a match statement binds."""
    for part in ast.walk(pattern):
        name = getattr(part, "name", None) or getattr(part, "rest", None)
        if name and isinstance(part, CAPTURES):
            yield name
