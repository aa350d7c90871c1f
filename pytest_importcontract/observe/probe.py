"""Imports one thing in the service's own interpreter and says what happened.

Run as ``PYTHON -s -S probe.py`` with one marshalled dictionary on standard input (version 2, which
every Python reads). Standard library only and Python 3.8 syntax, because it runs in other people's
interpreters. Not with ``-I``: that would ignore the ``PYTHON*`` variables of the service, and
PYTHONHASHSEED has no option in its place. The environment is explicit, so nothing of the caller's
can get in; the script's own folder, which ``-I`` would keep off the import path, is taken off first
thing.

The service finds in ``sys.modules`` what a plain start of its interpreter leaves there, no more:
else a file of its own that is called ``json.py`` would never be read. What this file imports beyond
that are modules written in C, and they are taken out again.

The request's keys:

``channel``, ``trace``
    Paths of the pipe for verdicts and of the file for tracebacks of crashes.
``mark``
    Bytes that each message begins with, so that it is found among whatever else is written there.
``signal``
    Number of the signal that asks for such a traceback.
``env``
    Variables that must not be there while the interpreter starts (PYTHONPATH, PYTHONINSPECT).
``front``, ``entries``, ``stdlib``, ``sites``, ``last``, ``editable``, ``prefix``
    The import path: what comes to its front when ``site`` is done, and its four parts; names of
    ``.pth`` files to pass over; ``sys.prefix``.
``repository``, ``staged``, ``allowed``
    The repository's folder, whether the service runs in a copy of it, and the folders that may be
    used even where they lie in the repository.
``own_roots``, ``foreign_roots``, ``own_packages``
    Which code is first-party: below an own root and not below a foreign one, or in a package.
``module``, ``attribute``, ``call``, ``script``, ``setup``, ``symbols``, ``argv``
    What to import; no module and no script: nothing but what ``setup`` does.
``loads``, ``watch``
    Whether to tell which modules were loaded, by whom and how long each took; modules of which to
    tell where the first load of them, or of one below, came from.
``forbidden``
    Kinds of effects that startup must not have, of which ``network`` is refused; null where
    nothing starts: then neither effects are told nor failed imports that were caught.
``looks``
    Whether to tell what the process looked at, see `Looks`.
``question``
    What to do when that is imported, in this process; null for nothing, see `Asking`.
``keep``, ``questions``, ``timeout``
    Whether to stay then and answer questions, each in a fork that has so many seconds; the path
    of the pipe on which they come, each a four-byte big-endian length and a marshalled list.

The answers travel over the pipe, each the mark, a four-byte big-endian length and a JSON object:

``{"hello": PID}``
    The interpreter runs.
``{"at": [DEPTH, FILE, LINE, NAME]}``, ``{"done": DEPTH}``
    First-party code starts an import that is not cached, and is done with it.
``{"end": {…}}``
    The import finished or failed. Without this message it did neither, whatever the exit status.
    Its ``cost`` is null unless ``loads`` asks for it, else see `Loads.told`; there also
    ``deprecations``, of each warning that a first-party line caused ``[CATEGORY, TEXT, FILE,
    LINE]``.
    Its key ``looks``, and that of an answer, holds what `Looks` noted.
``{"flushed": true}``
    After an end or an answer: what it had printed has been written out.
``{"asking": true}``, ``{"answer": {…}}``, ``{"asked": [STATUS, TIMED OUT, TRACE]}``
    A question begins; what came of it, as in ``end``, unless the process died of it; what became
    of the fork: its wait status (null where somebody else took it, or where there could be no
    fork), whether its time was up, what faulthandler wrote.

Nothing of the standard library that a service could replace is looked up after its code has run.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

# What a plain start loads, too.
import _frozen_importlib
import _frozen_importlib_external
import _signal  # type: ignore[import-not-found] # it has no stub
import _thread
import builtins
import io
import marshal
import os
import site

PLAIN = frozenset(sys.modules) - {"__future__"}

# Functions look built-in names up here, whatever the service makes of those that all code shares.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

import faulthandler
import gc
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import CodeType, FrameType, FunctionType, ModuleType, TracebackType
    from typing import Any
else:
    ModuleType, FunctionType = type(sys), type(lambda: 0)

bootstrap: Any = _frozen_importlib  # untyped: of its private names two are replaced here
bootstrap_external: Any = _frozen_importlib_external
_MAX_LINKS = 20
_MAX_MEMBERS = 10  # of an exception group
_MAX_DEPTH = 3  # of groups in groups
_MAX_FRAMES = 120
_MAX_NAMES = 4000
_MAX_TEXT = 4000
_MAX_EDGES = 200000
_MAX_WARNINGS = 1000
_MAX_READS = 2000  # of variables
_MAX_READERS = 20  # of one variable
_MAX_LIMIT = (1 << 31) - 1  # of recursion: a C integer
_HIDDEN = "<frozen importlib"
# Before 3.12, CPython counts calls of functions written in C as it counts frames.
_C_CALL = 1 if sys.version_info < (3, 12) else 0


class Channel:
    """The way to whoever started the process, open to the process that was started alone."""

    def __init__(self, path: str, mark: bytes) -> None:
        self._path = path
        self._mark = mark
        self._root = os.getpid()
        self._main = _thread.get_ident()
        self._encode = encoder()
        self._getpid, self._ident = os.getpid, _thread.get_ident
        self._write, self._open, self._fstat = os.write, os.open, os.fstat
        self._flags = os.O_WRONLY | os.O_CLOEXEC
        self._descriptor = high(os.open(path, self._flags))
        self._identity = self._identify()

    def _identify(self) -> tuple[int, int]:
        status = self._fstat(self._descriptor)
        return status.st_dev, status.st_ino

    def adopt(self) -> None:
        """Let this process speak, a fork that answers a question."""
        self._root = self._getpid()

    def is_root(self) -> bool:
        """Whether this is the process that was started, and not a fork of it."""
        return self._getpid() == self._root

    def is_main(self) -> bool:
        """Whether this is its first thread, too."""
        return self._getpid() == self._root and self._ident() == self._main

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message; the service may have closed the descriptor or taken its number."""
        if not self.is_root():
            return
        body = self._encode(message).encode("ascii")
        data = self._mark + len(body).to_bytes(4, "big") + body
        try:
            intact = self._identify() == self._identity
        except OSError:
            intact = False
        if not intact:
            self._descriptor = self._open(self._path, self._flags)
            self._identity = self._identify()
        while data:
            data = data[self._write(self._descriptor, data) :]


def encoder() -> Callable[[Any], str]:
    """A JSON encoder that looks nothing up in the json package when it is called."""
    try:
        import _json
    except ImportError:  # an interpreter without the accelerator
        import json

        return json.JSONEncoder().encode
    make: Any = _json.make_encoder
    quote = _json.encode_basestring_ascii
    no, yes = False, True  # sort_keys, skipkeys; allow_nan
    chunks = make(None, None, quote, None, ": ", ", ", no, no, yes)
    join = "".join
    return lambda value: join(chunks(value, 0))


def high(descriptor: int) -> int:
    """A copy of the descriptor with a number that services do not stumble over."""
    most = os.sysconf("SC_OPEN_MAX")
    most = min(most, 1024) if most > 0 else 1024
    for number in range(max(3, most - 16), most):
        try:
            os.fstat(number)
        except OSError:  # free
            os.dup2(descriptor, number, inheritable=False)
            os.close(descriptor)
            return number
    return descriptor


def leave_as_plain() -> None:
    """Take out of ``sys.modules`` what a plain start would not have there."""
    for name in frozenset(sys.modules) - PLAIN:
        del sys.modules[name]


class Allowance:
    """The recursion limit: the service has all of it, frames of ours on its stack come on top.

    Of the main thread only. Before 3.10, CPython does not move the limit within fifty frames of it.
    """

    def __init__(self) -> None:
        self._get, self._set = sys.getrecursionlimit, sys.setrecursionlimit
        self._limit, self._lent = self._get(), 0
        self._ident, self._main = _thread.get_ident, _thread.get_ident()

    def install(self) -> None:
        """Make the limit that the service sees its own."""

        def getrecursionlimit() -> int:
            return self._limit

        def setrecursionlimit(limit: int, /) -> None:
            if type(limit) is int and 0 < limit <= _MAX_LIMIT:
                self._set(min(limit + self._lent, _MAX_LIMIT))
                self._limit = limit
            else:
                self._set(limit)  # which refuses it
                self._limit = self._get()

        for function in (getrecursionlimit, setrecursionlimit):
            function.__module__, function.__qualname__ = "sys", function.__name__
        sys.getrecursionlimit, sys.setrecursionlimit = getrecursionlimit, setrecursionlimit

    def lend(self, frames: int) -> int:
        """Raise the limit by so many frames; returns what `restore` takes."""
        if self._ident() != self._main:
            return -1
        before = self._lent
        self.restore(before + frames)
        return before

    def lend_all_but(self, frames: int, more: int = 0) -> None:
        """Give back what is lent; lend the frames there are now without so many, and `more`."""
        frame: Any = sys._getframe(1)  # noqa: SLF001
        while frame is not None:
            frame, more = frame.f_back, more + 1
        self.restore(more - frames)

    def restore(self, before: int) -> None:
        """Lend so many frames, no more and no less."""
        if before < 0:
            return
        self._lent = before
        try:
            self._set(min(self._limit + before, _MAX_LIMIT))
        except RecursionError:  # too near the limit to move it; whoever comes next moves it
            pass


class Boundary:
    """Where the repository begins, of which an image has but a copy of what ships.

    Paths are compared as they really are, without links. Of folders that lie in each other the
    innermost decides, so that a virtual environment inside the repository may be used.
    """

    def __init__(self, repository: str, allowed: Sequence[str]) -> None:
        self._realpath, self._readlink = os.path.realpath, os.readlink
        self._repository = self._realpath(repository).rstrip("/") + "/"
        roots = [self._realpath(root).rstrip("/") + "/" for root in allowed]
        self._allowed = tuple(r for r in roots if r.startswith(self._repository))
        self._folders: dict[str, bool] = {}

    def hides(self, path: object) -> bool:
        """Whether there would be nothing at `path`, had the machine no repository."""
        if type(path) is not str:
            return False
        real = self._realpath(path) + "/"
        return real.startswith(self._repository) and not real.startswith(self._allowed)

    def _hides_module(self, spec: Any) -> bool:
        file = spec.origin if spec.has_location else next(iter(spec.submodule_search_locations), "")
        folder = file.rpartition("/")[0]
        if folder not in self._folders:
            self._folders[folder] = self.hides(folder)
        try:
            self._readlink(file)
        except OSError:  # no link, so it lies where its folder does
            return self._folders[folder]
        return self.hides(file)

    def install(self) -> None:
        """Keep modules from being found beyond the boundary, by whatever link or path entry."""
        original, hides = bootstrap_external.FileFinder.find_spec, self._hides_module

        def find_spec(self: Any, fullname: str, target: Any = None) -> Any:
            spec = original(self, fullname, target)
            return None if spec is not None and hides(spec) else spec

        find_spec.__qualname__ = "FileFinder.find_spec"
        bootstrap_external.FileFinder.find_spec = disguised(find_spec, bootstrap_external)


