"""Why a module does not have a name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from pytest_importcontract.diagnosis import missing_module
from pytest_importcontract.diagnosis.chain import cycle
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Frame, Link

_MESSAGE = re.compile(
    r"cannot import name '(?P<name>[^']+)' from (?P<partly>partially initialized module )?'(?P<module>[^']+)'"
)


def is_missing_symbol(link: Link) -> bool:
    """Whether the exception says that a module lacks a name."""
    return link.is_a("ImportError") and _MESSAGE.match(link.message) is not None


def explain_import(scene: Scene, link: Link, frames: Sequence[Frame], importer: str) -> Explanation:
    """Why ``from module import name`` failed, for a link that `is_missing_symbol`."""
    match = _MESSAGE.match(link.message)
    if match is None:
        raise ValueError(f"no missing symbol: {link.message}")
    module, name = link.name or match["module"], link.name_from or match["name"]
    submodule = scene.catalog.in_repository(f"{module}.{name}")
    if submodule is not None and f"{module}.{name}" not in scene.catalog.shipped:
        return missing_module.does_not_ship(scene, f"{module}.{name}", submodule, importer)
    partly = match["partly"] is not None or link.initializing
    if partly and _will_have(scene, module, name, frames):
        circle = cycle(frames, module)
        if circle:
            return _circular(scene, circle, name, frames)
    top = module.partition(".")[0]
    if link.path and top in scene.catalog.interpreter.names and top in scene.catalog.shipped:
        return hides_stdlib(scene, top)
    if not link.path and "unknown location" in link.message:
        return _empty_folder(scene, module, name)
    return lacks(scene, module, name, link.names, link.path)


def hides_stdlib(scene: Scene, top: str) -> Explanation:
    """A repository file bears the name of a standard library module and is found first."""
    path = scene.catalog.in_repository(top)
    shown = scene.relative(path) if path else top
    text = f"{shown} hides the standard library's {top}: it comes first on the import path"
    return Explanation.of(("hides", top), text, fixes=[f"rename {shown}"])


def lacks(
    scene: Scene, module: str, name: str, names: Sequence[str], path: str = ""
) -> Explanation:
    """The complete `module` has no `name`; it has `names`."""
    key = ("no symbol", module, name)
    known = scene.catalog.in_repository(module)
    path = path or (str(known) if known else "")
    where = f" ({scene.relative(path)})" if path else ""
    near = difflib.get_close_matches(
        name, [n for n in names if not n.startswith("__")], n=3, cutoff=0.75
    )
    text = f"{module}{where} has no {name}"
    if near:
        text += f"; it has {', '.join(near)}"
    fixes = []
    tail = []
    for definition in scene.catalog.definitions(name)[:3]:
        if definition.module != module:
            ships = "" if definition.module in scene.catalog.shipped else " (does not ship)"
            tail.append(
                Hop(
                    file=definition.file,
                    line=definition.line,
                    text=f"{definition.module} defines {name}{ships}",
                )
            )
    moved = [hop for hop in tail if not hop.text.endswith("(does not ship)")]
    if moved:
        fixes.append(f"import {name} from {moved[0].text.partition(' ')[0]}")
    if near:
        or_ = "or " if fixes else ""
        fixes.append(f"{or_}did you mean {near[0]}?")
    if not fixes:
        fixes.append(f"define {name} in {module}, or remove what asks for it")
    return Explanation.of(key, text, fixes=fixes, tail=tail)


def _will_have(scene: Scene, module: str, name: str, frames: Sequence[Frame]) -> bool:
    """Whether the module, once it has run, binds the name: only then is the circle to blame."""
    files = [f.place.file for f in frames if f.module == module and f.is_module_level]
    known = scene.catalog.in_repository(module)
    path = Path(files[-1]) if files else known
    if path is None:
        return True
    submodule = f"{module}.{name}"
    return submodule in scene.catalog.shipped or scene.catalog.may_bind(path, name)


def _circular(
    scene: Scene, circle: Sequence[str], name: str, frames: Sequence[Frame]
) -> Explanation:
    way = " → ".join(circle)
    text = f"circular import: {way}; {circle[0]} has not come to {name} yet"
    key = ("circular", *sorted(set(circle)))
    fixes = [
        f"move {name} to a module that imports neither",
        "or import it inside the function that needs it",
    ]
    return Explanation.of(key, text, fixes=fixes)


def _empty_folder(scene: Scene, module: str, name: str) -> Explanation:
    known = scene.catalog.shipped.get(module)
    shown = scene.relative(known.path) if known else module.replace(".", "/")
    hidden = scene.catalog.is_installed(module)
    text = f"{shown}/ has no __init__.py where the service runs, so {module} is an empty namespace package without {name}"
    if hidden:
        text += ", and stands before the installed package of that name"
    real = scene.catalog.repository.get(module)
    fixes = (
        [f"ship {scene.relative(real.path)}"] if real is not None and not real.is_namespace else []
    )
    fixes = fixes or [f"rename {shown}/, or take it off the import path"]
    return Explanation.of(("empty folder", module), text, fixes=fixes)
