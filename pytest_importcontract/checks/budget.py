"""Starting the service costs no more than the contract allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.violation import Excess, Violation
from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import Facts, Observation, Target, TargetKind

NAME = "budget"
_BUDGETS = ("max_modules", "max_seconds", "max_memory")
_MEGABYTE = 1_000_000
_STARTS = 3  # that must all take too much


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One for each budget."""
    bare = Target(service.name, TargetKind.BARE, "")
    for budget in _BUDGETS:
        if getattr(service.startup, budget) is not None:
            yield Demand(
                check=NAME,
                subject=budget,
                keys=("startup", budget),
                targets=(*entrypoint_targets(service), bare),
                verify=check,
                again=None if budget == "max_modules" else again,
            )


def again(service: Service, subject: str, facts: Facts) -> Iterable[Target]:
    """Two more starts of each entrypoint that took too much, each beside a bare interpreter's.

    The first may have run beside others, and may have compiled what it imported.
    """
    greedy = [
        violation.observation.target
        for violation in check(service, subject, facts)
        if violation.observation and violation.excess and violation.excess.spent is not None
    ]
    bare = Target(service.name, TargetKind.BARE, "")
    for attempt in range(1, _STARTS) if greedy else ():
        for target in (bare, *greedy):
            yield dataclasses.replace(target, attempt=attempt)


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each entrypoint that takes more, and for each that was not measured."""
    tries: dict[Target, list[Observation]] = {}
    for seen in facts.observations:
        tries.setdefault(seen.target.base, []).append(seen)
    bare = tries.pop(Target(service.name, TargetKind.BARE, ""))
    limit: float = getattr(service.startup, subject)
    for starts in tries.values():
        failed = next((seen for seen in (*bare, *starts) if not seen.outcome.ok), None)
        if failed is not None:
            missing = next(iter(failed.missing.values()), None)
            yield Violation(check=NAME, subject=subject, observation=failed, missing=missing)
            continue
        best = min(starts, key=lambda seen: _spent(seen, subject) or 0.0)
        spent, alone = _spent(best, subject), min(_spent(seen, subject) or 0.0 for seen in bare)
        if spent is None:
            excess = Excess(limit=limit, spent=None)
        elif spent - alone > limit:
            excess = Excess(limit=limit, spent=spent - alone, bare=alone, starts=len(starts))
        else:
            continue
        yield Violation(check=NAME, subject=subject, observation=best, excess=excess)


def _spent(seen: Observation, budget: str) -> float | None:
    """What a start took, in the budget's unit; None where the system does not tell."""
    if budget == "max_seconds":
        return seen.seconds
    if seen.cost is None:
        return None
    if budget == "max_modules":
        return seen.cost.modules
    return seen.cost.memory / _MEGABYTE or None
