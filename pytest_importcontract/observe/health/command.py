"""The command line that is run: what its words and paths come to outside the image."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_importcontract.contract.model import PORT
from pytest_importcontract.shipment.image.shell import Simple, commands
from pytest_importcontract.shipment.image.starts import started
from pytest_importcontract.shipment.image.tree import normal
from pytest_importcontract.shipment.image.wrappers import unwrap
from pytest_importcontract.shipment.shipment import Shipment

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_PYTHON = re.compile(r"python(\d+(\.\d+)?)?")
_SHELLS = frozenset(("sh", "bash", "dash", "ash"))
_BUILTINS = frozenset(
    (
        ":",
        ".",
        "[",
        "echo",
        "eval",
        "exit",
        "false",
        "kill",
        "printf",
        "set",
        "test",
        "trap",
        "true",
    )
)
_PATH = re.compile(r"(?<![\w./$-])/[\w.@+-][\w./@+-]*")
_DEEPEST = 10  # programs that start programs


class NotRunnableError(Exception):
    """The command cannot be run outside the image; the message says why, `fix` what to do."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.fix = fix


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A process to start.

    Attributes:
        argv: its words; the first is the path of a program.
        cwd: the folder it runs in.
        env: all its variables but HOME.
        text: the command as people know it.
        program: the name of the program that serves.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(repr=False)
    text: str
    program: str = ""


def command_text(shipment: Shipment) -> str:
    """What the contract writes, or what the image starts, as one line; empty where nothing is."""
    health, image = shipment.service.health, shipment.image
    if health is not None and health.command:
        return health.command
    if image is None:
        return ""
    words, _ = started(image.stage)
    return words[-1] if words[1:2] == ("-c",) and len(words) == 3 else " ".join(words)


def command(
    shipment: Shipment, programs: Path, port: int, env: Mapping[str, str], cwd: Path
) -> Command:
    """What is run.

    A program's name leads to the stand-in's programs, then to what ships in the image's PATH, then
    to this machine's own, of those that are no Python program: the image has none of them. Programs
    that start programs (``tini``, ``gosu``, ``uv run``) are passed over.

    Args:
        shipment: the service; its contract wants it started.
        programs: the folder of the stand-in's programs.
        port: what the port's placeholder stands for.
        env: the variables it starts with.
        cwd: the folder it starts in.

    Raises:
        NotRunnableError: it names what this machine does not have.
    """
    finder = _Finder(shipment, programs)
    start = Command(argv=(), cwd=str(cwd), env=env, text=command_text(shipment))
    health, image = shipment.service.health, shipment.image
    if health is not None and health.command:
        return finder.text(health.command.replace(PORT, str(port)), start)
    words, line = started(image.stage) if image is not None else ((), None)
    if line is None:
        file = image.dockerfile if image is not None else "no Dockerfile"
        what = f"{file} has neither CMD nor ENTRYPOINT"
        raise NotRunnableError(what, "name the command line: health.command")
    return finder.words(words, start)


