"""Imports in statements, and when they run."""

from __future__ import annotations

import ast

from .names import resolve
from .syntax import LOOPS, TRIES, first_line, last_word, may_jump
from .where import TOP, perhaps, under, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .expressions import Expressions
    from .findings import Findings
    from .flow import Flow
    from .lines import Lines
    from .where import Where


# What catches, in a with statement, the exceptions that it is called with.
_SUPPRESSING = frozenset({"suppress", "raises", "assertRaises"})


class Statements:
    """Walks a file's statements once.

    Args:
        findings: what is found goes there.
        expressions: reads what is inside statements.
        flow: tells what ends.
        lines: those of interest.
        package: what relative imports start from.
    """

    def __init__(
        self,
        findings: Findings,
        expressions: Expressions,
        flow: Flow,
        lines: Lines,
        package: str,
    ) -> None:
        self._findings = findings
        self._expressions = expressions
        self._flow = flow
        self._lines = lines
        self._package = package
        self._todo: list[tuple[Sequence[Any], Where]] = []

    def read(self, body: Sequence[ast.stmt]) -> None:
        """Add what a module's body holds to the findings."""
        self._put_off(body, TOP)
        while self._todo:
            body, where = self._todo.pop()
            for statement in body:
                where = self._statement(statement, where)

    def _statement(self, node: Any, where: Where) -> Where:
        """Read one statement, put off those inside it; where the next one stands."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, where)
            return where
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._definition(node, where)
            return where
        if isinstance(node, ast.Global):
            return where._replace(world=where.world.union(node.names))
        if where.at == "module" or where.world:
            self._findings.bind_targets(node, where)
        self._expressions.look(node, where)
        if isinstance(node, ast.If):
            return self._if(node, where)
        if isinstance(node, LOOPS):
            self._loop(node, where)
        elif isinstance(node, TRIES):
            self._try(node, where)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            managers = [item.context_expr for item in node.items]
            calls = [manager for manager in managers if isinstance(manager, ast.Call)]
            suppressing = tuple(call for call in calls if last_word(call) in _SUPPRESSING)
            self._put_off(node.body, where._replace(tries=where.tries + suppressing))
        elif hasattr(node, "cases"):
            for case in node.cases:
                self._put_off(case.body, perhaps(where))
        if where.loop and may_jump(node):
            where = perhaps(where)
        return where._replace(dead=True) if self._flow.ends(node) else where

    def _put_off(self, body: Sequence[Any], where: Where) -> None:
        if body:
            self._todo.append((body, where))

    def _definition(self, node: Any, where: Where) -> None:
        is_class = isinstance(node, ast.ClassDef)
        self._findings.bind(node.name, node.lineno, "class" if is_class else "function", where)
        first = first_line(node)
        if not self._lines.between(first, node.end_lineno):
            return
        self._expressions.look(node, where, first)
        at = "class" if is_class else "function"
        self._put_off(node.body, within(where, node.name, at=at))

    def _if(self, node: ast.If, where: Where) -> Where:
        """An ``if`` with all its ``elif``; where what follows it stands."""
        first, after, branch = node, where, where
        while True:
            self._put_off(node.body, under(branch, node.test, wanted=True))
            if where.loop and any(map(may_jump, node.body)):
                after = perhaps(after)
            elif self._flow.end(node.body):
                after = under(after, node.test, wanted=False, ends=True)
            branch = under(branch, node.test, wanted=False)
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]
            self._findings.bind_targets(node, branch)
            self._expressions.look(node, branch)
        self._put_off(node.orelse, branch)
        if where.loop and any(map(may_jump, node.orelse)):
            after = perhaps(after)
        elif node is first and self._flow.end(node.orelse):
            after = under(after, node.test, wanted=True, ends=True)
        return after._replace(dead=True) if self._flow.ends(first) else after

    def _loop(self, node: Any, where: Where) -> None:
        if isinstance(node, ast.While):
            runs = under(where, node.test, wanted=True)
        else:
            listed = isinstance(node.iter, (ast.Tuple, ast.List, ast.Set)) and node.iter.elts
            starred = listed and all(isinstance(part, ast.Starred) for part in listed)
            runs = where if listed and not starred else perhaps(where)
        self._put_off(node.body, runs._replace(loop=True))
        jumps = any(map(may_jump, node.body))
        self._put_off(node.orelse, perhaps(where) if jumps else where)

    def _try(self, node: Any, where: Where) -> None:
        self._put_off(node.body, where._replace(tries=(*where.tries, node)))
        for handler in node.handlers:
            self._put_off(handler.body, perhaps(where))
        goes_on = not all(self._flow.end(handler.body) for handler in node.handlers)
        self._put_off(node.orelse, perhaps(where) if goes_on else where)
        self._put_off(node.finalbody, where)

    def _import(self, node: Any, where: Where) -> None:
        lazy = bool(getattr(node, "is_lazy", 0))  # PEP 810
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._findings.add(node, alias.name, (), where, lazy=lazy)
                name = alias.asname or alias.name.partition(".")[0]
                self._findings.bind(name, node.lineno, "import", where)
            return
        error, imported = "", resolve(node.module or "", node.level, self._package)
        if not imported:
            imported = "." * node.level + (node.module or "")
            known = "beyond top-level package" if self._package else "with no known parent package"
            error = f"ImportError: attempted relative import {known}"
        names = tuple(alias.name for alias in node.names)
        self._findings.add(node, imported, names, where, error=error, lazy=lazy)
        for alias in node.names:
            if alias.name != "*":
                self._findings.bind(alias.asname or alias.name, node.lineno, "import", where)
