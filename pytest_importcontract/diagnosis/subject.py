"""What somebody asks about: a module, a file, or a name in a module."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pytest_importcontract.contract.model import Symbol, is_dotted_name
from pytest_importcontract.diagnosis.bindings import may_have
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.whereabouts import is_anywhere


class SubjectError(Exception):
    """There is nothing to say about a subject; the message says why, and what may be meant."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about.

    Attributes:
        module: the module's dotted name.
        name: the name in it; empty for the module as such.
    """

    module: str
    name: str = ""


def read_subject(scene: Scene, text: str, here: Path) -> Subject:
    """Read ``pkg.mod``, ``pkg.mod:Name`` or a file or folder, with a ``:Name`` or without.

    ``pkg.mod.Name`` will do, too, where that is no module.

    Args:
        scene: the service's surroundings.
        text: what the user wrote.
        here: the folder that a relative path starts from; one below the repository will do, too.

    Raises:
        SubjectError: it is none of these, or no import leads to the file.
    """
    place, colon, name = text.partition(":")
    if "/" in place or os.sep in place or place.endswith(".py"):
        place = _module_of(scene, place, here)
    written = f"{place}{colon}{name}"
    if colon:
        try:
            symbol = Symbol.parse(written)
        except ValueError as error:
            raise SubjectError(f"{text} {error}") from None
        return Subject(symbol.module, symbol.attribute)
    if not is_dotted_name(written):
        raise SubjectError(f"{text} is no module, no file and no module:Name")
    return _with_name(scene, written)


def _with_name(scene: Scene, written: str) -> Subject:
    """A module, or what is no module but may be a name in one: ``pkg.mod.Name``."""
    parent, _, last = written.rpartition(".")
    path = scene.catalog.in_repository(parent) if parent else None
    if path is None or path.suffix != ".py" or is_anywhere(scene, written):
        return Subject(written)
    has = may_have(scene.catalog, parent, last, path)
    return Subject(parent, last) if has else Subject(written)


def unknown(scene: Scene, module: str) -> SubjectError:
    """The error for a module that is nowhere, with what may be meant."""
    catalog = scene.catalog
    near = catalog.near_modules(module) or catalog.near_tops(module)
    top = module.partition(".")[0]
    hint = f" (did you mean {near[0]}?)" if near else ""
    if not catalog.exists(top) and (elsewhere := catalog.anywhere_below_root(top)):
        hint = f" ({scene.off_the_path(elsewhere[0].parent)[1]})"
    return SubjectError(f"no module is called {module}{hint}")


def _module_of(scene: Scene, text: str, here: Path) -> str:
    """The shortest name of the module in a file or folder."""
    places = [Path(os.path.normpath(folder / text)) for folder in (here, scene.shipment.root)]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise SubjectError(f"{text}: there is no such file")
    for modules in (scene.catalog.shipped, scene.catalog.repository):
        names = [
            name
            for name, module in modules.items()
            if module.path == found or (module.is_package and module.path.parent == found)
        ]
        if names:
            return min(names, key=lambda name: (name.count("."), name))
    what = "folder" if found.is_dir() else "file"
    if found.is_file() and found.suffix != ".py":
        raise SubjectError(f"{text}: it is no module")
    off, fix = scene.off_the_path(found.parent)
    raise SubjectError(f"{text}: no import leads to this {what}: {off} ({fix})")