def disguised(function: Any, module: ModuleType, called: str = "") -> Any:
    """The function as if it were one of the import system's, in `module`.

    Its globals are the module's, so it may use none of ours. Tracebacks, warnings and whoever walks
    the frames then pass over it as over the import system. Python trims such frames from an
    ImportError, and from any other exception where they end in the function `_TRIMMED` (CPython,
    Python/import.c).
    """
    code: CodeType = function.__code__
    file = "<frozen importlib.%s>" % module.__name__.replace("_frozen_importlib", "_bootstrap")
    file = file.replace("importlib.importlib.", "importlib.")
    code = code.replace(co_filename=file, co_name=called or code.co_name)
    made = FunctionType(
        code, module.__dict__, function.__name__, function.__defaults__, function.__closure__
    )
    made.__module__, made.__qualname__ = module.__name__, function.__qualname__
    return made


_TRIMMED = "_call_with_frames_removed"


class Ownership:
    """Which code is first-party."""

    def __init__(self, own: Sequence[str], foreign: Sequence[str], packages: Sequence[str]) -> None:
        self._own = tuple(root.rstrip("/") + "/" for root in own)
        self._foreign = tuple(root.rstrip("/") + "/" for root in foreign)
        self._packages = frozenset(packages)
        self.files: dict[str, bool] = {}

    def file(self, name: str, module: object) -> bool:
        """Whether code compiled from file `name`, in the module called `module`, is."""
        try:
            return self.files[name]
        except KeyError:
            pass
        if name.startswith("<"):  # text that was compiled: many modules run some of that name
            return type(module) is str and self.module(module, sys.modules)
        own = _top(module) in self._packages or self._holds(name)
        self.files[name] = own
        return own

    def module(self, name: str, modules: Mapping[str, Any]) -> bool:
        """Whether the loaded module `name` is; False for one that is not loaded."""
        if _top(name) in self._packages:
            return True
        file = _file_of(modules.get(name))
        return self._holds(file) if file else False

    def _holds(self, file: str) -> bool:
        """Whether the nearest root around `file` is an own one."""
        own = max([len(root) for root in self._own if file.startswith(root)], default=0)
        foreign = max([len(root) for root in self._foreign if file.startswith(root)], default=0)
        return own > foreign


def _top(name: object) -> str:
    return name.partition(".")[0] if isinstance(name, str) else ""


def _namespace_of(module: object) -> dict[str, Any]:
    """The module's dictionary, without running code of its own; empty for a stranger."""
    try:
        found = object.__getattribute__(module, "__dict__")
    except (AttributeError, TypeError):
        return {}
    return found if type(found) is dict else {}


def _file_of(module: object) -> str:
    namespace = _namespace_of(module)
    file = namespace.get("__file__")
    if isinstance(file, str):
        return file
    try:
        return "%s/" % next(iter(namespace["__path__"]))
    except (KeyError, TypeError, StopIteration):
        return ""


def _is_initializing(module: object) -> bool:
    try:
        return bool(_namespace_of(module)["__spec__"]._initializing)  # noqa: SLF001
    except (KeyError, AttributeError):
        return False


class Recorder:
    """Sees imports: statements by ``builtins.__import__``, calls by ``importlib.import_module``.

    Seen are the imports that first-party code makes and those of first-party modules.
    """

    def __init__(
        self,
        ownership: Ownership,
        channel: Channel,
        allowance: Allowance,
        effects: Effects,
        swallowed: Swallowed,
    ) -> None:
        self.edges: list[list[Any]] = []
        self.asked: set[str] = set()
        self.missing: dict[str, tuple[bool, list[str]]] = {}
        self._seen: set[Any] = set()
        self._foreign: set[str] = set()
        self._ownership = ownership
        self._channel = channel
        self._allowance = allowance
        self._begin, self._look = effects.begin, effects.look
        self._swallowed = swallowed
        self._modules = sys.modules
        self._depth = 0

    def install(self) -> None:
        """Take the place of ``__import__``, and of what ``importlib.import_module`` calls.

        An import that is under way has one frame of ours on the stack.
        """
        original, by_name = builtins.__import__, bootstrap._gcd_import  # noqa: SLF001
        getframe = sys._getframe  # noqa: SLF001
        begin, finish = self.begin, self.finish
        owned, foreign = self._ownership.files, self._foreign
        lend, restore, cost = self._allowance.lend, self._allowance.restore, 1 + _C_CALL
        hidden, anything = _HIDDEN, BaseException  # not of the builtins that all code shares

        def statement(
            name: str,
            globals: Any = None,  # noqa: A002 (the names callers may use)
            locals: Any = None,  # noqa: A002
            fromlist: Any = (),
            level: int = 0,
        ) -> Any:
            frame, begun = getframe(1), None
            if owned.get(frame.f_code.co_filename) is not False or not (level or name in foreign):
                begun = begin(frame, name, globals, fromlist, level)
            elif not level and not fromlist:
                return original(name, globals, locals, fromlist, level)
            lent = lend(cost)
            try:  # always a call with unpacked arguments: CPython 3.11 counts other calls at times
                result = original(*(name, globals, locals, fromlist, level))
            except anything as error:
                restore(lent)
                if begun is not None:
                    finish(begun, error)
                raise
            restore(lent)
            if begun is not None:
                finish(begun, None)
            return result

        def call(name: str, package: str | None = None, level: int = 0) -> Any:
            frame = getframe(1)
            if frame.f_code.co_filename.startswith(hidden):  # a parent package
                return by_name(name, package, level)
            if frame.f_code.co_name == "import_module" and frame.f_back is not None:
                frame = frame.f_back
            begun = begin(frame, name, {"__package__": package}, (), level)
            lent = lend(1)
            try:
                result = by_name(name, package, level)
            except anything as error:
                restore(lent)
                finish(begun, error)
                raise
            restore(lent)
            finish(begun, None)
            return result

        statement.__name__ = statement.__qualname__ = "__import__"
        call.__name__ = call.__qualname__ = "_gcd_import"
        builtins.__import__ = disguised(statement, bootstrap, _TRIMMED)
        builtins.__import__.__module__ = "builtins"
        bootstrap._gcd_import = disguised(call, bootstrap, "_gcd_import")  # noqa: SLF001

    def begin(
        self, frame: FrameType, name: str, scope: Any, fromlist: Any, level: int
    ) -> tuple[Any, ...] | None:
        """Take note that an import starts; returns what `finish` takes."""
        code = frame.f_code
        importer = frame.f_globals.get("__name__", "")
        own = self._ownership.file(code.co_filename, importer)
        self._swallowed.passed()
        if own:
            self._begin(code.co_filename, frame.f_lineno)
        target = _resolve(name, scope, level) if level else name
        if type(target) is not str:
            return None
        modules = self._modules
        fresh = target not in modules
        self.asked.add(target)
        coming = (target if fresh else _lacking(target, fromlist, modules)) if own else ""
        depth = -1
        if coming and self._channel.is_main():
            depth = self._depth
            self._depth += 1
            self._channel.send({"at": [depth, code.co_filename, frame.f_lineno, coming]})
        # A frame may no longer be asked when a hook of the service's forbids that.
        where = code, frame.f_lineno, frame
        return where, importer, own, target, fromlist, fresh, depth

    def finish(self, begun: tuple[Any, ...] | None, error: BaseException | None) -> None:
        """Note the import that `begin` saw when it concerns first-party code."""
        if begun is None:
            return
        where, importer, own, target, fromlist, fresh, depth = begun
        if depth >= 0:
            self._depth = depth
            self._channel.send({"done": depth})
        first_party = self._ownership.module(target, self._modules)
        if fresh:
            self._look(after=_file_of(self._modules.get(target)))
        if error is not None and (own or first_party):
            self._swallowed.failed(error, where[2])
        if own or first_party or (error is not None and fresh):
            self._note(where, importer, own, target, fromlist, self._modules, error)
        if error is None and not first_party:
            self._foreign.add(target)

    def _note(
        self,
        where: tuple[CodeType, int, FrameType],
        importer: object,
        own: bool,  # noqa: FBT001
        target: str,
        fromlist: Any,
        modules: Mapping[str, Any],
        error: BaseException | None,
    ) -> None:
        names = tuple(n for n in fromlist or () if type(n) is str)
        code, line, frame = where
        key = (code.co_filename, line, target, names, error is not None)
        if key in self._seen or len(self.edges) >= _MAX_EDGES:
            return
        self._seen.add(key)
        text = "" if error is None else "%s: %s" % (_SHORT(type(error)), _text(error)[:300])
        below = [n for n in names if "%s.%s" % (target, n) in modules]
        if error is None and names:
            text = self._absent(target, names, below, modules.get(target))
            if text:
                self._swallowed.lacks(frame, self._lost(target, text))
        self.edges.append(
            [
                importer if type(importer) is str else "",
                code.co_filename,
                line,
                target,
                list(names),
                below,
                code.co_name != "<module>" and bool(code.co_flags & 2),  # CO_NEWLOCALS
                own,
                error is None and self._ownership.module(target, modules),
                text,
            ]
        )

    def _lost(self, target: str, text: str) -> dict[str, Any]:
        """What the importing code is about to raise, described as if it had."""
        initializing, names = self.missing[target]
        return {
            "type": "ImportError",
            "bases": ["ImportError", "Exception", "BaseException"],
            "message": text.partition(": ")[2],
            "relation": "",
            "name": target,
            "initializing": initializing,
            "names": names,
        }

    def _absent(
        self, target: str, names: Sequence[str], below: Sequence[str], module: object
    ) -> str:
        """What ``from target import names`` is about to raise; empty when all names are there."""
        namespace = _namespace_of(module)
        if type(module) is not ModuleType or "__getattr__" in namespace:
            return ""  # only asking it would tell, and asking runs its code
        for name in names:
            if name != "*" and name not in namespace and name not in below:
                self.missing[target] = (_is_initializing(module), _names(namespace))
                return "ImportError: cannot import name %r from %r" % (name, target)
        return ""


