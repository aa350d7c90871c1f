"""What is said about the reason of a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_importcontract.diagnosis.model import Cause, Hop


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A cause with what goes along with it.

    Attributes:
        cause: why.
        rules: what the contract says about it.
        fixes: what to change, alternatives in order.
        notes: what else is worth knowing.
        tail: lines that belong at the end of the chain.
        related: other places worth a look.
    """

    cause: Cause
    rules: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tail: tuple[Hop, ...] = ()
    related: tuple[Hop, ...] = ()

    @classmethod
    def of(
        cls,
        key: tuple[str, ...],
        text: str,
        *,
        fixes: Sequence[str] = (),
        rules: Sequence[str] = (),
        notes: Sequence[str] = (),
        tail: Sequence[Hop] = (),
        related: Sequence[Hop] = (),
    ) -> Explanation:
        """One whose cause is known by `key`: what kind it is and what it is about."""
        return cls(
            cause=Cause(key=key, text=text),
            rules=tuple(rules),
            fixes=tuple(fixes),
            notes=tuple(notes),
            tail=tuple(tail),
            related=tuple(related),
        )
