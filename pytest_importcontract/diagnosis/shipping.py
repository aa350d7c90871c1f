"""Why a file or folder of the repository is not in the image, and what would bring it there."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.shipment.image.absence import Absence, Reason
from pytest_importcontract.shipment.image.image import Image
from pytest_importcontract.shipment.image.model import Line


def absence(scene: Scene, path: Path, unit: str = "", *, apart: bool = False) -> tuple[str, str]:
    """Why `path` does not ship, and the fix; one that makes it importable as `unit`, if given.

    `apart` says that the fix will stand where nothing else names the Dockerfile.
    """
    shown = named(scene, path)
    image = scene.shipment.image
    if image is not None:
        place = _importable_place(scene, path, unit)
        return _of_image(image, path, shown, place, "" if apart else image.dockerfile)
    if outside := _behind_link(scene, path, shown):
        return outside
    stripped = scene.stripped_by(path)
    if stripped:
        text = f"{shown} is in this repository but {stripped} takes it out of what ships"
        return text, f"narrow {stripped}, so that {shown} ships"
    at = scene.at("ships", "files")
    pattern = f"{shown}**" if shown.endswith("/") else shown
    text = f"{shown} is in this repository but ships.files ({at}) does not bring it into the image"
    return text, f'ship it: add "{pattern}" to ships.files ({at})'


def astray(scene: Scene, unit: str, path: Path) -> tuple[str, str] | None:
    """Why nothing finds `path` as the module `unit` though the image has it, and the fix.

    None where it has that name in the image.
    """
    ships, image = scene.service.ships, scene.shipment.image
    if ships is None or image is None:
        return None
    shown = named(scene, path)
    if path.is_symlink():
        real = Path(os.path.normpath(path.parent / path.readlink()))
        if not scene.ships(real):
            text, fix = absence(scene, real)
            return f"{shown} ships, but as a link: {text}", fix
    places = [f"/{place}" for place in scene.shipment.layout.targets(path)]
    place = _importable_place(scene, path, unit)
    ending = f"/{unit.replace('.', '/')}{path.suffix if path.is_file() else ''}"
    context = scene.shipment.root / ships.context
    if not place or any(found.endswith(ending) for found in places):
        return None
    slash = "/" if path.is_dir() else ""
    source = os.path.relpath(path, context)
    text = f"{shown} ships as {places[0].rstrip('.')}{slash}, which is not called {unit}"
    return text, f"lay it where its name is {unit}: COPY {source}{slash} {place}{slash}"


def _importable_place(scene: Scene, path: Path, unit: str) -> str:
    """Where a module would have to lie in the image so that what starts there finds it."""
    tree = scene.shipment.tree
    if tree is None or not unit:
        return ""
    entries = [entry for entry in scene.shipment.process.path if entry.is_relative_to(tree)]
    if not entries:
        return ""
    name = unit.replace(".", "/") + (path.suffix if path.is_file() else "")
    return f"/{(entries[0] / name).relative_to(tree).as_posix()}"


def unmodelled(scene: Scene) -> tuple[Line, ...]:
    """The instructions that may write files of which nothing is known."""
    image = scene.shipment.image
    notes = image.notes if image is not None else ()
    return tuple(note.line for note in notes if note.what.startswith("not modelled: "))


def named(scene: Scene, path: Path) -> str:
    """The path as messages write it, a folder with a slash."""
    shown = scene.relative(path)
    return f"{shown}/" if path.is_dir() else shown


def _behind_link(scene: Scene, path: Path, shown: str) -> tuple[str, str] | None:
    link = scene.outward_link(path)
    if not link:
        return None
    which = "it" if link == shown.rstrip("/") else link
    text = f"{shown} does not ship: {which} is a link that leads out of the repository"
    return text, f"put a copy into the repository in place of {link}"


def _of_image(image: Image, path: Path, shown: str, place: str, understood: str) -> tuple[str, str]:
    found = image.absence(path)
    why = _reason(image, found)
    text = f"{shown} is in this repository but {why}"
    edits = image.remedy(path, place)
    if not edits:
        return text, f"bring {shown} into the image"
    lines = []
    for edit in edits:
        where = "" if edit.file == understood else f" of {edit.file}"
        lines.append(f"{edit.text} (after line {edit.after}{where})")
    return text, f"ship it: {' and '.join(lines)}"


def _reason(image: Image, found: Absence | None) -> str:
    """The end of a sentence that begins with the path."""
    dockerfile = image.dockerfile
    if found is None:
        return f"{dockerfile} does not put it where the service looks for it"
    line = found.line
    words = f"{line}: {line.text}" if line else dockerfile
    match found.reason:
        case Reason.IGNORED:
            return f"{words} strips it from the build context"
        case Reason.EXCLUDED:
            return f"{words} excludes it"
        case Reason.REMOVED:
            return f"{words} takes it away"
        case Reason.COVERED:
            return f"{words} lays something else upon it"
        case Reason.OTHER_STAGE:
            stage = f"stage {found.stage}"
            return f"only {stage} has it ({words}), and no COPY brings it from there"
        case Reason.OUTSIDE:
            return f"lies outside the build context of {dockerfile}"
        case Reason.LINK:
            return "is reached through a link that leads out of the build context"
        case Reason.EMPTY:
            return "is a folder without files"
        case _:
            return f"no COPY in {dockerfile} brings it into the image"
