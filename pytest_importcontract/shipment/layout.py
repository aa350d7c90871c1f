"""Where the repository's files lie in the image, and where the image's files come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

from pytest_importcontract.shipment.files import ShippedFile


def laid(place: str, base: Path) -> Path:
    """Where an absolute path of an image lies when the image's root lies at `base`."""
    return base / place.lstrip("/")


class Layout:
    """The way between two trees.

    Paths of the image are relative to its root, without a leading slash.

    Args:
        files: what the image holds.
        folders: repository folders by the image folder that stands for each; more are found by
            where the files of a folder come from.
    """

    def __init__(
        self, files: Iterable[ShippedFile], folders: Mapping[str, Path] | None = None
    ) -> None:
        self._sources = {str(file.target): file.source for file in files if file.source}
        self._given = folders or {}

    @classmethod
    def same(cls, root: Path, files: Iterable[ShippedFile]) -> Layout:
        """The image has the layout of the repository at `root`."""
        return cls(files, {".": root})

    def source(self, target: str) -> Path | None:
        """The repository's file or folder for a path of the image, whether or not it exists.

        None where nothing around that path comes from the repository.
        """
        if target in self._sources:
            return self._sources[target]
        path = PurePosixPath(target)
        for folder in (path, *path.parents):
            known = self._folders.get(str(folder))
            if known is not None:
                return known / path.relative_to(folder)
        return None

    def targets(self, path: Path) -> tuple[str, ...]:
        """Where a repository file lies in the image; of a folder, where what is in it lies."""
        if path in self._targets:
            return tuple(sorted(self._targets[path]))
        below = {
            str(PurePosixPath(target).parents[len(source.relative_to(path).parts) - 1])
            for target, source in self._sources.items()
            if source.is_relative_to(path)
        }
        return tuple(sorted(below))

    @cached_property
    def _targets(self) -> Mapping[Path, list[str]]:
        found: dict[Path, list[str]] = {}
        for target, source in self._sources.items():
            found.setdefault(source, []).append(target)
        return found

    @cached_property
    def _folders(self) -> Mapping[str, Path]:
        found = dict(self._given)
        for target, source in self._sources.items():
            place, origin = PurePosixPath(target).parent, source.parent
            while str(place) not in found:
                found[str(place)] = origin
                if place.name != origin.name or not place.name:
                    break
                place, origin = place.parent, origin.parent
        return found
