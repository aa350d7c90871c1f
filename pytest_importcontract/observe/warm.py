"""Observes modules in forks of the started service, and alone what fails there."""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pytest_importcontract.contract.model import Isolation, Service
from pytest_importcontract.observe.asking import failure
from pytest_importcontract.observe.facts import (
    Observation,
    Outcome,
    OutcomeKind,
    Place,
    Target,
    TargetKind,
)
from pytest_importcontract.observe.questions import Question, Statement
from pytest_importcontract.observe.runner import Runner

_Key = tuple[object, ...]


class Warm:
    """Runs targets; modules of services that allow it in the started service.

    A module that startup has loaded needs no run of its own. Any other is imported in a fork of the
    process that startup left, as a deferred import would be; where ``runtime.setup`` is to come
    before modules, where no entrypoint starts or where there is none, in a fork of a process that
    has imported nothing else. What does not import there is imported in a process of its own, and
    that verdict stands; where several fail in one way at one line, the first of them is.

    Args:
        runner: runs targets as they are.
        services: by name.
        symbols: the attributes to look up, by module target.
    """

    def __init__(
        self,
        runner: Runner,
        services: Mapping[str, Service],
        symbols: Mapping[Target, Sequence[str]],
    ) -> None:
        self._runner = runner
        self._services = services
        self._symbols = symbols
        self._lock = threading.Lock()
        self._confirmed: dict[_Key, Target] = {}

    def prefetch(self, targets: Iterable[Target]) -> None:
        """Observe the targets in their order, as soon as a worker is free; does not wait."""
        direct: list[Target] = []
        modules: dict[str, list[Target]] = defaultdict(list)
        for target in targets:
            if self._is_warm(target):
                if not modules[target.service]:
                    direct += self._bases(target.service)
                modules[target.service].append(target)
            else:
                direct.append(target)
        self._runner.prefetch(direct)
        for name, mine in modules.items():
            self._ask_when_started(mine, self._bases(name))

    def observe(self, target: Target) -> Observation:
        """What was observed of `target`; if it has not run yet, it runs next.

        Raises:
            CancelledError: the runner was closed before the target had run.
            ValueError: it is of a service that the runner does not know.
        """
        if not self._is_warm(target):
            return self._runner.observe(target)
        started = [self._runner.observe(base) for base in self._bases(target.service)]
        if self._is_loaded(target, started):
            remembered = all(seen.remembered for seen in started)
            loaded = Outcome(kind=OutcomeKind.LOADED)
            return Observation(target=target, outcome=loaded, remembered=remembered)
        asked = self._question(target, started)
        warm = self._runner.observe(asked)
        if warm.answer is None:
            return self._runner.observe(target)
        seen = _as_module(target, warm)
        if seen.outcome.ok and not seen.missing:
            return seen
        first = self._first_like(target, seen)
        if first != target and _key(self._runner.observe(first)) == _key(seen):
            return seen
        alone = self._runner.observe(target)
        if _key(alone) == _key(seen):
            return alone
        if {alone.outcome.kind, seen.outcome.kind} == {OutcomeKind.FAILED}:
            # Alone, it may have met what the started service holds: a port, a lock.
            return dataclasses.replace(seen, beside=alone.outcome)
        return dataclasses.replace(alone, beside=seen.outcome)

    def _is_warm(self, target: Target) -> bool:
        service = self._services.get(target.service)
        is_module = target.kind is TargetKind.MODULE and target.question is None
        return is_module and service is not None and service.isolation is Isolation.WARM

    def _bases(self, name: str) -> list[Target]:
        """What must have been tried before it is known how to import a module of the service."""
        service = self._services[name]
        entrypoints = [
            Target(name, TargetKind.ENTRYPOINT, entrypoint.text)
            for entrypoint in service.entrypoints
        ]
        return entrypoints or [Target(name, TargetKind.NOTHING, "")]

    def _ask_when_started(self, targets: Sequence[Target], bases: Sequence[Target]) -> None:
        """Ask for the modules that no entrypoint has loaded, once that is known."""
        pending = set(bases)

        def one_more(observation: Observation) -> None:
            with self._lock:
                pending.discard(observation.target)
                if pending:
                    return
            started = [self._runner.observe(base) for base in bases]
            rest = [target for target in targets if not self._is_loaded(target, started)]
            asked = {self._question(target, started): target for target in rest}
            self._runner.prefetch(asked)
            for question, target in asked.items():
                self._runner.then(question, functools.partial(self._doubt, target))

        for base in bases:
            self._runner.then(base, one_more)

    def _doubt(self, target: Target, warm: Observation) -> None:
        """Have a module imported alone that did not import in a fork."""
        seen = _as_module(target, warm)
        fine = warm.answer is not None and seen.outcome.ok and not seen.missing
        if not fine and (warm.answer is None or self._first_like(target, seen) == target):
            self._runner.prefetch([target])

    def _first_like(self, target: Target, seen: Observation) -> Target:
        """The first of those that failed in the same way."""
        with self._lock:
            return self._confirmed.setdefault((target.service, *_key(seen)), target)

    def _is_loaded(self, target: Target, started: Iterable[Observation]) -> bool:
        """Whether startup has decided it."""
        if self._symbols.get(target):
            return False
        return any(seen.outcome.ok and target.text in seen.loaded for seen in started)

    def _question(self, target: Target, started: Sequence[Observation]) -> Target:
        """The question whose answer tells whether a module imports, and the process to ask."""
        service = self._services[target.service]
        top = target.text.partition(".")[0]
        fine = [seen.target for seen in started if seen.outcome.ok]
        packages = {each.text: each.package for each in service.entrypoints}
        near = [base for base in fine if packages.get(base.text) == top]
        base = Target(target.service, TargetKind.NOTHING, "")
        if service.runtime.setup is None:
            base = next(iter(near or fine), base)
        symbols = self._symbols.get(target, ())
        question = Question(
            statements=(Statement(imported=target.text),),
            symbols=tuple((target.text, symbol) for symbol in symbols),
        )
        return dataclasses.replace(base, question=question)


def _as_module(target: Target, warm: Observation) -> Observation:
    """What a fork answered, as if the module had been imported alone."""
    found = warm.answer.found if warm.answer else ()
    missing = {each.symbol[1]: each.missing for each in found if each.missing is not None}
    return dataclasses.replace(warm, target=target, answer=None, missing=missing)


def _key(seen: Observation) -> _Key:
    """Equal for what failed in one way at one line."""
    if seen.outcome.failure is None or seen.missing:
        lost = {symbol: (each.missing, each.owner) for symbol, each in seen.missing.items()}
        return seen.target.text, seen.outcome.kind, seen.outcome.detail, str(lost)
    last = seen.outcome.failure.links[-1]
    places: tuple[Place, ...] = tuple(frame.place for frame in last.frames[-1:])
    return seen.outcome.kind, *failure(seen.outcome), places
