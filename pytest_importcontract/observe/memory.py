"""How much memory the processes hold that we have started."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from pytest_importcontract.observe.health.watcher import descendants

_PAUSE = 0.25  # seconds between two looks


class Meter:
    """Looks at the processes below this one from time to time, until it is stopped.

    Pages that processes share count once (PSS, see proc(5)), so that a fork costs what it does not
    share with what it was forked from.

    Attributes:
        peak: the most bytes that all of them held at a time; 0 where the system does not tell.
    """

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="importcontract", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look once more, and no more."""
        self._over.set()
        self._thread.join()
        self._look()

    def _run(self) -> None:
        while not self._over.wait(_PAUSE):
            self._look()

    def _look(self) -> None:
        self.peak = max(self.peak, sum(map(_held, descendants(os.getpid()))))


def _held(pid: int) -> int:
    """Bytes of one process; 0 for one that is gone, or that may not be looked at."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return 0
