"""What is left out of a file before it is parsed, and what must not be."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from pytest_importcontract.observe.source import read_source
from pytest_importcontract.observe.source.lines import interest
from pytest_importcontract.observe.source.outline import outline

LINUX = {"platform": "linux", "os": "posix", "version": [3, 11, 2], "implementation": "cpython"}


def outlined(text: str) -> str | None:
    return outline(text, interest(text.encode()).places)


def test_bodies_go_and_lines_stay() -> None:
    text = '''\
        """What it is."""
        import a

        @decorated
        def plain(one, two=3):  # a comment
            """Says def this: in
        words at the line's start."""
            # more
            return one

        class Whole(Base):

            field = 1

            def method(self):
                pass
        def one(): return 1
        if a:
            async  def inner(
                one: int,
                two: str = ":",
            ) -> str:
                x = f"""
            def not_this():
                here
            """
                return x
        class Kept:
            def __init__(self):
                self.a = """'"""
            def later(self):
                import b
            def last(self):
                return [
                    1
                ]
        x = 1
        '''
    expected = '''\
        """What it is."""
        import a

        @decorated
        def plain(): pass





        class Whole: pass





        def one(): pass
        if a:
            async  def inner(): pass








        class Kept:
            def __init__(): pass

            def later(self):
                import b
            def last(): pass



        x = 1
        '''
    assert outlined(dedent(text)) == dedent(expected)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import a\nx = 1\n", id="no body"),
        pytest.param("\ndef f():\n\treturn 1\n", id="tabs"),
        pytest.param("\ndef f():\n    \fx = 1\n", id="form feed"),
        pytest.param('\nx = "a \\\ndef f():\\\n    b"\n', id="string over lines"),
        pytest.param('\nx = f(1, """\ndef f():\n    b\n""")\n', id="after a quote"),
        pytest.param('\n# """\ndef f():\n    x = """\n    """\n', id="quotes in a comment"),
        pytest.param('\nx = """\ndef f():\n    b = \\"""\n"""\n', id="escaped quotes"),
        pytest.param('\nx = """\ndef f():\n    b\n"""\n', id="code in a string"),
        pytest.param("\ndef f():\n    x = 1 + \\\n2\n", id="line that goes on"),
        pytest.param("\ndef f():\n    exec(x)\n", id="interest"),
        pytest.param("\ndef f():\n    def g():\n        nonlocal x\n", id="nonlocal"),
    ],
)
def test_nothing_goes(text: str) -> None:
    assert outlined(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '\ndef f(a="""x:\n    y"""):\n    return a\nb = 1\n',
            "\ndef f(): pass\n\n\nb = 1\n",
        ),
        (
            "\ndef f(): return 1\nif x:\n    class C: a = 1\n    y = 1\n",
            "\ndef f(): pass\nif x:\n    class C: pass\n    y = 1\n",
        ),
        (
            "\nclass C[T: int](A, metaclass=B):\n    x: T\n",
            "\nclass C: pass\n\n",
        ),
        (
            "\ndef f(\n    a: dict = {\n  1: 2},\n) -> {\n    3: 4\n}: return a\nb = 1\n",
            "\ndef f(): pass\n\n\n\n\n\nb = 1\n",
        ),
    ],
)
def test_headers_go_too(text: str, expected: str) -> None:
    assert outlined(text) == expected


def test_what_follows_a_string_with_code_in_it_goes() -> None:
    text = '\nx = """\ndef f():\n    b\n"""\ndef g():\n    c\n\n\ny = 1\n'
    assert outlined(text) == '\nx = """\ndef f():\n    b\n"""\ndef g(): pass\n\n\n\ny = 1\n'


def test_a_list_that_is_not_indented_is_read_in_full() -> None:
    text = "\ndef f():\n    x = [\n1,\n    ]\n    return x\nimport a\n"
    short = outlined(text)
    assert short is not None
    with pytest.raises(SyntaxError):
        ast.parse(short)
    assert [row["line"] for row in read_source(text.encode(), "m", False, LINUX)["imports"]] == [7]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("import a\ndef f():\n    x = (\n", 3, "'(' was never closed"),
        ("import a\ndef f():\n    x y\n\nimport b\n", 3, "invalid syntax"),
        ("import a\nclass C:\n    def f(self):\n  pass\n", 4, "unindent does not match any"),
        ('import a\ndef f():\n    """\n', 3, "unterminated triple-quoted string literal"),
    ],
)
def test_a_fault_in_what_would_go_is_seen(text: str, line: int, message: str) -> None:
    answer = read_source(text.encode(), "m", False, LINUX)
    assert answer["imports"] == []
    assert answer["problem"]["line"] == line
    assert message in answer["problem"]["message"]


def test_what_only_the_compiler_refuses_is_read() -> None:
    answer = read_source(b"import a\ndef f(x, x):\n    pass\nreturn 1\n", "m", False, LINUX)
    assert answer["problem"] is None
    assert [row["imported"] for row in answer["imports"]] == ["a"]


def test_names_of_a_function_are_its_own() -> None:
    text = b"import sys\ndef f():\n    sys = g()\nif sys.platform == 'win32':\n    import a\n"
    (_, row) = read_source(text, "m", False, LINUX)["imports"]
    assert (row["imported"], row["kind"]) == ("a", "never")


def test_a_setting_of_another_module_is_read() -> None:
    answer = read_source(b"settings.INSTALLED_APPS = ['shop']\n", "m", False, LINUX)
    assert answer["strings"] == [["shop", 1, "INSTALLED_APPS", ""]]
