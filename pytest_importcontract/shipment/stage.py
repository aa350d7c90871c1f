"""The shipped tree as a copy outside the repository.

A stage is kept from run to run and brought up to date: a file stays where both it and its source
are what they were when it was copied. Each run has a stage of its own, which it locks (``flock``)
until it ends, because what one service writes must not be seen by another.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pytest_importcontract.shipment.bytecode import forget
from pytest_importcontract.shipment.copying import copy, share
from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.manifest import read_manifest, stamp, write_manifest

_SLOTS = 1000
_LARGE = 1 << 20  # bytes from which on a file is shared among trees
_CODE = frozenset({".py", ".pyc", ".so", ".pyd"})
_FOLDER_MODE = 0o755  # as in an image, whatever the umask


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
        """Let other runs have the stage."""
        self._lock.close()


def open_stage(
    home: Path,
    name: str,
    files: Sequence[ShippedFile],
    bytecode: Path,
    folders: Iterable[str] = (),
) -> Stage:
    """A tree that holds exactly `files`, to be released when no longer needed.

    Args:
        home: folder that keeps stages, outside the repository.
        name: what the stage is for; equal names reuse a stage that no run is using.
        files: what it holds.
        bytecode: the folder used as ``pycache_prefix``, where compiled copies are dropped.
        folders: relative paths of folders that are there even if nothing is in them.

    Raises:
        OSError: the tree cannot be written, or a source cannot be read.
    """
    key = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    for slot in range(_SLOTS):
        folder = home / f"{key}-{slot}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("ab")
        try:
            if _lock(lock):
                copied, removed = _bring_up_to_date(folder, files, bytecode, folders)
                return Stage(folder / "tree", copied, removed, lock)
        except BaseException:
            lock.close()
            raise
        lock.close()
    raise OSError(f"{_SLOTS} runs are using the stages of {name}")


def _lock(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _bring_up_to_date(
    folder: Path, files: Sequence[ShippedFile], bytecode: Path, empty: Iterable[str]
) -> tuple[int, int]:
    tree, manifest = folder / "tree", folder / "manifest.json"
    make_folder(str(tree))
    known = read_manifest(manifest)
    wanted = {str(file.target): file for file in files}
    sources = {name: _origin(file) for name, file in wanted.items() if not file.link}
    places = {*(file.target.parent for file in files), *map(PurePosixPath, empty)}
    folders = {str(above) for place in places for above in _up(place)}
    current = set()
    removed = 0
    for name, entry in scan(str(tree)):
        if entry.is_dir(follow_symlinks=False):
            if name in folders:
                make_folder(entry.path)
            else:
                remove(entry.path)
            continue
        file = wanted.get(name)
        if file is not None and _is_current(entry, file, known.get(name), sources.get(name)):
            current.add(name)
            continue
        removed += file is None
        remove(entry.path)
    for name in sorted(folders):
        make_folder(f"{tree}/{name}")
    new = wanted.keys() - current
    put([wanted[name] for name in new], tree, bytecode)
    noted = {name: known[name] for name in current if name in sources}
    for name in new & sources.keys():
        noted[name] = [*sources[name], stamp(os.lstat(tree / name))]
    if noted != known:
        write_manifest(manifest, noted)
    return len(new), removed


def _origin(file: ShippedFile) -> list[Any]:
    """What a staged file is made of, so that it is made anew when that changes."""
    if file.source is None:
        return [hashlib.sha256(file.content).hexdigest(), file.mode]
    status = os.stat(file.source)  # noqa: PTH116 (thousands of calls)
    return [str(file.source), [*stamp(status), file.mode]]


def _up(folder: PurePosixPath) -> Iterator[PurePosixPath]:
    yield folder
    yield from folder.parents


def _is_current(
    entry: os.DirEntry[str], file: ShippedFile, noted: Any, source: list[Any] | None
) -> bool:
    """Whether a staged file is the one that was copied from the source as the source is now."""
    if source is None or entry.is_symlink():
        return entry.is_symlink() and os.readlink(entry.path) == file.link  # noqa: PTH115
    return bool(noted == [*source, stamp(entry.stat(follow_symlinks=False))])


def put(files: Iterable[ShippedFile], tree: Path, bytecode: Path) -> frozenset[int]:
    """Put files where they ship, with their mode and time, and drop their compiled copies.

    Their folders are there, their places are empty.

    Returns:
        The inodes of the files, links not included.

    Raises:
        OSError: a source cannot be read or the tree cannot be written.
    """
    placed = set()
    linked = False
    for file in files:
        target = tree / file.target
        if file.link:
            target.symlink_to(file.link)
            linked = True
            continue
        if file.source is None:
            target.write_bytes(file.content)
        elif _is_worth_sharing(file):
            share(file.source, target, tree.parent.parent / "shared")
        else:
            copy(file.source, target)
        if file.mode is not None:
            target.chmod(file.mode)
        placed.add(target.stat().st_ino)
    if placed or linked:  # through another link, the same name is another source
        forget(str(tree), bytecode, lambda _, status: linked or status.st_ino in placed)
    return frozenset(placed)


def _is_worth_sharing(file: ShippedFile) -> bool:
    """Whether a file is large, and no code that would be compiled or loaded into memory."""
    if file.source is None or file.mode is not None or file.target.suffix in _CODE:
        return False
    return file.source.stat().st_size >= _LARGE


def scan(tree: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """What lies below a folder, by relative name; a folder before what is in it.

    A folder that the caller takes away when it is told of it is not entered.

    Raises:
        OSError: a folder cannot be read.
    """
    pending = [tree]
    start = len(tree) + 1
    while pending:
        with contextlib.suppress(FileNotFoundError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                yield entry.path[start:], entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def make_folder(path: str) -> bool:
    """See to it that `path` is a folder as it ships; whether it was none.

    Raises:
        OSError: the folder above it is missing or cannot be written.
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        mode = 0
    if mode == stat.S_IFDIR | _FOLDER_MODE:
        return False
    if not stat.S_ISDIR(mode):
        remove(path)
        os.mkdir(path)  # noqa: PTH102 (a name, as everything here)
    os.chmod(path, _FOLDER_MODE)  # noqa: PTH101
    return True


def remove(path: str) -> None:
    """Take away whatever is at `path`: nothing, a file, a link, a folder of any mode and depth.

    Raises:
        OSError: it cannot be deleted.
    """
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            os.unlink(path)  # noqa: PTH108
            return
    except FileNotFoundError:
        return
    folders = [path]
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):
            os.chmod(folder, _FOLDER_MODE)  # noqa: PTH101
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        remove(entry.path)
    for folder in reversed(folders):
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(folder)  # noqa: PTH106
