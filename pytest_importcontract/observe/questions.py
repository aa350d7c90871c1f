"""What a started service is asked: imports to run in it, objects to compare."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Statement:
    """An import that the service runs as if it stood at a line of a file.

    Attributes:
        imported: the module named, relative names resolved.
        names: what follows ``import`` in ``from imported import …``; empty for ``import imported``.
        file: where it stands, in the repository.
        line: 1-based.
        importer: the module whose code it is, imported before; empty for nobody's.
        function: the name of the code around it; empty for the module's own.
    """

    imported: str
    names: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    importer: str = ""
    function: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Question:
    """What one fork of the started service does.

    Attributes:
        statements: run in their order; the first that fails ends it.
        symbols: module and dotted attribute of each object to look up and compare; their modules
            are imported.
    """

    statements: tuple[Statement, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()
