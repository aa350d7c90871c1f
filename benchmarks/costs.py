"""Where the time of a run goes, part by part."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

from bench import WORKERS
from figures import grid
from service import Service

# As the started service forks: what is alive is frozen, and a fork ends at once.
FORK = """\
import gc, json, os, sys, time
import {module}
gc.collect()
gc.freeze()
taken = []
for _ in range(200):
    start = time.perf_counter()
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    taken.append(time.perf_counter() - start)
print(json.dumps(sorted(taken)[100]))
"""


def split(service: Service, forked: int, warm: float, rounds: int) -> str:
    """A table of what a warm run is made of, as far as its parts can be measured by themselves.

    Args:
        service: the one that ran.
        forked: how many of its modules were imported in forks.
        warm: what the run took, in seconds.
        rounds: how many times each part is measured; the median counts.
    """
    bench, folder = service.bench, service.folder

    def taken(action: Callable[[], object]) -> float:
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            action()
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    items = len(service.modules) + 3  # its start, deferred_imports and hidden_failures
    interpreter = taken(lambda: bench.run(["-I", "-S", "-c", "pass"], folder))
    start = taken(lambda: bench.run(["-c", f"import {service.entrypoint}"], folder)) - interpreter
    code = FORK.format(module=service.entrypoint)
    fork = statistics.median(float(json.loads(bench.run(["-c", code], folder))) for _ in range(3))
    one = taken(lambda: bench.suite(1, with_plugin=False))
    all_items = taken(lambda: bench.suite(items, with_plugin=False))
    collect = ["-m", "pytest", "--import-contracts", "contracts.toml", "--collect-only", "-qq"]
    collecting = taken(lambda: bench.run([*collect, "-p", "no:cacheprovider"], folder)) - one
    per_item = (all_items - one) / (items - 1)
    rows = [
        ("an interpreter", f"{1000 * interpreter:.1f} ms", "1", interpreter),
        ("the service's own code, from start", f"{1000 * start:.0f} ms", "1", start),
        (
            f"a fork of it and its end, {WORKERS} at a time",
            f"{1000 * fork:.2f} ms",
            f"{forked}",
            fork * forked / WORKERS,
        ),
        ("pytest with a test that does nothing", f"{1000 * one:.0f} ms", "1", one),
        ("each more of those", f"{1000 * per_item:.2f} ms", f"{items - 1}", all_items - one),
    ]
    least = sum(seconds for *_, seconds in rows)
    return "\n".join(
        [
            grid(
                [
                    ("part", "each", "how many", "together", "of the run"),
                    *(
                        (what, each, count, f"{seconds:.2f} s", f"{seconds / warm:.0%}")
                        for what, each, count, seconds in rows
                    ),
                    ("the limit: all of these", "", "", f"{least:.2f} s", f"{least / warm:.0%}"),
                    (
                        "reading the contract, copying what ships, making items",
                        "",
                        "",
                        f"{collecting:.2f} s",
                        f"{collecting / warm:.0%}",
                    ),
                    (
                        "what runs in forks, recording, reading source, reporting",
                        "",
                        "",
                        f"{warm - least - collecting:.2f} s",
                        f"{(warm - least - collecting) / warm:.0%}",
                    ),
                    ("the run", "", "", f"{warm:.2f} s", "100%"),
                ]
            ),
        ]
    )
