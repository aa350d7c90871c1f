"""The modules that uv_build takes.

Source: https://docs.astral.sh/uv/concepts/build-backend/
"""

from __future__ import annotations

import re

from pytest_importcontract.shipment.project.declared.model import Declared, package_or_module
from pytest_importcontract.shipment.project.declared.patterns import ignored
from pytest_importcontract.shipment.project.manifest import Manifest, table, texts


def packages(manifest: Manifest) -> Declared:
    """What uv_build takes: the modules named, or the one named as the project."""
    backend = table(manifest.pyproject, "tool", "uv", "build-backend")
    root = backend.get("module-root")
    place = manifest.path(root if isinstance(root, str) else "src")
    names = texts(backend.get("module-name"))
    if not names and manifest.name:
        names = (re.sub(r"[-_.]+", "_", manifest.name).lower(),)
    files: dict[str, str] = {}
    for name in names:
        files |= package_or_module(manifest.sources, place, name)
    excluded = [*texts(backend.get("wheel-exclude")), *texts(backend.get("source-exclude"))]
    skipped = len(manifest.folder.rstrip("/")) + 1
    files = {name: path for name, path in files.items() if not ignored(path[skipped:], excluded)}
    if files:
        return Declared(folder=manifest.folder, files=files, roots=(place,))
    what = f"uv_build finds no module {' or '.join(names)} in {place}"
    return Declared(folder=manifest.folder, complete=False, notes=(what,))
