"""Declared packages as a value."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_importcontract.shipment.project.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a backend would take, as far as its tables and its documented discovery tell.

    Attributes:
        folder: the project's folder in the image.
        files: image paths by the path in site-packages.
        roots: folders of the image that an editable installation puts on the import path.
        mapped: what an editable installation maps, by name to the image path of a package folder
            or module file.
        complete: whether the rules were enough to tell.
        notes: what is not known.
    """

    folder: str
    files: Mapping[str, str] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    mapped: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    notes: tuple[str, ...] = ()


def moved(paths: Iterable[str], origin: str, target: str = "") -> dict[str, str]:
    """Image paths below `origin` by where they come to lie, below `target` in site-packages."""
    skipped = len(origin.rstrip("/")) + 1
    return {posixpath.join(target, path[skipped:]): path for path in paths}


def package_or_module(sources: Sources, folder: str, name: str) -> dict[str, str]:
    """The files of the package or module that a dotted `name` means below `folder`."""
    place = posixpath.join(folder, *name.split("."))
    found = list(sources.below(place))
    if not found and f"{place}.py" in sources.files:
        found = [f"{place}.py"]
    return moved((path for path in found if not path.endswith((".pyc", ".pyo"))), folder)
