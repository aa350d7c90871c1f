"""The shipped tree as a copy outside the repository.

A stage is kept from run to run and brought up to date by comparing size, mode and time of each
file, as rsync does. Runs at the same time share one where its content is what they need, and use
another where it is not: whoever changes a stage holds its lock alone (``flock``), whoever uses it
holds the lock with others until the run ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pytest_importcontract.shipment.files import ShippedFile

_PATIENCE = 120.0  # seconds to wait for another run that is filling a stage
_SLOTS = 64


@dataclass
class Stage:
    """A staged tree in use.

    Attributes:
        tree: the folder that stands for the image's root.
        copied: how many files this run had to copy.
        removed: how many files this run had to take away.
    """

    tree: Path
    copied: int
    removed: int
    _lock: IO[bytes] = field(repr=False)

    def release(self) -> None:
        """Let other runs change the stage."""
        self._lock.close()


def open_stage(home: Path, name: str, files: Sequence[ShippedFile], bytecode: Path) -> Stage:
    """A tree that holds exactly `files`, to be released when no longer needed.

    Args:
        home: folder that keeps stages, outside the repository.
        name: what the stage is for; equal names reuse a stage.
        files: what it holds.
        bytecode: the folder used as ``pycache_prefix``, where compiled copies are dropped.

    Raises:
        OSError: the tree cannot be written, or a source cannot be read.
    """
    key = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    for slot in range(_SLOTS):
        folder = home / f"{key}-{slot}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("ab")
        tree = folder / "tree"
        try:
            if _lock(lock, fcntl.LOCK_EX):
                copied, removed = _bring_up_to_date(tree, files, bytecode)
            else:
                copied, removed = 0, 0
            # Changing the kind of lock lets others in between, so look again.
            if _lock(lock, fcntl.LOCK_SH, _PATIENCE) and _is_up_to_date(tree, files):
                return Stage(tree, copied, removed, lock)
        except BaseException:
            lock.close()
            raise
        lock.close()
    raise OSError(f"{_SLOTS} runs are using the stages of {name}")


def _lock(lock: IO[bytes], kind: int, patience: float = 0.0) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _is_up_to_date(tree: Path, files: Sequence[ShippedFile]) -> bool:
    staged = {relative: entry for relative, entry in _staged(tree) if not entry.is_dir}
    return len(staged) == len(files) and all(
        (entry := staged.get(str(file.target))) is not None and entry.same(file) for file in files
    )


def _bring_up_to_date(tree: Path, files: Sequence[ShippedFile], bytecode: Path) -> tuple[int, int]:
    tree.mkdir(exist_ok=True)
    wanted = {str(file.target): file for file in files}
    folders = {str(parent) for file in files for parent in file.target.parents}
    current = set()
    removed = 0
    for relative, entry in _staged(tree):
        if entry.is_dir:
            if relative not in folders:
                shutil.rmtree(tree / relative, ignore_errors=True)
            continue
        file = wanted.get(relative)
        if file is not None and entry.same(file):
            current.add(relative)
        else:
            removed += file is None
            with contextlib.suppress(FileNotFoundError):  # its folder may be gone already
                (tree / relative).unlink()
    for folder in sorted(folders):
        (tree / folder).mkdir(exist_ok=True)
    for relative, file in wanted.items():
        if relative not in current:
            place(file, tree / relative, bytecode)
    return len(wanted) - len(current), removed


def place(file: ShippedFile, target: Path, bytecode: Path) -> None:
    """Put one file where it ships, in a single step, with its mode and time.

    Raises:
        OSError: the source cannot be read or the target cannot be written.
    """
    if file.link:
        target.unlink(missing_ok=True)
        target.symlink_to(file.link)
        return
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    shutil.copyfile(file.source, partial)
    shutil.copystat(file.source, partial)
    partial.replace(target)
    _drop_bytecode(target, bytecode)


def _drop_bytecode(target: Path, bytecode: Path) -> None:
    """Forget the compiled copy: a pyc file tells sources apart only by second and size."""
    if target.suffix == ".py":
        folder = bytecode.joinpath(*target.parent.parts[1:])
        for compiled in folder.glob(f"{target.stem}.*.pyc"):
            compiled.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What lies in a stage: a folder, a link with its text, or a file with its stat."""

    is_dir: bool
    link: str
    stat: os.stat_result

    def same(self, file: ShippedFile) -> bool:
        if file.link or self.link:
            return file.link == self.link
        source = file.source.stat()
        return (
            stat.S_ISREG(self.stat.st_mode)
            and self.stat.st_size == source.st_size
            and self.stat.st_mtime_ns == source.st_mtime_ns
            and self.stat.st_mode == source.st_mode
        )


def _staged(tree: Path) -> Iterator[tuple[str, _Entry]]:
    pending = [tree]
    start = len(str(tree)) + 1
    while pending:
        folder = pending.pop()
        with contextlib.suppress(FileNotFoundError), os.scandir(folder) as scan:
            for entry in scan:
                is_dir = entry.is_dir(follow_symlinks=False)
                link = os.readlink(entry.path) if entry.is_symlink() else ""  # noqa: PTH115
                yield entry.path[start:], _Entry(is_dir, link, entry.stat(follow_symlinks=False))
                if is_dir:
                    pending.append(Path(entry.path))
