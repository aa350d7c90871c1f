from __future__ import annotations

import pytest
from image_texts import image

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.closure import Closure, closure
from pytest_importcontract.shipment.distributions.locks import LockGraph, Origin
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.distributions.poetry_lock import read_poetry_lock
from pytest_importcontract.shipment.distributions.pyproject import read_project

PROJECT = """\
[tool.poetry]
name = "app"
[tool.poetry.dependencies]
python = "^3.11"
click = "^8"
httpx = { version = "*", extras = ["http2"] }
uvicorn = { version = "*", optional = true }
[tool.poetry.extras]
web = ["uvicorn"]
[tool.poetry.group.dev.dependencies]
pytest = "*"
"""

FIRST = """\
[[package]]
name = "click"
version = "8.1.7"
description = ""
optional = false
python-versions = ">=3.7"
files = []

[package.dependencies]
colorama = {version = "*", markers = "platform_system == \\"Windows\\""}

[[package]]
name = "colorama"
version = "0.4.6"
optional = false
python-versions = "!=3.0.*,>=2.7"

[[package]]
name = "h2"
version = "4.1.0"
optional = false
python-versions = ">=3.6.1"

[[package]]
name = "httpx"
version = "0.27.0"
optional = false
python-versions = ">=3.8"

[package.dependencies]
anyio = "*"
h2 = {version = ">=3,<5", optional = true, markers = "extra == \\"http2\\""}
brotli = {version = "*", optional = true, markers = "extra == \\"brotli\\""}

[package.extras]
brotli = ["brotli", "brotlicffi (>=1)"]
http2 = ["h2 (>=3,<5)"]

[[package]]
name = "anyio"
version = "4.0"
optional = false
python-versions = ">=3.8"

[package.dependencies]
exceptiongroup = {version = ">=1.0.2", markers = "python_version < \\"3.11\\""}
numpy = [
    {version = "1.26", markers = "python_version < \\"3.12\\""},
    {version = "2.1", markers = "python_version >= \\"3.12\\""},
]

[[package]]
name = "numpy"
version = "1.26"
optional = false
python-versions = "<3.12"

[package.dependencies]
old = "*"

[[package]]
name = "numpy"
version = "2.1"
optional = false
python-versions = ">=3.11"

[[package]]
name = "old"
version = "1"
optional = false
python-versions = "*"

[[package]]
name = "pytest"
version = "8.0"
optional = false
python-versions = ">=3.8"

[package.source]
type = "directory"
url = "../pytest"

[[package]]
name = "uvicorn"
version = "0.30"
optional = true
python-versions = ">=3.8"

[package.dependencies]
click = ">=7"

[extras]
web = ["uvicorn"]

[metadata]
lock-version = "2.0"
python-versions = "^3.11"
content-hash = "x"
"""


def found(minor: int = 12, text: str = FIRST, **wanted: list[str]) -> Closure:
    project = read_project("/app", image({"/app/pyproject.toml": PROJECT}))
    assert project is not None
    lock = read_poetry_lock(text.encode(), "poetry.lock")
    environment = image_environment((3, minor, 0), "x86_64")
    extras = frozenset(wanted.get("extras", ()))
    return closure(project.wanted(**wanted).declared, LockGraph(lock, environment, extras))


def test_the_main_group() -> None:
    closed = found()
    assert {name: " > ".join(one.chain) for name, one in closed.found.items()} == {
        "click": "click",
        "httpx": "httpx",
        "anyio": "httpx > anyio",
        "h2": "httpx > h2",
        "numpy": "httpx > anyio > numpy",
    }
    assert closed.found["numpy"].version == "2.1"
    assert str(closed.found["h2"].root.line) == "/app/pyproject.toml:6"
    assert closed.missing == {}


def test_a_package_of_several_versions_by_python() -> None:
    assert found(11).found["numpy"].version == "2.1"  # both would do: the newer
    older = FIRST.replace('python-versions = ">=3.11"', 'python-versions = ">=3.12"')
    closed = found(11, older)
    assert closed.found["numpy"].version == "1.26"
    assert "old" in closed.found


def test_extras_and_groups() -> None:
    assert "uvicorn" in found(extras=["web"]).found
    assert "uvicorn" not in found().found
    assert "pytest" in found(groups=["dev"]).found
    assert "pytest" not in found().found


def test_packages_of_poetry_2_have_groups_and_markers() -> None:
    text = """\
[[package]]
name = "click"
version = "8.1.7"
optional = false
python-versions = ">=3.7"
groups = ["main", "dev"]
markers = {main = "python_version < \\"3.0\\"", dev = "python_version >= \\"3.12\\""}
[[package]]
name = "click"
version = "9.0"
optional = false
python-versions = ">=3.7"
groups = ["main"]
markers = "python_version < \\"3.12\\""
[[package]]
name = "httpx"
version = "1"
optional = false
python-versions = ">=3.7"
groups = ["main"]
[metadata]
lock-version = "2.1"
"""
    assert found(12, text).found["click"].version == "8.1.7"
    assert found(11, text).found["click"].version == "9.0"


def test_where_packages_come_from() -> None:
    lock = read_poetry_lock(FIRST.encode(), "poetry.lock")
    (package,) = lock.packages["pytest"]
    assert (package.origin, package.path) == (Origin.DIRECTORY, "../pytest")
    assert str(package.line) == "poetry.lock:73"


def test_mistakes() -> None:
    text = '[[package]]\ndependencies = { a = 1, b = { extras = "x" } }\nversion = 1\n'
    with pytest.raises(MistakesError) as error:
        read_poetry_lock(text.encode(), "poetry.lock")
    assert str(error.value).splitlines() == [
        "poetry.lock:1: metadata: is missing: this is no lock file of poetry",
        "poetry.lock:1: package[0]: has no name",
        "poetry.lock:2: package[0].dependencies.a: is neither a version nor a table",
        "poetry.lock:2: package[0].dependencies.b.extras: is no list",
        "poetry.lock:3: package[0].version: is no string",
    ]
