"""The environments of an image while it is built, and how commands find theirs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pytest_importcontract.shipment.distributions.bases import Base
from pytest_importcontract.shipment.distributions.contents import (
    Added,
    Cause,
    Environment,
    Merged,
    Part,
    Seeded,
)
from pytest_importcontract.shipment.distributions.pip import is_python
from pytest_importcontract.shipment.image.model import Line, Note

_SITE = re.compile(r"(?P<prefix>.*?)/lib(?:64)?/python3?[\d.]*t?/(?:site|dist)-packages\Z")
_USER = re.compile(r"(?:/root|/home/[^/]+|~)/\.local\Z")
_INSIDE_SITE = ("lib", "lib64")
OLDER_SEEDS = ("setuptools", "wheel")
"""What Python's own tools also install with a Python that is older than 3.12."""


@dataclass(slots=True)
class State:
    """What a stage holds at one point of its build.

    Attributes:
        base: the image at the bottom.
        cause: the FROM that names it.
        environments: by prefix.
        houses: folders of archives, and what was collected there.
        written: requirements files that commands wrote, and what is in them; ``-`` is what one
            printed.
        foreign: what was copied from elsewhere and is no known environment, and by which line.
        settings: of tools, by tool and key.
        notes: what was not modelled.
    """

    base: Base
    cause: Cause
    environments: dict[str, Environment] = field(default_factory=dict)
    houses: dict[str, tuple[Added, ...]] = field(default_factory=dict)
    written: dict[str, tuple[Added, ...]] = field(default_factory=dict)
    foreign: dict[str, Line] = field(default_factory=dict)
    settings: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def copy(self) -> State:
        """One that can go on without changing this one."""
        return State(
            self.base,
            self.cause,
            dict(self.environments),
            dict(self.houses),
            dict(self.written),
            dict(self.foreign),
            dict(self.settings),
            list(self.notes),
        )

    def environment(self, prefix: str) -> Environment:
        """The environment at `prefix`, as far as it is known."""
        known = self.environments.get(prefix)
        if known is not None:
            return known
        made = Environment(prefix=prefix, pip=prefix == self.base.prefix)
        if prefix == self.base.prefix and self.base.seeds:
            names = tuple(name for name in self.base.seeds if name not in OLDER_SEEDS)
            older = OLDER_SEEDS if self.base.version is None else ()
            known_older = tuple(name for name in self.base.seeds if name in OLDER_SEEDS)
            made = replace(made, parts=(Seeded((*names, *known_older), self.cause, older),))
        if not self.base.known:
            made = replace(made, opens=(Note(self.cause.line, _unknown_base(self.cause)),))
        self.environments[prefix] = made
        return made

    def known(self, prefix: str) -> Environment | None:
        """The environment at `prefix` if there is one as far as is known, or may be one."""
        found = self.environments.get(prefix)
        if found is None:
            for folder, line in self.foreign.items():
                if moved(prefix, folder, folder) is not None:
                    note = Note(line, f"which distributions {prefix} holds")
                    self.make(Environment(prefix=prefix, opens=(note,), virtual=True))
                    return self.environments[prefix]
        return found

    def make(self, environment: Environment) -> None:
        """A new environment, in the place of one that may have been there."""
        self.environments[environment.prefix] = environment

    def add(self, prefix: str, part: Part) -> None:
        """Put something into the environment at `prefix`."""
        found = self.environment(prefix)
        pip = found.pip or (isinstance(part, Added) and any(r.name == "pip" for r in part.roots))
        self.environments[prefix] = replace(found, parts=(*found.parts, part), pip=pip)

    def open(self, note: Note, prefix: str | None = None) -> None:
        """Say that an environment may hold more than is known; all of them without `prefix`."""
        if note not in self.notes:
            self.notes.append(note)
        prefixes = [*self.environments] if prefix is None else [prefix]
        if prefix is None and self.base.prefix not in prefixes:
            prefixes.append(self.base.prefix)
        for each in prefixes:
            found = self.environment(each)
            self.environments[each] = replace(found, opens=(*found.opens, note))

    def receive(self, environment: Environment, prefix: str, line: Line, *, flat: bool) -> None:
        """Copy what was put into `environment` into the one at `prefix`."""
        known = self.environments.get(prefix)
        if known is None and prefix != self.base.prefix:
            moved = replace(environment, prefix=prefix, flat=flat, parts=())
            self.environments[prefix] = moved
        found = self.environment(prefix)
        self.environments[prefix] = replace(
            found,
            parts=(*found.parts, Merged(environment.parts, line)),
            opens=found.opens
            + tuple(note for note in environment.opens if note not in found.opens),
            pip=found.pip or environment.pip,
        )

    def on_path(self, env: Mapping[str, str]) -> Iterator[Environment]:
        """The environments whose programs PATH leads to, in its order, the image's own last."""
        own = self.base.prefix
        seen = set()
        for folder in env.get("PATH", "").split(":"):
            prefix = posixpath.dirname(posixpath.normpath(folder)) if folder else ""
            if posixpath.basename(folder.rstrip("/")) not in ("bin", "sbin") or prefix in seen:
                continue
            seen.add(prefix)
            known = self.known(prefix)
            if prefix == own or (known and not known.flat and not is_user(prefix)):
                yield self.environment(prefix)
        if own not in seen:
            yield self.environment(own)

    def program(self, word: str, cwd: str, env: Mapping[str, str]) -> str:
        """Prefix of the environment in which the program `word`, a pip or a python, works."""
        if "/" in word:
            folder = posixpath.dirname(posixpath.normpath(posixpath.join(cwd, word)))
            if folder == "/bin":  # a link to /usr/bin
                folder = "/usr/bin"
            return posixpath.dirname(folder)
        found = [*self.on_path(env)]
        if not is_python(word):
            found = [environment for environment in found if environment.pip] or found
        return found[0].prefix

    def system(self, env: Mapping[str, str]) -> str:
        """Prefix of the first Python on PATH that is in no virtual environment."""
        found = [environment for environment in self.on_path(env) if not environment.virtual]
        return found[0].prefix if found else self.base.prefix


