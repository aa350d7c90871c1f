"""What a project's pyproject.toml says of what it needs.

Sources: PEP 621 (``[project]``), PEP 735 (``[dependency-groups]``), PEP 517 and 518
(``[build-system]``), and for ``[tool.…]`` the references of poetry, uv, pdm, setuptools and
hatch-requirements-txt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from pytest_importcontract.shipment.distributions.declared import (
    Declared,
    Local,
    Part,
    Requirements,
)
from pytest_importcontract.shipment.image.model import Line, Note


@dataclass(frozen=True, slots=True)
class Source:
    """Where uv takes a dependency from instead of an index (``[tool.uv.sources]``).

    Attributes:
        line: where that is written.
        path: absolute path in the image; empty where it is no folder or archive.
        workspace: whether it is a member of the same workspace.
        editable: whether it is installed as editable; None where that is not said.
    """

    line: Line
    path: str = ""
    workspace: bool = False
    editable: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """A uv workspace (``[tool.uv.workspace]``).

    Attributes:
        members: patterns of folders, relative to the project's.
        exclude: patterns of folders that are none.
    """

    members: tuple[str, ...]
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A pyproject.toml, read.

    Attributes:
        folder: the project's folder in the image.
        line: where the project is named, else the file's first line.
        name: the distribution's normalised name; empty where it is not said.
        requires_python: as written, a specifier (PEP 440) or poetry's constraint; may be empty.
        declared: all requirements by name: the project's own, its extras' and its groups'.
        locals: all requirements by path, likewise.
        extras: names of its extras, normalised.
        groups: of each of its groups, normalised, the groups that it includes.
        optional_groups: groups that poetry installs only when they are asked for.
        default_groups: what ``[tool.uv] default-groups`` says; None for all groups.
        has_build_system: whether it has a ``[build-system]``.
        build_requires: what its build backend needs.
        package: what ``[tool.uv] package`` or ``[tool.poetry] package-mode`` says; None where
            neither does.
        scripts: console scripts, name to ``module:attribute``.
        sources: by normalised name what uv takes from elsewhere.
        workspace: the uv workspace that it is the root of.
        uses_poetry: whether its dependencies are in poetry's tables.
        notes: what could not be known, as dynamic dependencies of an unknown kind.
    """

    folder: str
    line: Line
    name: str = ""
    requires_python: str = ""
    declared: tuple[Declared, ...] = ()
    locals: tuple[Local, ...] = ()
    extras: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional_groups: frozenset[str] = frozenset()
    default_groups: frozenset[str] | None = frozenset({"dev"})
    has_build_system: bool = False
    build_requires: tuple[Declared, ...] = ()
    package: bool | None = None
    scripts: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    workspace: Workspace | None = None
    uses_poetry: bool = False
    notes: tuple[Note, ...] = ()

    def wanted(
        self, *, main: bool = True, extras: Iterable[str] = (), groups: Iterable[str] = ()
    ) -> Requirements:
        """What is asked for with these extras and groups.

        Groups bring the groups that they include; an extra or group that asks for the project
        itself with extras (``all = ["name[web]"]``) brings those. Names that the project does not
        have bring nothing.

        Args:
            main: whether the project's own dependencies are wanted.
            extras: names of extras.
            groups: names of groups.
        """
        own = {canonicalize_name(name) for name in extras}
        chosen = self.with_included(groups)
        while True:
            further = own | {
                canonicalize_name(extra)
                for declared in self.declared
                if declared.name == self.name and self._is_in(declared, own, chosen, main=main)
                for extra in declared.requirement.extras
            }
            if further == own:
                break
            own = further
        return Requirements(
            declared=tuple(
                declared
                for declared in self.declared
                if self._is_in(declared, own, chosen, main=main) and declared.name != self.name
            ),
            locals=tuple(
                local for local in self.locals if self._is_in(local, own, chosen, main=main)
            ),
            notes=self.notes,
        )

    def with_included(self, groups: Iterable[str]) -> frozenset[str]:
        """The groups and all that they include, by their normalised names."""
        found: set[str] = set()
        pending = [canonicalize_name(name) for name in groups]
        while pending:
            group = pending.pop()
            if group not in found:
                found.add(group)
                pending.extend(map(canonicalize_name, self.groups.get(group, ())))
        return frozenset(found)

    @staticmethod
    def _is_in(
        what: Declared | Local, extras: Iterable[str], groups: Iterable[str], *, main: bool
    ) -> bool:
        if what.part is Part.MAIN:
            return main
        return what.group in (extras if what.part is Part.EXTRA else groups)
