"""What Python prints of an exception is read back as what it was."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

from pytest_importcontract.observe.facts import Failure, Frame, Link, Place
from pytest_importcontract.observe.health.tracebacks import Tracebacks

READ = Tracebacks(
    lambda file, line, function: Frame(place=Place(file, line), function=function),
    lambda path: path,
    lambda message: message,
)


def printed(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False
    )
    return done.stderr


def read(code: str) -> Failure:
    found = READ.failure(f"INFO:     hello\n{printed(code)}INFO:     Finished [1]\n")
    assert found is not None
    return found


def outline(link: Link) -> list[object]:
    return [f"{link.relation} {link.type}: {link.message}".strip(), *map(members, link.members)]


def members(links: tuple[Link, ...]) -> list[object]:
    return [part for link in links for part in outline(link)]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nope", ["ModuleNotFoundError: No module named 'nope'"]),
        (
            "try:\n import nope\nexcept ImportError as e:\n raise RuntimeError('a') from e",
            ["RuntimeError: a", "cause ModuleNotFoundError: No module named 'nope'"],
        ),
        (
            "try:\n import nope\nexcept ImportError:\n raise RuntimeError('a\\n  b')",
            ["RuntimeError: a\n  b", "context ModuleNotFoundError: No module named 'nope'"],
        ),
        ("x = {}\nx['DATABASE']", ["KeyError: 'DATABASE'"]),
        ("raise ValueError", ["ValueError: "]),
    ],
)
def test_chains(code: str, said: list[str]) -> None:
    links = read(code).links
    assert [f"{link.relation} {link.type}: {link.message}".lstrip() for link in links] == said


def test_a_group_with_what_led_to_its_members() -> None:
    code = """
    def failed():
        try:
            import nope
        except ImportError as error:
            return error

    raise ExceptionGroup("all", [failed(), TypeError("x")])
    """
    (group,) = read(code).links
    assert outline(group) == [
        "ExceptionGroup: all (2 sub-exceptions)",
        ["ModuleNotFoundError: No module named 'nope'"],
        ["TypeError: x"],
    ]
    assert group.members[0][0].frames[-1].place.line == 4


def test_what_an_import_error_is_about() -> None:
    (link,) = read("from json import nothing").links
    assert (link.name, link.name_from) == ("json", "nothing")
    assert link.path.endswith("json/__init__.py")


def test_hints_of_python_are_no_part_of_the_message() -> None:
    (link,) = read("import json\njson.loadz").links
    assert link.message == "module 'json' has no attribute 'loadz'"


def test_a_file_that_cannot_be_read_as_python() -> None:
    (link,) = read("compile('x = = 1', '/app/x.py', 'exec')").links
    assert link.syntax is not None
    assert (link.syntax.place, link.syntax.text) == (Place("/app/x.py", 1), "x = = 1")


def test_lines_of_others_in_between() -> None:
    text = printed("import nope").replace("  File", "INFO:     Started [2]\n  File", 1)
    found = READ.failure(text)
    assert found is not None
    assert found.outermost.name == "nope"


def test_the_one_that_is_there_most_often_counts() -> None:
    once, often = printed("1 / 0"), printed("import nope")
    found = READ.failure(f"{often}{often}{once}")
    assert found is not None
    assert found.outermost.type == "ModuleNotFoundError"
    found = READ.failure(f"{often}{once}")
    assert found is not None
    assert found.outermost.type == "ZeroDivisionError"


@pytest.mark.parametrize(
    "text", ["", "INFO: fine\n", "Traceback (most recent call last):\n", "\0\n"]
)
def test_nothing_that_is_an_exception(text: str) -> None:
    assert READ.failure(text) is None


HALTED = """\
Traceback (most recent call last):
  File "/env/lib/python3.11/site-packages/gunicorn/arbiter.py", line 686, in reap_workers
    raise HaltServer(reason, self.APP_LOAD_ERROR)
gunicorn.errors.HaltServer: <HaltServer 'App failed to load.' 4>
"""


def test_what_a_server_said_counts_before_the_exception_by_which_it_ends() -> None:
    found = READ.failure(f"Failed to find attribute 'api' in 'app.main'.\n{HALTED}")
    assert found is not None
    assert outline(found.outermost) == ["AttributeError: module 'app.main' has no attribute 'api'"]


def test_an_exception_of_the_service_counts_before_the_servers() -> None:
    found = READ.failure(f"{printed('import nope')}{HALTED}")
    assert found is not None
    assert outline(found.outermost) == ["ModuleNotFoundError: No module named 'nope'"]


def test_a_server_that_only_ends_says_nothing_of_why() -> None:
    assert READ.failure(HALTED) is None
