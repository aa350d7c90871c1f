"""Every module that the contract names imports with what ships."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, module_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import OrderDependence, Service
from pytest_importcontract.observe.facts import Facts

NAME = "import"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:
    """One for each module."""
    keys = ("entrypoints",) if service.modules is None else ("modules",)
    for target in module_targets(service, modules):
        yield Demand(
            check=NAME,
            subject=target.text,
            keys=keys,
            targets=(target,),
            verify=check,
            remark=remark,
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for the module that did not load."""
    for observation in facts.observations:
        if not observation.outcome.ok:
            yield Violation(check=NAME, subject=subject, observation=observation)
        elif observation.beside and service.order_dependence is OrderDependence.FAIL:
            warm = dataclasses.replace(observation, outcome=observation.beside, beside=None)
            yield Violation(check=NAME, subject=subject, observation=warm)


def remark(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """That the module loads or not by what was imported before it."""
    for observation in facts.observations:
        if observation.beside is None:
            continue
        said = observation.beside.said
        alone = "it loads" if observation.outcome.ok else "it fails in another way"
        yield f"depends on the order of imports: in the started service, {said}; alone, {alone}"
