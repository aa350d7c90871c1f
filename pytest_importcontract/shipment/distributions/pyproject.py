"""Reading a project's pyproject.toml."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from packaging.utils import canonicalize_name

from pytest_importcontract.contract.document import parse
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.shipment.distributions import poetry_tables
from pytest_importcontract.shipment.distributions.declared import Declared, Local, Part
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.project import Project, Source, Workspace
from pytest_importcontract.shipment.distributions.requirement import asked
from pytest_importcontract.shipment.distributions.requirements_file import read_requirements
from pytest_importcontract.shipment.distributions.tables import Tables
from pytest_importcontract.shipment.image.model import Note

PYPROJECT: Final = "pyproject.toml"
_UV: Final[Keys] = ("tool", "uv")
_DYNAMIC: Final[Keys] = ("tool", "setuptools", "dynamic")
_HATCH: Final[Keys] = ("tool", "hatch", "metadata", "hooks", "requirements_txt")


def read_project(folder: str, files: ImageFiles) -> Project | None:
    """Read the pyproject.toml in a folder of the image.

    None where there is no such file, or nobody knows what is in it.

    Args:
        folder: absolute path in the image.
        files: what a build step finds there.

    Raises:
        MistakesError: with everything in it, and in the files that it takes dependencies from,
            that no installer could read.
    """
    path = posixpath.join(folder, PYPROJECT)
    content = files.read(path)
    if content is None:
        return None
    reader = _Reader(folder, files, Tables(parse(content, files.name(path))))
    project = reader.read()
    reader.tables.check()
    return project


@dataclass(slots=True)
class _Reader:
    folder: str
    files: ImageFiles
    tables: Tables
    declared: list[Declared] = field(default_factory=list)
    locals: list[Local] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    extras: set[str] = field(default_factory=set)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self) -> Project:
        tables = self.tables
        self._project()
        self._dynamic()
        self._dependency_groups()
        self._tool_groups()
        poetry = poetry_tables.read(tables, self.folder, own="dependencies" in self._static())
        self.declared += poetry.declared
        self.locals += poetry.locals
        self.notes += poetry.notes
        for group, included in poetry.groups.items():
            self.groups[group] = (*self.groups.get(group, ()), *included)
        self._check_groups()
        name: Keys = ("project", "name")
        if not tables.has(*name) and tables.has("tool", "poetry", "name"):
            name = ("tool", "poetry", "name")
        package = self._said((*_UV, "package"))
        if package is None:
            package = self._said(("tool", "poetry", "package-mode"))
        return Project(
            folder=self.folder,
            line=tables.line(*name, text=tables.text(*name)),
            name=canonicalize_name(tables.text(*name)),
            requires_python=tables.text("project", "requires-python") or poetry.python,
            declared=tuple(self.declared),
            locals=tuple(self.locals),
            extras=frozenset(self.extras | poetry.extras),
            groups=self.groups,
            optional_groups=poetry.optional_groups,
            default_groups=self._default_groups(),
            has_build_system=tables.has("build-system"),
            build_requires=self._build_requires(),
            package=package,
            scripts={**poetry.scripts, **self._scripts()},
            sources=self._sources(),
            workspace=self._workspace(),
            uses_poetry=poetry.in_use,
            notes=tuple(self.notes),
        )

    def _static(self) -> Iterable[str]:
        return self.tables.table("project").keys()

    def _project(self) -> None:
        self._requirements(("project", "dependencies"))
        for extra in self.tables.table("project", "optional-dependencies"):
            self.extras.add(canonicalize_name(extra))
            keys = ("project", "optional-dependencies", extra)
            self._requirements(keys, Part.EXTRA, extra)

    def _requirements(self, keys: Keys, part: Part = Part.MAIN, group: str = "") -> None:
        for path, text in self.tables.strings(*keys):
            self._requirement(path, text, part, group)

    def _requirement(self, path: Keys, text: str, part: Part, group: str) -> None:
        requirement = self.tables.requirement(path, text)
        if requirement is not None:
            line = self.tables.line(*path, text=text)
            self.declared.append(Declared(requirement, line, part, canonicalize_name(group)))

    def _dynamic(self) -> None:
        dynamic = {text for _, text in self.tables.strings("project", "dynamic")}
        if "dependencies" in dynamic:
            known = self._from_files((*_DYNAMIC, "dependencies", "file"))
            known |= self._from_files((*_HATCH, "files"))
            known |= self._from_files((*_HATCH, "filename"))
            self._say_dynamic("dependencies", known=known)
        if "optional-dependencies" in dynamic:
            known = False
            for extra in self.tables.table(*_DYNAMIC, "optional-dependencies"):
                keys = (*_DYNAMIC, "optional-dependencies", extra, "file")
                known |= self._from_files(keys, extra)
            for extra in self.tables.table(*_HATCH, "optional-dependencies"):
                known |= self._from_files((*_HATCH, "optional-dependencies", extra), extra)
            self._say_dynamic("optional-dependencies", known=known)

    def _say_dynamic(self, what: str, *, known: bool) -> None:
        if not known and not self.tables.has("tool", "poetry", "dependencies"):
            line = self.tables.line("project", "dynamic", text="dynamic")
            note = f"the {what} of this project, which its build backend computes"
            self.notes.append(Note(line, note))

    def _from_files(self, keys: Keys, extra: str = "") -> bool:
        """Take requirements from the files at `keys`; whether it names any."""
        named = False
        if extra:
            self.extras.add(canonicalize_name(extra))
        for path, name in self.tables.one_or_many(*keys):
            if not isinstance(name, str):
                self.tables.fault(path, "is no string")
                continue
            named = True
            place, line = posixpath.join(self.folder, name), self.tables.line(*path, text=name)
            try:
                found = read_requirements(place, self.files, cwd=self.folder, env={}, asked_at=line)
            except MistakesError as error:
                self.tables.mistakes.extend(error.mistakes)
                continue
            part = Part.EXTRA if extra else Part.MAIN
            group = canonicalize_name(extra)
            self.declared += (replace(one, part=part, group=group) for one in found.declared)
            self.locals += (replace(one, part=part, group=group) for one in found.locals)
            self.notes += found.notes
        return named

    def _dependency_groups(self) -> None:
        for group in self.tables.table("dependency-groups"):
            name = canonicalize_name(group)
            if name in self.groups:
                what = f"is the group {name} a second time"
                self.tables.fault(("dependency-groups", group), what)
            included = self.groups.get(name, ())
            for path, element in self.tables.elements("dependency-groups", group):
                match element:
                    case str():
                        self._requirement(path, element, Part.GROUP, group)
                    case {"include-group": str(other), **rest} if not rest:
                        included = (*included, canonicalize_name(other))
                    case _:
                        what = 'is neither a requirement nor { include-group = "…" }'
                        self.tables.fault(path, what)
            self.groups[name] = included

    def _tool_groups(self) -> None:
        """Groups of the time before PEP 735: uv's and pdm's."""
        if self.tables.has(*_UV, "dev-dependencies"):
            self.groups.setdefault("dev", ())
            self._requirements((*_UV, "dev-dependencies"), Part.GROUP, "dev")
        pdm: Keys = ("tool", "pdm", "dev-dependencies")
        for group in self.tables.table(*pdm):
            self.groups.setdefault(canonicalize_name(group), ())
            for path, text in self.tables.strings(*pdm, group):
                self._pdm_requirement(path, text, group)

    def _pdm_requirement(self, path: Keys, text: str, group: str) -> None:
        line = self.tables.line(*path, text=text)
        bare = text.removeprefix("-e ").strip().replace("${PROJECT_ROOT}", self.folder)
        editable = text.startswith("-e ")
        try:
            found = asked(bare, line, self.files, self.folder, editable=editable)
        except MistakesError as error:
            self.tables.mistakes.extend(error.mistakes)
            return
        name = canonicalize_name(group)
        match found:
            case Declared():
                self.declared.append(replace(found, part=Part.GROUP, group=name))
            case Local():
                self.locals.append(replace(found, part=Part.GROUP, group=name))
            case Note():
                self.notes.append(found)

    def _check_groups(self) -> None:
        """Every included group exists, and none includes itself."""
        for group, included in self.groups.items():
            keys = self._group_keys(group)
            for other in included:
                if other not in self.groups:
                    self.tables.fault(keys, f"includes the group {other}, which does not exist")
            seen: set[str] = set()
            pending = list(included)
            while pending:
                other = pending.pop()
                if other == group:
                    self.tables.fault(keys, "includes itself")
                    break
                if other not in seen:
                    seen.add(other)
                    pending.extend(self.groups.get(other, ()))

    def _group_keys(self, group: str) -> Keys:
        for table in (("dependency-groups",), ("tool", "poetry", "group")):
            for written in self.tables.table(*table):
                if canonicalize_name(written) == group:
                    return (*table, written)
        return ("dependency-groups",)

    def _default_groups(self) -> frozenset[str] | None:
        value = self.tables.value(*_UV, "default-groups")
        if value is None:
            return frozenset({"dev"})
        if value == "all":
            return None
        names = self.tables.strings(*_UV, "default-groups")
        return frozenset(canonicalize_name(text) for _, text in names)

    def _build_requires(self) -> tuple[Declared, ...]:
        found = []
        for path, text in self.tables.strings("build-system", "requires"):
            requirement = self.tables.requirement(path, text)
            if requirement is not None:
                found.append(Declared(requirement, self.tables.line(*path, text=text)))
        return tuple(found)

    def _scripts(self) -> Mapping[str, str]:
        keys: Keys = ("project", "scripts")
        return {name: self.tables.text(*keys, name) for name in self.tables.table(*keys)}

    def _sources(self) -> Mapping[str, Source]:
        found = {}
        keys: Keys = (*_UV, "sources")
        for name in self.tables.table(*keys):
            for path, source in self.tables.one_or_many(*keys, name):
                if not isinstance(source, Mapping):
                    self.tables.fault(path, "is no table")
                elif "path" in source or self.tables.flag(*path, "workspace"):
                    text = self.tables.text(*path, "path")
                    place = posixpath.normpath(posixpath.join(self.folder, text)) if text else ""
                    found[str(canonicalize_name(name))] = Source(
                        self.tables.line(*path),
                        place,
                        self.tables.flag(*path, "workspace"),
                        self._said((*path, "editable")),
                    )
        return found

    def _said(self, keys: Keys) -> bool | None:
        return self.tables.flag(*keys) if self.tables.has(*keys) else None

    def _workspace(self) -> Workspace | None:
        if not self.tables.has(*_UV, "workspace"):
            return None
        keys: Keys = (*_UV, "workspace")
        return Workspace(
            members=tuple(text for _, text in self.tables.strings(*keys, "members")),
            exclude=tuple(text for _, text in self.tables.strings(*keys, "exclude")),
        )
