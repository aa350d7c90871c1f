"""All that is known of one module, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pytest_importcontract.diagnosis.model import Hop


class Group(StrEnum):
    """Where and when an import stands, as who looks for importers would sort them.

    Those after ``NEVER`` need not be imports of the service: a string that only names the module,
    tests, code that does not ship.
    """

    EAGER = "eager"
    GUARDED = "guarded"
    CONDITIONAL = "conditional"
    DEFERRED = "deferred"
    TYPING = "typing"
    NEVER = "never"
    NAMED = "named in a string"
    TEST = "in tests"
    BEYOND = "in code that does not ship"


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """One import.

    Attributes:
        importer: the module whose code it is.
        imported: the module named, relative names resolved.
        names: what is imported from it; empty for the module as such.
        hop: its line, and the statement.
        group: where and when it stands.
        kind: when it runs, as in ``deferred``.
        is_guarded: whether its failure is caught.
        how: when it runs and what becomes of its failure, in words; empty for an eager one.
        observer: who saw it.
        reached: whether an entrypoint reaches the importer.
        breaks: rules of the contract that forbid it.
    """

    importer: str
    imported: str
    names: tuple[str, ...]
    hop: Hop
    group: Group
    kind: str = ""
    is_guarded: bool = False
    how: str = ""
    observer: str = ""
    reached: bool = True
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How one entrypoint comes to a module.

    Attributes:
        entrypoint: its text.
        at: where it is named, as in ``contracts.toml:3``; empty where nothing names it.
        reached: whether it comes there at all.
        at_startup: whether it does so by imports that startup runs.
        imports: on the way, the first one first; none where it starts with the module.
        missing: whether the entrypoint itself is nowhere to be found.
        ended: how its start ended, where it was started and did not succeed.
    """

    entrypoint: str
    at: str = ""
    reached: bool = False
    at_startup: bool = False
    imports: tuple[Import, ...] = ()
    missing: bool = False
    ended: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Whereabouts:
    """Where a module is, in the repository, the image, a distribution, or nowhere.

    Attributes:
        origin: where it belongs, as in ``first-party``; empty for what nobody has.
        file: its file or folder, as messages call it; empty where there is none, or it is not
            the repository's.
        ships: whether the service can import it.
        places: where it lies in the image.
        brought: what brings it there, or into the environment.
        why: why the service does not have it.
        fixes: what would give it to the service, alternatives in order.
    """

    origin: str = ""
    file: str = ""
    ships: bool = False
    places: tuple[str, ...] = ()
    brought: str = ""
    why: str = ""
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """What is to be said about a module, or about a name in one.

    Attributes:
        service: the service's name; empty where no contract was asked.
        module: its dotted name.
        name: the name in it that is asked for; empty for the module as such.
        is_package: whether imports of modules below it count as imports of it.
        whereabouts: where it is.
        lacks: that the module does not have the name, or why nobody can tell; empty where it has.
        bound: where the module binds the name; where it lacks it, where other modules define it.
        rules: what the contract says about importing it.
        ways: one for each entrypoint.
        importers: every direct import of it, ordered by group and place.
        inside: how many more stand in modules of the package itself.
        whole: how many modules import the module as a whole, and may so use the name.
        imports: what it imports itself.
        notes: what else is worth knowing.
    """

    service: str
    module: str
    name: str = ""
    is_package: bool = False
    whereabouts: Whereabouts
    lacks: str = ""
    bound: tuple[Hop, ...] = ()
    rules: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    importers: tuple[Import, ...] = ()
    inside: int = 0
    whole: int = 0
    imports: tuple[Import, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The module, or ``module:name``."""
        return f"{self.module}:{self.name}" if self.name else self.module
