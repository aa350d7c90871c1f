"""The build context: the files that a build sees, read folder by folder as they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pytest_importcontract.shipment.image.ignore import Ignore
from pytest_importcontract.shipment.image.model import Kind, Node


class Context:
    """A build context as its ignore file leaves it, at absolute paths as in an image.

    Links are never followed on the disk: they are nodes as in any tree.

    Attributes:
        root: the folder.
        ignore: its ignore file.
        unreadable: folders that could not be read, with the system's reason.
    """

    def __init__(self, root: Path, ignore: Ignore) -> None:
        self.root = root
        self.ignore = ignore
        self.unreadable: dict[str, str] = {}
        self._folders: dict[str, dict[str, Node]] = {}
        self._verdicts: dict[str, tuple[bool, ...]] = {"": ()}
        self._root_node = Node(Kind.FOLDER, source=root)

    def look(self, path: str) -> Node | None:
        """What lies at a path, no link followed; ``/`` is the context itself."""
        parts = [part for part in path.split("/") if part]
        node: Node | None = self._root_node
        for depth, name in enumerate(parts):
            if node is None or node.kind is not Kind.FOLDER:
                return None
            node = self._folder("/".join(parts[:depth])).get(name)
        return node

    def children(self, path: str) -> Iterator[tuple[str, Node]]:
        """Names and nodes in a folder, by name; nothing where there is no folder."""
        found = self.look(path)
        if found is not None and found.kind is Kind.FOLDER:
            yield from self._folder(path.strip("/")).items()

    def _folder(self, relative: str) -> dict[str, Node]:
        folder = self._folders.get(relative)
        if folder is None:
            folder = self._folders[relative] = self._read(relative)
        return folder

    def _read(self, relative: str) -> dict[str, Node]:
        place = self.root / relative
        parent = self._verdicts[relative]
        folder: dict[str, Node] = {}
        try:
            with os.scandir(place) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self.unreadable[relative or "."] = error.strerror or str(error)
            return folder
        for entry in entries:
            path = f"{relative}/{entry.name}" if relative else entry.name
            stripped, held = self.ignore.verdict(path, parent)
            if entry.is_dir(follow_symlinks=False):
                self._verdicts[path] = held
                if stripped and not self._brought_back_below(path):
                    continue
                folder[entry.name] = Node(Kind.FOLDER, source=place / entry.name)
            elif stripped:
                continue
            elif entry.is_symlink():
                text = os.readlink(entry.path)  # noqa: PTH115 (its text, not a normalised path)
                folder[entry.name] = Node(Kind.LINK, source=place / entry.name, link=text)
            elif entry.is_file(follow_symlinks=False):
                folder[entry.name] = Node(Kind.FILE, source=place / entry.name)
        return folder

    def _brought_back_below(self, relative: str) -> bool:
        """Whether anything below a stripped folder is not stripped itself."""
        return self.ignore.may_bring_back_below(relative) and bool(self._folder(relative))