class Loads:
    """Sees modules being loaded, in the lock that the import system holds on each meanwhile.

    So no frame of ours is on the stack while a module runs.
    """

    def __init__(self, ownership: Ownership, watch: Sequence[str]) -> None:
        self._ownership = ownership
        self._before = frozenset(sys.modules)
        self._modules = sys.modules
        self._loads: list[list[Any]] = []
        self._running: dict[int, list[Any]] = {}
        self._watch = tuple(name for name in watch if name not in self._before)
        self._early = [name for name in watch if name in self._before]
        self._ways: dict[str, tuple[list[Any], list[list[Any]]]] = {}
        self._ident, self._now = _thread.get_ident, time.perf_counter
        self._getframe = sys._getframe  # noqa: SLF001
        self._status = "/proc/self/status", os.O_RDONLY | os.O_CLOEXEC
        self._open, self._read, self._close = os.open, os.read, os.close

    def install(self) -> None:
        """Take the place of what takes the lock."""
        lock = bootstrap._ModuleLockManager  # noqa: SLF001
        enter, leave = lock.__enter__, lock.__exit__
        begin, finish = self._begin, self._finish

        def taken(self: Any) -> None:
            enter(self)
            try:
                begin(self._name)
            except BaseException:  # at the recursion limit, or interrupted
                leave(self, None, None, None)
                raise

        def released(self: Any, *error: Any) -> None:
            try:
                finish(self._name, error[:1] == (None,))
            finally:
                leave(self, *error)

        for name, function in (("__enter__", taken), ("__exit__", released)):
            function.__name__, function.__qualname__ = name, "_ModuleLockManager.%s" % name
            setattr(lock, name, disguised(function, bootstrap, name))

    def _begin(self, name: str) -> None:
        running = self._running.setdefault(self._ident(), [])
        if name in self._modules or len(self._loads) >= _MAX_EDGES:
            running.append((name, None))
            return
        frame: Any = self._getframe(2)
        code = frame.f_code
        while frame.f_back is not None and (
            code.co_filename.startswith(_HIDDEN) or _is_by_name(code)
        ):
            frame = frame.f_back
            code = frame.f_code
        importer, file = frame.f_globals.get("__name__", ""), code.co_filename
        line = frame.f_lineno
        if file == __file__:  # what was asked for
            importer, file, line = "", "", 0
        importer = importer if type(importer) is str else ""
        own = self._ownership.file(file, importer) if file else False
        around = next((load for _, load in reversed(running) if load is not None), None)
        load = [name, around, importer, file, line, own, self._now()]
        for watched in self._watch:
            if watched not in self._ways and _is_within(name, watched):
                self._ways[watched] = load, self._way(frame)
        self._loads.append(load)
        running.append((name, load))

    def _finish(self, name: str, loaded: bool) -> None:  # noqa: FBT001
        running = self._running.get(self._ident(), [])
        at = len(running) - 1
        while at >= 0 and running[at][0] != name:  # greenlets end in any order
            at -= 1
        load = running.pop(at)[1] if at >= 0 else None
        if load is None:
            return
        load[-1] = self._now() - load[-1]
        if not loaded:
            load[0] = ""
            for watched, (first, _) in list(self._ways.items()):
                if first is load and not self._has(watched):
                    del self._ways[watched]  # whoever tried could do without it

    def _has(self, watched: str) -> bool:
        return any(type(name) is str and _is_within(name, watched) for name in list(self._modules))

    def _way(self, frame: Any) -> list[list[Any]]:
        """How the code that `frame` runs was come to, outermost first."""
        frames: list[list[Any]] = []
        while frame is not None and len(frames) < _MAX_FRAMES:
            code, module = frame.f_code, frame.f_globals.get("__name__", "")
            name = code.co_filename
            if not name.startswith(_HIDDEN) and name != __file__ and not _is_by_name(code):
                module = module if type(module) is str else ""
                own = self._ownership.file(name, module)
                frames.append([name, frame.f_lineno, code.co_name, module, own])
            frame = frame.f_back
        return frames[::-1]

    def peak(self) -> int:
        """The most bytes of memory that the process has held, as /proc tells it; else 0."""
        try:
            descriptor = self._open(*self._status)
        except BaseException:  # there is none, or a hook of the service's forbids it
            return 0
        try:
            text = self._read(descriptor, 1 << 14)
        except OSError:
            return 0
        finally:
            self._close(descriptor)
        _, _, rest = text.partition(b"VmHWM:")
        number = rest.split(None, 1)[:1]
        return int(number[0]) * 1024 if number and number[0].isdigit() else 0

    def told(self, memory: int) -> dict[str, Any]:
        """What startup has cost.

        Returns:
            ``loads``: of each that came to an end ``[NAME, INDEX OF THE LOAD AROUND IT OR -1,
            IMPORTER, FILE, LINE, FIRST-PARTY, SECONDS]``. ``count``: how many modules there are
            that a plain start does not leave. ``memory``: the most bytes held. ``ways``: of each
            watched module that was loaded the frames of its first import, none where nobody knows;
            null where the interpreter had loaded it before anything else ran.
        """
        names = [name for name in list(self._modules) if type(name) is str]
        ways: dict[str, Any] = dict.fromkeys(self._early)
        for watched in self._watch:
            if watched in self._ways:
                ways[watched] = self._ways[watched][1]
            elif self._has(watched):
                ways[watched] = []
        count = sum(name not in self._before for name in names)
        done = [load for load in self._loads if load[0]]
        numbers = {id(load): number for number, load in enumerate(done)}
        loads = []
        for name, around, *more in done:
            while around is not None and not around[0]:
                around = around[1]
            loads.append([name, numbers.get(id(around), -1), *more])
        return {"loads": loads, "count": count, "memory": memory, "ways": ways}


class Deprecations:
    """Sees warnings of what is deprecated, as a filter of warnings that applies to none.

    So every warning that no filter of the service's decides about is seen, whoever gives it, and
    meets what it would have met anyway. What is compiled gives its warnings only when it is not
    compiled yet: they are passed over. A filter is told the module that is to blame and not the
    line: that is where its innermost frame stands, in a function that blames its own module that of
    the function.
    """

    def __init__(self, ownership: Ownership) -> None:
        self.seen: list[list[Any]] = []
        self._ownership = ownership
        self._kinds = DeprecationWarning, PendingDeprecationWarning, FutureWarning
        self._text = self._module = ""
        self._getframe = sys._getframe  # noqa: SLF001

    def install(self) -> None:
        """Become the first filter."""
        import _warnings

        of_text, of_module = _Matcher(self._take_text), _Matcher(self._take_module)
        filters: Any = _warnings.filters
        filters.insert(0, ("ignore", of_text, _Category(self._take), of_module, 0))

    def _take_text(self, text: object) -> None:
        self._text = text if type(text) is str else ""

    def _take_module(self, module: object) -> None:
        self._module = module if type(module) is str else ""

    def _take(self, category: object) -> None:
        if not isinstance(category, type) or len(self.seen) >= _MAX_WARNINGS:
            return
        if not any(kind in category.__mro__ for kind in self._kinds):
            return
        frame: Any = self._getframe(2)
        while frame is not None and frame.f_globals.get("__name__") != self._module:
            frame = frame.f_back
        if frame is None or not self._ownership.file(frame.f_code.co_filename, self._module):
            return
        home = "" if category.__module__ == "builtins" else "%s." % category.__module__
        kind, text = "%s%s" % (home, category.__qualname__), _bounded(self._text)
        found = [kind, text, frame.f_code.co_filename, frame.f_lineno]
        if found not in self.seen:
            self.seen.append(found)


class _Matcher:
    """Stands for a regular expression in a filter of warnings."""

    def __init__(self, take: Callable[[object], None]) -> None:
        self._take = take

    def match(self, text: object) -> None:
        """Match nothing."""
        self._take(text)


class _Category:
    """Stands for a category in a filter of warnings."""

    def __init__(self, take: Callable[[object], None]) -> None:
        self._take = take

    def __subclasscheck__(self, category: object) -> bool:
        self._take(category)
        return False


def _is_within(name: str, package: str) -> bool:
    return name == package or name.startswith("%s." % package)


class Swallowed:
    """Imports that fail and do not end the start, because somebody caught the exception.

    An exception is held until its thread begins another import: by then whoever caught it has, and
    its traceback begins there. Of what is looked at here only imports that concern first-party code
    are held.
    """

    def __init__(self, ownership: Ownership, starts: bool) -> None:  # noqa: FBT001
        self.describe: Callable[[BaseException], list[dict[str, Any]]] | None = None
        self._starts = starts
        self._found: list[list[Any]] = []
        self._held: dict[int, tuple[BaseException | None, list[Any], list[list[Any]]]] = {}
        self._ident, self._ownership = _thread.get_ident, ownership

    def failed(self, error: BaseException, frame: FrameType) -> None:
        """Take note that an import raises, at a frame."""
        if not self._starts:
            return
        ident = self._ident()
        held = self._held.get(ident)
        if held is not None and held[0] is not error and held[0] is not error.__cause__:
            if held[0] is not None or not _ends_at(error, held[1][0]["frames"][0]):
                self._settle(ident)
        self._held[ident] = error, [], self._around(frame)

    def lacks(self, frame: FrameType, link: dict[str, Any]) -> None:
        """Take note that a name is missing, which the importing code is about to find out."""
        if self._starts:
            self._settle(self._ident())
            around = self._around(frame)
            self._held[self._ident()] = None, [{**link, "frames": around[:1]}], around

    def passed(self) -> None:
        """Take note that the thread goes on."""
        if self._held:
            self._settle(self._ident())

    def end(self) -> list[list[Any]]:
        """Everything seen: each exception with what led to it, and a frame.

        That is the innermost of the service's own that called whoever caught it, if that was code
        of others; else null.
        """
        for ident in list(self._held):
            self._settle(ident)
        self._starts = False
        return self._found

    def _settle(self, ident: int) -> None:
        held = self._held.pop(ident, None)
        if held is None or self.describe is None or len(self._found) >= _MAX_SWALLOWED:
            return
        error, links, around = held
        if error is not None:
            try:
                links = self.describe(error)
            except RecursionError:  # no room on the service's stack: there will be later
                self._held[ident] = held
                return
        if not links[0]["frames"]:  # whoever caught it has taken the traceback away
            links[0]["frames"] = around[:1]
        if not links[0]["frames"]:
            return
        caught = links[0]["frames"][0]
        led = None
        if not caught[4]:
            calls = around[around.index(caught) :] if caught in around else []
            led = next((frame for frame in calls if frame[4]), None)
        self._found.append([links, led])

    def _around(self, frame: Any) -> list[list[Any]]:
        """The frames from there outwards, as far as it may matter."""
        found: list[list[Any]] = []
        try:
            while frame is not None and len(found) < _MAX_AROUND:
                code, module = frame.f_code, frame.f_globals.get("__name__", "")
                own = self._ownership.file(code.co_filename, module)
                name = module if type(module) is str else ""
                found.append([code.co_filename, frame.f_lineno, code.co_name, name, own])
                frame = frame.f_back
        except Exception:  # a hook of the service's forbids to ask a frame
            return found
        return found


_MAX_SWALLOWED = 500
_MAX_AROUND = 60


def _ends_at(error: BaseException, frame: Sequence[Any]) -> bool:
    """Whether an exception was raised in that line."""
    traceback: Any = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return False
    code = traceback.tb_frame.f_code
    return bool((code.co_filename, traceback.tb_lineno) == (frame[0], frame[1]))


