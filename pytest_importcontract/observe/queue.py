"""Targets in the order in which they are to run."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator

from pytest_importcontract.observe.facts import Target


def asked_of(target: Target) -> Target | None:
    """The process that has been started and answers it, if one does."""
    return target.base if target.question is not None and target.forks else None


Key = tuple[str, Target | None, bool]


class Queue:
    """Targets that wait, in groups of which any two may run wherever one may.

    So whoever looks for one that may run looks at the first of each group, however many wait.
    """

    def __init__(self) -> None:
        self._groups: dict[Key, OrderedDict[Target, int]] = {}
        self._keys: dict[Target, Key] = {}
        self._later = itertools.count(1)
        self._sooner = itertools.count(-1, -1)

    def __contains__(self, target: Target) -> bool:
        return target in self._keys

    def append(self, target: Target) -> None:
        """Put a target at the end."""
        self._group(target, alone=False)[target] = next(self._later)

    def push(self, target: Target, *, alone: bool = False) -> None:
        """Put a target at the front; whether it must run alone is for a schedule to heed."""
        group = self._group(target, alone=alone)
        group[target] = next(self._sooner)
        group.move_to_end(target, last=False)

    def urge(self, target: Target) -> None:
        """Put a target that waits at the front; any other is left where it is."""
        if target in self._keys:
            self.push(target, alone=self._keys[target][2])

    def remove(self, target: Target) -> None:
        """Take a target out, if it waits."""
        key = self._keys.pop(target, None)
        if key is not None:
            del self._groups[key][target]
            if not self._groups[key]:
                del self._groups[key]

    def heads(self) -> Iterator[Target]:
        """The first of each group, in their order."""
        heads = [next(iter(group.items())) for group in self._groups.values()]
        heads.sort(key=lambda head: head[1])
        return (target for target, _ in heads)

    def like(self, target: Target) -> int:
        """How many wait that may run wherever this one, which waits, may."""
        return len(self._groups[self._keys[target]])

    @property
    def has_lone(self) -> bool:
        """Whether one waits that must run alone."""
        return any(alone for _, _, alone in self._groups)

    def clear(self) -> None:
        """Take all of them out."""
        self._groups.clear()
        self._keys.clear()

    def _group(self, target: Target, *, alone: bool) -> OrderedDict[Target, int]:
        key = (target.service, asked_of(target), alone)
        if self._keys.get(target, key) != key:
            self.remove(target)
        self._keys[target] = key
        return self._groups.setdefault(key, OrderedDict())
