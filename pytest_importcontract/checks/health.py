"""The service, started as its container does, comes up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import Facts, HealthKind

NAME = "health"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One where the contract says how it is started."""
    if service.health is not None:
        yield Demand(check=NAME, keys=("health",), targets=(), verify=check, starts=True)


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:  # noqa: ARG001
    """A violation where it did not come up."""
    if facts.health is None:
        raise ValueError("the service was not started")
    if facts.health.kind is not HealthKind.UP:
        yield Violation(check=NAME, subject="", health=facts.health)
