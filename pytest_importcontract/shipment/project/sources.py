"""The files that a build of the project finds."""

from __future__ import annotations

import bisect
import functools
import hashlib
import posixpath
from collections.abc import Iterator
from pathlib import Path

from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.image.model import Kind, Node, Tree

_NEVER_BUILT = frozenset({".git", ".hg", ".venv", "__pycache__"})
_MOST_LINKED = 8  # folders reached through links through links


class Sources:
    """What lies below a folder of the image, symbolic links followed.

    Version control, ``.venv`` and compiled files are left out: no backend ships them, and they are
    large.

    Args:
        tree: the image.
        top: the folder, an absolute path.
    """

    def __init__(self, tree: Tree, top: str) -> None:
        self.top = top
        self._image = ImageFiles(tree, Path("/"))
        self._paths = sorted(tree)
        self.files: dict[str, Node] = {}
        self.folders: set[str] = set()
        resolved = self._image.resolved(top)
        if resolved is not None:
            self._take(resolved, top, _MOST_LINKED)

    def _take(self, origin: str, place: str, links: int) -> None:
        """List what lies below `origin` as lying below `place`."""
        for path in self._below(origin):
            here = place.rstrip("/") + path[len(origin.rstrip("/")) :]
            if _NEVER_BUILT.intersection(here[len(self.top) :].split("/")):
                continue
            node = self._image.tree[path]
            if node.kind is Kind.LINK:
                target = self._image.resolved(path)
                found = None if target is None else self._image.tree.get(target)
                if target is None or found is None:
                    continue
                if found.kind is Kind.FOLDER and links and not f"{path}/".startswith(f"{target}/"):
                    self._take(target, here, links - 1)
                node = found
            if node.kind is Kind.FILE:
                self.files[here] = node
                here = posixpath.dirname(here)
            while len(here) >= len(self.top) and here not in self.folders:
                self.folders.add(here)
                here = posixpath.dirname(here)

    def _below(self, folder: str) -> Iterator[str]:
        prefix = folder.rstrip("/") + "/"
        for index in range(bisect.bisect_left(self._paths, prefix), len(self._paths)):
            if not self._paths[index].startswith(prefix):
                return
            yield self._paths[index]

    @functools.cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.files)

    def below(self, folder: str) -> Iterator[str]:
        """Paths of all files below `folder`, sorted."""
        prefix = folder.rstrip("/") + "/"
        for index in range(bisect.bisect_left(self._sorted, prefix), len(self._sorted)):
            if not self._sorted[index].startswith(prefix):
                return
            yield self._sorted[index]

    def inside(self, folder: str) -> tuple[str, ...]:
        """Names of the files and folders directly in `folder`, sorted."""
        prefix = folder.rstrip("/") + "/"
        found = {path[len(prefix) :].partition("/")[0] for path in self.below(folder)}
        found |= {
            posixpath.basename(path) for path in self.folders if posixpath.dirname(path) == folder
        }
        return tuple(sorted(found - {""}))

    def is_known(self, path: str) -> bool:
        """Whether anybody can tell what is in the file."""
        return path in self.digests

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none, or where nobody knows them."""
        node = self.files.get(path)
        return None if node is None else node.read()

    def is_executable(self, path: str) -> bool:
        """Whether the file may be run as a program."""
        node = self.files[path]
        mode = node.mode
        if mode is None and node.source is not None:
            try:
                mode = node.source.stat().st_mode
            except OSError:
                mode = None
        return bool(mode and mode & 0o111)

    @functools.cached_property
    def digests(self) -> dict[str, bytes]:
        """The SHA-256 of each file; nothing of those whose bytes nobody knows."""
        digests = {}
        for path, node in self.files.items():
            if node.content is not None:
                digests[path] = hashlib.sha256(node.content).digest()
            elif node.source is not None:
                try:
                    with node.source.open("rb") as file:
                        digests[path] = hashlib.file_digest(file, "sha256").digest()
                except OSError:
                    continue
        return digests
