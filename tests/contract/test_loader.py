from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import importlib_resources
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract import contract
from pytest_importcontract.contract.loader import has_contract, load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.contract.model import Contract

Read = Callable[..., Contract]
Refusal = Callable[..., str]

MINIMAL = """\
[services.backend]
entrypoints = ["app.main:app"]
"""


def expected(text: str) -> str:
    return dedent(text).strip()


def test_pyproject_holds_the_contract_in_its_table(read: Read) -> None:
    text = MINIMAL.replace("[services", "[project]\nname = 'x'\n[tool.importcontract.services")
    contract = read(text, "pyproject.toml")
    assert contract.services == read(MINIMAL).services
    assert contract.services[0].line("entrypoints") == 4


def test_mistakes_in_pyproject_have_the_full_path(refusal: Refusal) -> None:
    text = "[tool.importcontract]\nservice = 1\n[tool.importcontract.services]\n"
    assert refusal(text, "pyproject.toml") == expected("""
        pyproject.toml:2: tool.importcontract.service: unknown key (did you mean services?)
        pyproject.toml:3: tool.importcontract.services: is empty
    """)


@pytest.mark.parametrize("text", ["", "tool = 3", "[tool]", "[tool.other]", "[[tool]]"])
def test_pyproject_without_the_table(refusal: Refusal, text: str) -> None:
    assert refusal(text, "pyproject.toml") == "pyproject.toml: has no [tool.importcontract] table"


def test_a_table_that_is_none(refusal: Refusal) -> None:
    assert refusal("[tool]\nimportcontract = 3", "pyproject.toml") == (
        "pyproject.toml:2: tool.importcontract: expected a table, got a number"
    )


@pytest.mark.parametrize(
    ("content", "has"),
    [
        (b"[tool.importcontract.services.a]\n", True),
        (b"[tool]\nimportcontract = 3\n", True),
        (b"\xef\xbb\xbf[tool.importcontract]\n", True),
        (b"[tool.other]\n", False),
        (b"[tool.importcontracts]\n", False),
        (b"tool = 3\n", False),
        (b"", False),
        (b"broken\n[ tool . importcontract.services.a]\n", True),
        (b"[tool.importcontract]\na = '\xff'\n", True),
        (b"broken\n[tool.other]\n", False),
        (b"a = " + b"[" * 10_000, False),
    ],
)
def test_whether_pyproject_has_a_contract(tmp_path: Path, content: bytes, has: bool) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    assert has_contract(path) is has


def test_no_file_has_no_contract(tmp_path: Path) -> None:
    assert not has_contract(tmp_path / "pyproject.toml")
    assert not has_contract(tmp_path)


def test_a_byte_order_mark_is_no_content(read: Read) -> None:
    assert read(b"\xef\xbb\xbf" + MINIMAL.encode()).services[0].line("entrypoints") == 2


def test_carriage_returns_are_no_content(read: Read) -> None:
    contract = read(MINIMAL.replace("\n", "\r\n").encode())
    assert contract == read(MINIMAL)
    assert contract.services[0].line("entrypoints") == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"[services.a\n",
            "contracts.toml:1: expected ']' at the end of a table declaration (column 12)",
        ),
        (b"a = 1\r\nb = \r\n", "contracts.toml:2: invalid value (column 5)"),
        (b"\xef\xbb\xbfa = \n", "contracts.toml:1: invalid value (column 5)"),
        (b"a = '''\n\n", "contracts.toml:3: expected \"'''\" (column 1)"),
        (b"a = 1\na = 2\n", "contracts.toml:2: a key is given a second time (column 6)"),
        (
            b"[services.a]\n[services.'b.c']\n[services.a]\n[services.'b.c']\n",
            "contracts.toml:3: cannot declare services.a twice (column 12)",
        ),
        (b"[a.'b.c']\n[a.'b.c']\n", 'contracts.toml:2: cannot declare a."b.c" twice (column 9)'),
        (b"a = {}\na.b = 1\n", "contracts.toml:2: cannot mutate immutable namespace a (column 8)"),
        (b"a = 1\n\nb = '\xe4'\n", "contracts.toml:3: byte 0xe4 is not UTF-8"),
        (b"\xff\xfea\x00", "contracts.toml:1: byte 0xff is not UTF-8"),
    ],
)
def test_what_is_no_toml(refusal: Refusal, content: bytes, message: str) -> None:
    assert refusal(content) == message


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a = " + b"1" * 5000, "Exceeds the limit"),
        (b"a = " + b"[" * 100_000, "nested more than"),
        (b"a." * 100_000 + b"a = 1", "parts"),
    ],
)
def test_the_limits_of_the_parser(refusal: Refusal, content: bytes, why: str) -> None:
    message = refusal(content)
    assert message.startswith("contracts.toml: cannot be parsed: ")
    assert why in message


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MistakesError) as raised:
        load(tmp_path / "c.toml", "c.toml")
    assert str(raised.value) == "c.toml: cannot be read: No such file or directory"


def test_a_file_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(MistakesError) as raised:
        load(tmp_path, "c.toml")
    assert str(raised.value) == "c.toml: cannot be read: Is a directory"


def test_a_file_that_cannot_be_named(tmp_path: Path) -> None:
    with pytest.raises(MistakesError) as raised:
        load(tmp_path / "c\0.toml", "c.toml")
    assert str(raised.value) == "c.toml: cannot be read: embedded null byte"


def test_an_empty_file(refusal: Refusal) -> None:
    assert refusal("") == "contracts.toml: services is missing"


def load_bytes(content: bytes, file: str) -> Contract | str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        try:
            return load(path, file)
        except MistakesError as error:
            return str(error)


FILES = st.sampled_from(["contracts.toml", "pyproject.toml"])
PIECES = (
    *("[", "[[", "]", "{", "}", "=", ".", ",", "'", '"', '"""', "\\", "#", "\n", "\r", " "),
    *("services", "a", "tool", "importcontract", "1", "e9", "0x", "true", "\ufeff", "1979-05-27"),
    *("[services.a]\n", "[tool.importcontract.services.a]\n", "modules = ['a']\n"),
)


@given(st.binary(max_size=30) | st.text(max_size=30).map(str.encode), FILES)
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_contract_or_a_message(content: bytes, file: str) -> None:
    assert load_bytes(content, file)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), FILES)
@settings(max_examples=200, deadline=None)
def test_anything_like_toml_is_a_contract_or_a_message(text: str, file: str) -> None:
    assert load_bytes(text.encode(), file)


SCHEMA = json.loads(
    importlib_resources.files(contract).joinpath("contract.schema.json").read_text("utf-8")
)


def keys_of(schema: Any) -> Iterator[str]:
    """Every key that the language has anywhere."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from keys_of(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys_of(inner)


KEYS = st.sampled_from(sorted(set(keys_of(SCHEMA)))) | st.sampled_from(["a", "a.b", "", "é", "\n"])
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats()
    | st.sampled_from(["a", "a.b", "a.b:c", "a/**", "!a", "../a", "/a", "warm", "", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


def toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value)
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{json.dumps(k)} = {toml(v)}' for k, v in value.items())}}}"
    return repr(value)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_table_is_a_contract_or_mistakes_with_lines(table: dict[str, Any]) -> None:
    pairs = "\n".join(f"{json.dumps(key)} = {toml(value)}" for key, value in table.items())
    read = load_bytes(f"[services.a]\n{pairs}\n".encode(), "contracts.toml")
    if isinstance(read, str):
        assert [
            line for line in read.splitlines() if not re.match(r"contracts\.toml:\d+: ", line)
        ] == []
