"""An object that the contract calls canonical is one, however it is reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_importcontract.checks.demand import Demand
from pytest_importcontract.checks.ownership import Ownership
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Canonical, Service, Symbol, is_test, is_within
from pytest_importcontract.observe.facts import (
    Answer,
    Facts,
    ImportEdge,
    Origin,
    Place,
)
from pytest_importcontract.observe.questions import Question
from pytest_importcontract.observe.sources import Analysis

NAME = "canonical"
_DEFINITIONS = frozenset({"class", "function"})


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One for each object."""
    for index, canonical in enumerate(service.canonical):
        yield Demand(
            check=NAME,
            subject=str(canonical.symbol),
            keys=("canonical", index),
            targets=(),
            reads=True,
            ask=ask,
            verify=check,
            remark=remarks,
        )


def ask(service: Service, subject: str, facts: Facts) -> Iterable[Question]:
    """What the symbol is, and beside it each alias and all that bears its name."""
    canonical = _canonical(service, subject)
    yield _question(canonical.symbol)
    for alias in canonical.aliases:
        yield _question(canonical.symbol, alias)
    for namesake, _ in _namesakes(canonical, facts):
        yield _question(canonical.symbol, namesake)
    for twin, _ in _twins(canonical, facts):
        yield _question(canonical.symbol, twin)


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each alias that is not there or not the object, and each second definition.

    Where the symbol itself is not there, that is the only one.
    """
    canonical = _canonical(service, subject)
    symbol = canonical.symbol
    answers = {answer.question: answer for answer in facts.answers}
    alone = answers[_question(symbol)]
    if not _is_there(alone, 0):
        yield _lost(service, subject, symbol, alone)
        return
    told: set[Symbol] = set()
    for alias in canonical.aliases:
        answer = answers[_question(symbol, alias)]
        if not _is_there(answer, 1):
            yield _lost(service, subject, alias, answer)
        elif not _is_one(answer):
            told.add(alias)
            edges = (*_bringing(facts.source, alias), *_importers(facts.source, alias))
            yield Violation(
                check=NAME, subject=subject, symbol=str(alias), found=answer.found, edges=edges
            )
    for namesake, place in _seconds(canonical, facts):
        if namesake not in told and _is_own(service, canonical, namesake, facts):
            yield Violation(
                check=NAME,
                subject=subject,
                symbol=str(namesake),
                place=place,
                edges=tuple(_importers(facts.source, namesake)),
                reached=_reaches(facts, namesake.module),
            )


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:
    """Definitions of the name in code that is not the service's; modules that were not read."""
    canonical = _canonical(service, subject)
    for namesake, place in _seconds(canonical, facts):
        if not _is_own(service, canonical, namesake, facts):
            what = f"{namesake} ({namesake.module}:{place.line}) ships as well"
            yield f"{what}, in code that is not {service.name}'s and that no entrypoint reaches"
    if canonical.unique and facts.source is not None:
        for unread in facts.source.unread:
            if unread.module not in facts.source.modules:
                yield f"{unread.module} was not read: {unread.fault.message}"


def _canonical(service: Service, subject: str) -> Canonical:
    return next(each for each in service.canonical if str(each.symbol) == subject)


def _question(*symbols: Symbol) -> Question:
    return Question(symbols=tuple((symbol.module, symbol.attribute) for symbol in symbols))


def _is_there(answer: Answer, index: int) -> bool:
    return answer.outcome.ok and answer.found[index].missing is None


def _is_one(answer: Answer) -> bool:
    one, other = answer.found
    return one.identity == other.identity


def _lost(service: Service, subject: str, symbol: Symbol, answer: Answer) -> Violation:
    seen = answer.as_observation(service.name)
    missing = answer.found[-1].missing if answer.outcome.ok else None
    return Violation(
        check=NAME, subject=subject, symbol=str(symbol), observation=seen, missing=missing
    )


