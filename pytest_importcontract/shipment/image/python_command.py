"""The command line of the interpreter itself."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_importcontract.shipment.distributions.options import Options
from pytest_importcontract.shipment.image.launch import Place
from pytest_importcontract.shipment.image.launchers import MODULES

_VALUED = "cmWX"
_DEBUGPY = Options("--listen =\n--connect =\n--log-to =\n-m\n-c =")


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """What ``python …`` is asked to run.

    Attributes:
        modules: the module behind ``-m``.
        program: that module where it is one of `MODULES`; then it is not among `modules`.
        words: what stands behind the program.
        scripts: the image path of a file.
        code: the text behind ``-c``.
        absent: a file that is not in the image.
        path: what comes first on ``sys.path``.
        isolated: whether PYTHONPATH does not count.
    """

    modules: tuple[str, ...] = ()
    program: str = ""
    words: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    code: str = ""
    absent: str = ""
    path: tuple[str, ...] = ()
    isolated: bool = False


def python_command(argv: Sequence[str], place: Place) -> Python:
    """Read the interpreter's command line.

    The working folder comes first for ``-m`` and ``-c``, a script's own folder for a script, and
    neither with ``-P``, ``-I`` or PYTHONSAFEPATH.

    Source: the Python documentation, "Command line and environment".
    """
    rest = list(argv[1:])
    flags: set[str] = set()
    while rest and rest[0].startswith("-") and rest[0] != "-":
        option = rest.pop(0)
        if option == "--":
            break
        if option.startswith("--"):
            continue
        found = next((number for number, char in enumerate(option) if char in _VALUED), 0)
        flags.update(option[1 : found or None])
        if not found:
            continue
        value = option[found + 1 :] or (rest.pop(0) if rest else "")
        if option[found] in "mc":
            return _asked(option[found], value, rest, flags, place)
    if not rest or rest[0] == "-":
        return Python()
    return _script(rest[0], flags, place)


def _safe(flags: set[str], place: Place) -> bool:
    return bool(flags & set("PI")) or (
        "E" not in flags and bool(place.env.get("PYTHONSAFEPATH", ""))
    )


def _asked(kind: str, value: str, rest: list[str], flags: set[str], place: Place) -> Python:
    isolated = bool(flags & set("IE"))
    path = () if _safe(flags, place) else (place.cwd,)
    if kind == "c":
        return Python(code=value, path=path, isolated=isolated)
    if value == "debugpy":
        given = _DEBUGPY.read(rest, leading=True)
        words = ["-m", *given.words] if given.has("-m") else list(given.words)
        return python_command(("python", *(f"-{each}" for each in sorted(flags)), *words), place)
    if value in MODULES:
        return Python(program=value, words=tuple(rest), path=path, isolated=isolated)
    if not all(part.isidentifier() for part in value.split(".")):
        return Python(absent=value or "-m")
    return Python(modules=(value,), path=path, isolated=isolated)


def _script(word: str, flags: set[str], place: Place) -> Python:
    path = place.at(word)
    named = place.files.is_folder(path)
    if named:
        path = f"{path}/__main__.py"
    if not place.holds(path):
        return Python(absent=word)
    # A folder's own place on the path is not what -P takes away.
    folder = () if _safe(flags, place) and not named else (posixpath.dirname(path),)
    return Python(scripts=(path,), path=folder, isolated=bool(flags & set("IE")))
