from __future__ import annotations

import pytest

from pytest_importcontract.contract.document import parse
from pytest_importcontract.contract.mistakes import MistakesError

TEXT = """\

[project]
dependencies = [
    "click",
    { name = "attrs" },
]
"""


def test_lines_of_what_is_there_and_of_what_is_not() -> None:
    document = parse(TEXT.encode(), "a.toml")
    assert document.data["project"]["dependencies"][0] == "click"
    assert document.line("project") == 2
    assert document.line("project", "dependencies", 1, "name") == 5
    assert document.line("project", "dependencies", 1, "version") == 5
    assert document.line("project", "dependencies", 7) == 3
    assert document.line("tool", "uv") == 1
    assert document.line() == 1


def test_a_byte_order_mark_and_other_newlines_change_nothing() -> None:
    marked = TEXT.replace("\n", "\r\n").encode("utf-8-sig")
    assert parse(marked, "a.toml") == parse(TEXT.encode(), "a.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = 1\nb = \n", "a.toml:2: invalid value (column 5)"),
        (b"a = 1\na = 2\n", "a.toml:2: a key is given a second time (column 6)"),
        (b"a = 1\n# \xff\n", "a.toml:2: byte 0xff is not UTF-8"),
        (b"a = " + b"9" * 5000, "a.toml: cannot be parsed: Exceeds the limit (4300 digits)"),
    ],
)
def test_no_toml(content: bytes, message: str) -> None:
    with pytest.raises(MistakesError) as error:
        parse(content, "a.toml")
    assert str(error.value).startswith(message)


def test_nesting_without_end() -> None:
    with pytest.raises(MistakesError):
        parse(b"a = " + b"[" * 100_000, "a.toml")
