"""A supervisor's reply, read into facts."""

from __future__ import annotations

import re
import signal
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pytest_importcontract.contract.model import is_within
from pytest_importcontract.observe.facts import (
    Answer,
    Cost,
    Deprecation,
    Effect,
    EffectKind,
    Failure,
    Found,
    Frame,
    ImportEdge,
    ImportKind,
    Link,
    Load,
    MissingSymbol,
    Observation,
    Origin,
    Outcome,
    OutcomeKind,
    Place,
    Provider,
    Read,
    Setting,
    Standing,
    Swallowed,
    SyntaxFault,
    Target,
)
from pytest_importcontract.observe.questions import Question
from pytest_importcontract.observe.swallowing import swallowed
from pytest_importcontract.shipment.holdings import Holdings
from pytest_importcontract.shipment.shipment import Shipment

_FAULT_FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')
# What pydantic puts behind each fault: the value, and where to read about it.
_INPUT = re.compile(r"\[type=(?P<type>\w+), input_value=.*?, input_type=\w+\]", re.DOTALL)
_ADVICE = re.compile(r"\n    For further information visit \S+")
# Signals by which a process ends itself when its own memory or instructions are broken.
_CRASHES = frozenset({"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS"})


class Reader:
    """Reads what was said about one service's processes.

    Args:
        shipment: the service; it maps staged files back and knows what is first-party.
        probe: the probe's own file, left out of tracebacks.
    """

    def __init__(self, shipment: Shipment, probe: str) -> None:
        self.shipment = self._shipment = shipment
        self._hide = shipment.secrets.hide
        self._probe = probe
        self._known: dict[str, tuple[Provider, ...]] = {}
        self._files: dict[str, str] = {}

    def observation(self, target: Target, reply: dict[str, Any]) -> Observation:
        """The reply about `target` as facts."""
        end = reply["end"]
        return Observation(
            target=target,
            outcome=self._outcome(reply),
            edges=tuple(self._edges(end["edges"])) if end else tuple(self._unfinished(reply["at"])),
            loaded=frozenset(end["loaded"]) if end else frozenset(),
            missing=self._missing(end["missing"]) if end else {},
            swallowed=self._swallowed(end) if end else (),
            effects=tuple(self._effects(end["effects"])) if end else (),
            stdout=self._text(reply["stdout"]),
            stderr=self._text(reply["stderr"]),
            seconds=reply["seconds"],
            memory=reply["memory"],
            answer=self.answer(target, reply),
            cost=self._cost(end["cost"]) if end and end.get("cost") else None,
            reads=self._reads(end),
            added=frozenset(end.get("added", ())) if end else frozenset(),
        )

    def _cost(self, raw: dict[str, Any]) -> Cost:
        ways = {
            module: None if frames is None else tuple(map(self._frame, frames))
            for module, frames in raw["ways"].items()
        }
        loads = tuple(self._loads(raw["loads"]))
        deprecations = tuple(
            Deprecation(
                category=category,
                message=self._shipment.told(message),
                place=self._place(file, line),
            )
            for category, message, file, line in raw["deprecations"]
        )
        return Cost(
            loads=loads,
            modules=raw["count"],
            memory=raw["memory"],
            ways=ways,
            deprecations=deprecations,
        )

    def _loads(self, raw: Sequence[Sequence[Any]]) -> Iterable[Load]:
        """The loads, of which a package's counts beside those of the modules that led to it."""
        around: list[int] = []
        seconds = [load[-1] for load in raw]
        for number, (module, outer, *_) in enumerate(raw):
            if outer >= 0 and is_within(raw[outer][0], module):
                seconds[outer] -= raw[number][-1]
            while outer >= 0 and is_within(raw[outer][0], module):
                outer = raw[outer][1]
            around.append(outer)
        own, modules = seconds[:], [1] * len(raw)
        for number in reversed(range(len(raw))):
            if around[number] >= 0:
                own[around[number]] -= seconds[number]
                modules[around[number]] += modules[number]
        for number, (module, _, importer, file, line, first_party, _) in enumerate(raw):
            yield Load(
                module=module,
                within=raw[around[number]][0] if around[number] >= 0 else "",
                importer=importer,
                place=self._place(file, line),
                importer_is_first_party=first_party,
                seconds=seconds[number],
                own_seconds=own[number],
                modules=modules[number],
            )

    def answered(self, target: Target, reply: dict[str, Any]) -> Observation:
        """The reply of a process that was asked as facts."""
        answer = self.answer(target, reply)
        nothing = Outcome(kind=OutcomeKind.KILLED, detail="with the process that was asked")
        return Observation(
            target=target,
            outcome=nothing if answer is None else answer.outcome,
            edges=() if answer is None else answer.edges,
            loaded=frozenset() if answer is None else answer.loaded,
            stdout=self._text(reply["stdout"]),
            stderr=self._text(reply["stderr"]),
            seconds=reply["seconds"],
            answer=answer,
            reads=() if answer is None else answer.reads,
            added=frozenset() if answer is None else answer.added,
        )

    def answer(self, target: Target, reply: dict[str, Any]) -> Answer | None:
        """The answer to the target's question; None where there is none."""
        if target.question is None or reply["answer"] is None:
            return None
        return self._answer(target.question, reply["answer"], alone=not target.forks)

    def _answer(self, question: Question, raw: dict[str, Any], *, alone: bool) -> Answer:
        end = raw["end"]
        if end is None:
            outcome, edges = self._ended(raw), tuple(self._unfinished(raw["at"]))
            return Answer(question=question, outcome=outcome, edges=edges, alone=alone)
        return Answer(
            question=question,
            outcome=self._said(end),
            found=tuple(map(self._found, question.symbols, end["found"])),
            edges=tuple(self._edges(end["edges"])),
            loaded=frozenset(end["loaded"]),
            alone=alone,
            reads=self._reads(end),
            added=frozenset(end.get("added", ())),
        )

    def _found(self, symbol: tuple[str, str], raw: dict[str, Any]) -> Found:
        if "missing" in raw:
            lost = self._missing({symbol[1]: raw["missing"]})
            return Found(symbol=symbol, missing=lost[symbol[1]])
        module, name = raw["home"]
        return Found(symbol=symbol, identity=raw["identity"], type=raw["type"], home=(module, name))

    def _outcome(self, reply: dict[str, Any]) -> Outcome:
        end = reply["end"]
        if end is not None:
            return self._said(end)
        if reply["error"]:
            return Outcome(kind=OutcomeKind.COULD_NOT_START, detail=reply["error"])
        if not reply["hello"] and not reply["timed_out"]:
            said = _last_line(self._text(reply["stderr"])) or ended(reply["status"])
            detail = f"{self._shipment.interpreter.executable}: {said}"
            return Outcome(kind=OutcomeKind.COULD_NOT_START, detail=detail)
        return self._ended(reply)

    def _ended(self, reply: dict[str, Any]) -> Outcome:
        """How a process ended that ran and gave no verdict."""
        standing = tuple(self._standing(reply["trace"])) or tuple(self._steps(reply["at"]))
        importing = reply["at"][-1][3] if reply["at"] else ""
        if reply["timed_out"]:
            kind = OutcomeKind.TIMED_OUT
            detail = f"after {self._shipment.service.runtime.timeout:g} s"
        elif reply["status"] is not None and reply["status"] < 0:
            name = _signal(reply["status"])
            kind = OutcomeKind.CRASHED if name in _CRASHES else OutcomeKind.KILLED
            detail = f"with {name}" if kind is OutcomeKind.CRASHED else f"by {name}"
        else:
            kind, detail = OutcomeKind.EXITED, f"with status {reply['status']}"
        return Outcome(kind=kind, detail=detail, standing=standing, importing=importing)

    def _said(self, end: dict[str, Any]) -> Outcome:
        links = tuple(self._link(link) for link in end["links"])
        failure = Failure(stage=end["stage"], links=links) if links else None
        code = end["exit"]
        if code is not None:
            detail = f"with status {code}"
            return Outcome(kind=OutcomeKind.EXITED, detail=detail, failure=failure)
        if failure is not None:
            return Outcome(kind=OutcomeKind.FAILED, failure=failure)
        return Outcome(kind=OutcomeKind.LOADED)

    def _link(self, raw: dict[str, Any]) -> Link:
        syntax = raw.get("syntax")
        filename = raw.get("filename", "")
        return Link(
            type=raw["type"],
            bases=tuple(raw["bases"]),
            message=self._shipment.told(_without_input(raw)),
            frames=tuple(map(self._frame, raw["frames"])),
            relation=raw["relation"],
            name=raw.get("name", ""),
            name_from=raw.get("name_from", ""),
            path=self._shipment.to_repository(raw.get("path", "")),
            initializing=raw.get("initializing", False),
            names=tuple(raw.get("names", ())),
            syntax=None
            if syntax is None
            else SyntaxFault(
                place=self._place(syntax[0], syntax[1]),
                column=syntax[2],
                text=self._hide(syntax[3]),
                message=self._hide(syntax[4]),
            ),
            filename=self._hide(self._shipment.to_repository(filename)),
            key=self._hide(raw.get("key", "")),
            members=tuple(tuple(map(self._link, links)) for links in raw.get("members", ())),
            settings=tuple(
                Setting(name=name, reason=self._hide(reason))
                for name, reason in raw.get("settings", ())
            ),
        )

    def _text(self, output: Sequence[Any]) -> str:
        head, left_out, tail = output
        if not left_out:
            return self._hide(f"{head}{tail}")
        return self._hide(f"{head}\n… {left_out} bytes left out …\n{tail}")

    def _place(self, file: str, line: int) -> Place:
        if file not in self._files:
            self._files[file] = self._shipment.to_repository(file)
        return Place(self._files[file], line)

    def _frame(self, raw: Sequence[Any]) -> Frame:
        file, line, function, module, own = raw
        return Frame(
            place=self._place(file, line), function=function, module=module, first_party=own
        )

    def _edges(self, raw: Iterable[Sequence[Any]]) -> Iterable[ImportEdge]:
        for importer, file, line, imported, names, below, deferred, own, of_own, error in raw:
            origin = Origin.FIRST_PARTY if of_own else origin_of(self._shipment, imported)
            if own or origin is Origin.FIRST_PARTY:
                yield ImportEdge(
                    importer=importer,
                    place=self._place(file, line),
                    imported=imported,
                    names=tuple(names),
                    submodules=tuple(below),
                    kind=ImportKind.DEFERRED if deferred else ImportKind.EAGER,
                    importer_is_first_party=own,
                    origin=origin,
                    error=self._shipment.told(error) if error else "",
                    providers=self._providers(imported) if origin is Origin.THIRD_PARTY else (),
                )

    def _swallowed(self, end: dict[str, Any]) -> tuple[Swallowed, ...]:
        if not end["swallowed"]:
            return ()
        failed = defaultdict(set)
        for edge in self._edges(end["edges"]):
            if edge.error:
                failed[edge.place.file].add(edge.place.line)
        return swallowed(
            [
                (tuple(map(self._link, links)), None if led is None else self._frame(led))
                for links, led in end["swallowed"]
            ],
            self._said(end).failure,
            self._shipment.catalog,
            lambda module: origin_of(self._shipment, module),
            failed,
        )

    def _effects(self, raw: Iterable[Sequence[Any]]) -> Iterable[Effect]:
        for kind, what, count, frames in raw:
            yield Effect(
                kind=EffectKind(kind),
                what=tuple(map(self._shipment.told, what)),
                count=count,
                frames=tuple(map(self._frame, frames)),
            )

    def _reads(self, end: dict[str, Any] | None) -> tuple[Read, ...]:
        """The variables that were asked for; what died without a word tells of none."""
        return tuple(
            Read(
                name=name,
                place=self._place(file, line),
                reader=reader,
                first_party=own,
                needed=needed,
                there=there,
            )
            for name, file, line, reader, own, needed, there in (end or {}).get("reads", ())
        )

    def _providers(self, module: str) -> tuple[Provider, ...]:
        if module not in self._known:
            self._known[module] = providers_of(self._shipment, module)
        return self._known[module]

    def _unfinished(self, at: Iterable[Sequence[Any]]) -> Iterable[ImportEdge]:
        """The imports under way when a process ended without a word."""
        importer = ""
        for _, file, line, name in at:
            yield ImportEdge(
                importer=importer,
                place=self._place(file, line),
                imported=name,
                origin=origin_of(self._shipment, name),
                error="the process ended during this import",
            )
            importer = name

    def _steps(self, at: Iterable[Sequence[Any]]) -> Iterable[Frame]:
        for _, file, line, _name in at:
            yield Frame(place=self._place(file, line), function="<module>", first_party=True)

    def _standing(self, trace: str) -> Iterable[Frame]:
        """The main thread's frames from a faulthandler dump, outermost first."""
        found: list[Frame] = []
        current = False
        for line in trace.splitlines():
            if line.startswith(("Current thread", "Thread", "Stack (")):
                current = line.startswith(("Current thread", "Stack ("))
                found = [] if current else found
            match = _FAULT_FRAME.fullmatch(line)
            if match is None or not current:
                continue
            file = match["file"]
            if file == self._probe or file.startswith("<frozen importlib"):
                continue
            own = nearest(file, self._shipment.own_roots)
            foreign = nearest(file, self._shipment.foreign_roots)
            found.append(
                Frame(
                    place=self._place(file, int(match["line"])),
                    function=match["function"],
                    first_party=own > foreign,
                )
            )
        return reversed(found)

    def _missing(self, raw: dict[str, Any]) -> dict[str, MissingSymbol]:
        return {
            symbol: MissingSymbol(
                missing=found["missing"],
                owner=found["owner"],
                names=tuple(found["names"]),
                failure=Failure(
                    stage="attribute", links=tuple(self._link(link) for link in found["links"])
                )
                if found["links"]
                else None,
            )
            for symbol, found in raw.items()
        }


