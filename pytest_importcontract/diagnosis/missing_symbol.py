"""Why a module does not have a name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from pytest_importcontract.diagnosis.chain import cycle
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.missing_module import alternatives, does_not_ship, hides
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Frame, Link

_MESSAGE = re.compile(
    r"cannot import name '(?P<name>[^']+)' from "
    r"(?P<partly>partially initialized module )?'(?P<module>[^']+)'"
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
    below = f"{module}.{name}"
    submodule = scene.catalog.in_repository(below)
    if submodule is not None and below not in scene.catalog.shipped:
        return does_not_ship(scene, below, submodule, importer)
    partly = match["partly"] is not None or link.initializing
    circle = cycle(frames, module) if partly else ()
    if circle and _will_have(scene, module, name, frames):
        return _circular(circle, name)
    top = module.partition(".")[0]
    if link.path and top in scene.catalog.interpreter.names and top in scene.catalog.shipped:
        return hides(scene, top)
    if not link.path and "unknown location" in link.message:
        return _empty_folder(scene, module, name)
    return lacks(scene, module, name, link.names, link.path)


def lacks(
    scene: Scene, module: str, name: str, names: Sequence[str], path: str = ""
) -> Explanation:
    """The `module` has run and has no `name`; it has `names`."""
    known = scene.catalog.in_repository(module)
    path = path or (str(known) if known else "")
    where = f" ({scene.relative(path)})" if path else ""
    candidates = [other for other in names if not other.startswith("__")]
    near = difflib.get_close_matches(name, candidates, n=3, cutoff=0.75)
    text = f"{module}{where} has no {name}"
    if near:
        text += f"; it has {', '.join(near)}"
    related, moved = [], []
    for definition in scene.catalog.definitions(name)[:3]:
        if definition.module != module:
            ships = definition.module in scene.catalog.shipped
            said = f"defines {name}{'' if ships else ' (does not ship)'}"
            related.append(Hop(file=definition.file, line=definition.line, text=said))
            moved += [definition.module] if ships else []
    fixes = [f"import {name} from {moved[0]}"] if moved else []
    fixes += [f"did you mean {near[0]}?"] if near else []
    fixes = fixes or [f"define {name} in {module}, or remove what asks for it"]
    key = ("no symbol", module, name)
    return Explanation.of(key, text, fixes=alternatives(fixes), related=related)


def _will_have(scene: Scene, module: str, name: str, frames: Sequence[Frame]) -> bool:
    """Whether the module, once it has run, binds the name: only then is the circle to blame."""
    if f"{module}.{name}" in scene.catalog.shipped:
        return True
    running = [f.place.file for f in frames if f.module == module and f.is_module_level]
    known = scene.catalog.in_repository(module)
    path = Path(running[-1]) if running else known
    return path is None or scene.catalog.may_bind(path, name)


def _circular(circle: Sequence[str], name: str) -> Explanation:
    way = " → ".join(circle)
    text = f"circular import: {way}; {circle[0]} has not come to {name} yet"
    fixes = [
        f"move {name} to a module that imports neither",
        "import it inside the function that needs it",
    ]
    return Explanation.of(("circular", *sorted(set(circle))), text, fixes=alternatives(fixes))


def _empty_folder(scene: Scene, module: str, name: str) -> Explanation:
    known = scene.catalog.shipped.get(module)
    shown = scene.relative(known.path) if known else module.replace(".", "/")
    text = f"{shown}/ has no __init__.py where the service runs, so {module} is a namespace package"
    text += f" without {name}"
    if scene.catalog.is_installed(module):
        text += ", and it comes before the installed package of that name"
    real = scene.catalog.repository.get(module)
    fix = f"rename {shown}/, or take it off the import path"
    if real is not None and not real.is_namespace:
        fix = f"ship {scene.relative(real.path)}"
    return Explanation.of(("empty folder", module), text, fixes=[fix])
