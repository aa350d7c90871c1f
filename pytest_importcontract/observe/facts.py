"""What observers say: the vocabulary that checks read, whoever observed.

File names in facts are those of the repository, even where the service ran from a staged copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from pytest_importcontract.observe.questions import Question

if TYPE_CHECKING:
    from pytest_importcontract.observe.routes import Routes
    from pytest_importcontract.observe.sources import Analysis


class OutcomeKind(StrEnum):
    """How an import ended."""

    LOADED = "loaded"
    FAILED = "failed"
    EXITED = "exited"
    CRASHED = "crashed"
    KILLED = "killed"
    TIMED_OUT = "timed out"
    COULD_NOT_START = "could not start"


class ImportKind(StrEnum):
    """When an import runs.

    With the module, inside a function or lazily (PEP 810), for type checkers alone, where a
    condition lets it that only the running service can tell, never (its condition is false on the
    service's platform), or by whoever reads the string that names the module.
    """

    EAGER = "eager"
    DEFERRED = "deferred"
    TYPING = "typing"
    CONDITIONAL = "conditional"
    NEVER = "never"
    BY_NAME = "by name"


class Guard(StrEnum):
    """The widest failure of an import that is caught and does not go on.

    ``REPLACED``: that of a missing module is caught, and another exception raised instead, as one
    that says what to install.
    """

    NONE = ""
    REPLACED = "replaced"
    MISSING_MODULE = "ModuleNotFoundError"
    ANY_FAILURE = "ImportError"

    @property
    def catches(self) -> bool:
        """Whether the code goes on after a failure."""
        return self in (Guard.MISSING_MODULE, Guard.ANY_FAILURE)


class Condition(StrEnum):
    """What the conditions around an import come to on the service's platform.

    ``MAIN``: it runs only where its module is the one that was started.
    """

    NONE = ""
    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    MAIN = "main"


class Observer(StrEnum):
    """Who saw an import."""

    RUNTIME = "runtime"
    SOURCE = "source"
    BOTH = "runtime and source"


class Origin(StrEnum):
    """Where a module belongs."""

    FIRST_PARTY = "first-party"
    THIRD_PARTY = "third-party"
    STANDARD_LIBRARY = "standard library"


class Standing(StrEnum):
    """How a distribution comes to be in the image."""

    DECLARED = "declared"
    TRANSITIVE = "transitive"
    ABSENT = "absent"


class TargetKind(StrEnum):
    """What is imported.

    ``NOTHING``: what precedes any module, as ``runtime.setup``; ``BARE``: not even that, only the
    interpreter starts.
    """

    ENTRYPOINT = "entrypoint"
    MODULE = "module"
    NOTHING = "nothing"
    BARE = "bare"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One thing to observe in a process of its own.

    Attributes:
        service: the service's name.
        kind: an entrypoint, started as its server does, or a module.
        text: the entrypoint as the contract writes it, or the module's name; empty for nothing.
        question: what is asked of the process once that is imported; None for nothing more.
        forks: whether a fork of it answers, one of many perhaps; else it does so itself.
        attempt: 0, or how many times it has been measured before.
    """

    service: str
    kind: TargetKind
    text: str
    question: Question | None = None
    forks: bool = True
    attempt: int = 0

    @property
    def base(self) -> Target:
        """What is imported before the question is asked."""
        return Target(self.service, self.kind, self.text)


class Place(NamedTuple):  # what tens of thousands of imports are sorted by
    """A line of a file; line 0 is the file as a whole."""

    file: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One step of the way to an exception or to where a process stood.

    Attributes:
        place: the line that was running.
        function: the code's name; ``<module>`` for a module's own.
        module: the module's ``__name__``; empty where it is not known.
        first_party: whether the code belongs to the repository or is the service's own.
    """

    place: Place
    function: str
    module: str = ""
    first_party: bool = False

    @property
    def is_module_level(self) -> bool:
        """Whether the code is a module's own, run by importing it."""
        return self.function == "<module>"


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntaxFault:
    """Where a source file could not be read as Python.

    Attributes:
        place: the file and line.
        column: 1-based, 0 when unknown.
        text: the line itself.
        message: what the parser said.
    """

    place: Place
    column: int
    text: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """That a variable was asked for by name.

    Attributes:
        name: the variable's.
        place: the service's own line that did so, or had it done; else the reader's line.
        reader: the module whose code asked, as in ``shop.settings`` or ``decouple``.
        first_party: whether the line is the service's own.
        needed: whether the line itself asked with ``os.environ[…]``, which has no default.
        there: whether it was set.
    """

    name: str
    place: Place
    reader: str
    first_party: bool = True
    needed: bool = False
    there: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A variable that a class of pydantic-settings lacks or does not take.

    Attributes:
        name: the variable's.
        reason: what is wrong with its value; empty where it is not set.
    """

    name: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One exception of a chain.

    Attributes:
        type: its class, with the module unless that is ``builtins``.
        bases: names of its built-in base classes, nearest first; its own first when built in.
        message: its text.
        frames: from where it was caught to where it was raised.
        relation: how it led to the exception before it: ``cause`` (raise … from), ``context``
            (raised while handling it), ``member`` (one of its group); empty for the outermost.
        name: the module an ImportError is about.
        name_from: the symbol it is about, where the interpreter says so (3.12 and newer).
        path: the file of that module, where there is one.
        initializing: whether that module was still running (a circular import).
        names: what that module holds, when a symbol was missing.
        syntax: the place of a SyntaxError.
        filename: the file of an OSError.
        key: the key of a KeyError, when it is a string.
        members: of an exception group, each member and what led to it.
        settings: of a validation error of pydantic-settings, the variables that it is about.
    """

    type: str
    bases: tuple[str, ...]
    message: str
    frames: tuple[Frame, ...] = ()
    relation: str = ""
    name: str = ""
    name_from: str = ""
    path: str = ""
    initializing: bool = False
    names: tuple[str, ...] = ()
    syntax: SyntaxFault | None = None
    filename: str = ""
    key: str = ""
    members: tuple[tuple[Link, ...], ...] = ()
    settings: tuple[Setting, ...] = ()

    def is_a(self, builtin: str) -> bool:
        """Whether the exception is an instance of the built-in class of that name."""
        return builtin in self.bases


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why an import did not finish.

    Attributes:
        stage: what was going on: ``site`` (what Python runs before the service), ``import``,
            ``setup``, ``attribute``, ``call``, ``importer`` (of a question: importing the module
            that its statement stands in), ``serve`` (starting for real).
        links: the exception as it arrived, then what led to it.
    """

    stage: str
    links: tuple[Link, ...]

    @property
    def outermost(self) -> Link:
        """The exception as it arrived."""
        return self.links[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How an import ended, in full.

    Attributes:
        kind: the named outcome.
        detail: what a person needs to know, as in ``with status 0`` or ``by SIGKILL``.
        failure: for failures, and for exits that an exception asked for.
        standing: where the process stood when it died or was stopped, outermost first; empty
            when that could not be learned.
        importing: the import that was running then.
    """

    kind: OutcomeKind
    detail: str = ""
    failure: Failure | None = None
    standing: tuple[Frame, ...] = ()
    importing: str = ""

    @property
    def ok(self) -> bool:
        """Whether the import finished."""
        return self.kind is OutcomeKind.LOADED

    @property
    def said(self) -> str:
        """The exception as it arrived, or the outcome in words."""
        if self.failure is None:
            return f"{self.kind} {self.detail}".strip()
        return f"{self.failure.outermost.type}: {self.failure.outermost.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """A distribution that brings a module.

    Attributes:
        distribution: its normalised name (PEP 503).
        standing: how it comes to be in the image, or that it does not.
    """

    distribution: str
    standing: Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportEdge:
    """An import that happened or was tried, or that stands in the source.

    Attributes:
        importer: the module whose code imports.
        place: the line of the import.
        imported: the module named, relative names resolved.
        names: what follows ``import`` in ``from imported import …``.
        submodules: those of the names that turned out to be modules.
        kind: when it runs.
        importer_is_first_party: whether the importer is the repository's or the service's own.
        origin: where the imported module belongs; a missing one by its name.
        error: what it raised, as ``Type: message``; empty when it succeeded.
        providers: distributions that have the imported module; empty where nobody knows, and
            where it is not known which distributions the image holds.
        guard: which failure of it is caught; the source tells, not the run.
        condition: what the conditions around it come to; likewise.
        scope: the qualified name of the function or class around it; likewise.
        by_name: what is given the module's name as a string, as in ``importlib.import_module`` or
            ``INSTALLED_APPS``; empty for a statement.
        observer: who saw it.
    """

    importer: str
    place: Place
    imported: str
    names: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    kind: ImportKind = ImportKind.EAGER
    importer_is_first_party: bool = True
    origin: Origin = Origin.FIRST_PARTY
    error: str = ""
    providers: tuple[Provider, ...] = ()
    guard: Guard = Guard.NONE
    condition: Condition = Condition.NONE
    scope: str = ""
    by_name: str = ""
    observer: Observer = Observer.RUNTIME

    @property
    def reached(self) -> tuple[str, ...]:
        """The modules it uses: a package is used only where not every name is a module of it."""
        if not self.submodules:
            return (self.imported,)
        below = tuple(f"{self.imported}.{name}" for name in self.submodules)
        if self.names and set(self.names) == set(self.submodules):
            return below
        return (self.imported, *below)


class Instead(StrEnum):
    """What stands in for an import that failed: nothing, a value, or another import that works."""

    NOTHING = ""
    VALUE = "value"
    IMPORT = "import"


@dataclass(frozen=True, kw_only=True, slots=True)
class Swallowed:
    """A failed import whose exception somebody caught, so that startup went on.

    Attributes:
        failure: the exception, whose frames begin with whoever caught it.
        led: the service's own code that called whoever caught it, if that was code of others.
        missing: the module that was not found, or does not ship; empty where none is missing.
        wanted: that, or the module and name that a module lacks, as ``app.models.User``.
        origin: where the module belongs that is missing or lacks something.
        in_repository: whether the repository has what is missing.
        ran: the service's own modules that were found and did not finish, outermost first.
        refused: whether an ImportError was raised by a ``raise`` of the service's own.
        asks: whether nothing was imported, but asked whether it could be found.
        named: whether the line that imports names the module, rather than put its name together.
        star: whether it asks for no name in particular.
        instead: what else binds the names that it would have bound.
    """

    failure: Failure
    led: Frame | None = None
    missing: str = ""
    wanted: str = ""
    origin: Origin = Origin.FIRST_PARTY
    in_repository: bool = False
    ran: tuple[str, ...] = ()
    refused: bool = False
    asks: bool = False
    named: bool = True
    star: bool = False
    instead: Instead = Instead.NOTHING

    @property
    def by(self) -> Frame:
        """Who caught it."""
        return self.failure.outermost.frames[0]

    @property
    def root(self) -> Link:
        """Where the trouble began, of what was raised on account of each other."""
        return self.failure.links[self._root]

    @property
    def _root(self) -> int:
        links, index = self.failure.links, 0
        while index + 1 < len(links):
            current, deeper = links[index], links[index + 1]
            if deeper.relation == "context" and not _is_on_the_spot(current, deeper):
                break
            index += 1
        return index

    @property
    def asker(self) -> Frame | None:
        """The code that imported what failed, or in which it did."""
        return self.root.frames[-1] if self.root.frames else None

    @property
    def origin_of_trouble(self) -> tuple[str, str, Place | None]:
        """Equal for failures that began alike at one line."""
        return self.root.type, self.root.message, self.asker.place if self.asker else None

    @property
    def within(self) -> tuple[Frame, ...]:
        """The frames below whoever caught it."""
        links = self.failure.links[: self._root + 1]
        return tuple(frame for link in links for frame in link.frames[1:])

    @property
    def what(self) -> str:
        """What startup goes on without."""
        return self.ran[0] if self.ran else self.wanted or self.root.name or "what it imports"


def _is_on_the_spot(current: Link, deeper: Link) -> bool:
    """Whether the handler of an exception raised the next one itself, to tell of it."""
    if current.is_a("ImportError") or not current.frames or not deeper.frames:
        return False
    last, first = current.frames[-1], deeper.frames[0]
    return (last.place.file, last.function) == (first.place.file, first.function)


class EffectKind(StrEnum):
    """What startup may do beside importing; as a contract forbids it."""

    NETWORK = "network"
    SUBPROCESS = "subprocess"
    WRITE = "write"
    THREAD = "thread"
    PATH = "path"
    SIGNAL = "signal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What one line of the service's own made startup do beside importing.

    Attributes:
        kind: what kind of thing that is.
        what: the first few in words, as in ``connects to db:5432``; the words differ, and there is
            one at least.
        count: how often it was done.
        frames: the way to the first time, outermost first; the way to a thread's start precedes
            what happens in it.
    """

    kind: EffectKind
    what: tuple[str, ...]
    count: int
    frames: tuple[Frame, ...]

    @property
    def place(self) -> Place:
        """The line that caused it: the innermost of the service's own, or the innermost of all."""
        own = [frame for frame in self.frames if frame.first_party]
        return (own or self.frames)[-1].place

    @property
    def in_words(self) -> str:
        """What the line does, as in ``connects to db:5432; looks up cache.internal``."""
        more = self.count - len(self.what)
        often = "once" if more == 1 else f"{more} times"
        return f"{'; '.join(self.what)}{f' (and {often} more)' if more else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingSymbol:
    """An attribute that was not there.

    Attributes:
        missing: the part of the dotted name that failed.
        owner: what it was looked up on, as a dotted path from the module.
        names: what the owner has.
        failure: when looking it up raised anything but AttributeError.
    """

    missing: str
    owner: str
    names: tuple[str, ...]
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a symbol turned out to be.

    Attributes:
        symbol: module and dotted attribute.
        identity: equal within one answer for what is one object; 0 for what was not there.
        missing: the part that was not there; None where nothing is missing.
        type: the name of its class, as in ``type`` or ``function``.
        home: the ``__module__`` and ``__qualname__`` of a class or function; empty for others.
    """

    symbol: tuple[str, str]
    identity: int = 0
    missing: MissingSymbol | None = None
    type: str = ""
    home: tuple[str, str] = ("", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of a question.

    Attributes:
        question: what was asked.
        outcome: how its statements and the imports of its symbols' modules ended.
        found: one for each of its symbols, as far as it came.
        edges: imports made by first-party code, or of it, that startup had not made.
        loaded: modules that it loaded or asked for.
        alone: whether a process of its own answered, which forked nothing.
        beside: how the answer of the other way differs, when both were tried; None otherwise.
        reads: variables that were asked for by name meanwhile; of a failure only.
        added: variables that the process had set itself; likewise.
    """

    question: Question
    outcome: Outcome
    found: tuple[Found, ...] = ()
    edges: tuple[ImportEdge, ...] = ()
    loaded: frozenset[str] = frozenset()
    alone: bool = False
    beside: Outcome | None = None
    reads: tuple[Read, ...] = ()
    added: frozenset[str] = frozenset()

    def as_observation(self, service: str) -> Observation:
        """The answer as if a process had done nothing else, for the kinds that judge those."""
        return Observation(
            target=Target(service, TargetKind.NOTHING, ""),
            outcome=self.outcome,
            edges=self.edges,
            loaded=self.loaded,
            reads=self.reads,
            added=self.added,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """A module that was loaded.

    Attributes:
        module: its name.
        within: the module whose load it is a part of; empty for none. A package is no part of that
            of a module in it.
        importer: the module whose code imported it; empty for what was started.
        place: the line of that; without a file likewise.
        importer_is_first_party: whether that code is the repository's or the service's own.
        seconds: wall time until it had run, with all that it loaded; a package's time is no part of
            that of the modules in it.
        own_seconds: likewise, without what it loaded.
        modules: how many were loaded by it, itself included.
    """

    module: str
    within: str = ""
    importer: str
    place: Place
    importer_is_first_party: bool
    seconds: float
    own_seconds: float
    modules: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Deprecation:
    """A warning that a first-party line uses what is deprecated.

    Attributes:
        category: its class, with the module unless that is ``builtins``.
        message: its text.
        place: the line that it is about.
    """

    category: str
    message: str
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What a start has loaded and taken.

    Attributes:
        loads: in the order in which they began.
        modules: how many modules there were at its end that the interpreter alone does not load.
        memory: the most bytes that the process has held; 0 where the system does not tell.
        ways: the way to the first import of each of ``never_loads`` that was loaded; empty where
            nobody knows; None where the interpreter itself had loaded it.
        deprecations: of first-party lines, each once, in order.
    """

    loads: tuple[Load, ...] = ()
    modules: int = 0
    memory: int = 0
    ways: Mapping[str, tuple[Frame, ...] | None] = field(default_factory=dict, hash=False)
    deprecations: tuple[Deprecation, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """Everything learned from one process.

    Attributes:
        target: what was observed.
        outcome: how it ended.
        edges: imports made by first-party code, or of it, in order.
        loaded: modules that it loaded or asked for.
        missing: by symbol, those of the asked-for attributes that were not there.
        swallowed: failed imports that an entrypoint went on from, ordered by when they were caught.
        effects: what an entrypoint did beside importing, in order; of anything else, and of a
            process that ended without a verdict, nothing is known.
        stdout: what it printed, head and tail.
        stderr: likewise.
        seconds: wall time from start to verdict.
        memory: bytes that the process held which then stays to be asked; 0 where none does, or
            where the system does not tell.
        answer: to the target's question; None where it could not be asked.
        beside: how a module's import ended in the started service, where that was another verdict;
            None where both agree or only one was tried.
        cost: of a start, as far as it came to an end.
        reads: variables that were asked for by name, in order.
        added: variables that it had set itself when it ended.
        remembered: whether an earlier run observed it, and nothing has changed since.
    """

    target: Target
    outcome: Outcome
    edges: tuple[ImportEdge, ...] = ()
    loaded: frozenset[str] = frozenset()
    missing: Mapping[str, MissingSymbol] = field(default_factory=dict, hash=False)
    swallowed: tuple[Swallowed, ...] = ()
    effects: tuple[Effect, ...] = ()
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0
    memory: int = 0
    answer: Answer | None = None
    beside: Outcome | None = None
    cost: Cost | None = None
    reads: tuple[Read, ...] = ()
    added: frozenset[str] = frozenset()
    remembered: bool = False


class HealthKind(StrEnum):
    """What came of starting the service as its container does."""

    UP = "up"
    NOT_RUN = "could not be run"
    PORT_TAKEN = "its port is taken"
    ENDED = "ended"
    WORKERS_DIE = "its workers die"
    CLOSED = "opened no port"
    SILENT = "gave no answer"
    REFUSED = "answered with a failure"
    NOTHING_SAID = "never printed the line"


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How the service started for real, and whether it came up.

    Attributes:
        kind: what came of it.
        command: the command line that ran, or would have.
        program: the name of the program that serves, as in ``gunicorn``; of a shell text the last.
        detail: what else is to be said: why it could not be run, the answer's body.
        status: the command's exit status where it ended, negative for a signal; what was answered
            where that was a failure.
        deaths: how many workers the log says have died.
        listening: addresses that its processes listened on at the end, as in ``127.0.0.1:8000``;
            where there are none, the files of their sockets, as in ``unix:run/api.sock``.
        url: what was asked; empty where nothing was.
        failure: the exception that its output shows, where there is one.
        standing: where its processes stood when its time was up; empty where that is not known.
        log: what it printed, head and tail.
        said: what it had printed when it was told to end; empty where it came up or was not run.
        seconds: from its start to the verdict.
    """

    kind: HealthKind
    command: str
    program: str = ""
    detail: str = ""
    status: int | None = None
    deaths: int = 0
    listening: tuple[str, ...] = ()
    url: str = ""
    failure: Failure | None = None
    standing: tuple[Frame, ...] = ()
    log: str = ""
    said: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Variables:
    """Which variables a deployment sets, and which the source asks for.

    Attributes:
        example: those that the example of a deployment names.
        given: those and the image's.
        needed: those that reached modules ask for without a default whenever they run, each with
            its first line.
    """

    example: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    needed: Mapping[str, Place] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Facts:
    """What is known about a service.

    Attributes:
        observations: in the contract's order, one for each target.
        source: what the source of its modules says; None where nobody asked for it.
        routes: which modules its entrypoints reach, and how; likewise.
        answers: to what the demand asked of the started service.
        health: what came of starting it as its container does; None where nobody asked for it.
        unmentioned: functions and classes, by module and name, that hold an import which failed
            and that no code which is reached mentions.
        variables: those of a deployment; None where nobody asked for them.
    """

    observations: tuple[Observation, ...] = ()
    source: Analysis | None = None
    routes: Routes | None = None
    answers: tuple[Answer, ...] = ()
    health: Health | None = None
    unmentioned: frozenset[tuple[str, str]] = frozenset()
    variables: Variables | None = None

    @cached_property
    def edges(self) -> tuple[ImportEdge, ...]:
        """Every import, each once, ordered by place; one edge for what both observers saw."""
        if self.source is not None:
            from pytest_importcontract.observe.merging import merged

            return merged(self.observations, self.source.edges)
        seen = dict.fromkeys(edge for each in self.observations for edge in each.edges)
        return tuple(sorted(seen, key=attrgetter("place", "imported", "names", "error")))
