"""A program that a container starts, and the folders that it imports from."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_importcontract.shipment.image.model import Line, Stage
from pytest_importcontract.shipment.image.tree import normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A Python program that CMD or ENTRYPOINT leads to.

    Attributes:
        entrypoint: what it loads: ``module``, ``module:attribute``, ``module:factory()``, or a
            file: relative to the repository where it is from there, else to the image's root.
        script: the image path of a file; empty for a module.
        cwd: the folder it runs in, an image path.
        path: image folders that the launcher itself puts first on ``sys.path``, in order.
        env: environment variables that are set on the way, over those of the stage.
        line: the CMD or ENTRYPOINT, or the line of the script, that starts it.
        command: the command as people know it.
        interpreter: what decides which environment it runs in: ``/opt/venv/bin/python``,
            ``uv run`` with its options, or a program such as ``uvicorn`` that PATH finds.
        sure: whether it is started whenever the container is; False in a branch of a script whose
            condition is not known.
        isolated: whether PYTHONPATH does not count (``-I``, ``-E``).
    """

    entrypoint: str
    script: str = ""
    cwd: str
    path: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    line: Line
    command: str
    interpreter: str
    sure: bool = True
    isolated: bool = False


def import_path(stage: Stage, start: Start) -> tuple[str, ...]:
    """The image folders that a start imports from before site-packages, in order.

    First the launcher's, then those of PYTHONPATH. An empty or relative entry of PYTHONPATH is
    taken from the working folder, as Python does; a folder that comes twice counts once.

    Source: the Python documentation, "The initialization of the sys.path module search path".
    """
    folders = list(start.path)
    value = start.env.get("PYTHONPATH", stage.env.get("PYTHONPATH", ""))
    if value and not start.isolated:
        folders.extend(posixpath.join(start.cwd, entry) for entry in value.split(":"))
    return tuple(dict.fromkeys(map(normal, folders)))
