"""Verdicts of earlier runs that still hold.

A verdict is kept by all that its process has looked at: its request, the content of every file that
it has loaded or read, where it has looked for modules and found none, folders that it has listed,
and for a fork all that of the process that was forked. Two steps find it again: by the request,
which paths mattered in earlier runs; by what lies there now, the verdict. So states of several
branches are known at a time, and folders bear names that are the same on every machine.

Not kept is any failure, and what came of anything else than files: of connections, of other
programs, of files that are changed and not put back, of ``/proc``.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_importcontract.observe.aliases import Aliases
from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.launch import launch, question_of
from pytest_importcontract.observe.places import Places, changed_at
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.shipment.shipment import Shipment

_FORMAT = 1  # of what is kept, and of what it is kept by
_MOST = 8  # sets of paths that are remembered for one request
_FEW = 100  # paths that are kept together
_TICK = 20_000_000  # nanoseconds by which a file system's clock may be behind
_LIVING = ("/proc/", "/sys/")
_DEVICES = frozenset({"/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"})

_Paths = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ran:
    """One process, or fork, that has said its verdict.

    Attributes:
        target: what it observed.
        reply: the supervisor's.
        base: of a fork, the process that it was forked from.
        began: when that was started, in nanoseconds since the epoch.
    """

    target: Target
    reply: Mapping[str, Any]
    base: Ran | None = None
    began: int = field(default_factory=time.time_ns)

    @property
    def is_fine(self) -> bool:
        """Whether nothing of it has failed, and files are all that it came of."""
        return all(map(_is_fine, self._ends)) and not (self.base and not self.base.is_fine)

    @property
    def _ends(self) -> list[Any]:
        ends = [] if self.base else [self.reply["end"]]
        if self.target.question is not None:
            answer = self.reply["answer"]
            ends.append(answer and answer["end"])
        return ends

    @property
    def paths(self) -> Iterator[tuple[str, str]]:
        """What it has looked at, a fork beyond what its base has: kinds and paths."""
        for end in self._ends:
            for kind, path in end["looks"]["paths"]:
                yield str(kind), str(path)

    def without_looks(self) -> dict[str, Any]:
        """The reply, without what has been looked at."""
        reply = dict(self.reply)
        if reply["end"] is not None:
            reply["end"] = {**reply["end"], "looks": None}
        if reply["answer"] is not None:
            answer = reply["answer"]
            reply["answer"] = {**answer, "end": {**answer["end"], "looks": None}}
        return reply


def _is_fine(end: Any) -> bool:
    if end is None or end["links"] or end["exit"] is not None or end["missing"]:
        return False
    looks = end.get("looks")
    if looks is None or looks["doubts"]:
        return False
    return not any("missing" in found for found in end.get("found", ()))


class Verdicts:
    """What is remembered of several services; its methods may be called from any thread.

    Args:
        shipments: the services by name.
        symbols: the attributes to look up, by module target.
        bytecode: folder for compiled copies.
        scripts: what runs in and beside the services, whose content counts.
        store: where verdicts are kept.
        notes: folder for what only this machine has a use for.
    """

    def __init__(
        self,
        shipments: Mapping[str, Shipment],
        symbols: Mapping[Target, Sequence[str]],
        bytecode: Path,
        scripts: Iterable[Path],
        store: SourceCache,
        notes: Path,
    ) -> None:
        self._store = store
        self._program = _digest(*(script.read_bytes() for script in scripts))
        self._services = {
            name: _Service(shipment, symbols, bytecode, self._program, notes)
            for name, shipment in shipments.items()
        }
        self._lock = threading.Lock()
        self._groups: dict[str, _Paths] = {}
        self._valid: dict[Target, list[bytes]] = {}
        self._looked: set[Target] = set()
        self._ran: list[Ran] = []

    def recall(self, targets: Iterable[Target]) -> dict[Target, dict[str, Any]]:
        """The supervisor's replies about those targets whose verdicts still hold."""
        with self._lock:
            wanted = [target for target in targets if not self._service(target).measures(target)]
            forks = [target for target in wanted if _is_fork(target)]
            bases = {target.base for target in forks} - self._looked
            found = self._found(
                [*bases, *(t for t in wanted if not _is_fork(t) and t not in bases)]
            )
            found |= self._found([target for target in forks if self._valid.get(target.base)])
            return {target: found[target] for target in wanted if target in found}

    def _found(self, targets: Sequence[Target]) -> dict[Target, dict[str, Any]]:
        self._looked.update(targets)
        ids = {target: self._service(target).identity(target) for target in targets}
        known = self._store.get(ids.values())
        sets: dict[Target, list[list[str]]] = {}
        for target, identity in ids.items():
            listed = _loaded(known.get(identity))
            sets[target] = listed if isinstance(listed, list) else []
        self._read_groups({group for each in sets.values() for one in each for group in one})
        keys: dict[bytes, Target] = {}
        for target, each in sets.items():
            for groups in each:
                if all(group in self._groups for group in groups):
                    state = self._state(target, groups)
                    for base in self._valid[target.base] if _is_fork(target) else [b""]:
                        keys[_digest(ids[target], base, state)] = target
        answers = self._store.get(keys)
        found: dict[Target, dict[str, Any]] = {}
        for key, target in keys.items():
            reply = _loaded(answers.get(key), self._service(target).aliases)
            if isinstance(reply, dict):
                found[target] = reply
                self._valid.setdefault(target, []).append(key)
        return found

    def _read_groups(self, names: Iterable[str]) -> None:
        lacking = {bytes.fromhex(name): name for name in names if name not in self._groups}
        for key, text in self._store.get(lacking).items():
            paths = _loaded(text)
            if isinstance(paths, list):
                self._groups[lacking[key]] = [(kind, path) for kind, path in paths]

    def _state(self, target: Target, groups: Iterable[str]) -> bytes:
        service = self._service(target)
        return _digest(*(service.state(group, self._groups[group]) for group in groups))

    def note(self, ran: Ran) -> None:
        """Take note of a verdict that stands."""
        if ran.is_fine:
            with self._lock:
                self._ran.append(ran)

    def forget(self, target: Target) -> None:
        """Remember no longer what has turned out otherwise."""
        with self._lock:
            self._store.put(dict.fromkeys(self._valid.pop(target, ()), b""))

    def save(self) -> None:
        """Keep what was noted for the next run."""
        with self._lock:
            for service in self._services.values():
                service.look_anew()
            rows: dict[bytes, bytes] = {}
            sets: dict[bytes, list[list[str]]] = defaultdict(list)
            keys: dict[Ran, bytes] = {}
            for ran in sorted(self._ran, key=lambda each: each.base is not None):
                if ran.base is None or ran.base in keys:
                    self._keep(ran, rows, sets, keys)
            known = self._store.get(sets)
            for identity, new in sets.items():
                old = _loaded(known.get(identity))
                both = [*new, *(each for each in old or () if each not in new)]
                rows[identity] = _dumped(both[:_MOST])
            self._store.put(rows)
            for service in self._services.values():
                service.save()
            self._ran = []

    def _keep(
        self,
        ran: Ran,
        rows: dict[bytes, bytes],
        sets: dict[bytes, list[list[str]]],
        keys: dict[Ran, bytes],
    ) -> None:
        service = self._service(ran.target)
        paths = service.paths(ran)
        if paths is None:
            return
        identity = service.identity(ran.target)
        groups = []
        for each in _grouped(paths):
            text = _dumped(each)
            name = _digest(b"group", text)
            rows[name] = text
            groups.append(name.hex())
            self._groups[name.hex()] = each
        if groups not in sets[identity]:
            sets[identity].append(groups)
        base = keys[ran.base] if ran.base is not None else b""
        keys[ran] = _digest(identity, base, self._state(ran.target, groups))
        rows[keys[ran]] = _dumped(service.told(ran), service.aliases)

    def _service(self, target: Target) -> _Service:
        return self._services[target.service]


