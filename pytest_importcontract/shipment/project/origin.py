"""Which file of the image each file of a wheel was made from."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from pytest_importcontract.shipment.project.sources import Sources

_MOST_CANDIDATES = 32  # files of equal content; more of them say nothing about folders
_EMPTY = hashlib.sha256(b"").digest()


def trace(members: Mapping[str, bytes], sources: Sources, folder: str) -> dict[str, str]:
    """Image paths by the wheel's paths, for all members that equal a file of the image.

    Where several files are equal, the one whose folder most other members come from is taken: a
    wheel is made of few folders, each moved as a whole.

    Args:
        members: the wheel's files.
        sources: the files that the build found.
        folder: the project's folder, which is preferred to what lies around it.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    by_digest: dict[bytes, list[str]] = defaultdict(list)
    for path, digest in sources.digests.items():
        by_name[posixpath.basename(path)].append(path)
        if digest != _EMPTY:
            by_digest[digest].append(path)
    digests = {name: hashlib.sha256(content).digest() for name, content in members.items()}
    moves: Counter[tuple[str, str]] = Counter()
    for name, digest in digests.items():
        candidates = by_digest.get(digest, ())
        if len(candidates) <= _MOST_CANDIDATES:
            moves.update(_move(name, path) for path in candidates)
    by_votes = sorted(moves, key=lambda move: (-moves[move], *_rank(move[1], folder)))
    found: dict[str, str] = {}
    for name, digest in digests.items():
        for path in _candidates(name, by_votes, by_name):
            if sources.digests.get(path) == digest:
                found[name] = path
                break
    return found


def _candidates(
    name: str, moves: list[tuple[str, str]], by_name: Mapping[str, list[str]]
) -> Iterator[str]:
    for inside, outside in moves:
        if name.startswith(inside):
            yield outside + name[len(inside) :]
    same = [path for path in by_name[posixpath.basename(name)] if path.endswith(f"/{name}")]
    yield from sorted(same, key=lambda path: (path.count("/"), path))


def _move(name: str, path: str) -> tuple[str, str]:
    """What is left of the two paths before their common end."""
    ours, theirs = name.split("/"), path.split("/")
    while ours and theirs and ours[-1] == theirs[-1]:
        ours.pop()
        theirs.pop()
    if len(ours) == name.count("/") + 1:  # renamed as a file, not with its folder
        return name, path
    return "/".join([*ours, ""]) if ours else "", "/".join([*theirs, ""])


def _rank(path: str, folder: str) -> tuple[bool, int, str]:
    return not path.startswith(f"{folder.rstrip('/')}/"), path.count("/"), path
