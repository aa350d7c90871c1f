"""Environments in which build backends run, kept from run to run."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.project.running import Running

_WITHOUT_SETUPTOOLS = (3, 12)  # from here on `venv` installs none of its own
_FRESH = 7 * 86400.0  # seconds until an installer might choose newer versions


def environment_with(
    requirements: Iterable[str], interpreter: Interpreter, running: Running, home: Path
) -> Path:
    """The Python of a virtual environment that holds `requirements` and pip.

    One that an earlier run made for equal requirements is used for a week, unless a requirement
    names a place (``name @ url``), where something else may lie by now. A half-made one is never
    used: what is ready is named by a file beside it.

    Args:
        requirements: as in ``build-system.requires`` (PEP 518).
        interpreter: the Python to make it with.
        running: runs the programs that make it, within its deadline.
        home: an existing folder that keeps environments.

    Raises:
        RunningError: it cannot be made, or a requirement cannot be installed.
        OSError: `home` cannot be written.
    """
    wanted = sorted(requirements)
    asked = json.dumps([str(interpreter.executable), interpreter.version, wanted])
    key = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    ready = home / f"{key}.ready"
    if ready.is_file() and time.time() - ready.stat().st_mtime < _FRESH:
        python = home / ready.read_text("utf-8") / "bin" / "python"
        if python.exists():
            return python
    folder = Path(tempfile.mkdtemp(prefix=f"{key}-", dir=home))
    python = folder / "bin" / "python"
    try:
        running([str(interpreter.executable), "-I", "-m", "venv", str(folder)])
        pip = [str(python), "-I", "-m", "pip"]
        if interpreter.version < _WITHOUT_SETUPTOOLS:
            running([*pip, "uninstall", "--quiet", "--yes", "setuptools"])
        if wanted:
            running([*pip, "install", "--quiet", "--", *wanted])
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not any("@" in text for text in wanted):
        name = folder / "name"
        name.write_text(folder.name, "utf-8")
        name.replace(ready)
    return python
