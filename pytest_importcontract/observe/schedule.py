"""Which target runs next, and whose verdict can stand."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable

from pytest_importcontract.observe.facts import Target
from pytest_importcontract.observe.queue import Queue, asked_of

_QUESTION = 0.03  # seconds that the answer to one is expected to take, until some are known
# Memory that all processes of a started service may hold: so many times what one holds, and so many
# bytes for each job, of which a fork takes a part.
_TIMES = 1.5
_JOB = 100_000_000
_FORK = 40_000_000


class Schedule:
    """The targets that wait and those that run; its methods may be called from any thread.

    Targets of one service run in one tree. A process that changes that tree puts the verdicts of
    those that run beside it in doubt, and nobody can say which of them it was: each is run once
    more, alone, and that verdict stands.

    Args:
        jobs: how many targets run at a time.
    """

    def __init__(self, jobs: int = 1) -> None:
        self._jobs = jobs
        self._changed = threading.Condition()
        self._waiting = Queue()
        self._running: set[Target] = set()
        self._doubtful: set[Target] = set()
        self._alone: set[Target] = set()
        self._closed = False
        self._bases: dict[int, Target | None] = {}  # what each worker has started, to ask it
        self._starts: dict[Target, float] = {}  # seconds that each took to start
        self._sizes: dict[Target, int] = {}  # bytes that each held when it had started
        self._question = _QUESTION

    def add(self, targets: Iterable[Target]) -> None:
        """Put targets at the end."""
        with self._changed:
            for target in targets:
                self._waiting.append(target)
            self._changed.notify_all()

    def urge(self, target: Target) -> None:
        """Put a target that waits at the front."""
        with self._changed:
            self._waiting.urge(target)

    def drop(self, target: Target) -> None:
        """Let a target that waits not run."""
        with self._changed:
            self._waiting.remove(target)

    def take(self, base: Target | None = None, *, wait: bool = True) -> Target | None:
        """The next target, once there is one that may run; None when the schedule is closed.

        Args:
            base: what the worker that asks has started and can put questions to. Questions to
                another wait for the worker that has started that, unless that is likely to take
                longer than to start it once more, and there is memory for it.
            wait: whether to wait for one; else None also says that none may run now.
        """
        worker = threading.get_ident()
        with self._changed:
            self._bases[worker] = base
            self._changed.notify_all()
            while not self._closed:
                for target in self._waiting.heads():
                    if self._may_run(target) and self._is_worth(target, base):
                        self._waiting.remove(target)
                        self._running.add(target)
                        self._bases[worker] = asked_of(target) or base
                        return target
                if not wait:
                    return None
                self._changed.wait()
            return None

    def _is_worth(self, target: Target, base: Target | None) -> bool:
        """Whether a worker should start what it takes to answer a question."""
        wanted = asked_of(target)
        if wanted is None:
            return self._has_room_alone(target)
        if wanted == base:
            return True
        started = sum(other == wanted for other in self._bases.values())
        if not started:
            return True
        seconds = self._waiting.like(target) * self._question / started
        return seconds > self._starts.get(wanted, 0.0) and self._has_room(wanted, started + 1)

    def _has_room(self, base: Target, count: int) -> bool:
        """Whether so many processes of a started service stay within the memory allowed."""
        size = self._sizes.get(base, 0)
        return count * size <= _TIMES * size + self._jobs * (_JOB - _FORK)

    def _has_room_alone(self, target: Target) -> bool:
        """Whether one more process of its service may hold as much as the started service does.

        One may in any case.
        """
        alone = sum(not asked_of(other) for other in self._running if _is_near(other, target))
        started = [base for base in self._bases.values() if base and _is_near(base, target)]
        large = max(started, key=lambda base: self._sizes.get(base, 0), default=None)
        return not alone or not large or self._has_room(large, len(started) + alone + 1)

    def _may_run(self, target: Target) -> bool:
        beside = {other for other in self._running if _is_near(other, target)}
        if target in self._alone:
            return not beside
        return not self._waiting.has_lone and not beside & self._alone

    def postpone(self, target: Target) -> bool:
        """Let a question wait for the only worker that can put it; whether there is one.

        Args:
            target: one that `take` gave to a worker that could not start its base, although another
                has: a port or a lock may be held by that.
        """
        worker = threading.get_ident()
        with self._changed:
            self._bases[worker] = None
            if target.base not in self._bases.values() or self._closed:
                return False
            self._starts[target.base] = math.inf
            self._running.discard(target)
            self._waiting.push(target)
            self._changed.notify_all()
            return True

    def learn(self, target: Target, seconds: float, memory: int = 0) -> None:
        """Take note of how long a target took, and of the bytes that what stays of it holds."""
        with self._changed:
            if asked_of(target):
                self._question += (seconds - self._question) / 10
            elif target.question is None:
                self._sizes[target] = max(memory, self._sizes.get(target, 0))
                self._starts.setdefault(target, seconds)

    def finish(self, target: Target, *, damage: bool = False) -> bool:
        """A target has run; whether its verdict stands. Where it does not, it waits again.

        Args:
            target: one that `take` gave.
            damage: whether the service's tree was found changed.
        """
        with self._changed:
            self._running.discard(target)
            beside = {other for other in self._running if _is_near(other, target)}
            doubtful = target in self._doubtful or (damage and bool(beside))
            self._doubtful.discard(target)
            if damage:
                self._doubtful |= beside
            repeat = doubtful and target not in self._alone and not self._closed
            if repeat:
                self._alone.add(target)
                self._waiting.push(target, alone=True)
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


def _is_near(one: Target, other: Target) -> bool:
    """Whether two targets are of one service."""
    return one.service == other.service
