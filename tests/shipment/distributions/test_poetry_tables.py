from __future__ import annotations

import pytest
from image_texts import image, shown
from packaging.markers import Marker

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.poetry_tables import python_marker
from pytest_importcontract.shipment.distributions.project import Project
from pytest_importcontract.shipment.distributions.pyproject import read_project

BOTH = 'os_name == "x" and (python_full_version >= "3" and python_full_version < "4")'


def read(text: str) -> Project:
    project = read_project("/app", image({"/app/pyproject.toml": text}))
    assert project is not None
    return project


def lines(project: Project, *, locals_: bool = True) -> list[str]:
    found = [*project.declared, *(project.locals if locals_ else ())]
    return [text.removeprefix("/app/pyproject.toml:") for text in shown(*found)]


POETRY = """\
[tool.poetry]
name = "Papp"
package-mode = false
[tool.poetry.dependencies]
python = "^3.11"
click = "^8.1"
Http_X = { version = "~0.27", extras = ["http2"] }
uvicorn = { version = "*", optional = true }
attrs = { version = "*", optional = true }
colorama = { version = "*", markers = "os_name == 'x'", python = "^3" }
many = [
    { version = "1", python = "<3.11" },
    { version = "2", platform = "linux" },
]
lib = { path = "../lib", develop = true, extras = ["x"] }
far = { git = "https://h/far.git" }
[tool.poetry.extras]
web = ["uvicorn", "attrs"]
all = ["Attrs"]
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.group.docs]
optional = true
include-groups = ["dev"]
[tool.poetry.group.docs.dependencies]
sphinx = "*"
[tool.poetry.scripts]
papp = "papp.cli:main"
"""


def test_poetry() -> None:
    project = read(POETRY)
    assert lines(project) == [
        "6 click main",
        "7 Http_X[http2] main",
        "8 uvicorn extra web",
        "9 attrs extra web",
        "9 attrs extra all",
        f"10 colorama; {BOTH} main",
        '12 many; python_full_version < "3.11" main',
        '13 many; sys_platform == "linux" main',
        "16 far main",
        "21 pytest group dev",
        "26 sphinx group docs",
        "15 -e /lib[x] = lib main",
    ]
    assert (project.name, project.requires_python, project.package) == ("papp", "^3.11", False)
    assert project.extras == {"web", "all"}
    assert project.groups == {"dev": (), "docs": ("dev",)}
    assert project.optional_groups == {"docs"}
    assert project.scripts == {"papp": "papp.cli:main"}
    assert project.uses_poetry


def test_where_project_has_the_dependencies_poetry_only_says_where_from() -> None:
    text = """\
[project]
name = "a"
dependencies = ["click"]
[tool.poetry.dependencies]
click = { git = "https://h/click" }
unused = "*"
[tool.poetry.group.dev.dependencies]
pytest = "*"
"""
    assert lines(read(text)) == ["3 click main", "8 pytest group dev"]


def test_dynamic_dependencies_are_those_of_poetry() -> None:
    text = """\
[project]
name = "a"
dynamic = ["dependencies"]
[tool.poetry.dependencies]
click = "*"
"""
    assert lines(read(text)) == ["5 click main"]
    assert read(text).notes == ()


def test_the_old_table_of_development() -> None:
    project = read('[tool.poetry]\nname = "a"\n[tool.poetry.dev-dependencies]\npytest = "*"')
    assert lines(project) == ["4 pytest group dev"]


def test_mistakes() -> None:
    text = """\
[tool.poetry]
name = "a"
[tool.poetry.dependencies]
a = 1
b = { markers = "nonsense" }
c = { extras = "x" }
"""
    with pytest.raises(MistakesError) as error:
        read(text)
    message = str(error.value).replace("/app/pyproject.toml:", "").splitlines()
    assert message[0] == "4: tool.poetry.dependencies.a: is neither a version nor a table"
    assert message[1].startswith(
        '5: tool.poetry.dependencies.b: "b ; (nonsense)" is no requirement: expected'
    )
    assert message[2] == "6: tool.poetry.dependencies.c.extras: is no list"


def test_an_unreadable_constraint_on_python_is_said() -> None:
    text = '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nb = { python = "soon" }'
    assert [note.what for note in read(text).notes] == [
        'when python = "soon" holds; it counts as holding'
    ]


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("^3.11", ["3.11.0", "3.13.1"], ["3.10.9", "4.0.0"]),
        ("~3.11", ["3.11.0", "3.11.9"], ["3.12.0", "3.10.9"]),
        ("~3", ["3.8.0", "3.13.0"], ["2.7.0", "4.0.0"]),
        ("^0.3", ["0.3.9"], ["0.4.0"]),
        (">=3.8,<3.12", ["3.8.0", "3.11.9"], ["3.12.0"]),
        (">=3.8 <3.12", ["3.8.0", "3.11.9"], ["3.12.0"]),
        ("3.11", ["3.11.4"], ["3.12.0"]),
        ("3.11.*", ["3.11.4"], ["3.12.0"]),
        ("~3.8 || ^3.11", ["3.8.1", "3.12.0"], ["3.9.0"]),
        ("!=3.9.*", ["3.8.1"], ["3.9.1"]),
        ("~=3.9", ["3.9.1", "3.12.1"], ["3.8.1"]),
    ],
)
def test_constraints_on_python(constraint: str, inside: list[str], outside: list[str]) -> None:
    text = python_marker(constraint)
    assert text
    for version in inside + outside:
        short = version.rpartition(".")[0]
        environment = {"python_full_version": version, "python_version": short}
        assert Marker(text).evaluate(environment) is (version in inside), version


def test_constraints_that_always_hold_and_that_are_none() -> None:
    assert python_marker("*") == python_marker("") == ""
    assert python_marker(">=3.8 || *") == ""
    assert python_marker("soon") is None
