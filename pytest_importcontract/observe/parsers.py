"""Who parses source: this process, or processes of the service's interpreter."""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
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

from pytest_importcontract.observe.source import read_file, unreadable
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.modules import ModuleFile

_Request = dict[str, Any]  # what `read_file` is given, but for the platform

_WORTH_PROCESSES = 200  # files; fewer are read before two processes have started
_PATIENCE = 60.0  # seconds for a process to start
_PER_MEGABYTE = 30.0  # seconds; a fast machine needs half of one


class Parsers:
    """Reads files in the language of an interpreter.

    Args:
        interpreter: the service's.
        platform: what conditions are evaluated with, see `platform_facts`.
        jobs: how many processes read at a time.
        cache: what was read before; None to read everything.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        platform: Mapping[str, Any],
        jobs: int,
        cache: SourceCache | None,
    ) -> None:
        self._interpreter = interpreter
        self._platform = platform
        self._jobs = jobs
        self._cache = cache

    @property
    def are_here(self) -> bool:
        """Whether the interpreter speaks the language of this one."""
        return self._interpreter.version[:2] == sys.version_info[:2]

    def read(self, modules: Sequence[ModuleFile], compiled: Container[str]) -> list[Any]:
        """What `read_file` says of each module.

        Args:
            modules: those with a source.
            compiled: names of those that the interpreter is known to be able to parse.
        """
        if self._cache is None:
            return _parsed(self._texts(modules, compiled))
        key = self._keys()
        keys = [key(module, _digest(module.path)) for module in modules]
        known = self._cache.get(keys)
        missing = [m for m, its in zip(modules, keys, strict=True) if its not in known]
        texts = self._texts(missing, compiled)
        answers = _parsed(texts)
        self._cache.put(
            {
                key(module, answer["content"]): text  # of what was read, which may be new since
                for module, text, answer in zip(missing, texts, answers, strict=True)
                if answer["problem"] is None
            }
        )
        read = iter(answers)
        found = iter(_parsed([known[its] for its in keys if its in known]))
        return [next(found if its in known else read) for its in keys]

    def read_here(self, module: ModuleFile) -> Any:
        """What `read_file` says of a module in the language of this process."""
        return read_file(**_request(module, compiled=False), platform=self._platform)

    def _keys(self) -> Callable[[ModuleFile, str], bytes]:
        """Makes a key of all that an answer depends on: a module and its content's digest."""
        here = sys.version_info[:3] if self.are_here else None
        context = [_reader(), self._interpreter.version, here, sorted(self._platform.items())]
        fixed = hashlib.sha256(json.dumps(context).encode())

        def key(module: ModuleFile, content: str) -> bytes:
            digest = fixed.copy()
            digest.update(json.dumps([module.name, module.is_package, content]).encode())
            return digest.digest()

        return key

    def _texts(self, modules: Sequence[ModuleFile], compiled: Container[str]) -> list[bytes]:
        """Each module's answer as JSON."""
        requests = [_request(module, compiled=module.name in compiled) for module in modules]
        if requests and (not self.are_here or len(requests) >= _WORTH_PROCESSES):
            return self._read_there(requests)
        return [_text(read_file(**request, platform=self._platform)) for request in requests]

    def _read_there(self, requests: Sequence[_Request]) -> list[bytes]:
        """The answers of processes of the interpreter."""
        jobs = min(self._jobs, len(requests))
        shares = [requests[number::jobs] for number in range(jobs)]
        resource = importlib_resources.files(__package__).joinpath("source")
        with (
            importlib_resources.as_file(resource) as folder,
            ThreadPoolExecutor(jobs) as pool,
        ):
            answers = list(pool.map(lambda share: self._answers(share, folder), shares))
        mixed = itertools.chain.from_iterable(itertools.zip_longest(*answers))
        return list(mixed)[: len(requests)]

    def _answers(self, requests: Sequence[_Request], folder: Path) -> list[bytes]:
        """The answers of one process after the other: a file that ends one is passed over."""
        label = self._interpreter.label
        answers: list[bytes] = []
        while len(answers) < len(requests):
            rest = requests[len(answers) :]
            said, why = self._run(rest, folder)
            answers += said
            if not why:
                return answers
            answers.append(_text(unreadable(f"{label} {why}")))
            if not said and len(rest) > 1:
                said, why = self._run(rest[1:2], folder)
                if why:  # it is not about the file
                    answers += [_text(unreadable(f"{label} {why}"))] * (len(rest) - 1)
        return answers

    def _run(self, requests: Sequence[_Request], folder: Path) -> tuple[list[bytes], str]:
        """What one process answers, and what became of it; empty if it answered everything."""
        asked = "".join(f"{json.dumps(line)}\n" for line in (self._platform, *requests))
        size = sum(_size(request["file"]) for request in requests)
        why = ""
        try:
            done = subprocess.run(
                [str(self._interpreter.executable), "-I", "-S", "-B", str(folder)],
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
        answers = output.split(b"\n")[:-1]
        return answers, "" if len(answers) == len(requests) else why


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Make many objects without looking for cycles, of which there are none."""
    collects = gc.isenabled()
    gc.disable()  # to look takes as long as all the rest
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _request(module: ModuleFile, *, compiled: bool) -> _Request:
    return {
        "file": str(module.path),
        "module": module.name,
        "is_package": module.is_package,
        "compiled": compiled,
    }


def _text(answer: Any) -> bytes:
    return json.dumps(answer).encode()


def _parsed(texts: Iterable[bytes]) -> list[Any]:
    """The values of JSON texts; one list of all takes less time than each by itself."""
    values: list[Any] = json.loads(b"[%s]" % b",".join(texts))
    return values


@functools.cache
def _reader() -> str:
    """A digest of the code that reads source."""
    digest = hashlib.sha256()
    folder = importlib_resources.files(__package__).joinpath("source")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    """A digest of a file's content; empty where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 (thousands of calls)
            return hashlib.sha256(stream.read()).hexdigest()
    except (OSError, ValueError):
        return ""


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 (a name of any length)
    except OSError:
        return 0
