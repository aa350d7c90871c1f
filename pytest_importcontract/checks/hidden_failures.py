"""No import of the service's own code fails and is not heard of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto

from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Found, Service, is_within
from pytest_importcontract.observe.facts import Facts, Instead, Observation, Origin, Swallowed

NAME = "hidden_failures"


class _Verdict(Enum):
    FAILURE = auto()
    NOTE = auto()
    NOTHING = auto()


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One, where the contract starts something."""
    if service.entrypoints:
        yield Demand(
            check=NAME,
            keys=("entrypoints",),
            targets=entrypoint_targets(service),
            verify=check,
            remark=remarks,
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each such failure, however many entrypoints meet it."""
    if service.startup.hidden_failures is Found.REPORT:
        return
    for observation, swallowed in _judged(service, facts, _Verdict.FAILURE):
        yield Violation(check=NAME, subject=subject, observation=observation, swallowed=swallowed)


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """Failures that are none of the contract's, and entrypoints that do not start."""
    kinds = [_Verdict.NOTE]
    if service.startup.hidden_failures is Found.REPORT:
        kinds.insert(0, _Verdict.FAILURE)
    for kind in kinds:
        for _, swallowed in _judged(service, facts, kind):
            place, root = swallowed.by.place, swallowed.root
            said = (root.message.splitlines() or [""])[0]
            yield (
                f"{place.file}:{place.line}: goes on without {swallowed.what} ({root.type}: {said})"
            )
    for observation in facts.observations:
        if not observation.outcome.ok:
            yield (
                f"{observation.target.text} does not start: what it would have passed over after "
                "that is not known"
            )


def _judged(
    service: Service, facts: Facts, verdict: _Verdict
) -> Iterator[tuple[Observation, Swallowed]]:
    told = set()
    for observation in facts.observations:
        for swallowed in observation.swallowed:
            key = swallowed.origin_of_trouble, swallowed.by.place, swallowed.led
            if key not in told and _verdict(service, swallowed) is verdict:
                told.add(key)
                yield observation, swallowed


def _verdict(service: Service, one: Swallowed) -> _Verdict:
    """What README says of it, in its order."""
    if any(map(service.startup.may_lack, filter(None, (one.wanted, *one.ran)))):
        return _Verdict.NOTHING
    of_ours = one.origin is Origin.FIRST_PARTY
    if one.missing and not of_ours:
        return _Verdict.NOTE if one.ran else _Verdict.NOTHING
    if one.ran:
        return _Verdict.NOTE if one.refused else _Verdict.FAILURE
    if one.asks or not of_ours or one.asker is None:
        return _Verdict.NOTHING
    if not one.asker.first_party:
        packages = {entrypoint.package for entrypoint in service.entrypoints} - {""}
        ours = any(is_within(one.missing, package) for package in packages)
        return _Verdict.FAILURE if one.in_repository and ours else _Verdict.NOTHING
    if one.instead is Instead.IMPORT:
        return _Verdict.NOTHING
    if one.in_repository:
        return _Verdict.FAILURE
    by_design = one.instead is Instead.VALUE or one.star or not one.named
    return _Verdict.NOTHING if by_design else _Verdict.FAILURE
