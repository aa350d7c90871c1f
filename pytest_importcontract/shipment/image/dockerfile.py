"""A Dockerfile as instructions, stage by stage, nothing expanded yet."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from e2b_dockerfile_utils import (
    DockerfileAst,
    DockerfileHeredoc,
    DockerfileInstruction,
    DockerfileSyntaxError,
    parse_dockerfile_ast,
)

from pytest_importcontract.contract.mistakes import Mistake
from pytest_importcontract.shipment.image.model import Line

NAMES = """
    ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL
    STOPSIGNAL USER VOLUME WORKDIR
    """.split()  # noqa: SIM905 (reads better than a list)
_FLAGS = {
    "ADD": {"chown", "chmod", "link", "exclude", "checksum", "keep-git-dir", "unpack"},
    "COPY": {"from", "chown", "chmod", "link", "parents", "exclude"},
    "FROM": {"platform"},
    "RUN": {"mount", "network", "security", "device"},
    "HEALTHCHECK": {
        *("interval", "timeout", "start-period", "start-interval", "retries"),
    },
}
_STAGE_NAME = re.compile(r"[a-z][a-z0-9._-]*")
_PATIENCE = 30  # syntax errors shown of one file


@dataclass(frozen=True, slots=True, eq=False)
class Instruction:
    """One instruction.

    Attributes:
        name: in upper case.
        flags: its ``--name=value`` in order; the value is ``"true"`` where none is written.
        args: its words as written; those of ENV in pairs.
        json: whether it has the JSON form.
        heredocs: the texts that follow it.
        line: where it starts.
        end: the number of its last line.
    """

    name: str
    flags: tuple[tuple[str, str], ...]
    args: tuple[str, ...]
    json: bool
    heredocs: tuple[DockerfileHeredoc, ...]
    line: Line
    end: int

    def flag(self, name: str) -> str | None:
        """The last value of a flag."""
        return next((value for key, value in reversed(self.flags) if key == name), None)

    def is_on(self, name: str) -> bool:
        """Whether a yes-or-no flag is set."""
        return (self.flag(name) or "false").lower() not in ("false", "0", "f")


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One stage as written: FROM and what follows it.

    Attributes:
        index: its number.
        base: the image or stage it starts from, as written.
        name: what ``AS`` calls it, in lower case; may be empty.
        start: the FROM.
        body: the other instructions.
    """

    index: int
    base: str
    name: str
    start: Instruction
    body: list[Instruction] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Dockerfile:
    """A Dockerfile, read.

    Attributes:
        file: the file as messages call it.
        escape: its escape character.
        args: the ARG instructions before the first FROM.
        sections: its stages.
        mistakes: what is wrong with it as far as one can say without its variables.
    """

    file: str
    escape: str
    args: tuple[Instruction, ...]
    sections: tuple[Section, ...]
    mistakes: tuple[Mistake, ...]


def parse_dockerfile(text: str, file: str) -> Dockerfile:
    """Read a Dockerfile's text: https://docs.docker.com/reference/dockerfile/.

    Args:
        text: the whole file.
        file: the file as messages call it.
    """
    ast, mistakes = _read(text, file)
    instructions = [_instruction(raw, file) for raw in ast.instructions]
    before: list[Instruction] = []
    sections: list[Section] = []
    for instruction in instructions:
        mistakes += _wrong(instruction)
        if instruction.name == "FROM":
            sections.append(_section(len(sections), instruction))
        elif sections:
            sections[-1].body.append(instruction)
        elif instruction.name == "ARG":
            before.append(instruction)
        elif not mistakes:
            what = f"{instruction.name} before the first FROM"
            mistakes.append(Mistake(file=file, line=instruction.line.line, what=what))
    if not sections and not mistakes:
        mistakes.append(Mistake(file=file, what="has no FROM"))
    return Dockerfile(file, ast.escape_token, tuple(before), tuple(sections), tuple(mistakes))


