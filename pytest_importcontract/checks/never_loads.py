"""Starting the service does not load what it must not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import Facts

NAME = "never_loads"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One for each module that no entrypoint may load."""
    for index, module in enumerate(service.startup.never_loads):
        yield Demand(
            check=NAME,
            subject=module,
            keys=("startup", NAME, index),
            targets=entrypoint_targets(service),
            verify=check,
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:  # noqa: ARG001
    """A violation for each entrypoint that loads it, or of which nobody knows whether it would."""
    for seen in facts.observations:
        ways = seen.cost.ways if seen.cost is not None else {}
        if subject in ways:
            yield Violation(
                check=NAME, subject=subject, observation=seen, loaded=True, way=ways[subject]
            )
        elif not seen.outcome.ok:
            missing = next(iter(seen.missing.values()), None)
            yield Violation(check=NAME, subject=subject, observation=seen, missing=missing)
