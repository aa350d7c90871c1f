"""What a command that installs requirements brings, read from the files it finds."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.distributions.asks import Install, Selection, Uninstall
from pytest_importcontract.shipment.distributions.contents import (
    Added,
    Cause,
    Excluded,
    ProjectInstall,
)
from pytest_importcontract.shipment.distributions.declared import Declared, Local, Requirements
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.project import Project
from pytest_importcontract.shipment.distributions.pylock import read_pylock
from pytest_importcontract.shipment.distributions.pyproject import read_project
from pytest_importcontract.shipment.distributions.requirement import asked, specifier
from pytest_importcontract.shipment.distributions.requirements_file import read_requirements
from pytest_importcontract.shipment.distributions.setuptools_files import read_setuptools
from pytest_importcontract.shipment.distributions.state import State
from pytest_importcontract.shipment.image.model import Note, Step

_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")
_PYLOCK = re.compile(r"pylock(?:\.[^.]+)?\.toml\Z")  # PEP 751, "File Name"
_STANDARD_INPUT = ("-", "/dev/stdin")


@dataclass(slots=True)
class Scene:
    """A command and all that it finds.

    Attributes:
        step: the command.
        state: the image's environments as they are then.
        files: the image's files as they are then.
        env: variables as they are then, with those of an activated environment.
        cause: how messages name the command.
        mistakes: what in its files no installer could read.
    """

    step: Step
    state: State
    files: ImageFiles
    env: Mapping[str, str]
    cause: Cause
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(slots=True)
class Gathered:
    """What a command installs, while its files are read.

    Attributes:
        roots: requirements by name.
        projects: projects of the repository.
        excluded: what the same manifests hold and the command leaves out.
        others: what comes from folders of archives and from files that other commands wrote.
        notes: why more may be installed than is known.
    """

    scene: Scene
    roots: list[Declared] = field(default_factory=list)
    projects: list[ProjectInstall] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    others: list[Added] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def added(self, *, deps: bool, without: Iterable[str] = ()) -> tuple[Added, ...]:
        """All of it, as parts of an environment."""
        own = Added(
            tuple(self.roots),
            self.scene.cause,
            deps=deps,
            excluded=tuple(self.excluded),
            projects=tuple(self.projects),
            without=frozenset(map(canonicalize_name, without)),
        )
        return (own, *(replace(other, deps=deps or other.deps) for other in self.others))

    def say(self, what: str) -> None:
        """Note what is not known because of this command."""
        self.notes.append(Note(self.scene.cause.line, what))

    def requirement(self, found: Declared | Local | Note) -> None:
        """Take in what a line of a requirements file or a word of a command line asks for."""
        match found:
            case Note():
                self.notes.append(found)
            case Declared():
                self.roots.append(found)
            case Local() if found.path.endswith(_ARCHIVES):
                self._archive(found)
            case Local():
                self.project(found)

    def requirements(self, found: Requirements) -> None:
        """Take in all that a file asks for."""
        for declared in found.declared:
            self.requirement(declared)
        for local in found.locals:
            self.requirement(local)
        self.notes += found.notes

    def project(self, local: Local) -> None:
        """Take in a project that is installed by its folder, with what it requires."""
        scene = self.scene
        project = self.read_project(local.path)
        name = project.name if project else local.name
        self.projects.append(
            ProjectInstall(local.path, name, local.editable, local.extras, scene.step)
        )
        if local.path in self._seen:
            return
        self._seen.add(local.path)
        if project is None:
            self.say(f"what the project in {local.path} requires: nothing there says it")
            return
        self.wanted(project, Selection(extras=tuple(local.extras), defaults=False), ())

    def wanted(self, project: Project, selection: Selection, groups: Iterable[str]) -> None:
        """Take in what the selected parts of a manifest ask for, and note what they leave out."""
        extras = extras_of(project, selection)
        found = project.wanted(main=selection.main, extras=extras, groups=groups)
        self.requirements(found)
        self.exclude(project, found.declared)

    def exclude(self, project: Project, taken: Iterable[Declared]) -> None:
        """Note what a manifest asks for and the command leaves out."""
        there = {(declared.name, declared.line) for declared in taken}
        self.excluded += (
            Excluded(declared, self.scene.cause)
            for declared in project.declared
            if (declared.name, declared.line) not in there and declared.name != project.name
        )

    def read_project(self, folder: str) -> Project | None:
        """The manifest in a folder; what is wrong in it goes to the mistakes."""
        try:
            project = read_project(folder, self.scene.files)
        except MistakesError as error:
            self.scene.mistakes += error.mistakes
            return None
        if project is not None and project.name:
            return project
        return read_setuptools(folder, self.scene.files) or project

    def _pylock(self, place: str, selection: Selection) -> None:
        """Take in a standard lock file, which lists all there is to install."""
        files = self.scene.files
        try:
            lock = read_pylock(files.read(place) or b"", files.name(place))
        except MistakesError as error:
            self.scene.mistakes += error.mistakes
            return
        extras = selection.extras
        self.others.append(
            Added(
                (),
                self.scene.cause,
                lock=lambda environment: lock.chosen(environment, extras=extras),
            )
        )

    def _archive(self, local: Local) -> None:
        folder, base = posixpath.split(local.path)
        if "*" in base or "?" in base:
            self._archives(folder, base, local)
            return
        for house in self._houses([folder]):
            if any(project.name == local.name for project in house.projects):
                self.others.append(house)
                return
        if not local.name:
            self.say(f"which distribution {local.path} is")
            return
        extras = f"[{','.join(sorted(local.extras))}]" if local.extras else ""
        condition = f" ; {local.marker}" if local.marker else ""
        try:
            requirement = specifier(f"{local.name}{extras}{condition}")
        except InvalidRequirement:
            self.say(f"which distribution {local.path} is")
            return
        self.roots.append(Declared(requirement, local.line, local.part, local.group))

    def _archives(self, folder: str, pattern: str, local: Local) -> None:
        """Archives by a pattern that the shell expands, as in ``/wheels/*.whl``."""
        houses = self._houses([folder])
        self.others += houses
        names = [
            name
            for name in self.scene.files.below(folder)
            if fnmatchcase(name, pattern) and name.endswith(_ARCHIVES)
        ]
        for name in names:
            self.text(posixpath.join(folder, name), editable=False)
        if not houses and not names:
            self.say(f"which distributions lie at {local.path}")

    def _houses(self, folders: Iterable[str]) -> list[Added]:
        return [part for folder in folders for part in self.scene.state.houses.get(folder, ())]

    def text(self, text: str, *, editable: bool, folder: str = "") -> None:
        """Take in a word of the command line."""
        scene = self.scene
        bare = text.rstrip("/") or text
        if "$" in text:
            return  # said already: nobody knows its value
        if bare.endswith("*"):  # the shell would leave only archives there
            self._archives(
                *posixpath.split(posixpath.join(folder, bare)), Local(bare, scene.cause.line)
            )
            return
        try:
            found = asked(bare, scene.cause.line, scene.files, folder, editable=editable)
        except MistakesError as error:
            scene.mistakes += error.mistakes
            return
        self.requirement(found)

    def file(self, path: str, folder: str, selection: Selection = Selection()) -> None:  # noqa: B008
        """Take in a requirements file, or the manifest of a project that is read like one."""
        scene = self.scene
        place = (
            path if path in _STANDARD_INPUT else posixpath.normpath(posixpath.join(folder, path))
        )
        written = scene.state.written.get("-" if place in _STANDARD_INPUT else place)
        if written is not None:
            self.others += written
            return
        if posixpath.basename(place) in _MANIFESTS:
            project = self.read_project(posixpath.dirname(place))
            if project is None:
                self.say(f"what {place} requires")
            else:
                self.wanted(project, selection, ())
            return
        if _PYLOCK.match(posixpath.basename(place)) and scene.files.read(place) is not None:
            self._pylock(place, selection)
            return
        if "://" in path or place in _STANDARD_INPUT or "$" in path:
            self.say(f"what {path} requires")
            return
        if scene.files.read(place) is None:
            here = "is in the image" if scene.files.exists(place) else "does not lie there"
            self.say(f"what {place} requires: it {here}, and nobody knows what it says")
            return
        try:
            found = read_requirements(
                place, scene.files, cwd=folder, env=scene.env, asked_at=scene.cause.line
            )
        except MistakesError as error:
            scene.mistakes += error.mistakes
            return
        self.requirements(found)


def extras_of(manifest: Project, selection: Selection) -> frozenset[str]:
    """The extras that are selected, normalised."""
    taken = {str(canonicalize_name(name)) for name in selection.extras}
    if selection.all_extras:
        taken |= manifest.extras
    return frozenset(taken - {str(canonicalize_name(name)) for name in selection.without_extras})


def gather(ask: Install, scene: Scene) -> Gathered:
    """What an `Install` brings.

    Args:
        ask: what is asked.
        scene: where and when.
    """
    found = Gathered(scene)
    for file in ask.files:
        found.file(file, ask.folder, ask.selection)
    for target in ask.targets:
        found.text(target.text, editable=target.editable, folder=ask.folder)
    for group in ask.groups:
        path, colon, name = group.rpartition(":")
        folder = posixpath.normpath(posixpath.join(ask.folder, posixpath.dirname(path)))
        project = found.read_project(folder if colon else ask.folder)
        if project is None:
            found.say(f"what the group {name} holds")
        else:
            chosen = Selection(main=False, defaults=False)
            found.wanted(project, chosen, (canonicalize_name(name),))
    links = [posixpath.normpath(posixpath.join(ask.folder, link)) for link in ask.links]
    _take_projects(found, links)
    return found


def names_to_remove(ask: Uninstall, scene: Scene) -> Iterator[str]:
    """The normalised names that an `Uninstall` removes."""
    found = Gathered(scene)
    for name in ask.names:
        found.text(name, editable=False, folder=ask.folder)
    for file in ask.files:
        found.file(file, ask.folder)
    yield from (root.name for root in found.roots)
    yield from (project.name for project in found.projects)


def _take_projects(found: Gathered, links: Iterable[str]) -> None:
    """A name that a project has which was built into a folder of archives means that project."""
    for link in links:
        for house in found.scene.state.houses.get(link, ()):
            names = {project.name for project in house.projects}
            if any(root.name in names for root in found.roots):
                found.roots[:] = [root for root in found.roots if root.name not in names]
                found.others.append(house)


_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar", ".tar.xz")
