"""Puts questions to the started service, and asks again, alone, what a fork could not do."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Protocol

from pytest_importcontract.observe.facts import (
    Answer,
    Observation,
    Outcome,
    Target,
    TargetKind,
)
from pytest_importcontract.observe.questions import Question


class Observing(Protocol):
    """What runs targets."""

    def prefetch(self, targets: Iterable[Target]) -> None:
        """Observe the targets as soon as possible; does not wait."""

    def observe(self, target: Target) -> Observation:
        """What was observed of `target`."""
        ...


class Asking:
    """Asks one service.

    A question goes to a fork of the process that its entrypoint started. Where that does not start,
    or there is none, it goes to a fork of one in which nothing but ``runtime.setup`` has run. What
    fails in a fork is asked once more in a process of its own, which forks nothing, and that
    answer stands: a thread or a connection that a fork has lost is no fault of the service's.

    Args:
        service: its name.
        observing: runs its targets.
        entrypoint_of: the text of the entrypoint that a question is for; empty for none.
    """

    def __init__(
        self, service: str, observing: Observing, entrypoint_of: Callable[[Question], str]
    ) -> None:
        self._service = service
        self._observing = observing
        self._entrypoint_of = entrypoint_of

    def ask(self, questions: Iterable[Question]) -> tuple[Answer, ...]:
        """The answer to each distinct question, in their order."""
        asked = tuple(dict.fromkeys(questions))
        answers: dict[Question, Answer] = {}
        targets: dict[Question, Target] = {}
        for question in asked:
            base = self._base(self._entrypoint_of(question))
            observation = self._observing.observe(base)
            if not observation.outcome.ok:
                answers[question] = _unasked(question, observation)
            else:
                targets[question] = dataclasses.replace(base, question=question)
        self._observing.prefetch(targets.values())
        for question, target in targets.items():
            answer = self._observing.observe(target).answer
            if answer is not None:
                answers[question] = answer
        self._confirm((q for q in asked if q not in answers), targets, answers)
        for alike in _alike(answers[question] for question in asked):
            first, *others = (answer.question for answer in alike)
            self._confirm([first], targets, answers)
            if failure(answers[first].outcome) != failure(alike[0].outcome):
                self._confirm(others, targets, answers)
        return tuple(answers[question] for question in asked)

    def _base(self, entrypoint: str) -> Target:
        """The process to ask: one in which the entrypoint has started, if it does."""
        nothing = Target(self._service, TargetKind.NOTHING, "")
        if not entrypoint:
            return nothing
        started = Target(self._service, TargetKind.ENTRYPOINT, entrypoint)
        return started if self._observing.observe(started).outcome.ok else nothing

    def _confirm(
        self,
        doubtful: Iterable[Question],
        targets: dict[Question, Target],
        answers: dict[Question, Answer],
    ) -> None:
        """Ask these again, each alone."""
        lone = [dataclasses.replace(targets[question], forks=False) for question in doubtful]
        self._observing.prefetch(lone)
        for target in lone:
            question = target.question
            if question is not None:
                seen = self._observing.observe(target)
                answers[question] = _settled(question, seen, answers.get(question))


def _alike(answers: Iterable[Answer]) -> list[list[Answer]]:
    """The failures of forks, those together that would very likely fail alone as well."""
    groups: dict[tuple[object, ...], list[Answer]] = defaultdict(list)
    for number, answer in enumerate(answers):
        if not answer.outcome.ok and not answer.alone:
            groups[failure(answer.outcome) or (number,)].append(answer)
    return list(groups.values())


def failure(outcome: Outcome) -> tuple[object, ...]:
    """What failed, if an exception says so; empty otherwise."""
    if outcome.failure is None:
        return ()
    first = outcome.failure.outermost
    return outcome.failure.stage, first.type, first.message


def _unasked(question: Question, seen: Observation) -> Answer:
    """The answer where even what precedes every module failed."""
    return Answer(question=question, outcome=seen.outcome, alone=True)


def _settled(question: Question, seen: Observation, forked: Answer | None) -> Answer:
    """The answer of a process that forked nothing, beside what a fork answered."""
    answer = seen.answer
    if answer is None:
        return _unasked(question, seen)
    if forked is None or _verdict(forked.outcome) == _verdict(answer.outcome):
        return answer
    return dataclasses.replace(answer, beside=forked.outcome)


def _verdict(outcome: Outcome) -> tuple[object, ...]:
    return outcome.kind, failure(outcome)
