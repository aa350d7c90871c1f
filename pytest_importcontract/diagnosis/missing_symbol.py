"""Why a module does not have a name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from pytest_importcontract.diagnosis.bindings import may_have
from pytest_importcontract.diagnosis.chain import cycle
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.missing_module import alternatives, does_not_ship, hides
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.rules import may_import
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Frame, Link

_MESSAGE = re.compile(
    r"cannot import name '(?P<name>[^']+)' from "
    r"(?:partially initialized module )?'(?P<module>[^']+)'"
)
_NO_MODULE = "<unknown module name>"


def is_missing_symbol(link: Link) -> bool:
    """Whether the exception says that a module lacks a name."""
    return link.is_a("ImportError") and _MESSAGE.match(link.message) is not None


def parts(link: Link) -> tuple[str, str]:
    """The module and the name that it lacks, of a link that `is_missing_symbol`."""
    match = _MESSAGE.match(link.message)
    if match is None:
        raise ValueError(f"no missing symbol: {link.message}")
    return link.name or match["module"], link.name_from or match["name"]


def explain_import(scene: Scene, link: Link, frames: Sequence[Frame], importer: str) -> Explanation:
    """Why ``from module import name`` failed, for a link that `is_missing_symbol`."""
    module, name = parts(link)
    below = f"{module}.{name}"
    submodule = scene.catalog.in_repository(below)
    if submodule is not None and below not in scene.catalog.shipped:
        return does_not_ship(scene, below, submodule, importer)
    partly = "partially initialized module" in link.message or link.initializing
    circle = cycle(frames, module) if partly else ()
    if circle and _will_have(scene, module, name, frames):
        return _circular(circle, name)
    if _is_hidden(scene, module, name):
        return hides(scene, module.partition(".")[0])
    known = scene.catalog.shipped.get(module)
    if not link.path and known is not None and known.is_namespace:
        return _empty_folder(scene, module, name, known.path)
    if module == _NO_MODULE:
        text = f"what {importer} takes {name} from is no module and has no {name}"
        return Explanation.of(("no symbol", importer, name), text)
    return lacks(scene, module, name, link.names, link.path, importer)


def explain_attribute(
    scene: Scene,
    module: str,
    name: str,
    names: Sequence[str] = (),
    frames: Sequence[Frame] = (),
    importer: str = "",
) -> Explanation:
    """Why ``module.name`` failed at the end of `frames`, where `module` has `names`."""
    below = f"{module}.{name}"
    submodule = scene.catalog.in_repository(below)
    if submodule is not None and below not in scene.catalog.shipped:
        return does_not_ship(scene, below, submodule, importer)
    circle = cycle(frames, module)
    if circle and _will_have(scene, module, name, frames):
        return _circular(circle, name)
    if _is_hidden(scene, module, name):
        return hides(scene, module.partition(".")[0])
    if submodule is not None and (circle := cycle(frames, below)):
        return _circular(circle, "")
    if submodule is not None or scene.foreign_file(below) is not None:
        where = f" ({scene.relative(submodule)})" if submodule else ""
        text = f"{below} is a module{where} that nothing has imported by then"
        return Explanation.of(("no symbol", module, name), text, fixes=[f"import {below}"])
    return lacks(scene, module, name, names, "", importer)


def _is_hidden(scene: Scene, module: str, name: str) -> bool:
    """Whether first-party code hides an installed or standard module that has the name."""
    foreign = scene.foreign_file(module)
    if foreign is None or module not in scene.catalog.shipped:
        return False
    if f"{module}.{name}" in scene.catalog.shipped:
        return False
    return may_have(scene.catalog, module, name, foreign)


def _is_part(name: str, other: str) -> bool:
    """Whether one name is the other with something added, as ``charge`` and ``charge_card``."""
    short, long = sorted((name, other), key=len)
    return len(short) >= 4 and long.startswith((short, f"_{short}"))


def lacks(
    scene: Scene, module: str, name: str, names: Sequence[str], path: str = "", importer: str = ""
) -> Explanation:
    """The `module` has run and has no `name` for `importer`; it has `names`."""
    known = scene.catalog.in_repository(module) or scene.foreign_file(module)
    path = path or (str(known) if known else "")
    where = f" ({scene.relative(path)})" if path else ""
    candidates = [other for other in names if not other.startswith("__")]
    near = difflib.get_close_matches(name, candidates, n=3, cutoff=0.75)
    near = near or [other for other in candidates if _is_part(name, other)][:3]
    text = f"{module}{where} has no {name}"
    if near:
        text += f"; it has {', '.join(near)}"
    related, moved = [], []
    for definition in scene.catalog.definitions(name)[:3]:
        ships = definition.module in scene.catalog.shipped
        said = f"defines {name}{'' if ships else ' (does not ship)'}"
        if definition.module == module:
            said = f"defines {name}, but not when it ran here"
        elif (
            ships
            and definition.module != importer
            and may_import(scene, importer, definition.module)
        ):
            moved.append(definition.module)
        related.append(Hop(file=definition.file, line=definition.line, text=said))
    fixes = [f"import {name} from {moved[0]}"] if moved else []
    fixes += [f"did you mean {near[0]}?"] if near else []
    if not fixes and scene.catalog.is_first_party(module):
        fixes = [f"define {name} in {module}, or remove what asks for it"]
    elif not fixes:
        top = module.partition(".")[0]
        what = "Python" if top in scene.catalog.interpreter.names else top
        fixes = [f"check which version of {what} the code was written for"]
    key = ("no symbol", module, name)
    return Explanation.of(key, text, fixes=alternatives(fixes), related=related)


def _will_have(scene: Scene, module: str, name: str, frames: Sequence[Frame]) -> bool:
    """Whether the module, once it has run, binds the name: only then is the circle to blame."""
    running = [f.place.file for f in frames if f.module == module and f.is_module_level]
    return may_have(scene.catalog, module, name, Path(running[-1]) if running else None)


def _circular(circle: Sequence[str], name: str) -> Explanation:
    way = " → ".join(circle)
    text = f"circular import: {way}; {circle[0]} has not {f'come to {name}' if name else 'run'} yet"
    apart = {1: f"does not import {circle[0]}", 2: "imports neither"}
    kind = apart.get(len(set(circle)), "imports none of them")
    fixes = [f"move {name or 'what is needed'} to a module that {kind}"]
    fixes.append("import it inside the function that needs it")
    return Explanation.of(("circular", *sorted(set(circle))), text, fixes=alternatives(fixes))


def _empty_folder(scene: Scene, module: str, name: str, folder: Path) -> Explanation:
    shown = scene.relative(folder)
    text = f"{shown}/ has no __init__.py where the service runs, so {module} is a namespace package"
    text += f" without {name}"
    real = scene.catalog.repository.get(module)
    fix = f"give it an __init__.py that has {name}, or remove the import"
    if real is not None and not real.is_namespace:
        fix = f"ship {scene.relative(real.path)}"
    return Explanation.of(("empty folder", module), text, fixes=[fix])
