"""An image read from its Dockerfile: which repository file lies where, and why others do not."""

from __future__ import annotations

import difflib
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.image.absence import Absence, explain
from pytest_importcontract.shipment.image.context import Context
from pytest_importcontract.shipment.image.dockerfile import Dockerfile, parse_dockerfile
from pytest_importcontract.shipment.image.evaluation import Evaluation
from pytest_importcontract.shipment.image.ignore import Ignore, find_ignore_file
from pytest_importcontract.shipment.image.model import Line, Note, Stage
from pytest_importcontract.shipment.image.remedy import Edit, doubt, edits
from pytest_importcontract.shipment.image.scene import Scene

_DIRECTIVE = re.compile(r"#\s*syntax\s*=\s*(\S+)", re.IGNORECASE)
_LARGEST = 4_000_000  # bytes of a Dockerfile or an ignore file


@dataclass(frozen=True, slots=True, eq=False)
class _Named:
    """A file with its text and the name that messages use."""

    path: Path
    name: str
    text: str


@dataclass(frozen=True, eq=False)
class Image:
    """What a Dockerfile makes of its context.

    Attributes:
        stage: the stage that is built.
        stages: all that could be worked out, by number.
        dockerfile: the Dockerfile as messages call it.
        ignore_file: its ignore file as messages call it; empty where there is none.
        notes: what was not modelled.
        opens: image paths at or below which something lies of which nothing is known.
    """

    stage: Stage
    stages: tuple[Stage, ...]
    dockerfile: str
    ignore_file: str
    notes: tuple[Note, ...]
    opens: Mapping[str, Line]
    _scene: Scene = field(repr=False)

    def places(self, path: Path | str) -> tuple[str, ...]:
        """The image paths at which a repository file or folder lies; by name, may be empty.

        Args:
            path: absolute, or relative to the repository.
        """
        return self._scene.places(self._path(path))

    def absence(self, path: Path | str) -> Absence | None:
        """Why a repository file or folder is not in the image; None where it is.

        A folder is there when it or anything below it is.

        Args:
            path: absolute, or relative to the repository.
        """
        absence = explain(self._scene, self._path(path))
        line = doubt(self._scene, self._path(path)) if absence and self.opens else None
        return replace(absence, unless=line) if absence and line else absence

    def remedy(self, path: Path | str, place: str = "") -> tuple[Edit, ...]:
        """What to add to the Dockerfile and the ignore file so that a path ships.

        Args:
            path: absolute, or relative to the repository.
            place: where in the image it is to lie; empty for where its neighbours lie.

        Returns:
            Nothing where it ships already, and where no line could bring it.
        """
        return edits(self._scene, self._path(path), place)

    def _path(self, path: Path | str) -> Path:
        return Path(os.path.normpath(self._scene.root / path))


def read_image(
    root: Path,
    dockerfile: Path,
    *,
    context: Path,
    target: str = "",
    args: Mapping[str, str] | None = None,
    architecture: str = "",
) -> Image:
    """Work out what a Dockerfile makes, without building anything.

    Source: https://docs.docker.com/reference/dockerfile/, with BuildKit where it says nothing.

    Args:
        root: the repository, absolute.
        dockerfile: the Dockerfile, absolute.
        context: the build context, absolute.
        target: name or number of the stage to build; empty for the last.
        args: build arguments by name.
        architecture: the machine it is for, as ``uname -m`` calls it; empty for this one.

    Raises:
        MistakesError: it could not be built; every reason with its line.
    """
    root, dockerfile, context = (
        Path(os.path.normpath(path)) for path in (root, dockerfile, context)
    )
    read = _read(root, dockerfile)
    mistakes: list[Mistake] = []
    if not context.is_dir():
        what = f"the build context {_name(root, context)} is no folder"
        mistakes.append(Mistake(file=read.name, what=what))
    ignore = Ignore.parse("", "")
    try:
        found = find_ignore_file(dockerfile, context)
        if found is not None:
            text = _read(root, found)
            ignore = Ignore.parse(text.text, text.name, found)
    except MistakesError as error:
        mistakes += error.mistakes
    parsed = parse_dockerfile(read.text, read.name)
    mistakes += parsed.mistakes
    if mistakes:
        raise MistakesError(tuple(mistakes))
    whole = Evaluation(
        parsed, Context(context, ignore), args or {}, architecture or platform.machine()
    )
    whole.run()
    index = _target(parsed, target)
    return _image(root, read, whole, index)


def _image(root: Path, read: _Named, whole: Evaluation, index: int) -> Image:
    needed = whole.needed(index)
    mistakes = [m for stage in {-1, *needed} for m in whole.mistakes.get(stage, ())]
    for folder, reason in whole.context.unreadable.items():
        what = f"the folder {folder} of the build context cannot be read: {reason}"
        mistakes.append(Mistake(file=read.name, what=what))
    if mistakes:
        raise MistakesError(tuple(dict.fromkeys(mistakes)))
    state = whole.stages[index]
    assert state.stage is not None
    return Image(
        stage=state.stage,
        stages=tuple(s.stage for _, s in sorted(whole.stages.items()) if s.stage is not None),
        dockerfile=read.name,
        ignore_file=whole.context.ignore.file,
        notes=_notes(read, whole, needed),
        opens=dict(state.opens),
        _scene=Scene(root, whole.context, whole.stages, state, tuple(sorted(needed))),
    )


def _notes(read: _Named, whole: Evaluation, needed: set[int]) -> tuple[Note, ...]:
    notes = []
    directive = _DIRECTIVE.match(read.text.removeprefix("\ufeff"))
    if directive and not re.match(r"(?:docker\.io/)?docker/dockerfile\b", directive[1]):
        what = f"the syntax {directive[1]} is read as if it were docker/dockerfile"
        notes.append(Note(Line(read.name, 1, directive[0]), what))
    for index, stage in sorted(whole.stages.items()):
        if index in needed:
            notes += stage.notes
    for index, mistakes in sorted(whole.mistakes.items()):
        if index >= 0 and index not in needed:
            for mistake in mistakes:
                line = Line(mistake.file, mistake.line)
                notes.append(
                    Note(line, f"{mistake.what} (in a stage that this image is not made of)")
                )
    return tuple(dict.fromkeys(notes))


def _target(dockerfile: Dockerfile, target: str) -> int:
    sections = dockerfile.sections
    if not target:
        return len(sections) - 1
    for section in reversed(sections):
        if section.name == target.lower():
            return section.index
    if target.isascii() and target.isdigit() and int(target[:6]) < len(sections):
        return int(target)
    names = [section.name for section in sections if section.name]
    near = difflib.get_close_matches(target.lower(), names, n=1)
    if near:
        suggestion = f"did you mean {near[0]}?"
    else:
        suggestion = f"its stages are {', '.join(names)}" if names else "none has a name"
    what = f"no stage is called {target}"
    raise MistakesError((Mistake(file=dockerfile.file, what=what, suggestion=suggestion),))


def _read(root: Path, path: Path) -> _Named:
    name = _name(root, path)
    try:
        if path.is_file() and path.stat().st_size > _LARGEST:
            raise MistakesError((Mistake(file=name, what="is too large"),))
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MistakesError((Mistake(file=name, what=f"cannot be read: {reason}"),)) from None
    return _Named(path, name, data.decode("utf-8", "surrogateescape"))


def _name(root: Path, path: Path) -> str:
    """A path as messages call it: relative to the repository."""
    return os.path.relpath(path, root)
