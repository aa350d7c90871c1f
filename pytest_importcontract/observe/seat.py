"""A supervisor at work, spoken to over its pipes."""

from __future__ import annotations

import contextlib
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_importcontract.observe.leftovers import end_leftovers
from pytest_importcontract.observe.supervisor import read_message, write_message
from pytest_importcontract.observe.surroundings import surroundings

_LOOK = 1.0  # seconds after which a supervisor that what was imported has stopped goes on


class GoneError(Exception):
    """A supervisor has ended; `status` says how, as subprocess tells it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class StoppedError(Exception):
    """The seat was told to stop."""


class Seat:
    """One supervisor, started when it is first needed, and anew when it is gone.

    Args:
        script: the supervisor's file.
        probe: the probe's.
    """

    def __init__(self, script: Path, probe: Path) -> None:
        self._script = script
        self._probe = probe
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path()
        self._lock = threading.Lock()
        self._stopped = False

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The reply to a request.

        Raises:
            GoneError: the supervisor ended meanwhile; what it had started is ended, too.
            StoppedError: `stop` was called.
            OSError: it cannot be started.
        """
        process = self._started()
        try:
            if process.stdin is None or process.stdout is None:
                raise ValueError("the supervisor has no pipes")
            write_message(process.stdin.fileno(), request)
            _wait_for(process, process.stdout.fileno())
            reply: dict[str, Any] | None = read_message(process.stdout.fileno())
        except (OSError, ValueError):
            reply = None
        if reply is None:
            if self._stopped:
                raise StoppedError
            self.end()
            end_leftovers(self._folder)
            raise GoneError(process.returncode)
        return reply

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:  # so that whoever stops it either sees it or keeps it from starting
            if self._stopped:
                raise StoppedError
            if self._process is None or self._process.poll() is not None:
                self._folder = Path(tempfile.mkdtemp(prefix="importcontract-"))
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", self._script, self._probe, self._folder],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=surroundings(),
                    start_new_session=True,
                )
            return self._process

    def stop(self) -> None:
        """Make it end with all it has started, whoever waits for a reply; does not wait."""
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()

    def end(self) -> None:
        """Wait for its end, once it has no more to do."""
        process = self._process
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        while True:
            try:
                process.wait(_LOOK)
                return
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGCONT)


def _wait_for(process: subprocess.Popen[bytes], descriptor: int) -> None:
    """Wait for something to read; the process goes on meanwhile, should somebody stop it."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while not selector.select(_LOOK):
            process.send_signal(signal.SIGCONT)
