from __future__ import annotations

import pytest
from image_texts import image, shown

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.declared import Requirements
from pytest_importcontract.shipment.distributions.project import Project, Source, Workspace
from pytest_importcontract.shipment.distributions.pyproject import read_project
from pytest_importcontract.shipment.image.model import Line

END = "expected semicolon (after name with no version specifier) or end"


def read(text: str, **beside: str) -> Project:
    texts = {f"/app/{name}.txt": content for name, content in beside.items()}
    project = read_project("/app", image({"/app/pyproject.toml": text, **texts}))
    assert project is not None
    return project


def lines(found: Project | Requirements) -> list[str]:
    return [
        text.removeprefix("/app/pyproject.toml:") for text in shown(*found.declared, *found.locals)
    ]


STANDARD = """\
[project]
name = "My.App"
requires-python = ">=3.11"
dependencies = [
    "click>=8",  # "not-this"
    "httpx[http2]; os_name == 'posix'",
]
scripts = { app = "my_app.cli:main" }

[project.optional-dependencies]
Web_UI = ["uvicorn"]
all = ["my-app[web-ui]", "attrs"]

[dependency-groups]
Test_Unit = ["pytest", { include-group = "lint" }]
lint = ["ruff"]
dev = [{ include-group = "test-unit" }, "ipython"]

[build-system]
requires = ["hatchling>=1"]
build-backend = "hatchling.build"
"""


def test_the_standard_tables() -> None:
    project = read(STANDARD)
    assert lines(project) == [
        "5 click>=8 main",
        '6 httpx[http2]; os_name == "posix" main',
        "11 uvicorn extra web-ui",
        "12 my-app[web-ui] extra all",
        "12 attrs extra all",
        "15 pytest group test-unit",
        "16 ruff group lint",
        "17 ipython group dev",
    ]
    assert project.name == "my-app"
    assert project.line == Line("/app/pyproject.toml", 2, "My.App")
    assert project.requires_python == ">=3.11"
    assert project.extras == {"web-ui", "all"}
    assert project.groups == {"test-unit": ("lint",), "lint": (), "dev": ("test-unit",)}
    assert project.scripts == {"app": "my_app.cli:main"}
    assert project.has_build_system
    assert shown(*project.build_requires) == ["/app/pyproject.toml:20 hatchling>=1 main"]
    assert project.package is None
    assert project.default_groups == {"dev"}
    assert not project.uses_poetry


def test_what_is_wanted() -> None:
    project = read(STANDARD)
    main = ["5 click>=8 main", '6 httpx[http2]; os_name == "posix" main']
    assert lines(project.wanted()) == main
    assert lines(project.wanted(main=False, extras=["WEB.ui"])) == ["11 uvicorn extra web-ui"]
    assert lines(project.wanted(extras=["all"])) == [
        *main,
        "11 uvicorn extra web-ui",
        "12 attrs extra all",
    ]
    assert lines(project.wanted(main=False, groups=["dev"])) == [
        "15 pytest group test-unit",
        "16 ruff group lint",
        "17 ipython group dev",
    ]
    assert lines(project.wanted(main=False, groups=["Test.Unit"])) == [
        "15 pytest group test-unit",
        "16 ruff group lint",
    ]
    assert lines(project.wanted(main=False, groups=["none-such"], extras=["nor-this"])) == []


def test_groups_that_cannot_be() -> None:
    text = """\
[dependency-groups]
a = [{ include-group = "b" }]
b = [{ include-group = "a" }]
c = [{ include-group = "missing" }, { include-group = "a", more = 1 }, 3, "x y"]
D = []
d = []
e = "x"
"""
    with pytest.raises(MistakesError) as error:
        read(text)
    assert str(error.value).replace("/app/pyproject.toml:", "").splitlines() == [
        "2: dependency-groups.a: includes itself",
        "3: dependency-groups.b: includes itself",
        "4: dependency-groups.c: includes the group missing, which does not exist",
        '4: dependency-groups.c[1]: is neither a requirement nor { include-group = "…" }',
        '4: dependency-groups.c[2]: is neither a requirement nor { include-group = "…" }',
        f'4: dependency-groups.c[3]: "x y" is no requirement: {END}',
        "6: dependency-groups.d: is the group d a second time",
        "7: dependency-groups.e: is no list",
    ]


