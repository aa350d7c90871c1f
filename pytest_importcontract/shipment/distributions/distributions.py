"""The distributions that the image installs for the service, as far as its Dockerfile tells."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.distributions.closure import Provenance
from pytest_importcontract.shipment.distributions.command_lines import inside
from pytest_importcontract.shipment.distributions.contents import (
    Added,
    Cause,
    Environment,
    ProjectInstall,
)
from pytest_importcontract.shipment.distributions.declared import Declared
from pytest_importcontract.shipment.distributions.environments import environments, run_at_start
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.installed import Installation
from pytest_importcontract.shipment.distributions.places import locate
from pytest_importcontract.shipment.distributions.pyproject import PYPROJECT, read_project
from pytest_importcontract.shipment.distributions.requirements_file import read_requirements
from pytest_importcontract.shipment.distributions.result import LeftOut, Result
from pytest_importcontract.shipment.distributions.state import (
    State,
    is_user,
    prefix_of_site,
)
from pytest_importcontract.shipment.image.model import Kind, Line, Node, Note, Stage, Step

__all__ = ["Distributions", "LeftOut", "distributions", "listed", "projects_of"]

_REQUIREMENTS = re.compile(
    r"(?:.*/)?(?:[\w.-]*requirements?[\w.-]*|requirements?/[\w.-]+)\.(?:txt|in)\Z"
)
_LIKE_VENV = re.compile(r"(?:.*/)?(?:[\w.-]*venv[\w.-]*|env|virtualenv)\Z")
_NOT_MODELLED = {
    "conda": "/opt/conda",
    "mamba": "/opt/conda",
    "micromamba": "/opt/conda",
    "hatch": "/root/.local/share/hatch/env",
    "rye": ".venv",
}
"""Programs that run others in environments of their own, and where those lie by default."""
_PYLOCK = re.compile(r"pylock(?:\.[^.]+)?\.toml\Z")  # PEP 751, "File Name"
_LOCKS = {
    "uv.lock": ("uv", "sync", "--frozen", "--no-default-groups", "--no-install-project"),
    "poetry.lock": ("poetry", "install", "--only", "main", "--no-root"),
    "Pipfile.lock": ("pipenv", "sync"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distributions:
    """What is installed for the service.

    Attributes:
        prefix: the environment it runs in, a path of the image; empty where the contract names the
            requirements.
        found: by normalised name what is installed, with the requirement that brings it. Projects
            of the repository are not among them.
        missing: of those, what the local interpreter does not have though it should.
        left_out: by normalised name what manifests in the image name and is not installed.
        projects: projects of the repository that are installed as distributions.
        opens: why more may be installed than `found`; where there is a reason, nothing may be
            said to be absent.
        notes: what else was not modelled.
    """

    prefix: str = ""
    found: Mapping[str, Provenance] = field(default_factory=dict)
    missing: Mapping[str, Provenance] = field(default_factory=dict)
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    projects: tuple[ProjectInstall, ...] = ()
    opens: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Whether nothing but `found` and `projects` is installed."""
        return not self.opens


