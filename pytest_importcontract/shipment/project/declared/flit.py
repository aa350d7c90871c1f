"""The module that flit_core takes.

Source: https://flit.pypa.io/en/stable/pyproject_toml.html
"""

from __future__ import annotations

from pytest_importcontract.shipment.project.declared.model import Declared, package_or_module
from pytest_importcontract.shipment.project.manifest import Manifest, table


def packages(manifest: Manifest) -> Declared:
    """What flit_core takes: one module or package, beside pyproject.toml or in ``src``."""
    name = table(manifest.pyproject, "tool", "flit", "module").get("name")
    if not isinstance(name, str):
        name = table(manifest.pyproject, "tool", "flit", "metadata").get("module")
    if not isinstance(name, str):
        name = manifest.name.replace("-", "_")
    for root in (manifest.folder, manifest.path("src")):
        if name and (files := package_or_module(manifest.sources, root, name)):
            return Declared(folder=manifest.folder, files=files, roots=(root,))
    what = f"flit_core finds no module {name} in {manifest.folder}"
    return Declared(folder=manifest.folder, complete=False, notes=(what,))
