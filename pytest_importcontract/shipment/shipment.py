"""A service ready to be observed: its tree, its interpreter, its path, its variables."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import Contract, Entrypoint, Service, is_within
from pytest_importcontract.contract.reader import dotted
from pytest_importcontract.shipment.catalog import Catalog
from pytest_importcontract.shipment.environment import variables
from pytest_importcontract.shipment.files import FileList, select
from pytest_importcontract.shipment.interpreter import (
    Interpreter,
    InterpreterError,
    describe,
    locate,
)
from pytest_importcontract.shipment.modules import ModuleFile, modules_below
from pytest_importcontract.shipment.stage import Stage, open_stage
from pytest_importcontract.shipment.vacuous import vacuous

_TEST = re.compile(r"tests|conftest|test_.*|.*_test")


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One service with everything an observer needs to run it.

    Attributes:
        service: its contract.
        root: the repository.
        contract: the contract file as messages call it.
        interpreter: the Python that runs it.
        env: its variables.
        tree: the staged copy that stands for `root`; None where the service runs in place.
        entries: import path entries of its own, where they really lie.
        modules: names of the modules that must import.
        catalog: what exists and what ships.
        left_out: links and special files that cannot ship.
    """

    service: Service
    root: Path
    contract: str
    interpreter: Interpreter
    env: Mapping[str, str]
    tree: Path | None
    entries: tuple[Path, ...]
    modules: tuple[str, ...]
    catalog: Catalog
    left_out: tuple[Path, ...] = ()
    _stage: Stage | None = field(default=None, repr=False)

    @property
    def cwd(self) -> Path:
        """Where the service is started."""
        return self.entries[0]

    def to_repository(self, path: str) -> str:
        """The repository's file for a path inside the staged tree; any other path unchanged."""
        if self.tree is not None and path.startswith(f"{self.tree}{os.sep}"):
            return str(self.root / path[len(str(self.tree)) + 1 :])
        return path

    def script(self, entrypoint: Entrypoint) -> Path:
        """Where the file of a script entrypoint really lies."""
        if entrypoint.file is None:
            raise ValueError(f"{entrypoint} is no file")
        return (self.tree or self.root) / entrypoint.file

    @property
    def own_roots(self) -> tuple[str, ...]:
        """Folders whose code is first-party, unless a nearer entry of `foreign_roots` says no."""
        return tuple(dict.fromkeys(str(path) for path in (self.tree or self.root, *self.entries)))

    @property
    def foreign_roots(self) -> tuple[str, ...]:
        """Folders of the interpreter, which may lie inside the repository."""
        places = (self.interpreter.prefix, *self.interpreter.stdlib, *self.interpreter.sites)
        return tuple(dict.fromkeys(places))

    @property
    def own_packages(self) -> tuple[str, ...]:
        """Top-level names that are the service's own even when they are installed."""
        named = {entrypoint.package for entrypoint in self.service.entrypoints}
        named |= {name.partition(".")[0] for name in self.modules}
        return tuple(sorted(named - {""}))

    def release(self) -> None:
        """Give the staged tree back."""
        if self._stage is not None:
            self._stage.release()


def prepare(
    contract: Contract, name: str, cache: Path, caller: Mapping[str, str]
) -> tuple[Shipment, ...]:
    """Make every service of a contract ready; no code of theirs runs.

    Args:
        contract: the contract.
        name: its file as messages call it.
        cache: folder for staged trees, outside the repository.
        caller: the environment that ``pass_env`` takes from.

    Raises:
        MistakesError: with everything in the contract that does not fit the repository.
    """
    shipments: list[Shipment] = []
    mistakes: list[Mistake] = []
    folders = [contract.root / e for service in contract.services for e in service.runtime.entries]
    import_roots = list(dict.fromkeys([contract.root, *folders]))
    for service in contract.services:
        try:
            shipments.append(_prepare(contract, service, name, cache, caller, import_roots))
        except MistakesError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        for shipment in shipments:
            shipment.release()
        raise MistakesError(tuple(mistakes))
    return tuple(shipments)


