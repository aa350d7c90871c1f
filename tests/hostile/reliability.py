"""Tries what could go wrong as often as it is told to, and writes docs/reliability.md.

Run as ``python tests/hostile/reliability.py [--rounds N] [--seeds N]`` with the project and its
extra ``test`` installed, on Linux. What the tests try once is tried here many times. The page is
written anew after every round, so that it tells what was tried when somebody ends this early.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import faults
import ground

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = """\
# Reliability

What was tried against the plugin, how often, and what came of it. Written by

```console
python tests/hostile/reliability.py
```

on {date} with CPython {python} on {system}, {cores} cores{root}.

## Modules that attack whoever imports them

`tests/hostile/` holds {modules} modules that crash, hang, lie, fork, close and write into
descriptors, break built-in functions and the import system, delete what lies around them, or are
no source files at all. `expected.toml` has the verdict for each; a plain interpreter that imports
each module alone came to it in {agreed} of {plain}.

Runs in a row over all of them:

| isolation | runs | verdicts | other verdicts | runs that left a process, a file or a change |
|---|---|---|---|---|
"""
FAULTS = """
## Faults around a run

Each time pytest must end, show no traceback of the plugin's, and leave no process and no temporary
file. The verdicts must be those of an undisturbed run, or the run must say what it could not do.
After Ctrl-C and a kill nothing needs to be said.

| fault | tried | survived |
|---|---|---|
"""
MODES = ("warm", "cold")


def main() -> int:
    options = _options()
    base = Path(tempfile.mkdtemp(prefix="reliability-", dir=options.work))
    counts: Counter[tuple[str, str]] = Counter()
    PAGE.parent.mkdir(exist_ok=True)
    try:
        plain = ground.plain(_folder(base, "plain"))
        for name, outcome in plain.items():
            agreed = outcome == ground.EXPECTED[name]["outcome"]
            counts["plain", "agreed"] += agreed
            counts["plain", "tried"] += 1
            if not agreed:
                print(f"plain {name}: {outcome}", flush=True)
        for number in range(max(options.rounds, options.seeds)):
            for mode in MODES if number < options.rounds else ():
                _round(_folder(base, f"{mode}{number}"), mode, counts)
                PAGE.write_text(_page(counts), "utf-8")
            for name in faults.FAULTS if number < options.seeds else ():
                if os.getuid() == 0 or name not in faults.NEED_ROOT:
                    _fault(base / f"{name}{number}", name, number, counts)
            PAGE.write_text(_page(counts), "utf-8")
    finally:
        shutil.rmtree(base, ignore_errors=True)
    failed = counts["plain", "tried"] - counts["plain", "agreed"]
    failed += sum(counts[mode, what] for mode in MODES for what in ("others", "left"))
    failed += sum(counts[name, "tried"] - counts[name, "survived"] for name in faults.FAULTS)
    print(f"{PAGE}: {failed} failed")
    return min(failed, 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="runs over all hostile modules")
    parser.add_argument("--seeds", type=int, default=20, help="times that each fault happens")
    parser.add_argument("--work", help="folder to work in, not below /tmp (default: TMPDIR)")
    return parser.parse_args()


def _page(counts: Counter[tuple[str, str]]) -> str:
    text = HEAD.format(
        date=time.strftime("%Y-%m-%d"),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        cores=os.cpu_count(),
        root=", as root" if os.getuid() == 0 else "",
        modules=len(ground.EXPECTED),
        agreed=counts["plain", "agreed"],
        plain=counts["plain", "tried"],
    )
    for mode in MODES:
        told = (str(counts[mode, what]) for what in ("tried", "verdicts", "others", "left"))
        text += f"| {mode} | {' | '.join(told)} |\n"
    text += FAULTS
    for name, (_, words) in faults.FAULTS.items():
        text += f"| {words} | {counts[name, 'tried']} | {counts[name, 'survived']} |\n"
    return text


def _folder(base: Path, name: str) -> Path:
    folder = base / name
    folder.mkdir()
    return folder


def _round(folder: Path, mode: str, counts: Counter[tuple[str, str]]) -> None:
    """One run over all hostile modules."""
    run = ground.run(folder, mode)
    wanted = {n: e["outcome"] for n, e in ground.EXPECTED.items() if n not in run.absent}
    got = {name: ground.outcome(failure) for name, failure in run.failures.items()}
    others = [name for name, verdict in wanted.items() if got.get(name) != verdict]
    left = [*run.left_running, *run.left_in_tmp, *run.left_in_home]
    left += [] if run.before == run.after else ["the repository was changed"]
    for trouble in (*(f"{name}: {got.get(name)}" for name in others), *left):
        print(f"{mode} {trouble}", flush=True)
    counts[mode, "tried"] += 1
    counts[mode, "verdicts"] += len(wanted)
    counts[mode, "others"] += len(others)
    counts[mode, "left"] += bool(left)
    print(f"{mode} {counts[mode, 'tried']}: {len(others)} others", flush=True)
    subprocess.run(["chmod", "-R", "u+rwX", folder], check=False, stderr=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


def _fault(folder: Path, name: str, seed: int, counts: Counter[tuple[str, str]]) -> None:
    found = faults.survived(name, folder, seed)
    for trouble in found:
        print(f"{name} {seed}: {trouble}", flush=True)
    counts[name, "tried"] += 1
    counts[name, "survived"] += not found


if __name__ == "__main__":
    sys.exit(main())
