"""How the process of a service starts: where, with which import path, with which variables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_importcontract.contract.model import Entrypoint, Service


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """One process, as what starts it makes it.

    Attributes:
        cwd: the working folder.
        front: what comes first on the import path once ``site`` is done: a script's folder, the
            working folder for ``python -m``, whatever a server puts there.
        entries: what comes after it and is there from the first: PYTHONPATH's entries.
        script: the file it runs; None for a module.
        env: variables of its own, over the service's.
    """

    cwd: Path
    front: tuple[Path, ...] = ()
    entries: tuple[Path, ...] = ()
    script: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> tuple[Path, ...]:
        """The import path entries of its own, each once."""
        return tuple(dict.fromkeys((*self.front, *self.entries)))


def module_process(service: Service, base: Path, env: Mapping[str, str]) -> Process:
    """How a module of a service without a Dockerfile is imported, with its code at `base`.

    Where it runs comes first on the path: that is what ``runtime.paths`` says.
    """
    first, *rest = (base / text for text in service.runtime.entries)
    return Process(cwd=first, front=(first,), entries=_with_python_path(rest, first, env))


def container_process(service: Service, base: Path, env: Mapping[str, str]) -> Process:
    """How a command line of a service without a Dockerfile starts.

    What it runs decides whether the working folder is on the path; what the contract declares is.
    """
    cwd = base / service.runtime.entries[0]
    declared = () if service.runtime.paths is None else service.runtime.paths
    entries = _with_python_path((base / text for text in declared), cwd, env)
    return Process(cwd=cwd, entries=entries)


def entrypoint_process(
    service: Service,
    entrypoint: Entrypoint,
    base: Path,
    env: Mapping[str, str],
    version: Sequence[int],
) -> Process:
    """How an entrypoint of a service without a Dockerfile starts.

    A script's folder (a link's target counts) comes first, as ``python FILE`` puts it, unless
    PYTHONSAFEPATH keeps it off, from 3.11 on.
    """
    if entrypoint.file is None:
        return module_process(service, base, env)
    cwd = base / service.runtime.entries[0]
    script = base / entrypoint.file
    safe = env.get("PYTHONSAFEPATH") and tuple(version) >= (3, 11)
    declared = () if service.runtime.paths is None else service.runtime.paths
    return Process(
        cwd=cwd,
        front=() if safe else (script.resolve().parent,),
        entries=_with_python_path((base / text for text in declared), cwd, env),
        script=script,
    )


def _with_python_path(
    entries: Iterable[Path], cwd: Path, env: Mapping[str, str]
) -> tuple[Path, ...]:
    path = env.get("PYTHONPATH")
    more = path.split(":") if path else ()  # an empty entry of it is the working folder
    added = (Path(os.path.normpath(cwd / entry)) for entry in more)
    return tuple(dict.fromkeys((*entries, *added)))
