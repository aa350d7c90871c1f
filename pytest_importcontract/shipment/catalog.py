"""Where things are: in what ships, in the repository, in distributions, or nowhere."""

from __future__ import annotations

import ast
import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path

from pytest_importcontract.contract.model import is_within
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.modules import ModuleFile, modules_below

_SOURCE = (".py",)


@dataclass(frozen=True, slots=True, order=True)
class Definition:
    """Where a module defines a name at its top level.

    Attributes:
        module: the module's dotted name.
        file: its path in the repository.
        line: 1-based.
    """

    module: str
    file: str
    line: int


class Catalog:
    """What exists, what ships, and where a missing thing could be found instead.

    Args:
        root: the repository.
        import_roots: folders of the repository from which its code is imported.
        shipped: modules of the repository that the service can import, by name.
        interpreter: the service's.
        sites: its site-packages folders, as the service sees them.
    """

    def __init__(
        self,
        root: Path,
        import_roots: Sequence[Path],
        shipped: Mapping[str, ModuleFile],
        interpreter: Interpreter,
        sites: Sequence[str],
    ) -> None:
        self.root = root
        self.shipped = shipped
        self.interpreter = interpreter
        self._import_roots = tuple(import_roots)
        self._sites = tuple(map(Path, sites))
        self._installed: dict[str, Mapping[str, ModuleFile]] = {}

    @cached_property
    def repository(self) -> Mapping[str, ModuleFile]:
        """Every module importable from the repository's import roots, shipped or not."""
        return modules_below(self._import_roots, self.interpreter.suffixes)

    def is_first_party(self, module: str) -> bool:
        """Whether the repository is where the module's top-level package lives."""
        top = module.partition(".")[0]
        if top in self.shipped:
            return True
        found = self.repository.get(top)
        if found is None or top in self.interpreter.names:
            return False
        return not found.is_namespace or not self.is_installed(top)

    def is_foreign(self, path: Path) -> bool:
        """Whether a file belongs to the standard library or to site-packages."""
        texts = (*self.interpreter.sites, *self.interpreter.stdlib)
        return any(map(path.is_relative_to, (*map(Path, texts), *self._sites)))

    def in_repository(self, module: str) -> Path | None:
        """The module's file (a namespace package's folder) in the repository."""
        found = self.shipped.get(module) or self.repository.get(module)
        return found.path if found else None

    def folder_of(self, package: str) -> Path | None:
        """The folder of a package of the repository."""
        path = self.in_repository(package)
        return path.parent if path is not None and path.stem == "__init__" else path

    def anywhere_below_root(self, top: str) -> tuple[Path, ...]:
        """Packages or modules called `top` in folders that are no import root."""
        return tuple(path for path in self._all_below_root if path.stem == top or path.name == top)

    @cached_property
    def _all_below_root(self) -> tuple[Path, ...]:
        found = []
        pending = [self.root]
        while pending:
            folder = pending.pop()
            try:
                inner = sorted(folder.iterdir())
            except OSError:
                continue
            for path in inner:
                if path.is_dir() and not path.is_symlink():
                    hidden = path.name.startswith((".", "__")) or path.name == "node_modules"
                    if hidden or _holds(path, "pyvenv.cfg"):
                        continue
                    if _holds(path, "__init__.py"):
                        found.append(path)
                    else:
                        pending.append(path)
                elif path.suffix in _SOURCE:
                    found.append(path)
        return tuple(found)

    def is_installed(self, module: str) -> bool:
        """Whether the service's interpreter has the module in site-packages."""
        return module in self.installed(module.partition(".")[0])

    def exists(self, module: str) -> bool:
        """Whether the module is anywhere: repository, site-packages or standard library."""
        if module in self.interpreter.names or self.is_installed(module):
            return True
        return self.in_repository(module) is not None

    def installed(self, top: str) -> Mapping[str, ModuleFile]:
        """The modules of one top-level package in the service's site-packages, by name."""
        if top not in self._installed:
            suffixes = self.interpreter.suffixes
            self._installed[top] = modules_below(self._sites, suffixes, below=[top])
        return self._installed[top]

    @cached_property
    def _distributions_here(self) -> Mapping[str, list[str]]:
        return metadata.packages_distributions()

    def distributions(self, top: str) -> tuple[str, ...]:
        """Distributions of pytest's own environment that provide the top-level name."""
        return tuple(sorted(set(self._distributions_here.get(top, ()))))

    def near_modules(self, module: str) -> tuple[str, ...]:
        """Modules that may have been meant: alike in name, or of that name in another place."""
        known = {**self.repository, **self.shipped}
        parent, _, last = module.rpartition(".")
        siblings = [name for name in known if name.rpartition(".")[0] == parent]
        alike = difflib.get_close_matches(module, siblings, n=2, cutoff=0.75)
        moved = sorted(name for name in known if parent and name.endswith(f".{last}"))
        inside = [name for name in moved if is_within(name, module.partition(".")[0])]
        return tuple(dict.fromkeys([*alike, *(inside or moved)]))[:3]

    def near_tops(self, top: str) -> tuple[str, ...]:
        """First-party top-level names that differ little from `top`."""
        tops = {name for name in {**self.repository, **self.shipped} if "." not in name}
        return tuple(difflib.get_close_matches(top, sorted(tops), n=1, cutoff=0.8))

    def definitions(self, name: str) -> tuple[Definition, ...]:
        """Where first-party modules define the top-level `name`, those that ship first."""
        found = []
        for module in {**self.repository, **self.shipped}.values():
            line = _defined_at(module.path, name)
            if line:
                found.append(Definition(module.name, str(module.path), line))
        return tuple(sorted(found, key=lambda d: (d.module not in self.shipped, d.module)))


def _tree(path: Path, name: str) -> ast.Module | None:
    """The parsed source, if it is one and mentions `name`; None otherwise."""
    if path.suffix not in _SOURCE:
        return None
    try:
        source = path.read_bytes()
        mentioned = re.search(rb"\b" + re.escape(name.encode()) + rb"\b", source)
        return ast.parse(source) if mentioned else None
    except (OSError, ValueError, SyntaxError, RecursionError):
        return None


def _defined_at(path: Path, name: str) -> int:
    """The line on which the source file binds `name` at its top level; 0 where it does not."""
    tree = _tree(path, name)
    for statement in _top_level(tree.body if tree else []):
        match statement:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if statement.name == name:
                    return statement.lineno
            case ast.Assign(targets=targets):
                if any(isinstance(node, ast.Name) and node.id == name for node in targets):
                    return statement.lineno
            case ast.AnnAssign(target=ast.Name(id=id_), value=value):
                if id_ == name and value is not None:
                    return statement.lineno
    return 0


def _top_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for block in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                yield from _top_level(getattr(statement, block, []))


def _holds(folder: Path, name: str) -> bool:
    """Whether a folder has the file; no where the folder is closed to us."""
    return os.path.exists(folder / name)  # noqa: PTH110 (which would raise)
