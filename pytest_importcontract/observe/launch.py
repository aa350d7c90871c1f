"""How a target is started: command line, variables, import path, and the probe's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_importcontract.contract.model import Entrypoint
from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.shipment.environment import defaults
from pytest_importcontract.shipment.shipment import Shipment

# Read while the interpreter starts, where they would decide what the probe itself imports. It
# puts them into os.environ afterwards, and PYTHONPATH's entries onto the import path.
_HELD_BACK = frozenset({"PYTHONPATH", "PYTHONINSPECT"})


def launch(
    shipment: Shipment,
    target: Target,
    symbols: Sequence[str],
    bytecode: Path,
    *,
    keep: bool = False,
    looks: bool = False,
) -> Mapping[str, Any]:
    """The supervisor's request for one target.

    Args:
        shipment: the service.
        target: what to import.
        symbols: attributes to look up on a module, as dotted names.
        bytecode: folder for compiled copies, shared by all processes.
        keep: whether the process is to stay and to answer questions.
        looks: whether the process is to tell what it looked at.
    """
    service, interpreter = shipment.service, shipment.interpreter
    entrypoint = _entrypoint(shipment, target)
    process = shipment.process_of(entrypoint)
    env = {**defaults(interpreter), **process.env, **shipment.env}
    setup = service.runtime.setup if entrypoint is None else None
    foreign = list(shipment.foreign_roots)
    bare = target.kind is TargetKind.BARE
    if bare:
        process, setup = replace(process, front=(), entries=()), None
    starts = bare or target.kind is TargetKind.ENTRYPOINT
    return {
        "argv": [
            str(interpreter.executable),
            *("-s", "-S"),
            *("-X", f"pycache_prefix={bytecode}"),
        ],
        "env": _variables(env, in_place=shipment.tree is None, bytecode=bytecode),
        "cwd": str(process.cwd),
        "timeout": service.runtime.timeout,
        "probe": {
            "env": {name: env[name] for name in _HELD_BACK & env.keys()},
            "front": list(map(str, process.front)),
            "entries": list(map(str, process.entries)),
            "stdlib": list(interpreter.stdlib),
            "sites": [] if bare else list(shipment.sites),
            "last": [] if bare else list(shipment.last_entries),
            "editable": list(interpreter.editable),
            "prefix": interpreter.prefix,
            "repository": str(shipment.root),
            "staged": shipment.tree is not None,
            "allowed": [*([str(shipment.tree)] if shipment.tree else []), *foreign],
            "own_roots": list(shipment.own_roots),
            "foreign_roots": foreign,
            "own_packages": list(shipment.own_packages),
            "module": entrypoint.module if entrypoint else target.text,
            "attribute": entrypoint.attribute if entrypoint else "",
            "call": entrypoint.calls if entrypoint else False,
            "script": str(process.script or ""),
            "setup": [setup.module, setup.attribute] if setup else None,
            "symbols": list(symbols),
            "loads": starts and target.question is None,
            "watch": list(service.startup.never_loads),
            "forbidden": None if entrypoint is None else list(service.startup.forbid),
            "question": None if target.question is None else question_of(shipment, target),
            "keep": keep,
            "looks": looks,
            "timeout": service.runtime.timeout,
            "argv": _arguments(entrypoint, process.script),
        },
    }


def question_of(shipment: Shipment, target: Target) -> list[Any]:
    """The target's question as the probe reads it.

    The script that was started is no module of that name while it runs: nothing imports it again.
    """
    if target.question is None:
        return [[], []]
    script = shipment.process_of(_entrypoint(shipment, target)).script
    started = shipment.to_repository(str(script)) if script else ""
    statements = [
        [
            statement.imported,
            list(statement.names),
            statement.file,
            max(statement.line, 1),
            "" if statement.file == started else statement.importer,
            statement.function,
        ]
        for statement in target.question.statements
    ]
    return [statements, [list(symbol) for symbol in target.question.symbols]]


def _entrypoint(shipment: Shipment, target: Target) -> Entrypoint | None:
    if target.kind is not TargetKind.ENTRYPOINT:
        return None
    return next(e for e in shipment.service.entrypoints if e.text == target.text)


def _variables(env: Mapping[str, str], *, in_place: bool, bytecode: Path) -> dict[str, str]:
    """What the process starts with.

    In place, a Python that the service starts would leave its compiled copies in the repository:
    it does not inherit the option that keeps them out, but it inherits the variable.
    """
    given = {name: value for name, value in env.items() if name not in _HELD_BACK}
    return {"PYTHONPYCACHEPREFIX": str(bytecode), **given} if in_place else given


def _arguments(entrypoint: Entrypoint | None, script: Path | None) -> list[str]:
    if script is not None:
        return [str(script)]
    return ["-c"] if entrypoint is None else [entrypoint.text]
