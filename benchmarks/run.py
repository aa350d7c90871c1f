"""Measures what import contracts cost: `python benchmarks/run.py [--quick]`.

Builds a virtual environment with this checkout and a generated service of 300 modules, then prints
one table:

1. a cold run of the contracts, one item for each module, against a bare loop of
   `python -c "import M"` with as many workers;
2. what the installed plugin adds to a test run that does not ask for it;
3. how long the plugin's own import takes where pytest is already imported.

Rounds interleave what is compared, so that a machine's mood meets both sides; figures are medians.
The full run also writes RESULTS.md beside this file.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import math
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import tree

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
WORKERS = 2
SHOWN_VERSIONS = ("pytest-importcontract", "pytest", "fastapi", "pydantic", "sqlalchemy")

# Each round has an environment of its own, which no remembered verdict can answer for.
CONTRACT = """\
[services.shop]
modules = ["{package}.**"]

[services.shop.ships]
files = ["{package}/**"]

[services.shop.runtime]
env = {{ BENCHMARK_ROUND = "{round}" }}
"""
TIME_IMPORT = """\
import time
import pytest
start = time.perf_counter()
import pytest_importcontract.plugin
print((time.perf_counter() - start) * 1000)
"""
TELL_VERSIONS = """\
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured."""

    modules: int
    rounds: int
    pairs: int


FULL = Size(modules=300, rounds=3, pairs=101)
QUICK = Size(modules=40, rounds=3, pairs=21)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table.

    Attributes:
        low, high: between them lies the true value, as far as this run can tell.
        basis: how many measurements there were.
        limit: the greatest value expected; None where nothing is promised.
    """

    what: str
    value: float
    unit: str
    low: float
    high: float
    basis: str
    limit: float | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """The line's cells."""
        between = f"{self.low:.2f} to {self.high:.2f}"
        return self.what, f"{self.value:.2f}{self.unit}", between, self.basis, *self._verdict

    @property
    def _verdict(self) -> tuple[str, str]:
        if self.limit is None:
            return "", ""
        if self.high <= self.limit:
            verdict = "met"
        elif self.low > self.limit:
            verdict = "missed"
        else:
            verdict = "unclear: the machine is too noisy"
        return f"≤ {self.limit:g}{self.unit}", verdict


class Bench:
    """A working folder with an environment and what is run in it."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._environment = work / "venv"
        self._service = work / "service"
        self._suite = work / "suite"
        self._modules: tuple[str, ...] = ()
        self._variables = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(work / "home"),
            "XDG_CACHE_HOME": str(work / "cache"),
        }

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self._environment / "bin" / "python"

    def prepare(self, size: Size) -> None:
        """Install, generate, and run everything once so that caches are warm."""
        for variable in ("HOME", "XDG_CACHE_HOME"):
            Path(self._variables[variable]).mkdir(parents=True, exist_ok=True)
        if not self.python.exists():
            say("creating the environment")
            venv.create(self._environment, with_pip=True, clear=True)
        say("installing")
        self._pip("-r", str(HERE / "requirements.txt"), str(CHECKOUT))
        self._pip("--no-deps", "--force-reinstall", str(CHECKOUT))

        say(f"generating {size.modules} modules")
        for folder in (self._service, self._suite):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            folder.joinpath("pytest.ini").write_text("[pytest]\n", "utf-8")
        self._modules = tree.generate(self._service, size=size.modules)
        self._suite.joinpath("test_empty.py").write_text("def test_empty():\n    pass\n", "utf-8")

        say("warming up")
        self.bare_loop()
        self.contracts("warm-up")
        self.empty_suite(with_plugin=True)
        self.empty_suite(with_plugin=False)

    def _pip(self, *arguments: str) -> None:
        options = ("--quiet", "--disable-pip-version-check")
        # The caller's own environment: it knows how to reach a package index.
        subprocess.run([self.python, "-m", "pip", "install", *options, *arguments], check=True)

    def bare_loop(self) -> None:
        """Import each module in an interpreter of its own, without any plugin."""

        def load(module: str) -> None:
            self._run(["-c", f"import {module}"], self._service)

        with ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(load, self._modules))

    def contracts(self, label: str) -> None:
        """Run the contracts of the generated service, in the round called `label`."""
        text = CONTRACT.format(package=tree.PACKAGE, round=label)
        self._service.joinpath("contracts.toml").write_text(text, "utf-8")
        options = ("-q", "-p", "no:cacheprovider", f"--import-contracts-jobs={WORKERS}")
        said = self._run(
            ["-m", "pytest", "--import-contracts", "contracts.toml", *options], self._service
        )
        passed = re.search(r"(\d+) passed", said)
        if passed is None or int(passed[1]) != len(self._modules):
            sys.exit(f"expected {len(self._modules)} items to pass:\n{said[-3000:]}")

    def empty_suite(self, *, with_plugin: bool) -> None:
        """Run pytest on one empty test, without asking for contracts."""
        without = () if with_plugin else ("-p", "no:importcontract")
        options = ("-q", "-p", "no:cacheprovider", *without)
        self._run(["-m", "pytest", *options, "test_empty.py"], self._suite)

    def plugin_import(self) -> float:
        """Milliseconds that importing the plugin takes after pytest."""
        return float(self._run(["-c", TIME_IMPORT], self._suite))

    def versions(self) -> Mapping[str, str]:
        """Versions of the distributions that the figures depend on."""
        found: dict[str, str] = json.loads(
            self._run(["-c", TELL_VERSIONS, *SHOWN_VERSIONS], self._suite)
        )
        return found

    def _run(self, arguments: Sequence[str], folder: Path) -> str:
        done = subprocess.run(
            [self.python, *arguments],
            cwd=folder,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            # Linux shares a busy processor out by session, and contracts import in one for each.
            start_new_session=True,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            command = " ".join(arguments)
            said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
            sys.exit(f"python {command}\nended with {done.returncode}:\n{said}")
        return done.stdout


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one action took, in seconds.

    Attributes:
        wall: by the clock on the wall.
        processor: of all processes that the action started and waited for.
    """

    wall: float
    processor: float


