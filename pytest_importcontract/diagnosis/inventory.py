"""The variables that a service asks for when it starts, as values."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_importcontract.diagnosis.model import Hop


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One variable.

    Attributes:
        name: its name.
        needed: whether a line of the service's own has no default for it.
        origin: what sets it, as in ``runtime.env (contracts.toml:6)``; empty where it is not set.
        hop: the first line that asks for it, or has it asked for.
        reader: the module whose code asks; the file's name where the code is no module's.
        first_party: whether the line is the service's own.
    """

    name: str
    needed: bool
    origin: str
    hop: Hop
    reader: str
    first_party: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """All of a service's.

    Attributes:
        service: the service's name.
        variables: by name.
        ended: by entrypoint, how its start ended where it failed.
    """

    service: str
    variables: tuple[Variable, ...]
    ended: tuple[tuple[str, str], ...]
