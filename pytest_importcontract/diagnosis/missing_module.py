"""Why a module was not found."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_importcontract.checks.allowed_roots import root_outside
from pytest_importcontract.contract.model import Integration
from pytest_importcontract.diagnosis import distribution
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.rules import (
    allowance,
    door_needs_root,
    forbidding,
    may_import,
)
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.shipping import absence, astray, named, unmodelled
from pytest_importcontract.observe.facts import Target

_CASE = "differ by letter case, which matters where the service runs"


def explain(
    scene: Scene, name: str, importer: str, *, ours: bool = True, target: Target | None = None
) -> Explanation:
    """Why there is no module `name` for the module `importer`, first-party (`ours`) or not.

    `target` is what was started, where that is known.
    """
    catalog = scene.catalog
    path = catalog.in_repository(name)
    if name in catalog.shipped or scene.foreign_file(name) is not None:
        if _hidden(scene, name):
            return hides(scene, name.partition(".")[0])
        elsewhere = _off_this_path(scene, name.partition(".")[0], target)
        return elsewhere or _kept_from_being_found(scene, name)
    if path is not None:
        return does_not_ship(scene, name, path, importer)
    absent = distribution.explain_module(scene, name)
    if absent is not None:
        return absent
    find = _submodule if "." in name else _top_level
    return find(scene, name, importer, ours=ours)


def _hidden(scene: Scene, name: str) -> bool:
    """Whether first-party code that lacks `name` is found before a package that has it."""
    return name not in scene.catalog.shipped and name.partition(".")[0] in scene.catalog.shipped


def _off_this_path(scene: Scene, top: str, target: Target | None) -> Explanation | None:
    """The module ships where another start of the image would find it, but not this one."""
    image, module = scene.shipment.image, scene.catalog.shipped.get(top)
    if target is None or image is None or module is None:
        return None
    unit = module.path.parent if module.path.stem == "__init__" else module.path
    places = scene.shipment.layout.targets(unit.parent)
    seen = {str(folder) for folder in scene.path_of(target)}
    if not places or any(str(scene.shipment.staged(place)) in seen for place in places):
        return None
    place = f"/{places[0]}".rstrip(".")
    line = scene.shipment.ground.starts.get(target.text)
    start = f"{target.text}, as {line} starts it," if line else target.text
    text = f"{named(scene, unit)} ships in {place}, from which {start} does not import"
    _, fix = scene.off_the_path(unit.parent)
    return Explanation.of(("off the path", top, place), text, fixes=[fix])


def _kept_from_being_found(scene: Scene, name: str) -> Explanation:
    path = scene.catalog.shipped[name].path if name in scene.catalog.shipped else None
    where = f" ({scene.relative(path)})" if path else f" in {scene.python}"
    text = (
        f"{name} is there{where}: code that ran before has changed sys.path, sys.meta_path or "
        "sys.modules so that it is not found, or raised this itself"
    )
    return Explanation.of(("kept", name), text)


def does_not_ship(scene: Scene, name: str, path: Path, importer: str) -> Explanation:
    """The module is in the repository, at `path`, and the service cannot see it."""
    unit, path = _unit(scene, name, path)
    text, way = _way_in(scene, unit, path)
    rules, _ = scene.rules_for(name)
    key = ("does not ship", unit)
    fixes: list[str] = []
    integration = forbidding(scene, importer, name)
    if integration is not None:
        key = ("boundary", integration.root)
        fixes.append(through_the_door(scene, integration))
    elif not may_import(scene, importer, name):
        allowed = ", ".join(scene.service.allowed_roots or ())
        key = ("boundary", root_outside(scene.service, name))
        rules = (*rules, f"allowed_roots ({scene.at('allowed_roots')}): {allowed}")
        fixes.append(
            f"do not import {unit}: it is no allowed root of {scene.service.declared_name}"
        )
    fixes.append(f"{way}{allowance(scene, importer, name, unit)}")
    return Explanation.of(key, text, fixes=alternatives(fixes), rules=rules)


def through_the_door(scene: Scene, integration: Integration) -> str:
    """The fix that keeps an integration's rule."""
    way = admission(scene, integration.root) if door_needs_root(scene, integration) else ""
    return f"import it through {integration.doors}{way}"


def admission(scene: Scene, name: str) -> str:
    """What lets the service see a module of the repository, as the end of a fix."""
    path = scene.catalog.in_repository(name)
    if path is None or not _lost(scene, name):
        return ""
    return f", and {_way_in(scene, *_unit(scene, name, path), apart=True)[1]}"


