"""Who runs when, and whose verdict stands."""

from __future__ import annotations

import threading

import pytest
from workbench import module_target

from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.questions import Question, Statement
from pytest_importcontract.observe.schedule import Schedule

A, B, C = map(module_target, "abc")
OTHER = Target("other", TargetKind.MODULE, "a")


def test_targets_come_in_their_order() -> None:
    schedule = Schedule()
    schedule.add([A, B])
    assert [schedule.take(), schedule.take()] == [A, B]


def test_an_urged_target_comes_first() -> None:
    schedule = Schedule()
    schedule.add([A, B, C])
    schedule.urge(C)
    assert schedule.take() == C


def test_a_verdict_without_damage_stands() -> None:
    schedule = Schedule()
    schedule.add([A, B])
    schedule.take()
    schedule.take()
    assert schedule.finish(A)
    assert schedule.finish(B)


def test_the_only_culprit_keeps_its_verdict() -> None:
    schedule = Schedule()
    schedule.add([A])
    schedule.take()
    assert schedule.finish(A, damage=True)


def test_all_that_ran_beside_damage_run_again_alone() -> None:
    schedule = Schedule()
    schedule.add([A, B, C])
    schedule.take()
    schedule.take()
    assert not schedule.finish(A, damage=True)
    taken: list[Target | None] = []
    worker = threading.Thread(target=lambda: taken.append(schedule.take()))
    worker.start()
    worker.join(0.1)
    assert taken == []  # B still runs, so nobody is alone
    assert not schedule.finish(B)
    worker.join()
    assert taken == [B]
    assert schedule.finish(B, damage=True)
    assert schedule.take() == A
    assert schedule.finish(A)
    assert schedule.take() == C


def test_damage_in_one_service_does_not_touch_another() -> None:
    schedule = Schedule()
    schedule.add([A, OTHER])
    schedule.take()
    schedule.take()
    assert schedule.finish(A, damage=True)
    assert schedule.finish(OTHER)


def test_a_closed_schedule_gives_nothing() -> None:
    schedule = Schedule()
    schedule.add([A])
    schedule.close()
    assert schedule.take() is None


# Questions


def asked(name: str, base: str = "main") -> Target:
    question = Question(statements=(Statement(imported=name),))
    return Target("s", TargetKind.ENTRYPOINT, base, question)


def elsewhere(schedule: Schedule, base: Target | None) -> Target | None:
    """What another worker is given."""
    taken: list[Target | None] = []
    worker = threading.Thread(target=lambda: taken.append(schedule.take(base, wait=False)))
    worker.start()
    worker.join()
    return taken[0]


def test_questions_wait_for_the_worker_that_can_put_them() -> None:
    schedule = Schedule()
    base = asked("a").base
    schedule.learn(base, 1.0)
    schedule.add(map(asked, "abc"))
    assert elsewhere(schedule, base) == asked("a")
    assert schedule.take(wait=False) is None
    assert elsewhere(schedule, base) == asked("b")


def test_so_many_questions_that_another_start_pays() -> None:
    schedule = Schedule()
    base = asked("a").base
    schedule.learn(base, 1.0)
    schedule.add(asked(str(number)) for number in range(100))
    assert elsewhere(schedule, base) == asked("0")
    assert schedule.take(wait=False) == asked("1")


@pytest.mark.parametrize(
    ("jobs", "megabytes", "expected"), [(1, 119, True), (1, 121, False), (4, 121, True)]
)
def test_no_start_for_which_there_is_no_memory(jobs: int, megabytes: int, expected: bool) -> None:
    schedule = Schedule(jobs)
    base = asked("a").base
    schedule.learn(base, 1.0, megabytes * 1_000_000)
    schedule.add(asked(str(number)) for number in range(1000))
    assert elsewhere(schedule, base) == asked("0")
    assert schedule.take(wait=False) == (asked("1") if expected else None)


@pytest.mark.parametrize(("megabytes", "expected"), [(41, True), (400, False)])
def test_what_runs_alone_beside_a_large_service_does_so_one_at_a_time(
    megabytes: int, expected: bool
) -> None:
    schedule = Schedule(2)
    base = asked("a").base
    schedule.learn(base, 1.0, megabytes * 1_000_000)
    schedule.add([asked("a"), A, B, OTHER])
    assert elsewhere(schedule, base) == asked("a")
    assert schedule.take(wait=False) == A
    assert elsewhere(schedule, base) == (B if expected else OTHER)
    assert schedule.finish(A)
    assert elsewhere(schedule, base) == (OTHER if expected else B)


def test_the_first_start_needs_no_room() -> None:
    schedule = Schedule()
    schedule.learn(asked("a").base, 1.0, 10**12)
    schedule.add([asked("a")])
    assert schedule.take(wait=False) == asked("a")


def test_slow_questions_are_worth_a_start_sooner() -> None:
    schedule = Schedule()
    base = asked("a").base
    schedule.learn(base, 1.0)
    for _ in range(30):
        schedule.learn(asked("a"), 2.0)
    schedule.add(map(asked, "abc"))
    assert elsewhere(schedule, base) == asked("a")
    assert schedule.take(wait=False) == asked("b")


def test_questions_that_nobody_can_put_yet_are_anybodys() -> None:
    schedule = Schedule()
    schedule.learn(asked("a").base, 1.0)
    schedule.add(map(asked, "ab"))
    assert schedule.take(wait=False) == asked("a")


def test_a_base_that_starts_only_once() -> None:
    schedule = Schedule()
    base = asked("a").base
    schedule.learn(base, 0.1)
    schedule.add(asked(str(number)) for number in range(100))
    assert elsewhere(schedule, base) == asked("0")
    second = schedule.take(wait=False)
    assert second == asked("1")
    assert schedule.postpone(second)
    assert schedule.take(wait=False) is None
    assert elsewhere(schedule, base) == second


def test_a_base_that_nobody_has_is_no_reason_to_wait() -> None:
    schedule = Schedule()
    schedule.add([asked("a")])
    assert schedule.take(wait=False) == asked("a")
    assert not schedule.postpone(asked("a"))
