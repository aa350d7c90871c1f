"""Puts questions to the started service, and asks again, alone, what a fork could not do."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from pytest_importcontract.observe.facts import (
    Answer,
    Observation,
    Outcome,
    Target,
    TargetKind,
)
from pytest_importcontract.observe.questions import Question

_WORTH_A_START = 50  # questions; fewer are answered before the service has started once more


class Asking:
    """Asks one service.

    A question goes to a fork of the process that its entrypoint started. Where that does not start,
    or there is none, it goes to a fork of one in which nothing but ``runtime.setup`` has run. What
    fails in a fork is asked once more in a process of its own, which forks nothing, and that
    answer stands: a thread or a connection that a fork has lost is no fault of the service's.

    Args:
        service: its name.
        observe: runs one target of it; called from several threads.
        entrypoint_of: the text of the entrypoint that a question is for; empty for none.
        jobs: how many processes may run at a time.
    """

    def __init__(
        self,
        service: str,
        observe: Callable[[Target], Observation],
        entrypoint_of: Callable[[Question], str],
        jobs: int,
    ) -> None:
        self._service = service
        self._observe = observe
        self._entrypoint_of = entrypoint_of
        self._jobs = jobs

    def ask(self, questions: Iterable[Question]) -> tuple[Answer, ...]:
        """The answer to each distinct question, in their order."""
        asked = tuple(dict.fromkeys(questions))
        with ThreadPoolExecutor(self._jobs, "importcontract-asking") as pool:
            started = self._started(asked)
            answers: dict[Question, Answer] = {}
            bases: dict[Question, Target] = {}
            while started:
                failed: list[Question] = []
                for seen in pool.map(self._observe, started):
                    base = dataclasses.replace(seen.target, questions=())
                    bases.update(dict.fromkeys(seen.target.questions, base))
                    answers.update((answer.question, answer) for answer in seen.answers)
                    if not seen.outcome.ok and base.kind is TargetKind.ENTRYPOINT:
                        failed += seen.target.questions
                    elif not seen.outcome.ok:
                        answers.update((q, _unasked(q, seen)) for q in seen.target.questions)
                started = self._shares(Target(self._service, TargetKind.NOTHING, ""), failed)

            def confirm(doubtful: Iterable[Question]) -> None:
                lone = [
                    dataclasses.replace(bases[question], questions=(question,), forks=False)
                    for question in doubtful
                ]
                for seen in pool.map(self._observe, lone):
                    question = seen.target.questions[0]
                    answers[question] = _settled(seen, answers.get(question))

            confirm(question for question in asked if question not in answers)
            for alike in _alike(answers[question] for question in asked):
                confirm([alike[0].question])
                if _failure(answers[alike[0].question].outcome) != _failure(alike[0].outcome):
                    confirm(answer.question for answer in alike[1:])
        return tuple(answers[question] for question in asked)

    def _started(self, questions: Iterable[Question]) -> list[Target]:
        """The processes that are to answer them."""
        by_entrypoint: dict[str, list[Question]] = defaultdict(list)
        for question in questions:
            by_entrypoint[self._entrypoint_of(question)].append(question)
        started = []
        for text, mine in by_entrypoint.items():
            kind = TargetKind.ENTRYPOINT if text else TargetKind.NOTHING
            started += self._shares(Target(self._service, kind, text), mine)
        return started

    def _shares(self, base: Target, questions: Sequence[Question]) -> list[Target]:
        if not questions:
            return []
        count = max(1, min(self._jobs, len(questions) // _WORTH_A_START))
        shares = [tuple(questions[number::count]) for number in range(count)]
        return [dataclasses.replace(base, questions=share) for share in shares]


def _alike(answers: Iterable[Answer]) -> list[list[Answer]]:
    """The failures of forks, those together that would very likely fail alone as well."""
    groups: dict[tuple[object, ...], list[Answer]] = defaultdict(list)
    for number, answer in enumerate(answers):
        if not answer.outcome.ok and not answer.alone:
            groups[_failure(answer.outcome) or (number,)].append(answer)
    return list(groups.values())


def _failure(outcome: Outcome) -> tuple[object, ...]:
    """What failed, if an exception says so; empty otherwise."""
    if outcome.failure is None:
        return ()
    first = outcome.failure.outermost
    return outcome.failure.stage, first.type, first.message


def _unasked(question: Question, seen: Observation) -> Answer:
    """The answer where even what precedes every module failed."""
    return Answer(question=question, outcome=seen.outcome, alone=True)


def _settled(seen: Observation, forked: Answer | None) -> Answer:
    """The answer of a process that forked nothing, beside what a fork answered."""
    if not seen.answers:
        return _unasked(seen.target.questions[0], seen)
    answer = seen.answers[0]
    if forked is None or _verdict(forked.outcome) == _verdict(answer.outcome):
        return answer
    return dataclasses.replace(answer, beside=forked.outcome)


def _verdict(outcome: Outcome) -> tuple[object, ...]:
    return outcome.kind, _failure(outcome)