def _unit(scene: Scene, name: str, path: Path) -> tuple[str, Path]:
    """What is to be shipped: the whole top-level package where nothing of it ships."""
    top = name.partition(".")[0]
    if top not in scene.catalog.shipped:
        name, path = top, scene.catalog.in_repository(top) or path
    return name, path.parent if path.stem == "__init__" else path


def _way_in(scene: Scene, unit: str, path: Path, *, apart: bool = False) -> tuple[str, str]:
    """Why the service does not see the file or folder, and what would let it in."""
    if not scene.ships(path):
        return absence(scene, path, apart=apart)
    found = astray(scene, unit, path)
    if found is not None:
        return found
    ships = "ships, but" if scene.ships_files else "is in this repository, but"
    off, fix = scene.off_the_path(path.parents[unit.count(".")])
    return f"{named(scene, path)} {ships} {off}", fix


def _top_level(scene: Scene, top: str, importer: str, *, ours: bool) -> Explanation:
    catalog, service = scene.catalog, scene.service.declared_name
    key = ("missing", top)
    rules, _ = scene.rules_for(top)
    alike = _same_but_for_case(top, (*catalog.repository, *catalog.shipped))
    if alike:
        text = f"the module is called {alike}{_where(scene, alike)}: the names {_CASE}"
        fix = f"write {alike}{admission(scene, alike)}"
        return Explanation.of(key, text, fixes=[fix], rules=rules)
    if top in catalog.interpreter.names:
        label = catalog.interpreter.label
        text = f"{top} belongs to the standard library, but not to this build of {label}"
        fix = "install the operating system's package for it, or run another build"
        return Explanation.of(key, text, fixes=[fix])
    if top in sys.stdlib_module_names:
        here = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
        label = catalog.interpreter.label
        text = (
            f"{top} is in the standard library of {here} but not of {label}, which runs {service}"
        )
        return Explanation.of(key, text, fixes=[f"run {service} on a Python that has {top}"])
    elsewhere = catalog.anywhere_below_root(top)
    distributions = catalog.distributions(top)
    if distributions:
        names = " or ".join(distributions)
        text = f"distribution {names} provides {top} and is not installed in {scene.python}"
        python = scene.service.runtime.python or "python"
        allow = allowance(scene, importer, top, top) if ours else ""
        fixes = [f"install it: {python} -m pip install {distributions[0]}{allow}"]
        fixes += [_let_in(scene, path)[1] for path in elsewhere[:1]]
        return Explanation.of(key, text, fixes=alternatives(fixes), rules=rules)
    if elsewhere:
        text, fix = _let_in(scene, elsewhere[0])
        return Explanation.of(key, text, fixes=[fix], rules=rules)
    return _nowhere(scene, top, rules, importer, ours=ours)


def _let_in(scene: Scene, path: Path) -> tuple[str, str]:
    """Why the service does not see a module in a folder that is nobody's import root; the fix."""
    found = astray(scene, path.stem, path) if scene.ships(path) else None
    if found is not None:
        return found
    off, fix = scene.off_the_path(path.parent)
    text = f"{named(scene, path)} is in this repository, but {off}"
    if not scene.ships(path):
        why, way = absence(scene, path, path.stem)
        if scene.shipment.image is not None:
            return why, way
        text += ", and it does not ship"
        fix += f" and {way.removeprefix('ship it: add ')}"
    return text, fix


def _nowhere(
    scene: Scene, top: str, rules: Sequence[str], importer: str, *, ours: bool
) -> Explanation:
    """No top-level module is called `top`; some that lie deeper may be."""
    catalog = scene.catalog
    if not ours:
        text = f"{top}, which {importer} imports, is not installed in {scene.python}"
        fix = f"install the distribution that provides {top}"
        return Explanation.of(("missing", top), text, fixes=[fix], rules=rules)
    known = sorted({*catalog.repository, *catalog.shipped})
    deeper = [name for name in known if name.endswith(f".{top}")]
    install = f"install the distribution that provides {top}, or remove the import"
    lost = catalog.folder_of(deeper[0]) if deeper else None
    if lost is not None and scene.shipment.image is not None and not scene.ships(lost):
        text, fix = _let_in(scene, lost)
        fixes = alternatives([fix, install])
        return Explanation.of(("missing", top), text, fixes=fixes, rules=rules)
    near = _usable(scene, importer, catalog.near_tops(top))
    near += _usable(scene, importer, deeper)[:2]
    fixes = [
        f"import {name}{_where(scene, name)}, if that is meant{admission(scene, name)}"
        for name in near
    ]
    fixes.append(install)
    kind = "a top-level module of" if deeper else "in"
    text = f"{top} is neither {kind} this repository nor installed in {scene.python}"
    return Explanation.of(("missing", top), text, fixes=alternatives(fixes), rules=rules)


