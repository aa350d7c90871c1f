from __future__ import annotations

from pathlib import Path

import pytest
from e2b_dockerfile_utils import PatternMatcher
from hypothesis import given, settings
from hypothesis import strategies as st
from images import files, repository

from pytest_importcontract.shipment.image.ignore import Ignore, find_ignore_file


@pytest.mark.parametrize(
    ("text", "stripped", "kept"),
    [
        ("tests", ["tests", "tests/a.py"], ["app/tests", "tests2"]),
        ("/tests/", ["tests", "tests/a.py"], ["app/tests"]),
        ("**/tests", ["tests", "app/tests/a.py", "a/b/tests"], ["app/tests2"]),
        ("*.py", ["a.py"], ["app/a.py"]),
        ("*/*.py", ["app/a.py"], ["a.py", "app/sub/a.py"]),
        ("**/*.py", ["a.py", "app/sub/a.py"], ["a.pyc"]),
        ("app/**", ["app/a", "app/b/c"], ["app"]),
        ("a?c", ["abc", "abc/d"], ["a/c", "ac"]),
        ("*\n!app", ["tests", "a.py"], ["app", "app/x/y.py"]),
        ("app\n!app/keep", ["app/a.py"], ["app/keep", "app/keep/x"]),
        ("!app/keep\napp", ["app/keep"], ["x"]),
        ("app\n!app/keep\napp/keep/x.py", ["app/keep/x.py"], ["app/keep/y.py"]),
        ("#a\n \n#", [], ["#a", "a"]),
        (" #a\n", ["#a"], ["a"]),
        ("\ufeffa\r\nb\r\n", ["a", "b"], ["c"]),
        ("./a/../b//c", ["b/c"], ["a"]),
        ("[[]x\n**/[[a]", ["[x", "y/["], ["x"]),
        ("**/**/**/**/**/a", ["a", "x/y/a"], ["b"]),
    ],
)
def test_what_docker_strips(text: str, stripped: list[str], kept: list[str]) -> None:
    ignore = Ignore.parse(text, ".dockerignore")
    assert [path for path in stripped + kept if ignore.strips(path)] == stripped


def test_the_line_that_decides() -> None:
    ignore = Ignore.parse("# x\n*.log\n\n**/cloud*\n!cloud/keep\ncloud/keep/no\n", "i")
    assert str(ignore.decision("app/cloud_storage/x.py")) == "i:4"
    assert str(ignore.decision("cloud/keep/no")) == "i:6"
    assert ignore.decision("cloud/keep/yes") is None
    assert str(ignore.decision("cloud/other")) == "i:4"


parts = st.sampled_from(("a", "b", "ab", "*", "**", "?", "a*", "[ab]", "*b"))
patterns = st.builds(
    lambda bang, words: bang + "/".join(words),
    st.sampled_from(("", "!")),
    st.lists(parts, min_size=1, max_size=4),
)
paths = st.lists(st.sampled_from(("a", "b", "ab", "c")), min_size=1, max_size=4).map("/".join)


@settings(max_examples=500, derandomize=True, database=None, deadline=None)
@given(st.lists(patterns, max_size=6), paths)
def test_one_folder_after_the_other_says_what_the_library_says(lines: list[str], path: str) -> None:
    ignore = Ignore.parse("\n".join(lines), "i")
    expected = PatternMatcher(lines).matches(path)
    assert ignore.strips(path) == expected
    held: tuple[bool, ...] = ()
    words = path.split("/")
    for depth in range(1, len(words) + 1):
        verdict, held = ignore.verdict("/".join(words[:depth]), held)
    assert verdict == expected


def test_what_is_brought_back_below_a_stripped_folder(tmp_path: Path) -> None:
    root = repository(tmp_path, "a/x.py", "a/b/keep.py", "a/c/d.py", "b/e.py")
    found = files(root, "FROM scratch\nCOPY . /\n", ignore="*\n!**/keep.py\n")
    assert found == {"/a/b/keep.py": "a/b/keep.py"}
    root.joinpath("Dockerfile.dockerignore").write_text("a\n!a/b\n")
    assert files(root, "FROM scratch\nCOPY a /\n") == {"/b/keep.py": "a/b/keep.py"}


def test_the_dockerfiles_own_ignore_file_comes_first(tmp_path: Path) -> None:
    dockerfile = tmp_path / "docker" / "api.Dockerfile"
    dockerfile.parent.mkdir()
    assert find_ignore_file(dockerfile, tmp_path) is None
    (tmp_path / ".dockerignore").touch()
    (dockerfile.parent / ".dockerignore").touch()
    assert find_ignore_file(dockerfile, tmp_path) == tmp_path / ".dockerignore"
    own = dockerfile.with_name("api.Dockerfile.dockerignore")
    own.touch()
    assert find_ignore_file(dockerfile, tmp_path) == own