def measure(bench: Bench, size: Size) -> list[Figure]:
    """Every figure of the table, in order."""
    ours, bare = interleaved(
        size.rounds,
        lambda number: bench.contracts(str(number)),
        lambda _: bench.bare_loop(),
        "contracts and bare loop",
    )
    loaded, unloaded = interleaved(
        size.pairs,
        lambda _: bench.empty_suite(with_plugin=True),
        lambda _: bench.empty_suite(with_plugin=False),
        "empty suite with and without the plugin",
    )
    say("importing the plugin")
    imports = [bench.plugin_import() for _ in range(size.pairs)]

    walls = [taken.wall for taken in ours], [taken.wall for taken in bare]
    processors = [taken.processor for taken in ours], [taken.processor for taken in bare]
    pairs = list(zip(loaded, unloaded, strict=True))
    added = [1000 * (one.wall - other.wall) for one, other in pairs]
    added_processor = [1000 * (one.processor - other.processor) for one, other in pairs]
    contracts = f"cold contracts, {size.modules} modules, {WORKERS} jobs"
    return [
        in_rounds(contracts, walls[0]),
        in_rounds(f'bare loop of `python -c "import M"`, {WORKERS} workers', walls[1]),
        ratio("ratio of the two", *walls, limit=1.15),
        ratio("ratio in processor time", *processors),
        in_runs("added to an empty suite without the flag", added, limit=5),
        in_runs("added in processor time", added_processor),
        in_runs("that suite without the plugin", [1000 * taken.wall for taken in unloaded]),
        in_runs("importing the plugin after pytest", imports),
    ]


def interleaved(
    rounds: int, one: Callable[[int], None], other: Callable[[int], None], what: str
) -> tuple[list[Taken], list[Taken]]:
    """What two actions took in every round; who goes first takes turns."""
    taken: tuple[list[Taken], list[Taken]] = ([], [])
    both = (one, other)
    for number in range(rounds):
        for index in (0, 1) if number % 2 == 0 else (1, 0):
            start, spent = time.perf_counter(), processor_time()
            both[index](number)
            wall, processor = time.perf_counter() - start, processor_time() - spent
            taken[index].append(Taken(wall=wall, processor=processor))
        latest = " and ".join(f"{side[-1].wall:.3f} s" for side in taken)
        say(f"{what}: round {number + 1} of {rounds}, {latest}")
    return taken


def processor_time() -> float:
    """Seconds that all ended child processes have computed."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def in_rounds(what: str, values: Sequence[float], *, unit: str = " s") -> Figure:
    """The figure of a few long actions: between the least and the greatest."""
    return Figure(
        what=what,
        value=statistics.median(values),
        unit=unit,
        low=min(values),
        high=max(values),
        basis=f"{len(values)} rounds",
    )


def ratio(
    what: str, ours: Sequence[float], bare: Sequence[float], *, limit: float | None = None
) -> Figure:
    """The ratio of two medians, between the least and the greatest of any round."""
    rounds = in_rounds(what, [one / other for one, other in zip(ours, bare, strict=True)], unit="")
    value = statistics.median(ours) / statistics.median(bare)
    return dataclasses.replace(rounds, value=value, limit=limit)


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
    rows = [
        ("figure", "median", "between", "basis", "expected", ""),
        *(figure.row for figure in figures),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """The machine in a line, without its name."""
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        found = re.search(r"model name\s*: (.+)", described.read_text("utf-8"))
        model = found[1] if found else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB memory, "
        f"{platform.system()} {platform.release()} {platform.machine()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def results(figures: Sequence[Figure], versions: Mapping[str, str]) -> str:
    """The page that keeps a full run."""
    today = dt.datetime.now(tz=dt.UTC).date()
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"""\
# What import contracts cost

{table(figures)}

- Command: `python benchmarks/run.py`
- Date: {today}
- Machine: {machine()}
- Versions: {listed}

The contracts and the bare loop import the same modules, each in a fresh interpreter, with warm
bytecode caches; no verdict is remembered from one round to the next. A run of contracts holds
everything from starting pytest to its exit: collecting, copying what ships, importing, reporting.
"Between" is the least and the greatest of the rounds, or the 95 % interval of the runs' median; an
expectation counts as met or missed only where all of that lies on one side of it.
"""


def say(what: str) -> None:
    """Tell how far the run is."""
    print(what, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print the table, and keep it when the run is a full one."""
    parser = argparse.ArgumentParser(description="Measures what import contracts cost.")
    parser.add_argument(
        "--quick", action="store_true", help="fewer modules and rounds; RESULTS.md stays as it is"
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument(
        "--work",
        type=Path,
        default=cache / "pytest-importcontract-benchmarks",
        metavar="DIR",
        help="folder for the environment and the generated service (default: %(default)s)",
    )
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    bench = Bench(arguments.work.resolve())
    bench.prepare(size)
    figures = measure(bench, size)
    print(table(figures))
    if not arguments.quick:
        page = results(figures, bench.versions())
        HERE.joinpath("RESULTS.md").write_text(page, "utf-8")


if __name__ == "__main__":
    main()