def _submodule(scene: Scene, name: str, importer: str, *, ours: bool) -> Explanation:
    catalog = scene.catalog
    parent, _, last = name.rpartition(".")
    top = name.partition(".")[0]
    key = ("missing", name)
    known = catalog.shipped.get(parent)
    if known is not None and not known.is_package:
        return _below_a_module(scene, name, known.path, importer)
    alike = _same_but_for_case(name, (*catalog.shipped, *catalog.repository))
    if alike:
        text = f"the module is called {alike}{_where(scene, alike)}: the names {_CASE}"
        return Explanation.of(key, text, fixes=[f"write {alike}{admission(scene, alike)}"])
    if top not in catalog.shipped and (catalog.is_installed(top) or scene.foreign_file(top)):
        whose = f"the {top} that is installed in {scene.python}"
        fix = f"check which version of {top} the code was written for"
        if top in catalog.interpreter.names:
            whose = f"the standard library of {catalog.interpreter.label}"
            fix = "correct the name, or remove the import"
        return Explanation.of(key, f"{whose} has no module {name}", fixes=[fix])
    off_the_path = _off_the_path(scene, name)
    if off_the_path is not None:
        text, fix = _let_in(scene, off_the_path)
        return Explanation.of(key, f"{parent} has no module {last} here: {text}", fixes=[fix])
    alike_or_moved = catalog.near_modules(name)
    near = [other for other in alike_or_moved if other != importer]
    usable = _usable(scene, importer, near)
    fixes = [f"import {other}{admission(scene, other)}" for other in usable]
    fixes = alternatives(fixes or ["correct the name, or remove the import"])
    for other in (*usable, *near)[:1]:
        what = "a module of that name is" if other.endswith(f".{last}") else "the nearest is"
        text = f"{parent} has no module {last}; {what} {other}{_where(scene, other)}"
        return Explanation.of(key, text, fixes=fixes)
    text = f"{parent} has no module {last}"
    if not alike_or_moved:
        text += ", and no other module of this repository is called that"
        made = unmodelled(scene)
        if made and ours:
            text += f", unless {made[0]} makes it: {made[0].text}"
            keys = scene.at("ships", "files")
            fix = f"make it here as well and add it to ships.files ({keys}), if {made[0]} makes it"
            fixes = alternatives([fix, "correct the name, or remove the import"])
    return Explanation.of(key, text, fixes=fixes)


def _off_the_path(scene: Scene, name: str) -> Path | None:
    """The package of that name, no part of what is found, in a folder that is no path entry."""
    top = name.partition(".")[0]
    found = scene.catalog.shipped.get(top)
    if found is not None and not found.is_namespace:
        return None  # and would still come first
    deeper = [n for n in sorted(scene.catalog.repository) if n.endswith(f".{name}")]
    if not deeper:
        return None
    return scene.catalog.folder_of(deeper[0].removesuffix(name.removeprefix(top)))


def _below_a_module(scene: Scene, name: str, module: Path, importer: str) -> Explanation:
    parent = name.rpartition(".")[0]
    shown, folder = scene.relative(module), module.with_name(parent.rpartition(".")[2])
    if folder.is_dir():
        inner = f"{scene.relative(folder)}/"
        text = f"{shown} hides {inner}: a module comes before a folder without __init__.py"
        return Explanation.of(("missing", name), text, fixes=[f"rename {shown} or {inner}"])
    text = f"{parent} is a module ({shown}), so no module lies below it"
    near = _usable(scene, importer, scene.catalog.near_modules(name))
    fixes = [f"import {other}{admission(scene, other)}" for other in near]
    fixes = alternatives(fixes or ["correct the name, or remove the import"])
    return Explanation.of(("missing", name), text, fixes=fixes)


def _usable(scene: Scene, importer: str, names: Iterable[str]) -> list[str]:
    """Of the first-party modules, those to advise: permitted and, if any do, such as ship."""
    found = [n for n in names if n != importer and may_import(scene, importer, n)]
    return [name for name in found if not _lost(scene, name)] or found


def _where(scene: Scene, name: str) -> str:
    """In brackets: the first-party module's file, and whether it is one that does not ship."""
    path = scene.catalog.in_repository(name)
    if path is None:
        return ""
    return f" ({scene.relative(path)}{', does not ship' if _lost(scene, name) else ''})"


def _lost(scene: Scene, name: str) -> bool:
    return name not in scene.catalog.shipped


def hides(scene: Scene, top: str) -> Explanation:
    """First-party code bears the name of another package, and is found first."""
    path = scene.catalog.in_repository(top)
    path = path.parent if path is not None and path.stem == "__init__" else path
    shown = scene.relative(path) if path else top
    shown = f"{shown}/" if path is not None and path.is_dir() else shown
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
