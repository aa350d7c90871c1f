"""What a service stands on before anything is staged: from its file globs, or from its image."""

from __future__ import annotations

import functools
import posixpath
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import Entrypoint, Service, Ships, ThirdParty
from pytest_importcontract.shipment.distributions.contents import ProjectInstall
from pytest_importcontract.shipment.distributions.installed import (
    Installation,
    install_command,
    read_installed,
)
from pytest_importcontract.shipment.files import FileList, ShippedFile
from pytest_importcontract.shipment.holdings import Holdings, sites_without
from pytest_importcontract.shipment.image.image import Image
from pytest_importcontract.shipment.image.model import Line, Note
from pytest_importcontract.shipment.image.start import Start
from pytest_importcontract.shipment.image.tree import normal
from pytest_importcontract.shipment.imaged import Imaged, read_imaged
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.layout import Layout
from pytest_importcontract.shipment.process import (
    Process,
    container_process,
    entrypoint_process,
    module_process,
)

MakeProcess = Callable[[Entrypoint | None, Path, Mapping[str, str]], Process]
_MOST_NAMES = 8
# Programs that come from the distribution of their name and from no other.
_SERVERS = frozenset({"celery", "daphne", "flask", "granian", "gunicorn", "hypercorn", "uvicorn"})


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What ships and how it starts.

    Attributes:
        service: its contract, with the entrypoints that are started.
        files: what is staged; None where the service runs in place.
        folders: folders that are staged even if nothing is in them.
        layout: where the repository's files lie among them.
        process: the process of an entrypoint, or for None of a module, where the files lie at a
            path and the contract declares variables.
        container: likewise, what the container's own command line runs as.
        sites: site-packages folders of the interpreter, as the service sees them.
        first_sites: image folders where projects of the repository are installed.
        last_sites: image folders that come after site-packages.
        left_out: links, special files and folders that cannot ship.
        image: what the Dockerfile makes; None without one.
        holdings: what is installed; None where that is not known.
        projects: projects of the repository that the image installs as distributions.
        starts: where the image says that it starts an entrypoint, by the entrypoint's text.
        lost: what the image starts that could not be followed.
        notes: what was not modelled, that included.
    """

    service: Service
    files: tuple[ShippedFile, ...] | None
    folders: tuple[str, ...] = ()
    layout: Layout
    process: MakeProcess
    container: Callable[[Path, Mapping[str, str]], Process]
    sites: tuple[str, ...]
    first_sites: tuple[str, ...] = ()
    last_sites: tuple[str, ...] = ()
    left_out: tuple[Path, ...] = ()
    image: Image | None = None
    holdings: Holdings | None = None
    projects: tuple[ProjectInstall, ...] = ()
    starts: Mapping[str, Line] = field(default_factory=dict)
    lost: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()


def plain(service: Service, root: Path, files: FileList | None, interpreter: Interpreter) -> Ground:
    """The ground of a service without a Dockerfile: its image has the repository's layout."""

    def process(entrypoint: Entrypoint | None, base: Path, env: Mapping[str, str]) -> Process:
        if entrypoint is None:
            return module_process(service, base, env)
        return entrypoint_process(service, entrypoint, base, env, interpreter.version)

    return Ground(
        service=service,
        files=None if files is None else files.files,
        layout=Layout.same(root, files.files if files else ()),
        process=process,
        container=functools.partial(container_process, service),
        sites=interpreter.sites,
        left_out=files.left_out if files else (),
    )


def imaged(
    service: Service,
    ships: Ships,
    root: Path,
    more: FileList,
    interpreter: Interpreter,
    cache: Path,
) -> Ground:
    """The ground of a service that a Dockerfile puts into an image.

    Args:
        service: its contract.
        ships: what it says about the image.
        root: the repository.
        more: files that ship besides.
        interpreter: the Python that runs it here.
        cache: a folder to keep things in.

    Raises:
        MistakesError: the Dockerfile or what it installs from cannot be read, or the interpreter
            lacks distributions that the image has.
        OSError: the cache cannot be written.
    """
    installation = read_installed(interpreter.sites, interpreter.suffixes, ships.provides)
    found = read_imaged(root, ships, interpreter, installation, cache)
    entrypoints = service.entrypoints or tuple(
        Entrypoint.parse(start.entrypoint) for start in found.starts
    )
    service = replace(service, entrypoints=tuple(dict.fromkeys(entrypoints)))
    workdir = PurePosixPath(normal(found.image.stage.workdir).lstrip("/"))
    added = tuple(replace(file, target=workdir / file.target) for file in more.files)
    files = tuple({file.target: file for file in (*found.files, *added)}.values())
    holdings = _holdings(service, found, installation)
    sites, notes = interpreter.sites, found.notes
    if holdings is not None:
        _refuse_missing(service, holdings)
        if not ships.requirements:
            _refuse_lost_servers(service, found, holdings)
        absent = [name for name in installation.distributions if not holdings.holds(name)]
        sites, stubborn = sites_without(absent, installation, sites, cache / "views")
        notes = (*notes, *_stubborn(found, stubborn))
    notes = (*notes, *_other_starts(found, service))
    layout = Layout(files)
    processes = _Processes(service, found, layout, root)
    return Ground(
        service=service,
        files=files,
        folders=found.folders,
        layout=layout,
        process=processes,
        container=processes.container,
        sites=sites,
        first_sites=found.first_sites,
        last_sites=found.last_sites,
        left_out=more.left_out,
        image=found.image,
        holdings=holdings,
        projects=found.distributions.projects,
        starts={start.entrypoint: start.line for start in reversed(found.starts)},
        lost=found.lost,
        notes=tuple(dict.fromkeys(notes)),
    )


