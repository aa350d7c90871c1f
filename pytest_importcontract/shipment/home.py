"""Where staged trees, compiled copies and what was read of source are kept from run to run."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs


@contextlib.contextmanager
def cache_folder() -> Iterator[Path]:
    """The user's cache folder for this project; where that cannot be written, one for this run.

    Raises:
        OSError: neither can be made.
    """
    folder = platformdirs.user_cache_path("pytest-importcontract")
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            yield folder
            return
    with tempfile.TemporaryDirectory(prefix="importcontract-") as temporary:
        yield Path(temporary)
