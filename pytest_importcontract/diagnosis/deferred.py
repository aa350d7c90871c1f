"""What to tell of an import that fails when its time comes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.diagnosis.missing_symbol import is_missing_symbol, parts
from pytest_importcontract.diagnosis.model import Diagnosis, Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.ways import begun, lines, way_to
from pytest_importcontract.observe.facts import ImportEdge

_MOST_CHAINS = 4  # beside the first, of one cause
_MOST_OTHERS = 10  # lines that have the same import


def diagnoses(
    scene: Scene, violation: Violation, failed: Iterable[Diagnosis]
) -> tuple[Diagnosis, ...]:
    """The failures of an import, told from the entrypoint on.

    Args:
        scene: where it is.
        violation: what does not resolve, with the lines that have it, the one that was tried first.
        failed: what is to be said of the attempt.
    """
    first, *others = violation.edges
    before = way_to(scene, first.importer, violation.routes) if violation.routes else []
    likewise = _likewise(scene, others)
    return tuple(
        dataclasses.replace(
            diagnosis,
            headline=f"{scene.service.name} cannot import {_what(violation)} after startup",
            hops=(*before, *_attempt(scene, first, diagnosis.hops), *likewise),
        )
        for diagnosis in failed
    )


def _what(violation: Violation) -> str:
    """What cannot be had: the module, or the names that it lacks though it imports."""
    imported = violation.edges[0].imported
    outcome = violation.observation.outcome if violation.observation else None
    link = outcome.failure.outermost if outcome and outcome.failure else None
    if link is None or not is_missing_symbol(link):
        return imported
    module, name = parts(link)
    return f"{name} from {module}" if module == imported else imported


def folded(diagnoses: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """One for each cause: what breaks by a cause that was told before adds its lines to that."""
    groups: dict[tuple[str, ...], list[Diagnosis]] = {}
    for diagnosis in diagnoses:
        groups.setdefault(diagnosis.cause.key, []).append(diagnosis)
    return tuple(map(_one, groups.values()))


def _one(group: Sequence[Diagnosis]) -> Diagnosis:
    first, *others = group
    if not others:
        return first
    hops = list(first.hops)
    for other in others[:_MOST_CHAINS]:
        if other.hops:
            hops += begun(other.hops)
    if len(others) > _MOST_CHAINS:
        count = len(others) - _MOST_CHAINS
        hops.append(Hop(text=f"and {count} more imports fail likewise", foreign=True, begins=True))
    more = "1 more import" if len(others) == 1 else f"{len(others)} more imports"
    return dataclasses.replace(
        first,
        headline=f"{first.headline}, and {more} fail{'s' * (len(others) == 1)}",
        hops=tuple(hops),
    )


def _attempt(scene: Scene, edge: ImportEdge, hops: Sequence[Hop]) -> tuple[Hop, ...]:
    """The lines of the attempt, of which the first says how it is reached."""
    (line,) = lines(scene, [edge])
    same = bool(hops) and (hops[0].file, hops[0].line) == (edge.place.file, edge.place.line)
    return (line, *hops[1:]) if same else (line, *hops)


def _likewise(scene: Scene, edges: Sequence[ImportEdge]) -> tuple[Hop, ...]:
    """Further lines that have the import."""
    if not edges:
        return ()
    count = len(edges)
    some = "and 1 more line has it:" if count == 1 else f"and {count} more lines have it:"
    shown = [dataclasses.replace(hop, foreign=True) for hop in lines(scene, edges[:_MOST_OTHERS])]
    if count > _MOST_OTHERS:
        shown.append(Hop(text=f"… {count - _MOST_OTHERS} more …", foreign=True))
    return (Hop(text=some, foreign=True, begins=True), *shown)
