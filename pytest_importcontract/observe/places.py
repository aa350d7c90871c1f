"""What lies at the places that a process has looked at, as far as it can have told it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_importcontract.shipment.manifest import read_manifest, write_manifest

_LARGE = 1 << 16  # bytes from which on it takes longer to read a file than to know it again
_NOTHING = "-"
_UNREADABLE = "!"
_CHUNK = 1 << 20
_FRESH = 2_000_000_000  # nanoseconds in which a file may change and bear the same times
_CACHE = "__pycache__"


class Places:
    """States of places, each looked up once.

    A state is a short text: equal texts for what no process can tell apart. Times and owners are
    left out, since they differ from checkout to checkout.

    Args:
        suffixes: file name endings of modules.
        notes: where digests of large files are noted, by times, size and inode.
    """

    def __init__(self, suffixes: Sequence[str], notes: Path | None = None) -> None:
        self._suffixes = tuple(suffixes)
        self._notes = notes
        self._known: Mapping[str, Any] = {} if notes is None else read_manifest(notes)
        self._noted: dict[str, Any] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._names: dict[str, dict[str, str] | None] = {}

    def state(self, kind: str, path: str) -> str:
        """What is there now, of the kind that a process looked at (see the probe's `Looks`)."""
        key = kind, path
        if key not in self._states:
            self._states[key] = self._look(kind, path)
        return self._states[key]

    def save(self) -> None:
        """Note digests of large files for the next run, if there are new ones."""
        if self._notes is None or all(self._known.get(p) == n for p, n in self._noted.items()):
            return
        kept = {path: noted for path, noted in self._known.items() if os.path.exists(path)}  # noqa: PTH110
        with contextlib.suppress(OSError):
            self._notes.parent.mkdir(parents=True, exist_ok=True)
            write_manifest(self._notes, {**kept, **self._noted})

    def _look(self, kind: str, path: str) -> str:
        try:
            if kind in ("r", "o"):
                return self._content(path)
            if kind == "l":
                return self._listing(path)
            if kind == "m":
                folder, _, name = path.partition("\0")
                return self._module(folder, name)
            return _status(path)
        except FileNotFoundError:
            return _NOTHING
        except (OSError, ValueError) as error:
            return f"{_UNREADABLE}{getattr(error, 'errno', '')}"

    def _content(self, path: str) -> str:
        status = os.stat(path)  # noqa: PTH116 (thousands of calls)
        if not stat.S_ISREG(status.st_mode):
            return f"{stat.S_IFMT(status.st_mode):o}"
        return f"{self._digest(path, status)}{'x' if status.st_mode & 0o111 else ''}"

    def _digest(self, path: str, status: os.stat_result) -> str:
        large = status.st_size >= _LARGE
        stamp = [status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino]
        if large and isinstance(noted := self._known.get(path), list) and noted[:-1] == stamp:
            self._noted[path] = noted
            return str(noted[-1])
        digest = hashlib.blake2b(digest_size=16)
        with open(path, "rb") as file:  # noqa: PTH123 (thousands of calls)
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        found = digest.hexdigest()
        if large and max(stamp[:2]) + _FRESH < time.time_ns():
            self._noted[path] = [*stamp, found]
        return found

    def _entries(self, folder: str) -> dict[str, str] | None:
        """The kind of each thing in a folder, by name; None where there is no folder."""
        if folder not in self._names:
            try:
                with os.scandir(folder) as entries:
                    self._names[folder] = {each.name: _kind(each) for each in entries}
            except (FileNotFoundError, NotADirectoryError):
                self._names[folder] = None
        return self._names[folder]

    def _listing(self, path: str) -> str:
        entries = self._entries(path)
        if entries is None:
            return _NOTHING
        told = sorted(f"{name}\0{kind}" for name, kind in entries.items() if name != _CACHE)
        return hashlib.blake2b(os.fsencode("\0\0".join(told)), digest_size=16).hexdigest()

    def _module(self, folder: str, name: str) -> str:
        """What the import system can take for a module of that name."""
        entries = self._entries(folder)
        if entries is None:
            return _NOTHING
        found = [f"{name}{suffix}" for suffix in self._suffixes if f"{name}{suffix}" in entries]
        told = [f"{each}:{entries[each]}" for each in found]
        if name in entries:
            within = self._entries(f"{folder}/{name}")
            if within is not None:
                starts = (f"__init__{suffix}" for suffix in self._suffixes)
                told.append("/".join(["folder", *(each for each in starts if each in within)]))
        return ",".join(told) or _NOTHING


def _kind(entry: os.DirEntry[str]) -> str:
    """``d`` for a folder, ``f`` for a file, ``-`` for anything else; ``l`` before it for a link."""
    kind = "d" if entry.is_dir() else "f" if entry.is_file() else "-"
    return f"l{kind}" if entry.is_symlink() else kind


def _status(path: str) -> str:
    """What ``stat`` and ``lstat`` tell, without times, owner, and a folder's size."""
    told = ""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        told = f"{os.readlink(path)}>"  # noqa: PTH115 (its text)
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:
            return f"{told}{_NOTHING}"
    size = status.st_size if stat.S_ISREG(status.st_mode) else 0
    reachable = os.access(path, os.R_OK), os.access(path, os.X_OK)
    return f"{told}{stat.S_IFMT(status.st_mode):o} {size} {reachable}"


def changed_at(path: str) -> int:
    """When something at a path changed last, in nanoseconds; of nothing, the folder around it."""
    while True:
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                with contextlib.suppress(OSError):
                    return max(status.st_ctime_ns, os.stat(path).st_ctime_ns)  # noqa: PTH116
            return status.st_ctime_ns
        except (OSError, ValueError):
            above = os.path.dirname(path)  # noqa: PTH120 (a name)
            if above == path:
                return 0
            path = above
