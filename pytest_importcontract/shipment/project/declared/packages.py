"""Which backend's rules tell what a project declares."""

from __future__ import annotations

from pytest_importcontract.shipment.project.declared import flit, hatch, pdm, poetry, uv
from pytest_importcontract.shipment.project.declared import setuptools as setuptools_rules
from pytest_importcontract.shipment.project.declared.model import Declared
from pytest_importcontract.shipment.project.manifest import Manifest

_RULES = {
    "setuptools": setuptools_rules.packages,
    "hatchling": hatch.packages,
    "flit_core": flit.packages,
    "poetry-core": poetry.packages,
    "pdm-backend": pdm.packages,
    "uv_build": uv.packages,
}


def declared(manifest: Manifest) -> Declared:
    """What the project's tables and its backend's documented discovery say that it installs."""
    rules = _RULES.get(manifest.label) if manifest.is_known else None
    if rules is None:
        what = f"what {manifest.label} takes from {manifest.folder} is not known"
        return Declared(folder=manifest.folder, complete=False, notes=(what,))
    return rules(manifest)
