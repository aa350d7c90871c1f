"""What kinds of node there are, and what can be said of one without looking around."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

LOOPS = (ast.For, ast.AsyncFor, ast.While)
CAPTURES = tuple(
    getattr(ast, name)
    for name in ("ExceptHandler", "MatchAs", "MatchStar", "MatchMapping")
    if hasattr(ast, name)
)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
TRIES = tuple(getattr(ast, name) for name in ("Try", "TryStar") if hasattr(ast, name))
BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


def last_word(node: Any, before: int = 0) -> str:
    """The last word of a dotted name or of what is called by one, or one `before` that."""
    if isinstance(node, ast.Call):
        node = node.func
    while before and isinstance(node, ast.Attribute):
        node, before = node.value, before - 1
    if before:
        return ""
    word = getattr(node, "id", None) or getattr(node, "attr", None)
    return word if isinstance(word, str) else ""


def constant_text(node: ast.AST | None) -> str | None:
    """A literal's string; None for anything else."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None  # type: ignore[union-attr]


def listed_texts(node: Any) -> tuple[list[str], bool]:
    """The strings of a list, and whether they are all that is in it."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        found = map(constant_text, node.elts)
        texts = [text for text in found if text is not None]
        return texts, len(texts) == len(node.elts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = listed_texts(node.left), listed_texts(node.right)
        return left[0] + right[0], left[1] and right[1]
    return [], False


def statements_inside(body: Iterable[Any], leave_out: tuple[Any, ...]) -> Iterator[Any]:
    """The statements of a body and of those inside it, not those inside what is left out."""
    todo = list(body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field in BLOCKS:
                if field == "orelse" or not isinstance(node, leave_out):
                    todo.extend(getattr(node, field, ()))


def may_jump(node: Any) -> bool:
    """Whether a statement may end a round of the loop that it stands in."""
    return any(
        isinstance(part, (ast.Continue, ast.Break)) for part in statements_inside([node], LOOPS)
    )


def returns(body: Iterable[Any]) -> bool:
    """Whether a ``return`` stands anywhere in a body."""
    return any(isinstance(part, ast.Return) for part in statements_inside(body, ()))


def first_line(statement: Any) -> int:
    """Where a statement begins, the decorators of a definition included."""
    first: int = statement.lineno
    for decorator in getattr(statement, "decorator_list", ()):
        first = min(first, decorator.lineno)
    return first


def last_line(statement: Any) -> int | None:
    """Where a statement ends, or where the first statement inside it begins."""
    body = getattr(statement, "body", None)
    last: int | None = body[0].lineno if body else statement.end_lineno
    return last


def children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes right below a node."""
    for part in node.__dict__.values():
        if type(part) is list:
            yield from (child for child in part if isinstance(child, ast.AST))
        elif isinstance(part, ast.AST):
            yield part


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, each before what is below it."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        for part in node.__dict__.values():
            if type(part) is list:
                todo.extend(child for child in part if isinstance(child, ast.AST))
            elif isinstance(part, ast.AST):
                todo.append(part)
