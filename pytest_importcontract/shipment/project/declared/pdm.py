"""Packages that pdm-backend takes.

Source: https://backend.pdm-project.org/build_config/
"""

from __future__ import annotations

import posixpath

from pytest_importcontract.shipment.project.declared.model import Declared
from pytest_importcontract.shipment.project.declared.patterns import fits
from pytest_importcontract.shipment.project.manifest import Manifest, table, texts


def packages(manifest: Manifest) -> Declared:
    """What pdm-backend takes, build hooks apart."""
    build = table(manifest.pyproject, "tool", "pdm", "build")
    sources = manifest.sources
    chosen = build.get("package-dir")
    has_src = manifest.path("src") in sources.folders
    root = chosen if isinstance(chosen, str) else "src" if has_src else ""
    origin = manifest.path(root)
    found = [
        name for name in sources.inside(origin) if f"{origin}/{name}/__init__.py" in sources.files
    ]
    includes = list(texts(build.get("includes")))
    if not includes:
        includes = [posixpath.join(root, name) for name in found or ["*.py"]]
    excludes = [*texts(build.get("excludes")), ".pdm-build"]
    excludes += texts(build.get("source-includes")) or ("tests",)
    files = {}
    for path in sources.below(manifest.folder):
        name = path[len(manifest.folder.rstrip("/")) + 1 :]
        wins = max((_weight(text) for text in includes if fits(name, text)), default=None)
        loses = max((_weight(text) for text in excludes if fits(name, text)), default=None)
        if wins is None or path.endswith(".pyc") or (loses is not None and loses >= wins):
            continue
        files[name.removeprefix(f"{root}/") if root else name] = path
    own_hook = manifest.has("pdm_build.py") or "custom-hook" in build
    exact = build.get("editable-backend") == "editables"
    tops = {name: f"{origin}/{name}" for name in found} if exact else {}
    return Declared(
        folder=manifest.folder,
        files=files,
        roots=() if tops else (origin,),
        mapped=tops,
        complete=not own_hook,
        notes=("the project's own build hook was not run",) if own_hook else (),
    )


def _weight(pattern: str) -> tuple[int, int]:
    """How exact a pattern is: the one with more parts wins, then the one with fewer wildcards."""
    parts = pattern.strip("/").split("/")
    return len(parts), -sum("*" in part for part in parts)
