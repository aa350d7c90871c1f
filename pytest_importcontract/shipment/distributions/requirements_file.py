"""Requirements files, as pip reads them.

The format has no standard of its own: it is what pip's reference calls "Requirements File Format".
"""

from __future__ import annotations

import codecs
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.distributions.declared import Declared, Local, Requirements
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.requirement import asked
from pytest_importcontract.shipment.image.model import Line, Note

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, which it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING = re.compile(rb"^[ \t]*#.*coding[:=][ \t]*([-\w.]+)")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_WHOLE_COMMENT = re.compile(r"^\s*#")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_ELSEWHERE = re.compile(r"(?:http|https|ftp|file):", re.IGNORECASE)
_LONG: Final = {"-r": "--requirement", "-c": "--constraint", "-e": "--editable"}
_WITH_VALUE: Final = frozenset(
    [
        "-i",
        "--index-url",
        "--pypi-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "--no-binary",
        "--only-binary",
        "--trusted-host",
        "--use-feature",
        "--hash",
        "--global-option",
        "--install-option",
        "-C",
        "--config-settings",
        "--config-setting",
    ]
)
_ALONE: Final = frozenset(["--no-index", "--prefer-binary", "--require-hashes", "--pre"])
_KNOWN: Final = _WITH_VALUE | _ALONE | frozenset(_LONG.values())


@dataclass(slots=True)
class _Found:
    """What has been read so far."""

    declared: list[Declared] = field(default_factory=list)
    locals: list[Local] = field(default_factory=list)
    constraints: list[Declared] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def add(self, what: Declared | Local | Note, *, constraint: bool) -> None:
        match what:
            case Declared():
                (self.constraints if constraint else self.declared).append(what)
            case Local() if not constraint:
                self.locals.append(what)
            case Note():
                self.notes.append(what)


def read_requirements(
    path: str,
    files: ImageFiles,
    *,
    cwd: str,
    env: Mapping[str, str],
    asked_at: Line | None = None,
    constraint: bool = False,
) -> Requirements:
    """Read a requirements file of the image with all that it includes.

    Options about indexes and hashes are read over, as they do not change what is installed.
    A file that lies in the image with unknown content is a note; so is one that is a URL.

    Args:
        path: of the file; relative ones start from `cwd`.
        files: what the installer finds in the image.
        cwd: the folder that relative paths of folders and archives start from.
        env: what ``${NAME}`` is replaced from.
        asked_at: where the file is asked for, blamed if it is missing.
        constraint: whether it is asked for by ``-c``.

    Raises:
        MistakesError: with every line that cannot be read and every file that is missing.
    """
    reader = _Reader(files, cwd, env)
    reader.file(path, asked_at, (), constraint=constraint)
    found = reader.found
    if found.mistakes:
        raise MistakesError(tuple(found.mistakes))
    return Requirements(
        tuple(found.declared), tuple(found.locals), tuple(found.constraints), tuple(found.notes)
    )


