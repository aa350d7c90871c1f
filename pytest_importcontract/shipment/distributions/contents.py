"""What a build put into one environment, in the order in which it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pytest_importcontract.shipment.distributions.closure import Closure
from pytest_importcontract.shipment.distributions.declared import Declared
from pytest_importcontract.shipment.image.model import Line, Note, Step


@dataclass(frozen=True, slots=True)
class Cause:
    """The command that changed an environment.

    Attributes:
        line: the instruction it stands in.
        text: the command as written, in one line.
        sure: whether it runs whenever the image is built.
    """

    line: Line
    text: str
    sure: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class ProjectInstall:
    """A project of the repository that a build installs as a distribution.

    Attributes:
        path: its folder in the image, as it was then.
        name: its normalised name; empty where its manifest does not tell.
        editable: whether it is installed as editable.
        extras: extras of it that are wanted, normalised.
        step: the command that installs it, with the tree it finds.
    """

    path: str
    name: str
    editable: bool
    extras: frozenset[str]
    step: Step = field(repr=False)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A requirement of a manifest that a command does not install.

    Attributes:
        declared: the requirement, its group or extra and its line.
        cause: the command.
    """

    declared: Declared
    cause: Cause


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """Distributions that a command installs with what they need.

    Attributes:
        roots: what is asked for.
        deps: whether what these need comes along.
        cause: the command.
        excluded: what stands in the same manifests and is not asked for.
        projects: projects that are installed too; what they need is among the roots.
        lock: follows the roots through a lock instead of through installed metadata; its
            parameter is the marker environment.
        without: normalised names that are not installed though they are needed.
        members: projects of the repository that what is asked for may need, by normalised name;
            None for one that is never installed itself.
    """

    roots: tuple[Declared, ...]
    cause: Cause
    deps: bool = True
    excluded: tuple[Excluded, ...] = ()
    projects: tuple[ProjectInstall, ...] = ()
    lock: Callable[[Mapping[str, str]], Closure] | None = None
    without: frozenset[str] = frozenset()
    members: Mapping[str, ProjectInstall | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Removed:
    """Distributions that a command removes, by their normalised names."""

    names: frozenset[str]
    cause: Cause


@dataclass(frozen=True, slots=True)
class Cleared:
    """Everything is removed, because what follows is to be all there is.

    Attributes:
        keeps: normalised names that stay.
        cause: the command.
    """

    keeps: frozenset[str]
    cause: Cause


@dataclass(frozen=True, slots=True)
class Seeded:
    """What an image or a new environment holds from the start.

    Attributes:
        names: normalised names.
        cause: what brought them.
        older: further names where Python is older than 3.12.
    """

    names: tuple[str, ...]
    cause: Cause
    older: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """What was copied from another environment.

    Attributes:
        parts: what was done there.
        line: the instruction that copied it.
    """

    parts: tuple[Part, ...]
    line: Line


Part = Added | Removed | Cleared | Seeded | Merged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Environment:
    """One Python environment of an image, or one folder that modules are laid into.

    Attributes:
        prefix: its folder, an absolute path of the image.
        flat: whether it is a folder of modules (``pip install --target``) and has no Python.
        parts: what was put into it, in order.
        opens: why it may hold more than `parts` say; nothing may then be said to be absent.
        sees: prefix of the environment whose modules are seen too; empty for none.
        pip: whether it has a pip of its own.
        unseeded: whether uv made it without pip, and so removes one where it synchronises.
        virtual: whether it is a virtual environment.
    """

    prefix: str
    flat: bool = False
    parts: tuple[Part, ...] = ()
    opens: tuple[Note, ...] = ()
    sees: str = ""
    pip: bool = False
    unseeded: bool = False
    virtual: bool = False
