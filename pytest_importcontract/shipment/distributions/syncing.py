"""What uv, Poetry, PDM and Pipenv install of the project that they manage."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions import uv_lock
from pytest_importcontract.shipment.distributions.asks import Selection, Sync
from pytest_importcontract.shipment.distributions.closure import closure
from pytest_importcontract.shipment.distributions.contents import (
    Added,
    Excluded,
    ProjectInstall,
)
from pytest_importcontract.shipment.distributions.declared import Declared, Local, Part
from pytest_importcontract.shipment.distributions.installing import Gathered, Scene, extras_of
from pytest_importcontract.shipment.distributions.locks import Lock, LockGraph, Origin
from pytest_importcontract.shipment.distributions.pipfile_lock import read_pipfile_lock
from pytest_importcontract.shipment.distributions.places import (
    members_of,
    pipfile,
    project,
    workspace,
)
from pytest_importcontract.shipment.distributions.poetry_lock import read_poetry_lock
from pytest_importcontract.shipment.distributions.project import Project
from pytest_importcontract.shipment.image.model import Line, Note

_PROJECTS = (Origin.EDITABLE, Origin.VIRTUAL, Origin.DIRECTORY)
_CATEGORIES = {"dev-packages": "develop", "packages": "default"}
_T = TypeVar("_T")


def gather_sync(ask: Sync, scene: Scene) -> tuple[tuple[Added, ...], tuple[Note, ...]]:
    """What a `Sync` brings, and why more may be installed than is known.

    Args:
        ask: what is asked.
        scene: where and when.
    """
    found = Gathered(scene)
    if ask.tool == "pipenv":
        parts = _pipenv(ask, found)
    else:
        folder = project(ask.place.folder, scene.files)
        manifest = found.read_project(folder) if folder else None
        if manifest is None:
            if not scene.mistakes:
                found.say(f"what `{scene.cause.text}` installs: no pyproject.toml is known there")
            return (), tuple(found.notes)
        parts = _uv(ask, manifest, found) if ask.tool == "uv" else _other(ask, manifest, found)
    return parts, tuple(dict.fromkeys(found.notes))


def groups_of(tool: str, manifest: Project, selection: Selection) -> frozenset[str]:
    """The dependency groups that a tool takes by its own defaults and by what was selected.

    By default uv takes ``[tool.uv] default-groups``, else ``dev``; Poetry all groups that are not
    optional; PDM all groups.
    """
    every = frozenset(manifest.groups)
    defaults = {
        "uv": every if manifest.default_groups is None else manifest.default_groups,
        "poetry": every - manifest.optional_groups,
        "pdm": every,
    }[tool]
    taken = defaults if selection.defaults else frozenset()
    taken |= every if selection.all_groups else frozenset()
    taken |= frozenset(map(canonicalize_name, selection.groups))
    return taken - frozenset(map(canonicalize_name, selection.without))


def is_package(tool: str, manifest: Project) -> bool:
    """Whether the tool installs the project itself where it is not told otherwise.

    uv: ``[tool.uv] package``, else whether there is a ``[build-system]``. Poetry: ``package-mode``.
    """
    if manifest.package is not None:
        return manifest.package
    return manifest.has_build_system if tool == "uv" else bool(manifest.name)


def _uv(ask: Sync, manifest: Project, found: Gathered) -> tuple[Added, ...]:
    files = found.scene.files
    root = workspace(manifest.folder, files)
    chosen: list[tuple[str, Project | None]] = [(manifest.name, manifest)]
    if ask.package or ask.all_packages:
        known = {one.name: one for one in _manifests(root, found)}
        named = [*known] if ask.all_packages else [str(canonicalize_name(p)) for p in ask.package]
        chosen = [(name, known.get(name)) for name in named]
    lock = _lock(posixpath.join(root, "uv.lock"), found, uv_lock.read_uv_lock)
    if lock is None:
        for _, one in chosen:
            if one is not None:
                _without_lock("uv", ask, one, found)
        return found.added(deps=True, without=ask.without)
    roots: list[Declared] = []
    names: set[str] = set()
    for name, one in chosen:
        groups = groups_of("uv", one, ask.selection) if one else frozenset(ask.selection.groups)
        extras = extras_of(one, ask.selection) if one else frozenset(ask.selection.extras)
        wanted = uv_lock.roots(
            lock, name, project=one, main=ask.selection.main, extras=extras, groups=groups
        )
        roots += wanted
        names |= uv_lock.chosen(name, extras, groups)
        if one is None:
            continue
        found.exclude(one, wanted)
        if ask.install and is_package("uv", one):
            _install(one, ask, extras, found)
    return (_added(roots, lock, frozenset(names), root, ask, found),)


def _other(ask: Sync, manifest: Project, found: Gathered) -> tuple[Added, ...]:
    """Poetry and PDM, whose manifests say what is asked for even where there is a lock."""
    path = posixpath.join(manifest.folder, "poetry.lock")
    lock = _lock(path, found, read_poetry_lock) if ask.tool == "poetry" else None
    if lock is None:
        _without_lock(ask.tool, ask, manifest, found)
        return found.added(deps=True, without=ask.without)
    groups = groups_of("poetry", manifest, ask.selection)
    extras = extras_of(manifest, ask.selection)
    wanted = manifest.wanted(main=ask.selection.main, extras=extras, groups=groups)
    found.notes += wanted.notes
    found.exclude(manifest, wanted.declared)
    if ask.install and is_package("poetry", manifest):
        _install(manifest, ask, extras, found)
    roots = [*wanted.declared, *_named(wanted.locals)]
    return (_added(roots, lock, extras, manifest.folder, ask, found),)


def _pipenv(ask: Sync, found: Gathered) -> tuple[Added, ...]:
    scene = found.scene
    folder = pipfile(ask.place.folder, scene.files)
    lock = _lock(posixpath.join(folder, "Pipfile.lock"), found, read_pipfile_lock)
    if lock is None:
        if not scene.mistakes:
            found.say(f"what `{scene.cause.text}` installs: no Pipfile.lock is known there")
        return ()
    selection = ask.selection
    named = {_CATEGORIES.get(group, group) for group in selection.groups}
    categories = [
        category
        for category in lock.categories
        if selection.all_groups or category in named or (category == "default" and selection.main)
    ]
    for category, packages in lock.categories.items():
        if category not in categories:
            found.excluded += (
                Excluded(
                    Declared(Requirement(package.name), package.line, Part.GROUP, category),
                    scene.cause,
                )
                for package in packages
            )
    members: dict[str, ProjectInstall | None] = {}
    for category in categories:
        members.update(_members(lock.categories[category], folder, ask, found))
    return (
        Added(
            (),
            scene.cause,
            excluded=tuple(found.excluded),
            lock=lambda environment: lock.chosen(environment, categories),
            members=members,
        ),
    )


def _without_lock(tool: str, ask: Sync, manifest: Project, found: Gathered) -> None:
    """What the tool would resolve itself: the manifest's requirements and what they need."""
    groups = groups_of(tool, manifest, ask.selection)
    wanted = manifest.wanted(
        main=ask.selection.main, extras=extras_of(manifest, ask.selection), groups=groups
    )
    inner = {
        one.name: one for one in _manifests(workspace(manifest.folder, found.scene.files), found)
    }
    for declared in wanted.declared:
        source = manifest.sources.get(declared.name)
        path = source.path if source else ""
        if source and source.workspace and declared.name in inner:
            path = inner[declared.name].folder
        if not path:
            found.requirement(declared)
            continue
        extras = frozenset(map(canonicalize_name, declared.requirement.extras))
        editable = bool(source and source.editable) and ask.editable
        before = len(found.projects)
        found.requirement(Local(path, declared.line, declared.name, extras, editable))
        if not ask.members:  # what it requires is installed all the same
            del found.projects[before:]
    for local in wanted.locals:
        found.requirement(local)
    found.notes += wanted.notes
    found.exclude(manifest, wanted.declared)
    if ask.install and is_package(tool, manifest):
        _install(manifest, ask, extras_of(manifest, ask.selection), found)


