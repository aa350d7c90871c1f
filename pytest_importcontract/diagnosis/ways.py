"""Imports that a rule is about: each with how it is reached, who saw it and the way to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from pytest_importcontract.diagnosis.kinds import kind_in_words
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import ImportEdge, ImportKind, Observer, Place
from pytest_importcontract.observe.routes import Routes

_MOST_WAYS = 3  # importers that are shown with the whole way to them
_SEEN_BY = {
    Observer.RUNTIME: "seen at runtime",
    Observer.SOURCE: "in the source",
    Observer.BOTH: "seen by both",
}


def lines(scene: Scene, edges: Iterable[ImportEdge]) -> tuple[Hop, ...]:
    """A line for each place of imports that startup was seen to make, in their order."""
    return tuple(
        dataclasses.replace(_line(scene, found), label=_when(found[0]))
        for found in _by_place(edges)
    )


def ways(scene: Scene, edges: Iterable[ImportEdge], routes: Routes) -> tuple[Hop, ...]:
    """The imports, for the first few modules below the whole way from an entrypoint to them.

    What startup meets comes first, then what running code may meet, then what nothing reaches; of
    these each the shortest way.
    """
    importers: dict[str, list[list[ImportEdge]]] = {}
    for found in _by_place(edges):
        importers.setdefault(found[0].importer, []).append(found)
    ordered = sorted(importers, key=lambda name: _distance(name, importers[name], routes))
    shown: list[Hop] = []
    for importer in ordered[:_MOST_WAYS]:
        group = way_to(scene, importer, routes)
        group += [_line(scene, found) for found in importers[importer]]
        shown += begun(group)
    rest = [(importer, found) for importer in ordered[_MOST_WAYS:] for found in importers[importer]]
    if rest:
        some = f"and {len(rest)} more import{'s' if len(rest) > 1 else ''}:"
        group = [Hop(text=some, foreign=True)]
        for importer, found in rest:
            lost = "reached by no entrypoint" if _is_lost(importer, routes) else ""
            group.append(_line(scene, found, lost))
        shown += begun(group)
    return tuple(shown)


def _by_place(edges: Iterable[ImportEdge]) -> Iterable[list[ImportEdge]]:
    places: dict[tuple[str, int, str], list[ImportEdge]] = {}
    for edge in edges:
        places.setdefault((*edge.place, edge.importer), []).append(edge)
    return places.values()


def _distance(
    importer: str, found: Iterable[Iterable[ImportEdge]], routes: Routes
) -> tuple[bool, int, int, Place]:
    way = routes.way_to(importer)
    own = [edge for edges in found for edge in edges]
    later = sum(edge.kind is not ImportKind.EAGER for edge in way)
    later += all(edge.kind is not ImportKind.EAGER for edge in own)
    return _is_lost(importer, routes), later, len(way), own[0].place


def _is_lost(importer: str, routes: Routes) -> bool:
    return bool(routes.starts) and not routes.reach(importer)


def way_to(scene: Scene, importer: str, routes: Routes) -> list[Hop]:
    """The imports that lead to a module, or that none does."""
    if _is_lost(importer, routes):
        return [Hop(text=f"no entrypoint reaches {importer}", foreign=True)]
    way = routes.way_to(importer)
    reached = [*(edge.importer for edge in way), importer][1:]
    return [_hop(scene, edge, module) for edge, module in zip(way, reached, strict=True)]


def _hop(scene: Scene, edge: ImportEdge, module: str) -> Hop:
    place = _placed(scene, edge)
    return Hop(
        file=place.file,
        line=place.line,
        text=f"imports {module}",
        label=_when(edge),
        foreign=not edge.importer_is_first_party,
    )


def _line(scene: Scene, edges: Sequence[ImportEdge], more: str = "") -> Hop:
    """The statement, or the string, that imports."""
    first = edges[0]
    text = scene.source(first.place) or f"imports {first.imported}"
    place = _placed(scene, first)
    if place != first.place:
        text += "  (in text that it executes)"
    label = [kind_in_words(first)]
    if first.guard.catches:
        label.append("guarded")
    label.append(_SEEN_BY[first.observer])
    if more:
        label.append(more)
    return Hop(file=place.file, line=place.line, text=text, label=", ".join(label))


def _placed(scene: Scene, edge: ImportEdge) -> Place:
    """Where it stands; for text of no file, which module's text it is."""
    known = scene.catalog.in_repository(edge.importer)
    return Place(str(known), 0) if edge.place.file.startswith("<") and known else edge.place


def _when(edge: ImportEdge) -> str:
    return "" if edge.kind is ImportKind.EAGER else kind_in_words(edge)


def begun(group: Sequence[Hop]) -> Sequence[Hop]:
    """The hops, of which there is one at least, as one chain of several."""
    return [dataclasses.replace(group[0], begins=True), *group[1:]]
