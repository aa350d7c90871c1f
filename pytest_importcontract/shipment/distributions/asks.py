"""What a command of a build asks of Python environments, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pytest_importcontract.shipment.distributions.options import Given


class Where(StrEnum):
    """How a command finds the environment it acts on."""

    PROGRAM = "program"
    """The one that holds the program `Place.word`, a pip or a python, first on PATH."""
    PREFIX = "prefix"
    """The one in the folder `Place.word`."""
    TARGET = "target"
    """No environment: modules are laid into the folder `Place.word` (``pip install --target``)."""
    USER = "user"
    """What ``pip install --user`` fills: ``~/.local``."""
    UV_PIP = "uv pip"
    """VIRTUAL_ENV, which `Place.word` repeats, else the nearest ``.venv`` above `Place.folder`."""
    SYSTEM = "system"
    """The first Python on PATH that is in no virtual environment."""
    UV = "uv"
    """The project's, by uv's rules; `Place.word` where an option or a variable names it."""
    POETRY = "poetry"
    """The project's, by Poetry's rules."""
    PDM = "pdm"
    """The project's, by PDM's rules."""
    PIPENV = "pipenv"
    """The project's, by Pipenv's rules."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which environment a command acts on.

    Attributes:
        where: how it is found.
        word: a program as it was called, or an absolute folder; see `Where`.
        folder: where the search starts, of a tool that looks for a project or a ``.venv``.
    """

    where: Where
    word: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which parts of a manifest are wanted.

    Attributes:
        main: the project's own dependencies.
        defaults: the groups that the tool takes when nobody says otherwise.
        groups: further groups, as they were written.
        without: groups that are left out; they win.
        all_groups: every group.
        extras: extras, as they were written.
        without_extras: extras that are left out; they win.
        all_extras: every extra.
    """

    main: bool = True
    defaults: bool = True
    groups: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    all_groups: bool = False
    extras: tuple[str, ...] = ()
    without_extras: tuple[str, ...] = ()
    all_extras: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Something to install, as the command line names it.

    Attributes:
        text: a requirement (PEP 508), a path with or without extras, a URL.
        editable: whether it is installed as editable.
    """

    text: str
    editable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """Install what requirements ask for.

    Attributes:
        place: where to.
        folder: what relative paths start from.
        targets: what the command line itself names.
        files: requirements files, pyproject.toml included where the tool reads it; ``-`` is
            standard input.
        groups: dependency groups, as ``GROUP`` or ``PATH:GROUP``.
        selection: extras of the projects whose pyproject.toml is in `files`.
        deps: whether what these need comes along.
        exact: whether everything else is removed.
        links: folders that archives are taken from (``--find-links``).
        local: whether no index is asked, so that everything comes from `links`.
    """

    place: Place
    folder: str
    targets: tuple[Target, ...] = ()
    files: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    selection: Selection = Selection()
    deps: bool = True
    exact: bool = False
    links: tuple[str, ...] = ()
    local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Install what a project's manifest and lock say, with the tool that manages the project.

    Attributes:
        tool: ``uv``, ``poetry``, ``pdm`` or ``pipenv``.
        place: where to; its folder is where the search for the project starts.
        selection: which parts.
        package: the members of a workspace that are meant; empty for the project itself.
        all_packages: whether all members of the workspace are meant.
        install: whether the project itself is installed.
        members: whether other projects of the same repository are.
        without: names that are not installed.
        editable: whether projects are installed as editable.
        exact: whether everything else is removed.
    """

    tool: str
    place: Place
    selection: Selection = Selection()
    package: tuple[str, ...] = ()
    all_packages: bool = False
    install: bool = True
    members: bool = True
    without: tuple[str, ...] = ()
    editable: bool = True
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Uninstall:
    """Remove distributions.

    Attributes:
        place: where from.
        folder: what relative paths start from.
        names: their names as written.
        files: requirements files that name more.
    """

    place: Place
    folder: str
    names: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Create:
    """Make a virtual environment.

    Attributes:
        prefix: its absolute folder.
        by: ``venv``, ``virtualenv`` or ``uv``.
        seeded: whether it gets pip.
        system: whether it also sees the site-packages of the Python it is made with.
        python: the program, a path or a version that it is made with; may be empty.
    """

    prefix: str
    by: str
    seeded: bool
    system: bool = False
    python: str = ""


@dataclass(frozen=True, slots=True)
class Collect:
    """Lay archives into a folder without installing them.

    Attributes:
        folder: the absolute folder.
        install: what is collected; its place is of no meaning.
        projects: whether only projects themselves are built (``uv build``).
    """

    folder: str
    install: Install
    projects: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """Write a requirements file from a project's manifest and lock.

    Attributes:
        output: its absolute path; empty for standard output.
        source: a project, or what ``pip-compile`` compiles.
    """

    output: str
    source: Sync | Install


@dataclass(frozen=True, slots=True)
class Configure:
    """Set an option of a tool for all that follows.

    Attributes:
        tool: whose.
        key: its name, as in ``virtualenvs.create``.
        value: as it was written.
    """

    tool: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Activate:
    """Put an environment first on PATH for the rest of the RUN.

    Attributes:
        prefix: its absolute folder.
    """

    prefix: str


@dataclass(frozen=True, slots=True)
class System:
    """Install packages of the image's operating system.

    Attributes:
        names: those that concern Python, as in ``python3-yaml``.
    """

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A command that changes environments in a way nobody can tell.

    Attributes:
        what: why not, as a phrase.
        place: what it acts on; None where even that is not known.
    """

    what: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """What a command asks that runs with an environment first on PATH, as in ``uv run pip …``.

    Attributes:
        place: that environment.
        asks: what it asks.
    """

    place: Place
    asks: tuple[Ask, ...]


Ask = (
    Install
    | Sync
    | Uninstall
    | Create
    | Collect
    | Export
    | Configure
    | Activate
    | System
    | Unread
    | Inside
)


def and_unknown(asked: tuple[Ask, ...], given: Given, place: Place) -> tuple[Ask, ...]:
    """What is asked of `place`, and a word about options that nobody knows."""
    if not given.unknown:
        return asked
    what = f"it has options that are not known: {', '.join(given.unknown)}"
    return (*asked, Unread(what, place))
