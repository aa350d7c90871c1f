"""The parts of the page about running contracts: what is measured, and how it is told."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import costs
import tree
from bench import WORKERS, Bench
from figures import Figure, grid, in_rounds, in_runs, interleaved, ratio, say, table, walls
from memory import Peak
from service import TELL, Service, by_order, differences, verdicts

_LEAF = "ansible.modules.blockinfile"  # which no module of ansible-core imports
_JOB = 100.0  # MB that each job may add to one and a half times the started service


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured.

    Attributes:
        modules: of the generated service.
        rounds: of each comparison of whole runs; slow rows do a part of the modules in each.
        grown: sizes of the services that growth is seen in, in order.
        pairs: of runs of a suite without the flag.
        naive, cold: into how many portions the modules of these slow rows are cut, of which each
            round runs one.
        application: likewise those of the application, in both rows; 0 for no application.
        prefixes: one of how many modules of either is tried in forks at shared imports; 0 for none.
    """

    modules: int
    rounds: int
    grown: tuple[int, ...]
    pairs: int
    naive: int
    cold: int
    application: tuple[int, int]
    prefixes: tuple[int, int]


FULL = Size(
    modules=1000,
    rounds=3,
    grown=(250, 500, 1000, 2000),
    pairs=51,
    naive=6,
    cold=9,
    application=(3, 6),
    prefixes=(20, 10),
)
QUICK = Size(
    modules=20, rounds=1, grown=(), pairs=3, naive=6, cold=6, application=(0, 0), prefixes=(0, 0)
)


@dataclass
class Rows:
    """What was measured of one service, by row, and what was said of its modules."""

    walls: dict[str, list[float]] = field(default_factory=dict)
    peaks: dict[str, Peak] = field(default_factory=dict)
    naive: dict[str, bool] = field(default_factory=dict)
    cold: dict[str, bool] = field(default_factory=dict)

    def figure(self, row: str, what: str, limit: float | None = None) -> Figure:
        """A row's line."""
        peak = self.peaks.get(row)
        seen = peak.everything if peak else None
        return in_rounds(what, self.walls[row], peak=seen, limit=limit)

    def ratio(self, row: str, to: str, what: str, **expected: float) -> Figure:
        """A line about two rows."""
        return ratio(what, self.walls[row], self.walls[to], **expected)

    def edited_to_what_it_takes(self) -> Figure:
        """A line about the run after an edit."""
        least = [
            sum(both) for both in zip(self.walls["remembered"], self.walls["takes"], strict=True)
        ]
        what = "after an edit, to remembered and that module with the start together"
        return ratio(what, self.walls["edited"], least, limit=1)


def of_modules(bench: Bench, size: Size) -> str:
    """The generated service: every row, memory, verdicts, and where the time goes."""
    say(f"generating {size.modules} modules")
    service = Service.generated(bench, size.modules)
    few = service.started_by(tree.FEW)
    _warm_up(service)
    loaded = {"warm": service.loaded(), "few": few.loaded()}
    rows = Rows()
    actions = _rows(service, rows, size.naive, size.cold)
    actions["few"] = lambda n: few.contracts(f"few {n}")
    if bench.remembers:
        leaf = tree.leaf(size.modules)
        actions |= _remembered(service, leaf)
        few.contracts("remembered", remembered=True)
        actions["edited late"] = lambda n: _edited(few, leaf, n)
    _measure(actions, rows, size.rounds, {"naive": size.naive, "cold": size.cold})
    _look_at(service, rows)
    few.contracts("memory few", look=lambda peak: rows.peaks.update(few=peak))

    what = f"{size.modules} modules"
    figures = [
        rows.figure("naive", f'bare loop of `python -c "import M"`, {what}, {WORKERS} at a time'),
        rows.figure("cold", f"cold, {WORKERS} jobs"),
        rows.figure("check", "pytest-import-check, which isolates nothing"),
        rows.figure("warm", f"warm, {WORKERS} jobs, startup loads {loaded['warm']} of them"),
        rows.figure("few", f"warm, {WORKERS} jobs, startup loads {loaded['few']} of them"),
    ]
    if bench.remembers:
        figures += [
            rows.figure("remembered", "remembered: nothing has changed", limit=2),
            rows.figure("edited", "remembered: one module has changed that startup loads"),
            rows.figure("edited late", "… where startup loads fewer, and not that one"),
            rows.figure("takes", "warm, that module and the start alone"),
        ]
    figures += [
        rows.ratio("naive", "warm", "the bare loop to warm", least=50),
        rows.ratio("naive", "few", "… where startup loads fewer", least=50),
        rows.ratio("warm", "check", "warm to pytest-import-check", limit=1),
        rows.ratio("few", "check", "… where startup loads fewer", limit=1),
        rows.ratio("cold", "naive", "cold to the bare loop", limit=1.15),
    ]
    if bench.remembers:
        figures.append(rows.ratio("remembered", "warm", "remembered to warm", limit=0.15))
        figures.append(rows.edited_to_what_it_takes())
    say("where the time goes")
    median = rows.figure("few", "").value
    split = costs.split(few, size.modules - loaded["few"], median, 2 * size.rounds - 1)
    return "\n".join(
        [
            table(figures),
            "",
            _memory(rows, loaded),
            "",
            _verdicts(service, rows),
            "",
            f"Where the time of the run goes in which startup loads {loaded['few']} of them:",
            "",
            split,
            "",
        ]
    )


