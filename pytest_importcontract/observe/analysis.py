"""The source of a service's modules, read into facts."""

from __future__ import annotations

import gc
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import importlib_resources

from pytest_importcontract.observe.facts import (
    Condition,
    Guard,
    ImportEdge,
    ImportKind,
    Observer,
    Origin,
    Place,
    SyntaxFault,
)
from pytest_importcontract.observe.source import platform_facts, read_file, unreadable
from pytest_importcontract.observe.sources import Analysis, Binding, ModuleSource, Unread
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.modules import ModuleFile

_WORTH_PROCESSES = 200  # files; fewer are read before two processes have started
_PATIENCE = 60.0  # seconds for a process to start
_PER_MEGABYTE = 30.0  # seconds; a fast machine needs half of one


def analyse(
    modules: Iterable[ModuleFile],
    interpreter: Interpreter,
    origin: Callable[[str], Origin],
    *,
    known: Container[str] = frozenset(),
    to_repository: Callable[[str], str] = str,
    platform: Mapping[str, Any] | None = None,
    jobs: int = 2,
) -> Analysis:
    """Read the source of modules, run none of it.

    The service's interpreter parses them, in processes of its own, where it is another version than
    this one or there are many; what it cannot parse this one tries, for its imports.

    Args:
        modules: what to read; namespace packages have no source and are passed over.
        interpreter: the service's.
        origin: where a module belongs, by its dotted name.
        known: further names that are modules of the repository, whether they ship or not. A string
            is an import by name only where it names one of these or of `modules`.
        to_repository: what messages call a file.
        platform: what conditions are evaluated with, see `platform_facts`; by default this
            machine, and the interpreter's version.
        jobs: how many processes read at a time.
    """
    files = [module for module in modules if not module.is_namespace]
    facts = platform or {**platform_facts(), "version": list(interpreter.version)}
    texts = [module for module in files if module.path.suffix == ".py"]
    same = interpreter.version[:2] == sys.version_info[:2]
    if same and len(texts) < _WORTH_PROCESSES:
        answers = _read_here(texts, facts)
    else:
        answers = _read_there(texts, interpreter, facts, jobs)
    by_name = dict(zip((module.name for module in texts), answers, strict=True))
    for module in files:
        by_name.setdefault(module.name, unreadable("it has no source"))
    unread = []
    for module in files:
        answer = by_name[module.name]
        problem = answer["problem"]
        if problem is None:
            continue
        if not same and problem["line"]:
            by_name[module.name] = answer = _read_here([module], facts)[0]
        unread.append(
            Unread(
                module=module.name,
                fault=_fault(problem, to_repository(str(module.path))),
                read_otherwise=answer["problem"] is None,
            )
        )
    reader = _Reader(by_name, known, origin)
    read = [module for module in files if by_name[module.name]["problem"] is None]
    edges = [edge for m in read for edge in reader.edges(m.name, to_repository(str(m.path)))]
    return Analysis(
        edges=tuple(sorted(edges, key=lambda e: (e.place, e.importer))),
        modules={m.name: reader.module(m.name, to_repository(str(m.path))) for m in read},
        unread=tuple(unread),
    )