def is_user(prefix: str) -> bool:
    """Whether a prefix is where ``pip install --user`` installs to."""
    return _USER.match(prefix) is not None


def prefix_of_site(folder: str) -> str:
    """The prefix of a site-packages folder; empty where the folder is none."""
    match = _SITE.match(folder)
    return match["prefix"] or "/" if match else ""


def moved(path: str, source: str, target: str) -> str | None:
    """Where `path` comes to lie when `source` is copied to `target`; None where it is not in it."""
    if path != source and not path.startswith(source.rstrip("/") + "/"):
        return None
    return posixpath.normpath(target.rstrip("/") + path[len(source.rstrip("/")) :] or "/")


def site_moved(prefix: str, source: str, target: str) -> tuple[str, bool] | None:
    """Where the site-packages of `prefix` come to lie when something below it is copied.

    Returns:
        The prefix they belong to then and False; the folder and True where it is no longer a
        site-packages folder; None where they are not in what is copied.
    """
    below = source[len(prefix) :].strip("/").split("/") if source.startswith(prefix + "/") else []
    if not below or below[0] not in _INSIDE_SITE or len(below) > 3:
        return None
    if len(below) > 1 and not below[1].startswith("python"):
        return None
    if len(below) > 2 and below[2] not in ("site-packages", "dist-packages"):
        return None
    rest = ["python3", "site-packages"][len(below) - 1 :]
    site = posixpath.join(target, *rest)
    found = prefix_of_site(site)
    return (found, False) if found else (site, True)


def is_part_of_site(prefix: str, source: str) -> bool:
    """Whether a path lies inside the site-packages of `prefix`."""
    below = source[len(prefix) :] if source.startswith(prefix + "/") else ""
    return re.match(r"/lib(?:64)?/python3?[\d.]*t?/(?:site|dist)-packages/.", below) is not None


def _unknown_base(cause: Cause) -> str:
    return f"which distributions the image {cause.text} holds"
