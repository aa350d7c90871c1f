"""How the entrypoints of a service reach its modules."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pytest_importcontract.observe.facts import Condition, ImportEdge, ImportKind, Observer

# What Django imports for certain, though perhaps not before it serves.
_IMPORTED_LATER = frozenset({"ROOT_URLCONF", "include()"})

_NEVER = frozenset({ImportKind.TYPING, ImportKind.NEVER})
_FAR = 1 << 20  # hops: more than any way has


@dataclass(frozen=True, kw_only=True, slots=True)
class Routes:
    """Which modules are reached, each by its shortest way.

    A way that startup takes is shorter than any that goes by an import which startup does not run
    by itself: deferred, conditional or by name. Among equals the fewest hops decide.

    Attributes:
        starts: the modules that entrypoints start with, each with the entrypoint's text.
        last: the last import on the way to each other module.
    """

    starts: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, ImportEdge] = field(default_factory=dict)

    def reach(self, module: str) -> bool:
        """Whether an entrypoint loads the module, or could load it by any import of its code."""
        return module in self.starts or module in self.last

    def is_program(self, module: str) -> bool:
        """Whether an entrypoint runs the module itself, and none imports it for an attribute."""
        return ":" not in self.starts.get(module, ":")

    @property
    def reached(self) -> frozenset[str]:
        """Every module that they reach."""
        return frozenset(self.starts) | frozenset(self.last)

    def way_to(self, module: str) -> tuple[ImportEdge, ...]:
        """The imports from an entrypoint to the module; none for one that it starts with."""
        way: list[ImportEdge] = []
        while module not in self.starts and module in self.last and len(way) < len(self.last):
            edge = self.last[module]
            way.append(edge)
            module = edge.importer
        return tuple(reversed(way))

    def entrypoint_of(self, module: str) -> str:
        """The entrypoint where the way to the module starts; empty where none reaches it.

        What only code of distributions was seen to import counts for the first entrypoint.
        """
        way = self.way_to(module)
        first = way[0].importer if way else module
        if first in self.starts:
            return self.starts[first]
        return next(iter(self.starts.values()), "") if way else ""


def routes(edges: Iterable[ImportEdge], starts: Mapping[str, str]) -> Routes:
    """The shortest ways from `starts` by imports; a module runs the packages around it.

    Args:
        edges: of both observers, merged; those for type checkers and those that never run lead
            nowhere, nor do those of a module that runs as a program, where none does, nor a string,
            unless something was seen to import what it names or is known to do so later.
        starts: the modules that entrypoints start with, each with the entrypoint's text.
    """
    program = Routes(starts=starts).is_program
    leads: dict[str, list[ImportEdge]] = defaultdict(list)
    first = {package: text for name, text in starts.items() for package in _with_packages(name)}
    numbers = itertools.count()  # of equal ways the one that was met first
    pending: list[tuple[int, int, int, str, ImportEdge | None]] = [
        (0, 0, next(numbers), name, None) for name in first
    ]
    for edge in sorted(edges, key=lambda e: (e.place, e.imported, e.names)):
        if edge.kind in _NEVER or _is_mere_string(edge) or _is_for_another(edge, program):
            continue
        leads[edge.importer].append(edge)
        if not edge.importer_is_first_party:  # a loader of a distribution's: nobody knows whose
            pending += ((1, _FAR, next(numbers), name, edge) for name in _reached(edge))
    heapq.heapify(pending)
    last: dict[str, ImportEdge] = {}
    done: set[str] = set()
    while pending:
        later, hops, _, name, by = heapq.heappop(pending)
        if name in done:
            continue
        done.add(name)
        if by is not None:
            last[name] = by
        for edge in leads.get(name, ()):
            cost = later + (edge.kind is not ImportKind.EAGER)
            for below in _reached(edge):
                if below not in done:
                    heapq.heappush(pending, (cost, hops + 1, next(numbers), below, edge))
    return Routes(starts=first, last=last)


def _is_for_another(edge: ImportEdge, is_program: Callable[[str], bool]) -> bool:
    """Whether it runs only where its module is started as a program, and no entrypoint does so."""
    return edge.condition is Condition.MAIN and not is_program(edge.importer)


def _is_mere_string(edge: ImportEdge) -> bool:
    seen = edge.observer is not Observer.SOURCE or edge.by_name in _IMPORTED_LATER
    return edge.kind is ImportKind.BY_NAME and not seen


def _reached(edge: ImportEdge) -> Iterator[str]:
    for module in (*edge.reached, edge.imported):
        yield from _with_packages(module)


def _with_packages(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
