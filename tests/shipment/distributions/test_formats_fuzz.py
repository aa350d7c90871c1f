"""Whatever stands in a file: a result or mistakes with their place, soon."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_texts import image

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.distributions.closure import closure
from pytest_importcontract.shipment.distributions.locks import LockGraph
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.distributions.pipfile_lock import read_pipfile_lock
from pytest_importcontract.shipment.distributions.poetry_lock import read_poetry_lock
from pytest_importcontract.shipment.distributions.poetry_tables import python_marker
from pytest_importcontract.shipment.distributions.pylock import read_pylock
from pytest_importcontract.shipment.distributions.pyproject import read_project
from pytest_importcontract.shipment.distributions.requirement import asked
from pytest_importcontract.shipment.distributions.requirements_file import read_requirements
from pytest_importcontract.shipment.distributions.uv_lock import read_uv_lock, roots
from pytest_importcontract.shipment.image.model import Line

LINUX = image_environment((3, 12, 1), "x86_64")

PYPROJECT = """\
project = { name = "a", version = "1", dependencies = ["b[x]>=1; os_name == 'x'"] }
project.optional-dependencies = { all = ["a[web]"], web = ["c"] }
project.dynamic = ["dependencies", "optional-dependencies"]
dependency-groups = { dev = ["d", { include-group = "t" }], t = ["e"] }
build-system = { requires = ["hatchling"], build-backend = "h" }
[tool]
setuptools.dynamic = { dependencies = { file = "r.txt" }, optional-dependencies.w.file = ["r.txt"] }
uv = { sources = { b = [{ path = "../b", editable = true }] }, default-groups = ["dev"] }
uv.workspace = { members = ["libs/*"], exclude = [] }
uv.dev-dependencies = ["f"]
pdm.dev-dependencies = { t = ["-e file:///${PROJECT_ROOT}/s#egg=s"] }
[tool.poetry]
dependencies = { python = "^3.8", g = { version = "1", extras = ["x"], python = "^3 || *" } }
extras = { g = ["g"] }
group = { x = { optional = true, include-groups = ["dev"], dependencies = { h = { path = "h" } } } }
"""
UV = """\
version = 1
[[package]]
name = "app"
version = "1"
source = { editable = "." }
resolution-markers = ["python_version > '3'"]
dependencies = [{ name = "b", version = "1", extra = ["x"], marker = "extra == 'extra-3-app-b'" }]
optional-dependencies = { x = [{ name = "b" }] }
dev-dependencies = { dev = [{ name = "c" }] }
"""
POETRY = """\
[[package]]
name = "a"
version = "1"
optional = false
python-versions = ">=3.8"
markers = { main = "os_name == 'x'" }
dependencies = { b = { version = "1", extras = ["x"], optional = true, markers = "extra == 'e'" } }
extras = { e = ["b (>=1)"] }
source = { type = "directory", url = "x" }
[metadata]
lock-version = "2.1"
"""
PYLOCK = """\
lock-version = "1.0"
created-by = "x"
default-groups = ["default"]
[[packages]]
name = "a"
version = "1"
marker = "'x' in extras"
dependencies = [{ name = "b" }]
sdist = { path = "a-1.tar.gz", hashes = { sha256 = "a" } }
"""
PIPFILE = '{"_meta": {}, "default": {"a": {"version": "==1", "markers": "os_name == \'x\'"}}}'
REQUIREMENTS = """\
-r r.txt
-c c.txt  # why
-e ./x[a]
a[x]>=1.0.*,<2 ; os_name == 'x' \\
    --hash=sha256:a
