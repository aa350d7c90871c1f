"""Where projects of the repository lie once the image has installed them."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath

from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.image.model import Kind, Node
from pytest_importcontract.shipment.project.installed import Installed

_MAPPED = "importcontract-editable"


class ProjectSites:
    """The part of site-packages that the image's own projects fill.

    Args:
        prefix: the environment, an absolute path of the image.
        version: major and minor of its Python.
    """

    def __init__(self, prefix: str, version: tuple[int, ...]) -> None:
        library = posixpath.join(prefix, "lib", f"python{version[0]}.{version[1]}")
        self._site = posixpath.join(library, "site-packages")
        self._mapped = posixpath.join(library, _MAPPED)
        self._prefix = prefix
        self._first: list[str] = []
        self._last: list[str] = []
        self.files: list[ShippedFile] = []

    def add(self, found: Installed) -> None:
        """Lay a project where its installer lays it."""
        for name, node in found.files.items():
            self._put(posixpath.join(self._site, name), node)
        for name, node in found.data.items():
            self._put(posixpath.join(self._prefix, name), node)
        if found.files:
            self._first.append(self._site)
        self._last += found.path_entries
        for name, path in found.mapped.items():
            ending = ".py" if path.endswith(".py") else ""
            place = posixpath.join(self._mapped, f"{name.rpartition('.')[2]}{ending}")
            text = posixpath.relpath(path, posixpath.dirname(place))
            self._put(place, Node(Kind.LINK, link=text))
        if found.mapped:
            self._last.append(self._mapped)

    @property
    def first(self) -> tuple[str, ...]:
        """Folders that come where site-packages does."""
        return tuple(dict.fromkeys(self._first))

    @property
    def last(self) -> tuple[str, ...]:
        """Folders that editable installs add behind it."""
        return tuple(dict.fromkeys(self._last))

    def _put(self, path: str, node: Node) -> None:
        target = PurePosixPath(path.lstrip("/"))
        if node.kind is Kind.LINK:
            self.files.append(ShippedFile(None, target, link=node.link))
        elif node.content is not None:
            self.files.append(ShippedFile(None, target, content=node.content, mode=0o644))
        elif node.source is not None:
            self.files.append(ShippedFile(node.source, target))
