"""The end of a run: how many causes break how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_importcontract.diagnosis.model import Diagnosis
from pytest_importcontract.report.text import Line, Span, located, safe


def summarise(
    diagnoses: Sequence[Diagnosis], totals: Mapping[tuple[str, str], int], base: Path
) -> Iterator[Line]:
    """A line for each service, then a line for each of its causes, the widest first.

    Args:
        diagnoses: what failed, in the order of the run.
        totals: how many items of each service and kind of contract ran.
        base: folder that shown paths are relative to.
    """
    for service in dict.fromkeys(diagnosis.service for diagnosis in diagnoses):
        mine = [diagnosis for diagnosis in diagnoses if diagnosis.service == service]
        causes: dict[tuple[str, ...], list[Diagnosis]] = {}
        for diagnosis in mine:
            causes.setdefault(diagnosis.cause.key, []).append(diagnosis)
        count = len(causes)
        breaks = "1 cause breaks" if count == 1 else f"{count} causes break"
        text = f"{service}: {breaks} {_damage(mine, totals)}"
        yield (Span(safe(text), "headline"),)
        for group in sorted(causes.values(), key=len, reverse=True):
            place = group[0].place
            where = (Span("  "), Span(located(place, base), "place")) if place else ()
            number = f"{len(group):>4} × "
            yield (Span(number), Span(safe(group[0].cause.text)), *where)


def _damage(diagnoses: Sequence[Diagnosis], totals: Mapping[tuple[str, str], int]) -> str:
    service = diagnoses[0].service
    broken = Counter(check for check, _ in {(d.check, d.subject) for d in diagnoses})
    parts = []
    if broken["startup"]:
        parts.append("startup")
    for check, noun in (("import", "module"), ("required_symbol", "required symbol")):
        if broken[check]:
            total = totals[service, check]
            parts.append(f"{broken[check]} of {total:,} {noun}{'s' if total != 1 else ''}")
    rules = sum(count for check, count in broken.items() if check not in _IMPORTING)
    if rules:
        parts.append(f"{rules} rule{'s' if rules != 1 else ''}")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


_IMPORTING = frozenset({"startup", "import", "required_symbol"})