def _namesakes(canonical: Canonical, facts: Facts) -> Iterator[tuple[Symbol, Place]]:
    """What other modules define under the symbol's name, tests left out, where that is forbidden.

    A module that is the symbol's own file under another name counts where something imports it.
    """
    if not canonical.unique or facts.source is None:
        return
    name, home = canonical.symbol.attribute, facts.source.modules.get(canonical.symbol.module)
    for module, source in facts.source.modules.items():
        if module == canonical.symbol.module or is_test(module):
            continue
        if home is not None and source.file == home.file and not _reaches(facts, module):
            continue
        for binding in source.bound:
            if binding.name == name and binding.how in _DEFINITIONS:
                place = Place(source.file, binding.line)
                yield Symbol(module=module, attribute=name), place


def _seconds(canonical: Canonical, facts: Facts) -> Iterator[tuple[Symbol, Place]]:
    """Those of them that are not what the symbol stands for, nor where it is at home."""
    symbol = canonical.symbol
    answers = {answer.question: answer for answer in facts.answers}
    alone = answers[_question(symbol)]
    if not _is_there(alone, 0) or facts.source is None:
        return
    home = facts.source.modules.get(alone.found[0].home[0])
    for namesake, place in _namesakes(canonical, facts):
        if namesake.module == alone.found[0].home[0]:
            continue
        if home is not None and place.file == home.file and not _reaches(facts, namesake.module):
            continue
        answer = answers[_question(symbol, namesake)]
        if not answer.outcome.ok or (_is_there(answer, 1) and not _is_one(answer)):
            yield namesake, place
    for twin, place in _twins(canonical, facts):
        answer = answers[_question(symbol, twin)]
        own = {edge.imported for edge in answer.edges if edge.origin is Origin.FIRST_PARTY}
        if _is_there(answer, 1) and not _is_one(answer) and twin.module in own:
            yield twin, place


def _twins(canonical: Canonical, facts: Facts) -> Iterator[tuple[Symbol, Place]]:
    """The symbol in what may be its module once more, imported by a longer or shorter name.

    Where both ``src`` and the folder around it are import path entries, ``src.app.db`` and
    ``app.db`` are two modules of one file.
    """
    symbol = canonical.symbol
    source = facts.source
    if not canonical.unique or source is None or symbol.module not in source.modules:
        return
    home = source.modules[symbol.module]
    lines = [binding.line for binding in home.bound if binding.name == symbol.attribute]
    edges = (edge for edge in source.edges if edge.origin is not Origin.STANDARD_LIBRARY)
    names = {name for edge in edges if not is_test(edge.importer) for name in edge.reached}
    for module in sorted(names - source.modules.keys()):
        if module.endswith(f".{symbol.module}") or symbol.module.endswith(f".{module}"):
            twin = Symbol(module=module, attribute=symbol.attribute)
            yield twin, Place(home.file, lines[0] if lines else 0)


def _reaches(facts: Facts, module: str) -> bool:
    return facts.routes is not None and facts.routes.reach(module)


def _is_own(service: Service, canonical: Canonical, namesake: Symbol, facts: Facts) -> bool:
    """Whether a definition is the service's, not just something that ships beside it."""
    home = canonical.symbol.module.partition(".")[0]
    return is_within(namesake.module, home) or Ownership(service, facts).is_own(namesake.module)


def _bringing(source: Analysis | None, alias: Symbol) -> Iterator[ImportEdge]:
    """The imports at a module's top level that give it the name."""
    for edge in source.edges if source else ():
        if edge.importer == alias.module and alias.attribute in edge.names and not edge.scope:
            yield edge


def _importers(source: Analysis | None, symbol: Symbol) -> Sequence[ImportEdge]:
    """Who imports a definition: by name, also from where it is handed on, or with its module."""
    if source is None:
        return ()
    places, name = {symbol.module}, symbol.attribute
    found: dict[ImportEdge, None] = {}
    grown = True
    while grown:
        grown = False
        for edge in source.edges:
            by_name = edge.imported in places and (name in edge.names or "*" in edge.names)
            whole = (
                symbol.module in edge.reached
                and not by_name
                and not set(edge.names) - set(edge.submodules)
            )
            if edge in found or is_test(edge.importer) or not (by_name or whole):
                continue
            found[edge] = None
            if by_name and not edge.scope and edge.importer not in places:
                places.add(edge.importer)
                grown = True
    return sorted(found, key=lambda edge: edge.place)
