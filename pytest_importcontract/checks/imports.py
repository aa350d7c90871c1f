"""Every module that the contract names imports with what ships."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, module_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import Facts

NAME = "import"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:
    """One for each module."""
    keys = ("entrypoints",) if service.modules is None else ("modules",)
    for target in module_targets(service, modules):
        yield Demand(check=NAME, subject=target.text, keys=keys, targets=(target,), verify=check)


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:  # noqa: ARG001
    """A violation for the module that did not load."""
    for observation in facts.observations:
        if not observation.outcome.ok:
            yield Violation(check=NAME, subject=subject, observation=observation)
