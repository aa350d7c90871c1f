"""A folder that stands in for the service's virtual environment: its Python and its programs."""

from __future__ import annotations

import importlib.metadata
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import importlib_resources

from pytest_importcontract.observe.supervisor import SIGNAL
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.shipment import Shipment

_SCRIPT = """\
#!{python}
import sys
from {module} import {first}
if __name__ == "__main__":
    sys.exit({attribute}())
"""
_HOME = re.compile(r"^home\s*=\s*(.+?)\s*$", re.MULTILINE)


def build(
    folder: Path, shipment: Shipment, entries: Iterable[Path], probe: Path, trace: Path
) -> Path:
    """Make a virtual environment in which Python finds what ships, and nothing else.

    It is one to Python (PEP 405), so every way to start a Python from within works as in the
    image: options, ``sys.executable``, workers that are spawned. Its programs are the console
    scripts of the distributions that the service sees.

    Args:
        folder: an empty folder with a short name: it stands in the first lines of scripts.
        shipment: the service.
        entries: PYTHONPATH's entries.
        probe: the probe's file.
        trace: a file for the tracebacks that `SIGNAL` asks for.

    Returns:
        The folder of its programs.
    """
    interpreter = shipment.interpreter
    real = os.path.realpath(interpreter.executable)
    version = "{}.{}".format(*interpreter.version)
    programs = folder / "bin"
    own = folder / "lib" / f"python{version}" / "site-packages"
    programs.mkdir()
    own.mkdir(parents=True)
    home = _home(interpreter, real)
    (folder / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
    for name in ("python", "python3", f"python{version}"):
        (programs / name).symlink_to(real)
    settings: dict[str, Any] = {
        "probe": str(probe),
        "trace": str(trace),
        "signal": int(SIGNAL),
        "own": str(own),
        "prefix": interpreter.prefix,
        "sites": list(shipment.sites),
        "last": list(shipment.last_entries),
        "editable": list(interpreter.editable),
        "entries": list(map(str, entries)),
        "repository": str(shipment.root),
        "staged": shipment.tree is not None,
        "allowed": [
            *([str(shipment.tree)] if shipment.tree else []),
            *shipment.foreign_roots,
            str(folder),
        ],
    }
    script = importlib_resources.files(__package__).joinpath("python_start.py").read_text("utf-8")
    values = {"__name__": "python_start", "SETTINGS": settings}
    compiled = f"compile({script!a}, 'python_start.py', 'exec', dont_inherit=True)"
    (own / "importcontract.pth").write_text(f"import sys; exec({compiled}, {values!a})\n")
    for name, target in _scripts(shipment.sites).items():
        _write_script(programs / name, programs / "python", target)
    return programs


def _home(interpreter: Interpreter, real: str) -> str:
    """The folder of the interpreter that a virtual environment was made from, or its own."""
    try:
        found = _HOME.search(Path(interpreter.prefix, "pyvenv.cfg").read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        found = None
    return found[1] if found else os.path.dirname(real)  # noqa: PTH120 (as text, like the other)


def _scripts(sites: Iterable[str]) -> Mapping[str, str]:
    """Console scripts by name, as ``module:attribute``; the first that Python would find counts."""
    scripts: dict[str, str] = {}
    for entry in _entry_points(sites):
        if entry.group == "console_scripts" and "/" not in entry.name:
            scripts.setdefault(entry.name, entry.value.partition("[")[0].strip())
    return scripts


def _entry_points(sites: Iterable[str]) -> Iterator[importlib.metadata.EntryPoint]:
    for found in importlib.metadata.distributions(path=list(sites)):
        yield from found.entry_points


def _write_script(path: Path, python: Path, target: str) -> None:
    module, _, attribute = (part.strip() for part in target.partition(":"))
    if path.exists() or not attribute:
        return
    first = attribute.partition(".")[0]
    text = _SCRIPT.format(python=python, module=module, first=first, attribute=attribute)
    path.write_text(text, "utf-8")
    path.chmod(0o755)
