"""An image as values: what a Dockerfile makes of a context, as far as it can be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """Where something is written.

    Attributes:
        file: a Dockerfile, an ignore file, a requirements file, as messages call it.
        line: 1-based; of an instruction over several lines the first.
        text: what stands there, in one line.
    """

    file: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not modelled, said once.

    Attributes:
        line: where it is written.
        what: what is not known because of it.
    """

    line: Line
    what: str


class Kind(StrEnum):
    """What lies at a path of the image."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Node:
    """What lies at one path of the image.

    A file with neither `source` nor `content` exists, and nobody knows what is in it.

    Attributes:
        kind: file, folder or symbolic link.
        source: the repository's file or folder that was copied; None where it is not from there.
        content: bytes that the Dockerfile itself writes, or that come out of a local archive.
        link: a symbolic link's text.
        mode: permission bits where an instruction sets them.
        placed: the instruction that put it there; None for what a base image holds.
    """

    kind: Kind
    source: Path | None = None
    content: bytes | None = None
    link: str = ""
    mode: int | None = None
    placed: Line | None = None

    def read(self) -> bytes | None:
        """The bytes of a file; None where it is none, or where nobody knows them."""
        if self.kind is not Kind.FILE:
            return None
        if self.content is not None or self.source is None:
            return self.content
        try:
            return self.source.read_bytes()
        except OSError:
            return None


Tree = Mapping[str, Node]
"""What an image holds: absolute, normal POSIX paths such as ``/app/main.py``."""


@dataclass(frozen=True, slots=True)
class Command:
    """What CMD or ENTRYPOINT says.

    Attributes:
        argv: the words of the JSON form; in the shell form the shell's own (``/bin/sh -c``) and
            then the text as one word.
        line: where it is written.
    """

    argv: tuple[str, ...]
    line: Line


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One simple command of a RUN instruction.

    Attributes:
        argv: its words, expanded where their variables are known.
        cwd: the folder it runs in.
        env: variables it sees: ARG, ENV and those set before it in the same RUN.
        line: the RUN instruction.
        tree: what it finds in the file system, bind mounts included.
        sure: whether it runs whenever the image is built; False after ``||`` or inside ``if``.
        output: the path that its standard output is written to; empty where it goes elsewhere.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(repr=False)
    line: Line
    tree: Tree = field(repr=False)
    sure: bool = True
    output: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """One source of a COPY from another stage or image, or of a bind mount from one.

    Attributes:
        origin: the stage; the image's reference as text where it is no stage of the Dockerfile.
        source: what is copied, an absolute path there.
        target: where it lands: the path that `source` itself gets.
        line: the COPY or RUN instruction.
        mounted: whether it is there for that RUN only.
    """

    origin: Stage | str
    source: str
    target: str
    line: Line
    mounted: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stage:
    """One stage of a Dockerfile, evaluated.

    Attributes:
        name: its name in lower case; empty where it has none.
        index: its number, from 0.
        base: the stage it starts from, or the reference of an image, expanded.
        line: its FROM.
        events: what its own instructions ran and copied from elsewhere, in order.
        tree: what it holds at its end, what its base stage put there included.
        workdir: the working folder at its end.
        env: its variables at the end (ENV; ARG is not kept in an image).
        entrypoint: ENTRYPOINT, None where neither it nor its base stage has one.
        cmd: CMD, likewise.
        notes: what was not modelled, its base stage's included.
    """

    name: str
    index: int
    base: Stage | str
    line: Line
    events: tuple[Step | Transfer, ...] = field(repr=False)
    tree: Tree = field(repr=False)
    workdir: str
    env: Mapping[str, str]
    entrypoint: Command | None = None
    cmd: Command | None = None
    notes: tuple[Note, ...] = ()

    @property
    def image(self) -> str:
        """The reference of the image at the bottom, as in ``python:3.12-slim``."""
        base = self.base
        while isinstance(base, Stage):
            base = base.base
        return base
