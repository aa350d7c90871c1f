"""Small repositories with a Dockerfile, read as images."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.image.image import Image, read_image
from pytest_importcontract.shipment.image.model import Kind, Stage


def repository(root: Path, *files: str, **links: str) -> Path:
    """Writes files, each with its own path as text, and links given as name=text."""
    root.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file)
    for name, text in links.items():
        (root / name).symlink_to(text)
    return root


def read(
    root: Path,
    dockerfile: str,
    *,
    ignore: str = "",
    target: str = "",
    args: Mapping[str, str] | None = None,
    architecture: str = "x86_64",
) -> Image:
    """The image of a Dockerfile at the top of a repository."""
    (root / "Dockerfile").write_text(dockerfile)
    if ignore:
        (root / ".dockerignore").write_text(ignore)
    return read_image(
        root,
        root / "Dockerfile",
        context=root,
        target=target,
        args=args or {},
        architecture=architecture,
    )


def shown(stage: Stage, root: Path) -> dict[str, str]:
    """What a stage holds: where files come from, quoted texts, ``->`` and links; no folders."""
    found = {}
    for path, node in stage.tree.items():
        if node.kind is Kind.LINK:
            found[path] = f"-> {node.link}"
        elif node.kind is Kind.FILE and node.source is not None:
            found[path] = os.path.relpath(node.source, root)
        elif node.kind is Kind.FILE:
            found[path] = "?" if node.content is None else repr(node.content.decode())
    return found


def files(root: Path, dockerfile: str, **options: object) -> dict[str, str]:
    """What the final stage of a Dockerfile holds."""
    return shown(read(root, dockerfile, **options).stage, root)  # type: ignore[arg-type]


def folders(root: Path, dockerfile: str) -> list[str]:
    """The folders of the final stage."""
    tree = read(root, dockerfile).stage.tree
    return [path for path, node in tree.items() if node.kind is Kind.FOLDER]


def mistakes(root: Path, dockerfile: str, **options: object) -> list[str]:
    """What is wrong with a Dockerfile, as it is shown."""
    try:
        read(root, dockerfile, **options)  # type: ignore[arg-type]
    except MistakesError as error:
        return str(error).splitlines()
    return []


def notes(root: Path, dockerfile: str, **options: object) -> list[str]:
    """What was not modelled, as line number and text."""
    image = read(root, dockerfile, **options)  # type: ignore[arg-type]
    return [f"{note.line.line}: {note.what}" for note in image.notes]
