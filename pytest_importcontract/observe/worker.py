"""Runs one target after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_importcontract.contract.model import Isolation
from pytest_importcontract.observe.facts import (
    Observation,
    Outcome,
    OutcomeKind,
    Target,
    TargetKind,
)
from pytest_importcontract.observe.launch import launch, question_of
from pytest_importcontract.observe.reading import Reader, ended
from pytest_importcontract.observe.seat import GoneError, Seat
from pytest_importcontract.observe.verdicts import Ran
from pytest_importcontract.shipment.shipment import Shipment

_MOST_HANGS = 2  # of forks, after which it is likely the fork that hangs


class Worker:
    """Two supervisors: one whose process stays and is asked, one for processes that end.

    Args:
        readers: by service, what reads replies.
        symbols: the attributes to look up, by module target.
        bytecode: folder for compiled copies, shared by all processes.
        seats: the two supervisors.
        started: told of each process that was started in order to ask it.
        looks: whether processes are to tell what they look at.

    Attributes:
        base: what can be asked.
        ran: what the last run started and forked, as far as there was a reply.
    """

    def __init__(
        self,
        readers: Mapping[str, Reader],
        symbols: Mapping[Target, Sequence[str]],
        bytecode: Path,
        seats: tuple[Seat, Seat],
        started: Callable[[Observation], None],
        *,
        looks: bool = False,
    ) -> None:
        self._readers = readers
        self._symbols = symbols
        self._bytecode = bytecode
        self._asked, self._single = seats
        self._started = started
        self._hangs: dict[Target, int] = {}
        self._looks = looks
        self._base: Ran | None = None
        self.base: Target | None = None
        self.ran: list[Ran] = []

    def run(self, target: Target) -> Observation:
        """What is observed of the target.

        Raises:
            StoppedError: a seat was stopped.
        """
        self.ran = []
        shipment = self._readers[target.service].shipment
        if target.question is not None and target.forks:
            return self._ask(shipment, target)
        stays = target.kind in (TargetKind.ENTRYPOINT, TargetKind.NOTHING)
        stays = stays and target.question is None and not target.attempt
        if not stays or shipment.service.isolation is not Isolation.WARM:
            return self._start(shipment, target, self._single, keep=False)
        return self._start(shipment, target, self._asked, keep=True)

    def end(self) -> None:
        """End the supervisors."""
        for seat in (self._asked, self._single):
            seat.end()

    def _start(self, shipment: Shipment, target: Target, seat: Seat, *, keep: bool) -> Observation:
        if keep:
            self.base = None
        symbols, began = self._symbols.get(target, ()), time.time_ns()
        request = launch(shipment, target, symbols, self._bytecode, keep=keep, looks=self._looks)
        try:
            reply = seat.ask(request)
        except GoneError as gone:
            return _lost(target, gone)
        ran = Ran(target=target, reply=reply, began=began)
        self.ran.append(ran)
        if reply["kept"]:
            self.base, self._base = target, ran
        return self._readers[target.service].observation(target, reply)

    def _ask(self, shipment: Shipment, target: Target) -> Observation:
        base = target.base
        if self._hangs.get(base, 0) >= _MOST_HANGS:
            return Observation(target=target, outcome=Outcome(kind=OutcomeKind.TIMED_OUT))
        if self.base != base:
            seen = self._start(shipment, base, self._asked, keep=True)
            self._started(seen)
            if self.base != base:
                return Observation(target=target, outcome=seen.outcome)
        timeout = shipment.service.runtime.timeout
        request: dict[str, Any] = {"ask": question_of(shipment, target), "timeout": timeout}
        try:
            reply = self._asked.ask(request)
        except GoneError as gone:
            self.base = None
            return _lost(target, gone)
        if self._base is not None:
            self.ran.append(
                Ran(target=target, reply=reply, base=self._base, began=self._base.began)
            )
        if not reply["kept"]:
            self.base = None
        answered = self._readers[target.service].answered(target, reply)
        if answered.outcome.kind is OutcomeKind.TIMED_OUT:
            self._hangs[base] = self._hangs.get(base, 0) + 1
        return answered


def _lost(target: Target, gone: GoneError) -> Observation:
    """What to say when a supervisor is gone."""
    how = ended(gone.status)
    if gone.status < 0:  # by what was imported, or by someone while that ran
        detail = f"with the process that watched it, which was {how}"
        return Observation(target=target, outcome=Outcome(kind=OutcomeKind.KILLED, detail=detail))
    return could_not_start(target, f"the process that watches it {how}")


def could_not_start(target: Target, why: str) -> Observation:
    """What to say where it could not even be tried."""
    return Observation(target=target, outcome=Outcome(kind=OutcomeKind.COULD_NOT_START, detail=why))
