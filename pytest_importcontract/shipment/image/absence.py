"""Why a repository file or folder is not in an image."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pytest_importcontract.shipment.image.history import Copied, History
from pytest_importcontract.shipment.image.ignore import Matcher
from pytest_importcontract.shipment.image.model import Line
from pytest_importcontract.shipment.image.scene import Scene, covers


class Reason(StrEnum):
    """What keeps a file out of an image."""

    NOWHERE = "it does not exist in the repository"
    OUTSIDE = "it lies outside the build context"
    LINK = "it is reached through a link that leads out of the build context"
    IGNORED = "a line of the ignore file strips it from the build context"
    EXCLUDED = "--exclude leaves it out of a COPY"
    REMOVED = "a RUN takes it away"
    COVERED = "a later instruction lays something else upon it"
    OTHER_STAGE = "only another stage has it"
    NOT_COPIED = "no COPY brings it"
    EMPTY = "it is a folder without files"


@dataclass(frozen=True, slots=True)
class Absence:
    """Why something is not in an image.

    Attributes:
        reason: which kind of reason.
        line: the line that decides: of the ignore file, of the RUN, of the COPY that has it in
            another stage. None where no line says anything.
        stage: name or number of the stage that `line` belongs to; empty where it is in none.
        place: where in that stage it lies or lay; empty where that says nothing.
        further: what would keep it out even without this.
        unless: the instruction that may have brought it all the same, where nobody knows what
            that brings; None where there is no such doubt.
    """

    reason: Reason
    line: Line | None = None
    stage: str = ""
    place: str = ""
    further: Absence | None = None
    unless: Line | None = None


def explain(scene: Scene, path: Path) -> Absence | None:
    """Why `path`, absolute, is not in the image; None where it or something below it is."""
    if scene.holds(path):
        return None
    if not os.path.lexists(path):
        return Absence(Reason.NOWHERE)
    relative = scene.relative(path)
    if relative is None:
        return Absence(Reason.OUTSIDE)
    if scene.relative(scene.real(path)) is None and path != scene.context.root:
        real_root = Path(os.path.realpath(scene.context.root))
        if not scene.real(path).is_relative_to(real_root):
            return Absence(Reason.LINK)
    stripped = _stripped(scene, path, relative)
    if stripped is not None:
        asked = any(covers(copied, relative) for copied in _context_copies(scene))
        return Absence(
            Reason.IGNORED, stripped, further=None if asked else Absence(Reason.NOT_COPIED)
        )
    if path.is_dir() and next(_files_below(path), None) is None:
        return Absence(Reason.EMPTY)
    return (
        _lost(scene, path)
        or _excluded(scene, relative)
        or _elsewhere(scene, path)
        or Absence(Reason.NOT_COPIED)
    )


def _stripped(scene: Scene, path: Path, relative: str) -> Line | None:
    """The ignore line that strips a path: a folder's own, or that of all its files."""
    ignore = scene.context.ignore
    if path.is_symlink() or not path.is_dir():
        return ignore.decision(relative)
    lines = []
    for file in _files_below(path):
        line = ignore.decision(file.relative_to(scene.context.root).as_posix())
        if line is None:
            return None
        lines.append(line)
    return ignore.decision(relative) or (lines[0] if lines else None)


def _files_below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(place, name)


def _context_copies(scene: Scene) -> list[Copied]:
    """The COPY instructions of the context in all stages that the image is made of."""
    stages = [scene.stages[index] for index in scene.needed if index in scene.stages]
    return [copied for stage in stages for copied in stage.copied if copied.origin is None]


def _lost(scene: Scene, path: Path) -> Absence | None:
    """What took it away: in the final stage, or in one before what the final stage copied of it."""
    prefix = f"{path}{os.sep}"
    for stage in (scene.final, *_others(scene)):
        for source, lost in stage.lost.items():
            if source != path and not str(source).startswith(prefix):
                continue
            if stage is scene.final or _is_copied_on(scene, stage, lost.path):
                reason = Reason.COVERED if lost.covered else Reason.REMOVED
                return Absence(reason, lost.line, _label(stage), lost.path)
    return None


def _is_copied_on(scene: Scene, stage: History, place: str) -> bool:
    """Whether the final stage copies from where something lay in another one."""
    for copied in scene.copies(scene.final):
        if copied.origin is not None and copied.origin >= 0:
            origin = scene.stages.get(copied.origin)
            within = origin is not None and stage.index in origin.stages
            if within and covers(copied, place.strip("/")):
                return True
    return False


def _excluded(scene: Scene, relative: str) -> Absence | None:
    for copied in _context_copies(scene):
        if copied.excludes and covers(copied, relative):
            matcher = Matcher(list(copied.excludes))
            parts = relative.split("/")
            below = ["/".join(parts[index:]) for index in range(len(parts))]
            if any(matcher.matches(each) for each in below):
                return Absence(Reason.EXCLUDED, copied.instruction.line)
    return None


def _elsewhere(scene: Scene, path: Path) -> Absence | None:
    for stage in _others(scene):
        places = scene.holds(path, stage)
        if places:
            node = stage.draft.look(places[0])
            own = scene.places(path, stage)
            place = own[0] if own else posixpath.dirname(places[0])
            line = node.placed if node is not None else None
            return Absence(Reason.OTHER_STAGE, line, _label(stage), place)
    return None


def _others(scene: Scene) -> list[History]:
    """The other stages, those that the image is made of first."""
    others = [stage for index, stage in scene.stages.items() if index != scene.final.index]
    return sorted(others, key=lambda stage: (stage.index not in scene.needed, stage.index))


def _label(stage: History) -> str:
    return stage.name or str(stage.index)
