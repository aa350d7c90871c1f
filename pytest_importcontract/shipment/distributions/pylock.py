"""The standard lock file, ``pylock.toml`` (PEP 751)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from packaging.pylock import Package, Pylock, PylockValidationError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_importcontract.contract.document import Document, parse
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.shipment.distributions.closure import Closure, Need, Provenance
from pytest_importcontract.shipment.distributions.declared import Declared
from pytest_importcontract.shipment.distributions.locks import Edge, Lock, Locked, Origin, by_name
from pytest_importcontract.shipment.distributions.markers import holds
from pytest_importcontract.shipment.image.model import Line

_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class StandardLock:
    """A pylock.toml.

    Attributes:
        lock: its packages.
        default_groups: dependency groups that are wanted where none is asked for.
    """

    def __init__(self, lock: Lock, default_groups: frozenset[str]) -> None:
        self.lock = lock
        self.default_groups = default_groups

    def chosen(
        self,
        environment: Mapping[str, str],
        *,
        extras: Iterable[str] = (),
        groups: Iterable[str] | None = None,
    ) -> Closure:
        """What is installed: such a lock lists it all, each package with its own condition.

        Args:
            environment: as of `markers.image_environment`.
            extras: extras that are asked for.
            groups: dependency groups that are asked for; None for the lock's default.
        """
        wanted = self.default_groups if groups is None else frozenset(groups)
        found = {
            package.name: Provenance(_declared(package), (package.name,), package.version)
            for package in self.lock
            if holds(package.marker, environment, extras, wanted)
        }
        return Closure(found)


def read_pylock(content: bytes, name: str) -> StandardLock:
    """Read a pylock.toml.

    Args:
        content: its bytes.
        name: what messages call it.

    Raises:
        MistakesError: it is not valid by PEP 751.
    """
    document = parse(content, name)
    try:
        pylock = Pylock.from_dict(document.data)
    except PylockValidationError as error:
        keys = _keys(error.context or "")
        what = f"{error.message[:1].lower()}{error.message[1:]}"
        raise MistakesError(
            (Mistake(file=name, line=document.line(*keys), subject=error.context or "", what=what),)
        ) from None
    packages = [_locked(document, index, package) for index, package in enumerate(pylock.packages)]
    defaults = frozenset(map(canonicalize_name, pylock.default_groups or ()))
    return StandardLock(Lock(name, by_name(packages)), defaults)


def _locked(document: Document, index: int, package: Package) -> Locked:
    version = str(package.version or "")
    line = Line(document.name, document.line("packages", index), f"{package.name} {version}")
    requires = []
    for place, dependency in enumerate(package.dependencies or ()):
        needed = dependency.get("name")
        if isinstance(needed, str):
            number = document.line("packages", index, "dependencies", place)
            edge_line = Line(document.name, number, needed)
            version_needed = str(dependency.get("version", ""))
            need = Need(canonicalize_name(needed), version=version_needed)
            requires.append(Edge(need, edge_line))
    return Locked(
        name=package.name,
        line=line,
        version=version,
        origin=_origin(package),
        path=package.directory.path if package.directory else "",
        requires=tuple(requires),
        marker=str(package.marker or ""),
    )


def _origin(package: Package) -> Origin:
    if package.directory:
        return Origin.EDITABLE if package.directory.editable else Origin.DIRECTORY
    if package.vcs:
        return Origin.GIT
    if package.archive:
        return Origin.URL if package.archive.url else Origin.ARCHIVE
    return Origin.REGISTRY


def _declared(package: Locked) -> Declared:
    return Declared(Requirement(package.name), package.line)


def _keys(context: str) -> Keys:
    """The path that the validator names, as in ``packages[3].wheels[0].url``."""
    return tuple(int(index) if index else key for key, index in _STEP.findall(context))
