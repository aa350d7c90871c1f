"""Who runs when, and whose verdict stands."""

from __future__ import annotations

import threading

from workbench import module_target

from pytest_importcontract.observe.facts import Target, TargetKind
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
