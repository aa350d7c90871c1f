"""Measures what import contracts cost: `python benchmarks/run.py [--quick] [--part NAME]`.

Builds virtual environments with this checkout and with what it is compared to, and writes a page of
tables, RESULTS.md beside this file:

modules
    a generated service of 1,000 modules over FastAPI, SQLAlchemy, Pydantic and boto3: a bare loop
    of fresh interpreters, pytest-import-check, cold, warm, remembered, after an edit; memory,
    verdicts, and where the time goes;
growth
    services of 250 to 2,000 modules;
application
    the same for ansible-core;
suites
    what the installed plugin adds to a test run that does not ask for it;
reading
    reading source, against import-linter and tach;
prefixes
    a faster cold mode that was considered and is not there.

Rounds interleave what is compared, so that a machine's mood meets both sides; figures are medians.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import parts
from bench import HERE, WORKERS, Bench
from figures import say, table
from prefixes import of_prefixes
from static import STATIC_FULL, STATIC_QUICK, StaticBench, StaticSize, against_linter, growth, trees

RESULTS = HERE / "RESULTS.md"
HEADINGS = {
    "modules": "# A service of {modules} modules",
    "growth": "# Services of several sizes",
    "application": "# ansible-core",
    "suites": "# A suite without the flag",
    "reading": "# Reading source",
    "prefixes": "# Forks at shared first imports",
}
EXPLAINED = {
    "modules": f"""\
All rows import the same modules with {WORKERS} processes at a time; bytecode lies there compiled.
A run of ours holds everything from starting pytest to its exit: collecting, copying what ships,
importing, the item of deferred imports, reporting; no verdict is remembered where the row does not
say so. The bare loop and the cold row take long: in each round they import another portion of the
modules, and count as many times as there are portions. Peak memory is what all processes of a run,
pytest included, held at a time, shared pages counted once, seen in a run that is not timed,
of the slow rows in one with a tenth of the modules. After an edit, no more is to be run than what
depends on the module: what that takes by itself is the row below.
"Between" is the least and the greatest of the rounds; an expectation counts as met or missed only
where all of that lies on one side of it.
""",
    "growth": "",
    "application": """\
An application as it is installed, started by `ansible.cli.adhoc`. The rows are those of the first
table. Some of its modules do not import on this machine, which is part of what is compared; what
fails in a fork is imported again in a fresh interpreter.
""",
    "suites": """\
"Between" is the 95 % interval of the runs' median.
""",
    "reading": f"""\
The static part is what an item needs of the source: finding the modules, reading them with
{WORKERS} processes, how entrypoints reach them, `allowed_roots` and one integration. Python and
pytest are running by then. Of import-linter and tach the whole run counts, with rules of the same
meaning about direct imports. They parse with ruff's parser, in Rust; ours is the service's own
interpreter, so that what counts is what that interpreter understands: what making a tree of every
file takes, the line of `ast.parse` shows. What the service has run is known to parse, and functions
that import nothing are left out of it: pytest's items read source after they have run the service,
so this is the usual case. Without a cache, what is read is also written to it.
""",
    "prefixes": """\
Modules that begin with the same imports of libraries, in the same order, could be imported in forks
of a process that has made those after the packages around them, instead of in fresh interpreters.
Measured is processor time, without any recording on either side. "In a fork" is what a module takes
there, "all prefixes" what the processes that are forked take; "gain" is the bare loop's time for
all modules over that of both. What loads code of the service by its first imports, or fails in
them, counts as imported alone.

Cold mode does not do this: it was to be kept only with the same verdicts and at least three times
as fast. Where a library's import says something about who imports it, as a warning of deprecation
that the service turns into an error in its own code, the fork imports what a fresh interpreter does
not: a false pass. The other kind, a thread of the library's that a fork has lost, would be found
out by importing alone what fails. For speed there is warm mode, which makes no claim to be fresh.
Nor are interpreters started ahead of time: there is a job for each core, so none is idle to do it.
""",
}


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


def basis(versions: str, began: float, load: float) -> str:
    """What figures were measured with."""
    command = " ".join(["python benchmarks/run.py", *sys.argv[1:]])
    return f"""\
