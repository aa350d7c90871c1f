"""Violations into diagnoses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from pytest_importcontract.checks import deferred_imports, hidden_failures
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Symbol
from pytest_importcontract.diagnosis import (
    boundary,
    canonical,
    costs,
    deferred,
    distribution,
    documented,
    effects,
    health,
    hidden,
    missing_module,
    missing_symbol,
    naming,
    other,
    swallowed,
    variables,
)
from pytest_importcontract.diagnosis.chain import (
    branches,
    hops,
    is_text,
    own_line,
    root_of,
    settled,
    way_to,
)
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.missing_module import alternatives
from pytest_importcontract.diagnosis.model import Diagnosis, Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.ways import lines
from pytest_importcontract.observe.facts import (
    Failure,
    Frame,
    Health,
    ImportEdge,
    Link,
    MissingSymbol,
    Outcome,
    OutcomeKind,
)
from pytest_importcontract.shipment.variants import OPTIMIZED

_FOLDED = frozenset({deferred_imports.NAME, hidden_failures.NAME})
_LONGEST_MESSAGE = 600  # characters of an exception's message
_MOST_LINES = 15  # of a message
# Nothing tells where in a module the process stood: only which import it was.
_WITHOUT_A_TRACE = frozenset({OutcomeKind.EXITED, OutcomeKind.KILLED})


def diagnose_all(scene: Scene, violations: Iterable[Violation]) -> tuple[Diagnosis, ...]:
    """What to tell a person about the violations of one item."""
    told = tuple(diagnosis for found in violations for diagnosis in diagnose(scene, found))
    return deferred.folded(told) if told and told[0].check in _FOLDED else told


def diagnose(scene: Scene, violation: Violation) -> tuple[Diagnosis, ...]:
    """What to tell a person about one violation: several where a group of exceptions has causes."""
    about_a_rule = _of_a_rule(scene, violation)
    if about_a_rule is not None:
        return (about_a_rule,)
    if violation.check == "canonical":
        attempt = canonical.attempt(violation)
        failed = diagnose(scene, attempt) if attempt else ()
        return canonical.diagnoses(scene, violation, failed)
    if violation.swallowed is not None:
        caught = violation.swallowed
        return (hidden.told(scene, caught, _failed(scene, violation, caught.failure, "")),)
    if violation.health is not None:
        return _not_up(scene, violation, violation.health)
    if violation.check == deferred_imports.NAME and violation.edges:
        attempt = dataclasses.replace(violation, edges=())
        return deferred.diagnoses(scene, violation, diagnose(scene, attempt))
    if violation.claim is not None:
        attempt = documented.attempt(violation)
        failed = diagnose(scene, attempt) if attempt else ()
        return documented.diagnoses(scene, violation, violation.claim, failed)
    observation = violation.observation
    if observation is None:
        raise ValueError(f"a violation of {violation.check} without an observation")
    outcome, missing = observation.outcome, violation.missing
    failure, ended = outcome.failure, ""
    if missing is not None and failure is None:
        failure = missing.failure
        if failure is None:
            return (_absent(scene, violation, missing),)
    elif failure is None:
        return (_ended(scene, violation, outcome),)
    elif outcome.kind is not OutcomeKind.FAILED:
        if root_of(failure, scene.statement) == 0:
            return (_ended(scene, violation, outcome),)
        ended = f"{outcome.kind} {outcome.detail}: "
    parts = branches(failure, scene.statement)
    return _by_cause(_failed(scene, violation, part, ended) for part in parts)


def _of_a_rule(scene: Scene, violation: Violation) -> Diagnosis | None:
    """What to tell where nothing failed, but a rule was broken; None for a failure."""
    if violation.message:
        return _foreign(scene, violation)
    match violation.check:
        case "allowed_roots":
            return boundary.outside_roots(scene, violation)
        case "integration":
            return boundary.past_integration(scene, violation)
        case "declared_dependencies":
            return _undeclared(scene, violation)
    if violation.loaded or violation.excess or violation.deprecations:
        return costs.diagnosis(scene, violation)
    if violation.variables:
        return variables.not_in_example(scene, violation)
    if violation.effect is not None:
        return effects.diagnosis(scene, violation, violation.effect)
    return None


def _by_cause(diagnoses: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """The first of each cause."""
    found: dict[tuple[str, ...], Diagnosis] = {}
    for diagnosis in diagnoses:
        found.setdefault(diagnosis.cause.key, diagnosis)
    return tuple(found.values())


def _not_up(scene: Scene, violation: Violation, found: Health) -> tuple[Diagnosis, ...]:
    """What came of starting the service: the exception that it printed explains itself."""
    if found.failure is None:
        why = health.explain(scene, found)
        headline = _headline(scene, violation)
        return (health.diagnosis(scene, found, headline, why),)
    failure = health.named(scene, found.failure)
    parts = branches(failure, scene.statement)
    return _by_cause(
        health.told(scene, found, _failed(scene, violation, part, "")) for part in parts
    )


def _headline(scene: Scene, violation: Violation) -> str:
    service = scene.service.name
    match violation.check:
        case "startup":
            what = f"{service} cannot start{_which(scene, violation.subject)}"
        case "never_loads" | "budget" | "deprecations" | "environment":
            text = violation.observation.target.text if violation.observation else ""
            what = f"{service} cannot start{_which(scene, text)}"
        case "hidden_failures" if violation.swallowed is not None:
            what = f"{service} starts without {violation.swallowed.what}"
        case "health":
            what = f"{service} does not come up"
        case "import":
            what = f"{service} cannot import {violation.subject}"
        case _:
            what = f"{service} does not have {violation.subject}"
    return what


def _which(scene: Scene, entrypoint: str) -> str:
    """The entrypoint, where there are several."""
    return f" {entrypoint}" if entrypoint and len(scene.service.entrypoints) > 1 else ""


def _failed(scene: Scene, violation: Violation, failure: Failure, ended: str) -> Diagnosis:
    """An exception arrived, or ended the process in the way that `ended` says."""
    index = root_of(failure, scene.statement)
    link = failure.links[index]
    frames = way_to(failure, index)
    why = _unheard(scene, violation, failure, index, frames)
    why = why or _by_name(scene, violation, link, frames)
    why = why or _explain(scene, violation, failure, link, frames)
    steps = list(zip(failure.links[:index], failure.links[1:], strict=False))[::-1]
    led_to = [
        f"raised {'in' if inner.relation == 'member' else 'as'} {_said(outer)}"
        for outer, inner in steps
    ]
    if ended:
        led_to[-1] = f"{ended}{_said(failure.outermost)}"
    chain = hops(frames, scene.statement, why.tail)
    if failure.stage == "setup":
        at = scene.at("runtime", "setup")
        chain = (Hop(text=f"runtime.setup ({at}) calls {scene.service.runtime.setup}"), *chain)
    if violation.check == "startup" and not chain:
        chain = (scene.entrypoint(violation.subject),)
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=_headline(scene, violation),
        setting=scene.setting,
        error=_said(link),
        led_to=tuple(led_to),
        hops=chain,
        cause=why.cause,
        rules=why.rules,
        fixes=why.fixes,
        related=why.related,
        notes=(*why.notes, *_of_variant(scene)),
    )


def _of_variant(scene: Scene) -> Iterator[str]:
    """What is different where the service starts in another way."""
    if scene.service.variant == OPTIMIZED:
        yield "python -O runs no assert statement, and nothing under if __debug__"


def _unheard(
    scene: Scene, violation: Violation, failure: Failure, index: int, frames: Sequence[Frame]
) -> Explanation | None:
    """A failed import that was swallowed before and left link `index` to be raised."""
    link = failure.links[index]
    edges = violation.observation.edges if violation.observation else ()
    absent = violation.missing if failure.stage == "attribute" else None
    lost = swallowed.unbound(link, frames)
    if missing_symbol.is_missing_symbol(link):
        lost = swallowed.absent(scene, *missing_symbol.parts(link))
    elif absent is not None and absent.failure is None and not absent.owner:
        lost = swallowed.absent(scene, violation.subject.partition(":")[0], absent.missing)
    edge = swallowed.behind_a_name(edges, *lost, frames) if lost else None
    hides = index == len(failure.links) - 1 and frames
    if edge is None and hides and scene.statement(frames[-1]).startswith("raise"):
        edge = swallowed.behind_a_raise(edges, frames)
    return swallowed.explain(scene, edge, edges, frames) if edge else None


def _explain(
    scene: Scene, violation: Violation, failure: Failure, link: Link, frames: Sequence[Frame]
) -> Explanation:
    known = (f for f in reversed(frames) if not is_text(f) and (f.is_module_level or f.module))
    at = next(known, None)
    importer = at.module if at else ""
    missing = violation.missing
    if failure.stage == "attribute" and missing is not None and missing.failure is None:
        return _lacks(scene, violation, missing)
    if failure.stage == "call" and not frames:
        text = f"calling {violation.subject} as its server does raises {_name(link)}"
        return Explanation.of(("raised", link.type, violation.subject), text)
    if missing_symbol.is_missing_symbol(link):
        return missing_symbol.explain_import(scene, link, frames, importer)
    if link.is_a("ModuleNotFoundError") and link.name:
        ours = at is None or at.first_party
        target = violation.observation.target if violation.observation else None
        return missing_module.explain(scene, link.name, importer, ours=ours, target=target)
    found = variables.explain(scene, link, frames, violation.observation)
    return found or other.explain(scene, link, frames, importer)


def _by_name(
    scene: Scene, violation: Violation, link: Link, frames: Sequence[Frame]
) -> Explanation | None:
    """The reason where code of others, or our own loader, was told by a string what to import."""
    # Of what started for real nobody knows what it loaded.
    loaded = violation.observation.loaded if violation.observation else scene.catalog.shipped.keys()
    found = naming.namings(scene, link, frames, loaded)
    if not found:
        return None
    importer = found[0].module
    if link.is_a("AttributeError"):
        why = other.explain(scene, link, frames, importer)
    else:
        why = missing_module.explain(scene, link.name, importer)
    places = " and ".join(
        f"{one.words} ({scene.relative(one.place.file)}:{one.place.line})" for one in found
    )
    verb = "names" if len(found) == 1 else "name"
    text = f"{places} {verb} what is not found: {why.cause.text}"
    cause = dataclasses.replace(why.cause, text=text)
    why = dataclasses.replace(why, fixes=tuple(found[0].instead(fix) for fix in why.fixes))
    shown = tuple(one.hop for one in found)
    if len(found) == 1:
        return dataclasses.replace(why, cause=cause, tail=(*why.tail, *shown))
    return dataclasses.replace(why, cause=cause, related=(*shown, *why.related))


def _lacks(scene: Scene, violation: Violation, missing: MissingSymbol) -> Explanation:
    module = violation.subject.partition(":")[0]
    if not missing.owner:
        return missing_symbol.explain_attribute(scene, module, missing.missing, missing.names)
    owner = f"{module}.{missing.owner}"
    return missing_symbol.lacks(scene, owner, missing.missing, missing.names)


def _absent(scene: Scene, violation: Violation, missing: MissingSymbol) -> Diagnosis:
    """A required symbol that the loaded module does not have."""
    symbol = Symbol.parse(violation.subject)
    owner = f"{symbol.module}.{missing.owner}" if missing.owner else symbol.module
    edges = violation.observation.edges if violation.observation else ()
    lost = None if missing.owner else swallowed.absent(scene, symbol.module, missing.missing)
    edge = swallowed.behind_a_name(edges, *lost, ()) if lost else None
    why = swallowed.explain(scene, edge, edges, ()) if edge else _lacks(scene, violation, missing)
    known = scene.catalog.in_repository(symbol.module)
    module = [Hop(file=str(known), text=f"is {symbol.module}")] if known else []
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=_headline(scene, violation),
        setting=scene.setting,
        error=f"AttributeError: {owner} has no attribute {missing.missing!r}",
        hops=tuple(module),
        related=why.related,
        cause=why.cause,
        rules=(f"required_symbols ({_key(scene, 'required_symbols', violation.subject)})",),
        fixes=why.fixes,
    )


def _key(scene: Scene, key: str, subject: str) -> str:
    texts = [str(symbol) for symbol in scene.service.required_symbols]
    return scene.at(key, texts.index(subject)) if subject in texts else scene.at(key)


def _ended(scene: Scene, violation: Violation, outcome: Outcome) -> Diagnosis:
    """The process ended, or was ended, before the import was finished."""
    frames = settled([_named(scene, frame) for frame in outcome.standing])
    error = f"{outcome.kind} {outcome.detail}".strip()
    if outcome.failure is not None:
        frames = way_to(outcome.failure, 0)
        link = outcome.failure.outermost
        error = f"{error}: {_said(link)}" if link.message else f"{error}: {link.type}"
    elif outcome.importing:
        error = f"{error} while importing {outcome.importing}"
    own = own_line(frames)
    shown = f"{scene.relative(own.place.file)}:{own.place.line}" if own else violation.subject
    place = (own.place.file, str(own.place.line)) if own else (violation.subject,)
    if outcome.kind in _WITHOUT_A_TRACE and outcome.failure is None and outcome.importing:
        shown, place = f"importing {outcome.importing}", (outcome.importing,)
    fixes: tuple[str, ...] = ()
    match outcome.kind:
        case OutcomeKind.TIMED_OUT:
            at = scene.at("runtime", "timeout")
            text = f"{shown} does not come to an end at import"
            fixes = (f"do that work after startup, or raise runtime.timeout ({at})",)
        case OutcomeKind.EXITED:
            text = f"{shown} ends the process at import"
            fixes = ("let importing a module have no such effect",)
        case OutcomeKind.COULD_NOT_START:
            text = f"it could not be tried: {outcome.detail}"
        case _:
            text = f"the process does not survive {shown}"
    if outcome.failure is not None and outcome.failure.stage == "site" and frames:
        place = (frames[-1].place.file, str(frames[-1].place.line))
        shown = f"{scene.relative(place[0])}:{place[1]}"
        text = f"{shown} ends the process before any code of {scene.service.declared_name} runs"
        fixes = (f"let it end nothing, or take it out of {scene.python}",)
    key = (str(outcome.kind), *place)
    if outcome.kind is OutcomeKind.COULD_NOT_START:
        key = (str(outcome.kind), outcome.detail)
    why = Explanation.of(key, text, fixes=fixes)
    if outcome.failure is not None:
        lost = outcome.failure.outermost
        why = variables.explain(scene, lost, frames, violation.observation) or why
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=_headline(scene, violation),
        setting=scene.setting,
        error=error,
        hops=hops(frames, scene.statement),
        cause=why.cause,
        fixes=why.fixes,
        related=why.related,
    )


def _named(scene: Scene, frame: Frame) -> Frame:
    """The frame with its module's name, which a dump of a dead process does not say."""
    if frame.module:
        return frame
    return dataclasses.replace(frame, module=scene.module_of(frame.place.file))


