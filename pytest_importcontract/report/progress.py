"""What is going on, on a terminal, for as long as it does."""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType

_PATIENCE = 1.0  # seconds that pass before anything is said, and between two times that it is
# Text right of the cursor, which stays where it is: saved and restored (DECSC, DECRC) around what
# does not wrap (DECAWM). The rest of the line is cleared (EL).
_SHOW = "\x1b7\x1b[?7l{text}\x1b[K\x1b[?7h\x1b8"
_CLEAR = "\x1b[K"


class Progress:
    """Says right of the cursor what is going on, and for how long; gone when it is over.

    Meanwhile nobody else may write to the terminal.

    Args:
        descriptor: of a terminal that understands what VT100s do.
        what: ASCII, as ``starting backend``.
        written: columns of the line that the cursor is in; what does not fit after them is left
            out.
    """

    def __init__(self, descriptor: int, what: str, written: int) -> None:
        self._descriptor = descriptor
        self._what = what
        self._written = written
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="importcontract", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _tell(self) -> None:
        began = time.monotonic()
        told = False
        try:
            while not self._over.wait(_PATIENCE):
                if text := self._fitting(f"{time.monotonic() - began:.0f} s"):
                    self._write(_SHOW.format(text=text))
                    told = True
            if told:
                self._write(_CLEAR)
        except OSError:  # the terminal is gone
            return

    def _fitting(self, elapsed: str) -> str:
        """As much of the text as there is room for; the last column stays free."""
        columns = os.get_terminal_size(self._descriptor).columns or 80  # where nobody has told
        room = columns - self._written % columns - 1
        texts = (f"{self._what}, {elapsed}", elapsed)
        return next((text for text in texts if len(text) <= room), "")

    def _write(self, text: str) -> None:
        data = text.encode("ascii")
        while data:
            data = data[os.write(self._descriptor, data) :]