def _install(manifest: Project, ask: Sync, extras: frozenset[str], found: Gathered) -> None:
    found.projects.append(
        ProjectInstall(manifest.folder, manifest.name, ask.editable, extras, found.scene.step)
    )


def _added(
    roots: Iterable[Declared],
    lock: Lock,
    extras: frozenset[str],
    root: str,
    ask: Sync,
    found: Gathered,
) -> Added:
    asked = tuple(roots)
    return Added(
        asked,
        found.scene.cause,
        excluded=tuple(found.excluded),
        projects=tuple(found.projects),
        lock=lambda environment: closure(asked, LockGraph(lock, environment, extras)),
        without=frozenset(map(canonicalize_name, ask.without)),
        members=_members(lock, root, ask, found),
    )


def _members(
    lock: Lock, root: str, ask: Sync, found: Gathered
) -> Mapping[str, ProjectInstall | None]:
    """The projects of the repository that a lock names."""
    members: dict[str, ProjectInstall | None] = {}
    for package in lock:
        if package.origin not in _PROJECTS:
            continue
        path = posixpath.normpath(posixpath.join(root, package.path))
        editable = package.origin is Origin.EDITABLE and ask.editable
        installed = package.origin is not Origin.VIRTUAL and ask.members
        members[package.name] = (
            ProjectInstall(path, package.name, editable, frozenset(), found.scene.step)
            if installed
            else None
        )
    return members


def _manifests(root: str, found: Gathered) -> Iterator[Project]:
    """The manifests of a uv workspace, its root's included."""
    for folder in (root, *members_of(root, found.scene.files)):
        manifest = found.read_project(folder)
        if manifest is not None:
            yield manifest


def _named(locals_: Iterable[Local]) -> Iterator[Declared]:
    for local in locals_:
        if local.name:
            yield Declared(Requirement(local.name), local.line, local.part, local.group)


def _lock(path: str, found: Gathered, read: Callable[[bytes, str], _T]) -> _T | None:
    files = found.scene.files
    content = files.read(path)
    if content is None:
        if files.exists(path):
            found.notes.append(Note(Line(files.name(path), 1), f"what {path} locks"))
        return None
    try:
        return read(content, files.name(path))
    except MistakesError as error:
        found.scene.mistakes += error.mistakes
        return None
