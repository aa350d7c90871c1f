"""Files that hatchling selects for a wheel.

Source: https://hatch.pypa.io/latest/plugins/builder/wheel/ and
https://hatch.pypa.io/latest/config/build/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_importcontract.shipment.project.declared.model import Declared
from pytest_importcontract.shipment.project.declared.patterns import ignored
from pytest_importcontract.shipment.project.manifest import Manifest, pairs, table, texts


def packages(manifest: Manifest) -> Declared:
    """What hatchling takes, build hooks apart."""
    build = table(manifest.pyproject, "tool", "hatch", "build")
    target = table(build, "targets", "wheel")
    options = {**build, **target}
    selected = _selected(manifest, options)
    if selected is None:
        what = f"hatchling finds no package of {manifest.folder} that is named as the project"
        return Declared(folder=manifest.folder, complete=False, notes=(what,))
    moves = _moves(options, selected)
    taken = dict(_taken(manifest, options, selected))
    files = {_moved(name, moves): path for name, path in taken.items()}
    for origin, place in pairs(options.get("force-include")):
        path = manifest.path(origin)
        if path in manifest.sources.files:
            files[posixpath.normpath(place)] = path
        for found in manifest.sources.below(path):
            files[posixpath.normpath(posixpath.join(place, found[len(path) + 1 :]))] = found
    exposed = {}
    for name, path in taken.items():
        top = _moved(name, moves).partition("/")[0]
        if path.endswith(".py"):
            exposed[top.removesuffix(".py")] = path[: len(path) - len(_moved(name, moves))] + top
    roots = [manifest.path(name) for name in texts(options.get("dev-mode-dirs"))]
    exact = not roots and options.get("dev-mode-exact") is True
    if not roots and not exact:
        roots = sorted({posixpath.dirname(path) for path in exposed.values()})
    hooks = table(options, "hooks")
    notes = [f"build hook {name} was not run" for name in sorted(map(str, hooks))]
    return Declared(
        folder=manifest.folder,
        files=files,
        roots=tuple(roots),
        mapped=exposed if exact else {},
        complete=not hooks,
        notes=tuple(notes),
    )


def _selected(manifest: Manifest, options: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Folders and files that are looked through; an empty one is the whole project."""
    only = texts(options.get("only-include")) or texts(options.get("packages"))
    if only or texts(options.get("include")):
        return tuple(posixpath.normpath(name).strip("/") for name in only) or ("",)
    for name in (manifest.name, re.sub(r"[-_.]+", "-", manifest.name).lower()):
        module = re.sub(r"[^\w]+", "_", name)
        for place in (module, f"src/{module}"):
            if manifest.has(f"{place}/__init__.py"):
                return (place,)
        if manifest.has(f"{module}.py"):
            return (f"{module}.py",)
        spaces = [
            space
            for space in manifest.sources.inside(manifest.folder)
            if manifest.has(f"{space}/{module}/__init__.py")
        ]
        if len(spaces) == 1:
            return (spaces[0],)
    return () if table(options, "force-include") else None


def _moves(options: Mapping[str, Any], selected: tuple[str, ...]) -> dict[str, str]:
    """Prefixes of paths, each with what stands there in the wheel."""
    sources = options.get("sources")
    moves = {f"{name.strip('/')}/": "" for name in texts(sources)}
    moves |= {f"{old.strip('/')}/": f"{new.strip('/')}/" for old, new in pairs(sources)}
    if not texts(options.get("only-include")):
        for name in selected:
            if parent := posixpath.dirname(name):
                moves[f"{parent}/"] = ""
    return moves


def _moved(name: str, moves: Mapping[str, str]) -> str:
    for old, new in moves.items():
        if name.startswith(old):
            return new.lstrip("/") + name[len(old) :]
    return name


def _taken(
    manifest: Manifest, options: Mapping[str, Any], selected: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    include = texts(options.get("include"))
    exclude = ["*.py[cdo]", "/dist", *texts(options.get("exclude"))]
    if options.get("ignore-vcs") is not True:
        exclude += manifest.text(".gitignore").splitlines()
    artifacts = texts(options.get("artifacts"))
    for start in selected:
        place = manifest.path(start)
        paths = [place] if place in manifest.sources.files else manifest.sources.below(place)
        for path in paths:
            name = path[len(manifest.folder.rstrip("/")) + 1 :]
            wanted = not ignored(name, exclude) and (not include or ignored(name, include))
            if wanted or ignored(name, artifacts):
                yield name, path
