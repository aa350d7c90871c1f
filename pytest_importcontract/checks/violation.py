"""A demand of a contract that does not hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_importcontract.contract.model import Claim
from pytest_importcontract.observe.facts import (
    Deprecation,
    Effect,
    Found,
    Frame,
    Health,
    ImportEdge,
    MissingSymbol,
    Observation,
    Place,
    Swallowed,
)
from pytest_importcontract.observe.routes import Routes


@dataclass(frozen=True, kw_only=True, slots=True)
class Excess:
    """What starting took beyond a budget, in the budget's own unit.

    Attributes:
        limit: the budget.
        spent: what it took beyond the bare interpreter; None where the system does not tell.
        bare: what the bare interpreter took; 0 for modules, of which its own are not counted.
        starts: how many starts were measured, of which the best counts.
    """

    limit: float
    spent: float | None
    bare: float = 0.0
    starts: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """What was demanded and what was found; causes and fixes are for others to say.

    Attributes:
        check: the kind of contract, as in ``startup``.
        subject: what it is about: an entrypoint, a module, a symbol, a rule's name.
        observation: the import that did not do what was demanded, for the kinds that import.
        missing: the attribute that was not there.
        root: the import root that code reached against a rule.
        edges: the imports that broke the rule, ordered by place.
        routes: how entrypoints reach modules, where the source was read for that.
        symbol: the name that does not lead to what `subject` stands for.
        found: what `subject` and `symbol` turned out to be.
        place: where something else of the subject's name is defined.
        reached: whether an entrypoint reaches that.
        claim: the statement of a document that is not true, or cannot be tried.
        health: what came of starting the service.
        excess: by how much a budget was exceeded.
        loaded: whether startup loaded what it must not.
        way: how it came to that; empty where nobody knows, None where the interpreter itself did.
        effect: what startup did and must not do.
        deprecations: warnings of one text.
        variables: those that are missing, each with the line that asks for it.
        swallowed: the failed import that startup went on from.
        message: what is wrong, for kinds of contract that are not ours.
        fix: how to mend it, likewise.
    """

    check: str
    subject: str
    observation: Observation | None = None
    missing: MissingSymbol | None = None
    root: str = ""
    edges: tuple[ImportEdge, ...] = ()
    routes: Routes | None = field(default=None, compare=False, repr=False)
    symbol: str = ""
    found: tuple[Found, ...] = ()
    place: Place | None = None
    reached: bool = True
    claim: Claim | None = None
    health: Health | None = None
    excess: Excess | None = None
    loaded: bool = False
    way: tuple[Frame, ...] | None = ()
    effect: Effect | None = None
    deprecations: tuple[Deprecation, ...] = ()
    variables: tuple[tuple[str, Place], ...] = ()
    swallowed: Swallowed | None = None
    message: str = ""
    fix: str = ""