def distributions(
    stage: Stage,
    root: Path,
    installation: Installation,
    environment: Mapping[str, str],
    *,
    interpreter: str = "",
    env: Mapping[str, str] | None = None,
    path: Iterable[str] = (),
    line: Line | None = None,
    state: State | None = None,
) -> Distributions:
    """What the image installs for one start of the service.

    Args:
        stage: the stage that the image is made of.
        root: the repository; messages call its files by their path below it.
        installation: what the local interpreter has; requirements are followed through it where
            there is no lock.
        environment: as of `markers.image_environment`.
        interpreter: what the start names as its interpreter, as in ``/opt/venv/bin/python`` or
            ``uv run --no-sync``; without one it is found by PATH.
        env: variables of the start; default: the stage's.
        path: folders of the image on the service's import path, besides PYTHONPATH.
        line: where the start is written; default: the stage's CMD, ENTRYPOINT or FROM.
        state: what `environments` says of the stage, where that is known already.

    Raises:
        MistakesError: with everything in the manifests that no installer could read.
    """
    env = {**stage.env, **(env or {})}
    line = line or _start_line(stage)
    state = (state or environments(stage, root)).copy()
    words = _split(interpreter)
    if words:
        run_at_start(words, stage, state, root, env, line)
    prefix = _service_prefix(words, stage, state, root, env, line)
    entries = [*path, *filter(None, env.get("PYTHONPATH", "").split(":"))]
    seen = list(_visible(prefix, state, entries, stage.workdir))
    contents = Result(installation, environment)
    for one in seen:
        contents.take(one.parts)
    opens = tuple(dict.fromkeys(note for one in seen for note in one.opens))
    left_out = dict(contents.left_out)
    for declared in _named_in(stage, root):
        left_out.setdefault(declared.name, LeftOut(declared, None))
    here = {*contents.found, *contents.projects}
    return Distributions(
        prefix=prefix,
        found=contents.found,
        missing=contents.missing,
        left_out={name: left for name, left in left_out.items() if name not in here},
        projects=tuple(contents.projects.values()),
        opens=opens,
        notes=tuple(note for note in dict.fromkeys(state.notes) if note not in opens),
    )


def projects_of(
    state: State, installation: Installation, environment: Mapping[str, str]
) -> tuple[ProjectInstall, ...]:
    """The projects of the repository that lie installed in any environment of the image.

    Args:
        state: what `environments` says of the stage that the image is made of.
        installation: as in `distributions`.
        environment: as in `distributions`.
    """
    found: dict[ProjectInstall, None] = {}
    for one in state.environments.values():
        contents = Result(installation, environment)
        contents.take(one.parts)
        found |= dict.fromkeys(contents.projects.values())
    return tuple(found)


def listed(
    requirements: Sequence[str],
    root: Path,
    installation: Installation,
    environment: Mapping[str, str],
) -> Distributions:
    """What requirements files of the repository bring, where the contract names them.

    Args:
        requirements: paths relative to `root`; a pyproject.toml is read as its project's
            dependencies, a lock (uv.lock, poetry.lock, Pipfile.lock, pylock.toml) as its tool
            installs it without the project and without groups for development.
        root: the repository.
        installation: as in `distributions`.
        environment: as in `distributions`.

    Raises:
        MistakesError: with everything in them that no installer could read.
    """
    files = ImageFiles(_Repository(root), root)
    roots: list[Declared] = []
    notes: list[Note] = []
    mistakes: list[Mistake] = []
    locked: list[Environment] = []
    for name in requirements:
        place = posixpath.normpath(posixpath.join("/", name))
        try:
            if command := _installs(place):
                locked += _installed_by(command, place, root)
                continue
            if posixpath.basename(place) == PYPROJECT:
                project = read_project(posixpath.dirname(place), files)
                wanted = project.wanted() if project else None
            else:
                folder = posixpath.dirname(place)
                wanted = read_requirements(place, files, cwd=folder, env={})
        except MistakesError as error:
            mistakes += error.mistakes
            continue
        if wanted is not None:
            roots += wanted.declared
            notes += wanted.notes
            notes += (
                Note(local.line, f"what {local.path} brings")
                for local in wanted.locals
                if not local.name
            )
            roots += (
                Declared(Requirement(local.name), local.line)
                for local in wanted.locals
                if local.name
            )
    if mistakes:
        raise MistakesError(tuple(dict.fromkeys(mistakes)))
    contents = Result(installation, environment)
    contents.take((Added(tuple(roots), Cause(Line("", 0), "")),))
    for one in locked:
        contents.take(one.parts)
        notes += one.opens
    opens = tuple(dict.fromkeys(notes))
    return Distributions(found=contents.found, missing=contents.missing, opens=opens)


def _installs(place: str) -> tuple[str, ...]:
    """The command that installs what a lock is for, without the project; none for other files."""
    name = posixpath.basename(place)
    if _PYLOCK.match(name):
        return ("pip", "install", "-r", name)
    return _LOCKS.get(name, ())


