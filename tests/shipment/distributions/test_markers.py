from __future__ import annotations

import json
import subprocess
import sys

import pytest
from packaging.markers import Marker, default_environment

from pytest_importcontract.shipment.distributions.markers import holds, image_environment

LINUX = image_environment((3, 12, 1), "arm64")


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("", True),
        ("sys_platform == 'linux' and os_name == 'posix'", True),
        ("platform_system == 'Darwin'", False),
        ("python_version >= '3.8'", True),
        ("python_version < '3.12'", False),
        ("python_full_version == '3.12.1'", True),
        ("platform_machine == 'aarch64'", True),
        ("platform_python_implementation == 'PyPy'", False),
        ("extra == 'web'", True),
        ("extra == 'Web'", True),
        ("extra == 'cli' and extra == 'web'", True),
        ("extra != 'web'", False),
        ("extra == 'none'", False),
        ("'web' in extras", True),
        ("'dev' in dependency_groups", True),
        ("'docs' in dependency_groups", False),
    ],
)
def test_markers(marker: str, expected: bool) -> None:
    assert holds(marker, LINUX, ["web", "cli"], ["dev"]) is expected
    assert holds(Marker(marker) if marker else None, LINUX, ["web", "cli"], ["dev"]) is expected


def test_no_extra_is_asked_for() -> None:
    assert not holds("extra == 'web'", LINUX)
    assert holds("extra != 'web'", LINUX)


def test_what_cannot_be_compared_counts_as_holding() -> None:
    assert holds("python_version ~= 'x'", LINUX)
    assert holds("nonsense", LINUX)


@pytest.mark.skipif(sys.platform != "linux", reason="describes a Linux image")
def test_the_environment_is_what_python_itself_says_on_linux() -> None:
    script = "import platform; print(platform.machine())"
    machine = subprocess.check_output([sys.executable, "-c", script], text=True).strip()
    said = json.loads(json.dumps(default_environment()))
    ours = image_environment(sys.version_info[:3], machine)
    unknown = {"platform_release": "", "platform_version": ""}
    assert {**ours, "extra": ""} | unknown == {"extra": ""} | said | unknown
