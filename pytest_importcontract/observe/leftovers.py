"""What is left of a service's processes when the supervisor that would end them is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from pytest_importcontract.observe.supervisor import clear

_PATIENCE = 5.0  # seconds; what forks faster than it can be killed is left at last
HOME = "home"  # the folder in a supervisor's that its services have as HOME


def end_leftovers(folder: Path) -> None:
    """Kill the processes of services that a supervisor started, and remove its folder.

    They are known by HOME, which no other process has (Linux only; nothing is killed elsewhere).

    Args:
        folder: the supervisor's; its name was made up for it.
    """
    deadline = time.monotonic() + _PATIENCE
    while (found := list(_living_in(folder / HOME))) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    clear(folder)


def _living_in(home: Path) -> Iterable[int]:
    variable = b"HOME=" + os.fsencode(home)
    with contextlib.suppress(OSError):
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                with contextlib.suppress(OSError):
                    if variable in (process / "environ").read_bytes().split(b"\0"):
                        yield int(process.name)
