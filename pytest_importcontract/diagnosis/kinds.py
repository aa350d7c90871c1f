"""How an import is reached, in words."""

from __future__ import annotations

from pytest_importcontract.observe.facts import Condition, ImportEdge, ImportKind


def kind_in_words(edge: ImportEdge) -> str:
    """When the import runs, as in ``deferred`` or ``by name in INSTALLED_APPS``."""
    return f"by name in {edge.by_name}" if edge.kind is ImportKind.BY_NAME else str(edge.kind)


def how_reached(edge: ImportEdge) -> str:
    """When the import runs, where it stands and what becomes of its failure.

    Empty for a statement that runs with its module and whose failure goes on.
    """
    words = [] if edge.kind is ImportKind.EAGER else [kind_in_words(edge)]
    if edge.kind is ImportKind.DEFERRED and edge.scope:
        words = [f"deferred in {edge.scope}"]
    elif edge.condition is Condition.MAIN:
        words = ['if __name__ == "__main__"']
    if edge.by_name and edge.kind is not ImportKind.BY_NAME:
        words.append(f"by {edge.by_name}")
    if edge.guard.catches:
        words.append("guarded")
    return ", ".join(words)
