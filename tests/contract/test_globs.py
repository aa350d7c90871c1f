from __future__ import annotations

import contextlib
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract.contract.globs import Glob, GlobError, Globs, Separator

MODULES = (
    ("app", "app", True),
    ("app", "app.core", False),
    ("app.*", "app.core", True),
    ("app.*", "app", False),
    ("app.*", "app.core.db", False),
    ("app.**", "app", True),
    ("app.**", "app.core.db", True),
    ("app.**", "apple", False),
    ("**", "app.core.db", True),
    ("**.tests.**", "tests", True),
    ("**.tests.**", "app.tests.unit", True),
    ("**.tests.**", "app.contests", False),
    ("app.**.db", "app.db", True),
    ("app.**.db", "app.a.b.db", True),
    ("app.**.db", "app.a.bdb", False),
    ("app.**.**.db", "app.db", True),
    ("**.db", "db", True),
    ("**.*", "db", True),
    ("app.t?st", "app.test", True),
    ("app.t?st", "app.t.st", False),
    ("app.[ab]", "app.a", True),
    ("app.[!ab]", "app.a", False),
    ("app.[!ab]", "app.c", True),
    ("app[!a]core", "app.core", False),
    ("app[+-0]core", "app.core", False),
    ("app.v[0-9]", "app.v7", True),
    ("app.v[0-9]", "app.v-", False),
    ("app.core_*", "app.core_db", True),
)

PATHS = (
    ("app", "app", True),
    ("app", "app/main.py", True),
    ("app", "apple/main.py", False),
    ("app/", "app/main.py", True),
    ("./app", "app/main.py", True),
    ("app/./core", "app/core/x.py", True),
    (".", "app/main.py", True),
    ("./", "app/main.py", True),
    ("**", "app/main.py", True),
    ("*.py", "main.py", True),
    ("*.py", "app/main.py", False),
    ("**/*.py", "main.py", True),
    ("**/*.py", "app/core/main.py", True),
    ("app/**/*.py", "app/main.py", True),
    ("app/*/x.py", "app/x.py", False),
    ("app.py", "appxpy", False),
    ("[]]x", "]x", True),
    ("[!]]x", "]x", False),
    ("[!]]x", "ax", True),
    ("[a^]", "^", True),
    ("[^a]", "a", True),
    ("[a-]", "-", True),
    ("app/**", "app/new\nline.py", True),
)

UNREADABLE: tuple[tuple[str, Separator, str], ...] = (
    ("", ".", "it is empty"),
    ("!", ".", "it is empty"),
    ("!", "/", "it is empty"),
    (".app", ".", "an empty component"),
    ("app..core", ".", "an empty component"),
    ("app.", ".", "an empty component"),
    ("app//core", "/", "an empty component"),
    ("/", "/", "an empty component"),
    ("app**", ".", "'**' must be a component of its own, not part of 'app**'"),
    ("***", ".", "'**' must be a component of its own, not part of '***'"),
    ("app.[ab", ".", "'[' without ']'"),
    ("[]", ".", "'[' without ']'"),
    ("[!]", ".", "'[' without ']'"),
    ("[a.b]", ".", "'[' without ']'"),
    ("[z-a]", ".", "the range z-a runs backwards"),
    ("app/core", ".", "no module's name holds '/'"),
    ("app:create", ".", "no module's name holds ':'"),
    ("app core", ".", "no module's name holds ' '"),
    ("app\\core", ".", "no module's name holds '\\\\'"),
    ("app\\core", "/", "folders are separated by '/'"),
)


@pytest.mark.parametrize(("pattern", "name", "expected"), MODULES)
def test_patterns_of_modules(pattern: str, name: str, expected: bool) -> None:
    assert Glob(pattern, ".").matches(name) is expected


@pytest.mark.parametrize(("pattern", "path", "expected"), PATHS)
def test_patterns_of_paths(pattern: str, path: str, expected: bool) -> None:
    assert Glob(pattern, "/").matches(path) is expected


@pytest.mark.parametrize(("pattern", "separator", "why"), UNREADABLE)
def test_what_cannot_be_read_says_why(pattern: str, separator: Separator, why: str) -> None:
    with pytest.raises(GlobError, match=f"^{re.escape(why)}$"):
        Glob(pattern, separator)


def test_an_exclamation_mark_excludes() -> None:
    pattern = Glob("!app.tests.**", ".")
    assert pattern.excludes
    assert pattern.matches("app.tests.unit")


def test_the_last_match_decides() -> None:
    globs = Globs.parse(("app.**", "!app.tests.**", "app.tests.helpers"), ".")
    assert [globs.matches(name) for name in ("app.x", "app.tests.x", "app.tests.helpers", "y")] == [
        True,
        False,
        True,
        False,
    ]


def test_the_match_names_the_pattern() -> None:
    globs = Globs.parse(("app.**", "app.core.*"), ".")
    assert globs.match("app.core.db") == Glob("app.core.*", ".")


def test_parsing_stops_at_what_cannot_be_read() -> None:
    with pytest.raises(GlobError, match="an empty component"):
        Globs.parse(("app", "a..b"), ".")


@pytest.mark.parametrize(
    ("pattern", "separator", "prefix"),
    [
        ("app.core.*.db", ".", ("app", "core")),
        ("app.c*", ".", ("app",)),
        ("!app", ".", ("app",)),
        ("**", "/", ()),
        (".", "/", ()),
        ("./app/core/", "/", ("app", "core")),
    ],
)
def test_matches_lie_below_the_literal_prefix(
    pattern: str, separator: Separator, prefix: tuple[str, ...]
) -> None:
    assert Glob(pattern, separator).literal_prefix == prefix


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), False),
        (("app.**",), False),
        (("app", "**"), True),
        (("**.**", "app"), True),
        (("**", "!app"), False),
        (("!app", "**"), True),
    ],
)
def test_everything_is_everything(patterns: tuple[str, ...], expected: bool) -> None:
    assert Globs.parse(patterns, ".").matches_everything is expected


def test_globs_are_values() -> None:
    assert len({Glob("a", "."), Glob("a", "."), Glob("a", "/")}) == 2
    assert len({Globs.parse(("a",), "."), Globs.parse(("a",), ".")}) == 1


@given(st.text(alphabet="ab*?[]!^-&|~\\./ \n", max_size=12), st.sampled_from([".", "/"]))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_pattern_or_an_error(text: str, separator: Separator) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(GlobError):
            Glob(text, separator).matches("a")


@given(st.lists(st.from_regex(r"[a-z_][a-z0-9_]*", fullmatch=True), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_a_name_matches_itself_and_what_holds_it(parts: list[str]) -> None:
    name = ".".join(parts)
    assert Glob(name, ".").matches(name)
    assert Glob(f"{parts[0]}.**", ".").matches(name)
    assert Glob(f"**.{parts[-1]}", ".").matches(name)
    assert Glob(".".join("*" * len(parts)), ".").matches(name)
