"""The Python environments that a stage of a Dockerfile holds at its end."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.distributions.asks import (
    Activate,
    Ask,
    Collect,
    Configure,
    Create,
    Export,
    Inside,
    Install,
    Place,
    Sync,
    System,
    Uninstall,
    Unread,
    Where,
)
from pytest_importcontract.shipment.distributions.bases import base
from pytest_importcontract.shipment.distributions.command_lines import asks, mentions_installs
from pytest_importcontract.shipment.distributions.contents import (
    Added,
    Cause,
    Cleared,
    Environment,
    Part,
    Removed,
    Seeded,
)
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.installing import (
    Scene,
    gather,
    names_to_remove,
)
from pytest_importcontract.shipment.distributions.pip import is_python
from pytest_importcontract.shipment.distributions.places import locate, project
from pytest_importcontract.shipment.distributions.requirement import project_name
from pytest_importcontract.shipment.distributions.state import (
    OLDER_SEEDS,
    State,
    is_part_of_site,
    is_user,
    moved,
    prefix_of_site,
    site_moved,
)
from pytest_importcontract.shipment.distributions.syncing import gather_sync
from pytest_importcontract.shipment.image.model import Line, Note, Stage, Step, Transfer
from pytest_importcontract.shipment.image.shell import commands

_KEPT_BY_EXACT = frozenset({"pip", "setuptools", "wheel", "uv"})
_MAKES_ENVIRONMENT = (Where.UV, Where.POETRY, Where.PDM, Where.PIPENV)
_HAS_NO_PIP = (Where.UV, Where.PDM)
_SCRIPT_BYTES = 200_000
_SHELLS = ("sh", "bash", "dash", "ash")
_DEEPEST = 4
"""How many scripts may run one another before we stop following."""
_LONGEST = 72
_SYSTEM = {
    "pip": "packaging pip pyparsing setuptools wheel",
    "setuptools": "packaging pyparsing setuptools",
    "wheel": "packaging setuptools wheel",
}
"""By the end of their names what packages of Debian (``python3-``) and Alpine (``py3-``) bring."""


def environments(stage: Stage, root: Path) -> State:
    """What the stage holds at its end: its environments and all that is known of them.

    Args:
        stage: as the Dockerfile makes it.
        root: the repository; messages call its files by their path below it.

    Raises:
        MistakesError: with everything in the manifests it installs that no installer could read.
    """
    mistakes: list[Mistake] = []
    states: dict[Stage, State] = {}
    for each in _needed(stage):
        states[each] = _Build(each, states, root, mistakes).run()
    if mistakes:
        raise MistakesError(tuple(dict.fromkeys(mistakes)))
    return states[stage]


def run_at_start(
    words: Sequence[str], stage: Stage, state: State, root: Path, env: Mapping[str, str], line: Line
) -> None:
    """Do to `state` what the start itself asks: ``uv run`` brings its environment up to date.

    Args:
        words: how the start begins, as in ``uv run --no-dev``.
        stage: the stage that is started.
        state: what it holds; changed.
        root: as in `environments`.
        env: variables of the start.
        line: where the start is written.

    Raises:
        MistakesError: as `environments`.
    """
    mistakes: list[Mistake] = []
    build = _Build(stage, {stage: state}, root, mistakes, state)
    build.step(Step(tuple(words), stage.workdir, env, line, stage.tree))
    if mistakes:
        raise MistakesError(tuple(dict.fromkeys(mistakes)))


def _needed(stage: Stage) -> list[Stage]:
    """The stages that `stage` is made from and itself, in the order of the Dockerfile."""
    found: dict[Stage, None] = {}
    pending: list[Stage | str] = [stage]
    while pending:
        one = pending.pop()
        if isinstance(one, str) or one in found:
            continue
        found[one] = None
        pending.append(one.base)
        pending.extend(event.origin for event in one.events if isinstance(event, Transfer))
    return sorted(found, key=lambda one: one.index)


class _Build:
    def __init__(
        self,
        stage: Stage,
        states: Mapping[Stage, State],
        root: Path,
        mistakes: list[Mistake],
        state: State | None = None,
    ) -> None:
        self._stage = stage
        self._states = states
        self._root = root
        self._mistakes = mistakes
        self._state = state or self._start(stage.base, stage.line).copy()
        self._active: tuple[Line, str] | None = None

    def run(self) -> State:
        for event in self._stage.events:
            if isinstance(event, Transfer):
                self._transfer(event)
            else:
                self.step(event)
        return self._state

    def _start(self, origin: Stage | str, line: Line) -> State:
        if isinstance(origin, Stage):
            return self._states[origin]
        state = State(base(origin), Cause(line, origin))
        state.environment(state.base.prefix)
        return state

    def step(self, step: Step, depth: int = 0) -> None:
        env: Mapping[str, str] = step.env
        if self._active and self._active[0] == step.line:
            env = _activated(env, self._active[1])
        cause = Cause(step.line, _text(step.argv), step.sure)
        files = ImageFiles(step.tree, self._root)
        scene = Scene(step, self._state, files, env, cause, self._mistakes)
        asked = asks(step.argv, step.cwd, env)
        for ask in asked:
            self._do(ask, scene)
        path, text = ("", "") if asked else _script(step, files)
        if not path:
            return
        if depth < _DEEPEST and _is_shell(path, text, step):
            self._follow(path, text, step, depth)
        else:
            self._state.open(Note(step.line, f"what {path} installs"))

    def _follow(self, path: str, text: str, step: Step, depth: int) -> None:
        """Do what a shell script does, command by command."""
        shell = ("bash", "-c") if "bash" in text.partition("\n")[0] else ("/bin/sh", "-c")
        known = self._active
        for simple in commands(text, step.env, shell, cwd=step.cwd, name=path):
            if simple.unread and mentions_installs(simple.text):
                what = f"what `{_text((simple.text,))}` in {path} installs: {simple.unread}"
                self._state.open(Note(step.line, what))
            elif simple.argv:
                cwd, sure = simple.cwd or step.cwd, step.sure and simple.sure
                inner = replace(step, argv=simple.argv, cwd=cwd, env=simple.env, sure=sure)
                self.step(inner, depth + 1)
        self._active = known

    def _do(self, ask: Ask, scene: Scene) -> None:
        state, cause = self._state, scene.cause
        match ask:
            case Activate():
                self._active = (scene.step.line, ask.prefix)
            case Configure():
                state.settings[ask.tool, ask.key] = ask.value
            case Create():
                self._create(ask, scene)
            case System():
                self._system(ask, scene)
            case Unread():
                prefix = self._place(ask.place, scene) if ask.place else None
                state.open(Note(cause.line, f"what `{cause.text}` installs: {ask.what}"), prefix)
            case Inside():
                prefix = self._place(ask.place, scene)
                inner = replace(scene, env=_activated(scene.env, prefix))
                for within in ask.asks:
                    self._do(within, inner)
            case Install() | Sync():
                self._install(ask, scene)
            case Uninstall():
                gone = frozenset(names_to_remove(ask, scene))
                if cause.sure:
                    state.add(self._place(ask.place, scene), Removed(gone, cause))
            case Collect():
                parts, notes = self._parts(ask.install, scene)
                state.houses[ask.folder] = (*state.houses.get(ask.folder, ()), *parts)
                for note in notes:
                    state.notes.append(note)
            case Export():
                parts, notes = self._parts(ask.source, scene)
                state.written[ask.output or scene.step.output or "-"] = parts
                for note in notes:
                    state.notes.append(note)

    def _system(self, ask: System, scene: Scene) -> None:
        known = [name for name in ask.names if name.partition("-")[2] in _SYSTEM]
        brought = {each for name in known for each in _SYSTEM[name.partition("-")[2]].split()}
        if brought:
            self._state.add("/usr", Seeded(tuple(sorted(brought)), scene.cause))
        others = ", ".join(name for name in ask.names if name not in known)
        if others:
            what = f"what {others} of the system's packages bring"
            self._state.open(Note(scene.cause.line, what), "/usr")

    def _install(self, ask: Install | Sync, scene: Scene) -> None:
        prefix = self._place(ask.place, scene)
        parts, notes = self._parts(ask, scene)
        if ask.exact and scene.cause.sure:
            found = self._state.environment(prefix)
            keeps = frozenset() if found.unseeded else _KEPT_BY_EXACT
            if isinstance(ask, Sync) and ask.tool == "poetry":
                root = project(ask.place.folder, scene.files)
                keeps = frozenset({"pip", project_name(root, scene.files)})
            self._state.add(prefix, Cleared(keeps, scene.cause))
        for part in parts:
            self._state.add(prefix, part)
        if not scene.cause.sure:
            notes = (*notes, Note(scene.cause.line, f"whether `{scene.cause.text}` runs"))
        for note in notes:
            self._state.open(note, prefix)

    def _parts(
        self, ask: Install | Sync, scene: Scene
    ) -> tuple[tuple[Added, ...], tuple[Note, ...]]:
        if isinstance(ask, Install):
            found = gather(ask, scene)
            return found.added(deps=ask.deps), tuple(dict.fromkeys(found.notes))
        return gather_sync(ask, scene)

    def _place(self, place: Place, scene: Scene) -> str:
        """The prefix that a command acts on; it exists from then on."""
        state = self._state
        prefix, flat = locate(place, state, scene.files, scene.step.cwd, scene.env)
        if state.known(prefix) or prefix in (state.base.prefix, "/usr"):
            return prefix
        made = Environment(prefix=prefix, flat=flat)
        if place.where in _MAKES_ENVIRONMENT:
            bare = place.where in _HAS_NO_PIP
            seeds = () if bare else (Seeded(("pip",), scene.cause),)
            made = replace(
                made,
                virtual=not flat,
                unseeded=place.where is Where.UV,
                pip=not bare,
                parts=seeds,
            )
        elif place.where in (Where.PROGRAM, Where.UV_PIP):
            note = Note(scene.cause.line, f"which distributions {prefix} holds already")
            made = replace(made, opens=(note,), virtual=True, pip=True)
        state.make(made)
        return prefix

    def _create(self, ask: Create, scene: Scene) -> None:
        state = self._state
        sees = state.program(ask.python or "python3", scene.step.cwd, scene.env)
        if not scene.cause.sure and ask.prefix in state.environments:
            return
        older = OLDER_SEEDS[:1] if ask.by == "venv" else OLDER_SEEDS
        parts: tuple[Part, ...] = (Seeded(("pip",), scene.cause, older),) if ask.seeded else ()
        known = state.environments.get(ask.prefix)
        if known and ask.by != "uv":  # venv and virtualenv leave what is there
            parts = (*known.parts, *parts)
        state.make(
            Environment(
                prefix=ask.prefix,
                parts=parts,
                sees=sees if ask.system else "",
                pip=ask.seeded,
                unseeded=ask.by == "uv" and not ask.seeded,
                virtual=True,
            )
        )

    def _transfer(self, transfer: Transfer) -> None:
        origin = self._start(transfer.origin, transfer.line)
        source = posixpath.normpath(transfer.source)
        target = posixpath.normpath(transfer.target)
        self._files_copied(origin, source, target)
        if transfer.mounted:
            return
        known = [self._copied(one, source, target, transfer) for one in _all(origin)]
        if not any(known):
            self._state.foreign[target] = transfer.line
        for folder, line in origin.foreign.items():
            if place := moved(folder, source, target):
                self._state.foreign[place] = line

    def _copied(
        self, environment: Environment, source: str, target: str, transfer: Transfer
    ) -> bool:
        """Whether a copy brings what `environment` holds, or something of it."""
        state, prefix, line = self._state, environment.prefix, transfer.line
        if is_user(prefix) and is_user(source):
            prefix = source  # whose home it is does not matter
        elif prefix.startswith("~"):
            return False
        place = moved(prefix, source, target)
        if place is not None:
            site = prefix_of_site(place) if environment.flat else ""
            flat = environment.flat and not site
            state.receive(environment, site or place, line, flat=flat)
            return True
        if environment.flat:
            if source.startswith(prefix + "/"):
                state.open(Note(line, f"which distributions of {prefix} {source} holds"), target)
            return False
        packages = site_moved(prefix, source, target)
        if packages is not None:
            state.receive(environment, packages[0], line, flat=packages[1])
            return True
        if is_part_of_site(prefix, source) and environment.parts:
            found = site_moved(prefix, posixpath.dirname(source), posixpath.dirname(target))
            if found is not None:
                note = Note(line, f"which distributions {source} is a part of")
                state.open(note, found[0])
                return True
        return source.startswith(prefix + "/")

    def _files_copied(self, origin: State, source: str, target: str) -> None:
        state = self._state
        folder, name = posixpath.split(source)
        if "*" in name:
            source, target = folder, posixpath.dirname(target) if "*" in target else target
        for house, parts in origin.houses.items():
            if place := moved(house, source, target):
                state.houses[place] = (*state.houses.get(place, ()), *parts)
            elif posixpath.dirname(source) == house:  # one archive of it
                place = posixpath.dirname(target)
                state.houses[place] = (*state.houses.get(place, ()), *parts)
        for path, written in origin.written.items():
            if path == "-":
                path = source
                if "-" not in state.written and posixpath.splitext(source)[1] in (".txt", ".in"):
                    state.written[target] = written
            elif place := moved(path, source, target):
                state.written[place] = written


def _all(origin: State) -> Iterable[Environment]:
    return list(origin.environments.values())


def _activated(env: Mapping[str, str], prefix: str) -> Mapping[str, str]:
    path = env.get("PATH", "")
    return {**env, "PATH": f"{prefix}/bin:{path}", "VIRTUAL_ENV": prefix}


def _script(step: Step, files: ImageFiles) -> tuple[str, str]:
    """The script that a step runs if it seems to install something: its path and its text."""
    program = posixpath.basename(step.argv[0])
    if program == "make":
        words: tuple[str, ...] = ("Makefile",)
    elif program in _SHELLS or is_python(program):
        words = tuple(word for word in step.argv[1:] if not word.startswith("-"))[:1]
    else:
        words = step.argv[:1] if "/" in step.argv[0] else ()
    for word in words:
        path = posixpath.normpath(posixpath.join(step.cwd, word))
        content = files.read(path)
        text = content[:_SCRIPT_BYTES].decode("utf-8", "replace") if content else ""
        if mentions_installs(text):
            return path, text
    return "", ""


def _is_shell(path: str, text: str, step: Step) -> bool:
    first = text.partition("\n")[0]
    shebang = first.startswith("#!") and any(first.rstrip().endswith(shell) for shell in _SHELLS)
    return posixpath.basename(step.argv[0]) in _SHELLS or shebang or path.endswith(".sh")


def _text(argv: Iterable[str]) -> str:
    words = [*argv]
    if words:
        words[0] = posixpath.basename(words[0])
    text = " ".join(" ".join(words).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
