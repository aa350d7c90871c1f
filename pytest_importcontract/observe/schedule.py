"""Which target runs next, and whose verdict can stand."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable

from pytest_importcontract.observe.facts import Target

_QUESTION = 0.03  # seconds that the answer to one is expected to take, until some are known


def _is_asked(target: Target) -> bool:
    """Whether a process that has been started answers it."""
    return target.question is not None and target.forks


class Schedule:
    """The targets that wait and those that run; its methods may be called from any thread.

    Targets of one service run in one tree. A process that changes that tree puts the verdicts of
    those that run beside it in doubt, and nobody can say which of them it was: each is run once
    more, alone, and that verdict stands.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Target] = deque()
        self._running: set[Target] = set()
        self._doubtful: set[Target] = set()
        self._alone: set[Target] = set()
        self._closed = False
        self._bases: dict[int, Target | None] = {}  # what each worker has started, to ask it
        self._starts: dict[Target, float] = {}  # seconds that each took to start
        self._question = _QUESTION

    def add(self, targets: Iterable[Target]) -> None:
        """Put targets at the end."""
        with self._changed:
            self._waiting.extend(targets)
            self._changed.notify_all()

    def urge(self, target: Target) -> None:
        """Put a target that waits at the front."""
        with self._changed:
            if target in self._waiting:
                self._waiting.remove(target)
                self._waiting.appendleft(target)

    def drop(self, target: Target) -> None:
        """Let a target that waits not run."""
        with self._changed:
            if target in self._waiting:
                self._waiting.remove(target)

    def take(self, base: Target | None = None, *, wait: bool = True) -> Target | None:
        """The next target, once there is one that may run; None when the schedule is closed.

        Args:
            base: what the worker that asks has started and can put questions to. Questions to
                another wait for the worker that has started that, unless that is likely to take
            longer than to start it once more.
            wait: whether to wait for one; else None also says that none may run now.
        """
        worker = threading.get_ident()
        with self._changed:
            self._bases[worker] = base
            self._changed.notify_all()
            while not self._closed:
                for target in self._waiting:
                    if self._may_run(target) and self._is_worth(target, base):
                        self._waiting.remove(target)
                        self._running.add(target)
                        if _is_asked(target):
                            self._bases[worker] = target.base
                        return target
                if not wait:
                    return None
                self._changed.wait()
            return None

    def _is_worth(self, target: Target, base: Target | None) -> bool:
        """Whether a worker should start what it takes to answer a question."""
        if not _is_asked(target) or target.base == base:
            return True
        started = sum(other == target.base for other in self._bases.values())
        if not started:
            return True
        alike = sum(other.base == target.base and _is_asked(other) for other in self._waiting)
        return alike * self._question / started > self._starts.get(target.base, 0.0)

    def _may_run(self, target: Target) -> bool:
        beside = {other for other in self._running if other.service == target.service}
        if target in self._alone:
            return not beside
        waiting = any(other in self._alone for other in self._waiting)
        return not waiting and not beside & self._alone

    def learn(self, target: Target, seconds: float) -> None:
        """Take note of how long a target took."""
        with self._changed:
            if _is_asked(target):
                self._question += (seconds - self._question) / 10
            elif target.question is None:
                self._starts[target] = seconds

    def finish(self, target: Target, *, damage: bool = False) -> bool:
        """A target has run; whether its verdict stands. Where it does not, it waits again.

        Args:
            target: one that `take` gave.
            damage: whether the service's tree was found changed.
        """
        with self._changed:
            self._running.discard(target)
            beside = {other for other in self._running if other.service == target.service}
            doubtful = target in self._doubtful or (damage and bool(beside))
            self._doubtful.discard(target)
            if damage:
                self._doubtful |= beside
            repeat = doubtful and target not in self._alone and not self._closed
            if repeat:
                self._alone.add(target)
                self._waiting.appendleft(target)
            self._changed.notify_all()
            return not repeat

    def close(self) -> None:
        """Drop what waits; `take` gives nothing more."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed
