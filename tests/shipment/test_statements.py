from __future__ import annotations

import warnings
from textwrap import dedent

from pytest_importcontract.shipment.statements import ImportStatement, import_statements


def read(code: str) -> tuple[ImportStatement, ...]:
    return import_statements(dedent(code).split("\n"))


def certain(code: str) -> list[str]:
    """The statements that run for certain, each after its line."""
    return [f"{s.line} {s.text}" for s in read(code) if s.is_certain]


def faults(code: str) -> list[str]:
    return [f"{s.line} {s.text}: {s.fault}" for s in read(code) if s.fault]


def imports(code: str) -> list[tuple[str, tuple[str, ...]]]:
    return [one for statement in read(code) for one in statement.imports]


def test_each_statement_with_what_it_imports() -> None:
    code = """\
    import a, b.c as d
    from x.y import (
        one as first,  # a comment
        two,
    )
    from z import *
    value = 1; import e
    """
    assert certain(code) == [
        "0 import a, b.c as d",
        "1 from x.y import one as first, two",
        "5 from z import *",
        "6 import e",
    ]
    assert imports(code) == [
        ("a", ()),
        ("b.c", ()),
        ("x.y", ("one", "two")),
        ("z", ("*",)),
        ("e", ()),
    ]


def test_indented_as_a_whole() -> None:
    assert certain("    import a\n    import b\n") == ["0 import a", "1 import b"]


def test_within_functions_classes_and_loops() -> None:
    code = """\
    async def f():
        async with x:
            import a
    class C:
        import b
    for i in y:
        import c
    with open("x"):
        import d
    """
    assert certain(code) == ["2 import a", "4 import b", "6 import c", "8 import d"]


def test_what_only_may_run() -> None:
    code = """\
    try:
        import tomllib
    except ImportError:
        import tomli
    else:
        import dependent
    finally:
        import last
    try:
        import really
    except (ValueError, x.KeyError):
        import handling
    try:
        import caught
    except (ValueError, errors.ModuleNotFoundError): ...
    try:
        import caught_by_all
    except: ...
    try:
        import caught_in_groups
    except* Exception: ...
    if TYPE_CHECKING:
        import typing_only
    elif other:
        def f():
            import conditional
    else:
        import otherwise
    match x:
        case 1:
            import matched
    with contextlib.suppress(ImportError):
        import suppressed
    with pytest.raises(ImportError), y:
        import raising
    """
    assert certain(code) == ["7 import last", "9 import really"]
    assert len(read(code)) == 15


def test_prompts() -> None:
    code = """\
    >>> import a
    >>> from x import (
    ...     b,
    ... )
    >>> if y:
    ...     import conditional
    ...
    import output
    >>>import no_prompt
    ... import nothing
      >>> import indented
    """
    assert certain(code) == ["0 import a", "1 from x import b", "10 import indented"]


def test_a_traceback_says_that_it_raises() -> None:
    code = """\
    >>> import a
    >>> import x; import b
    Traceback (most recent call last):
      File "<stdin>", line 1, in <module>
    ModuleNotFoundError: No module named 'b'
    >>> import c
    'Traceback (most recent call last):'
    """
    assert [(s.text, s.raises) for s in read(code)] == [
        ("import a", False),
        ("import x", False),
        ("import b", True),
        ("import c", False),
    ]


def test_elisions() -> None:
    code = """\
    from x import a, ...
    from y import (b,
        ...,
        c)
    from z import (..., d)
    from k import ...
    from l import (
        ...
    )
    import m, …
    from n import (
        e,
        # ...
    )
    """
    assert imports(code) == [
        ("x", ("a",)),
        ("y", ("b", "c")),
        ("z", ("d",)),
        ("k", ()),
        ("l", ()),
        ("m", ()),
        ("n", ("e",)),
    ]


def test_an_elided_line_is_python() -> None:
    assert certain("import a\n...\nx = ...\nimport b") == ["0 import a", "3 import b"]


def test_text_that_is_no_program() -> None:
    code = """\
    $ pip install a
    from a import (
        b,
    )
    %load_ext autoreload
    def f(...):
        import inside
    try:
        import guarded
    if x:
        for y in z:
            import conditional
    lazy import later
    importance = from_here(
    """
    assert certain(code) == ["1 from a import b", "6 import inside", "12 import later"]
    assert [s.text for s in read(code) if not s.is_certain] == [
        "import guarded",
        "import conditional",
    ]


def test_statements_that_nobody_can_run() -> None:
    code = """\
    import foo-bar
    from a import (b,
        c d)
    from . import x
    from ..y import z
    """
    unreadable = "it cannot be read as Python"
    relative = "it is relative, and a document belongs to no package"
    assert faults(code) == [
        f"0 import foo-bar: {unreadable}",
        f"1 from a import (b,: {unreadable}",
        f"3 from . import x: {relative}",
        f"4 from ..y import z: {relative}",
    ]
    assert faults("from ... import x") == [f"0 from ... import x: {relative}"]


def test_syntax_of_other_pythons_hides_no_import() -> None:
    code = """\
    import a
    try:
        pass
    except A, B:
        print "x"
    import b
    """
    assert certain(code) == ["0 import a", "5 import b"]


def test_strings_and_comments_are_no_imports() -> None:
    code = '''\
    """
    import a
    """
    # import b
    "from x import y"
    '''
    assert read(code) == ()


def test_code_that_nobody_could_parse() -> None:
    assert read("x = \0\n" + "(" * 10_000) == ()
    assert certain("(" * 10_000 + "\nimport a") == ["1 import a"]


def test_a_statement_ends_where_the_next_begins() -> None:
    lines = [f"from a{number} import (b, c" for number in range(2_000)]
    assert len(faults("\n".join(lines))) == 2_000
    assert certain("from a import (b,\nimport c\nx = (") == ["0 from a import (b,", "1 import c"]


def test_escapes_in_strings_warn_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert certain("import a\nx = '\\d'\n1 is 1\n") == ["0 import a"]