b @ https://h/b.zip#egg=b[c]&subdirectory=d
./c-1.0-py3-none-any.whl
file:///d[e]
--index-url https://h -e.
"""


def requirements(content: bytes) -> None:
    files = image({"/app/r.txt": content, "/app/x/pyproject.toml": content})
    read_requirements("r.txt", files, cwd="/app", env={"X": "-r r.txt"})


def project(content: bytes) -> None:
    files = image({"/app/pyproject.toml": content, "/app/r.txt": content})
    found = read_project("/app", files)
    assert found is not None
    found.wanted(extras=found.extras, groups=found.groups)


def uv(content: bytes) -> None:
    lock = read_uv_lock(content, "uv.lock")
    for package in lock:
        asked_for = roots(lock, package.name, extras=package.extras, groups=package.groups)
        closure(asked_for, LockGraph(lock, LINUX))


def poetry(content: bytes) -> None:
    lock = read_poetry_lock(content, "poetry.lock")
    for package in lock:
        closure(roots(lock, package.name, extras=package.extras), LockGraph(lock, LINUX))


def pylock(content: bytes) -> None:
    read_pylock(content, "pylock.toml").chosen(LINUX, extras=["x"])


def pipfile(content: bytes) -> None:
    lock = read_pipfile_lock(content, "Pipfile.lock")
    lock.chosen(LINUX, lock.categories)


READERS: dict[str, tuple[Callable[[bytes], None], str]] = {
    "requirements": (requirements, REQUIREMENTS),
    "project": (project, PYPROJECT),
    "uv": (uv, UV),
    "poetry": (poetry, POETRY),
    "pylock": (pylock, PYLOCK),
    "pipfile": (pipfile, PIPFILE),
}
PIECES = [
    *('"x"', "1", "true", "[]", "{}", "[[]]", "[{}]", '""', "1979-05-27", "nan", "[1]"),
    *("=", "\n", "\\\n", "[", "]", "{", "}", '"', "'", "#", ";", "@", "-", " -r r.txt\n"),
    *("http://[", "file:", "\0", "é", "\x85", "\u2028", "${X}", "[[package]]\n", "..", "^"),
]


def mistakes_of(call: Callable[[], object]) -> tuple[Mistake, ...]:
    try:
        call()
    except MistakesError as error:
        return error.mistakes
    return ()


def survives(read: Callable[[bytes], None], content: bytes) -> None:
    started = time.monotonic()
    mistakes = mistakes_of(lambda: read(content))
    assert all(mistake.file and mistake.what for mistake in mistakes)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("kind", READERS)
def test_the_whole_example_is_read(kind: str) -> None:
    read, text = READERS[kind]
    if kind in ("requirements", "project"):  # which include themselves
        with pytest.raises(MistakesError):
            read(text.encode())
    else:
        read(text.encode())


@pytest.mark.parametrize("kind", READERS)
def test_values_and_pieces_of_another_kind(kind: str) -> None:
    read, text = READERS[kind]
    chance = random.Random(kind)
    values = [i for i, char in enumerate(text) if char in '=[{",:-;@\n']
    for _ in range(400):
        changed = text
        for _ in range(chance.randint(1, 3)):
            start = chance.choice(values) + chance.randint(0, 2)
            end = start + chance.choice([0, 0, 1, 2, 5, 20])
            changed = changed[:start] + chance.choice(PIECES) + changed[end:]
        survives(read, changed.encode("utf-8", "replace"))


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=60, deadline=None)
@given(content=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_anything(kind: str, content: bytes) -> None:
    survives(READERS[kind][0], content)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("piece", ["[", "{", "(", "\\\n", "a.", "a=[", "-r ", "a[", "'", " ", "#"])
def test_much_of_one_thing(kind: str, piece: str) -> None:
    read, text = READERS[kind]
    survives(read, (piece * 20_000).encode())
    survives(read, (text + piece * 20_000).encode())


SHAPES = "a [x] >=1 == ; @ https:// http://[ file: / . #egg= os_name=='x' ( ) , - git+ .whl é %ff &"


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(st.sampled_from([*SHAPES.split(), " "]), max_size=8))
def test_requirements_of_every_shape(parts: list[str]) -> None:
    text = "".join(parts)
    mistakes = mistakes_of(lambda: asked(text, Line("r.txt", 1), image({}), "/app"))
    assert all(mistake.line == 1 for mistake in mistakes)


@given(st.text(alphabet="^~<>=!*.,| 0123456789x", max_size=20))
def test_constraints_of_every_shape(text: str) -> None:
    python_marker(text)
