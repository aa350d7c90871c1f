from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract.contract.positions import DEEPEST, Keys, line_numbers

SCALARS = [
    "'#]'",
    '"]}#="',
    '"a\\"b\\\\"',
    '""',
    "''",
    "''''''",
    '""""quoted"""""',
    "''''quoted'''''",
    '"""one\n[two]\n# three \\""" four"""',
    "'''one\nkey = 2\n'''",
    '"""\\\n  folded"""',
    "1979-05-27 07:32:00Z",
    "-1.5e3",
    "true",
]


def read(text: str) -> dict[int, str]:
    """Each line and what stands on it, in the order found."""
    lines: dict[int, str] = {}
    for path, line in line_numbers(text).items():
        lines[line] = f"{lines.get(line, '')} {'.'.join(map(str, path))}".lstrip()
    return lines


def test_pairs_and_headers() -> None:
    text = """\
# a comment
[services.backend] # [no header]

entrypoints = "a" # b = 1
[services.backend.runtime]
timeout = 1"""
    assert read(text) == {
        2: "services services.backend",
        4: "services.backend.entrypoints",
        5: "services.backend.runtime",
        6: "services.backend.runtime.timeout",
    }


def test_dotted_keys() -> None:
    text = """\
a.b = 1
a . c.d = 2
[x]
a.b.c = 3
a.b.d = 4
"""
    assert read(text) == {
        1: "a a.b",
        2: "a.c a.c.d",
        3: "x",
        4: "x.a x.a.b x.a.b.c",
        5: "x.a.b.d",
    }


def test_quoted_keys() -> None:
    text = """\
"a.b" = 1
'c]=d'."e\\"f" = 2
["x\\u0041" . 'y#']
"" = 3
z . '' = 4
"""
    assert line_numbers(text) == {
        ("a.b",): 1,
        ("c]=d",): 2,
        ("c]=d", 'e"f'): 2,
        ("xA",): 3,
        ("xA", "y#"): 3,
        ("xA", "y#", ""): 4,
        ("xA", "y#", "z"): 5,
        ("xA", "y#", "z", ""): 5,
    }


def test_inline_tables() -> None:
    text = """\
a = { b = 1, c.d = "}", e = { f = [2, { g = 3 }] } }
h = {}
"""
    assert read(text) == {
        1: "a a.b a.c a.c.d a.e a.e.f a.e.f.0 a.e.f.1 a.e.f.1.g",
        2: "h",
    }


def test_inline_tables_over_several_lines() -> None:
    text = """\
a = { # TOML 1.1
  b = 1,
  c = [
    2,
  ],
}
d = 3
"""
    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError:
        pytest.skip("this parser knows TOML 1.0 only")
    assert read(text) == {
        1: "a",
        2: "a.b",
        3: "a.c",
        4: "a.c.0",
        7: "d",
    }


def test_arrays() -> None:
    text = """\
a = [
  "one", "two", # three
  # "four"
  [ "five",
    "]" ],
  [],
]
b = []
c = 1
"""
    assert read(text) == {
        1: "a",
        2: "a.0 a.1",
        4: "a.2 a.2.0",
        5: "a.2.1",
        6: "a.3",
        8: "b",
        9: "c",
    }


def test_arrays_of_tables() -> None:
    text = """\
[[a]]
b = 1
[[a.c]]
[[ a . c ]]
d = 2
[a.e]
f = 3
[[a]]
[[a.c]]
d = 4
"""
    assert read(text) == {
        1: "a a.0",
        2: "a.0.b",
        3: "a.0.c a.0.c.0",
        4: "a.0.c.1",
        5: "a.0.c.1.d",
        6: "a.0.e",
        7: "a.0.e.f",
        8: "a.1",
        9: "a.1.c a.1.c.0",
        10: "a.1.c.0.d",
    }


@pytest.mark.parametrize("scalar", SCALARS)
def test_what_follows_a_value_is_found(scalar: str) -> None:
    text = f"a = [{scalar},{scalar}]\nb = {scalar} # c\nd = 1\n"
    parsed = tomli.loads(text)
    assert list(parsed) == ["a", "b", "d"]
    lines = line_numbers(text)
    assert lines[("b",)] == text[: text.index("\nb =")].count("\n") + 2
    assert lines[("d",)] == text.count("\n")


