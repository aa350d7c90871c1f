"""What to tell of a failed import that somebody caught."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Set
from pathlib import Path

from pytest_importcontract.diagnosis.bindings import parsed
from pytest_importcontract.diagnosis.model import Diagnosis, Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Place, Swallowed


def told(scene: Scene, swallowed: Swallowed, failed: Diagnosis) -> Diagnosis:
    """The failure with who went on from it, and what to do where that is meant."""
    by = swallowed.by.place
    outermost = swallowed.failure.outermost
    place = _handler(by, {*outermost.bases, outermost.type.rpartition(".")[2]})
    handler = scene.source(place).removesuffix(":") if place != by else ""
    text = f"goes on: {handler}" if handler else "goes on all the same"
    caught = Hop(file=place.file, line=place.line, text=text, foreign=True)
    led = swallowed.led
    before = []
    if led is not None:
        what = scene.statement(led)
        before.append(Hop(file=led.place.file, line=led.place.line, text=what))
    where = scene.at("startup") if scene.service.line("startup") else scene.at()
    optional = f'if it may be absent, add "{_name(swallowed)}" to startup.optional ({where})'
    return dataclasses.replace(
        failed,
        hops=(*before, *failed.hops, caught),
        fixes=(*failed.fixes, f"or {optional}" if failed.fixes else optional),
    )


def _name(swallowed: Swallowed) -> str:
    return swallowed.wanted or (swallowed.ran[-1] if swallowed.ran else swallowed.what)


def _handler(by: Place, classes: Set[str]) -> Place:
    """The line that catches an exception of such classes, raised at a line of the same code.

    That line itself where it is not known.
    """
    tree = parsed(Path(by.file))
    place = by
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.Try | ast.With) or not any(
            inner.lineno <= by.line <= (inner.end_lineno or 0) for inner in node.body
        ):
            continue
        if isinstance(node, ast.With):
            if any("suppress" in ast.unparse(item.context_expr) for item in node.items):
                place = Place(by.file, node.lineno)
            continue
        for handler in node.handlers:
            words = re.findall(r"\w+", ast.unparse(handler.type)) if handler.type else classes
            if not classes.isdisjoint(words):
                place = Place(by.file, handler.lineno)  # the innermost comes last
                break
    return place
