from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.questions import Question, Statement
from pytest_importcontract.observe.queue import Queue, asked_of


def module(name: str, service: str = "s") -> Target:
    return Target(service, TargetKind.MODULE, name)


def question(name: str, base: str = "main", *, forks: bool = True) -> Target:
    asked = Question(statements=(Statement(imported=name),))
    return Target("s", TargetKind.ENTRYPOINT, base, asked, forks)


def order(queue: Queue) -> list[Target]:
    found = []
    while head := next(queue.heads(), None):
        found.append(head)
        queue.remove(head)
    return found


def test_who_answers() -> None:
    assert asked_of(module("a")) is None
    assert asked_of(question("a", forks=False)) is None
    assert asked_of(question("a")) == Target("s", TargetKind.ENTRYPOINT, "main")


def test_first_come_first_served_across_groups() -> None:
    queue = Queue()
    targets = [module("a"), question("b"), module("c", "t"), question("d"), module("e")]
    for target in targets:
        queue.append(target)
    assert order(queue) == targets


def test_what_is_urged_comes_first() -> None:
    queue = Queue()
    a, b, c = module("a"), question("b"), question("c")
    for target in (a, b, c):
        queue.append(target)
    queue.urge(c)
    queue.urge(module("unknown"))
    assert module("unknown") not in queue
    assert order(queue) == [c, a, b]


def test_the_first_of_each_group() -> None:
    queue = Queue()
    for target in (question("a"), question("b"), question("c", "other"), module("d"), module("e")):
        queue.append(target)
    assert list(queue.heads()) == [question("a"), question("c", "other"), module("d")]
    assert queue.like(question("b")) == 2


def test_alone() -> None:
    queue = Queue()
    queue.append(module("a"))
    queue.append(module("b"))
    assert not queue.has_lone
    queue.push(module("b"), alone=True)
    assert queue.has_lone
    assert list(queue.heads()) == [module("b"), module("a")]
    queue.remove(module("b"))
    assert not queue.has_lone
    queue.remove(module("b"))
    queue.clear()
    assert module("a") not in queue
    assert order(queue) == []


@given(st.lists(st.tuples(st.sampled_from("adpru"), st.integers(0, 5)), max_size=40))
def test_it_orders_as_a_list_would(steps: list[tuple[str, int]]) -> None:
    targets = [module("a"), question("a"), question("b"), module("c", "t"), question("a", "o")]
    targets.append(question("a", forks=False))
    queue, plain = Queue(), list[Target]()
    for step, number in steps:
        target = targets[number]
        if step == "a" and target not in plain:
            queue.append(target)
            plain.append(target)
        elif step in "dr":
            queue.remove(target)
            plain = [other for other in plain if other != target]
        elif step == "p" or (step == "u" and target in plain):
            (queue.push if step == "p" else queue.urge)(target)
            plain = [target, *(other for other in plain if other != target)]
    assert order(queue) == plain
