"""Module names and the files they stand for, read off folders as the import system would.

Follows the path based finder of the import system
(https://docs.python.org/3/reference/import.html#the-path-based-finder): in one folder a package
wins over a module of its name, a folder without ``__init__`` is a namespace package (PEP 420),
and of two path entries the first wins, save that any module wins over a namespace package.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NOT_CODE = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A module that could be imported.

    Attributes:
        name: its dotted name.
        path: its file; of a package the ``__init__`` file, of a namespace package the folder.
        is_package: whether other modules may lie below it.
        is_namespace: whether it is a folder without ``__init__``.
    """

    name: str
    path: Path
    is_package: bool = False
    is_namespace: bool = False


def modules_below(
    entries: Iterable[Path], suffixes: Iterable[str], *, below: Iterable[str] | None = None
) -> Mapping[str, ModuleFile]:
    """Every module importable from the path entries, by name.

    Namespace packages that hold no module at all are left out: most are folders of data.

    Args:
        entries: import path entries, in order.
        suffixes: file name endings of modules, in the order the import system tries them.
        below: top-level names to look at; None for all.
    """
    wanted = None if below is None else frozenset(below)
    modules = _walk(tuple(entries), "", tuple(suffixes), wanted, frozenset())
    return {module.name: module for module in modules}


def _walk(
    folders: Sequence[Path],
    prefix: str,
    suffixes: tuple[str, ...],
    wanted: frozenset[str] | None,
    above: frozenset[str],
) -> Iterator[ModuleFile]:
    """What lies below a package, or the import path itself, whose path is `folders`."""
    found: dict[str, ModuleFile] = {}
    portions: dict[str, list[Path]] = {}  # the path of each package: several for a namespace
    for folder in folders:
        real = os.path.realpath(folder)
        if real in above:
            continue
        above |= {real}
        inner, files = _entries(folder, suffixes, wanted)
        for name in sorted(inner.keys() | files.keys()):
            if name in found:
                continue
            init = _init(inner[name], suffixes) if name in inner else None
            if init is not None:
                found[name] = ModuleFile(f"{prefix}{name}", init, is_package=True)
                portions[name] = [inner[name]]
            elif name in files:
                found[name] = ModuleFile(f"{prefix}{name}", files[name])
                portions.pop(name, None)
            else:
                portions.setdefault(name, []).append(inner[name])
    for name in sorted(found.keys() | portions.keys()):
        below = list(_walk(portions.get(name, ()), f"{prefix}{name}.", suffixes, None, above))
        if name in found:
            yield found[name]
        elif any(not module.is_namespace for module in below):
            folder = portions[name][0]
            yield ModuleFile(f"{prefix}{name}", folder, is_package=True, is_namespace=True)
        yield from below


def _entries(
    folder: Path, suffixes: tuple[str, ...], wanted: frozenset[str] | None
) -> tuple[dict[str, Path], dict[str, Path]]:
    """The subfolders and the modules of a folder by importable name, in order of name."""
    folders: dict[str, Path] = {}
    files: dict[str, tuple[int, Path]] = {}
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        return {}, {}
    for entry in entries:
        rank = next((i for i, suffix in enumerate(suffixes) if entry.name.endswith(suffix)), None)
        name = entry.name if rank is None else entry.name[: -len(suffixes[rank])]
        if not name.isidentifier() or (wanted is not None and name not in wanted):
            continue
        try:
            if rank is not None and name != "__init__" and entry.is_file():
                if name not in files or rank < files[name][0]:
                    files[name] = rank, Path(entry.path)
            elif rank is None and name not in NOT_CODE and entry.is_dir():
                path = Path(entry.path)
                if not (path / "pyvenv.cfg").exists():
                    folders[name] = path
        except OSError:
            continue
    return folders, {name: path for name, (_, path) in files.items()}


def _init(folder: Path, suffixes: tuple[str, ...]) -> Path | None:
    for suffix in suffixes:
        path = folder / f"__init__{suffix}"
        if os.path.isfile(path):  # noqa: PTH113 (a name of any length)
            return path
    return None
