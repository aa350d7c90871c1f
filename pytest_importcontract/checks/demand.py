"""One demand of a contract: what is asked, what must be observed to tell, how to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import Facts, Target, TargetKind
from pytest_importcontract.observe.questions import Question

Check = Callable[[Service, str, Facts], Iterable[Violation]]
Remark = Callable[[Service, str, Facts], Iterable[str]]
Ask = Callable[[Service, str, Facts], Iterable[Question]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """One item of a service's contract.

    Attributes:
        check: the kind of contract, as in ``startup``.
        subject: what it is about; empty for kinds that a service has once.
        variant: what tells it from the same demand on other variants of the service.
        keys: path below the service of the key that demands it.
        targets: what must be observed.
        verify: the check; given the service, the subject and facts about `targets`.
        symbols: attributes to look up, by target, as dotted names.
        remark: what is worth a note and no violation; given the same.
        reads: whether `verify` needs what the source says, and how entrypoints reach modules.
        ask: what to ask of the started service, given the same before anything was asked; the
            answers are then among the facts.
        again: what to observe once more when nothing else runs, given the same; is then among the
            facts.
        variables: whether `verify` needs to know which variables a deployment sets.
        starts: whether the service must be started as its container does, once nothing else of it
            runs; what came of it is then among the facts.
    """

    check: str
    keys: tuple[str | int, ...]
    targets: tuple[Target, ...]
    verify: Check = field(compare=False)
    subject: str = ""
    variant: str = ""
    symbols: tuple[tuple[Target, str], ...] = ()
    remark: Remark | None = field(default=None, compare=False)
    reads: bool = False
    ask: Ask | None = field(default=None, compare=False)
    again: Callable[[Service, str, Facts], Iterable[Target]] | None = field(
        default=None, compare=False
    )
    starts: bool = False
    variables: bool = False

    @property
    def name(self) -> str:
        """How it is called, as in ``startup[backend.main:app]``."""
        subject = "-".join(filter(None, (self.subject, self.variant)))
        return f"{self.check}[{subject}]" if subject else self.check


def entrypoint_targets(service: Service) -> tuple[Target, ...]:
    """A target for each entrypoint."""
    return tuple(Target(service.name, TargetKind.ENTRYPOINT, e.text) for e in service.entrypoints)


def module_targets(service: Service, modules: Iterable[str]) -> tuple[Target, ...]:
    """A target for each module."""
    return tuple(Target(service.name, TargetKind.MODULE, name) for name in modules)
