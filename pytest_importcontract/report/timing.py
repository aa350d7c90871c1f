"""What startup loads and how long each module takes, as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.observe.facts import Load, Observation
from pytest_importcontract.report.text import LEFT, Line, Span, located, safe_line, wrapped

_LEAST = 0.01  # of a start: what takes less is not listed
_MOST = 40  # lines
_GAP = 3  # columns before a place
_DEEPEST = 12  # levels of indentation


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """The quickest of several starts of an entrypoint.

    Attributes:
        observation: what was observed of it.
        bare: the quickest start of the interpreter alone.
        count: how many starts there were.
    """

    observation: Observation
    bare: Observation
    count: int


def tell_times(
    starts: Sequence[Start], width: int, base: Path, *, everything: bool = False
) -> tuple[Line, ...]:
    """Each start with its slowest imports, below those that led to them.

    Args:
        starts: one for each entrypoint.
        width: columns of the terminal.
        base: folder that shown paths are relative to.
        everything: whether to list every import.
    """
    lines: list[Line] = []
    for start in starts:
        lines += [(), *_start(start, width, base, everything=everything)]
    return tuple(lines[1:])


def times_as_data(starts: Sequence[Start], base: Path) -> dict[str, Any]:
    """All starts and imports as JSON values, files relative to `base` where they lie in it."""
    return {
        "entrypoints": [
            {
                "entrypoint": start.observation.target.text,
                "outcome": start.observation.outcome.said,
                "starts": start.count,
                "seconds": start.observation.seconds,
                "bare_seconds": start.bare.seconds,
                "modules": cost.modules if (cost := start.observation.cost) else 0,
                "memory": cost.memory if cost else 0,
                "bare_memory": start.bare.cost.memory if start.bare.cost else 0,
                "loads": [_as_data(load, base) for load in _loads(start)],
            }
            for start in starts
        ]
    }


def _as_data(load: Load, base: Path) -> dict[str, Any]:
    inside = Path(load.place.file).is_relative_to(base)
    file = str(Path(load.place.file).relative_to(base)) if inside else load.place.file
    return {
        "module": load.module,
        "within": load.within,
        "importer": load.importer,
        "file": file,
        "line": load.place.line,
        "seconds": load.seconds,
        "own_seconds": load.own_seconds,
        "modules": load.modules,
    }


def _loads(start: Start) -> Sequence[Load]:
    return start.observation.cost.loads if start.observation.cost else ()


def _start(start: Start, width: int, base: Path, *, everything: bool) -> Iterator[Line]:
    for part in wrapped(safe_line(_headline(start)), width):
        yield (Span(part, "label"),)
    listed = list(_tree(_loads(start), everything=everything))
    if not listed:
        return
    yield ()
    yield (Span(f"{'self':>11}{'cumulative':>13}{'modules':>9}"),)
    names = [f"{'  ' * min(depth, _DEEPEST)}{safe_line(load.module)}" for depth, load in listed]
    places = [_place(load, base) for _, load in listed]
    column = (
        max((len(n) for n, place in zip(names, places, strict=True) if place), default=0) + _GAP
    )
    for name, place, (_, load) in zip(names, places, listed, strict=True):
        numbers = (
            f"{load.own_seconds * 1000:8.1f} ms{load.seconds * 1000:10.1f} ms{load.modules:9,}"
        )
        row = f"{numbers}  {name}"
        if not place:
            yield (Span(row),)
            continue
        gaps = (column - len(name), _GAP)
        gap = next((gap for gap in gaps if len(row) + gap + len(place) <= width), 0)
        if gap:
            yield (Span(row), Span(" " * gap), Span(place, "place"))
        else:
            indent = len(numbers) + 6 + len(name) - len(name.lstrip())
            yield (Span(row),)
            yield (Span(" " * indent), Span(place, "place"))
    rest = len(_loads(start)) - len(listed)
    if rest:
        yield ()
        few = "1 more takes less" if rest == 1 else f"{rest:,} more take less each"
        few = f"{few} (--all lists what there is)"
        yield (Span(" " * LEFT), Span(few))


def _place(load: Load, base: Path) -> str:
    """The line of the service's own that imports it; empty for a line of others, or none."""
    if not load.importer_is_first_party:
        return ""
    return located(Hop(file=load.place.file, line=load.place.line, text=""), base)


def _headline(start: Start) -> str:
    seen, bare = start.observation, start.bare
    entrypoint = seen.target.text
    modules = f"{seen.cost.modules:,} modules" if seen.cost else "what nobody knows"
    if not seen.outcome.ok:
        fails = f"{entrypoint} does not start ({seen.outcome.said})"
        return f"{fails}; it loads {modules} before that" if seen.cost else fails
    more = (seen.seconds - bare.seconds) * 1000
    return (
        f"{entrypoint} takes {more:.1f} ms more than the {bare.seconds * 1000:.1f} ms of the bare "
        f"interpreter, in the best of {start.count} starts, and loads {modules}"
    )


def _tree(loads: Sequence[Load], *, everything: bool) -> Iterator[tuple[int, Load]]:
    """What takes longest, each with how many others it lies within; the slowest first."""
    total = sum(load.own_seconds for load in loads)
    slow = [load for load in loads if everything or load.seconds >= _LEAST * total]
    if not everything:
        slow = sorted(slow, key=lambda load: -load.seconds)[:_MOST]
    below: dict[str, list[Load]] = defaultdict(list)
    known = {load.module for load in slow}
    for load in slow:
        below[load.within if load.within in known else ""].append(load)
    pending = [(0, load) for load in sorted(below.pop("", ()), key=lambda load: load.seconds)]
    while pending:
        depth, load = pending.pop()
        yield depth, load
        inner = sorted(below.pop(load.module, ()), key=lambda each: each.seconds)
        pending += [(depth + 1, each) for each in inner]
