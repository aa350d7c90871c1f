"""Observed starts into timetables."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.timetable import Row, Timetable
from pytest_importcontract.observe.facts import Load, Observation, Target, TargetKind


def timetables(observations: Iterable[Observation]) -> tuple[Timetable, ...]:
    """The quickest start of each entrypoint, beside that of the bare interpreter.

    Args:
        observations: starts of entrypoints and of the bare interpreter, as many of each.
    """
    starts: dict[Target, list[Observation]] = {}
    for seen in observations:
        starts.setdefault(seen.target.base, []).append(seen)
    best = {target: min(of, key=lambda each: each.seconds) for target, of in starts.items()}
    bare = next(seen for target, seen in best.items() if target.kind is TargetKind.BARE)
    return tuple(
        _timetable(seen, bare, len(starts[target]))
        for target, seen in best.items()
        if target.kind is TargetKind.ENTRYPOINT
    )


def _timetable(seen: Observation, bare: Observation, starts: int) -> Timetable:
    cost = seen.cost
    return Timetable(
        entrypoint=seen.target.text,
        ended=seen.outcome.said,
        fails=not seen.outcome.ok,
        starts=starts,
        seconds=seen.seconds,
        bare_seconds=bare.seconds,
        modules=cost.modules if cost else None,
        memory=cost.memory if cost else 0,
        bare_memory=bare.cost.memory if bare.cost else 0,
        rows=tuple(map(_row, cost.loads)) if cost else (),
    )


def _row(load: Load) -> Row:
    own, place = load.importer_is_first_party, load.place
    return Row(
        module=load.module,
        within=load.within,
        importer=load.importer,
        hop=Hop(file=place.file, line=place.line, text="", foreign=not own),
        seconds=load.seconds,
        own_seconds=load.own_seconds,
        modules=load.modules,
    )
