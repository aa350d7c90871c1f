"""A diagnosis as values that survive a trip between processes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ABOUT_AN_IMPORT = frozenset({"startup", "import", "required_symbol", "health"})
_OF_STARTUP = frozenset(
    {"never_loads", "budget", "deprecations", "environment"}
)  # an error says that the service does not start


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """One line of a chain: where, and what happens there.

    Attributes:
        file: absolute path; empty for a line without a place.
        line: 1-based; 0 for the file as a whole.
        text: what the line does.
        label: what is said of that in brackets, as how an import is reached and who saw it.
        foreign: whether the line belongs to others' code, or to no file at all.
        begins: whether a chain of its own begins here, where there are several.
    """

    text: str
    file: str = ""
    line: int = 0
    label: str = ""
    foreign: bool = False
    begins: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """What must change so that violations vanish.

    Attributes:
        key: equal for violations that vanish together.
        text: the cause in words.
    """

    key: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """Everything that is said about one violation.

    Attributes:
        service: the service's name.
        check: the kind of contract, as in ``import``.
        subject: what it is about.
        headline: what cannot happen.
        setting: in which circumstances, as in ``with what ships (contracts.toml:8)``.
        error: the exception, or the outcome in words; empty for rules about code.
        led_to: exceptions that the error turned into on its way out.
        hops: from the entrypoint to the failing line; for a rule the lines that break it, the
            first of them below the ways to them.
        cause: why.
        rules: what the contract says about it.
        fixes: what to change, alternatives in order.
        related: other places worth a look, as where a missing name is defined.
        notes: what else is worth knowing.
    """

    service: str
    check: str
    subject: str
    headline: str
    setting: str = ""
    error: str = ""
    led_to: tuple[str, ...] = ()
    hops: tuple[Hop, ...] = ()
    cause: Cause
    rules: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    related: tuple[Hop, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def place(self) -> Hop | None:
        """The failing line: the first chain's last of the service's own, or its last of all."""
        second = next((index for index, hop in enumerate(self.hops) if hop.begins and index), None)
        placed = [hop for hop in reversed(self.hops[:second]) if hop.file]
        return next((hop for hop in placed if not hop.foreign), placed[0] if placed else None)

    @property
    def is_about_an_import(self) -> bool:
        """Whether one import failed, rather than a rule about code.

        Such a failure has one cause; another item with the same cause adds nothing to read.
        """
        return self.check in _ABOUT_AN_IMPORT or (self.check in _OF_STARTUP and bool(self.error))

    def to_data(self) -> dict[str, Any]:
        """As JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Diagnosis:
        """From what `to_data` gave, before or after a trip through JSON."""
        cause = Cause(key=tuple(data["cause"]["key"]), text=data["cause"]["text"])
        return cls(
            **{
                **data,
                **{key: tuple(Hop(**hop) for hop in data[key]) for key in ("hops", "related")},
                "cause": cause,
                **{key: tuple(data[key]) for key in ("led_to", "rules", "fixes", "notes")},
            }
        )
