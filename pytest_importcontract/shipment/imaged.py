"""A service as its Dockerfile makes it: what lies where, what starts, what is installed."""

from __future__ import annotations

import platform
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_importcontract.contract.model import Ships
from pytest_importcontract.shipment.distributions.contents import ProjectInstall
from pytest_importcontract.shipment.distributions.distributions import (
    Distributions,
    distributions,
    listed,
    projects_of,
)
from pytest_importcontract.shipment.distributions.environments import environments
from pytest_importcontract.shipment.distributions.installed import Installation
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.image.image import Image, read_image
from pytest_importcontract.shipment.image.model import Note
from pytest_importcontract.shipment.image.start import Start, import_path
from pytest_importcontract.shipment.image.starts import starts
from pytest_importcontract.shipment.image.tree import normal
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.layout import laid
from pytest_importcontract.shipment.process import Process
from pytest_importcontract.shipment.project.install import install
from pytest_importcontract.shipment.project.installed import Installed
from pytest_importcontract.shipment.project_sites import ProjectSites
from pytest_importcontract.shipment.unpacked import unpack

_PYTHON_IMAGE = re.compile(r"(?:^|/)python:(?P<version>3\.\d+)")
_SYSTEM = "/usr/local"
# Decide how this machine's own programs run, or are decided by how a process is started.
_NOT_THE_SERVICES = frozenset({"PATH", "HOME", "PYTHONHOME", "LD_LIBRARY_PATH", "LD_PRELOAD"})


@dataclass(frozen=True, kw_only=True)
class Imaged:
    """What is known of a service's image.

    Attributes:
        image: what the Dockerfile makes.
        starts: what the container starts.
        distributions: what is installed for it.
        files: the files to stage, those of the installed project included.
        folders: folders to stage that may be empty.
        first_sites: image folders where projects of the repository are installed.
        last_sites: image folders that come after site-packages, as editable installs add them.
        lost: what the container starts that could not be followed.
        notes: what was not modelled, that included.
    """

    image: Image
    starts: tuple[Start, ...]
    distributions: Distributions
    files: tuple[ShippedFile, ...]
    folders: tuple[str, ...]
    first_sites: tuple[str, ...]
    last_sites: tuple[str, ...]
    lost: tuple[Note, ...]
    notes: tuple[Note, ...]

    def process(self, start: Start | None, base: Path) -> Process:
        """How a start of the container runs where its file system lies at `base`.

        For None, how a module is imported where nothing is known to start.
        """
        stage = self.image.stage
        if start is None:
            cwd = normal(stage.workdir)
            start = Start(
                entrypoint="", cwd=cwd, path=(cwd,), line=stage.line, command="", interpreter=""
            )
        front = tuple(dict.fromkeys(map(normal, start.path)))
        entries = [folder for folder in import_path(stage, start) if folder not in front]
        return Process(
            cwd=laid(normal(start.cwd), base),
            front=tuple(laid(folder, base) for folder in front),
            entries=tuple(laid(folder, base) for folder in entries),
            script=laid(start.script, base).resolve() if start.script else None,
            env=self._variables({**stage.env, **start.env}, base),
        )

    def container(self, base: Path, env: Mapping[str, str]) -> Process:
        """How the container's own command starts, before that is Python or anything else."""
        stage = self.image.stage
        declared = {name: env[name] for name in ("PYTHONPATH",) if name in env}
        start = Start(
            entrypoint="",
            cwd=normal(stage.workdir),
            env=declared,
            line=stage.line,
            command="",
            interpreter="",
        )
        return self.process(start, base)

    def script_start(self, script: str) -> Start:
        """How a script starts that the image has and starts nowhere: as ``python FILE``."""
        stage = self.image.stage
        return Start(
            entrypoint=script,
            script=script,
            cwd=normal(stage.workdir),
            path=(posixpath.dirname(script),),
            line=stage.line,
            command=f"python {script}",
            interpreter="python",
        )

    def _variables(self, env: Mapping[str, str], base: Path) -> Mapping[str, str]:
        """The image's variables; a path of the image, or in a folder of it, leads here."""
        tree = self.image.stage.tree

        def here(part: str) -> str:
            if not part.startswith("/"):
                return part
            place = normal(part)
            known = any(path != "/" and path in tree for path in (place, posixpath.dirname(place)))
            return f"{base}{part}" if known else part

        return {
            name: ":".join(map(here, value.split(":")))
            for name, value in env.items()
            if name not in _NOT_THE_SERVICES
        }


