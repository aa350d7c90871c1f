"""A terminal, or what stands for one, that lines are written to."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

_CODES = {"bold": "1", "red": "31", "cyan": "36"}


class Terminal:
    """Writes to a stream, in colour where it is a terminal and NO_COLOR is not set.

    NO_COLOR is that of https://no-color.org; COLUMNS overrides the width.

    Args:
        stream: where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colours = stream.isatty() and not os.environ.get("NO_COLOR")

    @property
    def fullwidth(self) -> int:
        """Columns; 80 where it is no terminal."""
        return shutil.get_terminal_size((80, 24)).columns

    def write(self, msg: str, *, flush: bool = False, **markup: bool) -> None:
        """Write text, marked up where that can be shown."""
        codes = [_CODES[name] for name, on in markup.items() if on and name in _CODES]
        if self._colours and codes and msg:
            msg = f"\x1b[{';'.join(codes)}m{msg}\x1b[0m"
        self._stream.write(msg)
        if flush:
            self._stream.flush()

    def line(self, s: str = "", **markup: bool) -> None:
        """End a line."""
        self.write(f"{s}\n", **markup)
