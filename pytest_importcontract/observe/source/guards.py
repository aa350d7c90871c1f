"""Which failures of an import are caught for good."""

from __future__ import annotations

import ast
import builtins

from .syntax import last_word, may_jump, returns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .conditions import Conditions
    from .flow import Flow

_CAUGHT = "caught"


class Guards:
    """Reads exception handlers."""

    def __init__(self, conditions: Conditions, flow: Flow) -> None:
        self._conditions = conditions
        self._flow = flow
        self._handlers: dict[int, tuple[Any, ...]] = {}

    def guard(self, tries: Sequence[Any]) -> str:
        """The widest failure of an import that the handlers around it catch for good.

        ``replaced`` where that of a missing module is caught and another one raised instead.
        """
        if not tries:
            return ""
        handlers = [self._handlers_of(node) for node in tries]
        end = _end(handlers, "ModuleNotFoundError")
        if end != _CAUGHT:
            return end
        caught = _end(handlers, "ImportError") == _CAUGHT
        return "ImportError" if caught else "ModuleNotFoundError"

    def _handlers_of(self, node: Any) -> Any:
        """Pairs of the classes that are caught, None for all, and what is raised instead."""
        if id(node) not in self._handlers:
            if isinstance(node, ast.Call):
                classes = tuple(name for part in node.args for name in self._classes(part))
                found: list[tuple[Any, str]] = [(classes, "")]
            else:
                found = [
                    (self._classes(handler.type) if handler.type else None, self._fate(handler))
                    for handler in node.handlers
                ]
            self._handlers[id(node)] = tuple(found)
        return self._handlers[id(node)]

    def _classes(self, node: ast.AST, depth: int = 0) -> tuple[str, ...]:
        if isinstance(node, ast.Tuple):
            return tuple(name for part in node.elts for name in self._classes(part, depth))
        if isinstance(node, ast.Name) and not hasattr(builtins, node.id) and depth < 8:
            assigned = self._conditions.names.assigned(node.id)
            if assigned is not None:
                return self._classes(assigned, depth + 1)
        return (last_word(node),)

    def _fate(self, handler: ast.ExceptHandler) -> str:
        """What a handler raises: empty for nothing, ``same`` for what it caught."""
        if any(map(may_jump, handler.body)) or returns(handler.body):
            return ""
        for node in handler.body:
            if isinstance(node, ast.Raise):
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if raised is None or (isinstance(raised, ast.Name) and raised.id == handler.name):
                    return "same"
                return last_word(raised) or "Exception"
            if isinstance(node, ast.Expr) and self._flow.leaves(node.value):
                return "SystemExit"
            if self._flow.ends(node):
                return "same"
        return ""


def _end(tries: Sequence[Any], error: str) -> str:
    """What becomes of an error: caught, another one, or empty where it goes on as it is."""
    end = ""
    for handlers in reversed(tries):
        for classes, fate in handlers:
            if classes is None or any(_is_a(error, name) for name in classes):
                if not fate:
                    return _CAUGHT
                if fate != "same":
                    error, end = fate, "replaced"
                break
    return end


def _is_a(error: str, name: str) -> bool:
    if error == name or name == "BaseException":
        return True
    child, parent = getattr(builtins, error, None), getattr(builtins, name, None)
    if isinstance(child, type) and isinstance(parent, type):
        return issubclass(child, parent)
    return child is None and name == "Exception"
