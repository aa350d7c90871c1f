"""Compiled copies of sources below ``pycache_prefix`` (PEP 304's idea, ``-X pycache_prefix``).

A pyc file knows its source by second and size (PEP 552), so it may outlive an edit that keeps
both. Where others delete ``__pycache__`` together with the source, this folder stays. So whatever
was changed loses its compiled copies before the next process looks for them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from pytest_importcontract.shipment.manifest import read_manifest, stamp, write_manifest

_COMPILED = re.compile(r"(?P<stem>.+?)\.[^.]+(?:\.opt-[^.]+)?\.pyc", re.DOTALL)


def forget(
    folder: str,
    bytecode: Path,
    is_stale: Callable[[str, os.stat_result], bool],
    foreign: Collection[str] = (),
) -> None:
    """Drop the compiled copies of sources below `folder` that are gone or stale.

    A source that is reached through a link has a compiled copy for each of its names.

    Args:
        folder: absolute path of a folder of sources.
        bytecode: the folder used as ``pycache_prefix``.
        is_stale: decides by a source's path and status.
        foreign: folders below `folder` to leave alone.

    Raises:
        OSError: a compiled copy cannot be deleted.
    """
    for place in {folder, os.path.realpath(folder)}:
        for source, compiled in _compiled(place, bytecode, foreign):
            try:
                stale = is_stale(source, os.stat(source))  # noqa: PTH116 (thousands of calls)
            except (OSError, ValueError):
                stale = True
            if stale:
                compiled.unlink(missing_ok=True)


def forget_changed(
    root: Path,
    bytecode: Path,
    sources: Iterable[Path],
    manifest: Path,
    foreign: Collection[str] = (),
) -> None:
    """Drop the compiled copies of sources that are not what they were the last time.

    Args:
        root: the folder that holds the sources.
        bytecode: the folder used as ``pycache_prefix``.
        sources: those known to be there; others count when they were compiled.
        manifest: where it is noted what sources were.
        foreign: folders below `root` to leave alone.

    Raises:
        OSError: a compiled copy cannot be deleted, or the note not be written.
    """
    known = read_manifest(manifest)
    now: dict[str, list[int]] = {}
    for source in sources:
        try:
            now[str(source)] = stamp(source.stat())
        except OSError:
            continue  # gone meanwhile: its import will say so

    def is_stale(source: str, status: os.stat_result) -> bool:
        now[source] = stamp(status)
        return known.get(source) != now[source]

    forget(str(root), bytecode, is_stale, foreign)
    if now != known:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        write_manifest(manifest, now)


def _compiled(folder: str, bytecode: Path, foreign: Collection[str]) -> Iterator[tuple[str, Path]]:
    """Each source below `folder` that was compiled, and the file that holds the outcome."""
    prefix = str(bytecode)
    pending = [prefix + folder]
    skipped = {prefix + name for name in foreign}
    while pending:
        place = pending.pop()
        try:
            with os.scandir(place) as scan:
                entries = list(scan)
        except OSError:
            continue  # nothing was compiled there
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.path not in skipped:
                    pending.append(entry.path)
            elif match := _COMPILED.fullmatch(entry.name):
                yield f"{place[len(prefix) :]}/{match['stem']}.py", Path(entry.path)
