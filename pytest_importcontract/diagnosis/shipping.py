"""Why a file or folder of the repository is not in the image, and what would bring it there."""

from __future__ import annotations

from pathlib import Path

from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.shipment.image.absence import Absence, Reason
from pytest_importcontract.shipment.image.image import Image


def absence(scene: Scene, path: Path) -> tuple[str, str]:
    """Why `path` does not ship, and the fix."""
    shown = named(scene, path)
    image = scene.shipment.image
    if image is not None:
        return _of_image(image, path, shown)
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


def _of_image(image: Image, path: Path, shown: str) -> tuple[str, str]:
    found = image.absence(path)
    why = _reason(image, found)
    text = f"{shown} is in this repository but {why}"
    edits = image.remedy(path)
    if not edits:
        return text, f"bring {shown} into the image"
    lines = []
    for edit in edits:
        where = "" if edit.file == image.dockerfile else f" of {edit.file}"
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
