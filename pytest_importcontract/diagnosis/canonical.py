"""Where an object that is to be one is two, or is not there."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Symbol
from pytest_importcontract.diagnosis.missing_module import alternatives
from pytest_importcontract.diagnosis.model import Cause, Diagnosis, Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Found, ImportEdge, Place

_MOST_IMPORTS = 10
_METHODS = frozenset({"method", "builtin_function_or_method", "method-wrapper"})


def attempt(violation: Violation) -> Violation | None:
    """That a name is not there, as of a symbol that is required; None where it is there."""
    if violation.observation is None:
        return None
    return dataclasses.replace(violation, check="required_symbol", subject=violation.symbol)


def diagnoses(
    scene: Scene, violation: Violation, failed: Sequence[Diagnosis]
) -> tuple[Diagnosis, ...]:
    """What to say.

    Args:
        scene: the service.
        violation: what was found.
        failed: what there is to say of a name that is not there; nothing where it is.
    """
    symbol, other = Symbol.parse(violation.subject), Symbol.parse(violation.symbol)
    if failed:
        return _lost(scene, violation, failed)
    if violation.found:
        return (_differs(scene, violation, symbol, other),)
    return (_second(scene, violation, symbol, other),)


def _lost(scene: Scene, violation: Violation, failed: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    symbol, other = violation.subject, violation.symbol
    what = f"an alias of {symbol}" if other != symbol else "which is to be the only one"
    return tuple(
        dataclasses.replace(
            each,
            check=violation.check,
            subject=symbol,
            headline=f"{scene.service.name} does not have {other}, {what}",
            rules=(
                _rule(scene, violation),
                *(rule for rule in each.rules if not rule.startswith("required_symbols (")),
            ),
        )
        for each in failed
    )


def _differs(scene: Scene, violation: Violation, symbol: Symbol, alias: Symbol) -> Diagnosis:
    one, other = violation.found
    text, fixes = _why(scene, symbol, alias, one, other)
    is_copy = one.home == other.home  # and so does not tell where it was made
    bringing = [edge for edge in violation.edges if edge.importer == alias.module]
    importing = [edge for edge in violation.edges if edge.importer != alias.module]
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=f"{alias} is not {symbol} in {scene.service.name}",
        setting=scene.setting,
        hops=(
            *_definition(scene, symbol, one),
            *_lines(scene, importing),
            *_lines(scene, bringing),
            *_definition(scene, alias, None if is_copy else other),
        ),
        cause=Cause(key=("canonical", str(symbol), str(alias)), text=text),
        rules=(_rule(scene, violation),),
        fixes=tuple(alternatives(fixes)),
    )


def _why(
    scene: Scene, symbol: Symbol, alias: Symbol, one: Found, other: Found
) -> tuple[str, list[str]]:
    """Why two names lead to two objects, and what to do."""
    (module, name), (second, second_name) = one.home, other.home
    bind = f"bind the same object: from {symbol.module} import {symbol.attribute}"
    if "." in symbol.attribute:
        bind = f"bind the same object: {symbol.module}.{symbol.attribute}"
    if second and name == second_name and _same_file(scene, module, second):
        return _twice(scene, module, second, name), [f"import it as {module} everywhere"]
    if second and (module, name) == (second, second_name):
        text = (
            f"{alias} is a copy: another {other.type} that also calls itself {module}.{name}, as a "
            "decorator (functools.wraps) or a module that runs twice makes them"
        )
        return text, [bind]
    kind = "the function" if other.type == "function" else "the class"
    if second:
        text = f"{alias} is {kind} {second_name} that {second} defines"
        return text, [f"{bind}, and delete the other", "rename one of the two"]
    if other.type in _METHODS and other.type == one.type:
        text = "a bound method is made anew each time that it is looked up, so it never is one"
        return text, ["name the object that it is bound to"]
    what = f"of type {other.type}" + ("" if one.type == other.type else f", not {one.type}")
    return f"{alias} is another object, {what}", [bind]


def _second(scene: Scene, violation: Violation, symbol: Symbol, second: Symbol) -> Diagnosis:
    place, name = violation.place, symbol.attribute
    if place is None:
        raise ValueError(f"a second {name} that is nowhere")
    second_place = Hop(file=place.file, line=place.line, text=scene.source(place))
    count = len(violation.edges)
    imported = {0: ", which nothing imports", 1: ", which 1 line imports"}
    text = f"{second.module} defines a {name} of its own"
    text += imported.get(count, f", which {count} lines import")
    fixes = [f"import {name} from {symbol.module}, and delete the other", "rename one of the two"]
    if _same_file(scene, symbol.module, second.module):
        text = _twice(scene, symbol.module, second.module, name)
        fixes = [f"import it as {symbol.module} everywhere"]
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=f"{scene.service.name} has a second {name} beside {symbol}",
        hops=(
            *(hop for hop in _definition(scene, symbol, None) if hop != second_place),
            *_lines(scene, violation.edges),
            second_place,
        ),
        cause=Cause(key=("canonical", str(symbol), str(second)), text=text),
        rules=(_rule(scene, violation),),
        fixes=tuple(alternatives(fixes)),
        notes=() if violation.reached else (f"no entrypoint reaches {second.module}",),
    )


def _same_file(scene: Scene, module: str, other: str) -> bool:
    """Whether two modules are one file, found by way of two import path entries."""
    if module == other:
        return False
    one, two = scene.catalog.in_repository(module), scene.catalog.in_repository(other)
    alike = module.endswith(f".{other}") or other.endswith(f".{module}")
    return one == two if one and two else alike


def _twice(scene: Scene, module: str, other: str, name: str) -> str:
    path = scene.catalog.in_repository(module) or scene.catalog.in_repository(other)
    file = scene.relative(path) if path else module
    return f"{file} runs twice, as {module} and as {other}, and each time makes a {name}"


def _rule(scene: Scene, violation: Violation) -> str:
    names = [str(each.symbol) for each in scene.service.canonical]
    index = names.index(violation.subject)
    at = scene.at("canonical", index)
    symbol = scene.service.canonical[index].symbol
    if violation.place is not None:
        return f"canonical ({at}): no other module defines a class or function {symbol.attribute}"
    return f"canonical ({at}): there is one {symbol.attribute}, and it is {symbol}"


def _definition(scene: Scene, symbol: Symbol, found: Found | None) -> tuple[Hop, ...]:
    """The line that defines what a symbol stands for, or its module's file."""
    module, name = symbol.module, symbol.attribute
    if found is not None and found.home[0]:
        module, name = found.home
    for definition in scene.catalog.definitions(name.partition(".")[0]):
        if definition.module == module:
            place = Place(definition.file, definition.line)
            return (Hop(file=place.file, line=place.line, text=scene.source(place)),)
    path = scene.catalog.in_repository(module)
    return (Hop(file=str(path), text=f"has {symbol}"),) if path else ()


def _lines(scene: Scene, edges: Sequence[ImportEdge]) -> tuple[Hop, ...]:
    lines = [
        Hop(file=edge.place.file, line=edge.place.line, text=scene.source(edge.place))
        for edge in edges[:_MOST_IMPORTS]
    ]
    if len(edges) > _MOST_IMPORTS:
        lines.append(Hop(text=f"… and {len(edges) - _MOST_IMPORTS} more lines that import it …"))
    return tuple(lines)
