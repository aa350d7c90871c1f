"""What is really true, where a document says something else about imports."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Claim, is_within
from pytest_importcontract.diagnosis import missing_symbol
from pytest_importcontract.diagnosis.bindings import may_have
from pytest_importcontract.diagnosis.missing_module import alternatives
from pytest_importcontract.diagnosis.model import Cause, Diagnosis, Hop
from pytest_importcontract.diagnosis.rules import may_import
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Link

_ABOUT_NAMES = frozenset({"no symbol", "missing"})  # causes that the right import does away with


def attempt(violation: Violation) -> Violation | None:
    """The failure of the statement itself, as of an import; None where it did not fail."""
    seen, claim = violation.observation, violation.claim
    if claim is None or seen is None or seen.outcome.ok:
        return None
    return dataclasses.replace(violation, check="import", subject=claim.imports[0][0], claim=None)


def diagnoses(
    scene: Scene, violation: Violation, claim: Claim, failed: Sequence[Diagnosis]
) -> tuple[Diagnosis, ...]:
    """What to say of a claim.

    Args:
        scene: the service.
        violation: says what became of the claim.
        claim: the claim.
        failed: what there is to say of the statement's failure; nothing where it did not fail.
    """
    file, service = scene.relative(claim.file), scene.service.name
    here = Hop(file=claim.file, line=claim.line, text=claim.text)
    said = Diagnosis(
        service=service,
        check=violation.check,
        subject=violation.subject,
        headline=f"{file} has an import that nobody can try",
        hops=(here,),
        cause=Cause(key=("claim", claim.file, str(claim.line)), text=claim.fault),
        rules=(_rule(scene, claim),),
        fixes=("write it out, or mark its block as another language than Python",),
    )
    if claim.fault:
        return (said,)
    if not failed:
        return (
            dataclasses.replace(
                said,
                headline=f"{file} says of an import that it fails, and {service} can run it",
                setting=scene.setting,
                cause=dataclasses.replace(said.cause, text="the import works, every name of it"),
                fixes=("correct what the document says of it", "or remove what it imports"),
            ),
        )
    headline = f"{file} says of an import that it works, and {service} cannot run it"
    if not claim.holds:
        headline = f"{file} says of an import that it fails, which cannot be tried"
    return tuple(
        dataclasses.replace(
            each,
            check=violation.check,
            subject=violation.subject,
            headline=headline,
            hops=(here, *_beyond(each.hops, claim)),
            rules=(*said.rules, *each.rules),
            fixes=_fixes(scene, violation, claim, each) if claim.holds else each.fixes,
        )
        for each in failed
    )


def _beyond(hops: Sequence[Hop], claim: Claim) -> tuple[Hop, ...]:
    """What follows the claim's own line, which may be that of an equal claim."""
    return tuple(hops[1:] if hops and hops[0].file == claim.file else hops)


def _rule(scene: Scene, claim: Claim) -> str:
    files = [scene.shipment.root / each.file for each in scene.service.documented]
    index = files.index(Path(claim.file))
    key, what = ("holds", "work") if claim.holds else ("fails", "fail")
    file = scene.relative(claim.file)
    if claim.heading:
        place, at = f"{file}:{claim.heading_line}", scene.at("documented", index, key)
        return f'"{claim.heading}" ({place}) is a heading of {key} ({at}): imports below it {what}'
    at = scene.at("documented", index)
    if not claim.holds:
        return f"documented ({at}): the traceback shown below it says that it fails"
    but = ", save those below a heading of fails" if scene.service.documented[index].fails else ""
    return f"documented ({at}): the imports of {file} work{but}"


def _fixes(scene: Scene, violation: Violation, claim: Claim, failed: Diagnosis) -> tuple[str, ...]:
    fixes = [fix.removeprefix("or ") for fix in failed.fixes]
    seen = violation.observation
    failure = seen.outcome.failure if seen else None
    if failure is not None and failure.stage != "import":  # whatever the import, it would fail
        return failed.fixes
    links = failure.links if failure else ()
    right = next(filter(None, (_right(scene, claim, link) for link in links)), "")
    if right:
        kept = [] if failed.cause.key[0] in _ABOUT_NAMES else fixes
        fixes = [f"write: {right}", *kept]
    return tuple(alternatives([*fixes, f"take it out of {scene.relative(claim.file)}"]))


def _right(scene: Scene, claim: Claim, link: Link) -> str:
    """The nearest import that is right, where the link says that the claimed one names nothing."""
    for module, names in claim.imports:
        if missing_symbol.is_missing_symbol(link):
            where, name = missing_symbol.parts(link)
            if where == module and name in names:
                return _defining(scene, module, [name]) or _alike(module, name, link.names)
        elif link.is_a("ModuleNotFoundError") and link.name and is_within(module, link.name):
            return _defining(scene, module, names) or _renamed(scene, module, names)
    return ""


def _defining(scene: Scene, module: str, names: Iterable[str]) -> str:
    """Imports from where the names are defined; of several places the one called most alike."""
    homes: dict[str, list[str]] = {}
    for name in names:
        known = [d.module for d in scene.catalog.definitions(name) if d.module != module]
        for home in _nearest(scene, module, known)[:1]:
            homes.setdefault(home, []).append(name)
    return "; ".join(f"from {home} import {', '.join(found)}" for home, found in homes.items())


def _renamed(scene: Scene, module: str, names: Sequence[str]) -> str:
    """The import from a module of another name that may have been meant."""
    for other in _nearest(scene, module, scene.catalog.near_modules(module)):
        if not names:
            return f"import {other}"
        if all(name == "*" or may_have(scene.catalog, other, name) for name in names):
            return f"from {other} import {', '.join(names)}"
    return ""


def _alike(module: str, name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    return f"from {module} import {near[0]}" if near else ""


def _nearest(scene: Scene, module: str, others: Iterable[str]) -> list[str]:
    """Those of the modules that ship and may be imported, the likeliest first."""

    def unlike(other: str) -> tuple[bool, float, str]:
        alike = difflib.SequenceMatcher(None, module, other).ratio()
        return other not in scene.shipment.modules, -alike, other

    usable = (o for o in others if o in scene.catalog.shipped and may_import(scene, "", o))
    return sorted(usable, key=unlike)
