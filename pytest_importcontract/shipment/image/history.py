"""What happened to files while a stage was made: copied, lost, unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pytest_importcontract.shipment.image.dockerfile import Instruction
from pytest_importcontract.shipment.image.expansion import DEFAULT_PATH
from pytest_importcontract.shipment.image.model import (
    Command,
    Kind,
    Line,
    Node,
    Note,
    Stage,
    Step,
    Transfer,
)
from pytest_importcontract.shipment.image.tree import Draft

_USUAL = frozenset(
    """
    / /bin /boot /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr
    /usr/bin /usr/include /usr/lib /usr/local /usr/local/bin /usr/local/etc /usr/local/include
    /usr/local/lib /usr/local/sbin /usr/local/share /usr/local/src /usr/sbin /usr/share /usr/src
    /var /var/cache /var/lib /var/log /var/opt /var/run /var/spool /var/tmp
    /etc/nginx /etc/nginx/conf.d /etc/supervisor /etc/supervisor/conf.d /etc/cron.d
    """.split()  # noqa: SIM905 (reads better than a list)
)


@dataclass(frozen=True, slots=True)
class Lost:
    """A repository file that was in an image and no longer is.

    Attributes:
        path: where it was.
        line: what took it away.
        covered: whether something else was laid upon it.
    """

    path: str
    line: Line
    covered: bool


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """One COPY or ADD as it was asked for.

    Attributes:
        instruction: as written.
        sources: absolute paths or patterns, variables put in.
        origin: index of the stage it copies from; None for the context; -1 for another image.
        excludes: what ``--exclude`` leaves out.
    """

    instruction: Instruction
    sources: tuple[str, ...]
    origin: int | None
    excludes: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class History:
    """A stage while it is made.

    Attributes:
        index: its number.
        base: what it starts from.
        line: its FROM.
        name: its name.
        draft: its files.
        args: build arguments known in it.
        env: its variables.
        shell: what runs the shell form.
        certain: whether all its files are known: it starts from scratch and runs nothing.
        stages: numbers of the stages it consists of, itself first.
        lost: repository files that it no longer holds.
        copied: what its own instructions copied.
        opens: paths where something lies of which nothing is known.
        last: number of the last line of its last instruction.
        changed: number of the last line of its last RUN, COPY or ADD.
        own_cmd: whether it has a CMD of its own.
    """

    index: int
    name: str
    line: Line
    base: Stage | str
    draft: Draft = field(default_factory=Draft)
    args: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    workdir: str = "/"
    entrypoint: Command | None = None
    cmd: Command | None = None
    own_cmd: bool = False
    certain: bool = True
    stages: tuple[int, ...] = ()
    events: list[Step | Transfer] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    lost: dict[Path, Lost] = field(default_factory=dict)
    copied: list[Copied] = field(default_factory=list)
    opens: dict[str, Line] = field(default_factory=dict)
    last: int = 0
    changed: int = 0
    stage: Stage | None = None

    @classmethod
    def upon(cls, base: History, index: int, name: str, line: Line) -> History:
        """A stage that starts from another one."""
        assert base.stage is not None
        return cls(
            index=index,
            name=name,
            line=line,
            base=base.stage,
            draft=Draft(base.draft),
            args=dict(base.args),
            env=dict(base.env),
            shell=base.shell,
            workdir=base.workdir,
            entrypoint=base.entrypoint,
            cmd=base.cmd,
            certain=base.certain,
            stages=(index, *base.stages),
            notes=list(base.notes),
            lost=dict(base.lost),
            opens=dict(base.opens),
            last=line.line,
        )

    @classmethod
    def of_image(cls, image: str, index: int, name: str, line: Line) -> History:
        """A stage that starts from an image, of which nothing is known but its usual folders."""
        return cls(
            index=index,
            name=name,
            line=line,
            base=image,
            env={"PATH": _path(image)} if image != "scratch" else {},
            certain=image == "scratch",
            stages=(index,),
            last=line.line,
        )

    @property
    def image(self) -> str:
        """The reference of the image at the bottom."""
        return self.base if isinstance(self.base, str) else self.base.image

    @property
    def scope(self) -> dict[str, str]:
        """The variables that an instruction sees."""
        return {**self.args, **self.env}

    def has_folder(self, path: str) -> bool:
        """Whether the base image may be taken to have a folder."""
        return path == "/" or (self.image != "scratch" and path in _USUAL)

    def note(self, line: Line, what: str) -> None:
        """Say once what is not modelled."""
        note = Note(line, what)
        if note not in self.notes:
            self.notes.append(note)

    def lose(self, path: str, node: Node, line: Line, *, covered: bool) -> None:
        """Remember why a repository file is no longer where it was."""
        if node.source is not None and node.kind is not Kind.FOLDER:
            self.lost[node.source] = Lost(path, line, covered)

    def open(self, path: str, line: Line) -> None:
        """Remember that something unknown lies at a path."""
        self.opens.setdefault(path.rstrip("/") or "/", line)

    def finish(self) -> Stage:
        """The stage as a value."""
        self.stage = Stage(
            name=self.name,
            index=self.index,
            base=self.base,
            line=self.line,
            events=tuple(self.events),
            tree=self.draft.snapshot(),
            workdir=self.workdir,
            env=dict(self.env),
            entrypoint=self.entrypoint,
            cmd=self.cmd,
            notes=tuple(self.notes),
        )
        return self.stage


def _path(image: str) -> str:
    """PATH in an image: that of official Python images, or what Docker sets."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return f"/usr/local/bin:{DEFAULT_PATH}" if name == "python" else DEFAULT_PATH
