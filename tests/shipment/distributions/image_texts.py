"""Images of a few small files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_importcontract.shipment.distributions.declared import Declared, Local
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.image.model import Kind, Node

ROOT = Path("/repository")


def image(texts: Mapping[str, str | bytes | None]) -> ImageFiles:
    """Files by path with their text, None for an unknown one; a folder's path ends in "/"."""
    tree = {}
    for path, text in texts.items():
        content = text.encode() if isinstance(text, str) else text
        folder = path.endswith("/")
        kind = Kind.FOLDER if folder else Kind.FILE
        tree[path.rstrip("/")] = Node(kind, content=None if folder else content)
    return ImageFiles(tree, ROOT)


def shown(*found: Declared | Local) -> list[str]:
    """Each as ``file:line what part group``."""
    lines = []
    for one in found:
        what = str(one.requirement) if isinstance(one, Declared) else told(one)
        lines.append(f"{one.line} {what} {one.part} {one.group}".rstrip())
    return lines


def told(local: Local) -> str:
    extras = f"[{','.join(sorted(local.extras))}]" if local.extras else ""
    editable = "-e " if local.editable else ""
    marker = f" ; {local.marker}" if local.marker else ""
    return f"{editable}{local.path}{extras} = {local.name}{marker}"
