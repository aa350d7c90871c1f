"""The tables of poetry in a pyproject.toml (https://python-poetry.org/docs/pyproject/)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.shipment.distributions.declared import Declared, Local, Part
from pytest_importcontract.shipment.distributions.tables import Tables
from pytest_importcontract.shipment.image.model import Note

_POETRY: Final[Keys] = ("tool", "poetry")
_BOUND = re.compile(r"\s*(\^|~(?!=)|)\s*v?(\d+(?:\.\d+)*)\s*")


@dataclass(slots=True)
class PoetryTables:
    """What poetry's tables say, in the words of `Project`."""

    declared: list[Declared] = field(default_factory=list)
    locals: list[Local] = field(default_factory=list)
    extras: set[str] = field(default_factory=set)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    optional_groups: frozenset[str] = frozenset()
    python: str = ""
    scripts: dict[str, str] = field(default_factory=dict)
    in_use: bool = False
    notes: list[Note] = field(default_factory=list)


def read(tables: Tables, folder: str, *, own: bool) -> PoetryTables:
    """Read ``[tool.poetry]``.

    Args:
        tables: the pyproject.toml.
        folder: its folder in the image.
        own: whether ``[project]`` has the dependencies, so that poetry's table only says where
            to take them from.
    """
    reader = _Reader(tables, folder)
    if tables.has(*_POETRY):
        reader.read(own=own)
    return reader.found


class _Reader:
    def __init__(self, tables: Tables, folder: str) -> None:
        self._tables = tables
        self._folder = folder
        self.found = PoetryTables()

    def read(self, *, own: bool) -> None:
        tables, found = self._tables, self.found
        main = (*_POETRY, "dependencies")
        found.in_use = tables.has(*main) or tables.has(*_POETRY, "group")
        if not own:
            found.extras = {canonicalize_name(x) for x in tables.table(*_POETRY, "extras")}
            self._dependencies(main, Part.MAIN, "")
        if tables.has(*_POETRY, "dev-dependencies"):
            found.groups["dev"] = ()
            self._dependencies((*_POETRY, "dev-dependencies"), Part.GROUP, "dev")
        optional = set()
        for group in tables.table(*_POETRY, "group"):
            keys = (*_POETRY, "group", group)
            name = canonicalize_name(group)
            included = tables.strings(*keys, "include-groups")
            found.groups[name] = tuple(canonicalize_name(text) for _, text in included)
            if tables.flag(*keys, "optional"):
                optional.add(name)
            self._dependencies((*keys, "dependencies"), Part.GROUP, name)
        found.optional_groups = frozenset(optional)
        for script, target in tables.table(*_POETRY, "scripts").items():
            if isinstance(target, str):
                found.scripts[script] = target

    def _dependencies(self, keys: Keys, part: Part, group: str) -> None:
        for name in self._tables.table(*keys):
            if name.lower() == "python":
                self.found.python = self._tables.text(*keys, name)
                continue
            for path, value in self._tables.one_or_many(*keys, name):
                if isinstance(value, str | Mapping):
                    self._dependency(path, name, value, part, group)
                else:
                    self._tables.fault(path, "is neither a version nor a table")

    def _dependency(
        self, path: Keys, name: str, value: str | Mapping[str, Any], part: Part, group: str
    ) -> None:
        tables = self._tables
        text = f'{name} = "{value}"' if isinstance(value, str) else name
        line = tables.line(*path, text=text)
        if isinstance(value, str):
            value = {}
        extras = [extra for _, extra in tables.strings(*path, "extras")] if value else []
        marker = self._marker(path) if value else ""
        listed = f"[{','.join(extras)}]" if extras else ""
        requirement = tables.requirement(path, f"{name}{listed}{' ; ' if marker else ''}{marker}")
        if requirement is None:
            return
        wanted: list[tuple[Part, str]] = [(part, group)]
        if value and part is Part.MAIN and tables.flag(*path, "optional"):
            wanted = [(Part.EXTRA, extra) for extra in self._extras_of(name)]
        for each, its_group in wanted:
            if "path" in value:
                self.found.locals.append(
                    Local(
                        path=posixpath.normpath(
                            posixpath.join(self._folder, tables.text(*path, "path"))
                        ),
                        line=line,
                        name=canonicalize_name(name),
                        extras=frozenset(map(canonicalize_name, extras)),
                        editable=tables.flag(*path, "develop"),
                        marker=marker,
                        part=each,
                        group=its_group,
                    )
                )
            else:
                self.found.declared.append(Declared(requirement, line, each, its_group))

    def _extras_of(self, name: str) -> list[str]:
        """The extras that bring an optional dependency."""
        keys = (*_POETRY, "extras")
        return [
            canonicalize_name(extra)
            for extra in self._tables.table(*keys)
            for _, listed in self._tables.strings(*keys, extra)
            if canonicalize_name(re.split(r"[\s\[(<>=!~;]", listed.strip())[0])
            == canonicalize_name(name)
        ]

    def _marker(self, path: Keys) -> str:
        tables = self._tables
        conditions = [f"({tables.text(*path, 'markers')})"] if tables.has(*path, "markers") else []
        python = tables.text(*path, "python")
        if python:
            condition = python_marker(python)
            if condition is None:
                what = f'when python = "{python}" holds; it counts as holding'
                self.found.notes.append(Note(tables.line(*path, "python", text=python), what))
            elif condition:
                conditions.append(f"({condition})")
        platform = tables.text(*path, "platform")
        if platform:
            conditions.append(f'sys_platform == "{platform}"')
        return " and ".join(conditions)


def python_marker(constraint: str) -> str | None:
    """The marker for a constraint on Python as poetry writes it, as in ``^3.8 || 3.7.*``.

    Empty where it always holds, None where it is none that is known.
    """
    choices = []
    for choice in re.split(r"\|\|?", constraint):
        bounds = []
        for part in re.split(r"\s*,\s*|\s+(?=[\^~<>=!])", choice.strip()):
            found = _bounds(part)
            if found is None:
                return None
            bounds += found
        if not bounds:
            return ""
        choices.append(" and ".join(bounds))
    return " or ".join(f"({choice})" if len(choices) > 1 else choice for choice in choices)


def _bounds(part: str) -> list[str] | None:
    if part in ("*", ""):
        return []
    match = _BOUND.fullmatch(part)
    if match:
        numbers = [int(number) for number in match[2].split(".")]
        if not match[1]:
            variable = "python_version" if len(numbers) < 3 else "python_full_version"
            return [f'{variable} == "{match[2]}"']
        # ^ lets all but the first number that is not zero grow, ~ the last of major.minor.
        keep = 1 if match[1] == "^" or len(numbers) == 1 else 2
        if match[1] == "^":
            keep = next((i + 1 for i, n in enumerate(numbers) if n), len(numbers))
        upper = [*numbers[: keep - 1], numbers[keep - 1] + 1]
        ceiling = ".".join(map(str, upper))
        return [
            f'python_full_version >= "{match[2]}"',
            f'python_full_version < "{ceiling}"',
        ]
    try:
        specifiers = list(SpecifierSet(part))
    except InvalidSpecifier:
        if not re.fullmatch(r"\d+(?:\.\d+)*\.\*", part):
            return None
        return [f'python_full_version == "{part}"']
    return [f'python_full_version {one.operator} "{one.version}"' for one in specifiers]