def read_imaged(
    root: Path, ships: Ships, interpreter: Interpreter, installation: Installation, cache: Path
) -> Imaged:
    """Work out a service's image.

    Args:
        root: the repository.
        ships: what the contract says; it names a Dockerfile.
        interpreter: the Python that runs the service here.
        installation: what that Python has installed.
        cache: a folder that keeps wheels of projects from run to run.

    Raises:
        MistakesError: with everything wrong in the Dockerfile and what it reads.
        OSError: the cache cannot be written.
    """
    image = read_image(
        root,
        root / ships.dockerfile,
        context=root / ships.context,
        target=ships.target,
        args=ships.args,
    )
    stage = image.stage
    environment = image_environment(interpreter.version, platform.machine())
    build = _Builder(interpreter, cache)
    state = environments(stage, root)
    every = projects_of(state, installation, environment)
    scripts = {name: what for one in every for name, what in build(one).scripts.items()}
    started = starts(stage, root=root, scripts=scripts)
    first = started.found[0] if started.found else None  # the one that the container is for
    known = distributions(
        stage,
        root,
        installation,
        environment,
        interpreter=first.interpreter if first else "",
        env=first.env if first else None,
        path=first.path if first else (),
        line=first.line if first else None,
        state=state,
    )
    if ships.requirements:
        named = listed(ships.requirements, root, installation, environment)
        known = replace(named, prefix=known.prefix, projects=known.projects)
    projects = [build(project) for project in known.projects]
    unpacked = unpack(stage.tree)
    sites = ProjectSites(known.prefix or _SYSTEM, interpreter.version)
    for found in projects:
        sites.add(found)
    files = tuple({file.target: file for file in (*unpacked.files, *sites.files)}.values())
    return Imaged(
        image=image,
        starts=started.found,
        distributions=known,
        files=files,
        folders=unpacked.folders,
        first_sites=sites.first,
        last_sites=sites.last,
        lost=started.notes,
        notes=(
            *image.notes,
            *started.notes,
            *_unknown(known),
            *(note for found in projects for note in found.notes),
            *_other_python(image, interpreter),
        ),
    )


class _Builder:
    """What installing projects of the image puts into it, each worked out once."""

    def __init__(self, interpreter: Interpreter, cache: Path) -> None:
        self._interpreter = interpreter
        self._cache = cache
        self._known: dict[ProjectInstall, Installed] = {}

    def __call__(self, project: ProjectInstall) -> Installed:
        if project not in self._known:
            step = project.step
            self._known[project] = install(
                step.tree,
                project.path,
                editable=project.editable,
                cache=self._cache / "wheels",
                interpreter=self._interpreter,
                line=step.line,
                environment=step.env,
            )
        return self._known[project]


def _unknown(known: Distributions) -> Iterator[Note]:
    for note in known.opens:
        what = f"not known: {note.what}; so no distribution counts as absent"
        yield replace(note, what=what)
    for note in known.notes:
        yield replace(note, what=f"not known: {note.what}")


def _other_python(image: Image, interpreter: Interpreter) -> Iterator[Note]:
    match = _PYTHON_IMAGE.search(image.stage.image)
    if match and match["version"] != interpreter.label.removeprefix("Python "):
        what = f"the image runs Python {match['version']}, the service is run here by "
        yield Note(image.stage.line, f"{what}{interpreter.label}")
