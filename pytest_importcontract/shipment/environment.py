"""The variables that the service starts with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import INTERPRETERS_OWN_VARIABLES, Runtime
from pytest_importcontract.shipment.interpreter import Interpreter

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


def defaults(interpreter: Interpreter) -> Mapping[str, str]:
    """The few variables that every image sets: PATH, the interpreter's folder first, and LANG.

    HOME is added when the service is started: a folder of its own.
    """
    return {"PATH": f"{interpreter.executable.parent}:{_SYSTEM_PATH}", "LANG": "C.UTF-8"}


def variables(runtime: Runtime, root: Path, caller: Mapping[str, str]) -> Mapping[str, str]:
    """What the contract declares, which counts more than what an image sets.

    Args:
        runtime: what the contract says.
        root: the contract's folder.
        caller: the environment that ``pass_env`` takes from.

    Raises:
        MistakesError: the env_file cannot be read, with every faulty line.
    """
    given = {name: caller[name] for name in runtime.pass_env if name in caller}
    if runtime.env_file:
        given.update(_read(root / runtime.env_file, runtime.env_file))
    given.update(runtime.env)
    return given


def names_in(root: Path, name: str) -> frozenset[str]:
    """The names of the variables that a file of them has, with a value or without.

    Args:
        root: the contract's folder.
        name: the file, relative to that; empty for none.

    Raises:
        MistakesError: it cannot be read, or has a faulty line.
    """
    if not name:
        return frozenset()
    bindings, mistakes = _bindings(root / name, name), []
    for binding in bindings:
        if binding.error:
            line = binding.original.line
            mistakes.append(Mistake(file=name, line=line, what="is no NAME=value"))
    if mistakes:
        raise MistakesError(tuple(mistakes))
    return frozenset(binding.key for binding in bindings if binding.key)


def _bindings(path: Path, name: str) -> list[Binding]:
    try:
        with path.open(encoding="utf-8") as stream:
            return list(parse_stream(stream))
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise MistakesError((Mistake(file=name, what=what),)) from None
    except UnicodeDecodeError:
        raise MistakesError((Mistake(file=name, what="is not UTF-8"),)) from None


def _read(path: Path, name: str) -> Mapping[str, str]:
    """The file's variables, values taken as they stand: nothing of ours is substituted."""
    mistakes = []
    values = {}
    for binding in _bindings(path, name):
        line = binding.original.line
        if binding.error or (binding.key and "\0" in binding.key + (binding.value or "")):
            mistakes.append(Mistake(file=name, line=line, what="is no NAME=value"))
        elif binding.key and binding.value is None:
            what, suggestion = "has no value", f"write {binding.key}= or add it to pass_env"
            mistakes.append(
                Mistake(file=name, line=line, subject=binding.key, what=what, suggestion=suggestion)
            )
        elif binding.key in INTERPRETERS_OWN_VARIABLES:
            what = "would move the interpreter's standard library"
            suggestion = "name the interpreter with runtime.python"
            mistakes.append(
                Mistake(file=name, line=line, subject=binding.key, what=what, suggestion=suggestion)
            )
        elif binding.key:
            values[binding.key] = binding.value or ""
    if mistakes:
        raise MistakesError(tuple(mistakes))
    return values
