"""Which Python programs a container starts, from its ENTRYPOINT and CMD."""

from __future__ import annotations

import posixpath
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.image.launch import Launch, Place
from pytest_importcontract.shipment.image.launchers import LAUNCHERS, MODULES
from pytest_importcontract.shipment.image.model import Command, Line, Note, Stage
from pytest_importcontract.shipment.image.python_command import python_command
from pytest_importcontract.shipment.image.shell import commands
from pytest_importcontract.shipment.image.start import Start, import_path
from pytest_importcontract.shipment.image.starter import Named, named
from pytest_importcontract.shipment.image.wrappers import unwrap

_DEPTH = 15
_STEPS = 300
_PYTHON = re.compile(r"python(\d+(\.\d+)?)?t?|pypy\d?")
# Images whose own ENTRYPOINT is the interpreter, so that CMD is what it is given.
_STARTS_PYTHON = re.compile(r"(?:^|/)(?:distroless/python3|chainguard/python)(?![\w])")
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))
_MANAGERS = frozenset(
    ("supervisord", "circusd", "honcho", "foreman", "s6-svscan", "runsvdir", "pm2", "uwsgi")
)
_TOOLS = """
    [ awk base64 basename cat chgrp chmod chown cp curl cut date df dirname du echo find getent
    grep groupadd groups gzip head hostname id install jq kill ln ls mkdir mktemp mv nc openssl
    pg_isready pip pip3 printenv printf ps psql pwd readlink realpath redis-cli rm rmdir sed seq
    sleep sort stat stty sync tail tar tee test touch tr ulimit umask uname uniq useradd usermod
    wait wc wget which whoami yes mysql mysqladmin apt-get apk alias hash type read let
"""
_HARMLESS = frozenset(_TOOLS.split())
_ASK = "say with `entrypoints` what the container starts"


@dataclass(frozen=True, slots=True)
class Starts:
    """What a container starts.

    Attributes:
        found: in order, each once.
        notes: what is started that could not be followed.
    """

    found: tuple[Start, ...]
    notes: tuple[Note, ...]


def starts(stage: Stage, *, root: Path, scripts: Mapping[str, str] | None = None) -> Starts:
    """The Python programs that ENTRYPOINT and CMD of a stage lead to.

    Shell text, shipped scripts and programs that start programs (``tini``, ``gosu``, ``uv run``
    and the like) are followed. What a script starts by name, as in ``uvicorn.run("app:app")``, is
    there beside the script.

    Source: the Dockerfile reference, "Understand how CMD and ENTRYPOINT interact".

    Args:
        stage: the final stage.
        root: the repository, which the entrypoints that are files are relative to.
        scripts: the project's own console scripts, name to ``module:attribute``.
    """
    follow = _Follow(stage, ImageFiles(stage.tree, root), root, scripts or {})
    argv, line = started(stage)
    if line is None:
        what = f"neither CMD nor ENTRYPOINT is set, and what {stage.image} starts is not known here"
        return Starts((), (Note(stage.line, f"{what}: {_ASK}"),))
    env = dict(stage.env)
    follow.argv(argv, _Here(cwd=stage.workdir or "/", env=env, line=line))
    if not follow.found and not follow.notes:
        follow.note(line, f"{shlex.join(argv)} starts no Python program that is known here: {_ASK}")
    return Starts(tuple(follow.found), tuple(follow.notes))


def started(stage: Stage) -> tuple[tuple[str, ...], Line | None]:
    """The whole command line of the container, and where it is written; None where nothing is."""
    entrypoint, cmd = stage.entrypoint, stage.cmd
    if entrypoint is None and cmd is not None and _is_for_python(stage.image, cmd.argv):
        return ("python3", *cmd.argv), cmd.line
    if entrypoint is None or not entrypoint.argv:
        return (cmd.argv, cmd.line) if cmd is not None and cmd.argv else ((), None)
    if cmd is None or _is_shell_form(entrypoint):
        return entrypoint.argv, entrypoint.line
    return entrypoint.argv + cmd.argv, entrypoint.line


def _is_for_python(image: str, argv: tuple[str, ...]) -> bool:
    """Whether the words are arguments of the Python that an image starts by itself."""
    first = argv[0] if argv else ""
    return bool(_STARTS_PYTHON.search(image)) and (first[:1] == "-" or first.endswith(".py"))


