"""What to change in a Dockerfile and its ignore file so that a repository file ships."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_importcontract.shipment.image.absence import Absence, Reason, explain
from pytest_importcontract.shipment.image.history import Copied
from pytest_importcontract.shipment.image.ignore import Ignore
from pytest_importcontract.shipment.image.model import Line
from pytest_importcontract.shipment.image.scene import Scene, covers


@dataclass(frozen=True, slots=True)
class Edit:
    """One line to add.

    Attributes:
        file: the file as messages call it.
        text: the line.
        after: the number of the line after which it goes, the last one of its instruction.
    """

    file: str
    text: str
    after: int

    def __str__(self) -> str:
        return f"{self.text} (after line {self.after} of {self.file})"


def doubt(scene: Scene, path: Path) -> Line | None:
    """The instruction that brings something unknown to where `path` would lie in the image."""
    relative = scene.relative(path)
    if not relative:
        return None
    target, _ = _target(scene, relative)
    for place, line in scene.final.opens.items():
        inside = target == place or target.startswith(f"{place.rstrip('/')}/")
        if inside or place.startswith(f"{target}/"):
            return line
    return None


def edits(scene: Scene, path: Path, place: str = "") -> tuple[Edit, ...]:
    """The lines that bring `path`, absolute, into the image; none where no line can.

    It comes to lie at `place`, or where its neighbours lie.
    """
    absence = explain(scene, path)
    if absence is None or absence.reason in (
        *(Reason.NOWHERE, Reason.OUTSIDE, Reason.LINK, Reason.EMPTY),
    ):
        return ()
    relative = scene.relative(path)
    if not relative:
        return ()
    found = []
    if absence.reason is Reason.IGNORED:
        found.append(_bring_back(scene.context.ignore, path, relative))
        if absence.further is None and _reaches_final(scene, relative):
            return tuple(found)
    found.append(_copy(scene, path, relative, absence, place))
    return tuple(found)


def _bring_back(ignore: Ignore, path: Path, relative: str) -> Edit:
    line = ignore.last_match(relative) or ignore.decision(relative)
    after = line.line if line is not None else ignore.lines[-1].line
    escaped = re.sub(r"([*?\[\\])", r"\\\1", relative)
    text = f"!{escaped}/**" if path.is_dir() else f"!{escaped}"
    return Edit(ignore.file, text, after)


def _reaches_final(scene: Scene, relative: str) -> bool:
    """Whether a COPY of the context asks for a path, and what it fills reaches the final stage."""
    return any(
        copied.origin is None and covers(copied, relative) for copied in scene.copies(scene.final)
    )


def _copy(scene: Scene, path: Path, relative: str, absence: Absence, place: str) -> Edit:
    target, neighbour = _target(scene, relative)
    target = place or target
    source = relative
    flags = []
    origin = None
    if neighbour is not None:
        chown = neighbour.instruction.flag("chown")
        flags = [f"--chown={chown}"] if chown else []
        if neighbour.origin is not None and absence.reason is Reason.OTHER_STAGE:
            origin = scene.stages.get(neighbour.origin)
    if origin is not None:
        places = scene.places(path, origin)
        if places:
            name = neighbour.instruction.flag("from") if neighbour else None
            flags.insert(0, f"--from={name or origin.index}")
            source = places[0]
    folder = path.is_dir()
    text = " ".join(["COPY", *flags, _words(source, target, folder=folder)])
    after = _after(scene, neighbour)
    if absence.reason in (Reason.REMOVED, Reason.COVERED):
        after = max(after, scene.final.changed)
    return Edit(scene.final.line.file, text, after)


def _after(scene: Scene, neighbour: Copied | None) -> int:
    own = [copied.instruction.end for copied in scene.final.copied]
    if neighbour is not None and neighbour in scene.final.copied:
        ends = [c.instruction.end for c in scene.final.copied if c.origin == neighbour.origin]
        return max(ends)
    if own:
        return max(own)
    return scene.final.last


def _words(source: str, target: str, *, folder: bool) -> str:
    slash = "/" if folder else ""
    words = [f"{_escaped(source)}{slash}", f"{target.replace('$', chr(92) + '$')}{slash}"]
    if any(re.search(r"[\s'\"\[]", word) for word in words):
        return json.dumps(words, ensure_ascii=False)
    return " ".join(words)


def _escaped(source: str) -> str:
    """A source that means itself: wildcards and variables taken as they are."""
    return re.sub(r"[\[*?]", lambda match: f"[{match[0]}]", source).replace("$", "\\$")


def _target(scene: Scene, relative: str) -> tuple[str, Copied | None]:
    """Where it belongs, as its neighbours lie, and the COPY that brought them."""
    above = posixpath.dirname(relative)
    while True:
        votes = Counter[str]()
        voters: dict[str, str] = {}
        for below, place in _neighbours(scene, above):
            if place.endswith(f"/{below}"):
                folder = place[: -len(below) - 1] or "/"
                votes[folder] += 1
                voters[folder] = place
        if votes:
            best = max(votes, key=lambda folder: (votes[folder], folder))
            rest = relative[len(above) :].lstrip("/")
            return posixpath.join(best, rest), _bringer(scene, voters[best])
        if not above:
            break
        above = posixpath.dirname(above)
    name = posixpath.basename(relative)
    return posixpath.join(scene.final.workdir, name), None


def _neighbours(scene: Scene, folder: str) -> Iterator[tuple[str, str]]:
    """Repository files below a folder of the context, by their path in it and in the image."""
    start = f"{scene.context.root / folder}{os.sep}" if folder else f"{scene.context.root}{os.sep}"
    for source, places in scene.sources(scene.final).items():
        text = str(source)
        if text.startswith(start):
            for place in places:
                yield text[len(start) :].replace(os.sep, "/"), place


def _bringer(scene: Scene, place: str) -> Copied | None:
    node = scene.final.draft.look(place)
    if node is None or node.placed is None:
        return None
    for copied in scene.copies(scene.final):
        if copied.instruction.line == node.placed:
            return copied
    return None
