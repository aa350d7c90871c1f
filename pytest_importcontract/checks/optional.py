"""Distributions that a service's code can do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from pytest_importcontract.contract.model import is_within
from pytest_importcontract.observe.facts import (
    Condition,
    Facts,
    Failure,
    Guard,
    ImportEdge,
    ImportKind,
    Observer,
    Origin,
    Outcome,
    Place,
)


class How(StrEnum):
    """How code shows that it can do without a module, the best witness first."""

    CAUGHT = "does without {}"
    SOUGHT = "asks whether there is {}"
    NOT_TAKEN = "imports {} in a branch that startup did not take"
    REPLACED = "has words of its own for want of {}"


class Spare(NamedTuple):
    """A module that need not be there, and the line that shows it."""

    name: str
    how: How
    place: Place

    @property
    def words(self) -> str:
        """What the line shows, and where it is."""
        return f"{self.place.file}:{self.place.line} {self.how.format(self.name)}"


def spare(facts: Facts, outcome: Outcome, edges: Iterable[ImportEdge]) -> Spare | None:
    """What a failed import lacks that the service's code can do without; None for nothing.

    Code that an entrypoint reaches can do without a top-level module where it catches the failure
    of importing it, or raises an exception of its own instead, where it asks whether the module is
    there, and where it imports it in a branch that startup did not take. What the repository has
    itself is never meant: nobody forgets by intent to ship that.

    Args:
        facts: with what the source says.
        outcome: how the import ended.
        edges: the imports that were made on the way.
    """
    found = [each for name in _lacking(facts, outcome, edges) for each in _shown(facts, name)]
    return min(found, key=lambda each: (tuple(How).index(each.how), each.place), default=None)


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


def _shown(facts: Facts, name: str) -> Iterator[Spare]:
    """Each line of code that is reached which shows that the module `name` may be missing."""
    for edge in facts.edges:
        how = _how(edge, name)
        if how is not None and _is_reached(facts, edge.importer):
            yield Spare(name, how, edge.place)
    for module in facts.source.modules.values() if facts.source else ():
        for sought, place in module.sought:
            if sought == name and _is_reached(facts, module.module):
                yield Spare(name, How.SOUGHT, place)


def _is_reached(facts: Facts, module: str) -> bool:
    routes = facts.routes
    return routes is None or not routes.starts or routes.reach(module)


def _how(edge: ImportEdge, name: str) -> How | None:
    """How an import shows that the module `name` may be missing; None where it does not."""
    if edge.kind in (ImportKind.TYPING, ImportKind.NEVER):
        return None
    if edge.guard is Guard.REPLACED:
        return How.REPLACED if edge.imported.partition(".")[0] == name else None
    seen = edge.error == f"ModuleNotFoundError: No module named '{name}'"
    if edge.guard.catches:
        return How.CAUGHT if seen or is_within(name, edge.imported) else None
    decides = edge.kind is ImportKind.CONDITIONAL and edge.condition is Condition.UNKNOWN
    not_taken = decides and edge.observer is Observer.SOURCE and is_within(name, edge.imported)
    return How.NOT_TAKEN if not_taken else None
