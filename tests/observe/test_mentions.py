from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from pytest_importcontract.observe.mentions import unmentioned


def left(tmp_path: Path, home: str, other: str = "", named: tuple[str, ...] = ()) -> set[str]:
    """Which of `work` and `Thing` of the module `home` nobody mentions."""
    sources = {"home": tmp_path / "home.py", "other": tmp_path / "other.py"}
    for path, text in zip(sources.values(), (home, other), strict=True):
        path.write_text(text)
    wanted = [("home", "work"), ("home", "Thing")]
    found = unmentioned(wanted, sources, {("home", name) for name in named})
    return {name for _, name in found}


DEFINED = "def work(): import late\nclass Thing:\n    def go(self): import late\n"


def test_nobody_mentions_what_is_only_defined(tmp_path: Path) -> None:
    assert left(tmp_path, DEFINED) == {"work", "Thing"}


@pytest.mark.parametrize(
    "mention",
    [
        "import home\nhome.work()",
        "from home import work",
        "from home import work as other",
        "call('home.work')",
        "ROUTES = {'/': 'home:work'}",
        "__all__ = ['work']",
        "getattr(home, 'work')()",
        "x = lambda: work",
        "class A:\n    def f(self): return self.work",
    ],
)
def test_mentions(tmp_path: Path, mention: str) -> None:
    assert left(tmp_path, DEFINED, mention) == {"Thing"}


@pytest.mark.parametrize(
    "text",
    ["# work", "'''how to work'''", "working = 1", "def other(work=1): pass", "f(work=1)"],
)
def test_what_is_no_mention(tmp_path: Path, text: str) -> None:
    assert left(tmp_path, DEFINED, text) == {"work", "Thing"}


def test_a_function_that_calls_itself_is_not_mentioned(tmp_path: Path) -> None:
    home = "def work():\n    import late\n    work()\nclass Thing:\n    def go(self): Thing()\n"
    assert left(tmp_path, home) == {"work", "Thing"}


def test_a_call_below_the_definition_is_a_mention(tmp_path: Path) -> None:
    assert left(tmp_path, DEFINED + "work()\n") == {"Thing"}


def test_who_may_be_called_by_a_decorator_or_a_base(tmp_path: Path) -> None:
    home = "@app.get('/')\ndef work(): import late\nclass Thing(View):\n    def go(self): pass\n"
    assert left(tmp_path, home) == set()
    assert left(tmp_path, "def work(): pass\nclass Thing(object): pass\n") == {"work", "Thing"}
    assert left(tmp_path, "def work(): pass\nclass Thing(metaclass=M): pass\n") == {"work"}


def test_what_the_contract_names(tmp_path: Path) -> None:
    assert left(tmp_path, DEFINED, named=("work",)) == {"Thing"}


def test_names_that_python_looks_up_and_no_names(tmp_path: Path) -> None:
    wanted = [("home", "__getattr__"), ("home", "<lambda>"), ("home", "")]
    assert unmentioned(wanted, {}, set()) == frozenset()


def test_a_file_that_does_not_parse_may_mention_anything(tmp_path: Path) -> None:
    assert left(tmp_path, DEFINED, "def (\nwork\n") == {"Thing"}


def test_a_file_that_is_gone_mentions_nothing(tmp_path: Path) -> None:
    sources = {"gone": tmp_path / "gone.py"}
    assert unmentioned([("home", "work")], sources, set()) == {("home", "work")}


@pytest.mark.parametrize(
    "around",
    [
        "if here:\n{}",
        "if here:\n    pass\nelif there:\n{}",
        "for each in all:\n{}",
        "with here:\n{}",
        "try:\n    import fast\nexcept ImportError:\n{}",
        "try:\n    pass\nfinally:\n{}",
        "match here:\n    case 1:\n    {}",
        "if here:\n    while there:\n    {}",
    ],
)
def test_definitions_in_statements_of_a_module(tmp_path: Path, around: str) -> None:
    def home(text: str) -> str:
        deep = " " * (8 if "    {}" in around else 4)
        return around.replace("    {}", "{}").format(indent(text, deep))

    assert left(tmp_path, home(DEFINED)) == {"work", "Thing"}
    assert left(tmp_path, home("def work(): work()\nclass Thing: pass")) == {"work", "Thing"}
    assert left(tmp_path, home("@app.get('/')\ndef work(): pass\nclass Thing(View): pass")) == set()
    assert left(tmp_path, home("def work(): pass\nclass Thing: pass\nwork()")) == {"Thing"}


def test_methods_that_a_decorator_hands_over(tmp_path: Path) -> None:
    home = "class Thing:\n    @{}\n    def go(self): import late\n"
    assert left(tmp_path, home.format("app.get('/')")) == {"work"}
    for plain in ("staticmethod", "classmethod", "property"):
        assert left(tmp_path, home.format(plain)) == {"work", "Thing"}


def test_names_that_may_be_spelled_otherwise(tmp_path: Path) -> None:
    source = tmp_path / "home.py"
    source.write_bytes("# coding: latin-1\ndef café(): import late\ncafé()\n".encode("latin-1"))
    assert unmentioned([("home", "café")], {"home": source}, set()) == frozenset()
