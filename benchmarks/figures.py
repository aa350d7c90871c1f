"""Measurements, and the tables that show them."""

from __future__ import annotations

import dataclasses
import math
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table.

    Attributes:
        low, high: between them lies the true value, as far as this run can tell.
        basis: how many measurements there were.
        limit: the greatest value expected; None where nothing is promised.
        least: the least value expected, likewise.
        peak: the most memory that all processes together held, in MB; None where nobody looked.
    """

    what: str
    value: float
    unit: str
    low: float
    high: float
    basis: str
    limit: float | None = None
    least: float | None = None
    peak: float | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """The line's cells."""
        between = f"{self.low:.2f} to {self.high:.2f}"
        peak = "" if self.peak is None else f"{self.peak:.0f} MB"
        return self.what, f"{self.value:.2f}{self.unit}", between, self.basis, peak, *self._verdict

    @property
    def _verdict(self) -> tuple[str, str]:
        if self.least is not None:
            if self.low >= self.least:
                verdict = "met"
            elif self.high < self.least:
                verdict = "missed"
            else:
                verdict = "unclear: the machine is too noisy"
            return f"≥ {self.least:g}{self.unit}", verdict
        if self.limit is None:
            return "", ""
        if self.high <= self.limit:
            verdict = "met"
        elif self.low > self.limit:
            verdict = "missed"
        else:
            verdict = "unclear: the machine is too noisy"
        return f"≤ {self.limit:g}{self.unit}", verdict


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one action took, in seconds.

    Attributes:
        wall: by the clock on the wall.
        processor: of all processes that the action started and waited for.
    """

    wall: float
    processor: float


def interleaved(
    rounds: int, actions: Sequence[Callable[[int], float | None]], what: str
) -> tuple[list[Taken], ...]:
    """What each action took in every round; who goes first takes turns.

    An action is given the number of the round. What it returns is the time that counts, in seconds;
    None where all of it does.
    """
    taken: tuple[list[Taken], ...] = tuple([] for _ in actions)
    for number in range(rounds):
        first = number % len(actions)
        for index in [*range(first, len(actions)), *range(first)]:
            start, spent = time.perf_counter(), processor_time()
            counted = actions[index](number)
            wall, processor = time.perf_counter() - start, processor_time() - spent
            wall = wall if counted is None else counted
            taken[index].append(Taken(wall=wall, processor=processor))
        latest = ", ".join(f"{side[-1].wall:.3f} s" for side in taken)
        say(f"{what}: round {number + 1} of {rounds}, {latest}")
    return taken


def processor_time() -> float:
    """Seconds that all ended child processes have computed."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def in_rounds(
    what: str,
    values: Sequence[float],
    *,
    unit: str = " s",
    peak: float | None = None,
    limit: float | None = None,
) -> Figure:
    """The figure of a few long actions: between the least and the greatest.

    Fewer than three are no basis for a verdict.
    """
    return Figure(
        what=what,
        value=statistics.median(values),
        unit=unit,
        low=min(values),
        high=max(values),
        basis=f"{len(values)} round{'s' if len(values) > 1 else ''}",
        peak=peak,
        limit=limit if len(values) > 2 else None,
    )


def ratio(
    what: str,
    ours: Sequence[float],
    bare: Sequence[float],
    *,
    limit: float | None = None,
    least: float | None = None,
) -> Figure:
    """The ratio of two medians, between the least and the greatest of any round.

    Fewer than three rounds are no basis for a verdict.
    """
    each = [one / other for one, other in zip(ours, bare, strict=True)]
    rounds = in_rounds(what, each, unit="", limit=limit)
    value = statistics.median(ours) / statistics.median(bare)
    return dataclasses.replace(rounds, value=value, least=least if len(each) > 2 else None)


def walls(taken: Sequence[Taken], times: float = 1) -> list[float]:
    """Their seconds by the clock on the wall, each so many times."""
    return [times * one.wall for one in taken]


def in_runs(what: str, values: Sequence[float], *, limit: float | None = None) -> Figure:
    """The figure of many short actions, in milliseconds: the median's 95 % interval."""
    ordered = sorted(values)
    middle, reach = len(ordered) / 2, 0.98 * math.sqrt(len(ordered))
    return Figure(
        what=what,
        value=statistics.median(ordered),
        unit=" ms",
        low=ordered[max(0, math.floor(middle - reach))],
        high=ordered[min(len(ordered) - 1, math.ceil(middle + reach) - 1)],
        basis=f"{len(ordered)} runs",
        limit=limit,
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    rows: list[tuple[str, ...]] = [
        ("figure", "median", "between", "basis", "peak memory", "expected", ""),
        *(figure.row for figure in figures),
    ]
    shown = [n for n, cells in enumerate(zip(*rows, strict=True)) if n < 4 or any(cells[1:])]
    rows = [tuple(row[column] for column in shown) for row in rows]
    return grid(rows)


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as a Markdown table; the first is its head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def say(what: str) -> None:
    """Tell how far the run is."""
    print(what, file=sys.stderr, flush=True)