def _installed_by(command: Sequence[str], place: str, root: Path) -> list[Environment]:
    """What a command does that runs beside the lock at `place`, a path of the repository."""
    files = _Repository(root)
    if place not in files:
        name = place.lstrip("/")
        raise MistakesError((Mistake(file=name, line=0, subject="", what="does not exist"),))
    folder, line = posixpath.dirname(place), Line(place.lstrip("/"), 1)
    stage = Stage(
        name="",
        index=0,
        base="scratch",
        line=line,
        events=(Step(tuple(command), folder, {}, line, files),),
        tree=files,
        workdir=folder,
        env={},
    )
    return [*environments(stage, root).environments.values()]


def _service_prefix(
    words: Sequence[str],
    stage: Stage,
    state: State,
    root: Path,
    env: Mapping[str, str],
    line: Line,
) -> str:
    """The environment that the service runs in; it is known, or open, from then on."""
    place = inside(words, stage.workdir, env) if words else None
    if place is not None:
        prefix, _ = locate(place, state, ImageFiles(stage.tree, root), stage.workdir, env)
    elif words and words[0] in _NOT_MODELLED:
        prefix = posixpath.join(stage.workdir, _NOT_MODELLED[words[0]])
        note = Note(line, f"which distributions `{words[0]} run` finds: it is not modelled")
        state.make(Environment(prefix=prefix, opens=(note,), virtual=True))
    elif words and "/" in words[0]:
        prefix = state.program(words[0], stage.workdir, env)
    else:
        prefix = _on_path(state, env)
    if state.known(prefix) is None and prefix != state.base.prefix:
        what = f"which distributions {prefix} holds: no command that is understood makes it"
        state.make(Environment(prefix=prefix, opens=(Note(line, what),), virtual=True))
    return prefix


def _on_path(state: State, env: Mapping[str, str]) -> str:
    known = next(state.on_path(env)).prefix
    for folder in env.get("PATH", "").split(":"):
        prefix, name = posixpath.split(posixpath.normpath(folder)) if folder else ("", "")
        if prefix == known:
            break
        if name == "bin" and _LIKE_VENV.match(prefix):
            return prefix
    return known


def _visible(prefix: str, state: State, path: Iterable[str], workdir: str) -> Iterator[Environment]:
    """The environments and folders that the service's import path leads to."""
    own = state.environment(prefix)
    yield own
    if own.sees and own.sees != prefix:
        yield state.environment(own.sees)
    if not own.virtual:
        yield from (
            one
            for one in [*state.environments.values()]
            if is_user(one.prefix) or one.prefix.startswith("~")
        )
    for entry in dict.fromkeys(posixpath.normpath(posixpath.join(workdir, one)) for one in path):
        found = state.environments.get(prefix_of_site(entry) or entry)
        if found is not None and found is not own and (found.flat or prefix_of_site(entry)):
            yield found


def _named_in(stage: Stage, root: Path) -> Iterator[Declared]:
    """What the manifests that the image holds name."""
    files = ImageFiles(stage.tree, root)
    for path in sorted(stage.tree):
        node = stage.tree[path]
        if node.kind is not Kind.FILE or (node.source is None and node.content is None):
            continue
        try:
            if posixpath.basename(path) == PYPROJECT:
                project = read_project(posixpath.dirname(path), files)
                yield from project.declared if project else ()
            elif _REQUIREMENTS.match(path):
                folder = posixpath.dirname(path)
                yield from read_requirements(path, files, cwd=folder, env={}).declared
        except MistakesError:
            continue  # a manifest that nothing installs harms nobody


def _start_line(stage: Stage) -> Line:
    command = stage.cmd or stage.entrypoint
    return command.line if command else stage.line


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())


class _Repository(Mapping[str, Node]):
    """The repository's files as if they were an image's, below ``/``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __getitem__(self, path: str) -> Node:
        place = self._root / path.strip("/")
        try:
            if place.is_dir():
                return Node(Kind.FOLDER, source=place)
            if place.is_file():
                return Node(Kind.FILE, source=place)
        except (OSError, ValueError):
            pass
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        for place in self._root.rglob("*"):
            yield f"/{place.relative_to(self._root).as_posix()}"

    def __len__(self) -> int:
        return sum(1 for _ in self)
