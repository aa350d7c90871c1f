from __future__ import annotations

import pytest

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.locks import Origin
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.distributions.pipfile_lock import read_pipfile_lock

LINUX = image_environment((3, 12, 1), "x86_64")

LOCK = """\
{
    "_meta": {"hash": {"sha256": "{[\\"develop\\"]}"}, "sources": [{"name": "pypi"}]},
    "default": {
        "Click": {
            "hashes": ["sha256:a", "sha256:b"],
            "index": "pypi",
            "markers": "python_version >= '3.7'",
            "version": "==8.1.7"
        },
        "colorama": {"markers": "sys_platform == 'win32'", "version": "==1"},
        "app": {"editable": true, "path": "."},
        "far": {"git": "https://h/far.git", "ref": "a"}
    },
    "develop": {
        "click": {"version": "==8.1.7"},

        "pytest": {"version": "==8"}
    }
}
"""


def test_categories() -> None:
    lock = read_pipfile_lock(LOCK.encode(), "Pipfile.lock")
    chosen = lock.chosen(LINUX, ["default", "develop", "none"])
    assert {
        name: f"{one.root.line} {one.version} {one.root.part} {one.root.group}".rstrip()
        for name, one in chosen.found.items()
    } == {
        "click": "Pipfile.lock:4 8.1.7 main",
        "app": "Pipfile.lock:11  main",
        "far": "Pipfile.lock:12  main",
        "pytest": "Pipfile.lock:17 8 group develop",
    }
    assert lock.chosen(LINUX, ["develop"]).found.keys() == {"click", "pytest"}


def test_where_packages_come_from() -> None:
    lock = read_pipfile_lock(LOCK.encode(), "Pipfile.lock").categories["default"]
    assert {package.name: (package.origin, package.path) for package in lock} == {
        "click": (Origin.REGISTRY, ""),
        "colorama": (Origin.REGISTRY, ""),
        "app": (Origin.EDITABLE, "."),
        "far": (Origin.GIT, ""),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{\n1}", "Pipfile.lock:2: is no JSON: Expecting property name enclosed in double quotes"),
        (b"[]", "Pipfile.lock: is no lock file of pipenv: it has no _meta"),
        (b"\xff", "Pipfile.lock: cannot be read: 'utf-8' codec can't decode byte 0xff"),
        (
            b'{"_meta": {},\n"default": [],\n"develop": {"a": 1}}',
            "Pipfile.lock:2: default: is no object\nPipfile.lock:3: a: is no object",
        ),
    ],
)
def test_mistakes(text: bytes, message: str) -> None:
    with pytest.raises(MistakesError) as error:
        read_pipfile_lock(text, "Pipfile.lock")
    assert str(error.value).startswith(message)
