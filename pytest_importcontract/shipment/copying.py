"""Copies of files, made without copying bytes where they can be shared."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

_CHUNK = 1 << 20
_FICLONE = 0x40049409  # ioctl_ficlone(2): share the blocks until one side is written to
_KEPT = 14 * 24 * 3600.0  # seconds for which a copy that no tree links to is kept


def copy(source: Path, target: Path) -> None:
    """Copy a file with its mode and time to a place where there is none.

    Btrfs, XFS and others share the content of both until one of them is written to, so a large
    file costs neither time nor space; elsewhere its bytes are copied. What is written to the copy
    never reaches the source.

    Raises:
        OSError: the source cannot be read or the target not be written.
    """
    with source.open("rb") as original, target.open("xb") as made:
        try:
            fcntl.ioctl(made.fileno(), _FICLONE, original.fileno())
        except OSError:
            shutil.copyfileobj(original, made, _CHUNK)
    shutil.copystat(source, target)


def share(source: Path, target: Path, pool: Path) -> None:
    """As `copy`, but all trees that hold the file link to one copy of it in `pool`.

    What is written to it reaches the other trees, where it is noticed, and not the source.

    Args:
        source: the file.
        target: its place, where there is nothing.
        pool: folder that keeps the copies.

    Raises:
        OSError: the source cannot be read or the target not be written.
    """
    status = source.stat()
    known = status.st_size, status.st_mtime_ns, status.st_mode
    name = f"{source}\0{known}\0{status.st_ctime_ns}\0{status.st_ino}"
    shared = pool / hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    if _identity(shared) != known:
        pool.mkdir(parents=True, exist_ok=True)
        _sweep(pool)
        with tempfile.TemporaryDirectory(dir=pool) as folder:
            draft = Path(folder, "copy")
            copy(source, draft)
            draft.replace(shared)
    try:
        os.link(shared, target)  # fails where it is another file system
    except OSError:
        copy(source, target)


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_mode


def _sweep(pool: Path) -> None:
    """Drop copies that no tree has linked to for long."""
    oldest = time.time() - _KEPT
    with contextlib.suppress(OSError):
        for path in pool.iterdir():
            status = path.stat()
            if status.st_nlink == 1 and status.st_ctime < oldest:
                path.unlink(missing_ok=True)
