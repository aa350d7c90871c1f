"""Projects that installers never install."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_importcontract.shipment.project.manifest import table


def is_virtual(pyproject: Mapping[str, Any]) -> bool:
    """Whether uv installs only what the project depends on, and not the project itself.

    By uv's rules: ``tool.uv.package`` decides where it is set; otherwise a project without
    ``[build-system]`` is virtual. pip knows no virtual projects: it builds those with setuptools.

    Args:
        pyproject: the content of pyproject.toml.

    Source: https://docs.astral.sh/uv/concepts/projects/config/#project-packaging
    """
    package = table(pyproject, "tool", "uv").get("package")
    if isinstance(package, bool):
        return not package
    return "build-system" not in pyproject
