"""What the command lines of Poetry, PDM and Pipenv have in common.

They keep an environment for each project.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from pytest_importcontract.shipment.distributions.asks import (
    Ask,
    Collect,
    Export,
    Install,
    Place,
    Sync,
    Target,
    Where,
    and_unknown,
)
from pytest_importcontract.shipment.distributions.options import Given, Options

LEFT = "what it leaves of the manifest is not known"


def run(general: Options, words: Sequence[str]) -> tuple[str, ...] | None:
    """The command line that ``PROGRAM run`` runs in the project's environment; None if none.

    Args:
        general: options of the program that stand before its subcommand.
        words: the command line behind the program.
    """
    _, command, rest = command_of(general, words)
    if command != "run":
        return None
    return general.read(rest, leading=True).words


def command_of(general: Options, words: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """The options before a subcommand, the subcommand, and what follows it."""
    leading = general.read(words, leading=True)
    if not leading.words:
        return [], "", []
    return list(words[: len(words) - len(leading.words)]), leading.words[0], [*leading.words[1:]]


def export_of(output: str, folder: str, project: Sync) -> Export:
    """A requirements file that is written from a project's manifest and lock."""
    return Export(posixpath.normpath(posixpath.join(folder, output)) if output else "", project)


def built(folder: str, output: str) -> Collect:
    """The archives of a project itself, in `output` or else in its ``dist``."""
    out = posixpath.normpath(posixpath.join(folder, output or "dist"))
    install = Install(
        place=Place(Where.TARGET, out), folder=folder, targets=(Target(folder),), deps=False
    )
    return Collect(out, install, projects=True)


def added(given: Given, place: Place, tool: str) -> tuple[Ask, ...]:
    """Requirements that are added to the manifest and installed with all the rest of it."""
    targets = [Target(_requirement(word)) for word in given.words]
    targets += [Target(word, editable=True) for word in given.values("--editable") if word]
    asked = (
        Install(place=place, folder=place.folder, targets=tuple(targets)),
        Sync(tool=tool, place=place),
    )
    return and_unknown(asked, given, place)


def _requirement(word: str) -> str:
    """Poetry's ``name@^1.2`` and ``name@latest`` as a requirement: the version is of no meaning."""
    name, at, rest = word.partition("@")
    return name if at and "://" not in rest and "/" not in rest else word
