"""What is known of how long a start takes, as values."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_importcontract.diagnosis.model import Hop


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A module that was loaded.

    Attributes:
        module: its name.
        within: the module whose load it is a part of; empty for none.
        importer: the module whose code imported it; empty for what was started.
        hop: the line of that; foreign where it is no line of the service's own.
        seconds: until it had run, with all that it loaded.
        own_seconds: without that.
        modules: how many were loaded by it, itself included.
    """

    module: str
    within: str
    importer: str
    hop: Hop
    seconds: float
    own_seconds: float
    modules: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Timetable:
    """The quickest of several starts of an entrypoint.

    Attributes:
        entrypoint: as the contract writes it.
        ended: how it ended, as in ``loaded``.
        fails: whether it does not start.
        starts: how many there were.
        seconds: wall time from the start of its process to its end.
        bare_seconds: that of the bare interpreter.
        modules: how many it loads that the bare interpreter does not; None where nobody knows.
        memory: the most bytes that it held; 0 where nobody knows.
        bare_memory: that of the bare interpreter.
        rows: what it loads, in the order in which that began.
    """

    entrypoint: str
    ended: str
    fails: bool
    starts: int
    seconds: float
    bare_seconds: float
    modules: int | None
    memory: int
    bare_memory: int
    rows: tuple[Row, ...]
