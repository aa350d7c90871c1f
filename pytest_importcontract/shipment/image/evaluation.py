"""A Dockerfile carried out: its stages one after the other, instruction by instruction."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pytest_importcontract.contract.mistakes import Mistake
from pytest_importcontract.shipment.image.context import Context
from pytest_importcontract.shipment.image.copy_instruction import CopyInstruction
from pytest_importcontract.shipment.image.copying import Copier, CopyError, Request
from pytest_importcontract.shipment.image.dockerfile import Dockerfile, Instruction, Section
from pytest_importcontract.shipment.image.expansion import (
    ALWAYS_ARGS,
    Scope,
    WordError,
    expand,
    platform_args,
)
from pytest_importcontract.shipment.image.history import History
from pytest_importcontract.shipment.image.model import Command, Kind, Line, Node, Transfer
from pytest_importcontract.shipment.image.mounts import Mount, MountError, Overlay, parse_mount
from pytest_importcontract.shipment.image.running import Runner
from pytest_importcontract.shipment.image.tree import LONGEST, Draft, Subtree, resolve


@dataclass(slots=True)
class Evaluation:
    """All stages of one Dockerfile.

    Attributes:
        dockerfile: what is carried out.
        context: the files it copies from.
        args: build arguments by name.
        architecture: the machine that the image is for, such as ``x86_64``.
        stages: the stages that could be made, by number.
        mistakes: what is wrong, by the number of the stage; -1 for what belongs to none.
        uses: for each stage the stages it needs.
    """

    dockerfile: Dockerfile
    context: Context
    args: Mapping[str, str]
    architecture: str
    stages: dict[int, History] = field(default_factory=dict)
    mistakes: dict[int, list[Mistake]] = field(default_factory=dict)
    uses: dict[int, set[int]] = field(default_factory=dict)
    _global: dict[str, str] = field(default_factory=dict)
    _platform: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Carry out every stage, whether or not the target needs it."""
        self._platform = platform_args(self.architecture)
        self._global = dict(self._platform)
        for instruction in self.dockerfile.args:
            self._arg(instruction, self._global, {}, -1)
        self._check_args()
        for section in self._in_order():
            _Stage(self, section).run()

    def needed(self, target: int) -> set[int]:
        """The stages that a build of `target` runs."""
        found: set[int] = set()
        pending = [target]
        while pending:
            index = pending.pop()
            if index not in found:
                found.add(index)
                pending += self.uses.get(index, ())
        return found

    def wrong(self, index: int, line: Line, what: str, suggestion: str = "") -> None:
        """Remember a mistake."""
        mistake = Mistake(file=line.file, line=line.line, what=what, suggestion=suggestion)
        self.mistakes.setdefault(index, []).append(mistake)

    def find(self, name: str) -> Section | None:
        """The stage that a name or number means in ``--from``."""
        sections = self.dockerfile.sections
        if name.isascii() and name.isdigit():
            return sections[int(name[:6])] if int(name[:6]) < len(sections) else None
        named = [section for section in sections if name and section.name == name.lower()]
        return named[-1] if named else None

    def base_of(self, section: Section, base: str) -> Section | None:
        """The earlier stage that a FROM means."""
        earlier = self.dockerfile.sections[: section.index]
        return next((each for each in reversed(earlier) if each.name == base.lower()), None)

    def from_scope(self) -> dict[str, str]:
        """The variables that FROM sees."""
        return self._global

    def declare(self, instruction: Instruction, state: History) -> None:
        """ARG inside a stage."""
        inherited = {**self._platform, **self._global}
        self._arg(instruction, state.args, inherited, state.index, state)

    def _arg(
        self,
        instruction: Instruction,
        values: dict[str, str],
        inherited: Mapping[str, str],
        index: int,
        state: History | None = None,
    ) -> None:
        for word in instruction.args:
            scope = state.scope if state else values
            try:
                key, equals, default = word.partition("=")
                name = expand(key, scope, self.dockerfile.escape)
                value = expand(default, scope, self.dockerfile.escape) if equals else None
            except WordError as error:
                self.wrong(index, instruction.line, f"{word} cannot be expanded: {error}")
                continue
            if not name:
                self.wrong(index, instruction.line, "ARG without a name")
            elif name in self.args:
                values[name] = self.args[name]
            elif value is not None:
                values[name] = value
            elif name in inherited:
                values[name] = inherited[name]

    def _check_args(self) -> None:
        declared = set(ALWAYS_ARGS) | set(self._platform)
        for instruction in self.dockerfile.args:
            declared |= {word.partition("=")[0] for word in instruction.args}
        for section in self.dockerfile.sections:
            for instruction in section.body:
                if instruction.name == "ARG":
                    declared |= {word.partition("=")[0] for word in instruction.args}
        for name in self.args:
            if name not in declared and not name.startswith("BUILDKIT_"):
                near = difflib.get_close_matches(name, sorted(declared - ALWAYS_ARGS), n=1)
                suggestion = f"did you mean {near[0]}?" if near else ""
                what = f"no ARG declares {name}, for which ships.args has a value"
                self.wrong(-1, Line(self.dockerfile.file, 0), what, suggestion)

    def _in_order(self) -> list[Section]:
        """The stages, each after what it is made from as far as names written plainly say."""
        sections = self.dockerfile.sections
        wants: dict[int, list[int]] = {}
        for section in sections:
            names = []
            for instruction in section.body:
                flags = instruction.flags
                names += [value for key, value in flags if key == "from"]
                names += re.findall(
                    r"\bfrom=([^,\s]+)", " ".join(v for k, v in flags if k == "mount")
                )
            found = [self.find(_plain(name, self._global, self.dockerfile)) for name in names]
            base = self.base_of(section, _plain(section.base, self._global, self.dockerfile))
            wants[section.index] = [each.index for each in [*found, base] if each is not None]
        order: list[Section] = []
        done: set[int] = set()
        waiting = list(range(len(sections)))
        while waiting:
            ready = [index for index in waiting if done.issuperset(wants[index])]
            ready = ready or waiting[:1]  # a cycle: the stage says so when it is made
            order += [sections[index] for index in ready]
            done.update(ready)
            waiting = [index for index in waiting if index not in done]
        return order


