"""Making services ready: everything that is decided before code of theirs runs."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import Contract, Service
from pytest_importcontract.contract.reader import dotted
from pytest_importcontract.shipment.bytecode import forget_changed
from pytest_importcontract.shipment.catalog import Catalog
from pytest_importcontract.shipment.claims import read_claims
from pytest_importcontract.shipment.environment import names_in, variables
from pytest_importcontract.shipment.files import FileList, select
from pytest_importcontract.shipment.ground import Ground, imaged, plain
from pytest_importcontract.shipment.guard import Guard
from pytest_importcontract.shipment.interpreter import (
    Interpreter,
    InterpreterError,
    describe,
    locate,
)
from pytest_importcontract.shipment.layout import Layout, laid
from pytest_importcontract.shipment.modules import ModuleFile, modules_below
from pytest_importcontract.shipment.selection import named_modules
from pytest_importcontract.shipment.shipment import Shipment
from pytest_importcontract.shipment.stage import Stage, open_stage
from pytest_importcontract.shipment.vacuous import vacuous
from pytest_importcontract.shipment.variants import OPTIMIZE, marked, variants

_SAY_SO = "--import-contracts-outside=FOLDER allows links to a folder"


def prepare(
    contract: Contract,
    name: str,
    cache: Path,
    caller: Mapping[str, str],
    *,
    only: str = "",
    outside: Sequence[Path] = (),
) -> tuple[Shipment, ...]:
    """Make every service of a contract ready; no code of theirs runs.

    Args:
        contract: the contract.
        name: its file as messages call it; empty where there is none.
        cache: folder for staged trees, outside the repository.
        caller: the environment that ``pass_env`` takes from.
        only: the one service that is wanted; empty for all.
        outside: folders without links to which links of the repository may lead.

    Raises:
        MistakesError: with everything in the contract that does not fit the repository; what is
            wrong with services that nobody wants is not said.
    """
    shipments: list[Shipment] = []
    mistakes: list[Mistake] = []
    grounds = [Path(os.path.realpath(contract.root)), *outside]
    preparations = [
        _Preparation(contract, service, name, cache, grounds) for service in contract.services
    ]
    roots = [contract.root]
    for preparation in preparations:
        roots += preparation.look()
    roots = list(dict.fromkeys(roots))
    wanted = (each for each in preparations if only in ("", each.name))
    for preparation in wanted:
        try:
            shipments.append(preparation.finish(caller, roots))
            if not only:
                shipments[-1] = preparation.with_variants(shipments[-1], caller, roots)
        except MistakesError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        for shipment in shipments:
            shipment.release()
        raise MistakesError(tuple(dict.fromkeys(mistakes)))
    return tuple(shipments)


class _Preparation:
    """One service on its way to a shipment, with everything found wrong on it."""

    def __init__(
        self,
        contract: Contract,
        service: Service,
        name: str,
        cache: Path,
        grounds: Sequence[Path],
    ) -> None:
        self._contract = contract
        self._root = contract.root
        self._grounds = grounds
        self._key = f"{contract.path}\0{service.name}"
        self._service = service
        self._name = name
        self._cache = cache
        self._mistakes: list[Mistake] = []
        self._on_claims: list[Mistake] = []  # nothing else is a consequence of one
        self._interpreter: Interpreter | None = None
        self._ground: Ground | None = None

    @property
    def name(self) -> str:
        """The service's."""
        return self._service.name

    def with_variants(
        self, shipment: Shipment, caller: Mapping[str, str], import_roots: Sequence[Path]
    ) -> Shipment:
        """The finished shipment, with what the service must start as besides.

        Raises:
            MistakesError: with everything that was found wrong.
        """
        service = shipment.service
        self._check_variants(shipment)
        pythons = service.runtime.pythons
        found = {text: self._interpreter_at(text) for text in pythons}
        interpreters = {text: each for text, each in found.items() if each is not None}
        shipments: list[Shipment] = []
        for variant in () if self._mistakes else variants(service, interpreters):
            preparation = _Preparation(
                self._contract, variant, self._name, self._cache, self._grounds
            )
            preparation.look()
            try:
                shipments.append(preparation.finish(caller, import_roots))
            except MistakesError as error:
                self._mistakes += error.mistakes
        if self._mistakes:
            for each in shipments:
                each.release()
            raise MistakesError(tuple(self._mistakes))
        own = marked(service, interpreters)
        return replace(shipment, service=own, variants=tuple(shipments))

    def _check_variants(self, shipment: Shipment) -> None:
        service = shipment.service
        if len(service.runtime.pythons) > 1 and not service.entrypoints:
            self._wrong(("runtime", "python"), "lists several, and the service starts nothing")
        processes = shipment.processes.values()
        envs = (shipment.env, *(process.env for process in processes))
        if service.startup.optimized and any(env.get(OPTIMIZE) for env in envs):
            what = f"{OPTIMIZE} is set, so every start is an optimized one"
            self._wrong(("startup", "optimized"), what)

    def look(self) -> list[Path]:
        """Find out what ships; the repository's folders that the service imports from."""
        outward = self._check_links()
        service = self._service = self._service if outward else self._with_claims()
        self._interpreter = self._described()
        self._check_places()
        sound = self._interpreter is not None and not self._mistakes
        files = self._files()
        if self._interpreter is not None and sound:
            self._ground = self._found(self._interpreter, files)
        folders = [self._root / entry for entry in service.runtime.entries]
        if self._ground is None or self._ground.image is None:
            return folders
        base, layout = Path("/"), self._ground.layout
        processes = [
            self._ground.process(e, base, {}) for e in (None, *self._ground.service.entrypoints)
        ]
        entries = [entry for process in processes for entry in process.path]
        found = [layout.source(str(entry).lstrip("/") or ".") for entry in entries]
        declared = folders if service.runtime.paths is not None else []
        return [*declared, *(folder for folder in found if folder is not None)]

    def _found(self, interpreter: Interpreter, files: FileList | None) -> Ground | None:
        service, root = self._service, self._root
        ships = service.ships
        if ships is None or not ships.dockerfile or files is None:
            return plain(service, root, files, interpreter)
        try:
            ground = imaged(service, ships, root, files, interpreter, self._cache)
        except MistakesError as error:
            self._mistakes += self._named(error)
            return None
        except OSError as error:
            self._mistakes.append(self._trouble(error, "the image cannot be worked out"))
            return None
        named = service.modules or service.required_symbols
        asked = service.canonical or service.documented or service.health
        proves = ground.service.entrypoints or named or asked
        if not proves and ground.lost:
            lost = (
                Mistake(
                    file=note.line.file, line=note.line.line, subject=service.name, what=note.what
                )
                for note in ground.lost
            )
            self._mistakes += self._named(MistakesError(tuple(lost)))
        elif not proves:
            what = f"{ships.dockerfile} does not tell what it starts"
            self._wrong(("ships", "dockerfile"), what, "name the entrypoints")
        return ground

    def finish(self, caller: Mapping[str, str], import_roots: Sequence[Path]) -> Shipment:
        """Stage what ships and check what the contract demands of it.

        Raises:
            MistakesError: with everything that was found wrong.
        """
        interpreter, ground, root = self._interpreter, self._ground, self._root
        if interpreter is None or ground is None:
            raise MistakesError((*self._mistakes, *self._on_claims))
        service = self._service = ground.service
        env, example = self._variables(caller)
        stage = None if ground.files is None else self._stage(ground)
        base = stage.tree if stage else root
        if ground.image is None:
            self._make_entries(base)
        process = ground.process(None, base, env)
        processes = {e.text: ground.process(e, base, env) for e in service.entrypoints}
        sites = [laid(place, base) for place in (*ground.first_sites, *ground.last_sites)]
        paths = (path for each in (process, *processes.values()) for path in each.path)
        shipped = modules_below(dict.fromkeys((*paths, *sites)), interpreter.suffixes)
        if stage is None:
            self._forget_changed(shipped.values(), interpreter)
        else:
            shipped = _in_repository(shipped, stage.tree, ground.layout)
        catalog = Catalog(root, import_roots, shipped, interpreter, ground.sites)
        modules = named_modules(service, catalog)
        idle = bool(self._mistakes)  # then a module that does not ship is a consequence
        is_imaged = ground.image is not None
        found = list(vacuous(service, catalog, modules, ground.starts, imaged=is_imaged))
        if service.variant_of:
            found = []  # of the service itself it is known
        for keys, what, suggestion in found:
            if not idle or keys[0] in ("allowed_roots", "entrypoints") or keys[-1] == "root":
                self._wrong(keys, what, suggestion)
        if service.runtime.env_example and not service.entrypoints:
            what = "means nothing without entrypoints"
            self._wrong(("runtime", "env_example"), what, "name what the container starts")
        self._mistakes += self._on_claims
        if self._mistakes:
            if stage is not None:
                stage.release()
            raise MistakesError(tuple(self._mistakes))
        bytecode = self._cache / "bytecode"
        return Shipment(
            service=service,
            root=root,
            contract=self._name,
            interpreter=interpreter,
            env=env,
            example=example,
            tree=stage.tree if stage else None,
            ground=ground,
            processes=processes,
            process=process,
            modules=modules,
            catalog=catalog,
            guard=Guard(stage.tree, ground.files, bytecode) if stage and ground.files else None,
            _stage=stage,
        )

    def _make_entries(self, base: Path) -> None:
        for index, text in enumerate(self._service.runtime.entries):
            try:
                (base / text).mkdir(parents=True, exist_ok=True)
            except OSError:  # something else ships in its place: a link, and not what it leads to
                self._wrong(("runtime", "paths", index), f"{text} is a folder that does not ship")

    def _wrong(self, keys: tuple[str | int, ...], what: str, suggestion: str = "") -> None:
        self._mistakes.append(self._mistake(keys, what, suggestion))

    def _mistake(self, keys: tuple[str | int, ...], what: str, suggestion: str) -> Mistake:
        return Mistake(
            file=self._name,
            line=self._service.line(*keys),
            subject=dotted(("services", self._service.declared_name, *keys)),
            what=what,
            suggestion=suggestion,
        )

    def _described(self) -> Interpreter | None:
        return self._interpreter_at(self._service.runtime.python)

    def _interpreter_at(self, text: str) -> Interpreter | None:
        pythons = self._service.runtime.pythons
        try:
            return describe(locate(text, self._root))
        except InterpreterError as error:
            keys: tuple[str | int, ...] = ("runtime", "python")
            keys = (*keys, pythons.index(text)) if pythons else keys
            self._wrong(keys, str(error), error.suggestion)
            return None

    def _check_links(self) -> bool:
        """Whether a path that the contract names leads out of the repository by a link.

        Nothing is read or run there: what is shown of it could be meant for nobody to see.
        """
        found = False
        for keys, text in self._named_paths():
            real = Path(os.path.realpath(self._root / text))
            if not any(map(real.is_relative_to, self._grounds)):
                what = f"{text} leads out of the repository by a link"
                self._wrong(keys, what, _SAY_SO)
                found = True
        return found

    def _named_paths(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every place of the repository that the contract names, with its key."""
        service = self._service
        for index, entrypoint in enumerate(service.entrypoints):
            if entrypoint.file is not None:
                yield ("entrypoints", index), str(entrypoint.file)
        for index, text in enumerate(service.runtime.paths or ()):
            yield ("runtime", "paths", index), text
        for key in ("env_file", "env_example"):
            if text := getattr(service.runtime, key):
                yield ("runtime", key), text
        if service.ships is not None:
            if service.ships.dockerfile:
                yield ("ships", "dockerfile"), service.ships.dockerfile
                yield ("ships", "context"), service.ships.context
            for index, text in enumerate(service.ships.requirements):
                yield ("ships", "requirements", index), text
        for index, documented in enumerate(service.documented):
            yield ("documented", index, "file"), documented.file

    def _check_places(self) -> None:
        for index, text in enumerate(self._service.runtime.entries):
            place = self._root / text
            if not os.path.isdir(place):  # noqa: PTH112 (a name of any length)
                what = "is no folder" if os.path.exists(place) else "does not exist"  # noqa: PTH110
                self._wrong(("runtime", "paths", index), f"{text} {what}")
        for key in ("env_file", "env_example"):
            text = getattr(self._service.runtime, key)
            if text and not os.path.isfile(self._root / text):  # noqa: PTH113
                self._wrong(("runtime", key), f"{text} does not exist")
        ships = self._service.ships
        if ships is not None and ships.dockerfile:
            place = self._root / ships.dockerfile
            if not os.path.exists(place):  # noqa: PTH110 (a name of any length)
                keys, what = ("ships", "dockerfile"), f"{ships.dockerfile} does not exist"
                self._wrong(keys, what, self._near(ships.dockerfile))
            elif not os.path.isdir(self._root / ships.context):  # noqa: PTH112
                self._wrong(("ships", "context"), f"{ships.context} is no folder")

    def _with_claims(self) -> Service:
        """The service with what its Markdown files claim."""
        found = []
        for index, documented in enumerate(self._service.documented):
            read, mistakes = read_claims(documented, self._root)
            for keys, what, suggestion in mistakes:
                mistake = self._mistake(("documented", index, *keys), what, suggestion)
                self._on_claims.append(mistake)
            found.append(read)
        return replace(self._service, documented=tuple(found))

    def _near(self, dockerfile: str) -> str:
        """A file of the repository that may have been meant."""
        found = {
            path.relative_to(self._root).as_posix()
            for pattern in ("*ockerfile*", "*/*ockerfile*", "*/*/*ockerfile*")
            for path in self._root.glob(pattern)
            if path.is_file() and not path.name.endswith(".dockerignore")
        }
        near = difflib.get_close_matches(dockerfile, sorted(found), n=1, cutoff=0.5)
        return f"did you mean {near[0]}?" if near else ""

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

    def _variables(self, caller: Mapping[str, str]) -> tuple[Mapping[str, str], frozenset[str]]:
        """Those that are set, and the names of those that a deployment sets."""
        runtime = self._service.runtime
        try:
            given = variables(runtime, self._root, caller)
            return given, names_in(self._root, runtime.env_example)
        except MistakesError as error:
            raise MistakesError(self._named(error)) from None

    def _named(self, error: MistakesError) -> tuple[Mistake, ...]:
        """The mistakes with their files named as the contract file is named."""
        folder = PurePath(self._name).parent
        return tuple(replace(found, file=str(folder / found.file)) for found in error.mistakes)

    def _stage(self, ground: Ground) -> Stage:
        home, bytecode = self._cache / "stages", self._cache / "bytecode"
        try:
            return open_stage(home, self._key, ground.files or (), bytecode, ground.folders)
        except OSError as error:
            mistake = self._trouble(error, "what ships cannot be staged")
            raise MistakesError((mistake,)) from None

    def _forget_changed(self, shipped: Iterable[ModuleFile], interpreter: Interpreter) -> None:
        sources = [module.path for module in shipped if not module.is_namespace]
        foreign = {interpreter.prefix, *interpreter.stdlib, *interpreter.sites}
        key = hashlib.sha256(self._key.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        manifest = self._cache / "sources" / f"{key}.json"
        try:
            forget_changed(self._root, self._cache / "bytecode", sources, manifest, foreign)
        except OSError as error:
            mistake = self._trouble(error, "compiled copies cannot be dropped")
            raise MistakesError((mistake,)) from None

    def _trouble(self, error: OSError, what: str) -> Mistake:
        subject = error.filename or f"services.{self._service.name}"
        return Mistake(
            file=self._name,
            line=self._service.line(),
            subject=str(subject),
            what=f"{what}: {error.strerror or error}",
        )


def _in_repository(
    shipped: Mapping[str, ModuleFile], tree: Path, layout: Layout
) -> Mapping[str, ModuleFile]:
    """The modules with the repository's files; with the image's for what is not from there."""
    found = {}
    for name, module in shipped.items():
        inside = module.path.relative_to(tree).as_posix()
        found[name] = replace(module, path=layout.source(inside) or Path("/", inside))
    return found
