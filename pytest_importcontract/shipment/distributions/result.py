"""What the parts of an environment come to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.requirements import Requirement

from pytest_importcontract.shipment.distributions.closure import Closure, Provenance, closure
from pytest_importcontract.shipment.distributions.contents import (
    Added,
    Cause,
    Cleared,
    Merged,
    Part,
    ProjectInstall,
    Removed,
    Seeded,
)
from pytest_importcontract.shipment.distributions.declared import Declared
from pytest_importcontract.shipment.distributions.installed import Installation, InstalledGraph
from pytest_importcontract.shipment.distributions.state import OLDER_SEEDS
from pytest_importcontract.shipment.distributions.tools import TOOLS

_OLDER_THAN_3_12 = re.compile(r"3\.(?:\d|1[01])\Z")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a distribution that a manifest names is not installed.

    Attributes:
        declared: the requirement, with its group or extra and its line.
        cause: the command that leaves it out; None where no command reads that manifest.
    """

    declared: Declared
    cause: Cause | None


class Result:
    """What an environment holds when all is done that was done to it.

    Args:
        installation: what the local interpreter has; requirements are followed through it where
            there is no lock.
        environment: as of `markers.image_environment`.

    Attributes:
        found: by normalised name what is installed, with the requirement that brings it.
        missing: of those, what `installation` does not have though it should.
        projects: projects of the repository that are installed, by name.
        left_out: by normalised name what the commands leave out of the manifests they read.
    """

    def __init__(self, installation: Installation, environment: Mapping[str, str]) -> None:
        self._installation = installation
        self._environment = environment
        self._graph = InstalledGraph(installation, environment)
        self.found: dict[str, Provenance] = {}
        self.missing: dict[str, Provenance] = {}
        self.projects: dict[str, ProjectInstall] = {}
        self.left_out: dict[str, LeftOut] = {}

    def take(self, parts: Iterable[Part]) -> None:
        """Do what the parts say, in order."""
        for part in parts:
            match part:
                case Seeded():
                    self._seed(part)
                case Added():
                    self._add(part)
                case Removed():
                    self._remove(self._names() & part.names)
                case Cleared():
                    keeps = part.keeps if self._is_old() else part.keeps - frozenset(OLDER_SEEDS)
                    self._remove(self._names() - keeps)
                case Merged():
                    self._merge(part)

    def _is_old(self) -> bool:
        return _OLDER_THAN_3_12.match(self._environment.get("python_version", "")) is not None

    def _seed(self, part: Seeded) -> None:
        for name in (*part.names, *(part.older if self._is_old() else ())):
            root = Declared(Requirement(name), part.cause.line)
            self.found.setdefault(name, Provenance(root, (name,)))

    def _names(self) -> frozenset[str]:
        return frozenset({*self.found, *self.projects})

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self.found.pop(name, None)
            self.missing.pop(name, None)
            self.projects.pop(name, None)

    def _merge(self, part: Merged) -> None:
        other = Result(self._installation, self._environment)
        other.take(part.parts)
        self.found = {**other.found, **self.found}
        self.missing = {**other.missing, **self.missing}
        self.projects = {**other.projects, **self.projects}
        self.left_out = {**other.left_out, **self.left_out}

    def _add(self, part: Added) -> None:
        for excluded in part.excluded:
            if self._graph.holds(excluded.declared.requirement.marker):
                left = LeftOut(excluded.declared, excluded.cause)
                self.left_out.setdefault(excluded.declared.name, left)
        for project in part.projects:
            self.projects[project.name or project.path] = project
        for name, provenance in self._closure(part).items():
            if name in part.members:
                member = part.members[name]
                if member is not None and name not in part.without:
                    self.projects.setdefault(name, member)
            elif name not in part.without and name not in self.projects:
                self._distribution(name, provenance, sure=part.cause.sure)

    def _closure(self, part: Added) -> Mapping[str, Provenance]:
        if part.lock is not None:
            chosen = part.lock(self._environment)
        elif part.deps:
            chosen = closure(part.roots, self._graph)
        else:
            chosen = Closure(
                {
                    root.name: Provenance(root, (root.name,))
                    for root in part.roots
                    if self._graph.holds(root.requirement.marker)
                }
            )
        return {**chosen.missing, **chosen.found}

    def _distribution(self, name: str, provenance: Provenance, *, sure: bool) -> None:
        self.found.setdefault(name, provenance)
        if name in self._installation.distributions:
            return
        if name in TOOLS:
            for brought in sorted(TOOLS[name]):
                further = Provenance(provenance.root, (*provenance.chain, brought))
                self.found.setdefault(brought, further)
        elif sure:
            self.missing.setdefault(name, provenance)
