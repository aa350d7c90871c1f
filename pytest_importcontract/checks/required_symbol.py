"""Every symbol that the contract requires exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, module_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service, Symbol
from pytest_importcontract.observe.facts import Facts

NAME = "required_symbol"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One for each symbol."""
    for index, symbol in enumerate(service.required_symbols):
        targets = module_targets(service, [symbol.module])
        yield Demand(
            check=NAME,
            subject=str(symbol),
            keys=("required_symbols", index),
            targets=targets,
            verify=check,
            symbols=((targets[0], symbol.attribute),),
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:  # noqa: ARG001
    """A violation where the module does not load or does not have the attribute."""
    symbol = Symbol.parse(subject)
    for observation in facts.observations:
        missing = observation.missing.get(symbol.attribute)
        if not observation.outcome.ok or missing is not None:
            yield Violation(check=NAME, subject=subject, observation=observation, missing=missing)
