"""What base images hold before a Dockerfile adds anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PYTHON_TAG = re.compile(r"(?:\A|-)(?:python)?(\d+)\.(\d+)(?:[.\w]*)?(?:-|\Z)")
_UV_PYTHON_TAG = re.compile(r"(?:\A|-)python(\d+)\.(\d+)")
_NO_PYTHON = frozenset(
    """alpine busybox buildpack-deps caddy debian fedora gcc golang haproxy httpd memcached mongo
    mysql nginx node postgres redis ruby rust scratch traefik ubuntu""".split()  # noqa: SIM905
)
"""Official images whose Python, where they have one, holds nothing but its standard library."""
_SEEDS_UNTIL = (3, 12)
"""From this version on neither venv nor the official images install setuptools (gh-95299)."""


@dataclass(frozen=True, slots=True)
class Base:
    """What is known of an image that is no stage of the Dockerfile.

    Attributes:
        prefix: of the Python that ``python3`` starts; where there is none yet, the one it would
            get from the system's packages.
        seeds: normalised names of what is installed there.
        version: major and minor of that Python; None where the reference does not tell.
        known: whether `seeds` is all there is. False: nobody knows what else the image holds.
    """

    prefix: str
    seeds: tuple[str, ...] = ()
    version: tuple[int, int] | None = None
    known: bool = True


def base(reference: str) -> Base:
    """What the image of that reference holds.

    Official images are told by their names, whatever registry mirrors them. Sources: the Docker
    Official Image ``python`` (pip; before 3.12 also setuptools and wheel), ``ghcr.io/astral-sh/uv``
    (tags with ``python`` are built on that image), distroless ``python3`` (nothing).

    Args:
        reference: as FROM or COPY --from name it, variables expanded.
    """
    name, tag = _split(reference)
    path = name.split("/")
    if "$" in reference:
        return Base("/usr/local", known=False)
    if path[-2:] == ["astral-sh", "uv"]:
        if version := _UV_PYTHON_TAG.search(tag):
            return _official_python((int(version[1]), int(version[2])))
        return Base("/usr")
    official = len(path) == 1 or path[-2] == "library"
    if official and path[-1] == "python":
        found = _PYTHON_TAG.match(tag)
        return _official_python((int(found[1]), int(found[2])) if found else None)
    if official and path[-1] in _NO_PYTHON:
        return Base("/usr")
    if any("distroless" in part for part in path[:-1]):
        return Base("/usr")
    if path[-2:] == ["nvidia", "cuda"]:
        return Base("/usr")
    return Base("/usr/local", known=False)


def _official_python(version: tuple[int, int] | None) -> Base:
    older = version is not None and version < _SEEDS_UNTIL
    seeds = ("pip", "setuptools", "wheel") if older else ("pip",)
    return Base("/usr/local", seeds, version)


def _split(reference: str) -> tuple[str, str]:
    """The name in lower case and the tag of ``registry:5000/name:tag@digest``."""
    name = reference.partition("@")[0]
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{head}{slash}{last}".lower(), tag.lower()