def _is_shell_form(command: Command) -> bool:
    words = command.line.text.split(None, 1)
    return len(words) == 2 and not words[1].lstrip().startswith("[")


@dataclass(frozen=True, slots=True)
class _Here:
    """Where a command line stands and what it meets."""

    cwd: str
    env: Mapping[str, str] = field(repr=False)
    line: Line
    interpreter: str = ""
    sure: bool = True
    depth: int = 0


class _Follow:
    """Follows command lines to the programs that load Python code."""

    def __init__(
        self, stage: Stage, files: ImageFiles, root: Path, scripts: Mapping[str, str]
    ) -> None:
        self.found: list[Start] = []
        self.notes: list[Note] = []
        self._stage = stage
        self._files = files
        self._root = root
        self._scripts = scripts
        self._steps = 0

    def note(self, line: Line, what: str) -> None:
        """Say once what is not known."""
        note = Note(line, what)
        if note not in self.notes:
            self.notes.append(note)

    def argv(self, argv: tuple[str, ...], here: _Here) -> None:
        """Follow the words of one command."""
        self._steps += 1
        here = replace(here, depth=here.depth + 1)
        if not argv or not argv[0]:
            return
        if here.depth > _DEPTH or self._steps > _STEPS:
            self.note(here.line, f"{argv[0]} leads too far to be followed: {_ASK}")
            return
        program = posixpath.basename(argv[0])
        place = Place(here.cwd, here.env, self._files)
        shipped = self._shipped(argv[0], place)
        if program == "busybox" and len(argv) > 1:
            self.argv(argv[1:], here)
        elif program in _SHELLS and not shipped:
            self._shell(argv, here)
        elif _PYTHON.fullmatch(program) and not shipped:
            self._python(argv, here)
        elif shipped:
            self._executable(shipped, argv, here)
        elif (inner := unwrap(argv, here.cwd)) is not None:
            env = {} if inner.cleared else dict(here.env)
            within = replace(
                here,
                cwd=inner.cwd,
                env={**env, **inner.env},
                interpreter=here.interpreter or inner.interpreter,
            )
            self.argv(inner.argv, within)
        elif program in self._scripts:
            self._console_script(program, argv, here)
        elif program in LAUNCHERS:
            self._launched(LAUNCHERS[program](argv[1:], place), argv, here)
        else:
            self._other(program, argv, here)

    def _shipped(self, word: str, place: Place) -> str:
        """The image path of a file that the Dockerfile brings and that `word` executes."""
        if "/" in word:
            path = place.at(word)
            return path if place.holds(path) and not self._files.is_folder(path) else ""
        for folder in place.env.get("PATH", "/usr/local/bin:/usr/bin:/bin").split(":"):
            path = place.at(f"{folder}/{word}")
            if folder and place.holds(path) and not self._files.is_folder(path):
                return path
        return ""

    def _other(self, program: str, argv: tuple[str, ...], here: _Here) -> None:
        behind = argv[argv.index("--") + 1 :] if "--" in argv else ()
        if program in _MANAGERS:
            what = f"{program} starts what its configuration names, which is not read"
            self.note(here.line, f"{what}: {_ASK}")
        elif behind:
            self.argv(behind, here)
        elif argv[0].startswith("$"):
            self.note(here.line, f"what {argv[0]} stands for is not known: {_ASK}")
        elif ("/" in argv[0] and program not in _HARMLESS) or argv[0].endswith((".sh", ".py")):
            self._absent(argv[0], here)
        elif program not in _HARMLESS:
            self.note(here.line, f"what {program} starts is not known here: {_ASK}")

    def _absent(self, word: str, here: _Here) -> None:
        path = Place(here.cwd, here.env, self._files).at(word)
        what = f"no line of {self._stage.line.file} brings or writes {path}"
        self.note(here.line, f"{what}: {_ASK}")

    def _shell(self, argv: tuple[str, ...], here: _Here) -> None:
        rest = list(argv[1:])
        text = False
        while rest and rest[0][:1] in {"-", "+"} and len(rest[0]) > 1:
            option = rest.pop(0)
            if option == "--":
                break
            if option.startswith("--"):
                continue
            text = text or (option[0] == "-" and "c" in option[1:])
            if option[-1] in "oO" and rest:
                rest.pop(0)
        if not rest:
            return
        if text:
            self._text(rest[0], argv[0], rest[1:2] or [argv[0]], rest[2:], here)
            return
        path = Place(here.cwd, here.env, self._files).at(rest[0])
        if self._files.exists(path):
            self._script(path, argv[0], rest, here)
        elif not rest[0].startswith("$"):
            self._absent(rest[0], here)
        else:
            self.note(here.line, f"what {rest[0]} stands for is not known: {_ASK}")

    def _script(self, path: str, shell: str, words: list[str], here: _Here) -> None:
        source = self._files.read(path)
        if source is None:
            self.note(here.line, f"what {path} holds is not known: {_ASK}")
            return
        self._text(source.decode("utf-8", "replace"), shell, words[:1], words[1:], here, path)

    def _text(  # noqa: PLR0913, RUF100 (what a shell is started with)
        self,
        text: str,
        shell: str,
        name: list[str],
        arguments: list[str],
        here: _Here,
        path: str = "",
    ) -> None:
        found = commands(
            text,
            here.env,
            (shell, "-c"),
            cwd=here.cwd,
            arguments=arguments,
            name=name[0],
            read=self._read,
        )
        for each in found:
            file = each.file or path
            line = here.line
            if file:
                line = self._files.line(file, each.line, each.text.partition("\n")[0])
            if not each.argv:
                if each.unread:
                    self.note(line, f"the shell text cannot be read ({each.unread}): {_ASK}")
                continue
            if each.cwd is None:
                if posixpath.basename(each.argv[0]) not in _HARMLESS:
                    self.note(line, f"the folder that {each.argv[0]} runs in is not known: {_ASK}")
                continue
            env = {**each.env, **each.assignments}
            within = replace(here, cwd=each.cwd, env=env, line=line, sure=here.sure and each.sure)
            self.argv(each.argv, within)

    def _read(self, path: str) -> str | None:
        source = self._files.read(path)
        return None if source is None else source.decode("utf-8", "replace")

    def _executable(self, path: str, argv: tuple[str, ...], here: _Here) -> None:
        """Follow a shipped file that is executed itself."""
        source = self._files.read(path)
        if source is None:
            program = posixpath.basename(path)
            if program in LAUNCHERS:
                place = Place(here.cwd, here.env, self._files)
                self._launched(LAUNCHERS[program](argv[1:], place), argv, here)
            else:
                self.note(here.line, f"what {path} holds is not known: {_ASK}")
            return
        first = source[:300].partition(b"\n")[0].decode("utf-8", "replace").strip()
        words = first.removeprefix("#!").split() if first.startswith("#!") else []
        if words[:1] and posixpath.basename(words[0]) == "env":
            words = words[2:] if words[1:2] == ["-S"] else words[1:]
        interpreter = words[0] if words else "python" if path.endswith(".py") else "sh"
        program = posixpath.basename(interpreter)
        if _PYTHON.fullmatch(program):
            self._python((interpreter, *words[1:], path, *argv[1:]), here)
        elif program in _SHELLS:
            self._script(path, interpreter, [path, *argv[1:]], here)
        elif words and (b"\0" not in source):
            self.argv((*words, path, *argv[1:]), here)
        else:
            self.note(here.line, f"what {path} starts is not known here: {_ASK}")

    def _python(self, argv: tuple[str, ...], here: _Here) -> None:
        place = Place(here.cwd, here.env, self._files)
        asked = python_command(argv, place)
        if asked.program:
            launch = LAUNCHERS[MODULES[asked.program]](asked.words, place)
            path = (*launch.path, *asked.path)
            self._launched(replace(launch, path=path, isolated=asked.isolated), argv, here)
            return
        launch = Launch(
            targets=asked.modules,
            scripts=asked.scripts,
            code=asked.code,
            cwd=here.cwd,
            path=asked.path,
            isolated=asked.isolated,
        )
        if asked.absent:
            self._absent(asked.absent, here)
        self._launched(launch, argv, here, runs=True)

    def _launched(
        self, launch: Launch, argv: tuple[str, ...], here: _Here, *, runs: bool = False
    ) -> None:
        """Add what is loaded; `runs` says that a package is run, which is its ``__main__``."""
        if launch.missing:
            self.note(here.line, f"{launch.missing}: {_ASK}")
        base = Start(
            entrypoint="",
            cwd=launch.cwd,
            path=tuple(dict.fromkeys(launch.path)),
            env={k: v for k, v in here.env.items() if self._stage.env.get(k) != v},
            line=here.line,
            command=shlex.join(argv),
            interpreter=here.interpreter or argv[0],
            sure=here.sure,
            isolated=launch.isolated,
        )
        for script in launch.scripts:
            start = replace(base, entrypoint=self._file(script), script=script)
            self._add(start)
            self._named(self._files.read(script), start, script, here)
        for target in launch.targets:
            module = target.partition(":")[0]
            if module.partition(".")[0] in sys.stdlib_module_names or module in {"pip", "pytest"}:
                continue
            start = replace(base, entrypoint=target)
            path = self._module(module, start)
            main = self._module(f"{module}.__main__", start) if runs else ""
            if main:
                path = main
                start = replace(start, entrypoint=f"{module}.__main__")
            self._add(start)
            if path:
                self._named(self._files.read(path), start, path, here)
        if launch.code:
            self._code(launch.code, base, here)

    def _code(self, code: str, base: Start, here: _Here) -> None:
        """``python -c``: the modules of the image that the text imports."""
        found = named(code)
        for module in found.modules:
            if self._module(module, base):
                self._add(replace(base, entrypoint=module))
        self._applications(found, base, here.line)

    def _console_script(self, program: str, argv: tuple[str, ...], here: _Here) -> None:
        target = self._scripts[program].partition("[")[0].replace(" ", "")
        self._launched(Launch(targets=(target,), cwd=here.cwd), argv, here)

    def _named(self, source: bytes | None, start: Start, path: str, here: _Here) -> None:
        """Add what a source starts by name, and what it executes."""
        found = named(source or b"")
        self._applications(found, start, here.line, path)
        settings = start.env.get(
            "DJANGO_SETTINGS_MODULE",
            self._stage.env.get("DJANGO_SETTINGS_MODULE", found.settings),
        )
        if settings and found.settings:
            self._add(replace(start, entrypoint=settings, script=""))
        for argv, number in found.programs:
            program = posixpath.basename(argv[0])
            if program in LAUNCHERS or _PYTHON.fullmatch(program) or program in self._scripts:
                line = self._files.line(path, number, shlex.join(argv))
                if "$?" in argv[:3] and program not in LAUNCHERS:
                    continue
                self.argv(argv, replace(here, line=line, sure=False))

    def _applications(self, found: Named, start: Start, line: Line, path: str = "") -> None:
        for target, folder, number in found.applications:
            first = (posixpath.join(start.cwd, folder),) if folder else ()
            where = self._files.line(path, number) if path else line
            self._add(
                replace(start, entrypoint=target, script="", path=first + start.path, line=where)
            )

    def _module(self, name: str, start: Start) -> str:
        """The image path of a module; of an installed project's, that of the copy in the image."""
        place = Place(start.cwd, self._stage.env, self._files)
        found = place.module(name, import_path(self._stage, start))
        if found or start.path:
            return found
        below = "/" + name.replace(".", "/")
        endings = (f"{below}.py", f"{below}/__init__.py")
        candidates = [path for path in self._stage.tree if path.endswith(endings)]
        return candidates[0] if len(candidates) == 1 else ""

    def _file(self, path: str) -> str:
        node = self._stage.tree.get(path)
        if node is not None and node.source is not None:
            try:
                return node.source.relative_to(self._root).as_posix()
            except ValueError:
                pass
        return path.lstrip("/")

    def _add(self, start: Start) -> None:
        same = [
            number
            for number, each in enumerate(self.found)
            if (each.entrypoint, each.path, each.cwd, each.env, each.interpreter)
            == (start.entrypoint, start.path, start.cwd, start.env, start.interpreter)
        ]
        if not same:
            self.found.append(start)
        elif start.sure and not self.found[same[0]].sure:
            self.found[same[0]] = start
