"""What comes along with what is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pytest_importcontract.shipment.distributions.declared import Declared


@dataclass(frozen=True, slots=True)
class Need:
    """A distribution that something needs.

    Attributes:
        name: its normalised name.
        extras: extras of it that are needed, normalised.
        version: the one that is meant, where a lock has several; else empty.
    """

    name: str
    extras: frozenset[str] = frozenset()
    version: str = ""


class Graph(Protocol):
    """Distributions and what each of them needs: a lock, or the metadata of an interpreter."""

    def holds(self, marker: Marker | None) -> bool:
        """Whether a root's condition holds where the graph is followed."""

    def version(self, need: Need) -> str | None:
        """The version that `need` leads to; None where there is none of that name."""

    def needs(self, need: Need) -> Iterable[Need]:
        """What the distribution needs with these extras where the markers hold."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Why a distribution is there.

    Attributes:
        root: the requirement that brings it along.
        chain: names from that requirement's own to this distribution's, both included.
        version: what is known of it; may be empty.
    """

    root: Declared
    chain: tuple[str, ...]
    version: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """All that a set of requirements brings.

    Attributes:
        found: by normalised name what is there, with the shortest reason for it.
        missing: what is needed and not in the graph.
        extras: of what is in `found`, the extras that are asked for.
    """

    found: Mapping[str, Provenance] = field(default_factory=dict)
    missing: Mapping[str, Provenance] = field(default_factory=dict)
    extras: Mapping[str, frozenset[str]] = field(default_factory=dict)


def closure(roots: Iterable[Declared], graph: Graph) -> Closure:
    """Follow `roots` through `graph`.

    A root whose marker does not hold brings nothing. Cycles, and extras that name their own
    distribution (``all = ["pkg[web]"]``), are followed once.

    Args:
        roots: what is asked for; where two bring the same, the first shortest chain is told.
        graph: where they lead.
    """
    found: dict[str, Provenance] = {}
    missing: dict[str, Provenance] = {}
    extras: dict[str, frozenset[str]] = {}
    pending: deque[tuple[Need, Declared, tuple[str, ...]]] = deque()
    for root in roots:
        if graph.holds(root.requirement.marker):
            wanted = frozenset(map(canonicalize_name, root.requirement.extras))
            need = Need(root.name, wanted, _pinned(root.requirement.specifier))
            pending.append((need, root, (root.name,)))
    seen: set[Need] = set()
    while pending:
        need, root, chain = pending.popleft()
        if need in seen:
            continue
        seen.add(need)
        version = graph.version(need)
        known = missing if version is None else found
        known.setdefault(need.name, Provenance(root, chain, version or ""))
        if version is None:
            continue
        extras[need.name] = extras.get(need.name, frozenset()) | need.extras
        for further in graph.needs(need):
            longer = chain if further.name == chain[-1] else (*chain, further.name)
            pending.append((further, root, longer))
    return Closure(found, missing, extras)


def _pinned(specifiers: SpecifierSet) -> str:
    """The version that ``==`` names; empty where there is no such one."""
    exact = [one.version for one in specifiers if one.operator == "=="]
    return exact[0] if len(exact) == 1 else ""
