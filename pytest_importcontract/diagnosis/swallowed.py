"""Imports that failed before and were not heard of, where they explain what failed then."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from pytest_importcontract.diagnosis import missing_module, missing_symbol
from pytest_importcontract.diagnosis.bindings import bound, parsed
from pytest_importcontract.diagnosis.chain import cycle
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Frame, ImportEdge, Link, Place

_NO_NAME = re.compile(r"name '(?P<name>\w+)' is not defined")
_NO_MODULE = re.compile(r"No module named '(?P<name>[^']+)'")


def unbound(link: Link, frames: Sequence[Frame]) -> tuple[str, str] | None:
    """The name that a NameError misses, and the file whose code asked for it."""
    match = _NO_NAME.match(link.message) if link.is_a("NameError") else None
    return (match["name"], frames[-1].place.file) if match and frames else None


def absent(scene: Scene, module: str, name: str) -> tuple[str, str] | None:
    """The name that a module of the service does not have, and the module's file."""
    known = scene.catalog.shipped.get(module)
    return (name, str(known.path)) if known else None


def behind_a_name(
    edges: Sequence[ImportEdge], name: str, file: str, frames: Sequence[Frame]
) -> ImportEdge | None:
    """The import in `file` that would have bound `name`, had it not failed; None for no such.

    Args:
        edges: the imports that were seen, in order.
        name: what is missing.
        file: the source file of the module that should have the name.
        frames: the way to the failure, whose own imports were not swallowed.
    """
    tree = parsed(Path(file))
    for edge in _failed(edges, file, frames):
        nodes = ast.walk(tree) if tree else ()
        if any(
            name in bound(node) for node in nodes if getattr(node, "lineno", 0) == edge.place.line
        ):
            return edge
    return None


def behind_a_raise(edges: Sequence[ImportEdge], frames: Sequence[Frame]) -> ImportEdge | None:
    """The import whose failure a ``raise … from None`` at the end of `frames` hides."""
    if not frames:
        return None
    file, line = frames[-1].place.file, frames[-1].place.line
    tree = parsed(Path(file))
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)] if tree else []
    around = [t for t in tries if any(_holds(handler, line) for handler in t.handlers)]
    if not around:
        return None
    body = max(around, key=lambda node: node.lineno).body
    tried = (
        edge
        for edge in _failed(edges, file, frames)
        if any(_holds(statement, edge.place.line) for statement in body)
    )
    return next(tried, None)


def explain(
    scene: Scene, edge: ImportEdge, edges: Sequence[ImportEdge], frames: Sequence[Frame]
) -> Explanation:
    """Why the import failed that `edge` is, as the likely cause of what came of it.

    Args:
        scene: the service's surroundings.
        edge: the import.
        edges: all that were seen, in order: what failed first made others fail.
        frames: the way to what came of it.
    """
    first = next((other for other in edges if other.error == edge.error), edge)
    why = _why(scene, first, frames if first is edge else ())
    shown = f"{scene.relative(edge.place.file)}:{edge.place.line}"
    error = edge.error.splitlines()[0]
    text = f"likely the import at {shown}, which failed and was swallowed ({error})"
    places = dict.fromkeys((edge.place, first.place))
    related = [_line(scene, place) for place in places]
    if why is None:
        key = ("swallowed", edge.place.file, str(edge.place.line))
        return Explanation.of(key, text, related=related)
    return Explanation.of(
        why.cause.key,
        f"{text}: {why.cause.text}",
        fixes=why.fixes,
        rules=why.rules,
        notes=why.notes,
        related=[*related, *why.related],
    )


def _failed(
    edges: Sequence[ImportEdge], file: str, frames: Sequence[Frame]
) -> tuple[ImportEdge, ...]:
    on_the_way = {frame.place for frame in frames}
    here = (edge for edge in edges if edge.error and edge.place.file == file)
    return tuple(edge for edge in here if edge.place not in on_the_way)


def _holds(node: ast.AST, line: int) -> bool:
    return getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", 0) or 0)


def _why(scene: Scene, edge: ImportEdge, frames: Sequence[Frame]) -> Explanation | None:
    kind, _, message = edge.error.partition(": ")
    missing = _NO_MODULE.match(message)
    if kind == "ModuleNotFoundError" and missing:
        name = missing["name"]
        if f"{edge.imported}.".startswith(f"{name}."):
            return missing_module.explain(scene, name, edge.importer)
        return missing_module.explain(scene, name, edge.imported, ours=False)
    running = bool(cycle(frames, edge.imported))
    link = Link(type=kind, bases=(kind,), message=message, initializing=running)
    if missing_symbol.is_missing_symbol(link):
        return missing_symbol.explain_import(scene, link, frames, edge.importer)
    return None


def _line(scene: Scene, place: Place) -> Hop:
    return Hop(file=place.file, line=place.line, text=scene.source(place))
