"""What starting may load and cost: when it holds, and what must be measured once more."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from facts import service

from pytest_importcontract.checks import budget, never_loads
from pytest_importcontract.checks.all import demands
from pytest_importcontract.checks.violation import Excess
from pytest_importcontract.contract.model import Entrypoint, Startup
from pytest_importcontract.observe.facts import (
    Cost,
    Facts,
    Frame,
    Observation,
    Outcome,
    OutcomeKind,
    Place,
    Target,
    TargetKind,
)

API = service(
    entrypoints=(Entrypoint.parse("app.main:app"), Entrypoint.parse("app.worker")),
    startup=Startup(
        never_loads=("torch", "app.tests"), max_modules=100, max_seconds=1.0, max_memory=50
    ),
)
LOADED = Outcome(kind=OutcomeKind.LOADED)
KILLED = Outcome(kind=OutcomeKind.KILLED, detail="by SIGKILL")
MAIN = Target("api", TargetKind.ENTRYPOINT, "app.main:app")
WORKER = Target("api", TargetKind.ENTRYPOINT, "app.worker")
BARE = Target("api", TargetKind.BARE, "")
WAY = (Frame(place=Place("/r/app/main.py", 3), function="<module>", module="app.main"),)


def start(target: Target, *, attempt: int = 0, **keys: Any) -> Observation:
    """A start that took 0.1 s, and 20 MB."""
    known = {"seconds": 0.1, "outcome": LOADED, **keys}
    cost = Cost(
        modules=known.pop("modules", 0),
        memory=known.pop("memory", 20_000_000),
        ways=known.pop("ways", {}),
    )
    ended = known["outcome"] is KILLED
    target = dataclasses.replace(target, attempt=attempt)
    return Observation(target=target, cost=None if ended else cost, **known)


def excesses(name: str, *seen: Observation) -> list[tuple[str, Excess | None]]:
    facts = Facts((start(BARE), *seen))
    return [
        (found.observation.target.text if found.observation else "", found.excess)
        for found in budget.check(API, name, facts)
    ]


def test_one_item_for_each_module_and_each_budget() -> None:
    found = {demand.name: demand for demand in demands(API, [])}
    assert [name for name in found if name.startswith(("never", "budget"))] == [
        "never_loads[torch]",
        "never_loads[app.tests]",
        "budget[max_modules]",
        "budget[max_seconds]",
        "budget[max_memory]",
    ]
    assert found["never_loads[app.tests]"].keys == ("startup", "never_loads", 1)
    assert found["never_loads[torch]"].targets == (MAIN, WORKER)
    assert found["budget[max_seconds]"].targets == (MAIN, WORKER, BARE)


def test_what_is_loaded_against_the_contract() -> None:
    seen = start(MAIN, ways={"torch": WAY}), start(WORKER, ways={"app.tests": None})
    facts = Facts(seen)
    (found,) = never_loads.check(API, "torch", facts)
    assert (found.observation, found.loaded, found.way) == (seen[0], True, WAY)
    (found,) = never_loads.check(API, "app.tests", facts)
    assert (found.observation, found.loaded, found.way) == (seen[1], True, None)


def test_what_did_not_start_proves_nothing() -> None:
    seen = start(MAIN, outcome=KILLED), start(WORKER)
    (found,) = never_loads.check(API, "torch", Facts(seen))
    assert (found.observation, found.loaded) == (seen[0], False)
    assert excesses("max_modules", *seen) == [("app.main:app", None)]
    dead = start(BARE, outcome=KILLED)
    found_bare = budget.check(API, "max_modules", Facts((dead, start(MAIN))))
    assert [found.observation for found in found_bare] == [dead]


def test_modules_seconds_and_memory() -> None:
    within = {"modules": 100, "seconds": 1.1, "memory": 70_000_000}
    for name in ("max_modules", "max_seconds", "max_memory"):
        assert excesses(name, start(MAIN, **within), start(WORKER, **within)) == []
    beyond = start(MAIN, modules=101, seconds=1.5, memory=70_000_001)
    assert excesses("max_modules", beyond) == [("app.main:app", Excess(limit=100, spent=101))]
    assert excesses("max_seconds", beyond) == [
        ("app.main:app", Excess(limit=1.0, spent=1.4, bare=0.1))
    ]
    assert excesses("max_memory", beyond) == [
        ("app.main:app", Excess(limit=50, spent=50.000001, bare=20.0))
    ]


def test_the_best_of_several_starts_counts() -> None:
    slow, fine = {"seconds": 3.0}, {"seconds": 1.0}
    first, second = start(MAIN, **slow), start(MAIN, attempt=1, seconds=2.0)
    assert excesses("max_seconds", first, second) == [
        ("app.main:app", Excess(limit=1.0, spent=1.9, bare=0.1, starts=2))
    ]
    assert excesses("max_seconds", first, second, start(MAIN, attempt=2, **fine)) == []
    # A bare interpreter that was slow once makes no service quick.
    facts = Facts((start(BARE, **slow), start(BARE, attempt=1), first, second))
    assert len(list(budget.check(API, "max_seconds", facts))) == 1


def test_only_what_took_too_much_is_measured_once_more() -> None:
    facts = Facts((start(BARE), start(MAIN, seconds=3.0), start(WORKER)))
    assert list(budget.again(API, "max_seconds", facts)) == [
        dataclasses.replace(target, attempt=attempt)
        for attempt in (1, 2)
        for target in (BARE, MAIN)
    ]
    assert list(budget.again(API, "max_memory", facts)) == []
    unknown = Facts((start(BARE, memory=0), start(MAIN, memory=0), start(WORKER, outcome=KILLED)))
    assert list(budget.again(API, "max_memory", unknown)) == []


def test_memory_that_the_system_does_not_tell_is_not_taken_for_little() -> None:
    assert excesses("max_memory", start(MAIN, memory=0)) == [
        ("app.main:app", Excess(limit=50, spent=None))
    ]


@pytest.mark.parametrize("name", ["max_modules", "max_seconds", "max_memory"])
def test_a_budget_is_for_each_entrypoint(name: str) -> None:
    much = {"modules": 101, "seconds": 9.0, "memory": 90_000_000}
    found = excesses(name, start(MAIN, **much), start(WORKER, **much))
    assert [text for text, _ in found] == ["app.main:app", "app.worker"]