def origin_of(shipment: Shipment, module: str) -> Origin:
    """Where a module belongs by its name alone."""
    if shipment.catalog.is_first_party(module):
        return Origin.FIRST_PARTY
    if module.partition(".")[0] in shipment.interpreter.names:
        return Origin.STANDARD_LIBRARY
    return Origin.THIRD_PARTY


def providers_of(shipment: Shipment, module: str) -> tuple[Provider, ...]:
    """The distributions that have a module, where it is known which the image holds."""
    holdings = shipment.ground.holdings
    if holdings is None or origin_of(shipment, module) is not Origin.THIRD_PARTY:
        return ()
    return tuple(
        Provider(distribution=name, standing=_standing(holdings, name))
        for name in holdings.owners(module)
    )


def _standing(holdings: Holdings, name: str) -> Standing:
    if holdings.is_declared(name):
        return Standing.DECLARED
    return Standing.TRANSITIVE if holdings.holds(name) else Standing.ABSENT


def _without_input(raw: dict[str, Any]) -> str:
    """The exception's text; of settings without the values of variables that it quotes."""
    text: str = raw["message"]
    if not raw.get("settings"):
        return text
    return _INPUT.sub(r"[\g<type>]", _ADVICE.sub("", text))


def nearest(file: str, roots: Iterable[str]) -> int:
    """How long the name of the innermost root around `file` is; 0 where none is."""
    return max((len(root) for root in roots if file.startswith(f"{root}/")), default=0)


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _signal(status: int) -> str:
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def ended(status: int | None) -> str:
    """How a process ended, by its exit status; negative for a signal, None while it is unknown."""
    if status is None:
        return "ended"
    return f"ended by {_signal(status)}" if status < 0 else f"exited with status {status}"
