"""What a launcher's command line loads, and from where: the vocabulary of launchers."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.image.tree import normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What one command line loads.

    Attributes:
        targets: modules as `Start.entrypoint` writes them.
        scripts: image paths of files that are run.
        code: the text of ``python -c``.
        cwd: the folder it runs in.
        path: what the launcher puts first on ``sys.path``, image paths.
        isolated: whether PYTHONPATH does not count.
        missing: what cannot be known of it, as a sentence; empty where all is.
    """

    targets: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    code: str = ""
    cwd: str
    path: tuple[str, ...] = ()
    isolated: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a launcher runs: its folder, its variables, and the image's files."""

    cwd: str
    env: Mapping[str, str]
    files: ImageFiles

    def at(self, path: str, folder: str = "") -> str:
        """An image path from one relative to `folder`, or to the working folder."""
        return normal(posixpath.join(folder or self.cwd, path))

    def holds(self, path: str) -> bool:
        """Whether something lies at an image path."""
        return self.files.exists(path)

    def module(self, name: str, folders: tuple[str, ...]) -> str:
        """The file of a module in the first of `folders` that holds it; empty where none does."""
        below = name.replace(".", "/")
        for folder in folders:
            for ending in ("/__init__.py", ".py"):
                if self.holds(path := normal(f"{folder}/{below}{ending}")):
                    return path
        return ""
