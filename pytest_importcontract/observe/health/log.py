"""What a command prints while it runs."""

from __future__ import annotations

import os
import re
import threading

from pytest_importcontract.observe.supervisor import Output

_LONGEST_LINE = 1 << 16  # bytes
# How servers say that a worker died that they did not send away. Each names a process.
_DEATH = re.compile(
    rb"Worker \(pid:\d+\) (?:exited with code [1-9]\d*|was sent SIG(?!TERM|INT|QUIT)\w+!)"
    rb"|Child process \[\d+\] died|exited with 'signal \d+ \(SIG\w+\)'"
)


class Log:
    """Reads a pipe to its end, in a thread of its own: a full pipe would stop the command.

    Args:
        descriptor: the pipe; closed at its end.
        ready: what to look for in lines; None for nothing.
    """

    def __init__(self, descriptor: int, ready: re.Pattern[str] | None) -> None:
        self._descriptor = descriptor
        self._ready = ready
        self._line = b""
        self._output = Output()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, name="importcontract-log", daemon=True)
        self.deaths = 0
        self.is_ready = False
        self._thread.start()

    def text(self) -> str:
        """What was printed so far, head and tail."""
        with self._lock:
            head, left_out, tail = self._output.bounded()
        return f"{head}{tail}" if not left_out else f"{head}\n… {left_out} bytes left out …\n{tail}"

    def wait(self, seconds: float) -> None:
        """Wait until it ends, for so long at most: who holds the pipe may live on."""
        self._thread.join(seconds)

    def _read(self) -> None:
        try:
            while data := os.read(self._descriptor, 1 << 16):
                with self._lock:
                    self._output.add(data)
                self._take(data)
            self._take(b"\n")  # ends the last line
        finally:
            os.close(self._descriptor)

    def _take(self, data: bytes) -> None:
        *lines, rest = (self._line + data).split(b"\n")
        self._line = rest[-_LONGEST_LINE:]
        for line in lines:
            self.deaths += bool(_DEATH.search(line))
            text = line.decode("utf-8", "replace")
            if self._ready is not None and self._ready.search(text):
                self.is_ready = True
