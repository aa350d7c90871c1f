"""Notices and mends what a service does to the staged tree that its next import runs in, too.

An import may write: into a log beside its code, into a file that the next import looks for, into
the code itself. Then the next import would run in another image than the one that ships. So after
each process the tree is looked over, and what is there again is what ships.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_importcontract.shipment.bytecode import forget
from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.manifest import stamp
from pytest_importcontract.shipment.stage import make_folder, put, remove, scan

_SETTLED = 50_000_000  # nanoseconds; file systems keep time in ticks of up to some milliseconds
_CACHE = "/__pycache__"
_PATIENCE = (0.01, 0.05, 0.25)  # seconds between attempts


class Guard:
    """The content of one staged tree, as it is when the guard is made.

    Args:
        tree: the staged tree, which no other run uses.
        files: what ships in it.
        bytecode: the folder used as ``pycache_prefix``.
    """

    def __init__(self, tree: Path, files: Sequence[ShippedFile], bytecode: Path) -> None:
        self._tree = tree
        self._bytecode = bytecode
        self._files = {f"{tree}/{file.target}": file for file in files}
        self._stamps = {path: _stamp(path) for path in self._files}
        below = (e.path for _, e in scan(str(tree)) if e.is_dir(follow_symlinks=False))
        self._folders = {path: _settled(path) for path in (str(tree), *below)}
        self._replaced: frozenset[int] = frozenset()

    def mend(self) -> int:
        """Put back what was changed or taken away, take away what is new.

        Processes that run meanwhile may be using what is taken away, or have seen it: what they
        say is in doubt whenever this is not 0.

        Returns:
            How many files and folders that was; 0 when the tree is what ships. What Python
            itself adds, ``__pycache__``, is taken away without being counted.

        Raises:
            OSError: the tree cannot be made what ships.
        """
        hindered = 0
        for patience in _PATIENCE:
            try:
                return hindered + self._look_over()
            except OSError:  # as when a process takes away what is being mended
                hindered = 1
                time.sleep(patience)
        return hindered + self._look_over()

    def _look_over(self) -> int:
        rebuilt = [path for path in self._folders if make_folder(path)]
        found = 0
        for folder in self._changed(rebuilt):
            for path in self._new(folder):
                _try_to_remove(path)
                found += not (path.endswith(_CACHE) or folder.endswith(_CACHE))
        damaged = [path for path, known in self._stamps.items() if _stamp(path) != known]
        for path in damaged:
            remove(path)
            self._folders[os.path.dirname(path)] = None  # noqa: PTH120 (a name)
        if self._replaced:  # who ran at the time may have compiled what was there before
            forget(str(self._tree), self._bytecode, lambda _, s: s.st_ino in self._replaced)
        if damaged:
            files = [self._files[path] for path in damaged]
            self._replaced |= put(files, self._tree, self._bytecode)
            self._stamps.update((path, _stamp(path)) for path in damaged)
        return len(rebuilt) + found + len(damaged)

    def _changed(self, rebuilt: Sequence[str]) -> Iterator[str]:
        """Folders that have been written to since they were last seen to be clean."""
        for path, known in self._folders.items():
            if known is None or path in rebuilt or _folder_stamp(path) != known:
                yield path

    def _new(self, folder: str) -> list[str]:
        """What lies in a folder and does not ship; where there is none, the folder is clean."""
        now = _settled(folder)
        with os.scandir(folder) as entries:
            new = [
                entry.path
                for entry in entries
                if entry.path not in self._files and entry.path not in self._folders
            ]
        self._folders[folder] = None if new else now
        return new


def _try_to_remove(path: str) -> None:
    """Take something away, unless a process goes on filling it: then it goes the next time."""
    try:
        remove(path)
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise


def _stamp(path: str) -> list[int] | None:
    try:
        return stamp(os.lstat(path))
    except OSError:
        return None


def _folder_stamp(path: str) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_mtime_ns, status.st_ino


def _settled(folder: str) -> tuple[int, int] | None:
    """The folder's stamp; None while another change could still leave it the same."""
    found = _folder_stamp(folder)
    return found if time.time_ns() - found[0] > _SETTLED else None
