"""Why a module was not found."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_importcontract.contract.model import Integration, is_within
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.scene import Scene


def explain(scene: Scene, name: str, importer: str) -> Explanation:
    """Why there is no module `name` for the module `importer`."""
    path = scene.catalog.in_repository(name)
    if path is not None:
        return does_not_ship(scene, name, path, importer)
    top, _, below = name.partition(".")
    return _submodule(scene, name) if below else _top_level(scene, top, importer)


def does_not_ship(scene: Scene, name: str, path: Path, importer: str) -> Explanation:
    """The module is in the repository, at `path`, and the service cannot see it."""
    top, catalog = name.partition(".")[0], scene.catalog
    whole = top not in catalog.shipped
    unit = name
    if whole:
        unit, path = top, catalog.in_repository(top) or path
    path = path.parent if path.stem == "__init__" else path
    shown = f"{scene.relative(path)}/" if path.is_dir() else scene.relative(path)
    rules, integration = scene.rules_for(name)
    fixes = [] if integration is None else _through(integration, importer)
    or_ = "or " if fixes else ""
    key = ("does not ship", unit)
    allowed = scene.service.allowed_roots
    outside = allowed is not None and not any(is_within(name, root) for root in allowed)
    if outside and integration is None:
        roots = ", ".join(allowed or ())
        rules = (*rules, f"allowed_roots ({scene.at('allowed_roots')}): {roots}")
        fixes.append(f"do not import {unit}: it is no allowed root of {scene.service.name}")
        or_ = "or "
    allow = f' and "{unit}" to allowed_roots' if outside else ""
    if not scene.ships_files or scene.ships(path):
        ships = "ships, but" if scene.ships_files else "is in this repository, but"
        entry = scene.relative(path.parents[unit.count(".")])
        text = f"{shown} {ships} no entry of runtime.paths leads to it"
        fixes.append(f'{or_}add "{entry}" to runtime.paths ({scene.at("runtime", "paths")}){allow}')
        return Explanation.of(key, text, fixes=fixes, rules=rules)
    stripped = scene.stripped_by(path)
    at = scene.at("ships", "files")
    if stripped:
        text = f"{shown} is in this repository but {stripped} takes it out of what ships"
        fixes.append(f"{or_}narrow that pattern, so that {shown} ships{allow}")
        return Explanation.of(key, text, fixes=fixes, rules=rules)
    pattern = f"{shown}**" if shown.endswith("/") else shown
    text = f"{shown} is in this repository but ships.files ({at}) does not bring it into the image"
    fixes.append(f'{or_}ship it: add "{pattern}" to ships.files ({at}){allow}')
    return Explanation.of(key, text, fixes=fixes, rules=rules)


def _through(integration: Integration, importer: str) -> list[str]:
    return [] if integration.permits(importer) else [f"import it through {integration.doors}"]


def _top_level(scene: Scene, top: str, importer: str) -> Explanation:
    catalog = scene.catalog
    label = catalog.interpreter.label
    key = ("missing", top)
    rules, _ = scene.rules_for(top)
    alike = [name for name in _tops(scene) if name.lower() == top.lower()]
    if alike:
        text = f"the name is {alike[0]}: it differs from {top} by letter case, and where the service runs case matters"
        return Explanation.of(key, text, fixes=[f"write {alike[0]}"])
    elsewhere = catalog.anywhere_below_root(top)
    if elsewhere:
        shown = scene.relative(elsewhere[0])
        folder = scene.relative(elsewhere[0].parent)
        text = f"{shown} is in this repository, but no entry of runtime.paths leads to it"
        at = scene.at("runtime", "paths")
        return Explanation.of(
            key, text, fixes=[f'add "{folder}" to runtime.paths ({at})'], rules=rules
        )
    if top in sys.stdlib_module_names and top not in catalog.interpreter.names:
        here = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
        text = f"{top} is in the standard library of {here} but not of {label}, which runs {scene.service.name}"
        return Explanation.of(
            key, text, fixes=[f"run {scene.service.name} on a Python that has it"]
        )
    distributions = catalog.distributions(top)
    python = scene.python
    if distributions:
        name = " or ".join(distributions)
        text = f"distribution {name} provides {top} and is not installed in {python}"
        return Explanation.of(
            key,
            text,
            fixes=[f"install it: {python_command(scene)} -m pip install {distributions[0]}"],
            rules=rules,
        )
    near = catalog.near_tops(top)
    text = f"{top} is nowhere: not in this repository, not in the site-packages of {python}"
    fixes = [f"did you mean {name}?" for name in near]
    or_ = "or " if fixes else ""
    fixes.append(f"{or_}install the distribution that provides {top}, or remove the import")
    return Explanation.of(key, text, fixes=fixes, rules=rules)


def python_command(scene: Scene) -> str:
    """How to call the service's interpreter from the contract's folder."""
    return scene.service.runtime.python or "python"


def _tops(scene: Scene) -> set[str]:
    catalog = scene.catalog
    return {name for name in (*catalog.repository, *catalog.shipped) if "." not in name}


def _submodule(scene: Scene, name: str) -> Explanation:
    catalog = scene.catalog
    parent = name.rpartition(".")[0]
    top = name.partition(".")[0]
    key = ("missing", name)
    mine = catalog.in_repository(top)
    if mine is not None and (catalog.is_installed(name) or top in catalog.interpreter.names):
        whose = (
            "the standard library"
            if top in catalog.interpreter.names
            else "an installed distribution"
        )
        shown = scene.relative(mine.parent if mine.stem == "__init__" else mine)
        text = f"{shown} hides the {top} of {whose}, which is first no longer on the import path"
        return Explanation.of(("hides", top), text, fixes=[f"rename {shown}"])
    known = catalog.shipped.get(parent)
    if known is not None and not known.is_package:
        text = f"{parent} is a module ({scene.relative(known.path)}), not a package, so nothing lies below it"
        return Explanation.of(key, text, fixes=_near(scene, name))
    alike = [n for n in (*catalog.shipped, *catalog.repository) if n.lower() == name.lower()]
    if alike:
        text = f"the module is {alike[0]}: the name differs by letter case, and where the service runs case matters"
        return Explanation.of(key, text, fixes=[f"write {alike[0]}"])
    near = catalog.near_modules(name)
    if near:
        where = catalog.in_repository(near[0])
        at = f" ({scene.relative(where)})" if where else ""
        text = f"{parent} has no module {name.rpartition('.')[2]}; the nearest is {near[0]}{at}"
        return Explanation.of(key, text, fixes=_near(scene, name))
    if catalog.is_installed(top):
        text = f"the {top} installed in {scene.python} has no module {name}"
        return Explanation.of(
            key, text, fixes=[f"check the version of {top}: the module may be newer or gone"]
        )
    text = f"{parent} has no module {name.rpartition('.')[2]}, and nothing in this repository is called that"
    return Explanation.of(key, text, fixes=["correct the name, or remove the import"])


def _near(scene: Scene, name: str) -> list[str]:
    near = scene.catalog.near_modules(name)
    return [f"import {near[0]}"] + [f"or {other}" for other in near[1:]] if near else []
