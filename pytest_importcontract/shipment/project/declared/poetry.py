"""Packages that poetry-core takes.

Source: https://python-poetry.org/docs/pyproject/#packages
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_importcontract.shipment.project.declared.model import Declared
from pytest_importcontract.shipment.project.declared.patterns import fits
from pytest_importcontract.shipment.project.manifest import Manifest, table, texts


def packages(manifest: Manifest) -> Declared:
    """What poetry-core takes, its build script apart."""
    poetry = table(manifest.pyproject, "tool", "poetry")
    listed = [item for item in _tables(poetry.get("packages")) if _ships(item, default=True)]
    if not listed:
        listed = _discovered(manifest)
    if not listed:
        what = f"poetry-core finds no package of {manifest.folder} that is named as the project"
        return Declared(folder=manifest.folder, complete=False, notes=(what,))
    files: dict[str, str] = {}
    roots = []
    for item in listed:
        origin = manifest.path(str(item.get("from", "")))
        roots.append(origin)
        for path in manifest.sources.below(origin):
            name = path[len(origin.rstrip("/")) + 1 :]
            if fits(name, str(item.get("include", ""))):
                files[posixpath.join(str(item.get("to", "")), name)] = path
    excluded = [str(item.get("path", "")) for item in _tables(poetry.get("exclude"), "path")]
    files = {
        name: path
        for name, path in files.items()
        if not path.endswith(".pyc") and not _is_below(manifest, path, excluded)
    }
    for item in _tables(poetry.get("include"), "path"):
        if _ships(item, default=False):
            for path in manifest.sources.below(manifest.folder):
                if _is_below(manifest, path, [str(item.get("path", ""))]):
                    files[path[len(manifest.folder.rstrip("/")) + 1 :]] = path
    script = table(poetry, "build").get("script")
    notes = (f"build script {script} was not run",) if script else ()
    return Declared(
        folder=manifest.folder,
        files=files,
        roots=tuple(dict.fromkeys(roots)),
        complete=not script,
        notes=notes,
    )


def _discovered(manifest: Manifest) -> list[Mapping[str, Any]]:
    name = re.sub(r"[-_.]+", "_", manifest.name).lower() if manifest.name else ""
    for parent in ("", "src"):
        for place in (name, f"{name}.py"):
            path = manifest.path(parent, place)
            if name and (path in manifest.sources.files or path in manifest.sources.folders):
                return [{"include": place, "from": parent}]
    return []


def _tables(value: object, key: str = "include") -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    tables = [item for item in items if isinstance(item, Mapping)]
    return [*tables, *({key: text} for text in texts(items))]


def _ships(item: Mapping[str, Any], *, default: bool) -> bool:
    formats = texts(item.get("format"))
    return "wheel" in formats if formats else default


def _is_below(manifest: Manifest, path: str, patterns: Iterable[str]) -> bool:
    name = path[len(manifest.folder.rstrip("/")) + 1 :]
    return any(fits(name, pattern) for pattern in patterns)