class _Finder:
    def __init__(self, shipment: Shipment, programs: Path) -> None:
        self._shipment = shipment
        self._programs = programs
        self._tree = shipment.image.stage.tree if shipment.image is not None else {}

    def text(self, text: str, start: Command, shell: str = "sh") -> Command:
        """A shell's text: run without one where it is but one command with plain words."""
        text = self._mapped(text)
        found = commands(text, start.env, (shell, "-c"), cwd=start.cwd)
        if len(found) == 1 and _is_plain(found[0]):
            (only,) = found
            env = {**start.env, **only.assignments}
            return self.words(only.argv, replace(start, cwd=only.cwd or start.cwd, env=env))
        program = ""
        for each in found:
            if each.argv and each.argv[0] not in _BUILTINS and not each.argv[0].startswith("$"):
                inner = replace(start, cwd=each.cwd or start.cwd)
                if each.sure and not each.unknown:
                    program = self.words(each.argv, inner).program
        return replace(start, argv=(self._shell(shell), "-c", text), program=program)

    def words(self, argv: Sequence[str], start: Command, depth: int = 0) -> Command:
        """The words of one command."""
        if not argv or depth > _DEEPEST:
            raise NotRunnableError(f"{start.text} starts nothing that can be run here")
        name = posixpath.basename(argv[0])
        if name in _SHELLS and len(argv) >= 3 and re.fullmatch(r"-[a-z]*c", argv[1]):
            if len(argv) == 3:
                return self.text(argv[2], start, name)
            words = (argv[1], self._mapped(argv[2]), *argv[3:])
            return replace(start, argv=(self._shell(name), *words), program=name)
        path = self._path(argv[0], name, start)
        if path:
            rest = tuple(map(self._mapped, argv[1:]))
            return replace(
                start, argv=(*self._interpreted(path), *rest), program=_server(name, rest)
            )
        inner = unwrap(tuple(argv), start.cwd)
        if inner is None:
            raise self._absent(argv[0], name)
        env = {**({} if inner.cleared else start.env), **inner.env}
        within = replace(start, env=env, cwd=str(Path(start.cwd, self._mapped(inner.cwd))))
        return self.words(inner.argv, within, depth + 1)

    def _path(self, word: str, name: str, start: Command) -> str:
        """The program that a word names; empty where nothing here may stand for it."""
        if "/" in word:
            shipped = Path(self._mapped(word)) if word.startswith("/") else Path(start.cwd, word)
            inside = self._shipment.tree or self._shipment.root
            if shipped.is_file() and shipped.is_relative_to(inside):
                return str(shipped)
        if (self._programs / name).is_file():
            return str(self._programs / name)
        if _PYTHON.fullmatch(name):
            return str(self._programs / "python")
        if "/" not in word:
            for folder in start.env.get("PATH", "").split(":"):
                place, tree = Path(folder, name), self._shipment.tree
                if folder and tree and place.is_relative_to(tree) and place.is_file():
                    return str(place)
        if unwrap((word, "x"), "/") is not None:
            return ""
        found = word if word.startswith("/") and os.access(word, os.X_OK) else None
        found = found or shutil.which(name, path=SYSTEM_PATH)
        return "" if found is None or self._runs_python(found) else found

    def _interpreted(self, path: str) -> tuple[str, ...]:
        """How a file of the service is executed: its own first line may name an image's Python."""
        inside = self._shipment.tree or self._shipment.root
        if not Path(path).is_relative_to(inside):
            return (path,)
        words = _first_line(path)
        program = posixpath.basename(words[0]) if words else ""
        if program == "env":
            words = [word for word in words[1:] if word != "-S"]
            program = words[0] if words else ""
        if _PYTHON.fullmatch(program):
            return (str(self._programs / "python"), *words[1:], path)
        if program in _SHELLS or not words:
            return (self._shell(program or "sh"), *words[1:], path)
        return (path,)

    def _shell(self, name: str) -> str:
        found = shutil.which(name, path=SYSTEM_PATH) or shutil.which("sh", path=SYSTEM_PATH)
        if found is None:
            raise NotRunnableError(f"this machine has no {name}")
        return found

    def _runs_python(self, path: str) -> bool:
        return any("python" in word for word in _first_line(path))

    def _mapped(self, text: str) -> str:
        """The text, in which paths of the image lead to where they lie here."""
        tree = self._shipment.tree
        if self._shipment.image is None or tree is None:
            return text

        def here(match: re.Match[str]) -> str:
            path = normal(match[0])
            return f"{tree}{match[0]}" if path != "/" and path in self._tree else match[0]

        return _PATH.sub(here, text)

    def _absent(self, word: str, name: str) -> NotRunnableError:
        elsewhere = shutil.which(name, path=SYSTEM_PATH)
        if self._shipment.image is not None:
            what = f"no distribution that the image installs has the program {word}"
        else:
            python = self._shipment.service.runtime.python or "the Python that runs pytest"
            what = f"no distribution of {python} has the program {word}"
        if elsewhere is None:
            what += ", nor has this machine"
        return NotRunnableError(what, f"install what has {name}, or name another health.command")


def _is_plain(found: Simple) -> bool:
    known = not (found.unread or found.unknown or found.redirects or found.background)
    return bool(found.argv) and known and found.sure


def _server(name: str, words: Sequence[str]) -> str:
    """The program's name; of ``python -m``, the module's."""
    if _PYTHON.fullmatch(name) and "-m" in words[:-1]:
        return words[words.index("-m") + 1].partition(".")[0]
    return name


def _first_line(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (a name of any length)
            first = file.readline(300)
    except OSError:
        return []
    return first[2:].decode("utf-8", "replace").split() if first.startswith(b"#!") else []