class _Service:
    """What verdicts of one service depend on."""

    def __init__(
        self,
        shipment: Shipment,
        symbols: Mapping[Target, Sequence[str]],
        bytecode: Path,
        program: bytes,
        notes: Path,
    ) -> None:
        self.aliases = Aliases.of(shipment, bytecode)
        self._shipment = shipment
        self._symbols = symbols
        self._bytecode = bytecode
        self._program = program
        key = _digest(os.fsencode(shipment.root), shipment.service.name.encode())
        self._notes = notes / f"{key.hex()}.json"
        self._identities: dict[Target, bytes] = {}
        self._tree = f"{shipment.tree}{os.sep}" if shipment.tree else ""
        self._ground = b""
        self.look_anew()
        # It counts with every verdict, so it is what it was when the first process started.
        self._ground = self._found_ground()

    def look_anew(self) -> None:
        """Take nothing for known of what lies where."""
        self._places = Places(self._shipment.interpreter.suffixes, self._notes)
        self._group_states: dict[str, bytes] = {}

    def save(self) -> None:
        """Let the next run know what was found out about files."""
        self._places.save()

    def _found_ground(self) -> bytes:
        """What any verdict may come of: the interpreter, and data that C code may read unseen."""
        interpreter = self._shipment.interpreter
        facts: list[Any] = [
            _FORMAT,
            self._program.hex(),
            interpreter.version,
            self._places.state("r", str(interpreter.executable)),
            (os.getuid(), platform.system(), platform.machine()),
        ]
        for file in (self._shipment.ground.files or ()) if self._tree else ():
            if file.link or file.target.suffix != ".py":
                content = self._places.state("r", f"{self._tree}{file.target}")
                facts.append((str(file.target), file.link, content))
        return json.dumps(facts).encode("ascii")

    def identity(self, target: Target) -> bytes:
        """The digest of the target's request."""
        if target not in self._identities:
            if _is_fork(target):
                asked = self.aliases.named(json.dumps(question_of(self._shipment, target)))
                found = _digest(self.identity(target.base), asked.encode("ascii"))
            else:
                found = self._request(target)
            self._identities[target] = found
        return self._identities[target]

    def _request(self, target: Target) -> bytes:
        symbols = self._symbols.get(target, ())
        request = dict(launch(self._shipment, target, symbols, self._bytecode))
        text = self.aliases.named(json.dumps(request, sort_keys=True))
        return _digest(self._ground, text.encode("ascii"))

    def measures(self, target: Target) -> bool:
        """Whether it is asked what the target takes in this run."""
        startup = self._shipment.service.startup
        measured = startup.max_seconds is not None or startup.max_memory is not None
        starts = target.kind in (TargetKind.ENTRYPOINT, TargetKind.BARE)
        return measured and starts and target.question is None

    def told(self, ran: Ran) -> Any:
        """The reply as it may be kept: without what variables hold and nobody is to see."""
        return _masked(ran.without_looks(), self._shipment.secrets.hide)

    def state(self, name: str, paths: _Paths) -> bytes:
        """The digest of what lies now at the paths of a group."""
        if name not in self._group_states:
            states = [self._places.state(kind, path) for kind, path in self._placed(paths)]
            self._group_states[name] = _digest(*(os.fsencode(state) for state in states))
        return self._group_states[name]

    def _placed(self, paths: _Paths) -> _Paths:
        found: _Paths = json.loads(self.aliases.placed(json.dumps(paths)))
        return found

    def paths(self, ran: Ran) -> _Paths | None:
        """What a process has looked at, by paths with names; None where that cannot be known."""
        found = sorted(set(ran.paths))
        for kind, path in found:
            if path.startswith(_LIVING) or (path.startswith("/dev/") and path not in _DEVICES):
                return None
            place = path.partition("\0")[0]
            if self._tree and f"{place}{os.sep}".startswith(self._tree):
                continue  # of this run alone, and put back after each process
            is_folder = kind == "s" and os.path.isdir(place)  # noqa: PTH112 (thousands of calls)
            if not is_folder and changed_at(place) > ran.began - _TICK:
                return None  # for a folder, because something in it has changed
            if kind == "o" and self._places.state(kind, place) == "-":
                return None
        named: _Paths = json.loads(self.aliases.named(json.dumps(found)))
        return named


