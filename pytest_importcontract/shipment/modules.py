"""Module names and the files they stand for, read off folders as the import system would.

Follows the path based finder of the import system
(https://docs.python.org/3/reference/import.html#the-path-based-finder): in one folder a package
wins over a module of its name, a folder without ``__init__`` is a namespace package (PEP 420),
and of two path entries the first wins, save that any module wins over a namespace package.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_importcontract.contract.model import is_within

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
    found: dict[str, ModuleFile] = {}
    wanted = None if below is None else frozenset(below)
    endings = tuple(suffixes)
    for entry in entries:
        tops: dict[str, list[ModuleFile]] = {}
        for module in _walk(entry, "", endings, wanted, frozenset()):
            tops.setdefault(module.name.partition(".")[0], []).append(module)
        for top, modules in tops.items():
            known = found.get(top)
            if known is not None and not known.is_namespace:
                continue
            if known is not None and top not in {m.name for m in modules if m.is_namespace}:
                for name in [n for n in found if is_within(n, top)]:
                    del found[name]
            for module in modules:
                found.setdefault(module.name, module)
    return found


def _walk(
    folder: Path,
    prefix: str,
    suffixes: tuple[str, ...],
    wanted: frozenset[str] | None,
    above: frozenset[str],
) -> Iterator[ModuleFile]:
    real = os.path.realpath(folder)
    if real in above:
        return
    folders, files = _entries(folder, suffixes, wanted)
    for name, inner in folders.items():
        dotted = f"{prefix}{name}"
        init = _init(inner, suffixes)
        if init is None and name in files:
            continue  # the module of that name hides the folder
        below = list(_walk(inner, f"{dotted}.", suffixes, None, above | {real}))
        if init is not None:
            files.pop(name, None)
            yield ModuleFile(dotted, init, is_package=True)
        elif any(not module.is_namespace for module in below):
            yield ModuleFile(dotted, inner, is_package=True, is_namespace=True)
        yield from below
    for name, path in files.items():
        yield ModuleFile(f"{prefix}{name}", path)


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
        if path.is_file():
            return path
    return None
