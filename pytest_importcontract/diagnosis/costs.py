"""What a start loads, takes and uses beyond what the contract allows."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator

from pytest_importcontract.checks.violation import Excess, Violation
from pytest_importcontract.diagnosis.chain import hops, own_line
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.model import Diagnosis, Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Cost, Frame, Load, Place

_MOST = 5  # imports of which most is to be gained
_VERBS = {"max_modules": "loads", "max_seconds": "takes", "max_memory": "holds"}
_EACH = 0.05  # of the whole: less than that is not worth a line


def diagnosis(scene: Scene, violation: Violation) -> Diagnosis:
    """What a start loads that it must not, takes beyond its budget, or uses and is deprecated."""
    if violation.deprecations:
        return _deprecated(scene, violation)
    if violation.excess is None:
        return _never_loads(scene, violation)
    return _budget(scene, violation, violation.excess)


def _never_loads(scene: Scene, violation: Violation) -> Diagnosis:
    """A module that startup must not load, and the way to the first import of it."""
    module, at = violation.subject, scene.at("startup", "never_loads", _index(scene, violation))
    way = violation.way
    take_out = f"take {module} out of never_loads ({at})"
    own = own_line(way or ())
    if way is None:
        text = f"the interpreter loads {module} itself, before any code of {scene.service.name}"
        fixes: tuple[str, ...] = (take_out,)
    elif own is None:
        text = f"{module} is loaded by what no line of {scene.service.name} asks for"
        fixes = (f"find out what loads {module}", f"or {take_out}")
    else:
        text = _who(scene, own, way, module)
        fixes = (_later(own, module, direct=own == (way or ())[-1]), f"or {take_out}")
    place = (own.place.file, str(own.place.line)) if own else ()
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=module,
        headline=f"{_starting(scene, violation)} loads {module}",
        hops=hops(way or (), scene.statement),
        cause=Explanation.of(("never_loads", module, *place), text).cause,
        rules=(f"never_loads ({at}): {module}",),
        fixes=fixes,
    )


def _deprecated(scene: Scene, violation: Violation) -> Diagnosis:
    """Lines that cause a warning of deprecation."""
    first, name = violation.deprecations[0], scene.service.name
    at = scene.at("startup", "deprecations")
    return Diagnosis(
        service=name,
        check=violation.check,
        subject=violation.subject,
        headline=f"starting {name} uses what is deprecated",
        hops=tuple(
            Hop(file=each.place.file, line=each.place.line, text=scene.source(each.place))
            for each in violation.deprecations
        ),
        cause=Explanation.of(
            ("deprecated", first.category, first.message), f"{first.category}: {first.message}"
        ).cause,
        rules=(f'deprecations ({at}): "fail"',),
        fixes=("do as the warning says", f'or set deprecations = "report" ({at})'),
    )


def _index(scene: Scene, violation: Violation) -> int:
    return scene.service.startup.never_loads.index(violation.subject)


def _who(scene: Scene, own: Frame, way: tuple[Frame, ...], module: str) -> str:
    line = f"{scene.relative(own.place.file)}:{own.place.line}"
    last = way[-1]
    if own == last:
        return f"{line} imports {module} while the service starts"
    return f"{line} leads to {last.module or last.place.file}, which imports {module}"


def _later(own: Frame, module: str, *, direct: bool) -> str:
    if own.is_module_level:
        what = module if direct else f"what leads to {module}"
        return f"import {what} in the function that needs it"
    return f"call {own.function}() when the service has started"


def _starting(scene: Scene, violation: Violation) -> str:
    """The start, as the subject of a sentence."""
    name, several = scene.service.name, len(scene.service.entrypoints) > 1
    if several and violation.observation is not None:
        return f"starting {violation.observation.target.text} of {name}"
    return f"starting {name}"


def _budget(scene: Scene, violation: Violation, excess: Excess) -> Diagnosis:
    """A start that takes more than is allowed, and the imports that make the most of it."""
    name, at = violation.subject, scene.at("startup", violation.subject)
    cost = violation.observation.cost if violation.observation else None
    fixes: tuple[str, ...] = (
        "import what is not needed to start in the functions that need it",
        f"or raise {name} ({at})",
    )
    found: tuple[Hop, ...] = ()
    if excess.spent is None:
        text = "this system does not tell how much memory a process has held"
        fixes = (f"take {name} out of the contract ({at}) where it cannot be measured",)
        takes = f"cannot be held to {name}"
    else:
        spent, limit = _amount(name, excess.spent), _amount(name, excess.limit)
        takes = f"{_VERBS[name]} {spent}, and {limit} are allowed"
        text = _took(name, excess)
        found = tuple(_hops(scene, violation, cost)) if cost else ()
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=name,
        headline=f"{_starting(scene, violation)} {takes}",
        hops=found,
        cause=Explanation.of(("budget", name, _starting(scene, violation)), text).cause,
        rules=(f"{name} ({at}): {excess.limit:,g}",),
        fixes=fixes,
    )


def _amount(budget: str, amount: float) -> str:
    match budget:
        case "max_modules":
            return f"{amount:,.0f} modules"
        case "max_seconds":
            return f"{amount:,.3g} s"
        case _:
            return f"{amount:,.1f} MB"


def _took(budget: str, excess: Excess) -> str:
    spent = _amount(budget, excess.spent or 0.0)
    if budget == "max_modules":
        return f"startup loads {spent} that the bare interpreter does not load"
    more = f"{spent} more than the {_amount(budget, excess.bare)} of the bare interpreter"
    starts = f", in the best of {excess.starts} starts" if excess.starts > 1 else ""
    if budget == "max_seconds":
        return f"startup takes {more}{starts}"
    return f"startup holds {more} at its peak{starts}"


def _hops(scene: Scene, violation: Violation, cost: Cost) -> Iterator[Hop]:
    """The lines of the service that bring the most, the worst first."""
    if violation.subject == "max_memory":
        return
    by_time = violation.subject == "max_seconds"
    started = violation.observation.target.text if violation.observation else ""
    ours = {load.importer for load in cost.loads if load.importer_is_first_party}
    ours |= {load.module for load in cost.loads if not load.place.file}
    shares: dict[Place, float] = defaultdict(float)
    for load in cost.loads:
        if load.importer_is_first_party or not load.place.file:
            shares[load.place] += _share(load, by_time=by_time, whole=load.module not in ours)
    total = sum(load.own_seconds if by_time else 1 for load in cost.loads)
    for place, share in sorted(shares.items(), key=lambda each: -each[1])[:_MOST]:
        if share >= _EACH * total and (by_time or share > 1):
            label = f"{share:.3f} s" if by_time else f"{share:,.0f} modules"
            hop = Hop(file=place.file, line=place.line, text=scene.source(place))
            yield dataclasses.replace(hop if hop.file else scene.entrypoint(started), label=label)


def _share(load: Load, *, by_time: bool, whole: bool) -> float:
    """What an import brings: all of it, or without what is shown as imports of its own."""
    if by_time:
        return load.seconds if whole else load.own_seconds
    return load.modules if whole else 1
