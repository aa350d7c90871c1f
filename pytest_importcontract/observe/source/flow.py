"""Which statements nothing follows."""

from __future__ import annotations

import ast

from .syntax import TRIES, last_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .conditions import Conditions


_LEAVING = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort"})
_WORDS = frozenset(name.rpartition(".")[2] for name in _LEAVING)


class Flow:
    """Tells where what runs comes to an end."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions

    def ends(self, node: Any) -> bool:
        """Whether nothing after the statement runs."""
        if isinstance(node, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
            return True
        if isinstance(node, ast.Expr):
            return self.leaves(node.value)
        if isinstance(node, ast.Assert):
            constant = isinstance(node.test, (ast.Constant, ast.Compare, ast.Call, ast.UnaryOp))
            return constant and self._conditions.is_false(node.test)
        if isinstance(node, TRIES):
            handled = all(self.end(handler.body) for handler in node.handlers)
            return self.end(node.finalbody) or (
                handled and (self.end(node.body) or self.end(node.orelse))
            )
        while isinstance(node, ast.If):
            if not self.end(node.body):
                return False
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                return self.end(node.orelse)
            node = node.orelse[0]
        return False

    def end(self, body: Iterable[Any]) -> bool:
        """Whether nothing after the statements runs."""
        return any(map(self.ends, body))

    def leaves(self, node: ast.AST) -> bool:
        """Whether an expression ends the process."""
        if not isinstance(node, ast.Call) or last_word(node) not in _WORDS:
            return False
        names = self._conditions.names
        called = names.dotted(node.func)
        is_name = isinstance(node.func, ast.Name) and names.has_star
        return bool(called) and called <= _LEAVING and not is_name
