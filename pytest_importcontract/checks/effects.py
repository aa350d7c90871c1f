"""Startup has no effects that the contract forbids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import Facts

NAME = "effects"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One where the contract forbids some."""
    if service.startup.forbid:
        yield Demand(
            check=NAME,
            keys=("startup", "forbid"),
            targets=entrypoint_targets(service),
            verify=check,
            remark=remarks,
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each line of the service's own that has a forbidden effect."""
    told = set()
    for observation in facts.observations:
        for effect in observation.effects:
            line = effect.kind, effect.place
            if effect.kind in service.startup.forbid and line not in told:
                told.add(line)
                yield Violation(check=NAME, subject=subject, observation=observation, effect=effect)


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """Entrypoints of which not all effects were seen."""
    for observation in facts.observations:
        outcome = observation.outcome
        if not outcome.ok:
            yield (
                f"{observation.target.text} does not start ({outcome.said}): what it would do "
                "after that is not known"
            )
