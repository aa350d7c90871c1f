"""Every entrypoint starts with what ships."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks import deprecations
from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Found, Service
from pytest_importcontract.observe.facts import Facts

NAME = "startup"
_MOST = 20  # effects


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One for each entrypoint."""
    for index, target in enumerate(entrypoint_targets(service)):
        yield Demand(
            check=NAME,
            subject=target.text,
            variant=service.variant,
            keys=("entrypoints", index),
            targets=(target,),
            verify=check,
            remark=remarks,
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:  # noqa: ARG001
    """A violation for the entrypoint that did not load."""
    for observation in facts.observations:
        if not observation.outcome.ok:
            yield Violation(
                check=NAME,
                subject=subject,
                observation=observation,
                missing=next(iter(observation.missing.values()), None),
            )


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """What starting does beside importing, where the contract lets it."""
    effects = [effect for observation in facts.observations for effect in observation.effects]
    allowed = [effect for effect in effects if effect.kind not in service.startup.forbid]
    for effect in allowed[:_MOST]:
        yield f"{effect.place.file}:{effect.place.line}: {effect.in_words}"
    if len(allowed) > _MOST:
        yield f"and {len(allowed) - _MOST} more lines with effects"
    if service.startup.deprecations is Found.REPORT:
        for observation in facts.observations:
            yield from deprecations.remarks(observation)
