"""A local archive that ADD unpacks."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterator
from pathlib import Path

from pytest_importcontract.shipment.image.model import Kind, Line, Node

_KEPT = 4_000_000  # bytes of one member that are worth keeping
_MEMBERS = 200_000


def members(path: Path, placed: Line) -> Iterator[tuple[str, Node]] | None:
    """What a tar archive holds, plain or compressed; None for a file that is none.

    Yields:
        The path of each member relative to the archive, and its node. A member that is too large
        to be kept has no content. What would lie outside is left out.
    """
    try:
        archive = tarfile.open(path)  # noqa: SIM115 (read by a generator)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return None
    return _members(archive, placed)


def _members(archive: tarfile.TarFile, placed: Line) -> Iterator[tuple[str, Node]]:
    with archive:
        try:
            for count, member in enumerate(archive):
                name = posixpath.normpath(member.name.lstrip("/"))
                if count == _MEMBERS or name.split("/")[0] == "..":
                    continue
                node = _node(archive, member, placed)
                if node is not None:
                    yield name, node
        except (tarfile.TarError, OSError, EOFError, ValueError):
            return  # a damaged archive: what was readable is there


def _node(archive: tarfile.TarFile, member: tarfile.TarInfo, placed: Line) -> Node | None:
    if member.isdir():
        return Node(Kind.FOLDER, placed=placed)
    if member.issym():
        return Node(Kind.LINK, link=member.linkname, placed=placed)
    if not (member.isreg() or member.islnk()):
        return None
    content = None
    try:
        file = archive.extractfile(member) if member.size <= _KEPT else None
    except KeyError:  # a hard link to what the archive does not hold
        file = None
    if file is not None:
        content = file.read(_KEPT)
    return Node(Kind.FILE, content=content, mode=member.mode, placed=placed)
