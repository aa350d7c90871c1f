"""What took long in earlier runs, so that it begins first in this one."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.questions import Statement

# Seconds. Where all that is longer begins first, the end comes so much too late at most; the others
# stay in the order in which they are asked for, so that nobody waits for what is known.
_LONG = 0.5


class Memory(Protocol):
    """Texts by key, kept from run to run; one that is damaged is not found."""

    def get(self, keys: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """The texts of those keys that are known."""

    def put(self, answers: Mapping[bytes, bytes]) -> None:
        """Keep texts, each by its key."""


class Durations:
    """Seconds that targets took which took long; the others count as short.

    Args:
        memory: where they are kept.
        roots: the repository of each service, by its name: services of one name may differ.
    """

    def __init__(self, memory: Memory, roots: Mapping[str, Path]) -> None:
        self._memory = memory
        self._roots = roots
        self._known: dict[bytes, float] = {}
        self._asked: set[bytes] = set()
        self._learnt: dict[bytes, float] = {}

    def longest_first(self, targets: Iterable[Target]) -> list[Target]:
        """The targets, those in front that took long, the others in their order."""
        keys = {target: self._key(target) for target in targets}
        if len(keys) > 1:
            self._look_up(keys.values())
        return sorted(keys, key=lambda target: -self._known.get(keys[target], 0.0))

    def learn(self, target: Target, seconds: float) -> None:
        """Take note of how long a target took."""
        self._learnt[self._key(target)] = seconds if seconds >= _LONG else 0.0

    def keep(self) -> None:
        """Remember what is news."""
        learnt, self._learnt = self._learnt, {}
        self._look_up(learnt)
        self._memory.put(
            {
                key: f"{seconds:.1f}".encode("ascii")
                for key, seconds in learnt.items()
                if seconds or key in self._known
            }
        )

    def _look_up(self, keys: Iterable[bytes]) -> None:
        new = [key for key in keys if key not in self._asked]
        self._asked.update(new)
        for key, text in self._memory.get(new).items():
            with contextlib.suppress(ValueError):  # of another version
                if (seconds := float(text)) >= _LONG:
                    self._known[key] = seconds

    def _key(self, target: Target) -> bytes:
        """Equal for a module that is imported alone and one that is imported in a fork."""
        question, what = target.question, f"{target.kind} {target.text}"
        if question is not None:
            what = f"{what} {question}"
            match question.statements:
                case (Statement(imported=module, file=""),):
                    what = f"{TargetKind.MODULE} {module}"
        words = ("duration", str(self._roots[target.service]), target.service, what)
        return hashlib.blake2b("\0".join(words).encode("utf-8", "surrogateescape")).digest()