def of_application(bench: Bench, size: Size) -> str:
    """ansible-core: every row, and verdicts."""
    service = Service.application(bench)
    say(f"ansible-core: {len(service.modules)} modules")
    _warm_up(service)
    rows = Rows()
    naive, cold = size.application
    actions = _rows(service, rows, naive, cold)
    if bench.remembers:
        actions |= _remembered(service, _LEAF)
    _measure(actions, rows, size.rounds, {"naive": naive, "cold": cold})
    _look_at(service, rows)
    what = f"{len(service.modules)} modules"
    figures = [
        rows.figure("naive", f'bare loop of `python -c "import M"`, {what}, {WORKERS} at a time'),
        rows.figure("cold", f"cold, {WORKERS} jobs"),
        rows.figure("check", "pytest-import-check, which isolates nothing"),
        rows.figure("warm", f"warm, {WORKERS} jobs"),
    ]
    if bench.remembers:
        figures += [
            rows.figure("remembered", "remembered: nothing has changed"),
            rows.figure("edited", "remembered: one module has changed that no other imports"),
            rows.figure("takes", "warm, that module and the start alone"),
        ]
    figures += [
        rows.ratio("naive", "warm", "the bare loop to warm"),
        rows.ratio("warm", "check", "warm to pytest-import-check", limit=1),
        rows.ratio("cold", "naive", "cold to the bare loop", limit=1.15),
    ]
    if bench.remembers:
        figures.append(rows.ratio("remembered", "warm", "remembered to warm"))
        figures.append(rows.edited_to_what_it_takes())
    return "\n".join([table(figures), "", _verdicts(service, rows), ""])


def of_growth(bench: Bench, size: Size) -> str:
    """Warm runs of services of several sizes."""
    services = [Service.generated(bench, grown) for grown in size.grown]
    for service in services:
        service.contracts("warm-up")
    rounds = max(2, size.rounds - 1)
    each = {
        "pytest-import-check": [lambda _, s=service: s.import_check() for service in services],
        "warm": [lambda n, s=service: s.contracts(f"grown {n}") for service in services],
    }
    if bench.remembers:
        for service in services:
            service.contracts("remembered", remembered=True)
        each["remembered"] = [
            lambda _, s=service: s.contracts("remembered", remembered=True) for service in services
        ]
    lines = [("seconds for", *(f"{grown} modules" for grown in size.grown), "ms for each more")]
    for what, actions in each.items():
        taken = interleaved(rounds, actions, what)
        medians = [in_rounds("", walls(one)).value for one in taken]
        more = 1000 * (medians[-1] - medians[0]) / (size.grown[-1] - size.grown[0])
        lines.append((what, *(f"{median:.2f}" for median in medians), f"{more:.1f}"))
    return f"{grid(lines)}\n\nMedians of {rounds} rounds.\n"


def of_suites(bench: Bench, size: Size) -> str:
    """What the plugin costs a suite without the flag."""
    say("importing the plugin")
    for with_plugin in (True, False):
        bench.suite(1, with_plugin=with_plugin)
    imports = [bench.plugin_import() for _ in range(size.pairs)]
    loaded, unloaded = interleaved(
        size.pairs,
        [lambda _: bench.suite(1, with_plugin=True), lambda _: bench.suite(1, with_plugin=False)],
        "empty suite with and without the plugin",
    )
    pairs = list(zip(loaded, unloaded, strict=True))
    added = [1000 * (one.wall - other.wall) for one, other in pairs]
    added_processor = [1000 * (one.processor - other.processor) for one, other in pairs]
    figures = [
        in_runs("added to an empty suite without the flag", added, limit=5),
        in_runs("added in processor time", added_processor),
        in_runs("that suite without the plugin", [1000 * taken.wall for taken in unloaded]),
        in_runs("importing the plugin after pytest", imports),
    ]
    return f"{table(figures)}\n"


