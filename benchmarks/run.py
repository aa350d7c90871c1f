"""Measures what import contracts cost: `python benchmarks/run.py [--quick] [--static]`.

Builds a virtual environment with this checkout and a generated service of 300 modules, then prints
a table:

1. a cold run of the contracts, one item for each module, against a bare loop of
   `python -c "import M"` with as many workers;
2. what the installed plugin adds to a test run that does not ask for it;
3. how long the plugin's own import takes where pytest is already imported;

and tables of reading source (`--static`: these alone), against import-linter in an environment of
its own: on a generated tree of 2,000 files, with the number of files, and on other people's trees.

Rounds interleave what is compared, so that a machine's mood meets both sides; figures are medians.
The full run also writes RESULTS.md beside this file, `--static` its part of it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import HERE, WORKERS, Bench
from figures import Figure, in_rounds, in_runs, interleaved, ratio, say, table
from static import STATIC_FULL, STATIC_QUICK, StaticBench, StaticSize, against_linter, growth, trees

RESULTS = HERE / "RESULTS.md"
READING = "# Reading source\n"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured."""

    modules: int
    rounds: int
    pairs: int


FULL = Size(modules=300, rounds=3, pairs=101)
QUICK = Size(modules=40, rounds=3, pairs=21)


def measure(bench: Bench, size: Size) -> list[Figure]:
    """Every figure of the table, in order."""
    ours, bare = interleaved(
        size.rounds,
        [lambda number: bench.contracts(str(number)), lambda _: bench.bare_loop()],
        "contracts and bare loop",
    )
    loaded, unloaded = interleaved(
        size.pairs,
        [
            lambda _: bench.empty_suite(with_plugin=True),
            lambda _: bench.empty_suite(with_plugin=False),
        ],
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


def basis(command: str, versions: str) -> str:
    """What a page's figures were measured with."""
    return f"""\
- Command: `{command}`
- Date: {dt.datetime.now(tz=dt.UTC).date()}
- Machine: {machine()}
- Versions: {versions}
"""


def running_part(figures: Sequence[Figure], versions: str) -> str:
    """The part of the page about running contracts."""
    return f"""\
# What import contracts cost

{table(figures)}

{basis("python benchmarks/run.py", versions)}
The contracts and the bare loop import the same modules, each in a fresh interpreter, with warm
bytecode caches; no verdict is remembered from one round to the next. A run of contracts holds
everything from starting pytest to its exit: collecting, copying what ships, importing, reporting.
"Between" is the least and the greatest of the rounds, or the 95 % interval of the runs' median; an
expectation counts as met or missed only where all of that lies on one side of it.
"""


def reading_part(bench: StaticBench, size: StaticSize) -> str:
    """The part of the page about reading source, measured now."""
    bench.prepare()
    compared = table(against_linter(bench, size))
    grown = table(growth(bench, size))
    others = ""
    if size.trees:
        figures, remarks = trees(bench, size.rounds)
        others = "\n".join([table(figures), "", *(f"- {remark}" for remark in remarks), "", ""])
    return f"""\
{READING}
{compared}

{grown}

{others}{basis("python benchmarks/run.py --static", bench.versions())}
The static part is what an item needs of the source: finding the modules, reading them with
{WORKERS} processes, how entrypoints reach them, `allowed_roots` and one integration. Python and
pytest are running by then. Of import-linter the whole run counts, with two contracts of the same
meaning that look at direct imports only. It parses with ruff's parser, in Rust; ours is the
service's own interpreter, so that what counts is what that interpreter understands: what making a
tree of every file takes, the line of `ast.parse` shows. What the service has run is known to parse,
and functions that import nothing are left out of it: pytest's items read source after they have run
the service, so this is the usual case. Without a cache, what is read is also written to it.
"""


def main() -> None:
    """Measure, print the tables, and keep them when the run is a full one."""
    parser = argparse.ArgumentParser(description="Measures what import contracts cost.")
    parser.add_argument(
        "--quick", action="store_true", help="fewer modules and rounds; RESULTS.md stays as it is"
    )
    parser.add_argument(
        "--static", action="store_true", help="only what reading source costs, in RESULTS.md too"
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument(
        "--work",
        type=Path,
        default=cache / "pytest-importcontract-benchmarks",
        metavar="DIR",
        help="folder for the environments and what is generated (default: %(default)s)",
    )
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    bench = Bench(work)
    bench.install()
    kept = RESULTS.read_text("utf-8").partition(READING)[0].rstrip() + "\n"
    if not arguments.static:
        size = QUICK if arguments.quick else FULL
        bench.prepare(size.modules)
        figures = measure(bench, size)
        print(table(figures))
        kept = running_part(figures, bench.versions())
    static = STATIC_QUICK if arguments.quick else STATIC_FULL
    read = reading_part(StaticBench(work, bench), static)
    print(read)
    if not arguments.quick:
        RESULTS.write_text(f"{kept}\n{read}", "utf-8")


if __name__ == "__main__":
    main()
