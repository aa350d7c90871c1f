"""Stages as the reader of Dockerfiles makes them, written down as a few lines."""

import posixpath
import shlex

from pytest_importcontract.shipment.image.model import Kind, Line, Node, Stage, Step, Transfer

PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


class Image:
    """Builds one stage, instruction by instruction; texts of files are given by their path."""

    def __init__(self, base="python:3.12-slim", index=0, name="", env=None, workdir="/app"):
        self.base, self.index, self.name, self.workdir = base, index, name, workdir
        inherited = base.env if isinstance(base, Stage) else {"PATH": PATH}
        self.env = {**inherited, **(env or {})}
        self.tree = dict(base.tree) if isinstance(base, Stage) else {}
        self.events = []
        self.lines = 1

    def _line(self, text):
        self.lines += 1
        return Line("Dockerfile", self.lines, text)

    def files(self, texts):
        for path, text in texts.items():
            place = posixpath.join(self.workdir, path)
            content = text if isinstance(text, bytes | None) else text.encode()
            self.tree[place] = Node(Kind.FILE, content=content)
        return self

    def folder(self, source, target):
        """COPY of a folder of the repository."""
        for path in sorted(source.rglob("*")):
            place = posixpath.join(self.workdir, target, path.relative_to(source).as_posix())
            kind = Kind.FOLDER if path.is_dir() else Kind.FILE
            self.tree[posixpath.normpath(place)] = Node(kind, source=path)
        return self

    def env_is(self, **values):
        self.env.update(values)
        return self

    def run(self, text, sure=True):
        """RUN, its commands parted by &&."""
        line = self._line(f"RUN {text}")
        for command in text.split(" && "):
            text, _, output = command.partition(" > ")
            output = output and posixpath.join(self.workdir, output)
            env, tree = dict(self.env), dict(self.tree)
            argv = tuple(shlex.split(text))
            self.events.append(Step(argv, self.workdir, env, line, tree, sure, output))
        return self

    def words(self, argv):
        """RUN of one command by its words."""
        line = self._line("RUN")
        env, tree = dict(self.env), dict(self.tree)
        self.events.append(Step(tuple(argv), self.workdir, env, line, tree))
        return self

    def copy(self, origin, source, target=""):
        line = self._line(f"COPY --from {source} {target or source}")
        self.events.append(Transfer(origin, source, target or source, line))
        return self

    def stage(self):
        return Stage(
            name=self.name,
            index=self.index,
            base=self.base,
            line=Line("Dockerfile", 1, "FROM"),
            events=tuple(self.events),
            tree=self.tree,
            workdir=self.workdir,
            env=self.env,
        )
