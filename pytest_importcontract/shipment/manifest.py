"""What files were when they were last looked at.

Time and size alone tell little: a checkout may give every file the same time, an edit may keep the
size. The time of a file's last change of any kind (``st_ctime``, which no program can set) and its
inode tell the rest. What is noted here is kept as JSON, and where it is lost or damaged nothing is
taken to be known.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def stamp(status: os.stat_result) -> list[int]:
    """What tells a file from the same file after a change, in a form that JSON keeps.

    A further link to a file changes its ``st_ctime`` and not the file, so that counts only for
    files of one name.
    """
    return [
        status.st_mtime_ns,
        status.st_ctime_ns if status.st_nlink == 1 else 0,
        status.st_size,
        status.st_mode,
        status.st_ino,
    ]


def read_manifest(path: Path) -> Mapping[str, Any]:
    """What was noted at `path`, by name of file; empty when that cannot be read."""
    try:
        noted = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return noted if isinstance(noted, dict) else {}


def write_manifest(path: Path, noted: Mapping[str, Any]) -> None:
    """Note what files are, in a single step.

    Raises:
        OSError: `path` cannot be written.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(noted), "ascii")
    partial.replace(path)