def _warm_up(service: Service) -> None:
    """Run everything once, so that what is compiled lies there."""
    say("warming up")
    service.contracts("warm-up")
    service.import_check()


def _rows(
    service: Service, rows: Rows, naive: int, cold: int
) -> dict[str, Callable[[int], object]]:
    """What each row does in a round, the slow ones with one of so many portions."""

    def alone(number: int) -> None:
        modules = service.portion(number, cold)
        label, options = f"cold {number}", (TELL,)
        said = service.contracts(label, isolation="cold", modules=modules, options=options)
        rows.cold.update(verdicts(said))

    return {
        "naive": lambda n: rows.naive.update(service.loop(service.portion(n, naive))),
        "cold": alone,
        "check": lambda _: service.import_check(),
        "warm": lambda n: service.contracts(f"warm {n}"),
    }


def _remembered(service: Service, leaf: str) -> dict[str, Callable[[int], object]]:
    """What the rows do that remember verdicts, and what running a module's verdict anew takes."""
    service.contracts("remembered", remembered=True)
    return {
        "remembered": lambda _: service.contracts("remembered", remembered=True),
        "edited": lambda n: _edited(service, leaf, n),
        "takes": lambda n: service.contracts(f"takes {n}", only=leaf),
    }


def _look_at(service: Service, rows: Rows) -> None:
    """See how much memory rows take, the slow ones by a few modules."""
    say("memory")
    some = service.portion(0, max(1, len(service.modules) // 10))
    see = {
        row: functools.partial(rows.peaks.__setitem__, row)
        for row in ("naive", "cold", "check", "warm", "remembered")
    }
    with Peak(os.getpid(), itself=False) as peak:
        service.loop(some)
    see["naive"](peak)
    service.contracts("memory cold", isolation="cold", modules=some, look=see["cold"])
    service.import_check(look=see["check"])
    service.contracts("memory warm", look=see["warm"])
    if service.bench.remembers:
        service.contracts("remembered", remembered=True, look=see["remembered"])


def _measure(
    actions: dict[str, Callable[[int], object]],
    rows: Rows,
    rounds: int,
    times: dict[str, int],
) -> None:
    """Take every row's times, those of portions so many times as there are."""

    def untold(action: Callable[[int], object]) -> Callable[[int], None]:
        def act(number: int) -> None:
            action(number)

        return act

    taken = interleaved(rounds, [untold(a) for a in actions.values()], ", ".join(actions))
    for row, one in zip(actions, taken, strict=True):
        rows.walls[row] = walls(one, times.get(row, 1))


def _edited(service: Service, leaf: str, number: int) -> None:
    service.edit(leaf, f"EDITED = {number}")
    service.contracts("remembered", remembered=True)


def _memory(rows: Rows, loaded: Mapping[str, int]) -> str:
    lines: list[Sequence[str]] = [
        ("the started service and its forks", "started", "peak", "allowed", "")
    ]
    for row, count in loaded.items():
        peak = rows.peaks[row]
        allowed = 1.5 * peak.started + WORKERS * _JOB
        verdict = "met" if peak.service <= allowed else "missed"
        cells = (f"{one:.0f} MB" for one in (peak.started, peak.service, allowed))
        lines.append((f"startup loads {count}", *cells, verdict))
    return grid(lines)


def _verdicts(service: Service, rows: Rows) -> str:
    """How our verdicts differ from the bare loop's."""
    say("comparing verdicts")
    said = service.contracts("verdicts", options=(TELL,))
    ours = {"warm": verdicts(said), "cold": rows.cold}
    if service.bench.remembers:
        again = service.contracts("remembered", remembered=True, options=(TELL,))
        ours["remembered"] = verdicts(again)
    lines = []
    for row, found in ours.items():
        both = {name: imports for name, imports in rows.naive.items() if name in found}
        failing = sum(not imports for imports in both.values())
        differing = differences(found, both)
        lines.append(
            f"- Verdicts, {row} against the bare loop, {len(both)} of {len(service.modules)}"
            f" modules: {len(differing)} differ ({failing} of them do not import in the bare loop)."
        )
        lines += [f"  - `{name}` {'imports' if found[name] else 'fails'}" for name in differing]
    orders = by_order(said)
    lines.append(f"- Modules that depend on the order of imports: {len(orders)}.")
    lines += [f"  - `{name}`: {how}" for name, how in orders.items()]
    return "\n".join(lines)
