"""Reading files of an image, and what to call them."""

from __future__ import annotations

import posixpath
from pathlib import Path

from pytest_importcontract.shipment.image.model import Kind, Line, Node, Tree

_MOST_LINKS = 40
"""What Linux follows before it gives up (path_resolution(7))."""


class ImageFiles:
    """The files that a step of a build finds.

    Args:
        tree: what lies where in the image.
        root: the repository; messages call its files by their path below it.
    """

    def __init__(self, tree: Tree, root: Path) -> None:
        self.tree = tree
        self.root = root

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at an absolute path of the image.

        None where there is no file, and where nobody knows what is in it: see `exists`.
        """
        node = self._node(path)
        return None if node is None else node.read()

    def exists(self, path: str) -> bool:
        """Whether a file or folder lies at the path."""
        return self._node(path) is not None

    def is_folder(self, path: str) -> bool:
        """Whether a folder lies at the path."""
        node = self._node(path)
        return node is not None and node.kind is Kind.FOLDER

    def name(self, path: str) -> str:
        """What messages call the file: its path in the repository, or else in the image."""
        node = self._node(path)
        if node is None or node.source is None:
            return path
        try:
            return node.source.relative_to(self.root).as_posix()
        except ValueError:
            return str(node.source)

    def line(self, path: str, number: int, text: str = "") -> Line:
        """A line of the file, as messages call it."""
        return Line(self.name(path), number, text)

    def below(self, folder: str) -> tuple[str, ...]:
        """Names of what lies directly in a folder, sorted."""
        prefix = folder.rstrip("/") + "/"
        names = {
            path[len(prefix) :].partition("/")[0] for path in self.tree if path.startswith(prefix)
        }
        return tuple(sorted(names - {""}))

    def resolved(self, path: str) -> str | None:
        """The path without symbolic links; None where they lead in circles."""
        for _ in range(_MOST_LINKS):
            linked = self._first_link(path)
            if linked is None:
                return path
            path = linked
        return None

    def _node(self, path: str) -> Node | None:
        resolved = self.resolved(path)
        return None if resolved is None else self.tree.get(resolved)

    def _first_link(self, path: str) -> str | None:
        """`path` with its first symbolic link resolved; None where it has none."""
        parts = path.strip("/").split("/")
        for count in range(1, len(parts) + 1):
            place = "/" + "/".join(parts[:count])
            node = self.tree.get(place)
            if node is not None and node.kind is Kind.LINK:
                target = posixpath.join(posixpath.dirname(place), node.link, *parts[count:])
                return posixpath.normpath(target)
        return None
