"""The kinds of contract, in the order of their items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks import (
    allowed_roots,
    imports,
    integration,
    required_symbol,
    startup,
)
from pytest_importcontract.checks.demand import Demand
from pytest_importcontract.contract.model import Service

_KINDS = (startup, imports, required_symbol, allowed_roots, integration)


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:
    """Everything that the contract demands of a service.

    Args:
        service: the contract.
        modules: the modules that must import.
    """
    for kind in _KINDS:
        yield from kind.demands(service, modules)
