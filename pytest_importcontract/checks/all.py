"""The kinds of contract, in the order of their items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks import (
    allowed_roots,
    budget,
    canonical,
    declared_dependencies,
    deferred_imports,
    deprecations,
    documented,
    effects,
    environment,
    health,
    hidden_failures,
    imports,
    integration,
    never_loads,
    required_symbol,
    startup,
)
from pytest_importcontract.checks.demand import Demand
from pytest_importcontract.contract.model import Service

_KINDS = (
    startup,
    never_loads,
    budget,
    deprecations,
    imports,
    required_symbol,
    allowed_roots,
    integration,
    canonical,
    deferred_imports,
    hidden_failures,
    effects,
    environment,
)


def demands(
    service: Service, modules: Sequence[str], *, distributions_known: bool = False
) -> Iterable[Demand]:
    """Everything that the contract demands of a service.

    Args:
        service: the contract.
        modules: the modules that must import.
        distributions_known: whether it is known which distributions the image holds.
    """
    for kind in _KINDS:
        yield from kind.demands(service, modules)
    if distributions_known:
        yield from declared_dependencies.demands(service, modules)
    yield from documented.demands(service, modules)
    yield from health.demands(service, modules)
