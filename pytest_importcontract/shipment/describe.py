"""Says what kind of interpreter runs this file, as JSON on standard output.

Run as ``PYTHON -I -S describe.py``: nothing of the environment and no ``.pth`` file is used, so
that the answer is the interpreter's own. Standard library only, Python 3.8 syntax, because it
runs in other people's interpreters.

The answer's keys: ``implementation``, ``version`` (three integers), ``prefix`` (of the virtual
environment where there is one, see PEP 405), ``stdlib`` and ``sites`` (import path entries),
``suffixes`` (file name endings of modules, in the import system's order), ``names`` (standard
library modules), ``editable`` (names of ``.pth`` files that belong to editable installs, by
PEP 610's ``direct_url.json``).
"""

from __future__ import annotations

import importlib.machinery
import json
import os
import site
import sys

SUFFIXES = [  # in the order in which the import system tries them
    *importlib.machinery.EXTENSION_SUFFIXES,
    *importlib.machinery.SOURCE_SUFFIXES,
    *importlib.machinery.BYTECODE_SUFFIXES,
]


def _configuration() -> tuple[str, dict[str, str]] | None:
    """The folder of pyvenv.cfg and its lines as a dictionary; None where there is none."""
    folder = os.path.dirname(os.path.abspath(sys.executable))
    for place in (folder, os.path.dirname(folder)):
        path = os.path.join(place, "pyvenv.cfg")
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as lines:
                pairs = [line.partition("=") for line in lines if "=" in line]
            return place, {key.strip().lower(): value.strip() for key, _, value in pairs}
    return None


def _sites() -> tuple[str, list[str]]:
    found = _configuration()
    if found is None:
        return sys.prefix, site.getsitepackages([sys.prefix, sys.exec_prefix])
    prefix, configuration = found
    prefixes = [prefix]
    if configuration.get("include-system-site-packages", "").lower() == "true":
        prefixes.append(sys.base_prefix)
    return prefix, site.getsitepackages(prefixes)


def _editable(folder: str) -> list[str]:
    """Names of the ``.pth`` files in `folder` that distributions installed as editable own."""
    names: list[str] = []
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return names
    for entry in entries:
        if not entry.endswith(".dist-info"):
            continue
        try:
            with open(os.path.join(folder, entry, "direct_url.json"), encoding="utf-8") as text:
                if not json.load(text)["dir_info"]["editable"]:
                    continue
            with open(os.path.join(folder, entry, "RECORD"), encoding="utf-8") as lines:
                owned = [line.split(",", 1)[0] for line in lines]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        names.extend(name for name in owned if name.endswith(".pth") and "/" not in name)
    return names


def _names() -> list[str]:
    """Top-level names of the standard library; listed by the interpreter itself from 3.10 on."""
    listed = getattr(sys, "stdlib_module_names", None)
    if listed is not None:
        return sorted(listed)
    names = set(sys.builtin_module_names)
    for folder in sys.path:
        if os.path.isdir(folder):
            for entry in os.listdir(folder):
                name = entry.partition(".")[0]
                if name.isidentifier():
                    names.add(name)
    return sorted(names)


def main() -> None:
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(__file__)]
    prefix, sites = _sites()
    sites = [folder for folder in sites if os.path.isdir(folder)]
    answer = {
        "implementation": sys.implementation.name,
        "version": list(sys.version_info[:3]),
        "prefix": prefix,
        "stdlib": sys.path,
        "sites": sites,
        "suffixes": SUFFIXES,
        "names": _names(),
        "editable": sorted({name for folder in sites for name in _editable(folder)}),
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
