"""The Python that runs the service: which one, and where its modules lie."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import importlib_resources

_OLDEST = (3, 8)
_ASK_VERSION = "import sys; sys.stdout.write('%d.%d.%d' % sys.version_info[:3])"
_PATIENCE = 30.0  # seconds; a healthy interpreter needs a fiftieth of one


class InterpreterError(Exception):
    """The interpreter cannot be used; the message says why, `suggestion` how to mend it."""

    def __init__(self, what: str, suggestion: str = "") -> None:
        super().__init__(what)
        self.suggestion = suggestion


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """A CPython, as it describes itself.

    Attributes:
        executable: absolute path, links not resolved (a virtual environment is found by it).
        version: major, minor and micro.
        prefix: its ``sys.prefix``; a virtual environment's folder where it is one.
        stdlib: import path entries of the standard library.
        sites: its site-packages folders.
        suffixes: file name endings of modules, in the order the import system tries them.
        names: top-level modules of the standard library.
        editable: names of the ``.pth`` files that editable installs own.
    """

    executable: Path
    version: tuple[int, int, int]
    prefix: str
    stdlib: tuple[str, ...]
    sites: tuple[str, ...]
    suffixes: tuple[str, ...]
    names: frozenset[str]
    editable: tuple[str, ...]

    @property
    def label(self) -> str:
        """What messages call it, as in ``Python 3.11``."""
        return f"Python {self.version[0]}.{self.version[1]}"


def locate(text: str, folder: Path) -> Path:
    """The interpreter that a contract in `folder` names by `text`; empty means pytest's own.

    A bare name that is no file beside the contract is looked up on PATH.

    Raises:
        InterpreterError: there is no such file.
    """
    if not text:
        return Path(sys.executable)
    expanded = os.path.expanduser(text)  # noqa: PTH111 (of an unknown user it stays as it is)
    path = Path(os.path.abspath(folder / expanded))  # noqa: PTH100 (keeps links)
    if os.path.isfile(path):  # noqa: PTH113 (a name of any length)
        return path
    if "/" not in text and (found := shutil.which(text)):
        return Path(found)
    if os.path.isdir(path):  # noqa: PTH112 (a name of any length)
        python = "bin/python"
        suggestion = (
            f"did you mean {text.rstrip('/')}/{python}?" if (path / python).exists() else ""
        )
        raise InterpreterError(f"{text} is a folder, not an interpreter", suggestion)
    environment = path.parent.parent
    raise InterpreterError(
        f"{text} does not exist",
        f"create it with: python3 -m venv {os.path.relpath(environment, folder)}"
        if path.parent.name == "bin" and not os.path.exists(environment)  # noqa: PTH110
        else "name the interpreter that has the service's distributions",
    )


def describe(executable: Path) -> Interpreter:
    """Ask the interpreter at `executable` about itself; the answer is kept while it is unchanged.

    Raises:
        InterpreterError: it does not start, does not answer, or is not CPython 3.8 or newer.
    """
    try:
        stamp = executable.stat().st_mtime_ns
    except OSError as error:
        raise InterpreterError(f"cannot be read: {error.strerror}") from None
    return _describe(executable, stamp)


@functools.cache
def _describe(executable: Path, _stamp: int) -> Interpreter:
    script = importlib_resources.files(__package__).joinpath("describe.py")
    with importlib_resources.as_file(script) as path:
        done = _run(executable, "-I", "-S", str(path))
    try:
        answer = json.loads(done.stdout)
        version = answer["version"][0], answer["version"][1], answer["version"][2]
        interpreter = Interpreter(
            executable=executable,
            version=version,
            prefix=answer["prefix"],
            stdlib=tuple(answer["stdlib"]),
            sites=tuple(answer["sites"]),
            suffixes=tuple(answer["suffixes"]),
            names=frozenset(answer["names"]),
            editable=tuple(answer["editable"]),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        _refuse_if_too_old(_asked(executable))
        raise InterpreterError(f"is no Python that answers ({_complaint(done)})") from None
    if answer["implementation"] != "cpython":
        raise InterpreterError(f"is {answer['implementation']}, only CPython is supported")
    _refuse_if_too_old(version)
    return interpreter


def _run(executable: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # without our environment: it would not reach a service either
            [str(executable), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        what = f"did not say within {_PATIENCE:.0f} s which Python it is"
        raise InterpreterError(what) from None
    except OSError as error:
        raise InterpreterError(f"does not start: {error.strerror}") from None


def _asked(executable: Path) -> tuple[int, ...]:
    """The version as told by an interpreter that cannot read our script; empty for no Python."""
    said = _run(executable, "-c", _ASK_VERSION).stdout
    version = re.fullmatch(rb"(\d{1,4})\.(\d{1,4})\.(\d{1,4})", said)
    return tuple(map(int, version.groups())) if version else ()


def _refuse_if_too_old(version: tuple[int, ...]) -> None:
    if version and version < _OLDEST:
        found = ".".join(map(str, version))
        raise InterpreterError(f"is Python {found}, the oldest supported is 3.8")


def _complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return f"exit status {done.returncode}: {last[:200]}"
