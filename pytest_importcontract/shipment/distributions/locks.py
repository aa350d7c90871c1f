"""A lock file's packages as values, whichever tool wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from packaging.markers import Marker
from packaging.version import InvalidVersion, Version

from pytest_importcontract.shipment.distributions.closure import Need
from pytest_importcontract.shipment.distributions.markers import holds
from pytest_importcontract.shipment.image.model import Line


class Origin(StrEnum):
    """Where a locked package comes from."""

    REGISTRY = "registry"
    EDITABLE = "editable"
    VIRTUAL = "virtual"
    DIRECTORY = "directory"
    ARCHIVE = "archive"
    GIT = "git"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Edge:
    """What a locked package needs.

    Attributes:
        need: what it leads to.
        line: where that is written.
        marker: the condition as text; empty where there is none.
    """

    need: Need
    line: Line
    marker: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """One package of a lock.

    Attributes:
        name: its normalised name.
        line: where it is written.
        version: empty where it has none, as projects whose version is dynamic.
        origin: where it comes from.
        path: of what lies in the project: as written, relative to the lock's folder.
        requires: what it always needs.
        extras: what each of its extras needs, by normalised name.
        groups: what each of its dependency groups needs; only projects have any.
        marker: the condition under which this one is meant, as text.
    """

    name: str
    line: Line
    version: str = ""
    origin: Origin = Origin.REGISTRY
    path: str = ""
    requires: tuple[Edge, ...] = ()
    extras: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file.

    Attributes:
        file: what messages call it.
        packages: by normalised name, several where a lock has several versions.
        groups: dependency groups of a workspace that is no project itself.
    """

    file: str
    packages: Mapping[str, tuple[Locked, ...]]
    groups: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Locked]:
        for packages in self.packages.values():
            yield from packages


@dataclass(frozen=True, slots=True)
class LockGraph:
    """A lock as a graph to follow (see `closure.Graph`).

    Attributes:
        lock: the lock.
        environment: as of `markers.image_environment`.
        extras: what markers of the lock may ask for by ``extra == "…"``: extras of the project,
            and uv's own names for what it chose between (see `uv_lock.chosen`).
    """

    lock: Lock
    environment: Mapping[str, str]
    extras: frozenset[str] = frozenset()

    def holds(self, marker: Marker | str | None) -> bool:
        """Whether a condition holds."""
        return holds(marker, self.environment, self.extras)

    def version(self, need: Need) -> str | None:
        """The version that is locked; None where the lock has no such package."""
        package = self.package(need)
        return package.version if package else None

    def needs(self, need: Need) -> Iterable[Need]:
        """What the package needs with these extras."""
        package = self.package(need)
        if package is None:
            return
        extras = self.extras | need.extras
        edges = [*package.requires, *(e for x in need.extras for e in package.extras.get(x, ()))]
        for edge in edges:
            if holds(edge.marker, self.environment, extras):
                yield edge.need

    def package(self, need: Need) -> Locked | None:
        """The package that is meant: of that version, or whose condition holds, or the newest."""
        candidates = self.lock.packages.get(need.name, ())
        exact = [package for package in candidates if need.version == package.version]
        fitting = [package for package in candidates if self.holds(package.marker)]
        chosen = exact or fitting or candidates
        return max(chosen, key=lambda package: _age(package.version), default=None)


def by_name(packages: Iterable[Locked]) -> Mapping[str, tuple[Locked, ...]]:
    """Packages as `Lock` holds them."""
    found: dict[str, tuple[Locked, ...]] = {}
    for package in packages:
        found[package.name] = (*found.get(package.name, ()), package)
    return found


def _age(version: str) -> tuple[bool, Version]:
    try:
        return True, Version(version)
    except InvalidVersion:
        return False, Version("0")
