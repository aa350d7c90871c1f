"""Making services ready: everything that is decided before code of theirs runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import NoReturn

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import Contract, Service
from pytest_importcontract.contract.reader import dotted
from pytest_importcontract.shipment.bytecode import forget_changed
from pytest_importcontract.shipment.catalog import Catalog
from pytest_importcontract.shipment.environment import variables
from pytest_importcontract.shipment.files import FileList, select
from pytest_importcontract.shipment.guard import Guard
from pytest_importcontract.shipment.interpreter import (
    Interpreter,
    InterpreterError,
    describe,
    locate,
)
from pytest_importcontract.shipment.layout import Layout
from pytest_importcontract.shipment.modules import ModuleFile, modules_below
from pytest_importcontract.shipment.process import entrypoint_process, module_process
from pytest_importcontract.shipment.selection import named_modules
from pytest_importcontract.shipment.shipment import Shipment
from pytest_importcontract.shipment.stage import Stage, open_stage
from pytest_importcontract.shipment.vacuous import vacuous


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
            preparation = _Preparation(contract, service, name)
            shipments.append(preparation.finish(cache, caller, import_roots))
        except MistakesError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        for shipment in shipments:
            shipment.release()
        raise MistakesError(tuple(mistakes))
    return tuple(shipments)


class _Preparation:
    """One service on its way to a shipment, with everything found wrong on it."""

    def __init__(self, contract: Contract, service: Service, name: str) -> None:
        self._root = contract.root
        self._key = f"{contract.path}\0{service.name}"
        self._service = service
        self._name = name
        self._mistakes: list[Mistake] = []

    def finish(
        self, cache: Path, caller: Mapping[str, str], import_roots: Sequence[Path]
    ) -> Shipment:
        service, root = self._service, self._root
        interpreter = self._interpreter()
        self._check_places()
        if interpreter is None or self._mistakes:
            self._files()
            raise MistakesError(tuple(self._mistakes))
        files = self._files()
        env = self._variables(interpreter, caller)
        stage = None if files is None else self._stage(files, cache)
        base = stage.tree if stage else root
        for index, text in enumerate(service.runtime.entries):
            try:
                (base / text).mkdir(parents=True, exist_ok=True)
            except OSError:  # something else ships in its place: a link, and not what it leads to
                self._wrong(("runtime", "paths", index), f"{text} is a folder that does not ship")
        layout = Layout.same(root, files.files if files else ())
        process = module_process(service, base, env)
        processes = {
            e.text: entrypoint_process(service, e, base, env, interpreter.version)
            for e in service.entrypoints
        }
        shipped = modules_below([base / e for e in service.runtime.entries], interpreter.suffixes)
        if stage is None:
            self._forget_changed(shipped.values(), interpreter, cache)
        else:
            shipped = _in_repository(shipped, stage.tree, layout)
        catalog = Catalog(root, import_roots, shipped, interpreter)
        modules = named_modules(service, catalog)
        idle = bool(self._mistakes)  # then a module that does not ship is a consequence
        for keys, what, suggestion in vacuous(service, catalog, modules):
            if not idle or keys[0] in ("allowed_roots", "entrypoints") or keys[-1] == "root":
                self._wrong(keys, what, suggestion)
        if self._mistakes:
            if stage is not None:
                stage.release()
            raise MistakesError(tuple(self._mistakes))
        return Shipment(
            service=service,
            root=root,
            contract=self._name,
            interpreter=interpreter,
            env=env,
            tree=stage.tree if stage else None,
            layout=layout,
            processes=processes,
            process=process,
            sites=interpreter.sites,
            modules=modules,
            catalog=catalog,
            left_out=files.left_out if files else (),
            guard=Guard(stage.tree, files.files, cache / "bytecode") if stage and files else None,
            _stage=stage,
        )

    def _wrong(self, keys: tuple[str | int, ...], what: str, suggestion: str = "") -> None:
        self._mistakes.append(
            Mistake(
                file=self._name,
                line=self._service.line(*keys),
                subject=dotted(("services", self._service.name, *keys)),
                what=what,
                suggestion=suggestion,
            )
        )

    def _interpreter(self) -> Interpreter | None:
        try:
            return describe(locate(self._service.runtime.python, self._root))
        except InterpreterError as error:
            self._wrong(("runtime", "python"), str(error), error.suggestion)
            return None

    def _check_places(self) -> None:
        for index, text in enumerate(self._service.runtime.entries):
            place = self._root / text
            if not os.path.isdir(place):  # noqa: PTH112 (a name of any length)
                what = "is no folder" if os.path.exists(place) else "does not exist"  # noqa: PTH110
                self._wrong(("runtime", "paths", index), f"{text} {what}")
        env_file = self._service.runtime.env_file
        if env_file and not os.path.isfile(self._root / env_file):  # noqa: PTH113
            self._wrong(("runtime", "env_file"), f"{env_file} does not exist")

    def _files(self) -> FileList | None:
        if self._service.ships is None:
            return None
        patterns = self._service.ships.files
        files = select(self._root, patterns)
        if not self._service.may_be_empty:
            for pattern in files.idle:
                keys = "ships", "files", patterns.patterns.index(pattern)
                start = self._root.joinpath(*pattern.literal_prefix)
                link = next((path for path in files.left_out if start.is_relative_to(path)), None)
                if link is None:
                    what = f"{pattern.text!r} matches no file"
                    self._wrong(keys, what, "or set may_be_empty = true")
                else:
                    way = link.relative_to(self._root)
                    what = f"{pattern.text!r} matches no file that ships"
                    self._wrong(keys, what, f"{way} is a link that leads out of the repository")
        return files

    def _variables(self, interpreter: Interpreter, caller: Mapping[str, str]) -> Mapping[str, str]:
        try:
            return variables(self._service.runtime, self._root, interpreter, caller)
        except MistakesError as error:  # name the env_file as the contract file is named
            folder = PurePath(self._name).parent
            named = [replace(found, file=str(folder / found.file)) for found in error.mistakes]
            raise MistakesError(tuple(named)) from None

    def _stage(self, files: FileList, cache: Path) -> Stage:
        try:
            return open_stage(cache / "stages", self._key, files.files, cache / "bytecode")
        except OSError as error:
            self._cannot(error, "what ships cannot be staged")

    def _forget_changed(
        self, shipped: Iterable[ModuleFile], interpreter: Interpreter, cache: Path
    ) -> None:
        sources = [module.path for module in shipped if not module.is_namespace]
        foreign = {interpreter.prefix, *interpreter.stdlib, *interpreter.sites}
        key = hashlib.sha256(self._key.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        manifest = cache / "sources" / f"{key}.json"
        try:
            forget_changed(self._root, cache / "bytecode", sources, manifest, foreign)
        except OSError as error:
            self._cannot(error, "compiled copies cannot be dropped")

    def _cannot(self, error: OSError, what: str) -> NoReturn:
        subject = error.filename or f"services.{self._service.name}"
        mistake = Mistake(
            file=self._name,
            line=self._service.line(),
            subject=str(subject),
            what=f"{what}: {error.strerror or error}",
        )
        raise MistakesError((mistake,)) from None


def _in_repository(
    shipped: Mapping[str, ModuleFile], tree: Path, layout: Layout
) -> Mapping[str, ModuleFile]:
    """The modules with the repository's files; with the image's for what is not from there."""
    found = {}
    for name, module in shipped.items():
        inside = module.path.relative_to(tree).as_posix()
        found[name] = replace(module, path=layout.source(inside) or Path("/", inside))
    return found
