"""Options are told from values and words as the programs tell them."""

import pytest

from pytest_importcontract.shipment.distributions.options import Options, is_on

OPTIONS = """-r --requirement =
-q --quiet
-U --upgrade
--no-deps --no-dependencies
--no-index
-x --index-url ="""


@pytest.mark.parametrize(
    ("words", "options", "plain", "unknown"),
    [
        ("-r a.txt b", [("--requirement", "a.txt")], ["b"], []),
        ("-ra.txt", [("--requirement", "a.txt")], [], []),
        ("-r=a.txt", [("--requirement", "a.txt")], [], []),
        ("--requirement=a=b.txt", [("--requirement", "a=b.txt")], [], []),
        ("-qUr a.txt", [("--quiet", ""), ("--upgrade", ""), ("--requirement", "a.txt")], [], []),
        ("--no-deps x", [("--no-dependencies", "")], ["x"], []),
        ("-r -q", [("--requirement", "-q")], [], []),
        ("-r", [("--requirement", "")], [], []),
        ("-", [], ["-"], []),
        ("a -- -r b", [], ["a", "-r", "b"], []),
        ("--nowhere a", [], ["a"], ["--nowhere"]),
        ("-qz a", [("--quiet", "")], ["a"], ["-z"]),
        ("--no-d a", [], ["a"], ["--no-d"]),
    ],
)
def test_reads(words, options, plain, unknown):
    given = Options(OPTIONS).read(words.split())
    assert (list(given.options), list(given.words), list(given.unknown)) == (
        options,
        plain,
        unknown,
    )


def test_an_abbreviation_counts_only_where_it_is_unambiguous():
    given = Options(OPTIONS, abbreviated=True).read(["--req", "a", "--no-d", "--no-", "b"])
    assert given.values("--requirement") == ("a",)
    assert given.has("--no-dependencies")
    assert given.unknown == ("--no-",)


def test_leading_options_end_at_the_first_word():
    given = Options(OPTIONS).read(["-q", "run", "-r", "a", "--", "b"], leading=True)
    assert given.words == ("run", "-r", "a", "--", "b")


def test_the_last_value_wins_and_lists_are_split():
    given = Options(OPTIONS).read(["-r", "a,b c", "-r", "d"])
    assert given.last("--requirement") == "d"
    assert given.names("--requirement") == ("a", "b", "c", "d")
    assert given.last("--index-url") == ""


@pytest.mark.parametrize(("value", "on"), [("1", True), ("TRUE", True), ("", False), ("0", False)])
def test_a_variable_is_on_when_it_says_yes(value, on):
    assert is_on({"X": value}, "Y", "X") is on