def _grouped(paths: _Paths) -> list[_Paths]:
    """The paths in groups that processes have in common."""
    if len(paths) <= _FEW:
        return [paths]
    groups: dict[str, _Paths] = defaultdict(list)
    for kind, path in paths:
        parts = path.split("\0")[0].split("/")
        groups["/".join(parts[:2] if path[:1] == "\1" else parts[:3])].append((kind, path))
    return [groups[name] for name in sorted(groups)]


def _masked(value: Any, hide: Callable[[str], str], key: str = "") -> Any:
    """JSON data whose texts are masked, and not the names and paths in it."""
    if isinstance(value, str):
        is_text = key in ("stdout", "stderr") or "://" in value or len(value.split()) > 1
        return hide(value) if is_text else value
    if isinstance(value, dict):
        return {name: _masked(each, hide, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each, hide, key) for each in value]
    return value


def _is_fork(target: Target) -> bool:
    return target.question is not None and target.forks


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _dumped(value: Any, aliases: Aliases | None = None) -> bytes:
    text = json.dumps(value)
    return zlib.compress((aliases.named(text) if aliases else text).encode("ascii"), 1)


def _loaded(data: bytes | None, aliases: Aliases | None = None) -> Any:
    """What `_dumped` made; None for nothing, and for what it has not made."""
    if not data:
        return None
    try:
        text = zlib.decompress(data).decode("ascii")
        return json.loads(aliases.placed(text) if aliases else text)
    except (zlib.error, ValueError, RecursionError):
        return None