class _Processes:
    """How the entrypoints of an image start."""

    def __init__(self, service: Service, found: Imaged, layout: Layout, root: Path) -> None:
        self._found = found
        self._layout = layout
        self._root = root
        self._paths = service.runtime.paths
        self._entrypoints = service.entrypoints

    def __call__(
        self, entrypoint: Entrypoint | None, base: Path, env: Mapping[str, str]
    ) -> Process:
        if entrypoint is None and self._entrypoints:
            return self._of_modules(base, env)
        start = None if entrypoint is None else self._start(entrypoint)
        if start is not None and "PYTHONPATH" in env:
            start = replace(start, env={**start.env, "PYTHONPATH": env["PYTHONPATH"]})
        process = self._found.process(start, base)
        if self._paths is None:
            return process
        folders = [base / place for text in self._paths for place in self._places(text)]
        script = () if process.script is None else process.front
        return replace(process, cwd=folders[0], front=script, entries=tuple(folders))

    def container(self, base: Path, env: Mapping[str, str]) -> Process:
        """How the container's own command line starts."""
        process = self._found.container(base, env)
        if self._paths is None:
            return process
        folders = tuple(base / place for text in self._paths for place in self._places(text))
        entries = tuple(dict.fromkeys((*folders, *process.entries)))
        return replace(process, cwd=folders[0], entries=entries)

    def _of_modules(self, base: Path, env: Mapping[str, str]) -> Process:
        """Any of the entrypoints may import a module, so what any of them sees is there."""
        first, *others = [self(entrypoint, base, env) for entrypoint in self._entrypoints]
        more = [folder for process in others for folder in process.path]
        return replace(first, script=None, entries=tuple(dict.fromkeys((*first.entries, *more))))

    def _places(self, text: str) -> tuple[str, ...]:
        return self._layout.targets(self._root / text) or (text,)

    def _start(self, entrypoint: Entrypoint) -> Start | None:
        """The start that an entrypoint is, or the one that shows how this image starts things."""
        starts = self._found.starts
        if entrypoint.file is None:
            same = [s for s in starts if not s.script and _module(s) == entrypoint.module]
        else:
            places = self._layout.targets(self._root / entrypoint.file)
            scripts = [f"/{place}" for place in places]
            same = [s for s in starts if s.script in scripts or s.entrypoint == entrypoint.text]
            if not same:  # where it does not ship, its start fails by that
                workdir = self._found.image.stage.workdir
                place = posixpath.join("/", workdir, entrypoint.file)
                return self._found.script_start(scripts[0] if scripts else place)
        exact = [start for start in same if start.entrypoint == entrypoint.text]
        return next(iter((*exact, *same, *starts)), None)


def _module(start: Start) -> str:
    return Entrypoint.parse(start.entrypoint).module


def _holdings(service: Service, found: Imaged, installation: Installation) -> Holdings | None:
    """What is installed, where that is known and of any consequence."""
    if service.third_party is ThirdParty.ANY or not found.distributions.is_closed:
        return None
    return Holdings(found.distributions, installation)


def _refuse_missing(service: Service, holdings: Holdings) -> None:
    """Raise where the interpreter lacks what the image has: nothing it says would be true."""
    missing = holdings.distributions.missing
    if not missing:
        return
    names = sorted(missing)
    shown = ", ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        shown += f" and {len(names) - _MOST_NAMES} more"
    python = service.runtime.python or "python"
    line = missing[names[0]].root.line
    mistake = Mistake(
        file=line.file,
        line=line.line,
        subject=service.name,
        what=f"the image installs what {python} does not have: {shown}",
        suggestion=install_command(python, missing),
    )
    raise MistakesError((mistake,))


def _refuse_lost_servers(service: Service, found: Imaged, holdings: Holdings) -> None:
    """Raise where the container starts a program that it does not have: it ends at once."""
    mistakes = []
    named = {entrypoint.text for entrypoint in service.entrypoints}
    for start in found.starts:
        words = shlex.split(start.command)
        as_module = words[1:2] == ["-m"] and len(words) > 2
        program = words[2] if as_module else posixpath.basename(words[0])
        by_path = start.interpreter in (words[0], found.starts[0].interpreter)
        if program not in _SERVERS or not by_path or not start.sure or holdings.holds(program):
            continue
        if start.entrypoint in named:
            manifest = holdings.manifest(found.image.dockerfile)
            add = f"add it to {manifest}" if manifest else "install it"
            mistakes.append(
                Mistake(
                    file=start.line.file,
                    line=start.line.line,
                    subject=service.name,
                    what=f"starts {program}, which nothing in {found.image.dockerfile} installs",
                    suggestion=add,
                )
            )
    if mistakes:
        raise MistakesError(tuple(dict.fromkeys(mistakes)))


def _stubborn(found: Imaged, names: tuple[str, ...]) -> tuple[Note, ...]:
    if not names:
        return ()
    what = "no record says which files are theirs, so they stay visible though the image lacks them"
    return (Note(found.image.stage.line, f"{', '.join(names)}: {what}"),)


def _other_starts(found: Imaged, service: Service) -> tuple[Note, ...]:
    """What the image starts and the contract does not name."""
    named = {entrypoint.text for entrypoint in service.entrypoints}
    modules = {entrypoint.module for entrypoint in service.entrypoints if entrypoint.module}
    return tuple(
        Note(start.line, f"the image starts {start.entrypoint}, no entrypoint of the contract")
        for start in found.starts
        if start.entrypoint not in named and _module(start) not in modules
    )
