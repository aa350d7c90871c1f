"""All that is known about an image when one asks why a file is not in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pytest_importcontract.shipment.image.context import Context
from pytest_importcontract.shipment.image.history import Copied, History
from pytest_importcontract.shipment.image.model import Kind
from pytest_importcontract.shipment.image.wildcards import PatternError, component, is_wild


@dataclass(frozen=True, eq=False)
class Scene:
    """An image, how it was made, and the repository that it was made of.

    Attributes:
        root: the repository.
        context: the build context.
        stages: all stages by number.
        final: the stage that is built.
        needed: the stages that its build runs.
    """

    root: Path
    context: Context
    stages: Mapping[int, History]
    final: History
    needed: tuple[int, ...]
    _sources: dict[int, Mapping[Path, tuple[str, ...]]] = field(default_factory=dict, repr=False)

    def places(self, path: Path, stage: History | None = None) -> tuple[str, ...]:
        """The image paths at which a repository file or folder lies, in a stage."""
        found = self.sources(stage or self.final)
        return found.get(path) or found.get(self.real(path), ())

    def sources(self, stage: History) -> Mapping[Path, tuple[str, ...]]:
        """For every repository file in a stage, where it lies there."""
        if stage.index not in self._sources:
            found: dict[Path, tuple[str, ...]] = {}
            for place, node in stage.draft.items():
                if node.source is not None:
                    found[node.source] = (*found.get(node.source, ()), place)
            self._sources[stage.index] = found
        return self._sources[stage.index]

    def holds(self, path: Path, stage: History | None = None) -> tuple[str, ...]:
        """Where a path lies in a stage, or what is below it, links and folders without files apart.

        Empty where nothing of it is there.
        """
        stage = stage or self.final
        sources = self.sources(stage)
        for each in dict.fromkeys((path, self.real(path))):
            places = sources.get(each, ())
            if places and (not each.is_dir() or each.is_symlink()):
                return places
            below = self._below[stage.index] if stage is self.final else _files(stage)
            prefix = f"{each}{os.sep}"
            inside = [place for source, place in below if str(source).startswith(prefix)]
            if inside:
                return tuple(inside)
        return ()

    @cached_property
    def _below(self) -> Mapping[int, list[tuple[Path, str]]]:
        return {self.final.index: _files(self.final)}

    def real(self, path: Path) -> Path:
        """A path with the links above it followed."""
        try:
            return Path(os.path.realpath(path))
        except (OSError, ValueError):
            return path

    def relative(self, path: Path) -> str | None:
        """A path relative to the context; None outside it."""
        if not path.is_relative_to(self.context.root):
            return None
        text = path.relative_to(self.context.root).as_posix()
        return "" if text == "." else text

    def chain(self, stage: History) -> tuple[History, ...]:
        """A stage and the stages it starts from."""
        return tuple(self.stages[index] for index in stage.stages)

    def copies(self, stage: History) -> Iterator[Copied]:
        """All COPY instructions that made a stage, the last first."""
        for each in self.chain(stage):
            yield from reversed(each.copied)


def _files(stage: History) -> list[tuple[Path, str]]:
    return [
        (node.source, place)
        for place, node in stage.draft.items()
        if node.source is not None and node.kind is not Kind.FOLDER
    ]


def covers(copied: Copied, path: str) -> bool:
    """Whether a COPY asks for a path, relative to its context, if nothing strips it."""
    parts = path.split("/") if path else []
    for source in copied.sources:
        wanted = [part for part in source.split("/") if part]
        if len(wanted) <= len(parts) and all(map(_fits, wanted, parts)):
            return True
    return False


def _fits(pattern: str, name: str) -> bool:
    if not is_wild(pattern):
        return pattern == name
    try:
        return component(pattern).fullmatch(name) is not None
    except PatternError:
        return False