def _prepare(
    contract: Contract,
    service: Service,
    name: str,
    cache: Path,
    caller: Mapping[str, str],
    import_roots: Sequence[Path],
) -> Shipment:
    root = contract.root
    mistakes: list[Mistake] = []

    def wrong(keys: tuple[str | int, ...], what: str, suggestion: str = "") -> None:
        mistakes.append(
            Mistake(
                file=name,
                line=service.line(*keys),
                subject=dotted(("services", service.name, *keys)),
                what=what,
                suggestion=suggestion,
            )
        )

    interpreter = None
    try:
        interpreter = describe(locate(service.runtime.python, root))
    except InterpreterError as error:
        wrong(("runtime", "python"), str(error), error.suggestion)
    for index, text in enumerate(service.runtime.entries):
        if not (root / text).is_dir():
            what = "is no folder" if (root / text).exists() else "does not exist"
            wrong(("runtime", "paths", index), f"{text} {what}")
    files = None
    if service.ships is not None:
        files = select(root, service.ships.files)
        if not service.may_be_empty:
            for pattern in files.idle:
                index = service.ships.files.patterns.index(pattern)
                what = f"{pattern.text!r} matches no file"
                wrong(("ships", "files", index), what, "or set may_be_empty = true")
    if interpreter is None or mistakes:
        raise MistakesError(tuple(mistakes))
    env = variables(service.runtime, root, interpreter, caller)
    stage = None
    if files is not None:
        stage = _stage(contract, service, files, cache)
    base = stage.tree if stage else root
    entries = tuple(base / text for text in service.runtime.entries)
    for entry in entries:
        entry.mkdir(parents=True, exist_ok=True)
    shipped = modules_below(entries, interpreter.suffixes)
    if stage is not None:
        shipped = _in_repository(shipped, stage.tree, root)
    catalog = Catalog(root, import_roots, shipped, interpreter)
    modules = _named(service, catalog)
    for keys, what, suggestion in vacuous(service, catalog, modules):
        wrong(keys, what, suggestion)
    if mistakes:
        if stage is not None:
            stage.release()
        raise MistakesError(tuple(mistakes))
    return Shipment(
        service=service,
        root=root,
        contract=name,
        interpreter=interpreter,
        env=env,
        tree=stage.tree if stage else None,
        entries=entries,
        modules=modules,
        catalog=catalog,
        left_out=files.left_out if files else (),
        _stage=stage,
    )


def _stage(contract: Contract, service: Service, files: FileList, cache: Path) -> Stage:
    try:
        name = f"{contract.path}\0{service.name}"
        return open_stage(cache / "stages", name, files.files, cache / "bytecode")
    except OSError as error:
        what = f"what ships cannot be staged: {error.strerror or error}"
        subject = error.filename or f"services.{service.name}.ships"
        raise MistakesError(
            (Mistake(file=str(contract.path), subject=subject, what=what),)
        ) from None


def _in_repository(
    shipped: Mapping[str, ModuleFile], tree: Path, root: Path
) -> Mapping[str, ModuleFile]:
    return {
        name: dataclasses.replace(module, path=root / module.path.relative_to(tree))
        for name, module in shipped.items()
    }


def _named(service: Service, catalog: Catalog) -> tuple[str, ...]:
    """The modules that must import: those the globs name, or the entrypoints' packages."""
    if service.modules is None:
        tops = [e.package for e in service.entrypoints if e.package]
        candidates = _below(tops, catalog)
        names = [name for name in candidates if not any(map(_TEST.fullmatch, name.split(".")))]
        return tuple(name for name in names if name.rpartition(".")[2] != "__main__")
    return tuple(
        name for name in _candidates(service.modules, catalog) if _matches(service.modules, name)
    )


def _candidates(globs: Globs, catalog: Catalog) -> Iterable[str]:
    tops = [p.literal_prefix[0] for p in globs.patterns if not p.excludes and p.literal_prefix]
    anywhere = any(not p.excludes and not p.literal_prefix for p in globs.patterns)
    names = set(_below(tops, catalog))
    if anywhere:
        names |= {name for name, module in catalog.shipped.items() if not module.is_namespace}
    return sorted(names)


def _below(tops: Iterable[str], catalog: Catalog) -> Sequence[str]:
    """Modules of the top-level packages, where the service would find them first."""
    names = set()
    for top in tops:
        source = catalog.shipped if top in catalog.shipped else catalog.installed(top)
        names |= {n for n, m in source.items() if is_within(n, top) and not m.is_namespace}
    return sorted(names)


def _matches(globs: Globs, name: str) -> bool:
    pattern = globs.match(name)
    if pattern is None:
        return False
    return name.rpartition(".")[2] != "__main__" or "__main__" in pattern.components
