from __future__ import annotations

import pytest
from image_texts import image, told

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.declared import Declared, Local
from pytest_importcontract.shipment.distributions.requirement import (
    archive_name,
    asked,
    project_name,
)
from pytest_importcontract.shipment.image.model import Line, Note

END = "expected semicolon (after name with no version specifier) or end"
START = "expected package name at the start of dependency specifier"
LINE = Line("requirements.txt", 3)
FILES = image(
    {
        "/app/": "",
        "/app/pyproject.toml": '[project]\nname = "My.App"',
        "/app/old/pyproject.toml": '[tool.poetry]\nname = "Old_App"',
        "/app/broken/pyproject.toml": "[project",
        "/app/odd/pyproject.toml": "project = 1",
        "/app/looks-like.zip/": "",
        "/app/with space/": "",
    }
)


def read(text: str, *, editable: bool = False) -> str:
    found = asked(text, LINE, FILES, "/app", editable=editable)
    match found:
        case Declared():
            return str(found.requirement)
        case Local():
            return told(found)
        case Note():
            return f"unknown: {found.what}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("click", "click"),
        ("Click [x, Y_z] >= 8, <9", "Click[Y_z,x]<9,>=8"),
        ("a==1.0 ; python_version < '3'", 'a==1.0; python_version < "3"'),
        ("a @ https://h/a.zip", "a @ https://h/a.zip"),
        ("a @ https://h/a.zip ; os_name == 'x'", 'a @ https://h/a.zip ; os_name == "x"'),
        ("a @ git+ssh://git@h/a.git@main", "a @ git+ssh://git@h/a.git@main"),
    ],
)
def test_by_name(text: str, found: str) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a>=1.0.*", "a"),
        ("a[x]==1.dev*, ; os_name == 'x'", 'a[x]; os_name == "x"'),
        ("a (>=1.0.*, <2)", "a"),
    ],
)
def test_what_older_pip_took(text: str, found: str) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("git+https://h/a/b.git@v1#egg=My_B", "My_B @ git+https://h/a/b.git@v1"),
        ("git+https://h/b#subdirectory=x&egg=b[y]", "b[y] @ git+https://h/b"),
        ("git+https://h/b#egg=b==1.0", "b @ git+https://h/b"),
        (
            "https://h/f_b-1-py3-none-any.whl",
            "f-b @ https://h/f_b-1-py3-none-any.whl",
        ),
        (
            "https://h/foo-1.0.tar.gz ; os_name == 'x'",
            'foo @ https://h/foo-1.0.tar.gz ; os_name == "x"',
        ),
        (
            "https://h/archive/main.zip",
            "unknown: what https://h/archive/main.zip installs, as it does not name a distribution",
        ),
        (
            "git+https://h/a/b.git",
            "unknown: what git+https://h/a/b.git installs, as it does not name a distribution",
        ),
    ],
)
def test_by_url(text: str, found: str) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (".", "/app = my-app"),
        ("./old[web, X]", "/app/old[web,x] = old-app"),
        ("../app", "/app = my-app"),
        ("old/", "/app/old = old-app"),
        ("./broken", "/app/broken = "),
        ("./odd", "/app/odd = "),
        ("./nowhere ; os_name == 'x'", "/app/nowhere =  ; os_name == 'x'"),
        ("./with space", "/app/with space = "),
        ("looks-like.zip", "/app/looks-like.zip = "),
        (
            "wheels/f_b-1-py3-none-any.whl",
            "/app/wheels/f_b-1-py3-none-any.whl = f-b",
        ),
        ("foo-1.0.tar.gz", "/app/foo-1.0.tar.gz = foo"),
        ("file:old[web]", "/app/old[web] = old-app"),
        ("file:///app/old", "/app/old = old-app"),
        ("My_Name[x] @ file:///app/old", "/app/old[x] = my-name"),
        ("name @ ./old;os_name=='x'", "/app/old = name ; os_name=='x'"),
    ],
)
def test_by_path(text: str, found: str) -> None:
    assert read(text) == found


def test_editable() -> None:
    assert read(".[web]", editable=True) == "-e /app[web] = my-app"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo bar", f"foo bar: is no requirement: {END}"),
        ("foo=1", f"foo=1: is no requirement: {END} (did you mean ==?)"),
        ("a ./b", f"a ./b: is no requirement: {END}"),
        ("http://[/b", "http://[/b: is no URL: Invalid IPv6 URL"),
        ("[x]", f"[x]: is no requirement: {START}"),
    ],
)
def test_no_requirement(text: str, message: str) -> None:
    with pytest.raises(MistakesError) as error:
        read(text)
    assert str(error.value) == f"requirements.txt:3: {message}"


def test_a_deeply_nested_marker_is_a_mistake() -> None:
    with pytest.raises(MistakesError):
        read(f"a ; {'(' * 5000}os_name == 'x'{')' * 5000}")


def test_names_of_archives() -> None:
    assert archive_name("Foo_Bar-1.0-cp311-cp311-linux_x86_64.whl") == "foo-bar"
    assert archive_name("foo.bar-1.0.zip") == "foo-bar"
    assert archive_name("foo.whl") == archive_name("foo") == archive_name("") == ""


def test_a_project_without_a_readable_name_has_none() -> None:
    assert project_name("/app/broken", FILES) == project_name("/nowhere", FILES) == ""