class _Reader:
    """Turns the answers about modules into facts."""

    def __init__(
        self,
        answers: Mapping[str, dict[str, Any]],
        known: Container[str],
        origin: Callable[[str], Origin],
    ) -> None:
        self._answers = answers
        self._known = known
        self._origin = origin
        self._bound = {
            module: {name for name, _, _ in answer["bound"]} for module, answer in answers.items()
        }

    def module(self, module: str, file: str) -> ModuleSource:
        """What is said of a module but its imports."""
        answer = self._answers[module]
        exports, are_all = answer["exports"] or (None, False)
        return ModuleSource(
            module=module,
            file=file,
            bound=tuple(Binding(name=n, line=line, how=how) for n, line, how in answer["bound"]),
            is_open=answer["open"],
            exports=None if exports is None else tuple(exports),
            exports_are_all=are_all,
            unknown=tuple((Place(file, row["line"]), row["by_name"]) for row in answer["unknown"]),
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
                kind=ImportKind(row["kind"]),
                origin=self._origin(row["imported"]),
                error=row["error"],
                guard=Guard(row["guard"]),
                condition=Condition(row["condition"]),
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
        return tuple(name for name in names if self._is_module(f"{module}.{name}"))

    def _named(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The module that a string names, and what of it; an empty name for none."""
        module, colon, rest = text.removesuffix("()").partition(":")
        if self._is_module(module):
            return module, (rest.partition(".")[0],) if colon else ()
        parent, _, last = module.rpartition(".")
        if not colon and last in self._bound.get(parent, ()):
            return parent, (last,)
        return "", ()


def _fault(problem: Mapping[str, Any], file: str) -> SyntaxFault:
    return SyntaxFault(
        place=Place(file, problem["line"]),
        column=problem["column"],
        text=problem["text"],
        message=problem["message"],
    )


def _request(module: ModuleFile) -> tuple[str, str, bool]:
    return str(module.path), module.name, module.is_package


def _read_here(modules: Iterable[ModuleFile], platform: Mapping[str, Any]) -> list[Any]:
    collects = gc.isenabled()
    gc.disable()  # a tree holds many objects and no cycles: looking for some takes half the time
    try:
        return [read_file(*_request(module), platform) for module in modules]
    finally:
        if collects:
            gc.enable()


def _read_there(
    modules: Sequence[ModuleFile], interpreter: Interpreter, platform: Mapping[str, Any], jobs: int
) -> list[Any]:
    """Each module's answer, from processes of the interpreter."""
    shares = [modules[number::jobs] for number in range(jobs)]
    resource = importlib_resources.files(__package__).joinpath("source")
    with importlib_resources.as_file(resource) as folder, ThreadPoolExecutor(jobs) as pool:

        def share(modules: Sequence[ModuleFile]) -> list[Any]:
            return _answers(modules, interpreter, folder, platform)

        answers = list(pool.map(share, shares))
    mixed = itertools.chain.from_iterable(itertools.zip_longest(*answers))
    return list(mixed)[: len(modules)]


def _answers(
    modules: Sequence[ModuleFile],
    interpreter: Interpreter,
    folder: Path,
    platform: Mapping[str, Any],
) -> list[Any]:
    """The answers of one process after the other: a file that ends one is passed over."""
    answers: list[Any] = []
    while len(answers) < len(modules):
        rest = modules[len(answers) :]
        said, why = _run(rest, interpreter, folder, platform)
        answers += said
        if not why:
            return answers
        answers.append(unreadable(f"{interpreter.label} {why}"))
        if not said and len(rest) > 1:
            said, why = _run(rest[1:2], interpreter, folder, platform)
            if why:  # it is not about the file
                answers += [unreadable(f"{interpreter.label} {why}")] * (len(rest) - 1)
    return answers


def _run(
    modules: Sequence[ModuleFile],
    interpreter: Interpreter,
    folder: Path,
    platform: Mapping[str, Any],
) -> tuple[list[Any], str]:
    """What one process answers, and what became of it; empty if it answered everything."""
    keys = ("file", "module", "is_package")
    requests = [dict(zip(keys, _request(module), strict=True)) for module in modules]
    asked = "".join(f"{json.dumps(line)}\n" for line in (platform, *requests))
    size = sum(_size(module.path) for module in modules)
    why = ""
    try:
        done = subprocess.run(
            [str(interpreter.executable), "-I", "-S", "-B", str(folder)],
            input=asked.encode("ascii"),
            capture_output=True,
            env={},
            timeout=_PATIENCE + _PER_MEGABYTE * size / 1e6,
            check=False,
        )
        output = done.stdout
        why = f"ended with status {done.returncode} while reading it"
    except subprocess.TimeoutExpired as error:
        output, why = error.stdout or b"", "did not finish reading it"
    except OSError as error:
        output, why = b"", f"does not start: {error.strerror}"
    answers = [json.loads(line) for line in output.split(b"\n")[:-1]]
    return answers, "" if len(answers) == len(modules) else why


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 (a name of any length)
    except OSError:
        return 0
