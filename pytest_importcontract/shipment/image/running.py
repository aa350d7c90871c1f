"""RUN: its simple commands as steps, and what plain ones of them do to the image's files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from e2b_dockerfile_utils import chomp_heredoc_content, parse_heredoc

from pytest_importcontract.shipment.image.commands_of_run import (
    FOLLOWED,
    PRINTING,
    Shell,
    read_node,
)
from pytest_importcontract.shipment.image.dockerfile import Instruction
from pytest_importcontract.shipment.image.history import History
from pytest_importcontract.shipment.image.model import Node, Step
from pytest_importcontract.shipment.image.mounts import Overlay
from pytest_importcontract.shipment.image.shell import Redirect, Simple, commands
from pytest_importcontract.shipment.image.tree import absolute, resolve

_INSTALLERS = frozenset(
    """
    pip pip3 uv uvx poetry pdm pipenv conda mamba micromamba pip-sync pipx virtualenv hatch
    apt apt-get apt-cache apk dnf microdnf yum zypper dpkg rpm npm yarn pnpm npx gem cargo
    """.split()  # noqa: SIM905 (reads better than a list)
)
_HARMLESS = frozenset(
    """
    chmod chown chgrp ls id whoami useradd adduser groupadd addgroup usermod groupmod userdel
    passwd test [ grep egrep fgrep which du df stat file head tail wc sort env printenv uname
    date sleep ldconfig update-ca-certificates locale-gen setcap sha256sum sha512sum md5sum diff cmp
    basename dirname realpath readlink nproc mypy ruff pytest
    """.split()  # noqa: SIM905 (reads better than a list)
)
_BRINGING = frozenset(["git", "tar", "unzip", "curl", "wget", "svn", "rsync"])
_SHELL_SCRIPT = re.compile(r"#!\s*(?:\S*/env\s+)?(?:\S*/)?(?:ba|da|a|k|z)?sh\b")
_SCRIPT_SHELLS = frozenset(["sh", "bash", "dash", "ash", "ksh", "zsh"])


@dataclass(slots=True)
class Runner:
    """Runs one RUN instruction.

    Attributes:
        state: the stage.
        instruction: the RUN.
        overlay: the mounts that lie over the stage's files.
    """

    state: History
    instruction: Instruction
    overlay: Overlay
    _printed: bytes | None = None

    def run(self) -> None:
        """Go through its commands in order."""
        state, instruction = self.state, self.instruction
        state.certain = False
        text = script_of(instruction)
        if instruction.json:
            argv = instruction.args
            if len(argv) == 3 and posixpath.basename(argv[0]) in _SCRIPT_SHELLS and "c" in argv[1]:
                self._script(argv[2], argv[:2])
            elif argv:
                self._step(Simple(argv=argv, env=state.scope, cwd=state.workdir))
        elif text.startswith("#!") and not _SHELL_SCRIPT.match(text):
            state.note(instruction.line, "not modelled: what its script does")
        else:
            self._script(text, state.shell)

    def _script(self, text: str, shell: Sequence[str]) -> None:
        found = commands(text, self.state.scope, shell, cwd=self.state.workdir, read=self._text_of)
        for simple in found:
            self._step(simple)

    def _text_of(self, path: str) -> str | None:
        draft = self.state.draft
        data = read_node(draft.look(resolve(draft, path)))
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def _step(self, simple: Simple) -> None:
        state, line = self.state, self.instruction.line
        cwd = simple.cwd or state.workdir
        sure = simple.sure and simple.cwd is not None
        if simple.argv:
            tree, written = state.draft.snapshot(), _output(simple, cwd)
            step = Step(simple.argv, cwd, simple.env, line, tree, sure, written)
            state.events.append(step)
        given = self._input(simple, cwd)
        self._printed = None
        why = self._unknown(simple)
        if why:
            if self._matters(simple, cwd):
                state.note(line, f"not modelled: {_shown(simple)} ({why})")
            return
        shell = self._shell()
        name = posixpath.basename(simple.argv[0]) if simple.argv else ""
        self._redirect(simple, shell, b"", cwd)  # a shell empties files before a command reads them
        output = given if name == "tee" else None
        if name in PRINTING:
            output = shell.output(simple.argv, cwd, given)
        if name in FOLLOWED and name != "tee":
            shell.run(simple.argv, cwd)
            output = b""
        elif name == "tee":
            append = simple.argv[1:2] in (("-a",), ("--append",))
            for word in simple.argv[1:]:
                if not word.startswith("-"):
                    shell.write(absolute(word, cwd), given, append=append)
        elif name in _BRINGING:
            self._open(simple, cwd)
        elif name and name not in PRINTING and self._is_not_modelled(simple, cwd):
            state.note(line, f"not modelled: what {_shown(simple)} does to files")
        if simple.argv:
            self._redirect(simple, shell, output, cwd)

    def _open(self, simple: Simple, cwd: str) -> None:
        """Remember where a program that brings files may have put them."""
        words = [word.partition("=")[2] or word for word in simple.argv[1:]]
        folders = [word for word in words if word.startswith("/") and word != "/dev/null"]
        for folder in folders or [cwd]:
            self.state.open(absolute(folder, cwd), self.instruction.line)

    def _redirect(self, simple: Simple, shell: Shell, output: bytes | None, cwd: str) -> None:
        into = [to for to in simple.redirects if to.operator in (">", ">>", ">|", "&>", "&>>")]
        own = [to for to in into if to.descriptor in ("1", "&")]
        for to in into:
            mine = output if own and to is own[-1] and to.descriptor == "1" else None
            if output == b"" or (own and to in own[:-1]):
                mine = b""  # opened, and nothing is written to it
            shell.write(absolute(to.target, cwd), mine, append=to.operator.endswith(">>"))
        self._printed = None if own else output

    def _input(self, simple: Simple, cwd: str) -> bytes | None:
        """What a command finds on its standard input."""
        given = self._printed if simple.connector == "|" else None
        for to in simple.redirects:
            if to.operator in ("<<", "<<<") and to.descriptor == "0":
                text = to.target + ("\n" if to.operator == "<<<" else "")
                given = text.encode("utf-8", "surrogateescape") if to.known else None
            elif to.operator == "<" and to.descriptor == "0":
                draft = self.state.draft
                given = read_node(draft.look(resolve(draft, absolute(to.target, cwd))))
        return given

    def _unknown(self, simple: Simple) -> str:
        """Why the effect of a command cannot be worked out; empty where it can."""
        if simple.unread:
            return simple.unread
        name = posixpath.basename(simple.argv[0]) if simple.argv else ""
        text_only = name in PRINTING and all(to.known for to in simple.redirects)
        if simple.unknown and not text_only and (name in FOLLOWED or name in PRINTING):
            return f"nothing says what ${simple.unknown[0]} is"
        if any(not to.known and to.operator.startswith(">") for to in simple.redirects):
            return "nothing says what it writes to"
        if not simple.sure:
            return "it may or may not run"
        return "nothing says in which folder it runs" if simple.cwd is None else ""

    def _matters(self, simple: Simple, cwd: str) -> bool:
        """Whether a command that is not followed could change what ships."""
        if not simple.argv:
            return bool(simple.unread) or any(map(_writes, simple.redirects))
        name = posixpath.basename(simple.argv[0])
        if any(_writes(to) and not to.target.startswith("/dev/") for to in simple.redirects):
            return True
        if name in ("rm", "rmdir", "unlink"):
            unknown = bool(simple.unread or simple.unknown)
            return unknown or self._names_what_ships(simple.argv[1:], cwd)
        return name in FOLLOWED or self._is_not_modelled(simple, cwd)

    def _is_not_modelled(self, simple: Simple, cwd: str) -> bool:
        """Whether a program that nobody follows names something that ships."""
        name = posixpath.basename(simple.argv[0])
        module = simple.argv[2:3] if name.startswith("python") and "-m" in simple.argv[1:2] else ()
        program = module[0] if module else name
        if program in _INSTALLERS or program in _HARMLESS or program in ("venv", "compileall"):
            return False
        if program == "find" and not {"-delete", "-exec", "-execdir"} & set(simple.argv):
            return False
        return self._names_what_ships(simple.argv, cwd)

    def _names_what_ships(self, words: Sequence[str], cwd: str) -> bool:
        draft = self.state.draft
        for word in words:
            text = word.partition("=")[2] or word
            if not text or "\0" in text:
                continue
            path = resolve(draft, absolute(text, cwd))
            node = draft.look(path) if path != "/" else None
            if node is not None and not self.overlay.covers(path):
                below = (each for _, each in draft.below(path))
                if node.source is not None or any(each.source is not None for each in below):
                    return True
        return False

    def _shell(self) -> Shell:
        state, line = self.state, self.instruction.line
        name = posixpath.basename(state.shell[0]) if state.shell else "sh"
        return Shell(
            draft=state.draft,
            line=line,
            is_folder=state.has_folder,
            lost=self._lost,
            opens=lambda path: state.open(path, line),
            escapes=name in ("sh", "dash") and "alpine" not in state.image,
        )

    def _lost(self, path: str, node: Node) -> None:
        if not self.overlay.covers(path):
            self.state.lose(path, node, self.instruction.line, covered=False)


def script_of(instruction: Instruction) -> str:
    """The shell text of a RUN, its heredocs included as Docker hands them to the shell."""
    text = instruction.args[0] if instruction.args else ""
    heredocs = instruction.heredocs
    if instruction.json or not heredocs:
        return text
    alone = parse_heredoc(text) if len(heredocs) == 1 and not text.split()[1:] else None
    if alone is not None:
        content = heredocs[0].content
        return chomp_heredoc_content(content) if heredocs[0].chomp else content
    bodies = [f"{heredoc.content}{heredoc.name}\n" for heredoc in heredocs]
    return f"{text}\n{''.join(bodies)}"


def _output(simple: Simple, cwd: str) -> str:
    """Where the standard output of a command goes if that is a file whose name is known."""
    own = [to for to in simple.redirects if to.descriptor in ("1", "&") and _writes(to)]
    return absolute(own[-1].target, cwd) if own and own[-1].known else ""


def _writes(to: Redirect) -> bool:
    return to.operator.startswith((">", "&>")) and to.operator != ">&"


def _shown(simple: Simple) -> str:
    text = " ".join((simple.text or " ".join(simple.argv)).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
