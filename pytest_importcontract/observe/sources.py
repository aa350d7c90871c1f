"""What the source of a service's modules says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pytest_importcontract.observe.facts import ImportEdge, Place, SyntaxFault


class Binding(NamedTuple):  # the one value of which a service has tens of thousands
    """A name at a module's top level.

    Attributes:
        name: the name.
        line: where it is first bound so.
        how: ``import``, ``class``, ``function`` or ``value``.
    """

    name: str
    line: int
    how: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ModuleSource:
    """What the source of one module says.

    Attributes:
        module: its dotted name.
        file: its file, as messages call it.
        bound: the names that it binds at its top level, those of star imports left out.
        is_open: whether it may have others: its code writes to a namespace, or has a
            ``__getattr__``.
        exports: ``__all__``; None where it has none.
        exports_are_all: whether `exports` is known to be the whole of it.
        unknown: places of imports whose name only the running service knows, each with the
            function that imports.
        sought: modules that it looks for without importing them, each with the place.
    """

    module: str
    file: str
    bound: tuple[Binding, ...] = ()
    is_open: bool = False
    exports: tuple[str, ...] | None = None
    exports_are_all: bool = False
    unknown: tuple[tuple[Place, str], ...] = ()
    sought: tuple[tuple[str, Place], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A module whose source the service's interpreter cannot read.

    Attributes:
        module: its dotted name.
        fault: where and why; line 0 where no line is to blame.
        read_otherwise: whether another interpreter could, so that its imports are known.
    """

    module: str
    fault: SyntaxFault
    read_otherwise: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """What the source of a set of modules says.

    Attributes:
        edges: every import, ordered by place.
        modules: by name, those that could be read.
        unread: those that could not, or not by the service's interpreter.
    """

    edges: tuple[ImportEdge, ...]
    modules: Mapping[str, ModuleSource]
    unread: tuple[Unread, ...]
