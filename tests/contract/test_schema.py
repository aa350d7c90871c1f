from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pytest_importcontract.contract.language import schema
from pytest_importcontract.contract.loader import load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.contract.model import (
    Canonical,
    Contract,
    Documented,
    Health,
    Integration,
    Runtime,
    Service,
    Ships,
)
from pytest_importcontract.contract.positions import DEEPEST

Read = Callable[..., Contract]

SERVICE: Mapping[str, Any] = schema()["$defs"]["service"]["properties"]
TABLES: Mapping[type, Mapping[str, Any]] = {
    Service: SERVICE,
    Runtime: SERVICE["runtime"]["properties"],
    Ships: SERVICE["ships"]["properties"],
    Integration: SERVICE["integrations"]["items"]["properties"],
    Canonical: SERVICE["canonical"]["items"]["properties"],
    Health: SERVICE["health"]["properties"],
    Documented: SERVICE["documented"]["items"]["properties"],
}
VARIANT = {"variant", "variant_of"}
KNOWN_TO_THE_MODEL_ONLY = {"name", "lines", "line", "claims", "unclaimed", "pythons", *VARIANT}


def toml(value: Any) -> str:
    match value:
        case bool() | str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case dict():
            return (
                f"{{{', '.join(f'{toml(key)} = {toml(inner)}' for key, inner in value.items())}}}"
            )
        case list():
            return f"[{','.join(f'{chr(10)}{toml(inner)}' for inner in value)}]"
        case dt.date() | dt.time():
            return value.isoformat()
    return repr(value)


def schemas(described: Any, depth: int = 0) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if "$ref" in described:
        described = {**schema()["$defs"][described["$ref"].rpartition("/")[2]], **described}
    yield depth, described
    for inner in (
        *described.get("properties", {}).values(),
        described.get("items"),
        described.get("additionalProperties"),
    ):
        if isinstance(inner, dict):
            yield from schemas(inner, depth + 1)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_every_property_is_described() -> None:
    undescribed = [
        name
        for _, described in schemas(schema())
        for name, inner in described.get("properties", {}).items()
        if not inner["description"].endswith(".")
    ]
    assert undescribed == []


def test_no_table_takes_keys_it_does_not_name() -> None:
    for _, described in schemas(schema()):
        if described.get("type") == "object":
            assert "additionalProperties" in described


def test_the_schema_is_shallower_than_what_is_looked_at() -> None:
    assert max(depth for depth, _ in schemas(schema())) < DEEPEST


@pytest.mark.parametrize("model", TABLES)
def test_every_key_of_the_schema_is_one_of_the_model(model: type) -> None:
    fields = {field.name for field in dataclasses.fields(model)}
    assert fields - KNOWN_TO_THE_MODEL_ONLY == TABLES[model].keys() - KNOWN_TO_THE_MODEL_ONLY


def with_defaults(table: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {key: inner["default"] for key, inner in table.items() if "default" in inner}
    return {**defaults, **given}


def test_the_defaults_of_the_schema_are_those_of_the_model(read: Read) -> None:
    door = {"name": "a", "root": "auth", "through": ["app.door"]}
    same, page = {"symbol": "a:B", "aliases": ["c:B"]}, {"file": "a.md"}
    plain = {
        "entrypoints": ["app"],
        "integrations": [door],
        "canonical": [same],
        "documented": [page],
    }
    written = {
        "entrypoints": ["app"],
        "integrations": [with_defaults(TABLES[Integration], door)],
        "canonical": [with_defaults(TABLES[Canonical], same)],
        "documented": [with_defaults(TABLES[Documented], page)],
        "runtime": with_defaults(TABLES[Runtime], {}),
    }
    text = toml({"plain": plain, "written": with_defaults(SERVICE, written)})
    short, long = read(f"services = {text}".replace("\n", "")).services
    assert long.runtime.paths == short.runtime.entries
    undeclared = dataclasses.replace(long.runtime, paths=None)
    assert dataclasses.replace(long, name="plain", runtime=undeclared) == short


NAMES = st.sampled_from(
    (
        *("a", "a.b", "a.b:c", "a/b.py", "a.**", "!a", "**", "", "..", "[", "a b", "a\n", "é", "="),
        *("\0", "~nobodyx/x", "a" * 300, "a" * 300 + ".py", "a/" * 3000 + "x", "a." * 300 + "b"),
        "\u202e",
    )
) | st.text(max_size=4)
SCALARS = (
    NAMES
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 60, 2**64, "listed", "cold"])
    | st.floats()
    | st.datetimes()
    | st.dates()
    | st.times()
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


def tables(described: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """What nearly fits a schema: its keys, mostly with values of their kind."""
    match described.get("type", "array" if "$ref" in described else ""):
        case "object":
            keys = {
                key: tables(inner) | TREES for key, inner in described.get("properties", {}).items()
            }
            return st.fixed_dictionaries({}, optional={**keys, "unknown": TREES})
        case "array":
            inner = described["items"] if "$ref" not in described else {}
            return st.lists(tables(inner) if inner.get("type") else NAMES, max_size=3)
    return SCALARS


@given(st.dictionaries(NAMES, tables(schema()["$defs"]["service"]), max_size=2) | TREES)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example overwrites the file
)
def test_any_tree_is_a_contract_or_mistakes(tmp_path: Path, services: Any) -> None:
    path = tmp_path / "contracts.toml"
    text = f"services = {toml(services)}\n"
    path.write_text(text, "utf-8", newline="")
    try:
        contract = load(path, path.name)
    except MistakesError as raised:
        mistakes = raised.mistakes
    else:
        assert hash(contract)
        return
    assert mistakes
    assert all(1 <= mistake.line <= text.count("\n") for mistake in mistakes)
    assert all(mistake.subject and mistake.what for mistake in mistakes)
    assert not any("\n" in str(mistake) for mistake in mistakes)