def _plain(text: str, scope: Mapping[str, str], dockerfile: Dockerfile) -> str:
    try:
        return expand(text, scope, dockerfile.escape)
    except WordError:
        return text


class _Stage:
    """One stage while it is made."""

    def __init__(self, whole: Evaluation, section: Section) -> None:
        self._whole = whole
        self._section = section
        self._escape = whole.dockerfile.escape
        self._state = History.of_image("scratch", section.index, section.name, section.start.line)

    def run(self) -> None:
        whole, section = self._whole, self._section
        state = self._start()
        if state is None:
            return
        self._state = state
        state.last = section.start.end
        actions: dict[str, Callable[[Instruction], None]] = {
            "ADD": self._copy,
            "ARG": lambda instruction: whole.declare(instruction, state),
            "CMD": self._cmd,
            "COPY": self._copy,
            "ENTRYPOINT": self._entrypoint,
            "ENV": self._env,
            "ONBUILD": self._onbuild,
            "RUN": self._run,
            "SHELL": self._shell,
            "WORKDIR": self._workdir,
        }
        for instruction in section.body:
            action = actions.get(instruction.name)
            if action is not None:
                try:
                    action(instruction)
                except _UnmadeError:
                    pass  # what is wrong is said with that stage
                except (WordError, MountError) as error:
                    whole.wrong(state.index, instruction.line, str(error))
                except CopyError as error:
                    for each in (error, *error.others):
                        whole.wrong(state.index, instruction.line, str(each), each.suggestion)
            state.last = instruction.end
            if instruction.name in ("RUN", "COPY", "ADD"):
                state.changed = instruction.end
        if state.index in whole.mistakes:
            state.certain = False  # what it lacks because of them is not said again
        state.finish()
        whole.stages[section.index] = state

    def _start(self) -> History | None:
        whole, section = self._whole, self._section
        index, line = section.index, section.start.line
        scope = Scope(whole.from_scope())
        try:
            base = expand(section.base, scope, self._escape)
        except WordError as error:
            whole.wrong(index, line, f"{section.base} cannot be expanded: {error}")
            return None
        if not base:
            names = " and ".join(dict.fromkeys(f"${name}" for name in scope.unknown))
            hint = "give it a value in ships.args, or a default in an ARG before the first FROM"
            whole.wrong(index, line, f"FROM names no image, for {names or 'it'} is empty", hint)
            return None
        earlier = whole.base_of(section, base)
        if earlier is None:
            return History.of_image(base, index, section.name, line)
        whole.uses.setdefault(index, set()).add(earlier.index)
        if earlier.index not in whole.stages:
            return None  # what is wrong with it is said there
        return History.upon(whole.stages[earlier.index], index, section.name, line)

    def _expand(self, text: str, instruction: Instruction, *, quotes: bool = True) -> str:
        state = self._state
        scope = Scope(state.scope)
        value = expand(text, scope, self._escape, quotes=quotes)
        if state.image != "scratch":
            for name in dict.fromkeys(scope.unknown):
                if name not in self._whole.args and not re.search(rf"\{{{name}:?[-+]", text):
                    what = f"${name} is taken as empty: nothing in {instruction.line.file} sets it"
                    state.note(instruction.line, what)
        return value

    def _env(self, instruction: Instruction) -> None:
        words = instruction.args
        new = {
            self._expand(name, instruction): self._expand(value, instruction)
            for name, value in zip(words[::2], words[1::2], strict=False)
        }
        if "" in new:
            self._whole.wrong(self._state.index, instruction.line, "ENV without a name")
        self._state.env.update(new)

    def _workdir(self, instruction: Instruction) -> None:
        state = self._state
        text = self._expand(" ".join(instruction.args), instruction)
        state.workdir = posixpath.normpath(posixpath.join(state.workdir, text).replace("//", "/"))
        if len(state.workdir) > LONGEST:
            state.workdir = "/"
            raise CopyError("WORKDIR is longer than a path can be")
        place = resolve(state.draft, state.workdir)
        old = state.draft.look(place)
        if old is None:
            state.draft.put(place, Node(Kind.FOLDER, placed=instruction.line))
        elif old.kind is not Kind.FOLDER:
            raise CopyError(f"WORKDIR {state.workdir} is a file in the image")

    def _cmd(self, instruction: Instruction) -> None:
        self._state.cmd = self._command(instruction)
        self._state.own_cmd = True

    def _entrypoint(self, instruction: Instruction) -> None:
        self._state.entrypoint = self._command(instruction)
        if not self._state.own_cmd:
            self._state.cmd = None

    def _command(self, instruction: Instruction) -> Command | None:
        argv = instruction.args
        if not instruction.json:
            argv = (*self._state.shell, *argv) if argv else ()
        return Command(tuple(argv), instruction.line) if argv else None

    def _shell(self, instruction: Instruction) -> None:
        if instruction.json and instruction.args:
            self._state.shell = instruction.args

    def _onbuild(self, instruction: Instruction) -> None:
        what = "ONBUILD does nothing in this image, only in those built upon it"
        self._state.note(instruction.line, what)

    def _copy(self, instruction: Instruction) -> None:
        def origin(name: str) -> History | None:
            return self._origin(name, "COPY --from")

        def expander(text: str, *, quotes: bool = True) -> str:
            return self._expand(text, instruction, quotes=quotes)

        flag = instruction.flag("from")
        if flag is not None:
            # Docker takes no variables here, buildah those before the first FROM too.
            scope = {**self._whole.from_scope(), **self._state.scope}
            flag = expand(flag, scope, self._escape)
        CopyInstruction(self._state, self._whole.context, instruction, expander, origin, flag).run()

    def _origin(self, name: str, what: str) -> History | None:
        """The stage that `name` means; None for an image.

        Raises:
            CopyError: there is no such stage, or it needs this one.
        """
        whole, index = self._whole, self._state.index
        if not name:
            raise CopyError(f"{what} names nothing", "give its variable a value in ships.args")
        section = whole.find(name)
        if section is None:
            names = [each.name for each in whole.dockerfile.sections if each.name]
            near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.8)
            suggestion = f"did you mean {near[0]}?" if near else ""
            if name.isascii() and name.isdigit():
                count = len(whole.dockerfile.sections)
                raise CopyError(f"there is no stage {name}", f"stages are 0 to {count - 1}")
            if near and not set("/:.") & set(name):
                raise CopyError(f"no stage is called {name}", suggestion)
            return None
        if section.index == index:
            raise CopyError(f"{what}={name} is the stage that it stands in")
        whole.uses.setdefault(index, set()).add(section.index)
        if section.index not in whole.stages:
            if index in whole.needed(section.index) or section.index > index:
                raise CopyError(f"{what}={name} goes round in a circle: {name} needs this stage")
            raise _UnmadeError
        return whole.stages[section.index]

    def _run(self, instruction: Instruction) -> None:
        state = self._state
        overlay = Overlay(state.draft, instruction.line)
        try:
            for flag, text in instruction.flags:
                if flag == "mount":
                    mount = parse_mount(self._expand(text, instruction), state.workdir)
                    self._mount(mount, overlay, instruction)
            Runner(state, instruction, overlay).run()
        finally:
            overlay.lift()

    def _mount(self, mount: Mount, overlay: Overlay, instruction: Instruction) -> None:
        if not mount.target or mount.target == "/":
            return
        subtree: Subtree | None = None
        if mount.kind == "bind" and not mount.origin:
            subtree = self._of_context(mount, instruction)
        elif mount.kind == "bind":
            origin = self._origin(mount.origin, "--mount from")
            if origin is not None:
                subtree = origin.draft.subtree(resolve(origin.draft, mount.source))
                assert origin.stage is not None
                self._state.events.append(
                    Transfer(
                        origin.stage, mount.source, mount.target, instruction.line, mounted=True
                    )
                )
        overlay.lay(mount.target, subtree)

    def _of_context(self, mount: Mount, instruction: Instruction) -> Subtree | None:
        context = self._whole.context
        source = resolve(context, mount.source)
        if context.look(source) is None:
            raise CopyError(f"--mount: {mount.source.strip('/')} is not in the build context")
        draft = Draft()
        copier = Copier(draft, lambda _: False, lambda *_: None)
        copier.copy(context, [source], Request(instruction.line, "/mount"))
        return draft.subtree("/mount")


class _UnmadeError(Exception):
    """A stage is needed that could not be made."""