class _Reader:
    def __init__(self, files: ImageFiles, cwd: str, env: Mapping[str, str]) -> None:
        self._files = files
        self._cwd = cwd
        self._env = env
        self._read: set[tuple[str, bool]] = set()
        self.found = _Found()

    def file(
        self, path: str, asked_at: Line | None, outer: tuple[str, ...], *, constraint: bool
    ) -> None:
        if _ELSEWHERE.match(path):
            self._note(asked_at or Line(path, 0), f"what {path} says, as it is not read")
            return
        path = posixpath.normpath(posixpath.join(self._cwd, path))
        name = self._files.name(path)
        here = asked_at or Line(name, 0)
        if path in outer:
            self._fault(here, name, "includes itself")
            return
        if (path, constraint) in self._read:
            return
        self._read.add((path, constraint))
        content = self._files.read(path)
        if content is None:
            self._unread(path, here)
            return
        try:
            text = _decoded(content)
        except (UnicodeDecodeError, LookupError) as error:
            number = _line_of(error, content)
            self._fault(Line(name, number), "", f"cannot be decoded: {error}")
            return
        for number, line in _logical_lines(text):
            where = Line(name, number, line)
            try:
                self._line(path, where, (*outer, path), constraint=constraint)
            except MistakesError as error:
                self.found.mistakes.extend(error.mistakes)

    def _unread(self, path: str, here: Line) -> None:
        if self._files.is_folder(path):
            self._fault(here, self._files.name(path), "is a folder, not a requirements file")
        elif self._files.exists(path):
            self._note(here, f"what {path} says, as nobody knows its content")
        else:
            self._fault(here, path, "does not exist in the image when this runs")

    def _line(self, path: str, where: Line, outer: tuple[str, ...], *, constraint: bool) -> None:
        text = _VARIABLE.sub(lambda name: self._env.get(name[1]) or name[0], where.text)
        requirement, options = _split(text)
        try:
            pairs = list(_pairs(shlex.split(options)))
        except ValueError as error:
            reason = str(error)
            self._fault(where, options, f"cannot be read: {reason[:1].lower()}{reason[1:]}")
            return
        for option, _ in pairs:
            if option.startswith("-") and option not in _KNOWN:
                self._note(where, f"what {option} means, as pip has no such option in these files")
        if requirement:
            where = Line(where.file, where.line, requirement)
            found = asked(requirement, where, self._files, self._cwd)
            self.found.add(found, constraint=constraint)
            return
        values = dict(reversed(pairs))
        if "--requirement" in values or "--constraint" in values:
            nested = values.get("--requirement") or values.get("--constraint") or ""
            if not _ELSEWHERE.match(nested):
                nested = posixpath.join(posixpath.dirname(path), nested)
            self.file(nested, where, outer, constraint="--requirement" not in values)
        elif "--editable" in values:
            found = asked(values["--editable"], where, self._files, self._cwd, editable=True)
            self.found.add(found, constraint=constraint)

    def _fault(self, where: Line, subject: str, what: str) -> None:
        mistake = Mistake(file=where.file, line=where.line, subject=subject, what=what)
        self.found.mistakes.append(mistake)

    def _note(self, where: Line, what: str) -> None:
        self.found.notes.append(Note(where, what))


def _decoded(content: bytes) -> str:
    """Text as pip decodes it: by byte order mark, by a coding comment, else UTF-8."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding)
    for line in content.split(b"\n", 2)[:2]:
        coding = _CODING.match(line)
        if coding:
            return content.decode(coding[1].decode("ascii"))
    return content.decode("utf-8")


def _line_of(error: UnicodeDecodeError | LookupError, content: bytes) -> int:
    return content.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 1


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined where one ends in a backslash, without comments, each with its first number."""
    parts: list[str] = []
    first = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw
        comment = _WHOLE_COMMENT.match(line)
        if not parts:
            first = number
        if line.endswith("\\") and not comment:
            parts.append(line[:-1])
            continue
        # A comment ends a continued line: the space lets it be seen as one.
        parts.append(f" {line}" if comment else line)
        yield from _cleaned(first, parts)
        parts = []
    yield from _cleaned(first, parts)


def _cleaned(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    line = _COMMENT.sub("", "".join(parts)).strip()
    if line:
        yield number, line


def _split(line: str) -> tuple[str, str]:
    """The requirement at the start of a line, and the options after it."""
    words = line.split(" ")
    count = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:count]).strip(), " ".join(words[count:])


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    """Options with their values, short ones that include files by their long names."""
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if word[:1] == "-" != word[1:2] and len(word) > 2:
            option, equals, value = word[:2], "=", word[2:]
        option = _LONG.get(option, option)
        if not equals and (option in _WITH_VALUE or option in _LONG.values()):
            value = next(rest, "")
        yield option, value
