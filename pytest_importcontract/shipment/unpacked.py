"""An image's file system as files to stage."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath

from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.image.model import Kind, Node, Tree


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a tree of an image comes to when it is staged.

    Attributes:
        files: its files and links.
        folders: its folders, relative to the root.
        unknown: absolute paths of files of which nobody knows the content; they are not staged.
    """

    files: tuple[ShippedFile, ...]
    folders: tuple[str, ...]
    unknown: tuple[str, ...]


def unpack(tree: Tree) -> Unpacked:
    """The tree with links that lead to its own root, wherever it is laid.

    What lies behind a link is named once, where it really lies.
    """
    files: list[ShippedFile] = []
    folders: list[str] = []
    unknown: list[str] = []
    for path, node in sorted(tree.items()):
        relative = path.lstrip("/")
        if not relative:
            continue
        match node.kind:
            case Kind.FOLDER:
                folders.append(relative)
            case Kind.LINK:
                files.append(_link(path, node))
            case Kind.FILE if node.source is None and node.content is None:
                unknown.append(path)
            case Kind.FILE:
                files.append(_file(relative, node))
    return Unpacked(tuple(files), tuple(folders), tuple(unknown))


def _file(relative: str, node: Node) -> ShippedFile:
    if node.content is not None:
        mode = 0o644 if node.mode is None else node.mode
        return ShippedFile(None, PurePosixPath(relative), content=node.content, mode=mode)
    return ShippedFile(node.source, PurePosixPath(relative), mode=node.mode)


def _link(path: str, node: Node) -> ShippedFile:
    """The link, relative even where its text is an absolute path of the image."""
    folder = posixpath.dirname(path)
    text = node.link
    if text.startswith("/"):
        text = posixpath.relpath(posixpath.normpath(text), folder)
    # One that climbs above the root stops there, as in the image.
    inside = posixpath.normpath(posixpath.join(folder, text))
    text = posixpath.relpath(inside, folder)
    return ShippedFile(node.source, PurePosixPath(path.lstrip("/")), link=text)
