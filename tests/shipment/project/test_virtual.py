"""Which projects uv never installs."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_importcontract.shipment.project.virtual import is_virtual

SYSTEM = {"requires": ["hatchling"]}


@pytest.mark.parametrize(
    ("pyproject", "virtual"),
    [
        ({}, True),
        ({"project": {"name": "x"}}, True),
        ({"build-system": SYSTEM}, False),
        ({"build-system": {}}, False),
        ({"build-system": SYSTEM, "tool": {"uv": {"package": False}}}, True),
        ({"tool": {"uv": {"package": True}}}, False),
        ({"tool": {"uv": {"package": "yes"}}}, True),
        ({"build-system": SYSTEM, "tool": {"uv": {"package": 0}}}, False),
        ({"tool": []}, True),
        ({"build-system": SYSTEM, "tool": {"uv": []}}, False),
    ],
)
def test_is_virtual(pyproject: dict[str, Any], *, virtual: bool) -> None:
    assert is_virtual(pyproject) is virtual
