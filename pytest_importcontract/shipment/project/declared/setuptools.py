"""Packages that setuptools takes: listed, found, or discovered.

Source: https://setuptools.pypa.io/en/latest/userguide/package_discovery.html and
https://setuptools.pypa.io/en/latest/userguide/datafiles.html
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_importcontract.shipment.project.declared.discovery import discovered, find
from pytest_importcontract.shipment.project.declared.manifest_in import included
from pytest_importcontract.shipment.project.declared.model import Declared
from pytest_importcontract.shipment.project.declared.patterns import fits
from pytest_importcontract.shipment.project.manifest import (
    Manifest,
    called,
    literal,
    pairs,
    table,
    texts,
)

_ALWAYS_DATA = ("py.typed", "*.pyi")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What the project says about its packages; None where it says nothing."""

    folders: Mapping[str, str]
    packages: tuple[str, ...] | None
    modules: tuple[str, ...] | None
    data: Mapping[str, tuple[str, ...]]
    not_data: Mapping[str, tuple[str, ...]]
    manifest_data: bool
    notes: tuple[str, ...] = ()


def packages(manifest: Manifest) -> Declared:
    """What setuptools takes, as far as setup.py says it in literals; it is not run."""
    said = _said(manifest)
    notes = list(said.notes)
    folders, found, modules = said.folders, said.packages, said.modules
    if found is None and modules is None:
        folders, found, modules, problem = discovered(manifest, folders)
        if problem:
            notes.append(problem)
    files: dict[str, str] = {}
    for package in found or ():
        files |= dict(_files(manifest, said, package, _place(manifest, folders, package)))
    for module in modules or ():
        path = f"{_place(manifest, folders, module)}.py"
        if path in manifest.sources.files:
            files[module.replace(".", "/") + ".py"] = path
    root = manifest.path(folders.get("", ""))
    tops = {name: _place(manifest, folders, name) for name in found or ()}
    simple = all(place == posixpath.join(root, *name.split(".")) for name, place in tops.items())
    straight = set(folders) == {""} and simple
    tops |= {name: f"{_place(manifest, folders, name)}.py" for name in modules or ()}
    return Declared(
        folder=manifest.folder,
        files=files,
        roots=(root,) if straight else (),
        mapped={} if straight else _without_nested(tops),
        complete=not notes,
        notes=tuple(notes),
    )


def _said(manifest: Manifest) -> _Options:
    """By setuptools' precedence: pyproject.toml, then setup.cfg, then setup.py."""
    tool = table(manifest.pyproject, "tool", "setuptools")
    has_project = isinstance(manifest.pyproject.get("project"), Mapping)
    notes: list[str] = []
    folders = dict(pairs(tool.get("package-dir"))) or _config_table(manifest, "package_dir")
    call = manifest.setup_call
    if not folders:
        folders = dict(pairs(literal(call.get("package_dir"))))
    found = _from_pyproject(manifest, tool, folders)
    if found is None:
        found = _from_config(manifest)
    if found is None and "packages" in call:
        found = _from_call(manifest, call["packages"])
        if found is None:
            notes.append("setup.py computes its packages, and it was not run")
            found = ()
    modules: tuple[str, ...] | None = None
    if "py-modules" in tool:
        modules = texts(tool["py-modules"])
    elif listed := manifest.setup_cfg.get("options", "py_modules", fallback=""):
        modules = tuple(_listed(listed))
    elif "py_modules" in call:
        modules = texts(literal(call["py_modules"]))
    if manifest.has("setup.py") and not call:
        notes.append("setup.py calls no setup() that can be read, and it was not run")
    data = {name: texts(value) for name, value in table(tool, "package-data").items()}
    data = data or _data_of(manifest, "package_data")
    not_data = {name: texts(value) for name, value in table(tool, "exclude-package-data").items()}
    include = tool.get("include-package-data")
    if include is None:
        written = manifest.setup_cfg.get("options", "include_package_data", fallback="")
        include = written.strip().lower() in ("1", "true", "yes", "on") if written else None
    if include is None:
        include = literal(call.get("include_package_data"))
    if include is None:
        include = has_project
    return _Options(
        folders=folders,
        packages=found,
        modules=modules,
        data=data,
        not_data=not_data,
        manifest_data=bool(include),
        notes=tuple(notes),
    )


