"""Variables for want of which a service does not start."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.diagnosis.bindings import parsed
from pytest_importcontract.diagnosis.chain import asks_environment, own_line
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.model import Cause, Diagnosis, Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Frame, Link, Observation, Place, Read
from pytest_importcontract.observe.needed import asked, asks
from pytest_importcontract.shipment.secrets import names_a_secret

_MOST = 12  # lines that ask for others
# How libraries say it, by the package of their exceptions.
_SAID = {
    "environs": re.compile(r'Environment variable "(?P<name>[^"]+)" not set'),
    "decouple": re.compile(r"(?P<name>\S+) not found\. Declare it as envvar"),
    "environ": re.compile(r"Set the (?P<name>\S+) environment variable"),
}
_WORD = re.compile(r"\w+")
_LITERAL = re.compile(r"[\"']([A-Z][A-Z0-9_]+)[\"']")
_NOTHING = re.compile(r"\bNone(Type)?\b|^$")


def explain(
    scene: Scene, link: Link, frames: Sequence[Frame], seen: Observation | None
) -> Explanation | None:
    """Why the exception `link` was raised at the end of `frames`, if for want of variables.

    Args:
        scene: the service's surroundings.
        link: the exception.
        frames: the way to it.
        seen: what was observed of the process; None where nothing was but what it printed.
    """
    added = frozenset() if seen is None else seen.added
    if link.settings:
        return _of_settings(scene, link, added)
    names = _named(scene, link, frames, None if seen is None else seen.reads)
    if names:
        return _unset(scene, names, added)
    if seen is None or link.is_a("ImportError") or link.is_a("OSError"):
        return None
    return _likely(scene, link, frames, seen)


def _named(
    scene: Scene, link: Link, frames: Sequence[Frame], reads: Sequence[Read] | None
) -> tuple[str, ...]:
    """The variables that the exception itself says are missing."""
    if link.is_a("KeyError"):
        return (link.key,) if link.key and asks_environment(frames) else ()
    said = _SAID.get(link.type.partition(".")[0])
    if said and (match := said.search(link.message)):
        return (match["name"],)
    words = dict.fromkeys(_WORD.findall(link.message))
    if not words or link.filename:
        return ()
    missing = frozenset(read.name for read in reads or () if not read.there)
    own = own_line(frames)
    if reads is None and own is not None and asks(Path(own.place.file)):
        passed = (_LITERAL.findall(scene.statement(f)) for f in frames if f.first_party)
        missing = asked(Path(own.place.file)).union(*passed) - scene.variables
    there = {read.name for read in reads or () if read.there}
    return tuple(word for word in words if word in missing - there)


def _of_settings(scene: Scene, link: Link, added: Collection[str]) -> Explanation:
    """A class of pydantic-settings says what it lacks, and what it does not take."""
    runtime = scene.service.runtime
    unset = tuple(setting.name for setting in link.settings if not setting.reason)
    refused = [setting for setting in link.settings if setting.reason]
    if not refused:
        return _unset(scene, unset, added)
    names = list(dict.fromkeys(setting.name for setting in refused))
    said = "; ".join(f"{setting.name}: {setting.reason}" for setting in refused)
    said = refused[0].reason if len(refused) == 1 else said
    text = f"the settings refuse environment variable{_s(names)} {_listed(names)} ({said})"
    declared = [scene.at("runtime", "env", name) for name in names if name in runtime.env]
    places = ["where the service runs", *dict.fromkeys(f"at {at}" for at in declared)]
    correct = f"correct {_listed(names)} {_listed(places)}"
    key = ("variables refused", *names)
    if not unset:
        return Explanation.of(key, text, fixes=[correct])
    more = _unset(scene, unset, added)
    first, *others = more.fixes
    return Explanation.of(
        (*key, *more.cause.key),
        f"{text}; {more.cause.text}",
        fixes=[f"{first}; {correct}", *others],
        related=more.related,
    )


def _unset(scene: Scene, names: Sequence[str], added: Collection[str]) -> Explanation:
    """Variables that are not set, with all others that are known to be missing as well."""
    others = {
        name: place
        for name, place in scene.needed.items()
        if name not in scene.variables and name not in added
    }
    known = sorted({*names, *others})
    runtime = scene.service.runtime
    text = f"environment variable{_s(known)} {_listed(known)} {_are(known)} needed at import"
    passed = [name for name in known if name in runtime.pass_env]
    callers = [name for name in known if name in scene.caller and name not in passed]
    if passed:
        at = scene.at("runtime", "pass_env", runtime.pass_env.index(passed[0]))
        named = _it(known) if passed == known else _listed(passed)
        text += f"; pass_env ({at}) takes {named} from where pytest runs, but "
        text += f"{_it(passed, 'they')} {_are(passed)} not set there"
    if callers:
        named = _it(known, "they") if callers == known else _listed(callers)
        text += f"; {named} {_are(callers)} set where pytest runs, but the contract does not pass "
        text += f"{_it(callers)} on"
    if not passed and not callers:
        text += " and not set"
    lines = dict.fromkeys(place for name, place in sorted(others.items()) if name not in names)
    related = [_line(scene, place) for place in [*lines][:_MOST]]
    fixes = _fixes(scene, known, callers)
    return Explanation.of(("variables", *known), text, fixes=fixes, related=related)


def not_in_example(scene: Scene, violation: Violation) -> Diagnosis:
    """Startup needs variables that nobody who deploys the service is told of."""
    names = [name for name, _ in violation.variables]
    service, image = scene.service.name, scene.shipment.image
    example = scene.service.runtime.env_example
    places = example if image is None else f"neither {example} nor ENV in {image.dockerfile}"
    has = "does not have" if image is None else "has"
    text = f"{places} {has} {_listed(names)}, which {service} needs to start"
    fixes = [
        f"add to {example}: {' '.join(f'{name}=' for name in names)}",
        *_in_image(scene, names),
    ]
    return Diagnosis(
        service=service,
        check=violation.check,
        subject="",
        headline=f"{service} needs {len(names)} variable{_s(names)} that {example} does not name",
        hops=tuple(_line(scene, place) for _, place in violation.variables),
        cause=Cause(key=("not in example", *names), text=text),
        rules=(f"runtime.env_example ({scene.at('runtime', 'env_example')})",),
        fixes=tuple(fixes),
    )


def _in_image(scene: Scene, names: Sequence[str]) -> list[str]:
    """To set them in the Dockerfile, which secrets have no place in."""
    image = scene.shipment.image
    harmless = " ".join(f"{name}=…" for name in names if not names_a_secret(name))
    if image is None or not harmless:
        return []
    return [f"or, what is the same everywhere, in {image.dockerfile}: ENV {harmless}"]


def _fixes(scene: Scene, names: Sequence[str], callers: Sequence[str]) -> list[str]:
    """The lines that declare them, and where else they could stand."""
    runtime = scene.service.runtime
    declared = ", ".join(f'{name} = "…"' for name in names)
    at = scene.at("runtime", "env")
    fixes = [f"set {_it(names)} where the service runs and in runtime.env ({at}): {declared}"]
    if runtime.env_file:
        fixes.append(f"or in {runtime.env_file}")
    elif scene.shipment.example.issuperset(names):
        fixes.append(f"or start with what {runtime.env_example} has: make it runtime.env_file")
    fixes += _in_image(scene, names)
    if callers:
        at = scene.at("runtime", "pass_env")
        quoted = ", ".join(f'"{name}"' for name in callers)
        fixes.append(f"or add {quoted} to runtime.pass_env ({at})")
    return fixes


def _likely(
    scene: Scene, link: Link, frames: Sequence[Frame], seen: Observation
) -> Explanation | None:
    """A variable that the failing line, or the condition it stands under, asks for in vain."""
    own = own_line(frames)
    if own is None:
        return None
    file, line = own.place.file, own.place.line
    there = {read.name for read in seen.reads if read.there}
    reads = [
        read
        for read in seen.reads
        if read.place.file == file and not read.there and read.name not in there
    ]
    shown = f"{scene.relative(file)}:{line}"
    by_hand = scene.statement(own).startswith("raise") or link.is_a("SystemExit")
    here = [read.name for read in reads if read.place.line == line]
    if here and _NOTHING.search(link.message) and not by_hand:
        verb = "asks for"
    else:
        lines = _conditions(Path(file), line) if by_hand else frozenset()
        here = [read.name for read in reads if read.place.line in lines]
        verb = "looks at"
    if not here:
        return None
    names = list(dict.fromkeys(here))
    text = f"{shown} {verb} environment variable{_s(names)} {_listed(names)}, which "
    text += f"{_are(names)} not set, and raises {link.type.rpartition('.')[2]}"
    return Explanation.of(("variables", *names), text, fixes=_fixes(scene, names, ()))


def _conditions(path: Path, line: int) -> frozenset[int]:
    """The lines on which depends whether a line runs.

    Those of the ``try`` whose failure it handles, or of the ``if`` around it and what that tests.
    """
    tree = parsed(path)
    nodes = list(ast.walk(tree)) if tree else []
    around = [
        node
        for node in nodes
        if (isinstance(node, ast.If) and line in _lines(node))
        or (isinstance(node, ast.Try) and any(line in _lines(each) for each in node.handlers))
    ]
    if not around:
        return frozenset()
    inner = max(around, key=lambda node: node.lineno)
    if isinstance(inner, ast.Try):
        return frozenset(number for each in inner.body for number in _lines(each))
    found = set(_lines(inner.test))
    names = {node.id for node in ast.walk(inner.test) if isinstance(node, ast.Name)}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in names:
                found.update(_lines(node))
    return frozenset(found)


def _lines(node: ast.stmt | ast.expr | ast.ExceptHandler) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _line(scene: Scene, place: Place) -> Hop:
    return Hop(file=place.file, line=place.line, text=scene.source(place))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _s(names: Sequence[str]) -> str:
    return "s" if len(names) > 1 else ""


def _are(names: Sequence[str]) -> str:
    return "are" if len(names) > 1 else "is"


def _it(names: Sequence[str], many: str = "them") -> str:
    return many if len(names) > 1 else "it"
