"""What a manifest asks to be installed, and where it asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pytest_importcontract.shipment.image.model import Line, Note


class Part(StrEnum):
    """Which part of a manifest something is written in."""

    MAIN = "main"
    EXTRA = "extra"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Declared:
    """One requirement as it is written.

    Attributes:
        requirement: the dependency specifier (PEP 508).
        line: where it is written.
        part: the project's own dependencies, one of its extras or one of its groups.
        group: the name of that extra or group, normalised; empty for MAIN.
    """

    requirement: Requirement
    line: Line
    part: Part = Part.MAIN
    group: str = ""

    @property
    def name(self) -> NormalizedName:
        """The distribution's name, normalised (PEP 503)."""
        return canonicalize_name(self.requirement.name)


@dataclass(frozen=True, slots=True)
class Local:
    """A folder or an archive that is asked for by its path, as in ``pip install ./api[web]``.

    Attributes:
        path: absolute path in the image.
        line: where it is written.
        name: the distribution's normalised name where the path or the manifest tells it.
        extras: extras of it that are wanted, normalised.
        editable: whether it is installed as editable.
        marker: the condition as text, empty where there is none.
        part: as in `Declared`.
        group: as in `Declared`.
    """

    path: str
    line: Line
    name: str = ""
    extras: frozenset[str] = frozenset()
    editable: bool = False
    marker: str = ""
    part: Part = Part.MAIN
    group: str = ""


@dataclass(frozen=True, slots=True)
class Requirements:
    """What requirements files ask for.

    Attributes:
        declared: requirements by name.
        locals: requirements by path.
        constraints: what ``-c`` files say; they install nothing.
        notes: what could not be known.
    """

    declared: tuple[Declared, ...] = ()
    locals: tuple[Local, ...] = ()
    constraints: tuple[Declared, ...] = field(default=(), repr=False)
    notes: tuple[Note, ...] = ()
