"""Which repository files ship."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pytest_importcontract.contract.globs import Glob, Globs

_ONLY_WHEN_NAMED = frozenset({"__pycache__", ".git"})


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """A file of the image.

    Attributes:
        source: the repository file.
        target: its place in the image, relative to the image's root.
        link: where it points when it is a symbolic link that ships as one; empty for a file.
    """

    source: Path
    target: PurePosixPath
    link: str = ""


@dataclass(frozen=True, slots=True)
class FileList:
    """What a set of patterns selects.

    Attributes:
        files: by target.
        idle: the including patterns that selected nothing.
        left_out: what cannot ship: symbolic links that lead out of the repository, sockets, pipes.
    """

    files: tuple[ShippedFile, ...]
    idle: tuple[Glob, ...]
    left_out: tuple[Path, ...]


def select(root: Path, patterns: Globs) -> FileList:
    """The files below `root` that the patterns include, at the same place in the image.

    ``__pycache__`` and ``.git`` count only where a pattern writes them out.
    """
    files: dict[str, ShippedFile] = {}
    left_out: list[Path] = []
    used: set[Glob] = set()
    for path, relative in _candidates(root, patterns):
        pattern = patterns.match(relative)
        if pattern is None or not _named(relative, pattern):
            continue
        used.update(other for other in patterns.patterns if other.matches(relative))
        link = ""
        if path.is_symlink():
            link = _relative_link(path, root)
            if not link:
                left_out.append(path)
                continue
        elif not path.is_file():
            left_out.append(path)
            continue
        files[relative] = ShippedFile(path, PurePosixPath(relative), link)
    idle = tuple(g for g in patterns.patterns if not g.excludes and g not in used)
    return FileList(tuple(files[key] for key in sorted(files)), idle, tuple(left_out))


def _candidates(root: Path, patterns: Globs) -> Iterator[tuple[Path, str]]:
    including = [pattern for pattern in patterns.patterns if not pattern.excludes]
    named = {part for pattern in including for part in pattern.components} & _ONLY_WHEN_NAMED
    skipped = _ONLY_WHEN_NAMED - named
    seen: set[str] = set()
    for start in sorted({"/".join(pattern.literal_prefix) for pattern in including}):
        place = root / start
        alone = place.is_symlink() or place.is_file()
        for path in [place] if alone else _files(place, skipped):
            relative = path.relative_to(root).as_posix()
            if relative not in seen:
                seen.add(relative)
                yield path, relative


def _files(folder: Path, skipped: frozenset[str] | set[str]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in skipped and name not in links)
        for name in sorted([*names, *links]):
            yield Path(place, name)


def _named(relative: str, pattern: Glob) -> bool:
    special = _ONLY_WHEN_NAMED.intersection(relative.split("/"))
    return special <= set(pattern.components)


def _relative_link(path: Path, root: Path) -> str:
    """The text of a link that stays inside the repository; empty for any other."""
    text = os.readlink(path)  # noqa: PTH115 (its text, not a normalised path)
    if text.startswith("/"):
        return ""
    inside = os.path.normpath(os.path.join(path.parent, text))  # noqa: PTH118
    return text if Path(inside).is_relative_to(root) else ""
