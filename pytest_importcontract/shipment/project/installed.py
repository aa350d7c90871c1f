"""What an installation of the project leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_importcontract.shipment.image.model import Node, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A project of the image, installed into one of its environments.

    Attributes:
        name: the distribution's name as written; empty where nobody can tell.
        version: its version; empty where nobody can tell.
        files: what lies in site-packages, by the path relative to it. `source` is the repository's
            file wherever what is installed equals a file of the image at that time; otherwise
            `content` holds what was generated.
        data: what lies elsewhere in the environment, by the path relative to its prefix, as in
            ``bin/migrate`` or ``share/app/logo.png``.
        scripts: console scripts by name, each with its ``module:attribute``.
        path_entries: folders of the image that an editable installation puts on the import path.
        mapped: what an editable installation makes importable by a finder of its own, asked after
            the whole import path: name to the image path of its package folder or module file. It
            holds only what existed when the project was installed.
        complete: whether nothing else is installed. False where neither a wheel nor a declaration
            tells: nothing may then be called absent.
        how: where this knowledge is from, in words that follow "its content comes from".
        notes: what is not known about it.
    """

    name: str
    version: str
    files: Mapping[str, Node]
    data: Mapping[str, Node]
    scripts: Mapping[str, str]
    path_entries: tuple[str, ...]
    mapped: Mapping[str, str]
    complete: bool
    how: str
    notes: tuple[Note, ...]
