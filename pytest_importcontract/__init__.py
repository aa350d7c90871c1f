"""Proves, inside pytest, that each service imports with only what ships.

The names here read contracts and carry what is found. They are imported when they are first
used: pytest loads this package in every run, and must not pay for it when it is not asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_importcontract.checks.demand import Demand
    from pytest_importcontract.checks.violation import Violation
    from pytest_importcontract.contract.loader import load, schema
    from pytest_importcontract.contract.mistakes import Mistake, MistakesError
    from pytest_importcontract.contract.model import Contract, Service
    from pytest_importcontract.observe.facts import (
        Facts,
        ImportEdge,
        Observation,
        Target,
        TargetKind,
    )

_HOMES = {
    "Contract": "contract.model",
    "Demand": "checks.demand",
    "Facts": "observe.facts",
    "ImportEdge": "observe.facts",
    "Mistake": "contract.mistakes",
    "MistakesError": "contract.mistakes",
    "Observation": "observe.facts",
    "Service": "contract.model",
    "Target": "observe.facts",
    "TargetKind": "observe.facts",
    "Violation": "checks.violation",
    "load": "contract.loader",
    "schema": "contract.loader",
}

__all__ = [
    "Contract",
    "Demand",
    "Facts",
    "ImportEdge",
    "Mistake",
    "MistakesError",
    "Observation",
    "Service",
    "Target",
    "TargetKind",
    "Violation",
    "load",
    "schema",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