class Effects:
    """What startup does beside importing: audit events, wrapped functions and the path show it.

    Each effect is told with the frames that led to it, those of a thread after those that started
    it. Not seen is what C code does on its own, as a database driver's connect or a call by ctypes.
    Processes that startup forks tell theirs by a file, since only the first may use the pipe.
    """

    def __init__(
        self, ownership: Ownership, channel: Channel, side: str, forbidden: Sequence[str]
    ) -> None:
        self._found: list[list[Any]] = []
        self._places: dict[tuple[str, str, int], list[Any]] = {}
        self._starts: dict[int, list[list[Any]]] = {}  # by thread, the frames that started it
        self._ownership, self._is_root = ownership, channel.is_root
        self._side, self._refuses = side, "network" in forbidden
        self._open, self._read, self._write, self._close = os.open, os.read, os.write, os.close
        self._lstat, self._fspath, self._open_code = os.lstat, os.fspath, io.open_code
        self._dumps, self._loads = marshal.dumps, marshal.loads
        self._home = os.environ.get("HOME", "").rstrip("/") + "/"
        self._modules, self._getframe = sys.modules, sys._getframe  # noqa: SLF001
        names = (name for name in dir(_signal) if name[:3] == "SIG" and name[3:4].isalpha())
        self._signals = {int(getattr(_signal, name)): name for name in names}
        self._events: dict[str, tuple[str, Callable[[Any], str]]] = {}
        self._watches = False
        self._path: list[Any] = []
        self._begun = "", 0  # where own code began an import last

    def install(self) -> None:
        """Wrap what audit events do not tell of, before anybody binds it."""
        for name in ("start_new_thread", "start_new", "start_joinable_thread"):
            if hasattr(_thread, name):
                self._wrap(_thread, name, self._thread)
        self._wrap(_signal, "signal", self._signalled)

    def watch(self) -> None:
        """Begin to watch: startup begins."""
        events, look, refuses = self._events, self.look, self._refuses
        descriptor = self._open(self._side, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._close(descriptor)

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event == "import":
                look()
                return
            known = events.get(event)
            if known is None:
                return
            kind, describe = known
            try:
                what = describe(args)
                if what:
                    self._note(kind, what)
            except Exception:  # strange arguments, no room on the stack: none of ours
                return
            if what and refuses and kind == "network":
                raise PermissionError(1, _REFUSAL)

        events["socket.connect"] = "network", lambda args: _address("connects to %s:%d", args)
        for event in ("socket.sendto", "socket.sendmsg"):
            events[event] = "network", lambda args: _address("sends to %s:%d", args)
        for name in ("getaddrinfo", "gethostbyname", "gethostbyaddr"):
            events["socket.%s" % name] = "network", _host
        for event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"):
            events[event] = "subprocess", self._program
        for event in ("os.fork", "os.forkpty"):
            events[event] = "subprocess", lambda _: "forks"
        events["open"] = "write", self._opened
        events["sqlite3.connect"] = "write", self._database
        for event, words in _WRITES.items():
            events[event] = "write", self._change(*words)
        self._path[:], self._watches = sys.path, True
        sys.addaudithook(hook)

    def end(self) -> list[list[Any]]:
        """Everything seen: kind, what, how often, frames. Nothing is watched any longer."""
        self.look()
        self._watches = False
        self._events.clear()
        try:
            descriptor = self._open(self._side, _TO_READ)
        except BaseException:  # there is none, or a hook of the service's forbids it
            return self._found
        data = self._read(descriptor, _MAX_SIDE)
        self._close(descriptor)
        of_forks = [self._loads(bytes.fromhex(line.decode())) for line in data.split(b"\n")[:-1]]
        return self._found + of_forks

    def begin(self, file: str, line: int) -> None:
        """Take note that own code begins an import there."""
        self.look()
        self._begun = file, line

    def look(self, *, after: object = None) -> None:
        """See whether the import path has changed since the last look.

        Args:
            after: the file of the module whose import is over, if that is why one looks; empty
                where it has none.
        """
        if not self._watches:
            return
        try:
            if sys.path == self._path:
                return
            before, self._path = self._path, list(sys.path)
            added = [e for e in self._path if e not in before]
            gone = [e for e in before if e not in self._path]
            what = ["puts %s onto sys.path" % self._shown(e) for e in added]
            what += ["takes %s off sys.path" % self._shown(e) for e in gone]
            frames = self._frames()
            found = self._find_line(frames, after)
            for text in what or ["changes the order of sys.path"]:
                self._keep("path", text if found else "%s before this line" % text, frames)
        except Exception:
            return

    def _wrap(self, module: ModuleType, name: str, before: Callable[[Any], None]) -> None:
        original: Any = getattr(module, name)

        def wrapper(*args: Any, **named: Any) -> Any:
            before(args)
            return original(*args, **named)

        wrapper.__name__ = wrapper.__qualname__ = name
        setattr(module, name, disguised(wrapper, module, name))

    def _note(self, kind: str, what: str) -> None:
        """Keep the effect of the call that is about to be made."""
        frame: Any = self._getframe(1)
        while frame is not None:  # a line that has many costs little
            code = frame.f_code
            if self._ownership.file(code.co_filename, frame.f_globals.get("__name__")):
                known = self._places.get((kind, code.co_filename, frame.f_lineno))
                if known is not None:
                    self._add(known, what[:_MAX_LINE])
                    return
                break
            frame = frame.f_back
        self._keep(kind, what, self._frames())

    def _add(self, known: list[Any], what: str) -> None:
        known[2] += 1
        if len(known[1]) < _MAX_WHAT and what not in known[1]:
            known[1].append(what)

    def _keep(self, kind: str, what: str, frames: list[list[Any]]) -> None:
        """Keep an effect; of those of one kind that one line causes, the first few."""
        if not frames:
            return
        what = what[:_MAX_LINE]
        own = next((frame for frame in reversed(frames) if frame[4]), frames[-1])
        key = kind, own[0], own[1]
        known = self._places.get(key)
        if known is not None:
            self._add(known, what)
            return
        if len(self._places) >= _MAX_EFFECTS:
            return
        self._places[key] = effect = [kind, [what], 1, frames]
        if self._is_root():
            self._found.append(effect)
            return
        descriptor = self._open(self._side, _TO_APPEND)
        self._write(descriptor, self._dumps(effect, 2).hex().encode() + b"\n")
        self._close(descriptor)

    def _frames(self) -> list[list[Any]]:
        """The way to the call that is about to be made, outermost first."""
        frame: Any = self._getframe(1)
        found: list[list[Any]] = []
        last = None
        while frame is not None:
            code = frame.f_code
            name = code.co_filename
            if name != __file__ and not name.startswith(_HIDDEN) and not _is_by_name(code):
                module = frame.f_globals.get("__name__", "")
                module = module if type(module) is str else ""
                own = self._ownership.file(name, module)
                found.append([name, frame.f_lineno, code.co_name, module, own])
            frame, last = frame.f_back, frame
        found.reverse()
        found = self._starts.get(_thread_of(last), []) + found
        half = _MAX_FRAMES // 2
        return found if len(found) <= _MAX_FRAMES else found[:half] + found[-half:]

    def _find_line(self, frames: list[list[Any]], after: object) -> bool:
        """Let the last frame stand at the line that changed the path; whether that is known.

        The change is noticed by the next import or when the module that made it is done, so the
        line is the last before that which names the path, and comes after the last import that own
        code has begun. Of others' modules it is enough to know which line led to them.
        """
        own = [i for i, frame in enumerate(frames) if frame[4]]
        if after and type(after) is str and self._ownership.file(after, ""):
            frames.append([after, 1 << 30, "<module>", "", True])
            own = [len(frames) - 1]
        elif after is not None:
            return True
        known = {place[1:] for place in self._places if place[0] == "path"}
        file, line = self._begun
        for i in sorted(own, key=lambda i: (frames[i][0] == file, i), reverse=True):
            with self._open_code(frames[i][0]) as source:
                lines = source.read().split(b"\n")[: frames[i][1]]
            for number in range(len(lines), line if frames[i][0] == file else 0, -1):
                names = b"sys.path" in lines[number - 1] or b"addsitedir" in lines[number - 1]
                if names and (frames[i][0], number) not in known:
                    i = next(j for j in own if frames[j][0] == frames[i][0])
                    frames[i][1] = number
                    del frames[i + 1 :]
                    return True
        if after is not None:
            frames[-1][1] = 0
        return not frames or not frames[-1][4]

    def _innermost(self) -> Any:
        """The frame that makes the call."""
        frame: Any = self._getframe(1)
        while frame.f_code.co_filename == __file__:
            frame = frame.f_back
        return frame

    def _shown(self, path: Any) -> str:
        """A path as text, the process's own home folder as ``~``."""
        if not isinstance(path, (str, bytes)) and not hasattr(type(path), "__fspath__"):
            return "a %s" % type(path).__name__
        path = self._fspath(path)
        text: str = path.decode("utf-8", "surrogateescape") if type(path) is bytes else path
        return "~/%s" % text[len(self._home) :] if text.startswith(self._home) else text

    def _opened(self, args: Any) -> str:
        path, mode, flags = args
        writes = mode is None or any(letter in mode for letter in "wax+")
        if not writes or type(path) is int or not flags & _TO_WRITE:
            return ""
        name = self._shown(path)
        if name == self._side or (name.startswith(_DEVICES) and not name.startswith("/dev/shm/")):
            return ""
        return self._unless_machinery("opens %s for writing" % name)

    def _change(self, words: str, index: int, there: bool) -> Callable[[Any], str]:  # noqa: FBT001
        """What describes a change of the file system, if it will come about.

        Args:
            words: with the path's place.
            index: of the path among the arguments.
            there: whether something must be there for it, or must not.
        """

        def describe(args: Any) -> str:
            name = self._shown(args[index])
            try:
                self._lstat(args[index])
            except OSError:
                exists = False
            else:
                exists = True
            return self._unless_machinery(words % name) if exists is there else ""

        return describe

    def _unless_machinery(self, what: str) -> str:
        """Nothing where compiled modules are kept, or where tempfile tries out a folder."""
        code = self._innermost().f_code
        machinery = code.co_filename.startswith(_HIDDEN) or code.co_name == _TRIES_FOLDERS
        return "" if machinery else what

    def _database(self, args: Any) -> str:
        name = self._shown(args[0])
        if not name or ":memory:" in name or "mode=memory" in name or "mode=ro" in name:
            return ""
        return "opens the database %s" % name

    def _program(self, args: Any) -> str:
        """The program; its arguments may hold secrets."""
        if self._innermost().f_globals.get("__name__") == "subprocess" and len(args) == 3:
            return ""  # how subprocess.Popen, which has been seen, does it
        program = args[0]
        if type(program) is int:  # os.spawn's mode
            program = args[1]
        if program is None:
            program = args[1] if type(args[1]) in (str, bytes) else args[1][0]
        name = self._shown(program)
        return "runs %s" % (name.split(None, 1) or [""])[0] if len(args) == 1 else "runs %s" % name

    def _thread(self, args: Any) -> None:
        if not self._watches:
            return
        try:
            owner = getattr(args[0], "__self__", None)
            name = _namespace_of(owner).get("_name")
            text = "starts a thread"
            self._note("thread", "%s, %s" % (text, name) if type(name) is str else text)
            if len(self._starts) < _MAX_EFFECTS:
                code = getattr(args[0], "__code__", None)
                self._starts[id(code if owner is None else owner)] = self._frames()
        except Exception:
            return

    def _signalled(self, args: Any) -> None:
        if not self._watches:
            return
        try:
            name = self._signals.get(int(args[0]), "signal %d" % args[0])
            self._note("signal", "sets a handler for %s" % name)
        except Exception:
            return


_REFUSAL = "startup.forbid of the service's contract refuses network"
_MAX_EFFECTS = 200  # lines that have one
_MAX_WHAT = 3  # of one line
_MAX_LINE = 300  # characters
_MAX_SIDE = 1 << 20  # bytes that forks tell
_TO_READ, _TO_APPEND = os.O_RDONLY, os.O_WRONLY | os.O_APPEND
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_DEVICES = ("/dev/", "/proc/")
_TRIES_FOLDERS = "_get_default_tempdir"
_WRITES = {
    "os.mkdir": ("makes the folder %s", 0, False),
    "os.rename": ("renames %s", 0, True),
    "os.remove": ("removes %s", 0, True),
    "os.rmdir": ("removes the folder %s", 0, True),
    "os.truncate": ("cuts %s", 0, True),
    "os.chmod": ("changes the mode of %s", 0, True),
    "os.chown": ("changes the owner of %s", 0, True),
    "os.symlink": ("makes the link %s", 1, False),
    "os.link": ("makes the link %s", 1, False),
}


def _address(words: str, args: Any) -> str:
    """The words for a socket's host and port; empty for one that does not leave the system."""
    address = args[1]
    if type(address) is not tuple or len(address) not in (2, 4) or type(address[0]) is not str:
        return ""
    host, port = address[:2]
    return words % ("[%s]" % host if ":" in host else host, port)


def _host(args: Any) -> str:
    """The name that is about to be looked up; empty for an address and for this machine."""
    host = args[0].decode("ascii") if type(args[0]) is bytes else args[0]
    if not host or host == "localhost" or ":" in host or host.replace(".", "").isdigit():
        return ""
    return "looks up %s" % host


def _thread_of(outermost: Any) -> int:
    """What tells a thread, by the frame that it began with."""
    if outermost is None:
        return 0
    if outermost.f_code.co_name == "_bootstrap":
        return id(outermost.f_locals.get("self"))
    return id(outermost.f_code)


def _lacking(target: str, fromlist: Any, modules: Mapping[str, Any]) -> str:
    """The submodule that ``from target import …`` may be about to load; empty for none."""
    namespace = _namespace_of(modules.get(target))
    for name in fromlist or ():
        if type(name) is str and name != "*" and name not in namespace:
            return "%s.%s" % (target, name)
    return ""


def _resolve(name: object, scope: Any, level: int) -> str | None:
    """The absolute name of a relative import; None where Python itself will complain."""
    scope = scope or {}
    package = scope.get("__package__")
    if package is None:
        package = getattr(scope.get("__spec__"), "parent", None)
    if package is None:
        package = scope.get("__name__", "")
        if "__path__" not in scope:
            package = package.rpartition(".")[0] if type(package) is str else ""
    if type(package) is not str or type(name) is not str:
        return None
    parts = package.rsplit(".", level - 1)
    if len(parts) < level or not parts[0]:
        return None
    return "%s.%s" % (parts[0], name) if name else parts[0]


def _names(namespace: Iterable[object]) -> list[str]:
    return [name for name in namespace if type(name) is str][:_MAX_NAMES]


def _text(error: BaseException) -> str:
    """The message of an exception, also of one that cannot say it."""
    try:
        text = str(error)
    except BaseException:  # whatever a service's __str__ raises
        return "<its __str__ raises>"
    return text if type(text) is str else ""


def _exit_status(code: object) -> int:
    """What the process would have exited with, had the interpreter handled ``SystemExit(code)``."""
    if code is None:
        return 0
    if not issubclass(type(code), int):
        return 1
    number: int = int.__add__(code, 0)  # type: ignore[operator]
    return number & 0xFF if -(1 << 63) <= number < 1 << 63 else 0xFF  # a C long, or -1


def _bounded(text: object) -> str:
    if type(text) is not str:
        return ""
    if len(text) <= _MAX_TEXT:
        return text
    half = _MAX_TEXT // 2
    left_out = len(text) - 2 * half
    return "%s … [%d characters] … %s" % (text[:half], left_out, text[-half:])


class Reads:
    """Sees which variables are asked for in ``os.environ``, whether they are there, and by whom.

    A dictionary of ours takes the place of the one within ``os.environ``: what the service sees of
    that stays as it is. Who goes through all variables asks for none by name.
    """

    def __init__(self, ownership: Ownership) -> None:
        self.found: list[list[Any]] = []
        self._ownership = ownership
        self._before: frozenset[Any] = frozenset()
        self._seen: set[Any] = set()
        self._counts: dict[Any, int] = {}
        self._walked: set[Any] = set()
        self._getframe = sys._getframe  # noqa: SLF001
        # Code of these modules stands between os.environ and whoever asks.
        self._between = [os.__dict__, type(os.environ).get.__globals__]
        self._data: Any = {}

    def install(self) -> None:
        """Take the dictionary's place."""
        kept = getattr(os.environ, "_data", None)
        if type(kept) is not dict:  # another Python's
            return
        note, walk = self._note, self._walk
        getitem, contains, iterate = dict.__getitem__, dict.__contains__, dict.__iter__

        class Variables(dict):  # type: ignore[type-arg]
            __slots__ = ()

            def __getitem__(self, name: Any) -> Any:
                note(name, contains(self, name))
                return getitem(self, name)

            def __iter__(self) -> Any:
                walk()
                return iterate(self)

        self._data = Variables(kept)
        self._before = frozenset(kept)
        environs: list[Any] = [os.environ, os.environb]
        for environ in environs:
            environ._data = self._data  # noqa: SLF001

    def added(self) -> list[str]:
        """The variables that the service has set itself, as far as it has."""
        names = [name for name in dict.keys(self._data) if name not in self._before]
        return [name.decode("utf-8", "surrogateescape") for name in names if type(name) is bytes]

    def take_settings(self, modules: Mapping[str, Any]) -> None:
        """Note the required variables of pydantic-settings' objects in first-party modules.

        Their class reads all variables at once, so it is seen to ask for none.
        """
        base = _namespace_of(modules.get("pydantic_settings")).get("BaseSettings")
        if not isinstance(base, type):
            return
        kinds = []
        for name, module in list(modules.items()):
            if type(name) is str and self._ownership.module(name, modules):
                found = (type(value) for value in list(_namespace_of(module).values()))
                kinds += [kind for kind in found if base in type.mro(kind) and kind not in kinds]
        names = {
            name.decode("utf-8", "surrogateescape").upper(): name
            for name in dict.keys(self._data)
            if type(name) is bytes
        }
        for kind in kinds:
            home = _file_of(modules.get(kind.__module__))
            for variable in _required(kind):
                if variable.upper() in names and home:
                    shown = names[variable.upper()].decode("utf-8", "surrogateescape")
                    self.found.append([shown, home, 0, "pydantic_settings", True, True, True])

    def _walk(self) -> None:
        try:
            frame = self._reader(3)[0]
            self._walked.add((frame.f_code, frame.f_lineno))
        except Exception:  # nothing that is noted is worth a failure of the service
            return

    def _note(self, name: Any, there: bool) -> None:  # noqa: FBT001
        count = self._counts.get(name, 0)
        if count >= _MAX_READERS or len(self.found) >= _MAX_READS:
            return
        self._counts[name] = count + 1
        try:
            frame, needed = self._reader(3)
            if (frame.f_code, frame.f_lineno) not in self._walked:
                self._take(name.decode("utf-8", "surrogateescape"), frame, needed, there)
        except Exception:
            return

    def _reader(self, depth: int) -> tuple[Any, bool]:
        """The frame that asks, and whether it can do without the variable."""
        frame: Any = self._getframe(depth)
        needed = True
        while frame.f_back is not None and any(frame.f_globals is each for each in self._between):
            needed = needed and frame.f_code.co_name == "__getitem__"
            frame = frame.f_back
        return frame, needed

    def _take(self, name: str, frame: Any, needed: bool, there: bool) -> None:  # noqa: FBT001
        """Note the reader, and the first-party line that has it read."""
        reader = _name_of(frame)
        at: Any = frame
        while at is not None and not self._is_own(at):
            # Whatever code of others reads while it is imported, it reads for itself.
            at = None if at.f_code.co_name == "<module>" else at.f_back
        own = at is not None
        at = at or frame
        file, line, needed = at.f_code.co_filename, at.f_lineno, needed and at is frame
        if file == __file__ or (name, file, line, needed, there) in self._seen:
            return
        self._seen.add((name, file, line, needed, there))
        self.found.append([name, file, line, reader, own, needed, there])

    def _is_own(self, frame: Any) -> bool:
        return self._ownership.file(frame.f_code.co_filename, _name_of(frame))


def _name_of(frame: Any) -> str:
    """The name of the module whose code it runs."""
    name = frame.f_globals.get("__name__", "")
    return name if type(name) is str else ""


def _getter(owner: Any, name: str) -> Callable[[Any], Any]:
    """What reads an attribute that a built-in class gives, past what may lie over it."""
    getter: Callable[[Any], Any] = owner.__dict__[name].__get__
    return getter


_CAUSE, _CONTEXT = _getter(BaseException, "__cause__"), _getter(BaseException, "__context__")
_IS_ALONE = _getter(BaseException, "__suppress_context__")
_TRACEBACK = _getter(BaseException, "__traceback__")
_MODULE, _NAME = _getter(type, "__module__"), _getter(type, "__qualname__")
_SHORT = _getter(type, "__name__")
_ORDER = _getter(type, "__mro__")


def _named(error: BaseException) -> dict[str, Any]:
    """The name of an exception's class, and those of the built-in classes that it extends."""
    kind = type(error)
    module = _MODULE(kind)
    shown = "" if type(module) is not str or module == "builtins" else "%s." % module
    bases = [_NAME(base) for base in _ORDER(kind) if _MODULE(base) == "builtins"]
    return {"type": shown + _NAME(kind), "bases": bases}


class Describer:
    """Turns exceptions into plain values."""

    def __init__(self, ownership: Ownership, recorder: Recorder) -> None:
        self._ownership = ownership
        self._recorder = recorder

    def chain(self, error: BaseException | None, depth: int = _MAX_DEPTH) -> list[dict[str, Any]]:
        """The exception, then what led to it; groups tell their members so many levels deep."""
        links: list[dict[str, Any]] = []
        seen: list[BaseException] = []
        relation = ""
        while error is not None and not any(error is other for other in seen):
            if len(links) == _MAX_LINKS:
                break
            seen.append(error)
            link = {**_named(error), "message": _bounded(_text(error)), "relation": relation}
            link["frames"] = []
            try:
                link["frames"] = self._frames(_TRACEBACK(error))
                link.update(self._details(error, depth))
            except BaseException:  # whatever a hook or a property of the service's raises
                pass
            links.append(link)
            cause = _CAUSE(error)
            if cause is not None:
                error, relation = cause, "cause"
            elif _IS_ALONE(error):
                break
            else:
                error, relation = _CONTEXT(error), "context"
        return links

    def _details(self, error: BaseException, depth: int) -> dict[str, Any]:
        link: dict[str, Any] = {}
        if isinstance(error, ImportError):
            link["name"] = error.name if type(error.name) is str else ""
            link["path"] = error.path if type(error.path) is str else ""
            link["name_from"] = _bounded(getattr(error, "name_from", None) or "")
            initializing, names = self._recorder.missing.get(link["name"], (False, ()))
            if not names:
                owner = sys.modules.get(link["name"])
                initializing, names = _is_initializing(owner), _names(_namespace_of(owner))
            link["initializing"], link["names"] = initializing, names
        elif isinstance(error, SyntaxError):
            link["syntax"] = [
                _bounded(error.filename),
                error.lineno if type(error.lineno) is int else 0,
                error.offset if type(error.offset) is int else 0,
                _bounded(error.text),
                _bounded(error.msg),
            ]
        elif isinstance(error, OSError):
            link["filename"] = _bounded(error.filename)
        elif isinstance(error, KeyError) and error.args and type(error.args[0]) is str:
            link["key"] = _bounded(error.args[0])
        elif _MODULE(type(error)).startswith("pydantic"):
            link["settings"] = _settings(error)
        elif depth:
            members = _members(error)[:_MAX_MEMBERS]
            link["members"] = [self.chain(member, depth - 1) for member in members]
        return link

    def _frames(self, traceback: TracebackType | None) -> list[list[Any]]:
        frames: list[list[Any]] = []
        while traceback is not None:
            frame = traceback.tb_frame
            code = frame.f_code
            name = code.co_filename
            if not name.startswith(_HIDDEN) and name != __file__ and not _is_by_name(code):
                module = frame.f_globals.get("__name__", "")
                module = module if type(module) is str else ""
                own = self._ownership.file(name, module)
                frames.append([name, traceback.tb_lineno or 0, code.co_name, module, own])
            traceback = traceback.tb_next
        if len(frames) > _MAX_FRAMES:
            half = _MAX_FRAMES // 2
            frames = frames[:half] + frames[-half:]
        return frames


def _settings(error: Any) -> list[list[str]]:
    """The variables that settings of pydantic-settings lack or refuse, and why; empty for others.

    A missing one has no reason. What was passed as an argument was not taken from a variable.
    """
    found, given, traceback = None, (), error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if _name_of(frame) == "pydantic_settings.main" and frame.f_code.co_name == "__init__":
            found = frame.f_locals.get("__pydantic_self__")
            given = frame.f_locals.get("values") or ()
        traceback = traceback.tb_next
    if found is None:
        return []
    try:
        config, fields = type(found).model_config, type(found).model_fields
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        return [
            [_variable(fault["loc"], config, fields), _reason(fault)]
            for fault in errors[:_MAX_MEMBERS]
            if fault["loc"] and fault["loc"][0] not in given
        ]
    except Exception:  # another version's
        return []


def _required(kind: Any) -> list[str]:
    """The variables that a class of settings has no default for."""
    try:
        config, fields = kind.model_config, kind.model_fields
        needed = {name: field for name, field in fields.items() if field.is_required()}
        ways = [getattr(needed[name], "validation_alias", None) or name for name in needed]
        return [_variable([way], config, fields) for way in ways if type(way) is str]
    except Exception:  # another version's
        return []


def _variable(way: Sequence[Any], config: Mapping[str, Any], fields: Iterable[str]) -> str:
    """The variable that a field is read from; an alias stands for itself."""
    first = str(way[0])
    name = "%s%s" % (config.get("env_prefix") or "", first) if first in fields else first
    between = config.get("env_nested_delimiter")
    for part in way[1:] if between else ():
        if type(part) is not str:
            break
        name = "%s%s%s" % (name, between, part)
    return _bounded(name if config.get("case_sensitive") else name.upper())


def _reason(fault: Mapping[str, Any]) -> str:
    return "" if fault["type"] == "missing" else _bounded(fault["msg"])


def _members(error: BaseException) -> tuple[BaseException, ...]:
    """The exceptions of a group, Python's or the backport's; none of any other exception."""
    group = getattr(builtins, "BaseExceptionGroup", None)
    if group is not None and isinstance(error, group):
        found = group.exceptions.__get__(error)
    elif any(base.__name__ == "BaseExceptionGroup" for base in type(error).__mro__):
        found = _namespace_of(error).get("_exceptions", ())
    else:
        return ()
    members = found if type(found) is tuple else ()
    return tuple(member for member in members if isinstance(member, BaseException))


def _is_by_name(code: CodeType) -> bool:
    """Whether it is that of ``importlib.import_module``, which is no step of the service's."""
    return code.co_name == "import_module" and code.co_filename.endswith("/importlib/__init__.py")


def read_request() -> dict[str, Any]:
    """The request, read to the end of standard input, which then is empty for the service."""
    chunks = []
    while True:
        chunk = os.read(0, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    request: dict[str, Any] = marshal.loads(b"".join(chunks))
    return request


def prepare(request: Mapping[str, Any]) -> None:
    """Make the process what ``site`` would have made it, before it reads ``.pth`` files."""
    os.environ.update(request["env"])
    trace = high(os.open(request["trace"], os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    faulthandler.enable(file=trace)
    faulthandler.register(request["signal"], file=trace, all_threads=False)
    sys.path[:] = request["entries"] + request["stdlib"]
    sys.path_importer_cache.clear()
    sys.prefix = sys.exec_prefix = request["prefix"]
    sys.argv[:] = request["argv"]
    site.PREFIXES[:] = [sys.prefix, sys.exec_prefix]
    site.ENABLE_USER_SITE = False
    site.setquit()
    site.setcopyright()
    site.sethelper()
    sys.modules["__main__"] = main_module("__main__", bootstrap.BuiltinImporter)


def main_module(name: str, loader: object) -> ModuleType:
    """A module with what the interpreter gives its main module."""
    module = ModuleType(name)
    module.__dict__.update(__builtins__=builtins, __loader__=loader)
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    return module


# .pth files that belong to a developer's machine and not to an image: virtualenv's own and those
# that measure coverage (of coverage, pytest-cov and its forerunner, coverage-enable-subprocess).
_NOT_THE_IMAGES = frozenset(
    {
        "_virtualenv.pth",
        "a1_coverage.pth",
        "coverage.pth",
        "coverage_enable_subprocess.pth",
        "init_cov_core.pth",
        "pytest-cov.pth",
    }
)
_EDITABLE = "__editable__"  # how setuptools' editable installs begin


def run_site_files(sites: Sequence[str], editable: frozenset[str], boundary: Boundary) -> None:
    """What ``site`` does with ``.pth`` files, without what editable installs bring."""
    for folder in sites:
        sys.path.append(folder)
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if name.endswith(".pth") and not name.startswith((".", _EDITABLE)):
                if name not in editable and name not in _NOT_THE_IMAGES:
                    _run_site_file(os.path.join(folder, name), folder, boundary)


def _run_site_file(path: str, folder: str, boundary: Boundary) -> None:
    encoding = "utf-8-sig" if sys.version_info >= (3, 13) else None  # as site reads it
    try:
        with io.open_code(path) as data:
            lines = io.TextIOWrapper(data, encoding, "surrogateescape").read().splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, 1):
        line = line.rstrip()
        if not line or line.startswith("#"):
            continue
        if line.startswith(("import ", "import\t")):
            try:
                code = "%s%s" % ("\n" * (number - 1), line)  # so that tracebacks name the line
                exec(compile(code, path, "exec", dont_inherit=True), {})
            except Exception as error:  # site tells, too, and leaves the rest of the file
                said = number, path, type(error).__name__, _text(error)
                sys.stderr.write("Error processing line %d of %s: %s: %s\n" % said)
                return
            continue
        entry = os.path.abspath(os.path.join(folder, line))
        if entry not in sys.path and os.path.exists(entry) and not boundary.hides(entry):
            sys.path.append(entry)


def leave_out_repository(declared: Sequence[str], boundary: Boundary) -> None:
    """Drop what ``.pth`` files and ``sitecustomize`` put on the path and the image cannot have."""
    sys.path[:] = [e for e in sys.path if e in declared or not boundary.hides(e)]


class Looks:
    """What the process looks at beyond its request, so that it is known when that has changed.

    Seen are audit events (PEP 578), the calls of ``os`` that raise none, what the import system
    looks for in folders and loads from there, and the files that are mapped into memory. A fork
    notes only what its parent has not. Nothing here raises an exception: what cannot be noted is a
    doubt.

    Args:
        own: the folder of whoever started the process, where its HOME lies.
        bytecode: the folder of compiled copies; that of their sources is noted instead.
        tree: the folder whose files are put back after each process; empty where there is none.
    """

    def __init__(self, own: str, bytecode: str, tree: str) -> None:
        self._own = [own + "/", bytecode + "/"]
        self._tree = tree + "/" if tree else ""
        self._seen: set[Any] = set()
        self._fresh: list[list[str]] = []
        self._doubts: list[str] = []
        self._lookups: set[Any] = set()
        self._looked: set[Any] = set()
        self._maps = True
        self._modules = sys.modules
        self._getcwd, self._fspath, self._fsdecode = os.getcwd, os.fspath, os.fsdecode
        self._open, self._read, self._close = os.open, os.read, os.close
        self._flags = os.O_RDONLY | os.O_CLOEXEC
        self._getframe = sys._getframe  # noqa: SLF001
        # Opens folders for files without a name, and files of names that it has told before.
        self._tempfile = "%s/tempfile.py" % os.path.dirname(os.__file__)
        self._started = [_file_of(module) for module in list(self._modules.values())]

    def install(self) -> None:
        """See everything from now on."""
        for name in ("stat", "lstat", "access", "readlink"):
            watched = Watched(getattr(os, name), self._status)
            for each in _SUPPORTS:
                supporting: Any = getattr(os, each, ())
                if watched.__wrapped__ in supporting:
                    supporting.add(watched)
            setattr(os, name, watched)
        finder, loader = bootstrap_external.FileFinder, bootstrap_external.SourceFileLoader
        find, stats, look, load = finder.find_spec, loader.path_stats, self._lookups.add, self._load

        def find_spec(self: Any, fullname: str, target: Any = None) -> Any:
            look((self.path, fullname))
            return find(self, fullname, target)

        def path_stats(self: Any, path: Any) -> Any:
            load(path)
            return stats(self, path)

        for function, owner in ((find_spec, finder), (path_stats, loader)):
            function.__qualname__ = "%s.%s" % (owner.__name__, function.__name__)
            setattr(owner, function.__name__, disguised(function, bootstrap_external))
        handlers: dict[str, Any] = dict.fromkeys(_OUTSIDE, self._doubt)
        handlers.update((name, self._changed) for name in _CHANGES)
        handlers.update(
            (name, self._temporary) for name in ("tempfile.mkstemp", "tempfile.mkdtemp")
        )
        handlers["open"] = self._opened
        handlers["os.listdir"] = handlers["os.scandir"] = self._listed
        handlers["import"] = handlers["ctypes.dlopen"] = self._mapped
        handlers["socket.bind"] = self._bound
        find_handler, doubts = handlers.get, self._doubts

        def hook(event: str, arguments: Any) -> None:
            handler = find_handler(event)
            if handler is not None:
                try:
                    handler(event, *arguments)
                except BaseException:  # as a RecursionError: the service goes on as without us
                    doubts.append(event)

        sys.addaudithook(hook)

    def begin(self) -> None:
        """Note from now on what is new, in a fork."""
        del self._fresh[:], self._doubts[:]
        self._looked = set(self._lookups)
        self._started = []

    def told(self) -> dict[str, Any]:
        """What was noted: ``paths``, each a kind and a path, and ``doubts``.

        Kinds: ``r`` content, ``o`` content of what was there, ``l`` names in a folder, ``s`` what
        ``stat`` tells, ``m`` a module looked for in a folder, after a null byte its name.
        """
        try:
            self._note_the_rest()
        except BaseException:  # whatever the service has made of what that is done with
            self._doubts.append("end")
        return {"paths": self._fresh, "doubts": self._doubts[:_MAX_DOUBTS]}

    def _note_the_rest(self) -> None:
        """Note what was not noted when it happened."""
        for file in self._started:
            if file[:1] == "/":
                self._note("o", file)
        for entry in list(sys.path):
            if type(entry) is str and entry:
                self._note("s", entry)
        for folder, name in self._lookups - self._looked:
            if type(folder) is str and type(name) is str:
                self._note("m", "%s\0%s" % (self._absolute(folder), name.rpartition(".")[2]))
        if self._maps:
            try:
                self._note_maps()
            except OSError:  # a system without /proc
                self._doubts.append("maps")

    def _absolute(self, path: Any) -> str:
        kind = type(path)
        if kind is not str:
            path = self._fsdecode(path if kind is bytes else self._fspath(path))
        if path[:1] == "/":
            return path  # type: ignore[no-any-return]
        return "%s/%s" % (self._getcwd().rstrip("/"), path) if path else self._getcwd()

    def _note(self, kind: str, path: str) -> None:
        key = kind, path
        if key not in self._seen and not path.startswith(tuple(self._own)):
            self._seen.add(key)
            self._fresh.append([kind, path])

    def _load(self, path: Any) -> None:
        try:
            self._note("o", self._absolute(path))
        except BaseException:
            self._doubts.append("import")

    def _status(self, path: Any, directory: Any) -> None:
        if type(path) is int and directory is None:
            return  # of an open file
        try:
            if directory is not None:
                self._doubts.append("dir_fd")
            else:
                self._note("s", self._absolute(path))
        except BaseException:  # what is no path
            return

    def _doubt(self, event: str, *_: Any) -> None:
        self._doubts.append(event)

    def _changed(self, event: str, *paths: Any) -> None:
        for path in paths[: _CHANGES[event]]:
            self._write(event, path)

    def _write(self, event: str, path: Any) -> None:
        """Something at a path changes: it is put back for the next process, or it lasts."""
        if type(path) is int:
            return
        path = self._absolute(path)
        if path.startswith(tuple(self._own)) or path == "/dev/null":
            return
        if self._tree and path.startswith(self._tree) and "/../" not in path:
            self._note("r", path)
        else:
            self._doubts.append("%s %s" % (event, path[:200]))

    def _temporary(self, _: str, path: Any) -> None:
        self._own.append(self._absolute(path))

    def _opened(self, event: str, path: Any, _: Any, flags: Any) -> None:
        if type(path) is int:
            return
        if type(flags) is not int or flags & _WRITING:
            code = self._getframe(2).f_code
            if code.co_filename != self._tempfile:
                self._write(event, path)
            elif code.co_name == "_get_default_tempdir":
                self._temporary(event, path)  # tries whether a folder can be written
        else:
            path = self._absolute(path)
            # What the probe asks of itself is none of the service's business.
            ours = path.startswith("/proc/self/")
            if not ours or self._getframe(2).f_code.co_filename != __file__:
                self._note("r", path)

    def _listed(self, event: str, path: Any) -> None:
        if type(path) is int:
            self._doubts.append(event)
            return
        code = self._getframe(2).f_code  # whoever is not the import system, which looks for names
        if code.co_name != "_fill_cache" or not code.co_filename.startswith(_HIDDEN):
            self._note("l", self._absolute("." if path is None else path))

    def _mapped(self, event: str, _: Any, file: Any = None, *_more: Any) -> None:
        if event != "import" or file is not None:
            self._maps = True
            if type(file) is str:
                self._note("o", self._absolute(file))

    def _bound(self, event: str, _: Any, address: Any) -> None:
        if type(address) is not tuple or address[1] != 0:  # else: which families the system has
            self._doubts.append(event)

    def _note_maps(self) -> None:
        self._maps = False
        descriptor = self._open("/proc/self/maps", self._flags)
        try:
            chunks = []
            while True:
                chunk = self._read(descriptor, 1 << 16)
                if not chunk:
                    break
                chunks.append(chunk)
        finally:
            self._close(descriptor)
        self._note("r", "/etc/ld.so.cache")
        for line in b"".join(chunks).splitlines():
            fields = line.split(None, 5)
            if len(fields) == 6 and fields[5][:1] == b"/" and fields[5][:5] != b"/dev/":
                self._note("o", self._fsdecode(fields[5]))


class Watched:
    """A function of ``os`` that tells which path it is given; bound to no object, as the original.

    Attributes:
        __wrapped__: the original.
    """

    def __init__(self, function: Any, note: Callable[[Any, Any], None]) -> None:
        self.__wrapped__ = function
        self.__name__ = self.__qualname__ = function.__name__
        self.__module__, self.__doc__ = function.__module__, function.__doc__
        self.__text_signature__ = function.__text_signature__
        self._note = note

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        path = arguments[0] if arguments else named.get("path")
        self._note(path, named.get("dir_fd"))
        return self.__wrapped__(*arguments, **named)


_MAX_DOUBTS = 5
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SUPPORTS = ("supports_dir_fd", "supports_effective_ids", "supports_fd", "supports_follow_symlinks")
# What others decide: whoever answers, other programs.
_OUTSIDE = (
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyaddr",
    "socket.gethostbyname",
    "socket.getnameinfo",
    "socket.sendmsg",
    "socket.sendto",
    "subprocess.Popen",
)
# What changes files, with the number of its arguments that are paths.
_CHANGES = {
    "os.chflags": 1,
    "os.chmod": 1,
    "os.chown": 1,
    "os.link": 2,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.removexattr": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.setxattr": 1,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.utime": 1,
    "sqlite3.connect": 1,
}


class Job:
    """The import itself."""

    def __init__(self, request: Mapping[str, Any], allowance: Allowance) -> None:
        self.stage = "site"
        self.missing: dict[str, Any] = {}
        self._allowance = allowance
        self._request = request
        self._import = builtins.__import__
        self._modules = sys.modules

    def run(self, describer: Describer) -> None:
        """Import what was asked for; anything may be raised."""
        request = self._request
        if request["setup"]:
            self.stage = "setup"
            module, attribute = request["setup"]
            function = self.resolve(self.load(module), attribute)
            self._allowance.lend_all_but(1)
            function()
        self.stage = "import"
        owner: Any = None
        if request["script"]:
            owner = self._run_script(request["script"])
        elif request["module"]:
            owner = self.load(request["module"])
        if request["attribute"]:
            self.stage = "attribute"
            try:
                found = self.resolve(owner, request["attribute"])
            except AttributeError:
                self.missing[request["attribute"]] = lacks(owner, request["attribute"], describer)
                raise
            if request["call"]:
                self.stage = "call"
                self._allowance.lend_all_but(1)
                found()
        for symbol in request["symbols"]:
            lost = lacks(owner, symbol, describer)
            if lost is not None:
                self.missing[symbol] = lost

    def load(self, name: str) -> Any:
        """Import a module as a statement at the top of an empty stack would."""
        self._allowance.lend_all_but(1)
        self._import(name, {"__name__": "", "__builtins__": builtins}, None, (), 0)
        return self._modules[name]

    def state(
        self, imported: str, names: Sequence[str], file: str, line: int, importer: str, within: str
    ) -> None:
        """Run an import as if it stood at a line of a file, in a module and a function of it."""
        scope = {"__name__": importer, "__file__": file, "__builtins__": builtins}
        text = (
            "from %s import %s" % (imported, ", ".join(names))
            if names
            else ("import %s" % imported)
        )
        above = "\n" * (line - 1)
        try:
            code = compile(above + text, file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):  # no statement could name it
            scope.update(load=self._import, name=imported)
            code = compile("%sload(name)" % above, file, "exec", dont_inherit=True)
        self._allowance.lend_all_but(1)
        exec(code.replace(co_name=within or "<module>"), scope)

    def _run_script(self, path: str) -> Any:
        """Run a file as multiprocessing's spawn runs the main module: under a name of its own.

        Then what its ``if __name__ == "__main__":`` does before all else, if that is importing.
        """
        loader = bootstrap_external.SourceFileLoader("__mp_main__", path)
        module = main_module("__mp_main__", loader)
        module.__dict__.update(__file__=path, __cached__=None)
        sys.modules["__main__"] = sys.modules["__mp_main__"] = module
        with io.open_code(path) as source:
            text = source.read()
        code = compile(text, path, "exec", dont_inherit=True)
        tree: Any = compile(text, path, "exec", _ONLY_TREE, dont_inherit=True)
        tree.body[:] = first_as_main(tree.body)
        self._allowance.lend_all_but(0, _C_CALL)
        exec(code, module.__dict__)
        exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)
        return module

    def resolve(self, owner: Any, dotted: str) -> Any:
        """What a dotted attribute of `owner` is."""
        for name in dotted.split("."):
            owner = getattr(owner, name)
        return owner


def lacks(owner: Any, symbol: str, describer: Describer) -> dict[str, Any] | None:
    """The part of a dotted attribute that `owner` does not have; None where it has all of it."""
    walked = ""
    for name in symbol.split("."):
        try:
            owner = getattr(owner, name)
        except BaseException as error:
            absent = isinstance(error, AttributeError)
            return {
                "missing": name,
                "owner": walked,
                "names": _names(_namespace_of(owner)) or _listed(owner),
                "links": [] if absent else describer.chain(error),
            }
        walked = "%s.%s" % (walked, name) if walked else name
    return None


_ONLY_TREE = 0x400  # ast.PyCF_ONLY_AST


def first_as_main(statements: Sequence[Any]) -> list[Any]:
    """What only the main module would run, up to the first statement that is more than an import.

    Args:
        statements: syntax trees of the file's statements.
    """
    found: list[Any] = []
    for statement in statements:
        if _is_for_main(statement):
            for inner in statement.body:
                if not _is_import_or_constant(inner):
                    return found
                found.append(inner)
    return found


def _is_for_main(statement: Any) -> bool:
    """Whether it begins ``if __name__ == "__main__":``, in either order."""
    if type(statement).__name__ != "If" or type(statement.test).__name__ != "Compare":
        return False
    test = statement.test
    if [type(operator).__name__ for operator in test.ops] != ["Eq"]:
        return False
    sides = [test.left, *test.comparators]
    names = [getattr(side, "id", None) for side in sides]
    values = [getattr(side, "value", None) for side in sides]
    return (names[0], values[1]) == ("__name__", "__main__") or (
        (values[0], names[1]) == ("__main__", "__name__")
    )


def _is_import_or_constant(statement: Any) -> bool:
    kind = type(statement).__name__
    if kind == "Assign" and any(type(target).__name__ != "Name" for target in statement.targets):
        return False
    if kind in ("Assign", "Expr"):
        return type(statement.value).__name__ == "Constant"
    return kind in ("Import", "ImportFrom", "Pass")


def _listed(owner: object) -> list[str]:
    try:
        return [name for name in dir(owner) if type(name) is str][:_MAX_NAMES]
    except Exception:
        return []


class Asking:
    """Answers questions about the service that has been imported.

    A question is ``[STATEMENTS, SYMBOLS]``: statements ``[IMPORTED, NAMES, FILE, LINE, IMPORTER,
    FUNCTION]`` run in their order, then the objects that symbols ``[MODULE, ATTRIBUTE]`` name are
    looked up and compared.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        channel: Channel,
        job: Job,
        recorder: Recorder,
        describer: Describer,
        ownership: Ownership,
        reads: Reads,
        looks: Looks | None,
    ) -> None:
        self._reads = reads
        self._timeout = request["timeout"]
        self._looks = looks
        self._channel = channel
        self._job = job
        self._recorder = recorder
        self._describer = describer
        self._ownership = ownership
        self._modules = sys.modules
        self._streams = sys.stdout, sys.stderr
        self._system = System(request["trace"], request["signal"])
        self._questions = Questions(request["questions"]) if request["keep"] else None

    def answer_here(self, question: Sequence[Any]) -> None:
        """Answer in this process, which is of no further use then."""
        self._channel.send({"asking": True})
        self._answer(question)

    def serve(self) -> None:
        """Answer what comes, each question in a fork, until nobody is there to ask."""
        if self._questions is None:
            return
        self._system.freeze()
        loud, leave_them = quieten_fork(), self._questions.close
        while True:
            question = self._questions.next()
            if question is None:
                return

            def answer(question: Sequence[Any] = question) -> None:
                loud()
                if self._looks is not None:
                    self._looks.begin()
                leave_them()
                self._channel.adopt()
                self._answer(question)

            self._channel.send({"asking": True})
            if self._is_there(question):
                done: dict[str, Any] = {
                    "stage": "import",
                    "links": [],
                    "missing": {},
                    "exit": None,
                    "edges": [],
                    "looks": {"paths": [], "doubts": []},
                }
                self._channel.send({"answer": {**done, "loaded": [], "found": []}})
                self._channel.send({"asked": [0, False, ""]})
                continue
            try:
                asked = self._system.run_in_fork(answer, self._timeout)
            except OSError:  # no more processes, descriptors or memory
                asked = None, False, ""
            self._channel.send({"asked": asked})

    def _is_there(self, question: Sequence[Any]) -> bool:
        """Whether it is for what has been loaded, so that an import does nothing but look it up."""
        statements, symbols = question
        for imported, names, *_ in statements:
            module = self._modules.get(imported)
            if type(module) is not ModuleType or _is_initializing(module):
                return False
            namespace = _namespace_of(module)
            if any(name not in namespace for name in names):
                return False
        return bool(statements) and not symbols

    def _answer(self, question: Sequence[Any]) -> None:
        before, edges = frozenset(self._modules), len(self._recorder.edges)
        reads = len(self._reads.found)
        end: dict[str, Any] = {"stage": "import", "links": [], "missing": {}, "exit": None}
        found: list[dict[str, Any]] = []
        self._recorder.asked.clear()
        try:
            self._look(question, end, found)
        except SystemExit as error:
            end["exit"] = _exit_status(error.code)
            end["links"] = self._describer.chain(error)
        except BaseException as error:
            end["links"] = self._describer.chain(error)
        if not self._channel.is_root():
            self._system.exit(0)
        end["edges"] = self._recorder.edges[edges:]
        if end["links"]:
            end["reads"], end["added"] = self._reads.found[reads:], self._reads.added()
        asked = self._recorder.asked
        end["loaded"] = [
            name
            for name in list(self._modules)
            if type(name) is str and (name not in before or name in asked)
            if self._modules.get(name) is not None  # None keeps a module from being imported
        ]
        end["found"] = found
        end["looks"] = None if self._looks is None else self._looks.told()
        self._channel.send({"answer": end})
        flush(self._streams)
        self._channel.send({"flushed": True})

    def _look(
        self, question: Sequence[Any], end: dict[str, Any], found: list[dict[str, Any]]
    ) -> None:
        statements, symbols = question
        for imported, names, file, line, importer, function in statements:
            if importer:
                end["stage"] = "importer"
                self._job.load(importer)
                end["stage"] = "import"
            if not (file or names):  # nobody's: as a module that is imported alone
                self._job.load(imported)
                continue
            self._ownership.files[file] = True
            self._job.state(imported, names, file, line, importer, function)
        objects: list[Any] = []
        for module, attribute in symbols:
            owner = self._job.load(module)
            lost = lacks(owner, attribute, self._describer)
            if lost is not None:
                found.append({"missing": lost})
                continue
            value = self._job.resolve(owner, attribute)
            objects.append(value)
            same = next(index for index, other in enumerate(objects) if other is value)
            found.append({"identity": same + 1, "type": type(value).__name__, "home": _home(value)})


_LONELY = 5.0  # seconds after which a process looks whether it has been left behind
_GRACE = 0.5  # seconds that a fork past its deadline has to say where it stands
_LONGEST_TRACE = 1 << 16


def _home(found: object) -> list[str]:
    """The module and qualified name that a class or function gives itself; empty for others."""
    if not isinstance(found, type) and type(found) is not FunctionType:
        return ["", ""]
    home = []
    for name in ("__module__", "__qualname__"):
        try:
            value = getattr(found, name)
        except BaseException:  # whatever a metaclass raises
            value = ""
        home.append(value if type(value) is str else "")
    return home


class Questions:
    """The pipe on which questions come, held like the one for verdicts."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open, self._read, self._fstat = os.open, os.read, os.fstat
        self._getppid, self._parent = os.getppid, os.getppid()
        self._select, self._loads, self._close = select.select, marshal.loads, os.close
        self._flags = os.O_RDWR | os.O_CLOEXEC  # for writing, too: so it never ends
        self._descriptor = high(os.open(path, self._flags))
        self._identity = self._identify()

    def _identify(self) -> tuple[int, int]:
        status = self._fstat(self._descriptor)
        return status.st_dev, status.st_ino

    def close(self) -> None:
        """Have it open no more, in a fork: what that runs would read what is not for it."""
        try:
            if self._identify() == self._identity:
                self._close(self._descriptor)
        except OSError:
            pass

    def next(self) -> list[Any] | None:
        """The next question, once there is one; None where whoever asked is gone."""
        try:
            intact = self._identify() == self._identity
        except OSError:
            intact = False
        if not intact:
            self._descriptor = self._open(self._path, self._flags)
            self._identity = self._identify()
        while not self._select([self._descriptor], [], [], _LONELY)[0]:
            if self._getppid() != self._parent:
                return None
        question: list[Any] = self._loads(self._exactly(int.from_bytes(self._exactly(4), "big")))
        return question

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self._read(self._descriptor, count - len(data))
        return data


class System:
    """What forking takes, as it was before code of the service ran."""

    def __init__(self, trace: str, signal: int) -> None:
        self._trace, self._signal = trace, signal
        self._fork, self._waitpid, self._nohang = os.fork, os.waitpid, os.WNOHANG
        self._kill, self._killpg, self._setpgid = os.kill, os.killpg, os.setpgid
        self._pipe, self._close, self._write = os.pipe, os.close, os.write
        self._open, self._read, self._seek = os.open, os.read, os.lseek
        self._select, self._monotonic, self._sleep = select.select, time.monotonic, time.sleep
        self._flags = os.O_RDONLY | os.O_CLOEXEC
        self._freeze = gc.freeze
        self.exit = os._exit

    def freeze(self) -> None:
        """Let forks share the pages that hold what is alive now: no collection writes to them."""
        self._freeze()

    def run_in_fork(
        self, function: Callable[[], None], timeout: float
    ) -> tuple[int | None, bool, str]:
        """Run a function in a fork, which then ends with all that it started in its group.

        Returns:
            The wait status, None where somebody else took it; whether the time was up; what
            faulthandler wrote meanwhile.
        """
        written = self._written()
        ended, tell = self._pipe()
        pid = self._fork()
        if not pid:
            try:
                self._setpgid(0, 0)
                function()
                self._write(tell, b".")
            finally:
                self.exit(0)
        self._close(tell)
        try:
            status, timed_out = self._wait(pid, ended, self._monotonic() + timeout)
        finally:
            self._close(ended)
        return status, timed_out, self._written(written) if status or timed_out else ""

    def _wait(self, pid: int, ended: int, deadline: float) -> tuple[int | None, bool]:
        """Wait until the fork has said that it is done, has died, or the time is up."""
        timed_out, watched = False, [ended]
        while True:
            left = deadline - self._monotonic()
            try:
                done = self._select(watched, [], [], max(0.0, min(left, 0.05)))[0]
                if done and not self._read(ended, 1):  # closed by what it ran, which may go on
                    watched, done = [], []
                gone, status = self._waitpid(pid, self._nohang)
                if not gone and (done or (timed_out and left <= 0)):
                    self._tell(self._kill, pid, 9)
                    gone, status = self._waitpid(pid, 0)
            except ChildProcessError:  # a handler of the service's has waited for it
                gone, status = pid, None
            if gone:
                self._tell(self._killpg, pid, 9)
                return status, timed_out
            if left <= 0:
                timed_out, deadline = True, self._monotonic() + _GRACE
                self._tell(self._kill, pid, self._signal)

    def _tell(self, kill: Callable[[int, int], None], pid: int, number: int) -> None:
        try:
            kill(pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def _written(self, after: Any = None) -> Any:
        """How much faulthandler has written; with a number, what it wrote after so much."""
        try:
            descriptor = self._open(self._trace, self._flags)
        except OSError:
            return 0 if after is None else ""
        try:
            size = self._seek(descriptor, after or 0, 2 if after is None else 0)
            if after is None:
                return size
            return self._read(descriptor, _LONGEST_TRACE).decode("utf-8", "backslashreplace")
        finally:
            self._close(descriptor)


def quieten_fork() -> Callable[[], None]:
    """Let no warning of threads that a fork leaves behind (3.12) become an exception.

    Returns:
        What undoes it.
    """
    import _warnings

    module = sys.modules.get("warnings")
    held: Any = (_warnings.filters, _namespace_of(module).get("filters"))
    lists = [each for each in held if type(each) is list]
    item: Any = ("ignore", None, DeprecationWarning, None, 0)
    changed: Any = getattr(_warnings, "_filters_mutated", None)
    changed = changed or getattr(_warnings, "_filters_mutated_lock_held", lambda: None)

    def undo() -> None:
        for each in lists:
            if item in each:
                each.remove(item)
        changed()

    for each in lists:
        if item not in each:
            each.insert(0, item)
    changed()
    return undo


def flush(streams: Iterable[Any]) -> None:
    """Flush what can be flushed."""
    for stream in streams:
        try:
            stream.flush()
        except BaseException:  # closed, replaced or broken: what it held is lost
            continue


def main() -> None:
    request = read_request()
    exit_now = os._exit
    streams = sys.stdout, sys.stderr
    channel = Channel(request["channel"], request["mark"])
    channel.send({"hello": os.getpid()})
    prepare(request)
    ownership = Ownership(request["own_roots"], request["foreign_roots"], request["own_packages"])
    ownership.files[__file__] = False  # this file, also where it is part of the service
    boundary = Boundary(request["repository"], request["allowed"])
    allowance = Allowance()
    effects = Effects(ownership, channel, request["trace"] + ".effects", request["forbidden"] or ())
    reads = Reads(ownership)
    swallowed = Swallowed(ownership, request["forbidden"] is not None)
    recorder = Recorder(ownership, channel, allowance, effects, swallowed)
    describer = Describer(ownership, recorder)
    swallowed.describe = describer.chain
    leave_as_plain()
    before = frozenset(sys.modules)
    modules = sys.modules
    loads = Loads(ownership, request["watch"]) if request["loads"] else None
    deprecations = Deprecations(ownership)
    allowance.install()
    recorder.install()
    if loads is not None:
        loads.install()
    if request["forbidden"] is not None:
        effects.install()
        deprecations.install()
    reads.install()
    if request["staged"]:
        boundary.install()
    looks = None
    if request["looks"]:
        bytecode = str(getattr(sys, "pycache_prefix", None) or "/dev/null")
        tree = request["allowed"][0] if request["staged"] else ""
        looks = Looks(os.path.dirname(request["channel"]), bytecode, tree)
        looks.install()
    job = Job(request, allowance)
    asking = Asking(request, channel, job, recorder, describer, ownership, reads, looks)
    end: dict[str, Any] = {"stage": "import", "links": [], "missing": {}, "exit": None}
    try:
        run_site_files(request["sites"], frozenset(request["editable"]), boundary)
        sys.path += request["last"]
        site.execsitecustomize()
        leave_out_repository(request["entries"], boundary)
        sys.path[:0] = request["front"]
        if request["forbidden"] is not None:
            effects.watch()
        job.run(describer)
    except SystemExit as error:
        end["exit"] = _exit_status(error.code)
        end["links"] = describer.chain(error)
    except BaseException as error:
        end["links"] = describer.chain(error)
    if not channel.is_root():
        exit_now(0)
    end["cost"] = None
    if loads is not None:
        end["cost"] = loads.told(loads.peak())
        end["cost"]["deprecations"] = deprecations.seen
    end["stage"] = job.stage
    end["missing"] = job.missing
    end["edges"] = recorder.edges
    end["effects"] = effects.end()
    reads.take_settings(modules)
    end["reads"], end["added"] = reads.found, reads.added()
    end["swallowed"] = swallowed.end()
    end["loaded"] = [
        name
        for name in list(modules)
        if type(name) is str and (name not in before or name in recorder.asked)
        if modules.get(name) is not None  # None keeps a module from being imported
    ]
    end["looks"] = None if looks is None else looks.told()
    channel.send({"end": end})
    flush(streams)  # which may take for ever
    channel.send({"flushed": True})
    if not end["links"] and end["exit"] is None:
        if request["question"] is not None:
            asking.answer_here(request["question"])
        asking.serve()
    exit_now(0)


if __name__ == "__main__":
    main()