def test_the_own_header_of_a_table_is_its_place() -> None:
    assert read("[a.b]\n[a]\n") == {1: "a.b", 2: "a"}


def test_the_first_of_an_array_of_tables_is_its_place() -> None:
    assert read("[[a]]\n[[a]]\n") == {1: "a a.0", 2: "a.1"}


def test_an_empty_document_has_no_keys() -> None:
    assert read("") == {}
    assert read("\n# nothing") == {}


def test_carriage_returns_are_no_lines() -> None:
    assert read("a = 1\r\n[b] # c\r\nd = [\r\n2\r\n]\r\n") == {1: "a", 2: "b", 3: "b.d", 4: "b.d.0"}


def test_deep_nesting_is_followed_and_not_recorded() -> None:
    deep = 300
    arrays = "[" * deep + "']', # [\n" + "]" * deep
    tables = "{a = " * deep + "1" + "}" * deep
    table, array = ".".join("c" * deep), ".".join("e" * deep)
    text = f"a = {arrays}\nb = {tables}\n[{table}]\nd = 1\n[[{array}]]\nf.f = 1\n[z]\n"
    lines = line_numbers(text)
    assert max(map(len, lines)) == DEEPEST
    assert (lines[("b",)], lines[("c",)], lines[("e",)], lines[("z",)]) == (3, 4, 6, 8)


def test_big_documents_are_read_in_linear_time() -> None:
    text = "".join(f"k{index} = ['a', '''\n''']\n" for index in range(30_000))
    assert line_numbers(text)[("k29999",)] == 59_999


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A TOML document whose every integer is the number of the line that it stands on."""
    used = 0

    def key() -> str:
        nonlocal used
        used += 1
        style = draw(st.sampled_from(["{}", '"{}.]="', "'{}#\"'", '"{}\\u0041\\"["']))
        return style.format(f"k{used}")

    def keys() -> str:
        return draw(st.sampled_from([".", " . "])).join(
            key() for _ in range(draw(st.integers(1, 3)))
        )

    def gap() -> str:
        return draw(st.sampled_from(["", " ", "\n", " # ],[ \n\t", "\n\n"]))

    def value(depth: int) -> str:
        kind = draw(st.sampled_from(["line", "line", "scalar", "array", "table"]))
        if kind == "scalar":
            return draw(st.sampled_from(SCALARS))
        if kind == "array" and depth:
            inner = [gap() + value(depth - 1) + gap() for _ in range(draw(st.integers(0, 3)))]
            return "[" + ",".join(inner) + draw(st.sampled_from(["", ","] if inner else [""])) + "]"
        if kind == "table" and depth:
            return "{" + ", ".join(pair(depth - 1) for _ in range(draw(st.integers(0, 2)))) + "}"
        return "@"

    def pair(depth: int) -> str:
        return f"{keys()} = {value(depth)}"

    lines = []
    arrays: list[str] = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["pair", "pair", "header", "array", "again", "below", "blank"]))
        if kind == "header":
            lines.append(f"[ {keys()} ] # [x]")
        elif kind == "array":
            arrays.append(keys())
            lines.append(f"[[{arrays[-1]}]]")
        elif kind == "again" and arrays:
            lines.append(f"[[{draw(st.sampled_from(arrays))}]]")
        elif kind == "below" and arrays:
            below = f"{draw(st.sampled_from(arrays))}.{key()}"
            lines.append(f"[{below}]")
        elif kind == "blank":
            lines.append(draw(st.sampled_from(["", "# a = 1", "  \t"])))
        else:
            lines.append(pair(3))
    numbered = enumerate("\n".join(lines).split("\n"), start=1)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(text.replace("@", str(number)) for number, text in numbered)


def leaves(value: Any, path: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))


@given(documents())
@settings(max_examples=150, deadline=None)
def test_every_key_and_element_is_found_on_its_line(text: str) -> None:
    found = dict(leaves(tomli.loads(text)))
    lines = line_numbers(text)
    assert set(lines) == {path for path in found if len(path) <= DEEPEST}
    numbered = {path: value for path, value in found.items() if type(value) is int}
    assert {path: lines[path] for path in numbered} == numbered
