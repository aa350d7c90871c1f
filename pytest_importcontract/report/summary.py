"""The end of a run: how many causes break how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_importcontract.diagnosis.model import Diagnosis
from pytest_importcontract.report.text import (
    LEFT,
    Line,
    Span,
    labelled,
    located,
    safe_line,
    wrapped,
)

_NO_RULES = frozenset(
    {
        *("startup", "health", "import", "required_symbol", "deferred_imports"),
        "hidden_failures",
    }
)
_LABEL = 11  # columns of "1,234 items"


def summarise(
    diagnoses: Sequence[Diagnosis],
    totals: Mapping[tuple[str, str], int],
    unreached: Mapping[str, int],
    width: int,
    base: Path,
) -> Iterator[Line]:
    """A line for each service, then its causes: those that break startup first, then the widest.

    Last comes how many modules fail that nothing reaches.

    Args:
        diagnoses: what failed, in the order of the run.
        totals: how many items of each service and kind of contract ran.
        unreached: by service, how many modules do not import that no entrypoint reaches.
        width: columns of the terminal.
        base: folder that shown paths are relative to.
    """
    for service in dict.fromkeys([*(diagnosis.service for diagnosis in diagnoses), *unreached]):
        mine = [diagnosis for diagnosis in diagnoses if diagnosis.service == service]
        if mine:
            yield from _service(mine, totals, width, base)
        if count := unreached.get(service, 0):
            modules = "module that no entrypoint reaches does"
            if count > 1:
                modules = "modules that no entrypoint reaches do"
            for part in wrapped(safe_line(f"{service}: {count:,} {modules} not import"), width):
                yield (Span(part),)


def _service(
    mine: Sequence[Diagnosis],
    totals: Mapping[tuple[str, str], int],
    width: int,
    base: Path,
) -> Iterator[Line]:
    causes: dict[tuple[str, ...], list[Diagnosis]] = {}
    for diagnosis in mine:
        causes.setdefault(diagnosis.cause.key, []).append(diagnosis)
    count = len(causes)
    breaks = "1 cause breaks" if count == 1 else f"{count} causes break"
    text = f"{mine[0].service}: {breaks} {_damage(mine, totals)}"
    for part in wrapped(safe_line(text), width):
        yield (Span(part, "headline"),)
    for group in sorted(causes.values(), key=_weight, reverse=True):
        yield from _cause(group, width, base)


def _cause(group: Sequence[Diagnosis], width: int, base: Path) -> Iterator[Line]:
    """How many items a cause breaks, what it is, and the line where it was met first."""
    label = f"{len(group)} item{'s' if len(group) > 1 else ''}"
    place = next((diagnosis.place for diagnosis in group if diagnosis.place), None)
    yield from labelled(label, (group[0].cause.text,), width, _LABEL)
    if place is not None:
        yield (Span(" " * (LEFT + _LABEL)), Span(located(place, base), "place"))


def _weight(group: Sequence[Diagnosis]) -> tuple[bool, int]:
    return any(diagnosis.check == "startup" for diagnosis in group), len(group)


def _damage(diagnoses: Sequence[Diagnosis], totals: Mapping[tuple[str, str], int]) -> str:
    service = diagnoses[0].service
    broken = Counter(check for check, _ in {(d.check, d.subject) for d in diagnoses})
    parts = []
    if broken["startup"]:
        parts.append("startup")
    if broken["health"]:
        parts.append("health")
    for check, noun in (("import", "module"), ("required_symbol", "required symbol")):
        if broken[check]:
            total = totals[service, check]
            parts.append(f"{broken[check]} of {total:,} {noun}{'s' if total != 1 else ''}")
    if broken["deferred_imports"]:
        parts.append("deferred imports")
    if broken["hidden_failures"]:
        parts.append("imports that startup goes on without")
    rules = len({(d.check, d.subject) for d in diagnoses if d.check not in _NO_RULES})
    if rules:
        parts.append(f"{rules} rule{'s' if rules != 1 else ''}")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
