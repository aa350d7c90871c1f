"""Why an import failed that is not about a module or a name that was not there."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.missing_module import hides
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Frame, Link

_LIBRARY = re.compile(
    r"\.so\b|\.dylib|undefined symbol|GLIBC|version `|invalid ELF header|DLL load"
)
_LOST_LIBRARY = re.compile(r"(?P<library>[\w.+-]+\.so[\w.]*): cannot open shared object file")
_NO_ATTRIBUTE = re.compile(r"(?:partially initialized )?module '(?P<module>\w+)' has no attribute")


def explain(scene: Scene, link: Link, frames: Sequence[Frame]) -> Explanation:
    """Why the exception `link` was raised at the end of `frames`."""
    if link.syntax is not None:
        return _syntax(scene, link)
    if link.is_a("KeyError") and link.key and _asks_environment(frames):
        return _variable(scene, link.key)
    if link.is_a("FileNotFoundError") and link.filename:
        found = _data_file(scene, link.filename)
        if found is not None:
            return found
    if (link.is_a("ImportError") or link.is_a("OSError")) and _LIBRARY.search(link.message):
        return _library(scene, link)
    attribute = _NO_ATTRIBUTE.match(link.message)
    if link.is_a("AttributeError") and attribute is not None:
        top = attribute["module"]
        if top in scene.catalog.interpreter.names and top in scene.catalog.shipped:
            return hides(scene, top)
    return _raised(scene, link, frames)


def _syntax(scene: Scene, link: Link) -> Explanation:
    fault = link.syntax
    if fault is None or not fault.place.file:
        return _raised(scene, link, ())
    label = scene.catalog.interpreter.label
    shown = f"{scene.relative(fault.place.file)}:{fault.place.line}"
    pointer = fault.text.rstrip() or scene.source(fault.place)
    tail = [
        Hop(file=fault.place.file, line=fault.place.line, text=pointer.strip() or fault.message)
    ]
    if scene.parses_here(fault.place.file):
        text = f"{shown} is written in a newer Python than {label}, which runs {scene.service.name}"
        fixes = ["write it so that the older Python can read it, or run the service on a newer one"]
    else:
        text = f"{shown} is not valid Python: {fault.message}"
        fixes = [f"correct {shown}"]
    return Explanation.of(("syntax", fault.place.file), text, fixes=fixes, tail=tail)


def _asks_environment(frames: Sequence[Frame]) -> bool:
    """Whether the last step was ``os.environ[…]``."""
    if not frames:
        return False
    last = frames[-1]
    return last.function == "__getitem__" and last.place.file.endswith(f"{os.sep}os.py")


def _variable(scene: Scene, name: str) -> Explanation:
    at = scene.at("runtime", "env")
    text = f"environment variable {name} is needed at import and not set"
    fixes = [f'set it where the service runs and in runtime.env ({at}): {name} = "…"']
    if scene.service.runtime.env_file:
        fixes.append(f"or in {scene.service.runtime.env_file}")
    return Explanation.of(("variable", name), text, fixes=fixes)


def _data_file(scene: Scene, filename: str) -> Explanation | None:
    path = Path(scene.shipment.to_repository(str(scene.shipment.cwd / filename)))
    if not path.is_relative_to(scene.shipment.root) or not path.exists() or scene.ships(path):
        return None
    shown = scene.relative(path)
    at = scene.at("ships", "files")
    stripped = scene.stripped_by(path)
    why = (
        f"{stripped} takes it out of what ships"
        if stripped
        else f"ships.files ({at}) does not bring it into the image"
    )
    fix = (
        f"narrow that pattern, so that {shown} ships"
        if stripped
        else f'ship it: add "{shown}" to ships.files ({at})'
    )
    text = f"{shown} is in this repository but {why}"
    return Explanation.of(("does not ship", shown), text, fixes=[fix])


def _library(scene: Scene, link: Link) -> Explanation:
    lost = _LOST_LIBRARY.search(link.message)
    label = f"{scene.catalog.interpreter.label} ({scene.python})"
    if lost:
        library = lost["library"]
        text = f"the system library {library} is not there"
        return Explanation.of(
            ("library", library), text, fixes=[f"install the package that holds {library}"]
        )
    text = f"a compiled module does not fit {label} or the system's libraries"
    fixes = ["install a build made for this interpreter and system"]
    return Explanation.of(("library", link.name or link.message), text, fixes=fixes)


def _raised(scene: Scene, link: Link, frames: Sequence[Frame]) -> Explanation:
    own = next((frame for frame in reversed(frames) if frame.first_party), None)
    frame = own or (frames[-1] if frames else None)
    name = link.type.rpartition(".")[2]
    if frame is None:
        return Explanation.of(("raised", link.type, link.message), f"{name} was raised")
    shown = f"{scene.relative(frame.place.file)}:{frame.place.line}"
    key = ("raised", link.type, frame.place.file, str(frame.place.line))
    return Explanation.of(key, f"{shown} raises {name} at import")
