"""Which shipped modules the entrypoints of a service can reach, now or later."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.facts import ImportEdge, ImportKind, Observation
from pytest_importcontract.observe.reading import origin_of
from pytest_importcontract.shipment.shipment import Shipment


def reachable(shipment: Shipment, started: Iterable[Observation]) -> frozenset[str]:
    """First-party modules that an entrypoint loaded, or could load by any import in its source.

    Imports inside functions, on conditions and by name count; those for type checkers do not.

    Args:
        shipment: the service.
        started: what was observed of its entrypoints.
    """
    shipped = shipment.catalog.shipped
    found = analyse(
        shipped.values(),
        shipment.interpreter,
        lambda module: origin_of(shipment, module),
        known=shipped,
    )
    first = {entrypoint.module for entrypoint in shipment.service.entrypoints}
    first |= {name for observation in started for name in observation.loaded}
    scripts = {_file(shipment, process.script) for process in shipment.processes.values()}
    first |= {name for name, module in shipped.items() if module.path in scripts}
    return closure(found.edges, first & shipped.keys())


def _file(shipment: Shipment, script: Path | None) -> Path | None:
    return None if script is None else Path(shipment.to_repository(str(script)))


def closure(edges: Iterable[ImportEdge], first: Set[str]) -> frozenset[str]:
    """The modules `first` and all that they lead to; a module runs the packages around it."""
    leads: Mapping[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.kind not in (ImportKind.TYPING, ImportKind.NEVER):
            leads[edge.importer].update(edge.reached, (edge.imported,))
    seen: set[str] = set()
    pending = deque(first)
    while pending:
        for name in _with_packages(pending.popleft()):
            if name not in seen:
                seen.add(name)
                pending.extend(leads.get(name, ()))
    return frozenset(seen)


def _with_packages(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
