"""What startup loads and how long each module takes, as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pytest_importcontract.diagnosis.timetable import Row, Timetable
from pytest_importcontract.report.text import LEFT, Line, Span, located, safe_line, wrapped

_LEAST = 0.01  # of a start: what takes less is not listed
_MOST = 40  # lines
_GAP = 3  # columns before a place
_DEEPEST = 12  # levels of indentation
_OF_STARTS = (
    *("entrypoint", "ended", "fails", "starts", "seconds", "bare_seconds"),
    *("modules", "memory", "bare_memory"),
)
_OF_ROWS = ("module", "within", "importer", "seconds", "own_seconds", "modules")


def tell_times(
    starts: Sequence[Timetable], width: int, base: Path, *, everything: bool = False
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


def times_as_data(starts: Sequence[Timetable], base: Path) -> dict[str, Any]:
    """All starts and imports as JSON values, files relative to `base` where they lie in it."""
    return {
        "entrypoints": [
            {
                **{key: getattr(start, key) for key in _OF_STARTS},
                "loads": [_as_data(row, base) for row in start.rows],
            }
            for start in starts
        ]
    }


def _as_data(row: Row, base: Path) -> dict[str, Any]:
    inside = Path(row.hop.file).is_relative_to(base)
    file = str(Path(row.hop.file).relative_to(base)) if inside else row.hop.file
    known = {key: getattr(row, key) for key in _OF_ROWS}
    return {**known, "file": file, "line": row.hop.line}


def _start(start: Timetable, width: int, base: Path, *, everything: bool) -> Iterator[Line]:
    for part in wrapped(safe_line(_headline(start)), width):
        yield (Span(part, "label"),)
    listed = list(_tree(start.rows, everything=everything))
    if not listed:
        return
    yield ()
    yield (Span(f"{'self':>11}{'cumulative':>13}{'modules':>9}"),)
    names = [f"{'  ' * min(depth, _DEEPEST)}{safe_line(row.module)}" for depth, row in listed]
    places = [_place(row, base) for _, row in listed]
    column = max((len(n) for n, place in zip(names, places, strict=True) if place), default=0)
    for name, place, (_, row) in zip(names, places, listed, strict=True):
        numbers = f"{row.own_seconds * 1000:8.1f} ms{row.seconds * 1000:10.1f} ms{row.modules:9,}"
        text = f"{numbers}  {name}"
        if not place:
            yield (Span(text),)
            continue
        gaps = (column + _GAP - len(name), _GAP)
        gap = next((gap for gap in gaps if len(text) + gap + len(place) <= width), 0)
        if gap:
            yield (Span(text), Span(" " * gap), Span(place, "place"))
        else:
            indent = len(numbers) + 6 + len(name) - len(name.lstrip())
            yield (Span(text),)
            yield (Span(" " * indent), Span(place, "place"))
    rest = len(start.rows) - len(listed)
    if rest:
        yield ()
        few = "1 more takes less" if rest == 1 else f"{rest:,} more take less each"
        few = f"{few} (--all lists what there is)"
        yield (Span(" " * LEFT), Span(few))


def _place(row: Row, base: Path) -> str:
    """The line of the service's own that imports it; empty for a line of others, or none."""
    return "" if row.hop.foreign else located(row.hop, base)


def _headline(start: Timetable) -> str:
    loads = "" if start.modules is None else f"loads {start.modules:,} modules"
    if start.fails:
        fails = f"{start.entrypoint} does not start ({start.ended})"
        return f"{fails}; it {loads} before that" if loads else fails
    more, bare = (start.seconds - start.bare_seconds) * 1000, start.bare_seconds * 1000
    return (
        f"{start.entrypoint} takes {more:.1f} ms more than the {bare:.1f} ms of the bare "
        f"interpreter, in the best of {start.starts} starts, and {loads}"
    )


def _tree(loads: Sequence[Row], *, everything: bool) -> Iterator[tuple[int, Row]]:
    """What takes longest, each with how many others it lies within; the slowest first."""
    total = sum(row.own_seconds for row in loads)
    slow = [row for row in loads if everything or row.seconds >= _LEAST * total]
    if not everything:
        slow = sorted(slow, key=lambda row: -row.seconds)[:_MOST]
    below: dict[str, list[Row]] = defaultdict(list)
    known = {row.module for row in slow}
    for row in slow:
        below[row.within if row.within in known else ""].append(row)
    pending = [(0, row) for row in sorted(below.pop("", ()), key=lambda row: row.seconds)]
    while pending:
        depth, row = pending.pop()
        yield depth, row
        inner = sorted(below.pop(row.module, ()), key=lambda each: each.seconds)
        pending += [(depth + 1, each) for each in inner]
