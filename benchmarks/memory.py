"""How much memory a command holds, with all that it starts."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.05  # seconds between two looks


class Peak:
    """The most that a process and all below it held at a time, while it is looked at.

    Shared pages count once (PSS, see proc(5)), so that a fork costs what it does not share. Looking
    takes time, so what is timed is not looked at. Without /proc, nothing is seen.

    Args:
        root: the process.
        itself: whether it counts, and not only what is below it.

    Attributes:
        everything: in MB, of all processes.
        service: in MB, of those that import the service.
        started: in MB, the most that the first of those held while it was the only one.
    """

    def __init__(self, root: int, *, itself: bool = True) -> None:
        self._root = root
        self._passed_over = set() if itself else {root}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.everything = self.service = self.started = 0.0

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _processes(self) -> set[int]:
        return {*_below(self._root)} - self._passed_over

    def _look(self) -> None:
        first = 0
        while not self._over.wait(_PAUSE):
            held = {pid: _held(pid) for pid in self._processes()}
            probes = [pid for pid in held if _is_probe(pid)]
            first = first or next(iter(probes), 0)
            service = sum(held[pid] for pid in probes)
            self.everything = max(self.everything, sum(held.values()))
            self.service = max(self.service, service)
            if probes == [first]:
                self.started = max(self.started, service)


def _below(root: int) -> Iterator[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
            children[parent].append(int(entry.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children[pid]


def _held(pid: int) -> float:
    """Megabytes of a process; 0 for one that is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    return 0.0


def _is_probe(pid: int) -> bool:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        scripts = [word for word in words if word.endswith(b".py")]
        return bool(scripts) and scripts[0].endswith(b"/probe.py")
    return False
