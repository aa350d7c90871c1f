"""Whether a dependency's condition holds in the image.

Environment markers are those of PEP 508, with the sets ``extras`` and ``dependency_groups`` that
PEP 751 adds for lock files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from packaging.markers import (
    InvalidMarker,
    Marker,
    UndefinedComparison,
    UndefinedEnvironmentName,
)
from packaging.version import InvalidVersion

_EXTRA = re.compile(r"""\bextra\s*(==|!=)\s*("[^"]*"|'[^']*')""")
_ARTEFACTS = {"arm64": "aarch64", "amd64": "x86_64", "x64": "x86_64"}


def image_environment(version: tuple[int, int, int], machine: str) -> Mapping[str, str]:
    """What markers see in a Linux image (PEP 508, "Environment Markers").

    Args:
        version: of its CPython: major, minor and micro.
        machine: its processor, as ``uname -m`` or Docker calls it (``x86_64``, ``arm64``).
    """
    full = ".".join(map(str, version))
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": _ARTEFACTS.get(machine, machine),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full,
        "python_version": ".".join(map(str, version[:2])),
        "sys_platform": "linux",
    }


def holds(
    marker: Marker | str | None,
    environment: Mapping[str, str],
    extras: Iterable[str] = (),
    groups: Iterable[str] = (),
) -> bool:
    """Whether `marker` holds; no marker always does.

    A marker that compares what cannot be compared counts as holding: installers stop at it, so
    what it guards is there wherever the image could be built.

    Args:
        marker: the condition; text that is no marker counts as holding.
        environment: as of `image_environment`.
        extras: extras that are asked for: ``extra == "x"`` and ``"x" in extras``.
        groups: dependency groups that are asked for: ``"x" in dependency_groups``.
    """
    if not marker:
        return True
    parsed = _in_sets(str(marker))
    if parsed is None:
        return True
    sets = {"extras": frozenset(extras), "dependency_groups": frozenset(groups)}
    try:
        return parsed.evaluate({**environment, **sets}, context="lock_file")
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        return True


@lru_cache(maxsize=4096)
def _in_sets(text: str) -> Marker | None:
    """The marker with ``extra == "x"`` as ``"x" in extras``, which asks for several at once."""
    asked = _EXTRA.sub(lambda m: f"{m[2]} {'in' if m[1] == '==' else 'not in'} extras", text)
    try:
        return Marker(asked)
    except (InvalidMarker, RecursionError):
        return None