def _from_pyproject(
    manifest: Manifest, tool: Mapping[str, Any], folders: dict[str, str]
) -> tuple[str, ...] | None:
    listed = tool.get("packages")
    if listed is None:
        return None
    if not isinstance(listed, Mapping):
        return texts(listed)
    asked = table(listed, "find")
    where = texts(asked.get("where")) or (".",)
    if len(where) == 1 and manifest.path(where[0]) != manifest.folder:
        folders.setdefault("", where[0])
    found: list[str] = []
    for place in where:
        names = list(
            find(
                manifest,
                manifest.path(place),
                texts(asked.get("include")),
                texts(asked.get("exclude")),
                namespaces=asked.get("namespaces") is not False,
            )
        )
        found += names
        if manifest.path(folders.get("", "")) != manifest.path(place):
            for name in _without_nested(dict.fromkeys(names, "")):
                folders[name] = posixpath.join(place, *name.split("."))
    return tuple(found)


def _from_config(manifest: Manifest) -> tuple[str, ...] | None:
    written = manifest.setup_cfg.get("options", "packages", fallback="").strip()
    if not written:
        return None
    if written not in ("find:", "find_namespace:"):
        return tuple(_listed(written))
    section = "options.packages.find"
    settings = {
        key: tuple(_listed(manifest.setup_cfg.get(section, key, fallback="")))
        for key in ("where", "include", "exclude")
    }
    return tuple(
        find(
            manifest,
            manifest.path(*settings["where"][:1]),
            settings["include"],
            settings["exclude"],
            namespaces=written == "find_namespace:",
        )
    )


def _from_call(manifest: Manifest, value: ast.expr) -> tuple[str, ...] | None:
    if isinstance(value, ast.Call):
        name = called(value)
        if name not in ("find_packages", "find_namespace_packages"):
            return None
        words = {word.arg: literal(word.value) for word in value.keywords if word.arg}
        words |= dict(zip(("where", "exclude", "include"), map(literal, value.args), strict=False))
        where = words.get("where", ".")
        if not isinstance(where, str) or None in words.values():
            return None
        return tuple(
            find(
                manifest,
                manifest.path(where),
                texts(words.get("include")),
                texts(words.get("exclude")),
                namespaces=name == "find_namespace_packages",
            )
        )
    found = literal(value)
    return texts(found) if isinstance(found, (list, tuple)) else None


def _place(manifest: Manifest, folders: Mapping[str, str], name: str) -> str:
    """The folder of a package, by the most exact entry of ``package_dir``."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        parent = folders.get(".".join(parts[:count]))
        if parent is not None:
            return manifest.path(parent, *parts[count:])
    return manifest.path(folders.get("", ""), *parts)


def _files(
    manifest: Manifest, said: _Options, package: str, folder: str
) -> Iterator[tuple[str, str]]:
    wanted = (*said.data.get("*", ()), *said.data.get("", ()), *said.data.get(package, ()))
    refused = (*said.not_data.get("*", ()), *said.not_data.get(package, ()))
    skipped = len(manifest.folder.rstrip("/")) + 1
    lines = manifest.text("MANIFEST.in").splitlines() if said.manifest_data else []
    for path in manifest.sources.below(folder):
        name = path[len(folder.rstrip("/")) + 1 :]
        here = "/" not in name
        taken = here and (name.endswith(".py") or any(fits(name, data) for data in _ALWAYS_DATA))
        if not taken and not name.endswith((".py", ".pyc")):
            taken = any(fits(name, pattern) for pattern in wanted)
            taken = taken or bool(lines and included(path[skipped:], lines))
            taken = taken and not any(fits(name, pattern) for pattern in refused)
        if taken:
            yield posixpath.join(package.replace(".", "/"), name), path


def _without_nested(places: Mapping[str, str]) -> dict[str, str]:
    """Those names that are no part of another one that lies where its parent says."""
    kept: dict[str, str] = {}
    for name in sorted(places):
        parent = next((top for top in kept if name.startswith(f"{top}.")), None)
        if parent is not None:
            rest = name[len(parent) + 1 :].split(".")
            if posixpath.join(kept[parent], *rest) == places[name] or not places[name]:
                continue
        kept[name] = places[name]
    return kept


def _listed(text: str) -> list[str]:
    """The items of a list in setup.cfg: one a line, or separated by commas."""
    rows = text.splitlines() if "\n" in text else text.split(",")
    return [row.strip() for row in rows if row.strip()]


def _config_table(manifest: Manifest, key: str) -> dict[str, str]:
    rows = _listed(manifest.setup_cfg.get("options", key, fallback=""))
    split = [row.partition("=") for row in rows if "=" in row]
    return {name.strip(): value.strip() for name, _, value in split}


def _data_of(manifest: Manifest, key: str) -> dict[str, tuple[str, ...]]:
    section = f"options.{key}"
    if manifest.setup_cfg.has_section(section):
        items = manifest.setup_cfg.items(section)
        return {name: tuple(_listed(value)) for name, value in items}
    found = literal(manifest.setup_call.get(key))
    if not isinstance(found, Mapping):
        return {}
    return {name: texts(value) for name, value in found.items() if isinstance(name, str)}
