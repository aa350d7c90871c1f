"""Where a string names what an import by name did not find: a setting, an argument of a call."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_importcontract.diagnosis.chain import is_machinery
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Frame, Link, Place
from pytest_importcontract.observe.source import platform_facts, read_source

_IMPORTS = re.compile(r"\bimport\b")
_NOT_TO_IMPORT = re.compile(r"^do not import [\w.]+")
_TO_IMPORT = re.compile(r"^((?:or )?)import (?!it\b)")
_ABSENT = re.compile(r"module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'")
_LOGGING = re.compile("logging|dictconfig", re.IGNORECASE)
_MOST = 3  # places that are worth a list


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """A string of first-party source that names a module, or something in one.

    Attributes:
        text: the string.
        place: where it starts.
        module: the module that it stands in.
        owner: the setting it is assigned to, ``function()`` or ``function(keyword=)`` it is given
            to; empty for neither.
    """

    text: str
    place: Place
    module: str
    owner: str = ""

    @property
    def words(self) -> str:
        """The string and whose it is."""
        between = "given to" if self.owner.endswith(")") else "in"
        return f'"{self.text}" {between} {self.owner}' if self.owner else f'"{self.text}"'

    def instead(self, fix: str) -> str:
        """A fix that speaks of an import statement, said of the string."""
        kept = "call" if self.owner.endswith("()") else "entry" if self.owner else "string"
        fix = fix.replace("remove the import", f"remove the {kept}")
        fix = _NOT_TO_IMPORT.sub(f"remove the {kept}", fix)
        return _TO_IMPORT.sub(r"\1write ", fix)

    @property
    def hop(self) -> Hop:
        """The line of a chain that shows it."""
        return Hop(file=self.place.file, line=self.place.line, text=self.words)


def namings(
    scene: Scene, link: Link, frames: Sequence[Frame], loaded: Collection[str]
) -> tuple[Naming, ...]:
    """The strings that may have named what `link` says is missing; none where a statement did.

    A string that is the whole name comes before one in a setting or call that starts with it, and
    one in a file that the `frames` pass through before others.

    Args:
        scene: the service.
        link: the exception.
        frames: the way to it.
        loaded: modules whose source was there to be read by then.
    """
    wanted = _wanted(scene, link, frames)
    if not wanted:
        return ()
    passed = {frame.place.file for frame in frames if frame.first_party}
    files = {str(file.path): name for name, file in scene.catalog.shipped.items() if name in loaded}
    files.update((frame.place.file, frame.module) for frame in frames if frame.first_party)
    found = [
        naming
        for file, module in sorted(files.items())
        for naming in _read(scene, file, module, wanted)
    ]
    for fits in (_is, _starts_with):
        met = [n for n in found if fits(n, wanted)]
        near = [n for n in met if n.place.file in passed]
        lines = {(f.place.file, f.place.line) for f in frames}
        there = [n for n in near if (n.place.file, n.place.line) in lines]
        if met:
            return tuple(dict.fromkeys(there or near or met))[:_MOST]
    return ()


def _wanted(scene: Scene, link: Link, frames: Sequence[Frame]) -> tuple[str, ...]:
    """The ways to write what was asked for by a string; empty where it was not."""
    steps = [frame for frame in frames if not is_machinery(frame)]
    statement = scene.statement(steps[-1]) if steps else ""
    if not statement or _IMPORTS.search(statement):
        return ()
    if link.is_a("ModuleNotFoundError") and link.name:
        literal = re.search(rf"""["']{re.escape(link.name)}\b""", statement)
        return () if literal else (link.name,)
    absent = _ABSENT.match(link.message) if link.is_a("AttributeError") else None
    if absent is None or "getattr(" not in statement:
        return ()
    return f"{absent['module']}.{absent['name']}", f"{absent['module']}:{absent['name']}"


def _is(naming: Naming, wanted: Sequence[str]) -> bool:
    # Logging's configuration names loggers after modules; it imports classes, which lie in some.
    return naming.text.removesuffix("()") in wanted and not _LOGGING.search(naming.owner)


def _starts_with(naming: Naming, wanted: Sequence[str]) -> bool:
    # What asked for a package need not have asked for all that a string has below it.
    starts = tuple(f"{name}{mark}" for name in wanted for mark in ".:")
    return bool(naming.owner) and naming.text.startswith(starts)


def _read(scene: Scene, file: str, module: str, words: Sequence[str]) -> list[Naming]:
    """The strings in a source file with one of the words that look like a module or a place."""
    if not file.endswith(".py"):
        return []
    path = Path(file)
    try:
        content = path.read_bytes()
    except (OSError, ValueError):
        return []
    if not any(re.split("[.:]", word)[0].encode() in content for word in words):
        return []
    platform = {**platform_facts(), "version": list(scene.catalog.interpreter.version[:3])}
    answer = read_source(content, module, path.stem == "__init__", platform)
    return [
        Naming(text=text, place=Place(file, line), module=module, owner=owner)
        for text, line, owner, _ in answer["strings"]
    ]
