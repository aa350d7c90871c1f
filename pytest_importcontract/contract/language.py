"""The contract language: its JSON Schema, and in words what the schema refuses."""

from __future__ import annotations

import difflib
import functools
import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import importlib_resources
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pytest_importcontract.contract.positions import DEEPEST, Keys

_LONGEST: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that the schema refuses.

    Attributes:
        keys: path of the key or list element below the contract's table.
        what: the fault, without a full stop.
        suggestion: how to mend it; may be empty.
        usable: whether what stands at `keys` can be checked further all the same.
    """

    keys: Keys
    what: str
    suggestion: str = ""
    usable: bool = False


@functools.cache
def schema() -> dict[str, Any]:
    """The contract language as JSON Schema (https://json-schema.org/draft/2020-12)."""
    text = (
        importlib_resources.files(__package__).joinpath("contract.schema.json").read_text("utf-8")
    )
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def faults(data: Any) -> list[Fault]:
    """Everything that is refused in `data`, a contract's table as a TOML parser returns it."""
    validator = Draft202012Validator(schema())
    found = [fault for error in validator.iter_errors(_tame(data)) for fault in _explain(error)]
    refused = {fault.keys for fault in found}
    found += (
        Fault(keys=keys, what="holds a NUL character")
        for keys in _with_nul(data, ())
        if not any(keys[:length] in refused for length in range(len(keys) + 1))
    )
    return found


def _tame(value: Any, depth: int = 0) -> Any:
    """`value` without what the validator chokes on when it quotes refused values.

    What is cut off for its depth needs no fault of its own: the schema is shallower, so it refuses
    something further up. Numbers that no 64 bits hold, and those that are none, are out of every
    range that the schema has.
    """
    match value:
        case dict():
            below = value.items() if depth < DEEPEST else ()
            return {key: _tame(inner, depth + 1) for key, inner in below}
        case list():
            return [_tame(inner, depth + 1) for inner in value] if depth < DEEPEST else []
        case int() | float() if not -(2**63) <= value < 2**63:
            return math.inf
    return value


def _with_nul(value: Any, keys: Keys) -> Iterator[Keys]:
    """Where strings hold what no path, name or variable can hold."""
    match value:
        case str() if "\0" in value:
            yield keys
        case dict() if len(keys) < DEEPEST:
            for key, inner in value.items():
                yield from _with_nul(inner, (*keys, key))
        case list() if len(keys) < DEEPEST:
            for index, inner in enumerate(value):
                yield from _with_nul(inner, (*keys, index))


def _explain(error: ValidationError) -> Iterator[Fault]:
    keys: Keys = tuple(error.absolute_path)
    found: Any = error.instance
    rule: Any = error.validator_value
    described: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = described.get("properties", {})
            for name in found:
                if name not in known:
                    suggestion = _home(name, known) or _nearest(name, known, "known: ")
                    yield Fault(keys=(*keys, name), what="unknown key", suggestion=suggestion)
        case "required" | "anyOf" | "dependentRequired":
            yield from _lacking(error.validator, keys, found, rule)
        case "type":
            rules = [rule] if isinstance(rule, str) else rule
            kinds = " or ".join(_KINDS[each] for each in rules)
            suggestion = _retyped(rules[0], found, described)
            what = f"expected {kinds}, got {_kind(found)}"
            yield Fault(keys=keys, what=what, suggestion=suggestion)
        case "enum":
            what = f"{shown(found)} is not a value of this key"
            suggestion = _nearest(str(found)[:_LONGEST], rule, "one of ")
            yield Fault(keys=keys, what=what, suggestion=suggestion)
        case "uniqueItems":
            yield from _repeated(keys, found)
        case "minItems" | "minProperties":
            yield Fault(keys=keys, what="is empty")
        case "minLength":
            yield Fault(keys=keys, what="is an empty string")
        case "pattern":
            in_words = described["description"].removesuffix(".")
            if "propertyNames" in error.absolute_schema_path:
                what = "is no usable name"
                yield Fault(keys=(*keys, found), what=what, suggestion=in_words, usable=True)
            else:
                what = f"{shown(found)} is no usable name"
                yield Fault(keys=keys, what=what, suggestion=in_words)
        case "exclusiveMinimum" | "maximum":
            low, high = described["exclusiveMinimum"], described["maximum"]
            yield Fault(keys=keys, what=f"must be above {low} and at most {high}")
        case _:
            yield Fault(keys=keys, what=error.message)


def _lacking(validator: str, keys: Keys, found: Any, rule: Any) -> Iterator[Fault]:
    """What a table does not have: keys it must have, one of several, those that others need."""
    match validator:
        case "required":
            for name in rule:
                if name not in found:
                    yield Fault(keys=keys, what=f"{name} is missing", usable=True)
        case "anyOf":
            names = " nor ".join(name for branch in rule for name in branch["required"])
            yield Fault(keys=keys, what=f"has neither {names}", usable=True)
        case "dependentRequired":
            for name, needed in rule.items():
                if name in found and needed[0] not in found:
                    what = f"means nothing without {needed[0]}"
                    yield Fault(keys=(*keys, name), what=what, usable=True)


def _home(name: str, known: Collection[str]) -> str:
    """Where `name` is a key, if not here: TOML puts a key into the last table above it."""
    service = schema()["$defs"]["service"]["properties"]
    tables = {
        "services.NAME": service,
        "services.NAME.runtime": service["runtime"]["properties"],
        "services.NAME.ships": service["ships"]["properties"],
        "services.NAME.startup": service["startup"]["properties"],
        "services.NAME.health": service["health"]["properties"],
    }
    homes = [table for table, keys in tables.items() if name in keys]
    return f"a key of {homes[0]}" if homes and known else ""


def _nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else otherwise + ", ".join(known)


def _repeated(keys: Keys, found: list[Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, item in enumerate(found):
        if not isinstance(item, str):
            continue  # refused for its type
        if item in seen:
            yield Fault(keys=(*keys, index), what=f"{shown(item)} is listed twice")
        seen.add(item)


def _retyped(rule: str, found: Any, described: Mapping[str, Any]) -> str:
    """How to write `found` so that it is a `rule`, where that is plain."""
    match rule, found:
        case "array", str() if len(found) < _LONGEST:
            return f"write [{json.dumps(found, ensure_ascii=False)}]"
        case "array", dict() if "properties" in described.get("items", {}):
            return "double the brackets of its header"
        case "object", list() if found and all(isinstance(item, dict) for item in found):
            return "single brackets make a table"
        case "string", _ if not isinstance(found, dict | list):
            return "put it in quotes"
    return ""


_KINDS: Final = {
    "object": "a table",
    "array": "a list",
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "a table"
    return "a date or time"


def shown(value: object) -> str:
    """`value` as a message quotes it, on one line and not endlessly long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
