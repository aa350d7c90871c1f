"""What a diagnosis looks things up in: the service, its contract file, its files."""

from __future__ import annotations

import ast
import os
import tokenize
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from pytest_importcontract.contract.model import Integration, Service
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.observe.facts import Frame, Place, Target, TargetKind
from pytest_importcontract.observe.needed import needed
from pytest_importcontract.shipment.catalog import Catalog
from pytest_importcontract.shipment.distributions.contents import ProjectInstall
from pytest_importcontract.shipment.shipment import Shipment

_WIDEST = 200  # characters of a statement
_MOST_LINES = 30  # of a statement


class Scene:
    """One service's surroundings.

    Args:
        shipment: the service.
        caller: names of the variables that are set where pytest runs.
        python: what messages call an interpreter that the contract does not name.
        reached: tells which modules entrypoints reach; by default those that must import.
    """

    def __init__(
        self,
        shipment: Shipment,
        caller: Collection[str] = (),
        python: str = "the Python that runs pytest",
        reached: Callable[[], Collection[str]] | None = None,
    ) -> None:
        self.shipment = shipment
        self.caller = caller
        self.service: Service = shipment.service
        self.catalog: Catalog = shipment.catalog
        self._python = python
        self._reached = reached or (lambda: shipment.modules)
        self._sources: dict[str, Sequence[str]] = {}

    def relative(self, path: str | Path) -> str:
        """The path as the contract would write it; absolute where it lies outside."""
        path = Path(path)
        if path.is_relative_to(self.shipment.root):
            return path.relative_to(self.shipment.root).as_posix() or "."
        return str(path)

    def at(self, *keys: str | int) -> str:
        """The contract's line for a key below the service, as in ``contracts.toml:14``."""
        line = self.service.line(*keys)
        return f"{self.shipment.contract}:{line}" if line else self.shipment.contract

    def entrypoint(self, text: str) -> Hop:
        """The line that names an entrypoint: the contract's, or the one that starts it."""
        start = self.shipment.ground.starts.get(text)
        if start is not None and ("entrypoints",) not in self.service.lines:
            return Hop(
                file=str(self.shipment.root / start.file), line=start.line, text=f"starts {text}"
            )
        texts = [entrypoint.text for entrypoint in self.service.entrypoints]
        line = self.service.line("entrypoints", texts.index(text))
        file = self.shipment.root / Path(self.shipment.contract).name
        return Hop(file=str(file), line=line, text=f"starts {text}")

    def path_of(self, target: Target) -> Sequence[Path]:
        """The import path entries of its own that a process starts with."""
        if target.kind is not TargetKind.ENTRYPOINT:
            return self.shipment.process.path
        return self.shipment.processes[target.text].path

    @property
    def ships_files(self) -> bool:
        """Whether the contract lists the files that ship."""
        return self.service.ships is not None

    @property
    def setting(self) -> str:
        """What an import has to make do with; empty where that is all there is."""
        if self.shipment.image is not None:
            return f"with what ships ({self.shipment.image.dockerfile})"
        return f"with what ships ({self.at('ships', 'files')})" if self.ships_files else ""

    @property
    def python(self) -> str:
        """The service's interpreter as the contract names it."""
        return self.service.runtime.python or self._python

    @cached_property
    def variables(self) -> frozenset[str]:
        """The variables that are set when a process of the service starts."""
        return self.shipment.image_variables | frozenset(self.shipment.env)

    @cached_property
    def needed(self) -> Mapping[str, Place]:
        """The variables that code which is reached asks for without a default, by first line."""
        shipped = self.catalog.shipped
        names = sorted(name for name in self._reached() if name in shipped)
        return needed(shipped[name].path for name in names if not shipped[name].is_namespace)

    def ships(self, path: Path) -> bool:
        """Whether the repository file (for a folder: anything in it) is in the image."""
        return self.shipment.ships(path)

    def off_the_path(self, folder: Path) -> tuple[str, str]:
        """What to say of a folder that no import path entry leads to, and what would."""
        image = self.shipment.image
        if image is None and not self.shipment.contract:
            return "no --path leads to it", f"add --path {self.relative(folder)}"
        if image is None:
            at = self.at("runtime", "paths")
            fix = f'add "{self.relative(folder)}" to runtime.paths ({at})'
            return "no entry of runtime.paths leads to it", fix
        places = [f"/{place}".rstrip(".") for place in self.shipment.layout.targets(folder)]
        if not places:
            return f"nothing that starts in {image.dockerfile} imports from it", "ship it"
        fix = f"add the folder to PYTHONPATH: ENV PYTHONPATH={places[0]}"
        project = self._installed_from(places[0])
        if project is None:
            off = f"nothing that starts in {image.dockerfile} imports from it at {places[0]}"
            return off, fix
        way = f"make it part of {project.name} before {project.step.line} installs it"
        return f"no part of {project.name} as {project.step.line} installs it", f"{way}, or {fix}"

    def _installed_from(self, place: str) -> ProjectInstall | None:
        """The project that the image installs from a folder around `place`, the innermost."""
        around = [
            project
            for project in self.shipment.ground.projects
            if PurePosixPath(place).is_relative_to(project.path)
        ]
        return max(around, key=lambda project: len(project.path), default=None)

    def outward_link(self, path: Path) -> str:
        """The link out of the repository on the way to a file, as it would be written; or empty."""
        ways = (way for way in self.shipment.ground.left_out if path.is_relative_to(way))
        return next((self.relative(way) for way in ways if way.is_symlink()), "")

    def stripped_by(self, path: Path) -> str:
        """The excluding pattern that keeps a file out, with its place; empty for none."""
        if self.service.ships is None or not path.is_relative_to(self.shipment.root):
            return ""
        name = self.relative(path)
        for index, pattern in reversed(tuple(enumerate(self.service.ships.files.patterns))):
            if pattern.matches(name):
                at = self.at("ships", "files", index)
                return f'"{pattern.text}" ({at})' if pattern.excludes else ""
        return ""

    def module_of(self, file: str) -> str:
        """The name of the module in a source file, by where the file lies; empty if unknown."""
        if file in self._modules:
            return self._modules[file]
        path = Path(file)
        interpreter = self.catalog.interpreter
        for folder in (*interpreter.sites, *interpreter.stdlib):
            if path.is_relative_to(folder):
                parts = path.relative_to(folder).with_suffix("").parts
                return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        return ""

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        return {str(module.path): name for name, module in self.catalog.shipped.items()}

    def foreign_file(self, module: str) -> Path | None:
        """The source or library file of the module in site-packages or the standard library."""
        installed = self.catalog.installed(module.partition(".")[0]).get(module)
        if installed is not None and not self._leads_back(installed.path):
            return installed.path
        interpreter = self.catalog.interpreter
        for folder in interpreter.stdlib if module.partition(".")[0] in interpreter.names else ():
            base = Path(folder, *module.split("."))
            for suffix in interpreter.suffixes:
                for path in (base / f"__init__{suffix}", base.with_name(f"{base.name}{suffix}")):
                    if os.path.isfile(path):  # noqa: PTH113 (a name of any length)
                        return path
        return None

    def _leads_back(self, path: Path) -> bool:
        """Whether something installed is but a link to the repository's, which no image has."""
        real = path.resolve()
        prefix = Path(self.catalog.interpreter.prefix).resolve()
        inside = real.is_relative_to(self.shipment.root.resolve())
        return self.shipment.tree is not None and inside and not real.is_relative_to(prefix)

    def rules_for(self, module: str) -> tuple[tuple[str, ...], Integration | None]:
        """What the contract says about reaching `module`, and the integration among it."""
        integration = self.service.integration_for(module)
        if integration is None:
            return (), None
        doors = integration.doors
        reason = f" ({integration.reason})" if integration.reason else ""
        rule = (
            f'integration "{integration.name}": {integration.root} is reached only through {doors}'
        )
        return (f"{rule}{reason}",), integration

    def statement(self, frame: Frame) -> str:
        """The statement at which a frame stands, on one line."""
        return self.source(frame.place)

    def source(self, place: Place) -> str:
        """The statement that starts at a line, folded into one; empty when it cannot be read."""
        lines = self._lines(place.file)
        if not 0 < place.line <= len(lines):
            return ""
        text = _logical_line(lines[place.line - 1 : place.line + _MOST_LINES])
        text = text.replace("( ", "(").replace(", )", ")").replace(" )", ")")
        text = self.shipment.secrets.hide(text)
        return text if len(text) <= _WIDEST else f"{text[:_WIDEST]} …"

    def parses_here(self, file: str) -> bool:
        """Whether the Python that runs pytest can read a source file the service's cannot."""
        try:
            ast.parse(Path(file).read_bytes())
        except (OSError, ValueError, SyntaxError, RecursionError):
            return False
        return True

    def _lines(self, file: str) -> Sequence[str]:
        if file not in self._sources:
            try:
                with Path(file).open("rb") as stream:
                    encoding = tokenize.detect_encoding(stream.readline)[0]
                text = Path(file).read_text(encoding, "replace")
            except (OSError, ValueError, SyntaxError):
                text = ""
            self._sources[file] = text.split("\n")  # what else ends a line elsewhere ends none here
        return self._sources[file]


def _logical_line(lines: Sequence[str]) -> str:
    """The first logical line of the source lines, without comments, on one line."""
    last, comments = 1, {}
    try:
        for token in tokenize.generate_tokens(iter([f"{line}\n" for line in lines]).__next__):
            last = token.start[0]
            if token.type == tokenize.NEWLINE:
                break
            if token.type == tokenize.COMMENT:
                comments[last] = token.start[1]
    except (tokenize.TokenError, SyntaxError):
        last = 1
    parts = [line[: comments.get(row)] for row, line in enumerate(lines[:last], 1)]
    return " ".join(part.strip().removesuffix("\\").rstrip() for part in parts).strip()
