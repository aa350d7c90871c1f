"""Starts one command, tells when it ends, and ends all that it started.

Run as ``PYTHON -I -S watcher.py`` in a process of its own, so that nothing of the command
survives. On Linux it is a child subreaper (prctl(2)), to which everything comes home that detaches
itself; the end of its standard input ends it with all it started, also where pytest itself was
killed. What the command prints goes to the watcher's standard error, which is for that alone.

Messages are JSON objects, one a line. The first that comes in has ``argv``, ``env``, ``cwd`` and
``folder``, which is removed where nobody is left to do so. Then there may come

``{"who": true}``
    Answered by ``{"pids": […]}``, all processes that live.
``{"signal": NUMBER, "trace": FILE}``
    That signal for all of them, which asks for a traceback in that file; one after the other, since
    what several write at once is no traceback any more. Answered by ``{"traced": true}``.
``{"stop": SECONDS}``
    SIGTERM to the command, and SIGKILL to what is left after so long a grace; answered by
    ``{"stopped": true}``.

By itself it says ``{"started": PID}`` or ``{"error": TEXT}``, and ``{"status": N}`` when the
command has ended, negative for a signal.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 5.0  # seconds to hunt down what forks faster than it can be killed
_TRACING = 3.0  # seconds for the tracebacks of all processes
_WRITING = 0.5  # seconds in which a process that is asked for one begins to write
_WRITTEN = 0.05  # seconds without another byte: it has written all


class Watcher:
    """One command and what it started."""

    def __init__(self, prctl: Callable[..., Any] | None) -> None:
        self._prctl = prctl
        self._pid = 0
        self._folder = ""
        self._status: int | None = None
        self._input = b""
        self._wakeup, wakeup = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(wakeup, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Do what is asked until standard input ends."""
        while True:
            ready, _, _ = select.select([0, self._wakeup], [], [])
            if self._wakeup in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wakeup, 4096)
                self._reap()
            if 0 in ready:
                data = os.read(0, 1 << 16)
                if not data:
                    return
                self._input += data
                while b"\n" in self._input:
                    line, _, self._input = self._input.partition(b"\n")
                    self._obey(json.loads(line))

    def _obey(self, message: dict[str, Any]) -> None:
        if "argv" in message:
            self._folder = message["folder"]
            self._start(message)
        elif "who" in message:
            _say(pids=descendants(os.getpid()))
        elif "signal" in message:
            self._trace(message["signal"], message["trace"])
            _say(traced=True)
        elif "stop" in message:
            self._folder = ""  # is read by who asks
            self._stop(message["stop"])
            _say(stopped=True)

    def _start(self, message: dict[str, Any]) -> None:
        try:
            process = subprocess.Popen(
                message["argv"],
                stdin=subprocess.DEVNULL,
                stdout=2,
                stderr=2,
                cwd=message["cwd"],
                env=message["env"],
                start_new_session=True,
                preexec_fn=self._end_with_us if self._prctl else None,
            )
        except (OSError, ValueError) as error:
            _say(error=getattr(error, "strerror", None) or str(error))
            return
        self._pid = process.pid
        process.returncode = 0  # it is reaped here, not by subprocess
        _say(started=self._pid)
        self._reap()

    def _trace(self, number: int, file: str) -> None:
        until = time.monotonic() + _TRACING
        for pid in descendants(os.getpid()):
            before = _size(file)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
                begun = time.monotonic() + _WRITING
                while _size(file) == before and time.monotonic() < min(begun, until):
                    time.sleep(0.005)
                while _size(file) != before and time.monotonic() < until:
                    before = _size(file)
                    time.sleep(_WRITTEN)

    def _end_with_us(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if self._prctl is not None:
            self._prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)

    def _reap(self) -> bool:
        """Take what has ended; whether anything is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not pid:
                return True
            if pid == self._pid and self._status is None:
                self._status = os.waitstatus_to_exitcode(status)
                _say(status=self._status)

    def _stop(self, grace: float) -> None:
        if self._pid and self._status is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._pid, signal.SIGTERM)
        until = time.monotonic() + grace
        while self._reap() and self._status is None and time.monotonic() < until:
            time.sleep(0.01)
        self.kill()

    def end(self) -> None:
        """End everything, and remove what nobody else will."""
        self.kill()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """End everything."""
        until = time.monotonic() + _PATIENCE
        while self._reap() and time.monotonic() < until:
            for pid in descendants(os.getpid()) or ([self._pid] if self._pid else []):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.002)


def descendants(top: int) -> list[int]:
    """Process numbers below one, as /proc tells them; none where there is no /proc."""
    children: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    text = (process / "stat").read_bytes()
                    parent = int(text.rpartition(b")")[2].split()[1])
                    children.setdefault(parent, []).append(int(process.name))
    found: list[int] = []
    todo = [top]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def _size(file: str) -> int:
    try:
        return Path(file).stat().st_size
    except OSError:
        return 0


def _say(**message: Any) -> None:
    data = json.dumps(message).encode("ascii") + b"\n"
    with contextlib.suppress(BrokenPipeError):
        while data:
            data = data[os.write(1, data) :]


def main() -> None:
    """Watch until standard input ends."""
    prctl = None
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError):  # an interpreter built without libffi
            import ctypes

            prctl = ctypes.CDLL(None).prctl
            prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal; pytest closes our input then
    watcher = Watcher(prctl)
    try:
        watcher.run()
    finally:
        watcher.end()


if __name__ == "__main__":
    main()
