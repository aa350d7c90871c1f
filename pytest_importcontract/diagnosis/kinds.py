"""How an import is reached, in words."""

from __future__ import annotations

from pytest_importcontract.observe.facts import Condition, Guard, ImportEdge, ImportKind

_STRING = "a string"


def how_reached(edge: ImportEdge) -> str:
    """When the import runs and what becomes of its failure; empty for an eager statement."""
    inside = f" in {edge.scope}" if edge.scope else ""
    words = []
    match edge.kind:
        case ImportKind.DEFERRED:
            words.append(f"deferred{inside}")
        case ImportKind.CONDITIONAL if edge.condition is Condition.MAIN:
            words.append('under __name__ == "__main__"')
        case ImportKind.CONDITIONAL:
            words.append("under a condition")
        case ImportKind.TYPING:
            words.append("for type checkers")
        case ImportKind.NEVER:
            words.append("never runs here")
        case ImportKind.BY_NAME:
            words.append(edge.by_name if edge.by_name == _STRING else f"in {edge.by_name}")
    if edge.by_name and edge.kind is not ImportKind.BY_NAME:
        words.append(f"by {edge.by_name}")
    if edge.guard is not Guard.NONE:
        words.append("guarded")
    return ", ".join(words)