- Command: `{command}`, {(time.monotonic() - began) / 60:.1f} minutes
- Date: {dt.datetime.now(tz=dt.UTC).date()}
- Machine: {machine()}; load when it began: {load:.1f}
- Versions: {versions}
"""


def reading_part(bench: StaticBench, size: StaticSize) -> str:
    """The tables about reading source, measured now."""
    bench.prepare()
    tables = [table(against_linter(bench, size)), table(growth(bench, size))]
    if size.trees:
        figures, remarks = trees(bench, size.rounds)
        tables += [table(figures), "\n".join(f"- {remark}" for remark in remarks)]
    return "\n\n".join([*tables, ""])


def sections(page: str) -> dict[str, str]:
    """The parts of a page, by the name of the part."""
    found = {}
    for section in re.split(r"(?m)^(?=# )", page):
        heading = section.partition("\n")[0]
        for name, wanted in HEADINGS.items():
            if re.fullmatch(wanted.format(modules=r"\d+"), heading):
                found[name] = section
    return found


def arguments() -> argparse.Namespace:
    """What the user typed."""
    parser = argparse.ArgumentParser(description="Measures what import contracts cost.")
    parser.add_argument(
        "--quick", action="store_true", help="fewer modules and rounds; RESULTS.md stays as it is"
    )
    parser.add_argument(
        "--part",
        action="append",
        choices=tuple(HEADINGS),
        help="measure this part only, and leave the others in RESULTS.md; may be repeated",
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of each comparison")
    parser.add_argument(
        "--whole",
        action="store_true",
        help="slow rows import every module, not a portion: every verdict is compared",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=float("inf"),
        metavar="MINUTES",
        help="begin no part after so many; such parts are left out of RESULTS.md",
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument(
        "--work",
        type=Path,
        default=cache / "pytest-importcontract-benchmarks",
        metavar="DIR",
        help="folder for the environments and what is generated (default: %(default)s)",
    )
    return parser.parse_args()


def main() -> None:
    """Measure, print the tables, and keep them when the run is a full one."""
    asked = arguments()
    began, load = time.monotonic(), os.getloadavg()[0]
    bench = Bench(asked.work.resolve())
    bench.install()
    size = parts.QUICK if asked.quick else parts.FULL
    static = STATIC_QUICK if asked.quick else STATIC_FULL
    if asked.rounds:
        size, static = replace(size, rounds=asked.rounds), replace(static, rounds=asked.rounds)
    if asked.whole:
        size = replace(size, naive=size.rounds, cold=size.rounds, application=(size.rounds,) * 2)
    reader = StaticBench(bench.work, bench)
    measures: dict[str, Callable[[], str]] = {
        "modules": lambda: parts.of_modules(bench, size),
        "application": lambda: parts.of_application(bench, size),
        "suites": lambda: parts.of_suites(bench, size),
        "growth": lambda: parts.of_growth(bench, size),
        "reading": lambda: reading_part(reader, static),
        "prefixes": lambda: of_prefixes(bench, size.modules, size.prefixes, size.rounds),
    }
    if not size.grown:
        del measures["growth"]
    if not any(size.application):
        del measures["application"]
    if not any(size.prefixes):
        del measures["prefixes"]
    wanted = [name for name in measures if name in (asked.part or measures)]
    kept = sections(RESULTS.read_text("utf-8")) if asked.part and RESULTS.exists() else {}
    for name in wanted:
        if time.monotonic() - began > 60 * asked.budget:
            say(f"no time is left for {name}")
            continue
        measured = measures[name]()
        heading = HEADINGS[name].format(modules=size.modules)
        versions = bench.versions()
        if name == "reading":
            versions = f"{versions}, {reader.versions()}"
        notes = f"{EXPLAINED[name]}\n" if EXPLAINED[name] else ""
        kept[name] = f"{heading}\n\n{measured}\n{notes}{basis(versions, began, load)}"
        print(kept[name], flush=True)
        if not asked.quick:
            RESULTS.write_text(page(kept), "utf-8")


def page(kept: dict[str, str]) -> str:
    """The whole page, of the parts that there are."""
    return "\n".join(f"{kept[name].rstrip()}\n" for name in HEADINGS if name in kept)


if __name__ == "__main__":
    main()
