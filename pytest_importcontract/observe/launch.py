"""How a target is started: command line, variables, import path, and the probe's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_importcontract.contract.model import Entrypoint
from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.shipment.shipment import Shipment

# Read while the interpreter starts, where they would decide what the probe itself imports. It
# puts them into os.environ afterwards, and PYTHONPATH's entries onto the import path.
_HELD_BACK = frozenset({"PYTHONPATH", "PYTHONHOME", "PYTHONPLATLIBDIR", "PYTHONINSPECT"})


def launch(
    shipment: Shipment, target: Target, symbols: Sequence[str], bytecode: Path
) -> Mapping[str, Any]:
    """The supervisor's request for one target.

    Args:
        shipment: the service.
        target: what to import.
        symbols: attributes to look up on a module, as dotted names.
        bytecode: folder for compiled copies, shared by all processes.
    """
    service, interpreter = shipment.service, shipment.interpreter
    entrypoint = None
    if target.kind is TargetKind.ENTRYPOINT:
        entrypoint = next(e for e in service.entrypoints if e.text == target.text)
    script = shipment.script(entrypoint) if entrypoint and entrypoint.file else None
    setup = service.runtime.setup if entrypoint is None else None
    return {
        "argv": [
            str(interpreter.executable),
            *("-s", "-S"),
            *("-X", f"pycache_prefix={bytecode}"),
        ],
        "env": {name: value for name, value in shipment.env.items() if name not in _HELD_BACK},
        "cwd": str(shipment.cwd),
        "timeout": service.runtime.timeout,
        "probe": {
            "env": {name: shipment.env[name] for name in _HELD_BACK & shipment.env.keys()},
            "entries": _entries(shipment, script),
            "stdlib": list(interpreter.stdlib),
            "sites": list(interpreter.sites),
            "editable": list(interpreter.editable),
            "prefix": interpreter.prefix,
            "own_roots": list(shipment.own_roots),
            "foreign_roots": list(shipment.foreign_roots),
            "own_packages": list(shipment.own_packages),
            "module": entrypoint.module if entrypoint else target.text,
            "attribute": entrypoint.attribute if entrypoint else "",
            "call": entrypoint.calls if entrypoint else False,
            "script": str(script) if script else "",
            "setup": [setup.module, setup.attribute] if setup else None,
            "symbols": list(symbols),
            "argv": _arguments(entrypoint, script),
        },
    }


def _entries(shipment: Shipment, script: Path | None) -> list[str]:
    """The service's own path entries; a script's folder stands in for the working folder."""
    entries = [str(entry) for entry in shipment.entries]
    if script is not None:
        declared = entries if shipment.service.runtime.paths is not None else []
        entries = [str(script.resolve().parent), *declared]  # a link's target, as Python does
    path = shipment.env.get("PYTHONPATH", "")
    entries += [str(shipment.cwd / entry) for entry in path.split(":") if entry]
    return list(dict.fromkeys(entries))


def _arguments(entrypoint: Entrypoint | None, script: Path | None) -> list[str]:
    if script is not None:
        return [str(script)]
    return ["-c"] if entrypoint is None else [entrypoint.text]
