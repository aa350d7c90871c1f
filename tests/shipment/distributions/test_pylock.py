from __future__ import annotations

import pytest

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.locks import Origin
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.distributions.pylock import read_pylock

LINUX = image_environment((3, 12, 1), "x86_64")

LOCK = """\
lock-version = "1.0"
created-by = "test"
extras = ["web"]
dependency-groups = ["default", "dev"]
default-groups = ["default"]

[[packages]]
name = "click"
version = "8.1"
marker = "sys_platform != 'win32'"
dependencies = [{ name = "colorama" }]
[[packages.wheels]]
url = "https://h/click-8.1-py3-none-any.whl"
hashes = { sha256 = "a" }

[[packages]]
name = "colorama"
version = "1"
marker = "sys_platform == 'win32'"
sdist = { path = "colorama-1.tar.gz", hashes = { sha256 = "a" } }

[[packages]]
name = "uvicorn"
marker = "'web' in extras"
vcs = { type = "git", url = "https://h/u", commit-id = "a" }

[[packages]]
name = "pytest"
marker = "'dev' in dependency_groups"
archive = { url = "https://h/p.zip", hashes = { sha256 = "a" } }

[[packages]]
name = "base"
marker = "'default' in dependency_groups or 'web' in extras"
directory = { path = "libs/base", editable = true }
"""


def test_what_is_chosen() -> None:
    lock = read_pylock(LOCK.encode(), "pylock.toml")
    assert lock.chosen(LINUX).found.keys() == {"click", "base"}
    assert lock.chosen(LINUX, groups=[]).found.keys() == {"click"}
    assert lock.chosen(LINUX, groups=["dev"]).found.keys() == {"click", "pytest"}
    chosen = lock.chosen(LINUX, extras=["web"], groups=[])
    assert {name: str(one.root.line) for name, one in chosen.found.items()} == {
        "click": "pylock.toml:7",
        "uvicorn": "pylock.toml:22",
        "base": "pylock.toml:32",
    }
    windows = {**LINUX, "sys_platform": "win32"}
    assert lock.chosen(windows, groups=[]).found.keys() == {"colorama"}


def test_where_packages_come_from() -> None:
    lock = read_pylock(LOCK.encode(), "pylock.toml").lock
    assert {package.name: (package.origin, package.path) for package in lock} == {
        "click": (Origin.REGISTRY, ""),
        "colorama": (Origin.REGISTRY, ""),
        "uvicorn": (Origin.GIT, ""),
        "pytest": (Origin.URL, ""),
        "base": (Origin.EDITABLE, "libs/base"),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "pylock.toml:1: invalid value (column 5)"),
        ("x = 1", "pylock.toml:1: lock-version: missing required value"),
        (
            LOCK.replace('version = "8.1"', 'version = "8.1.nonsense"'),
            "pylock.toml:9: packages[0].version: invalid version: '8.1.nonsense'",
        ),
        (
            LOCK.replace('name = "uvicorn"', 'name = "Uvicorn"'),
            "pylock.toml:23: packages[2].name: name 'Uvicorn' is not normalized",
        ),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(MistakesError) as error:
        read_pylock(text.encode(), "pylock.toml")
    assert str(error.value) == message
