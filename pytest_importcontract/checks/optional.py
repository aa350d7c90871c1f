"""Distributions that a service's code can do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_importcontract.contract.model import is_within
from pytest_importcontract.observe.facts import (
    Facts,
    Failure,
    Guard,
    ImportEdge,
    ImportKind,
    Origin,
    Outcome,
)


class Spare(NamedTuple):
    """A module that need not be there, and the import that shows it."""

    name: str
    edge: ImportEdge

    @property
    def words(self) -> str:
        """What the import shows, and where it is."""
        at = f"{self.edge.place.file}:{self.edge.place.line}"
        if self.edge.guard is Guard.REPLACED:
            return f"{at} has words of its own for when {self.name} is missing"
        return f"{at} does without {self.name}"


def spare(facts: Facts, outcome: Outcome, edges: Iterable[ImportEdge]) -> Spare | None:
    """What a failed import lacks that the service's code can do without; None for nothing.

    Code that an entrypoint reaches can do without a top-level module where it catches the failure
    of importing it, or raises an exception of its own that tells what to install. What the
    repository has itself is never meant: nobody forgets by intent to ship that.

    Args:
        facts: with what the source says.
        outcome: how the import ended.
        edges: the imports that were made on the way.
    """
    lacking = tuple(_lacking(facts, outcome, edges))
    found = [
        Spare(name, edge)
        for name in lacking
        for edge in facts.edges
        if _does_without(facts, edge, name)
    ]
    return min(found, key=lambda s: (s.edge.guard is Guard.REPLACED, s.edge.place), default=None)


def _lacking(facts: Facts, outcome: Outcome, edges: Iterable[ImportEdge]) -> Iterator[str]:
    """The top-level module of a distribution that first-party code asked for in vain."""
    failure = outcome.failure
    if failure is None:
        return
    failed = [edge for edge in edges if edge.error and edge.origin is Origin.THIRD_PARTY]
    missing = [link for link in failure.links if link.is_a("ModuleNotFoundError") and link.name]
    if missing:
        name = missing[-1].name
        if any(edge.imported.partition(".")[0] == name for edge in failed):
            yield name
        return
    # ``raise … from None`` shows nothing of what went before.
    for edge in failed:
        if _raised_in(failure) == edge.place.file and _is_replaced(facts, edge):
            yield edge.imported.partition(".")[0]


def _raised_in(failure: Failure) -> str:
    frames = failure.links[-1].frames
    return frames[-1].place.file if frames else ""


def _is_replaced(facts: Facts, edge: ImportEdge) -> bool:
    return any(
        each.place == edge.place and each.guard is Guard.REPLACED and each.imported == edge.imported
        for each in facts.edges
    )


def _does_without(facts: Facts, edge: ImportEdge, name: str) -> bool:
    """Whether an import is made so that it may fail for want of the module `name`."""
    if edge.guard is Guard.NONE or edge.kind in (ImportKind.TYPING, ImportKind.NEVER):
        return False
    routes = facts.routes
    if routes is not None and routes.starts and not routes.reach(edge.importer):
        return False
    if edge.guard is Guard.REPLACED:
        return edge.imported.partition(".")[0] == name
    seen = edge.error == f"ModuleNotFoundError: No module named '{name}'"
    return seen or is_within(name, edge.imported)
