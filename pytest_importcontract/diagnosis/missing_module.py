"""Why a module was not found."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from pytest_importcontract.contract.model import is_within
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.scene import Scene

_CASE = "differ by letter case, which matters where the service runs"


def explain(scene: Scene, name: str, importer: str) -> Explanation:
    """Why there is no module `name` for the module `importer`."""
    path = scene.catalog.in_repository(name)
    if path is not None and name not in scene.catalog.shipped:
        return does_not_ship(scene, name, path, importer)
    return _submodule(scene, name) if "." in name else _top_level(scene, name)


def does_not_ship(scene: Scene, name: str, path: Path, importer: str) -> Explanation:
    """The module is in the repository, at `path`, and the service cannot see it."""
    unit, path = _unit(scene, name, path)
    shown = f"{scene.relative(path)}/" if path.is_dir() else scene.relative(path)
    rules, integration = scene.rules_for(name)
    key = ("does not ship", unit)
    fixes: list[str] = []
    if integration is not None and not integration.permits(importer):
        key = ("boundary", integration.root)
        fixes.append(f"import it through {integration.doors}")
    allowed = scene.service.allowed_roots
    allow = ""
    if allowed is not None and not any(is_within(name, root) for root in allowed):
        allow = f' and "{unit}" to allowed_roots'
        if not fixes:
            rules = (*rules, f"allowed_roots ({scene.at('allowed_roots')}): {', '.join(allowed)}")
            fixes.append(f"do not import {unit}: it is no allowed root of {scene.service.name}")
    text, fix = _way_in(scene, unit, path, shown)
    fixes.append(f"{fix}{allow}")
    return Explanation.of(key, text, fixes=alternatives(fixes), rules=rules)


def _unit(scene: Scene, name: str, path: Path) -> tuple[str, Path]:
    """What is to be shipped: the whole top-level package where nothing of it ships."""
    top = name.partition(".")[0]
    if top not in scene.catalog.shipped:
        name, path = top, scene.catalog.in_repository(top) or path
    return name, path.parent if path.stem == "__init__" else path


def _way_in(scene: Scene, unit: str, path: Path, shown: str) -> tuple[str, str]:
    """Why the service does not see the file or folder, and what would let it in."""
    if scene.ships(path):
        ships = "ships, but" if scene.ships_files else "is in this repository, but"
        entry = scene.relative(path.parents[unit.count(".")])
        fix = f'add "{entry}" to runtime.paths ({scene.at("runtime", "paths")})'
        return f"{shown} {ships} no entry of runtime.paths leads to it", fix
    stripped = scene.stripped_by(path)
    if stripped:
        text = f"{shown} is in this repository but {stripped} takes it out of what ships"
        return text, f"narrow that pattern, so that {shown} ships"
    at = scene.at("ships", "files")
    pattern = f"{shown}**" if shown.endswith("/") else shown
    text = f"{shown} is in this repository but ships.files ({at}) does not bring it into the image"
    return text, f'ship it: add "{pattern}" to ships.files ({at})'


def _top_level(scene: Scene, top: str) -> Explanation:
    catalog, service = scene.catalog, scene.service.name
    key = ("missing", top)
    rules, _ = scene.rules_for(top)
    alike = _same_but_for_case(top, (*catalog.repository, *catalog.shipped))
    if alike:
        text = f"the module is called {alike}: the names {_CASE}"
        return Explanation.of(key, text, fixes=[f"write {alike}"], rules=rules)
    elsewhere = catalog.anywhere_below_root(top)
    if elsewhere:
        shown, folder = scene.relative(elsewhere[0]), scene.relative(elsewhere[0].parent)
        text = f"{shown} is in this repository, but no entry of runtime.paths leads to it"
        fix = f'add "{folder}" to runtime.paths ({scene.at("runtime", "paths")})'
        return Explanation.of(key, text, fixes=[fix], rules=rules)
    if top in sys.stdlib_module_names and top not in catalog.interpreter.names:
        here = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
        label = catalog.interpreter.label
        text = (
            f"{top} is in the standard library of {here} but not of {label}, which runs {service}"
        )
        return Explanation.of(key, text, fixes=[f"run {service} on a Python that has {top}"])
    distributions = catalog.distributions(top)
    if distributions:
        names = " or ".join(distributions)
        text = f"distribution {names} provides {top} and is not installed in {scene.python}"
        python = scene.service.runtime.python or "python"
        fix = f"install it: {python} -m pip install {distributions[0]}"
        return Explanation.of(key, text, fixes=[fix], rules=rules)
    text = f"{top} is neither in this repository nor installed in {scene.python}"
    fixes = [f"did you mean {name}?" for name in catalog.near_tops(top)]
    fixes.append(f"install the distribution that provides {top}, or remove the import")
    return Explanation.of(key, text, fixes=alternatives(fixes), rules=rules)


def _submodule(scene: Scene, name: str) -> Explanation:
    catalog = scene.catalog
    parent, _, last = name.rpartition(".")
    top = name.partition(".")[0]
    key = ("missing", name)
    if top in catalog.shipped and (catalog.is_installed(name) or top in catalog.interpreter.names):
        return hides(scene, top)
    known = catalog.shipped.get(parent)
    near = catalog.near_modules(name)
    fixes = alternatives([f"import {other}" for other in near])
    if known is not None and not known.is_package:
        text = f"{parent} is a module ({scene.relative(known.path)}), so no module lies below it"
        return Explanation.of(key, text, fixes=fixes)
    alike = _same_but_for_case(name, (*catalog.shipped, *catalog.repository))
    if alike:
        text = f"the module is called {alike}: the names {_CASE}"
        return Explanation.of(key, text, fixes=[f"write {alike}"])
    if near:
        where = catalog.in_repository(near[0])
        at = f" ({scene.relative(where)})" if where else ""
        text = f"{parent} has no module {last}; the nearest is {near[0]}{at}"
        return Explanation.of(key, text, fixes=fixes)
    if catalog.is_installed(top):
        text = f"the {top} that is installed in {scene.python} has no module {name}"
        fix = f"check which version of {top} the code was written for"
        return Explanation.of(key, text, fixes=[fix])
    text = f"{parent} has no module {last}, and no other module of this repository is called that"
    return Explanation.of(key, text, fixes=["correct the name, or remove the import"])


def hides(scene: Scene, top: str) -> Explanation:
    """First-party code bears the name of another package, and is found first."""
    path = scene.catalog.in_repository(top)
    path = path.parent if path is not None and path.stem == "__init__" else path
    shown = scene.relative(path) if path else top
    standard = top in scene.catalog.interpreter.names
    whose = f"the standard library's {top}" if standard else f"the installed {top}"
    text = f"{shown} hides {whose}: it comes first on the import path"
    return Explanation.of(("hides", top), text, fixes=[f"rename {shown}"])


def alternatives(fixes: Iterable[str]) -> list[str]:
    """The fixes with an "or" before all but the first."""
    return [f"or {fix}" if index else fix for index, fix in enumerate(fixes)]


def _same_but_for_case(name: str, known: Iterable[str]) -> str:
    folded = name.lower()
    return next((other for other in sorted(set(known)) if other.lower() == folded), "")
