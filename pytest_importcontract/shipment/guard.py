"""Notices and mends what a service does to the staged tree that others run in, too.

An import may write: into a log beside its code, which is harmless, or into the code itself, which
would give the next import another image than the one that ships. So after each process the tree
is looked over: shipped files by size, mode and time, and folders that changed for new modules.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.stage import place

_Signature = tuple[int, int, int]


class Guard:
    """The shipped files of one staged tree.

    Args:
        tree: the staged tree.
        files: what it holds.
        suffixes: file name endings of modules.
        bytecode: the folder used as ``pycache_prefix``.
    """

    def __init__(
        self, tree: Path, files: Sequence[ShippedFile], suffixes: Sequence[str], bytecode: Path
    ) -> None:
        self._suffixes = tuple(suffixes)
        self._bytecode = bytecode
        self._files = {str(tree / file.target): file for file in files}
        self._signatures = {path: _signature(path) for path in self._files}
        folders = {tree / folder for file in files for folder in file.target.parents}
        self._folders = {str(folder): _changed_at(folder) for folder in folders}

    def mend(self) -> int:
        """Put back what was changed or taken away, take away new modules.

        Returns:
            How many files and folders that was; 0 when the tree is what ships.
        """
        damaged = [p for p, known in self._signatures.items() if _signature(p) != known]
        new = list(self._new_modules())
        for path in new:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        for name in damaged:
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            place(self._files[name], path, self._bytecode)
            self._signatures[name] = _signature(name)
        for folder in {os.path.dirname(name) for name in (*damaged, *map(str, new))}:  # noqa: PTH120
            if folder in self._folders:
                self._folders[folder] = _changed_at(folder)
        return len(damaged) + len(new)

    def _new_modules(self) -> Iterator[Path]:
        pending = [name for name, then in self._folders.items() if _changed_at(name) != then]
        while pending:
            folder = pending.pop()
            self._folders[folder] = _changed_at(folder)
            if not os.path.isdir(folder):  # noqa: PTH112 (thousands of calls)
                continue
            with os.scandir(folder) as scan:
                for entry in scan:
                    known = entry.path in self._files or entry.path in self._folders
                    if known or entry.name == "__pycache__":
                        continue
                    if entry.name.endswith(self._suffixes) or entry.is_symlink():
                        yield Path(entry.path)
                    elif entry.is_dir():
                        if self._holds_modules(entry.path):
                            yield Path(entry.path)
                        else:
                            pending.append(entry.path)

    def _holds_modules(self, folder: str) -> bool:
        return any(
            name.endswith(self._suffixes) for _, _, names in os.walk(folder) for name in names
        )


def _signature(path: str) -> _Signature | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_mode


def _changed_at(folder: str | Path) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 (thousands of calls)
    except OSError:
        return 0
