"""What code imports later than its module resolves with what ships, too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.optional import spare
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service, is_test
from pytest_importcontract.observe.facts import (
    Answer,
    Condition,
    Facts,
    Guard,
    ImportEdge,
    ImportKind,
)
from pytest_importcontract.observe.questions import Question, Statement

NAME = "deferred_imports"
_IMPORTER = "importer"  # the stage of a failure that is the importing module's own

_Wanted = tuple[str, tuple[str, ...]]


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:
    """One, where the contract starts something or names modules."""
    if service.entrypoints or modules:
        keys = ("entrypoints",) if service.entrypoints else ("modules",)
        yield Demand(
            check=NAME,
            keys=keys,
            targets=entrypoint_targets(service),
            verify=check,
            remark=remarks,
            reads=True,
            ask=ask,
        )


def ask(service: Service, subject: str, facts: Facts) -> Iterable[Question]:  # noqa: ARG001
    """Each such import once, as if it stood in the first module that has it and is loaded."""
    loaded = {name for observation in facts.observations for name in observation.loaded}
    for (imported, names), edges in _wanted(service, facts).items():
        first = min(edges, key=lambda edge: edge.importer not in loaded)
        statement = Statement(
            imported=imported,
            names=names,
            file=first.place.file,
            line=first.place.line,
            importer=first.importer,
            function=first.scope,
        )
        yield Question(statements=(statement,))


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each import that does not resolve, with every line that has it."""
    wanted = _wanted(service, facts)
    for answer, statement in _failed(facts):
        if spare(facts, answer.outcome, answer.edges) is not None:
            continue
        edges = wanted.get((statement.imported, statement.names), ())
        lines = tuple(edge for edge in edges if not _is_a_note(edge, answer, facts))
        if lines:
            yield Violation(
                check=NAME,
                subject=subject,
                observation=answer.as_observation(service.name),
                edges=_from(statement, lines),
                routes=facts.routes,
            )


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """Imports that do not resolve and need not, and those that were not tried."""
    wanted = _wanted(service, facts)
    for answer, statement in _failed(facts):
        spared = spare(facts, answer.outcome, answer.edges)
        for edge in wanted.get((statement.imported, statement.names), ()):
            is_note = spared is not None or _is_a_note(edge, answer, facts)
            if _is_optional(edge, answer) or not is_note:
                continue
            why = f"nothing that is reached mentions {edge.scope.partition('.')[0]}"
            if edge.kind is ImportKind.CONDITIONAL:
                why = "startup did not take that branch"
            elif spared is not None:
                why = spared.words
            at = f"{edge.place.file}:{edge.place.line}"
            yield f"{at}: {_named(edge)} does not resolve; {why}"
    yield from _not_tried(facts)
    edges = facts.source.edges if facts.source else ()
    never = sum(e.kind is ImportKind.NEVER and _is_meant(service, facts, e) for e in edges)
    if never:
        imports = "1 import" if never == 1 else f"{never} imports"
        yield f"{imports} under conditions that are false on the service's platform: not tried"
    for answer in facts.answers:
        if answer.beside is not None and answer.outcome.ok:
            statement = answer.question.statements[0]
            yield f"{statement.file}:{statement.line}: failed in a fork and not alone"


def _not_tried(facts: Facts) -> Iterator[str]:
    """A note for each module that does not import, and so what it would import later."""
    importers: dict[str, list[tuple[Answer, Statement]]] = defaultdict(list)
    for answer, statement in _failed(facts, of_importers=True):
        importers[statement.importer].append((answer, statement))
    for importer, found in importers.items():
        answer, first = found[0]
        more = f" and {len(found) - 1} more imports in it" if len(found) > 2 else ""
        more = " and 1 more import in it" if len(found) == 2 else more
        yield (
            f"{first.file}:{first.line}{more}: not tried, since {importer} does not import: "
            f"{answer.outcome.said}"
        )


def _wanted(service: Service, facts: Facts) -> Mapping[_Wanted, list[ImportEdge]]:
    """The imports to try, by what they ask for; what was seen to run needs no try."""
    ran = {(edge.place, edge.imported) for each in facts.observations for edge in each.edges}
    found: dict[_Wanted, list[ImportEdge]] = defaultdict(list)
    urls = _urls(facts)
    for edge in facts.source.edges if facts.source else ():
        later = edge.kind is ImportKind.DEFERRED or (
            edge.kind is ImportKind.CONDITIONAL and (edge.place, edge.imported) not in ran
        )
        later = later or edge in urls
        optional = edge.guard is Guard.ANY_FAILURE
        if later and not optional and not edge.error and _is_meant(service, facts, edge):
            found[edge.imported, edge.names].append(edge)
    return found


def _urls(facts: Facts) -> Sequence[ImportEdge]:
    """The setting by which Django imports its first module of URLs, with the first request.

    None where startup has loaded several modules that set it to different ones.
    """
    loaded = {name for each in facts.observations for name in each.loaded}
    found = [
        edge
        for edge in (facts.source.edges if facts.source else ())
        if edge.by_name == "ROOT_URLCONF" and edge.importer in loaded and edge.names == ()
    ]
    modules = {edge.imported for edge in found}
    return found if len(modules) == 1 and not modules & loaded else ()


def _is_meant(service: Service, facts: Facts, edge: ImportEdge) -> bool:
    """Whether an entrypoint reaches the importing module, or the contract names it."""
    routes = facts.routes
    if routes is not None and routes.starts:
        return routes.reach(edge.importer)
    named = service.modules is not None and service.modules.matches(edge.importer)
    return named and not is_test(edge.importer)


def _failed(facts: Facts, *, of_importers: bool = False) -> Iterator[tuple[Answer, Statement]]:
    """The answers that are failures, those of importing modules or the others."""
    for answer in facts.answers:
        failure = answer.outcome.failure
        importers = failure is not None and failure.stage == _IMPORTER
        if not answer.outcome.ok and importers == of_importers:
            yield answer, answer.question.statements[0]


def _is_a_note(edge: ImportEdge, answer: Answer, facts: Facts) -> bool:
    """Whether an import that fails is none that the service would meet, as far as one can tell."""
    if _is_optional(edge, answer):
        return True
    if edge.kind is ImportKind.CONDITIONAL:
        return not _is_served(edge, facts)
    return (edge.importer, edge.scope.partition(".")[0]) in facts.unmentioned


def _is_served(edge: ImportEdge, facts: Facts) -> bool:
    """Whether it is the application that a started program hands to its server by name."""
    is_program = facts.routes is not None and facts.routes.is_program(edge.importer)
    return is_program and edge.condition is Condition.MAIN and edge.by_name == "uvicorn.run"


def _is_optional(edge: ImportEdge, answer: Answer) -> bool:
    """Whether what failed is caught."""
    failure = answer.outcome.failure
    missing = failure is not None and failure.outermost.is_a("ModuleNotFoundError")
    return edge.guard is Guard.MISSING_MODULE and missing


def _from(statement: Statement, edges: Sequence[ImportEdge]) -> tuple[ImportEdge, ...]:
    """The imports, the one that was tried first."""
    tried = statement.file, statement.line
    return tuple(sorted(edges, key=lambda e: ((e.place.file, e.place.line) != tried, e.place)))


def _named(edge: ImportEdge) -> str:
    if not edge.names:
        return f"import {edge.imported}"
    return f"from {edge.imported} import {', '.join(edge.names)}"
