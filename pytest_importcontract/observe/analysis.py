"""The source of a service's modules, read into facts."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from pytest_importcontract.observe.facts import (
    Condition,
    Guard,
    ImportEdge,
    ImportKind,
    Observer,
    Origin,
    Place,
    Provider,
    SyntaxFault,
)
from pytest_importcontract.observe.parsers import Parsers, uncollected
from pytest_importcontract.observe.source import platform_facts, unreadable
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.observe.sources import Analysis, Binding, ModuleSource, Unread
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.modules import ModuleFile


def analyse(
    modules: Iterable[ModuleFile],
    interpreter: Interpreter,
    origin: Callable[[str], Origin],
    providers: Callable[[str], tuple[Provider, ...]] = lambda _: (),
    *,
    known: Container[str] = frozenset(),
    to_repository: Callable[[str], str] = str,
    platform: Mapping[str, Any] | None = None,
    jobs: int = 2,
    cache: SourceCache | None = None,
    ran: Container[str] = frozenset(),
) -> Analysis:
    """Read the source of modules, run none of it.

    The service's interpreter parses them, in processes of its own, where it is another version than
    this one or there are many; what it cannot parse this one tries, for its imports.

    Args:
        modules: what to read; namespace packages have no source and are passed over.
        interpreter: the service's.
        origin: where a module belongs, by its dotted name.
        providers: the distributions that have it, as far as that is known.
        known: further names that are modules of the repository, whether they ship or not. A string
            is an import by name only where it names one of these or of `modules`.
        to_repository: what messages call a file.
        platform: what conditions are evaluated with, see `platform_facts`; by default this
            machine, and the interpreter's version.
        jobs: how many processes read at a time.
        cache: what was read before; None to read everything.
        ran: files, as messages call them, whose code the service was seen to run. What its
            interpreter has compiled need not be parsed once more to know that it can be.
    """
    with uncollected():
        return _analysed(
            [module for module in modules if not module.is_namespace],
            Parsers(
                interpreter,
                platform or {**platform_facts(), "version": list(interpreter.version)},
                jobs,
                cache,
            ),
            functools.cache(origin),
            functools.cache(providers),
            known,
            to_repository,
            ran,
        )


def _analysed(
    files: Sequence[ModuleFile],
    parsers: Parsers,
    origin: Callable[[str], Origin],
    providers: Callable[[str], tuple[Provider, ...]],
    known: Container[str],
    to_repository: Callable[[str], str],
    ran: Container[str],
) -> Analysis:
    """What the files say; for the parameters see `analyse`."""
    texts = [module for module in files if module.path.suffix == ".py"]
    names = {module.name: to_repository(str(module.path)) for module in files}
    answers = parsers.read(texts, {module.name for module in texts if names[module.name] in ran})
    by_name = dict(zip((module.name for module in texts), answers, strict=True))
    for module in files:
        by_name.setdefault(module.name, unreadable("it has no source"))
    unread = []
    for module in files:
        answer = by_name[module.name]
        problem = answer["problem"]
        if problem is None:
            continue
        if not parsers.are_here and problem["line"]:
            by_name[module.name] = answer = parsers.read_here(module)
        unread.append(
            Unread(
                module=module.name,
                fault=_fault(problem, names[module.name]),
                read_otherwise=answer["problem"] is None,
            )
        )
    reader = _Reader(by_name, known, origin, providers)
    read = {name: file for name, file in names.items() if by_name[name]["problem"] is None}
    edges = [edge for module, file in read.items() for edge in reader.edges(module, file)]
    return Analysis(
        edges=tuple(sorted(edges, key=attrgetter("place", "importer"))),
        modules={module: reader.module(module, file) for module, file in read.items()},
        unread=tuple(unread),
    )


_KINDS = {kind.value: kind for kind in ImportKind}
_GUARDS = {guard.value: guard for guard in Guard}
_CONDITIONS = {condition.value: condition for condition in Condition}


class _Reader:
    """Turns the answers about modules into facts."""

    def __init__(
        self,
        answers: Mapping[str, dict[str, Any]],
        known: Container[str],
        origin: Callable[[str], Origin],
        providers: Callable[[str], tuple[Provider, ...]],
    ) -> None:
        self._answers = answers
        self._known = known
        self._origin = origin
        self._providers = providers

    def module(self, module: str, file: str) -> ModuleSource:
        """What is said of a module but its imports."""
        answer = self._answers[module]
        exports, are_all = answer["exports"] or (None, False)
        return ModuleSource(
            module=module,
            file=file,
            bound=tuple(itertools.starmap(Binding, answer["bound"])),
            is_open=answer["open"],
            exports=None if exports is None else tuple(exports),
            exports_are_all=are_all,
            unknown=tuple((Place(file, row["line"]), row["by_name"]) for row in answer["unknown"]),
            sought=tuple((name, Place(file, line)) for name, line in answer["sought"]),
        )

    def edges(self, module: str, file: str) -> Iterator[ImportEdge]:
        """A module's imports, those by name after the others."""
        for row in self._answers[module]["imports"]:
            yield ImportEdge(
                importer=module,
                place=Place(file, row["line"]),
                imported=row["imported"],
                names=tuple(row["names"]),
                submodules=self._submodules(row["imported"], row["names"]),
                kind=_KINDS[row["kind"]],
                origin=self._origin(row["imported"]),
                providers=self._providers(row["imported"]),
                error=row["error"],
                guard=_GUARDS[row["guard"]],
                condition=_CONDITIONS[row["condition"]],
                scope=row["scope"],
                by_name=row["by_name"],
                observer=Observer.SOURCE,
            )
        for text, line, place, scope in self._answers[module]["strings"]:
            imported, names = self._named(text)
            if imported and imported != module:
                yield ImportEdge(
                    importer=module,
                    place=Place(file, line),
                    imported=imported,
                    names=names,
                    submodules=self._submodules(imported, names),
                    kind=ImportKind.BY_NAME,
                    origin=self._origin(imported),
                    scope=scope,
                    by_name=place or "a string",
                    observer=Observer.SOURCE,
                )

    def _is_module(self, name: str) -> bool:
        return name in self._answers or name in self._known

    def _submodules(self, module: str, names: Iterable[str]) -> tuple[str, ...]:
        return tuple([name for name in names if self._is_module(f"{module}.{name}")])

    def _named(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The module that a string names, and what of it; an empty name for none."""
        module, colon, rest = text.removesuffix("()").partition(":")
        if self._is_module(module):
            return module, (rest.partition(".")[0],) if colon else ()
        parent, _, last = module.rpartition(".")
        bound = () if colon or parent not in self._answers else self._answers[parent]["bound"]
        return (parent, (last,)) if any(last == name for name, _, _ in bound) else ("", ())


def _fault(problem: Mapping[str, Any], file: str) -> SyntaxFault:
    return SyntaxFault(
        place=Place(file, problem["line"]),
        column=problem["column"],
        text=problem["text"],
        message=problem["message"],
    )