def _read(text: str, file: str) -> tuple[DockerfileAst, list[Mistake]]:
    """What the library reads, once each line that it refuses is put aside."""
    mistakes: list[Mistake] = []
    lines = text.split("\n")
    while True:
        try:
            return parse_dockerfile_ast("\n".join(lines)), mistakes
        except (DockerfileSyntaxError, ValueError, RecursionError) as error:
            number = getattr(error, "line", None) or 0
            mistakes.append(_refused(file, number, error))
            word = re.match(r"\s*\S+", lines[number - 1]) if number else None
            known = word is not None and word[0].strip().upper() == "MAINTAINER"
            if word is None or known or len(mistakes) == _PATIENCE or "heredoc" in str(error):
                return DockerfileAst([], "\\"), mistakes
            # An instruction that takes any text, with the same continuation lines.
            lines[number - 1] = f"MAINTAINER {lines[number - 1][word.end() :]}"


def _refused(file: str, number: int, error: Exception) -> Mistake:
    what = re.sub(r"^Dockerfile parse error(?: on line \d+)?: ", "", str(error))
    suggestion = ""
    if what.startswith("unknown instruction: "):
        word = what.partition(": ")[2]
        near = difflib.get_close_matches(word.upper(), NAMES, n=1)
        suggestion = f"did you mean {near[0]}?" if near else ""
        what = f"unknown instruction {word}"
    return Mistake(file=file, line=number, what=what, suggestion=suggestion)


def _instruction(raw: DockerfileInstruction, file: str) -> Instruction:
    pairs = [flag.removeprefix("--").partition("=") for flag in raw.flags]
    flags = tuple((name.lower(), value if equals else "true") for name, equals, value in pairs)
    args: Sequence[str] = raw.args
    if raw.name in ("COPY", "ADD") and not raw.json:
        # Docker splits these at white space, quotes or no quotes.
        args = [word for arg in raw.args for word in arg.split()]
    if raw.name == "ENV":
        args = [arg for index, arg in enumerate(raw.args) if index % 3 < 2]
    text = " ".join(raw.original.split())
    line = Line(file, raw.start_line, text)
    return Instruction(
        raw.name, flags, tuple(args), raw.json, tuple(raw.heredocs), line, raw.end_line
    )


def _wrong(instruction: Instruction) -> list[Mistake]:
    name, line = instruction.name, instruction.line
    found: list[tuple[str, str]] = []
    allowed = _FLAGS.get(name, set())
    for flag, _ in instruction.flags:
        if flag not in allowed:
            near = difflib.get_close_matches(flag, sorted(allowed), n=1)
            found.append(
                (f"{name} has no flag --{flag}", f"did you mean --{near[0]}?" if near else "")
            )
    count = len(instruction.args)
    least = {"COPY": 2, "ADD": 2, "WORKDIR": 1, "ENV": 2, "ARG": 1, "FROM": 1}.get(name, 0)
    if count < least:
        needs = "a source and a destination" if least == 2 and name != "ENV" else "an argument"
        found.append((f"{name} needs {needs}", ""))
    if name == "FROM" and count >= 1:
        if count not in (1, 3) or (count == 3 and instruction.args[1].upper() != "AS"):
            found.append(("FROM takes an image, or an image AS a name", ""))
        elif count == 3 and not _STAGE_NAME.fullmatch(instruction.args[2].lower()):
            what = f"{instruction.args[2]!r} cannot be the name of a stage"
            found.append((what, "letters, digits, '.', '_' and '-', a letter first"))
    if name == "SHELL" and not (instruction.json and count):
        found.append(("SHELL needs the JSON form", 'as in SHELL ["/bin/bash", "-c"]'))
    return [
        Mistake(file=line.file, line=line.line, what=what, suggestion=suggestion)
        for what, suggestion in found
    ]


def _section(index: int, start: Instruction) -> Section:
    base = start.args[0] if start.args else ""
    name = start.args[2].lower() if len(start.args) == 3 else ""
    return Section(index, base, name, start)
