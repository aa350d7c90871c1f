"""For who wants to know what the source says and to run nothing."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_importcontract.observe.facts import Observation, Outcome, OutcomeKind, Target


class Unstarted:
    """Runs no target: nothing is seen of any."""

    def prefetch(self, targets: Iterable[Target]) -> None:
        """Run none of the targets."""

    def observe(self, target: Target) -> Observation:
        """That nobody has started it."""
        outcome = Outcome(kind=OutcomeKind.COULD_NOT_START, detail="it was not to be run")
        return Observation(target=target, outcome=outcome)
