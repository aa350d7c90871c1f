"""What else a service must start as: on other interpreters, and under ``python -O``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_importcontract.contract.model import Service, Startup
from pytest_importcontract.shipment.interpreter import Interpreter

OPTIMIZE = "PYTHONOPTIMIZE"
OPTIMIZED = "python-O"


def marked(service: Service, interpreters: Mapping[str, Interpreter]) -> Service:
    """The service itself, where it must start on several interpreters: told from its variants.

    Args:
        service: as the contract declares it.
        interpreters: each that it names in a list, by what it is called there.
    """
    runtime = service.runtime
    return replace(service, variant=_ids(interpreters)[runtime.python]) if interpreters else service


def variants(service: Service, interpreters: Mapping[str, Interpreter]) -> Iterator[Service]:
    """The service as it must start besides; nothing else is demanded of a variant.

    Args:
        service: as the contract declares it.
        interpreters: each that it names in a list, by what it is called there.
    """
    ids = _ids(interpreters)
    bare = replace(
        service,
        modules=None,
        required_symbols=(),
        canonical=(),
        documented=(),
        health=None,
        startup=replace(Startup(), optional=service.startup.optional),
        variant_of=service.name,
    )
    for text in (text for text in interpreters if text != service.runtime.python):
        words = ids[text].replace("python", "Python ") if ids[text] != text else text
        runtime = replace(service.runtime, python=text)
        name = f"{service.name} on {words}"
        yield replace(bare, name=name, variant=ids[text], runtime=runtime)
    if service.startup.optimized:
        runtime = replace(service.runtime, env={**service.runtime.env, OPTIMIZE: "1"})
        name = f"{service.name} under python -O"
        yield replace(bare, name=name, variant=OPTIMIZED, runtime=runtime)


def _ids(interpreters: Mapping[str, Interpreter]) -> Mapping[str, str]:
    """How items call each: by its version, as exact as it takes, or else as it is written."""
    ids: dict[str, str] = {}
    for text, interpreter in interpreters.items():
        for length in (2, 3):
            found = _version(interpreter, length)
            alike = [each for each in interpreters.values() if _version(each, length) == found]
            if len(alike) == 1:
                break
        ids[text] = found if len(alike) == 1 else text
    return ids


def _version(interpreter: Interpreter, length: int) -> str:
    return f"python{'.'.join(map(str, interpreter.version[:length]))}"