def test_wrong_types_are_all_told() -> None:
    text = """\
project = { name = 1, dependencies = "click", optional-dependencies = [] }
build-system = { requires = [1] }
tool.uv = { package = "no", sources = { a = 1 } }
"""
    with pytest.raises(MistakesError) as error:
        read(text)
    assert sorted(set(str(error.value).replace("/app/pyproject.toml:", "").splitlines())) == [
        "1: project.dependencies: is no list",
        "1: project.name: is no string",
        "1: project.optional-dependencies: is no table",
        "2: build-system.requires[0]: is no string",
        "3: tool.uv.package: is neither true nor false",
        "3: tool.uv.sources.a: is no table",
    ]


def test_broken_toml_is_told_with_its_line() -> None:
    with pytest.raises(MistakesError) as error:
        read("[project]\nname = \n")
    assert str(error.value) == "/app/pyproject.toml:2: invalid value (column 8)"


def test_no_file_and_an_unknown_one_are_no_project() -> None:
    assert read_project("/app", image({})) is None
    assert read_project("/app", image({"/app/pyproject.toml": None})) is None


def test_dependencies_in_files_of_setuptools() -> None:
    text = """\
[project]
name = "a"
dynamic = ["dependencies", "optional-dependencies"]
[tool.setuptools.dynamic]
dependencies = { file = ["main.txt", "more.txt"] }
optional-dependencies.web = { file = "web.txt" }
"""
    project = read(text, main="# c\nclick\n", more="attrs\n", web="\nuvicorn")
    assert shown(*project.declared) == [
        "/app/main.txt:2 click main",
        "/app/more.txt:1 attrs main",
        "/app/web.txt:2 uvicorn extra web",
    ]
    assert project.extras == {"web"}
    assert project.notes == ()


def test_dependencies_in_files_of_hatch() -> None:
    text = """\
[project]
name = "a"
dynamic = ["dependencies", "optional-dependencies"]
[tool.hatch.metadata.hooks.requirements_txt]
files = ["main.txt"]
optional-dependencies.web = ["web.txt"]
"""
    project = read(text, main="click", web="uvicorn")
    assert shown(*project.declared) == [
        "/app/main.txt:1 click main",
        "/app/web.txt:1 uvicorn extra web",
    ]


def test_a_missing_file_of_dependencies_is_blamed_on_its_line() -> None:
    text = """\
[project]
name = "a"
dynamic = ["dependencies"]
[tool.setuptools.dynamic]
dependencies = { file = [
    "gone.txt"] }
"""
    with pytest.raises(MistakesError) as error:
        read(text)
    assert str(error.value) == (
        "/app/pyproject.toml:6: /app/gone.txt: does not exist in the image when this runs"
    )


def test_dynamic_dependencies_of_an_unknown_kind_are_said() -> None:
    project = read('[project]\nname = "a"\ndynamic = ["dependencies", "version"]\n')
    assert [f"{note.line} {note.what}" for note in project.notes] == [
        "/app/pyproject.toml:3 the dependencies of this project, which its build backend computes"
    ]


def test_tables_of_uv() -> None:
    text = """\
[project]
name = "root"
dependencies = ["member", "near"]
[tool.uv]
package = false
default-groups = ["Dev_Tools"]
dev-dependencies = ["pytest"]
[tool.uv.sources]
Member = { workspace = true }
near = [
    { path = "../near", editable = true, marker = "os_name == 'posix'" },
]
far = { git = "https://h/far" }
[tool.uv.workspace]
members = ["libs/*"]
exclude = ["libs/old"]
"""
    project = read(text)
    assert lines(project) == ["3 member main", "3 near main", "7 pytest group dev"]
    assert project.package is False
    assert not project.has_build_system
    assert project.default_groups == {"dev-tools"}
    assert project.sources == {
        "member": Source(Line("/app/pyproject.toml", 9), workspace=True),
        "near": Source(Line("/app/pyproject.toml", 11), path="/near", editable=True),
    }
    assert project.workspace == Workspace(members=("libs/*",), exclude=("libs/old",))
    assert read('[tool.uv]\ndefault-groups = "all"').default_groups is None


def test_old_groups_of_pdm() -> None:
    text = """\
[project]
name = "a"
[tool.pdm.dev-dependencies]
test = ["pytest", "-e file:///${PROJECT_ROOT}/sub#egg=sub", "-e ./other"]
"""
    assert lines(read(text)) == [
        "4 pytest group test",
        "4 -e /app/sub = sub group test",
        "4 -e /app/other =  group test",
    ]