def _undeclared(scene: Scene, violation: Violation) -> Diagnosis:
    holdings = scene.shipment.ground.holdings
    if holdings is None:
        raise ValueError("nothing is known of the image's distributions")
    module = violation.edges[0].imported
    why = distribution.explain(scene, holdings, violation.root, module)
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=f"{scene.service.name} imports {module}, which the image does not declare",
        hops=lines(scene, violation.edges),
        cause=why.cause,
        fixes=tuple(alternatives([fix.removeprefix("or ") for fix in why.fixes])),
        notes=_incomplete(violation.edges),
    )


def _foreign(scene: Scene, violation: Violation) -> Diagnosis:
    """A kind of contract that somebody else's plugin brought along."""
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=f"{scene.service.name} breaks {violation.check}",
        hops=lines(scene, violation.edges),
        cause=Explanation.of(
            (violation.check, violation.subject, violation.message), violation.message
        ).cause,
        fixes=(violation.fix,) if violation.fix else (),
    )


def _incomplete(edges: Sequence[ImportEdge]) -> tuple[str, ...]:
    if not any(edge.error for edge in edges):
        return ()
    return ("imports that fail end their module: what it would import after them was not seen",)


def _name(link: Link) -> str:
    return link.type.removeprefix("__mp_main__.")


def _said(link: Link) -> str:
    """The exception as Python would print it, within bounds."""
    name = _name(link)
    if link.syntax is not None:
        return f"{name}: {link.syntax.message}"
    message = link.message
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:_LONGEST_MESSAGE]} …"
    lines = message.splitlines()
    if len(lines) > _MOST_LINES:
        message = "\n".join([*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES} more lines"])
    return f"{name}: {message}" if message else name
