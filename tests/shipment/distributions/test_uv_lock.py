from __future__ import annotations

import pytest
from image_texts import image, shown

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.closure import Closure, Need, closure
from pytest_importcontract.shipment.distributions.locks import Lock, LockGraph, Origin
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.distributions.pyproject import read_project
from pytest_importcontract.shipment.distributions.uv_lock import chosen, read_uv_lock, roots

LINUX = image_environment((3, 12, 1), "x86_64")

LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[manifest]
members = ["lib", "my-app"]

[[package]]
name = "click"
version = "8.1.7"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
]
wheels = [
    { url = "https://h/click.whl", hash = "sha256:a" },
]

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "h2"
version = "4.1.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "httpx"
version = "0.27.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "idna" },
]

[package.optional-dependencies]
http2 = [
    { name = "h2" },
]

[[package]]
name = "idna"
version = "3.7"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "lib"
version = "0.1.0"
source = { editable = "libs/lib" }
dependencies = [
    { name = "httpx", extra = ["http2"] },
]

[[package]]
name = "my-app"
version = "1.0"
source = { virtual = "." }
dependencies = [
    { name = "click" },
    { name = "lib" },
]

[package.optional-dependencies]
web = [
    { name = "uvicorn" },
]

[package.dev-dependencies]
dev = [
    { name = "pytest" },
]

[[package]]
name = "pytest"
version = "8.0"
source = { git = "https://h/pytest?rev=main#abc" }

[[package]]
name = "uvicorn"
version = "0.30.0"
source = { url = "https://h/uvicorn.whl" }
dependencies = [
    { name = "click" },
    { name = "gone" },
]
"""


def told(found: Closure) -> dict[str, str]:
    return {
        name: f"{' > '.join(one.chain)} {one.version} {one.root.line}"
        for name, one in found.found.items()
    }


def lock(text: str = LOCK) -> Lock:
    return read_uv_lock(text.encode(), "uv.lock")


def test_the_projects_own() -> None:
    asked = roots(lock(), "my-app")
    assert shown(*asked) == ["uv.lock:60 click main", "uv.lock:61 lib main"]
    found = closure(asked, LockGraph(lock(), LINUX))
    assert told(found) == {
        "click": "click 8.1.7 uv.lock:60",
        "lib": "lib 0.1.0 uv.lock:61",
        "httpx": "lib > httpx 0.27.0 uv.lock:61",
        "idna": "lib > httpx > idna 3.7 uv.lock:61",
        "h2": "lib > httpx > h2 4.1.0 uv.lock:61",
    }
    assert found.missing == {}
    assert found.extras["httpx"] == {"http2"}


def test_extras_and_groups() -> None:
    asked = roots(lock(), "my-app", main=False, extras=["Web"], groups=["DEV", "none"])
    assert shown(*asked) == ["uv.lock:66 uvicorn extra web", "uv.lock:71 pytest group dev"]
    found = closure(asked, LockGraph(lock(), LINUX))
    assert told(found) == {
        "uvicorn": "uvicorn 0.30.0 uv.lock:66",
        "pytest": "pytest 8.0 uv.lock:71",
        "click": "uvicorn > click 8.1.7 uv.lock:66",
    }
    assert list(found.missing) == ["gone"]
    assert found.missing["gone"].chain == ("uvicorn", "gone")


def test_another_platform() -> None:
    windows = {**LINUX, "sys_platform": "win32"}
    found = closure(roots(lock(), "my-app"), LockGraph(lock(), windows))
    assert found.found["colorama"].chain == ("click", "colorama")


def test_lines_of_the_manifest_where_it_is_known() -> None:
    text = """\
