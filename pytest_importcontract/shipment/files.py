"""Which repository files ship."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pytest_importcontract.contract.globs import Glob, Globs

_ONLY_WHEN_NAMED = frozenset({"__pycache__", ".git"})


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """A file of the image.

    Attributes:
        source: the repository file; None for what is made while the image is built.
        target: its place in the image, relative to the image's root.
        link: where it points when it is a symbolic link that ships as one; empty for a file.
        content: what is in a file without a source.
        mode: permission bits; None for those of the source.
    """

    source: Path | None
    target: PurePosixPath
    link: str = ""
    content: bytes = b""
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class FileList:
    """What a set of patterns selects.

    Attributes:
        files: by target.
        idle: the including patterns that selected nothing.
        left_out: what cannot ship: symbolic links that lead out of the repository, sockets, pipes,
            folders that cannot be read.
    """

    files: tuple[ShippedFile, ...]
    idle: tuple[Glob, ...]
    left_out: tuple[Path, ...]


def select(root: Path, patterns: Globs) -> FileList:
    """The files below `root` that the patterns include, at the same place in the image.

    ``__pycache__`` and ``.git`` count only where a pattern writes them out. A link ships as a link
    and is not followed, save where the written-out beginning of a pattern leads through one: then
    the files ship where the pattern says, unless they would lie outside the repository.
    """
    including = [pattern for pattern in patterns.patterns if not pattern.excludes]
    starts = {"/".join(pattern.literal_prefix) for pattern in including}
    ways = {start: list(_links_on_the_way(root, start)) for start in sorted(starts)}
    outward = {
        start: link for start, links in ways.items() for link in links if _leads_out(link, root)
    }
    named = {part for pattern in including for part in pattern.components} & _ONLY_WHEN_NAMED
    files: dict[str, ShippedFile] = {}
    left_out = dict.fromkeys(outward.values())
    idle = including
    for start in ways.keys() - outward.keys():
        for relative, is_link, is_file in _below(str(root), start, _ONLY_WHEN_NAMED - named):
            pattern = patterns.match(relative)
            if relative in files or pattern is None or not _named(relative, pattern):
                continue
            if idle:
                idle = [other for other in idle if not other.matches(relative)]
            path = root / relative
            link = _relative_link(path, root) if is_link else ""
            if is_file or link:
                files[relative] = ShippedFile(path, PurePosixPath(relative), link)
            else:
                left_out[path] = None
    if any(ways.values()):
        files = _behind_links(root, files)
    return FileList(
        tuple(files[key] for key in sorted(files)), tuple(idle), tuple(sorted(left_out))
    )


def _links_on_the_way(root: Path, start: str) -> Iterator[Path]:
    """The links among the folders above `start`, below `root`."""
    for above in reversed(PurePosixPath(start).parents[:-1]):
        if os.path.islink(root / above):  # noqa: PTH114 (a name of any length)
            yield root / above


def _leads_out(path: Path, root: Path) -> bool:
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _below(root: str, start: str, skipped: frozenset[str]) -> Iterator[tuple[str, bool, bool]]:
    """What lies at `start` or below: its name relative to `root`, if it is a link, or a file.

    A folder that cannot be read is one thing, neither of both.
    """
    place = f"{root}/{start}" if start else root
    is_link = os.path.islink(place)  # noqa: PTH114 (a name of any length)
    if start and (is_link or os.path.isfile(place)):  # noqa: PTH113
        yield start, is_link, not is_link
        return
    pending = [place]
    cut = len(root) + 1
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except PermissionError:
            yield folder[cut:], False, False
            continue
        except (OSError, ValueError):
            continue  # nothing is there, or no longer
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                is_link = entry.is_symlink()
                yield entry.path[cut:], is_link, not is_link and entry.is_file()
            elif entry.name not in skipped:
                pending.append(entry.path)


def _named(relative: str, pattern: Glob) -> bool:
    special = _ONLY_WHEN_NAMED.intersection(relative.split("/"))
    return special <= set(pattern.components)


def _relative_link(path: Path, root: Path) -> str:
    """The text of a link that stays inside the repository; empty for any other."""
    text = os.readlink(path)  # noqa: PTH115 (its text, not a normalised path)
    if text.startswith("/") or _leads_out(path, root):
        return ""
    inside = os.path.normpath(os.path.join(path.parent, text))  # noqa: PTH118
    return text if Path(inside).is_relative_to(root) else ""


def _behind_links(root: Path, files: Mapping[str, ShippedFile]) -> dict[str, ShippedFile]:
    """The files, with those that would lie behind a link that ships where it leads."""
    links = {name for name, file in files.items() if file.link}
    placed = {}
    for file in files.values():
        if file.source and any(str(above) in links for above in file.target.parents):
            folder = os.path.relpath(os.path.realpath(file.source.parent), os.path.realpath(root))
            file = replace(file, target=PurePosixPath(folder, file.target.name))
        placed[str(file.target)] = file
    return placed
