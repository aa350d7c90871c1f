"""Imports that both observers saw, made one."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from pytest_importcontract.observe.facts import (
    ImportEdge,
    ImportKind,
    Observation,
    Observer,
    Place,
)

MAIN = frozenset({"__main__", "__mp_main__"})  # what a script's own code is called while it runs
_BY_THE_RUN = frozenset({ImportKind.CONDITIONAL, ImportKind.NEVER, ImportKind.TYPING})
_SETTING = re.compile(r"[A-Z][A-Z0-9_]*")
_Key = tuple[Place, str, tuple[str, ...]]


def merged(
    observations: Iterable[Observation], source: Sequence[ImportEdge]
) -> tuple[ImportEdge, ...]:
    """Every import that runs showed or that stands in the source, each once, ordered by place.

    An import is one for both observers where importer, place, module and names are the same; the
    source then tells its guard, condition and scope, and its kind unless the run shows that a
    condition let it. A string that names a module which a distribution's code was seen to import,
    as Django's does for ``INSTALLED_APPS``, was seen by both.
    """
    observations = tuple(observations)
    seen = {edge for observation in observations for edge in observation.edges}
    places = {edge.place.file for edge in seen}
    written: dict[_Key, list[ImportEdge]] = defaultdict(list)
    for edge in source:
        if edge.place.file in places and edge.kind is not ImportKind.BY_NAME:
            written[_key(edge)].append(edge)
    found: list[ImportEdge] = []
    matched: set[int] = set()
    for edge in seen:
        twins = [
            each
            for each in written.get(_key(edge), ())
            if edge.importer_is_first_party
            and (each.importer == edge.importer or edge.importer in MAIN)
        ]
        matched.update(map(id, twins))
        found += (_both(edge, each) for each in twins) if twins else (edge,)
    found = list(dict.fromkeys(found))
    read = set(map(id, _strings_read(observations, source)))
    for edge in source:
        if id(edge) in read:
            found.append(dataclasses.replace(edge, observer=Observer.BOTH))
        elif id(edge) not in matched:
            found.append(edge)
    return tuple(sorted(found, key=attrgetter("place", "imported", "names", "error")))


def _key(edge: ImportEdge) -> _Key:
    return edge.place, edge.imported, edge.names


def _both(seen: ImportEdge, written: ImportEdge) -> ImportEdge:
    below = dict.fromkeys((*seen.submodules, *(written.submodules if seen.error else ())))
    return dataclasses.replace(
        written,
        kind=seen.kind if written.kind in _BY_THE_RUN else written.kind,
        submodules=tuple(below),
        importer_is_first_party=True,
        origin=seen.origin,
        error=seen.error,
        providers=seen.providers,
        observer=Observer.BOTH,
    )


def _strings_read(
    observations: Iterable[Observation], source: Iterable[ImportEdge]
) -> Iterator[ImportEdge]:
    """The strings by which code of distributions came to import what it was seen to import.

    Only a module that was loaded can have given its strings away. Of several strings that name one
    module, those of a setting count before arguments of calls, and these before all others; no
    logger's name does.
    """
    named: Mapping[str, list[ImportEdge]] = defaultdict(list)
    for edge in source:
        if edge.kind is ImportKind.BY_NAME and _rank(edge) is not None:
            named[edge.imported].append(edge)
    if not named:
        return
    for observation in observations:
        asked = {
            module
            for edge in observation.edges
            if not edge.importer_is_first_party
            for module in edge.reached
        }
        for module in asked & named.keys():
            strings = [edge for edge in named[module] if edge.importer in observation.loaded]
            best = min((_rank(edge) or 0 for edge in strings), default=0)
            yield from (edge for edge in strings if (_rank(edge) or 0) == best)


def _rank(edge: ImportEdge) -> int | None:
    """How likely a string is to be imported by who gets it; None for never."""
    if "log" in edge.by_name.lower():
        return None
    if _SETTING.fullmatch(edge.by_name):
        return 0
    return 1 if "(" in edge.by_name else 2
