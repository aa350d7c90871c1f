"""No line of the service's own uses what is deprecated while it starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Found, Service
from pytest_importcontract.observe.facts import Deprecation, Facts, Observation

NAME = "deprecations"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One, where the contract makes it a failure."""
    targets = entrypoint_targets(service)
    if service.startup.deprecations is Found.FAIL and targets:
        yield Demand(check=NAME, keys=("startup", NAME), targets=targets, verify=check)


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:  # noqa: ARG001
    """A violation for each warning, and for each entrypoint that did not start."""
    warnings: dict[tuple[str, str], dict[Deprecation, None]] = {}
    for seen in facts.observations:
        if not seen.outcome.ok:
            missing = next(iter(seen.missing.values()), None)
            yield Violation(check=NAME, subject="", observation=seen, missing=missing)
        for found in seen.cost.deprecations if seen.cost else ():
            warnings.setdefault((found.category, found.message), {})[found] = None
    for same in warnings.values():
        yield Violation(check=NAME, subject="", deprecations=tuple(same))


def remarks(seen: Observation) -> Iterable[str]:
    """What a start uses that is deprecated, where that is no failure."""
    for found in seen.cost.deprecations if seen.cost else ():
        file, line = found.place
        yield f"{file}:{line} causes {found.category}: {found.message}"
