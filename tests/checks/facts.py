"""Facts made by hand."""

from __future__ import annotations

from typing import Any

from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import (
    ImportEdge,
    Observation,
    Outcome,
    OutcomeKind,
    Place,
    Target,
    TargetKind,
)


def service(**keys: Any) -> Service:
    """A service called api."""
    return Service(name="api", **keys)


def edge(importer: str, imported: str, *names: str, line: int = 1, **more: Any) -> ImportEdge:
    """``from imported import names`` in the module `importer`."""
    place = Place(f"/r/{importer.replace('.', '/')}.py", line)
    return ImportEdge(importer=importer, place=place, imported=imported, names=names, **more)


def loaded(module: str, *edges: ImportEdge) -> Observation:
    """A module that imported."""
    return failed(module, Outcome(kind=OutcomeKind.LOADED), *edges)


def failed(module: str, outcome: Outcome, *edges: ImportEdge) -> Observation:
    """A module with any outcome."""
    return Observation(
        target=Target("api", TargetKind.MODULE, module), outcome=outcome, edges=edges
    )
