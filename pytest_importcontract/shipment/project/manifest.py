"""What the project says about itself: pyproject.toml, setup.cfg and setup.py."""

from __future__ import annotations

import ast
import configparser
import functools
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

import tomli

from pytest_importcontract.shipment.project.sources import Sources

_BACKENDS = {
    "setuptools": "setuptools",
    "hatchling": "hatchling",
    "flit_core": "flit_core",
    "flit": "flit_core",
    "poetry": "poetry-core",
    "pdm": "pdm-backend",
    "uv_build": "uv_build",
}
_UPWARDS = re.compile(r"(?<![.\w])(?:\.\./)*\.\.(?![.\w])")
_BUILD_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "MANIFEST.in", "hatch_build.py")


class Manifest:
    """A project's declarations, as far as they can be read without running anything.

    Whatever is malformed reads as if it were not there.

    Args:
        sources: where its files are.
        folder: the project's folder in the image.
    """

    def __init__(self, sources: Sources, folder: str) -> None:
        self.sources = sources
        self.folder = folder

    def text(self, name: str) -> str:
        """A file of the project's folder as text; empty where there is none."""
        return (self.sources.read(self.path(name)) or b"").decode("utf-8-sig", "replace")

    def path(self, *names: str) -> str:
        """The image path of something that the project calls by `names`."""
        return posixpath.normpath(posixpath.join(self.folder, *names))

    def has(self, name: str) -> bool:
        """Whether the file is in the project's folder."""
        return self.path(name) in self.sources.files

    @functools.cached_property
    def pyproject(self) -> Mapping[str, Any]:
        """pyproject.toml as a table."""
        try:
            return tomli.loads(self.text("pyproject.toml"))
        except (tomli.TOMLDecodeError, RecursionError):
            return {}

    @functools.cached_property
    def setup_cfg(self) -> configparser.RawConfigParser:
        """setup.cfg, with its option names as setuptools reads them (``-`` as ``_``)."""
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = lambda name: name.strip().lower().replace("-", "_")  # type: ignore[assignment,method-assign]  # documented as replaceable
        try:
            parser.read_string(self.text("setup.cfg"))
        except configparser.Error:
            return configparser.RawConfigParser()
        return parser

    @functools.cached_property
    def setup_call(self) -> Mapping[str, ast.expr]:
        """The keyword arguments of the call of ``setup`` in setup.py."""
        try:
            module = ast.parse(self.text("setup.py"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and called(node) == "setup":
                return {word.arg: word.value for word in node.keywords if word.arg}
        return {}

    @property
    def backend(self) -> str:
        """The build backend's import name, as in ``hatchling.build`` (PEP 517, PEP 518)."""
        name = table(self.pyproject, "build-system").get("build-backend")
        return name if isinstance(name, str) and name else "setuptools.build_meta:__legacy__"

    @property
    def label(self) -> str:
        """What messages call the backend: its distribution where it is a known one."""
        return _BACKENDS.get(self.backend.partition(".")[0].partition(":")[0], self.backend)

    @property
    def is_known(self) -> bool:
        """Whether the backend's rules are known; one that lies in the project itself is not."""
        own = "backend-path" in table(self.pyproject, "build-system")
        return not own and self.label in _BACKENDS.values()

    @property
    def name(self) -> str:
        """The distribution's name; empty where it is only known when it is built."""
        for found in (
            table(self.pyproject, "project").get("name"),
            table(self.pyproject, "tool", "poetry").get("name"),
            table(self.pyproject, "tool", "flit", "metadata").get("dist-name"),
            table(self.pyproject, "tool", "flit", "metadata").get("module"),
            self.setup_cfg.get("metadata", "name", fallback=""),
            literal(self.setup_call.get("name")),
        ):
            if isinstance(found, str) and found:
                return found
        return ""

    @property
    def version(self) -> str:
        """The version where it is written down; empty where it is computed."""
        for found in (
            table(self.pyproject, "project").get("version"),
            table(self.pyproject, "tool", "poetry").get("version"),
            self.setup_cfg.get("metadata", "version", fallback=""),
            literal(self.setup_call.get("version")),
        ):
            if isinstance(found, str) and re.match(r"\d", found):
                return found
        return ""

    @property
    def takes_version_from_vcs(self) -> bool:
        """Whether the version is computed from version control and nothing replaces that."""
        texts = "\n".join(self.text(name) for name in ("pyproject.toml", "setup.cfg", "setup.py"))
        if re.search(r"fallback[-_]version", texts):
            return False
        return bool(
            re.search(
                r"setuptools[-_]scm|hatch[-_]vcs|(?:poetry|uv)-dynamic-versioning|versioningit"
                r"|source\s*=\s*[\"']scm[\"']",
                texts,
            )
        )

    @property
    def reach(self) -> str:
        """The folder that holds all that a build may read: the project's, or one above it."""
        above = 0
        for name in _BUILD_FILES:
            for found in _UPWARDS.findall(self.text(name)):
                above = max(above, found.count(".."))
        folder = self.folder
        for _ in range(above):
            folder = posixpath.dirname(folder)
        return folder


def table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table at `keys`; an empty one where something else or nothing is there."""
    for key in keys:
        found = data.get(key)
        if not isinstance(found, Mapping):
            return {}
        data = found
    return data


def texts(value: object) -> tuple[str, ...]:
    """The strings of a list, or the one string; other values are no texts."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)):
        return tuple(item for item in value if isinstance(item, str))
    return ()


def pairs(value: object) -> Iterator[tuple[str, str]]:
    """The pairs of strings of a table."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str) and isinstance(item, str):
                yield key, item


def called(node: ast.Call) -> str:
    """The last part of the name that is called."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def literal(node: ast.expr | None) -> object:
    """The value of a literal; None for everything that would have to be run."""
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