[project]
name = "my-app"
dependencies = ["click", "lib"]
[dependency-groups]
dev = [{ include-group = "test" }]
test = ["pytest"]
"""
    project = read_project("/app", image({"/app/pyproject.toml": text}))
    asked = roots(lock(), "my-app", project=project, groups=["dev"])
    assert shown(*asked) == [
        "/app/pyproject.toml:3 click main",
        "/app/pyproject.toml:3 lib main",
        "/app/pyproject.toml:6 pytest group test",
    ]


def test_where_packages_come_from() -> None:
    assert {package.name: (package.origin, package.path) for package in lock()} == {
        "click": (Origin.REGISTRY, ""),
        "colorama": (Origin.REGISTRY, ""),
        "h2": (Origin.REGISTRY, ""),
        "httpx": (Origin.REGISTRY, ""),
        "idna": (Origin.REGISTRY, ""),
        "lib": (Origin.EDITABLE, "libs/lib"),
        "my-app": (Origin.VIRTUAL, "."),
        "pytest": (Origin.GIT, ""),
        "uvicorn": (Origin.URL, ""),
    }
    graph = LockGraph(lock(), LINUX)
    package = graph.package(Need("lib"))
    assert package is not None
    assert str(package.line) == "uv.lock:47"


FORKED = """\
version = 1
[[package]]
name = "numpy"
version = "1.26"
source = { registry = "x" }
resolution-markers = ["python_full_version < '3.12'"]
dependencies = [{ name = "old" }]
[[package]]
name = "numpy"
version = "2.1"
source = { registry = "x" }
resolution-markers = ["python_full_version >= '3.12'"]
dependencies = [{ name = "new" }]
[[package]]
name = "old"
version = "1"
source = { registry = "x" }
[[package]]
name = "new"
version = "1"
source = { registry = "x" }
[[package]]
name = "app"
source = { editable = "." }
dependencies = [
    { name = "numpy", version = "1.26", source = { registry = "x" }, marker = "python_full_version < '3.12'" },
    { name = "numpy", version = "2.1", source = { registry = "x" }, marker = "python_full_version >= '3.12'" },
]
"""  # noqa: E501


@pytest.mark.parametrize(("minor", "names"), [(11, {"numpy", "old"}), (12, {"numpy", "new"})])
def test_two_versions_of_one_package(minor: int, names: set[str]) -> None:
    forked = lock(FORKED)
    graph = LockGraph(forked, image_environment((3, minor, 0), "x86_64"))
    assert closure(roots(forked, "app"), graph).found.keys() == names


def test_extras_that_conflict() -> None:
    text = """\
version = 1
[[package]]
name = "app"
source = { virtual = "." }
[package.optional-dependencies]
cpu = [{ name = "torch" }]
gpu = [{ name = "torch" }]
[[package]]
name = "torch"
version = "1"
source = { registry = "x" }
dependencies = [
    { name = "cuda", marker = "extra == 'extra-3-app-gpu' or extra != 'extra-3-app-cpu'" },
]
[[package]]
name = "cuda"
version = "1"
source = { registry = "x" }
"""
    for extra, names in (("cpu", {"torch"}), ("gpu", {"torch", "cuda"})):
        graph = LockGraph(lock(text), LINUX, chosen("app", [extra]))
        assert closure(roots(lock(text), "app", extras=[extra]), graph).found.keys() == names


def test_groups_of_a_workspace_that_is_no_project() -> None:
    text = """\
version = 1
[manifest]
members = []
[manifest.dependency-groups]
dev = [{ name = "ruff", specifier = ">=0.5" }]
[[package]]
name = "ruff"
version = "0.5"
source = { registry = "x" }
"""
    asked = roots(lock(text), "", groups=["dev"])
    assert shown(*asked) == ["uv.lock:5 ruff group dev"]


def test_mistakes() -> None:
    with pytest.raises(MistakesError) as error:
        lock("version = 2\n")
    assert str(error.value) == "uv.lock:1: version: is 2; only version 1 can be read"
    with pytest.raises(MistakesError) as error:
        lock("version = 1\n[[package]]\ndependencies = [{ }, 1]\nsource = 3\n")
    assert str(error.value).splitlines() == [
        "uv.lock:2: package[0]: has no name",
        "uv.lock:2: package[0]: has no source",
        "uv.lock:3: package[0].dependencies[0]: has no name",
        "uv.lock:3: package[0].dependencies[1]: is no table",
        "uv.lock:4: package[0].source: is no table",
    ]
