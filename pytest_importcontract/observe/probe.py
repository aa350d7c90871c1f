"""Imports one thing in the service's own interpreter and says what happened.

Run as ``PYTHON -s -S probe.py`` with one JSON object on standard input. Standard library only and
Python 3.8 syntax, because it runs in other people's interpreters. Not with ``-I``: that would
ignore the ``PYTHON*`` variables of the service, and PYTHONHASHSEED has no option in its place. The
environment is explicit, so nothing of the caller's can get in; the script's own folder, which
``-I`` would keep off the import path, is taken off first thing.

The request's keys:

``channel``, ``trace``
    Paths of the pipe for verdicts and of the file for tracebacks of crashes.
``signal``
    Number of the signal that asks for such a traceback.
``env``
    Variables that must not be there while the interpreter starts (PYTHONPATH, PYTHONHOME).
``entries``, ``stdlib``, ``sites``, ``editable``, ``prefix``
    The import path, in its three parts; names of ``.pth`` files to pass over; ``sys.prefix``.
``own_roots``, ``foreign_roots``, ``own_packages``
    Which code is first-party: below an own root and not below a foreign one, or in a package.
``kind``, ``module``, ``attribute``, ``call``, ``script``, ``setup``, ``symbols``, ``argv``
    What to import: ``kind`` is ``module``, ``entrypoint`` or ``script``.

The answers travel over the pipe, each a four-byte big-endian length and a JSON object:

``{"hello": PID}``
    The interpreter runs.
``{"at": [DEPTH, FILE, LINE, NAME]}``, ``{"done": DEPTH}``
    First-party code starts an import that is not cached, and is done with it.
``{"end": {…}}``
    The import finished or failed. Without this message it did neither, whatever the exit status.

Nothing of the standard library that a service could replace is looked up after its code has run.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

import _sitebuiltins
import _thread
import builtins
import faulthandler
import fcntl
import importlib
import importlib.machinery
import io
import json
import os
import resource
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import FrameType, TracebackType
    from typing import Any

_MAX_LINKS = 20
_MAX_MEMBERS = 10  # of an exception group
_MAX_DEPTH = 3  # of groups in groups
_MAX_FRAMES = 120
_MAX_NAMES = 4000
_MAX_TEXT = 4000
_MAX_EDGES = 200000
_HIDDEN = "<frozen importlib"


class Channel:
    """The way to whoever started the process, open to the process that was started alone."""

    def __init__(self, path: str) -> None:
        self._path = path
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
        data = len(body).to_bytes(4, "big") + body
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
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # an interpreter without the accelerator
        return json.JSONEncoder().encode
    quote = json.encoder.encode_basestring_ascii
    no, yes = False, True  # sort_keys, skipkeys; allow_nan
    chunks = make(None, None, quote, None, ": ", ", ", no, no, yes)
    join = "".join
    return lambda value: join(chunks(value, 0))


def high(descriptor: int) -> int:
    """A copy of the descriptor with a number that services do not stumble over."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    least = max(3, min(soft, 1024) - 16)
    try:
        copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
    except OSError:
        return descriptor
    os.close(descriptor)
    return copy


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

    def __init__(self, ownership: Ownership, channel: Channel) -> None:
        self.edges: list[list[Any]] = []
        self.asked: set[str] = set()
        self.missing: dict[str, tuple[bool, list[str]]] = {}
        self._seen: set[Any] = set()
        self._foreign: set[str] = set()
        self._ownership = ownership
        self._channel = channel
        self._depth = 0

    def install(self) -> None:
        """Take the place of the two functions, under a name that tracebacks leave out."""
        original, by_name = builtins.__import__, importlib.import_module
        getframe, modules = sys._getframe, sys.modules  # noqa: SLF001
        watch, owned, foreign = self.watch, self._ownership.files, self._foreign

        def statement(
            name: str,
            globals: Any = None,  # noqa: A002 (the names callers may use)
            locals: Any = None,  # noqa: A002
            fromlist: Any = (),
            level: int = 0,
        ) -> Any:
            frame = getframe(1)
            if owned.get(frame.f_code.co_filename) is False and (level or name in foreign):
                return original(name, globals, locals, fromlist, level)
            run = original, (name, globals, locals, fromlist, level)
            return watch(frame, name, globals, fromlist, level, run, modules)

        def function(name: str, package: str | None = None) -> Any:
            frame = getframe(1)
            level = len(name) - len(name.lstrip(".")) if type(name) is str else 0
            scope = {"__package__": package}
            rest = name[level:] if level else name
            return watch(frame, rest, scope, (), level, (by_name, (name, package)), modules)

        for wrapper in (statement, function):
            _hide(wrapper)
        statement.__name__ = "__import__"
        function.__name__ = "import_module"
        builtins.__import__ = statement
        importlib.import_module = function

    def watch(
        self,
        frame: FrameType,
        name: str,
        scope: Any,
        fromlist: Any,
        level: int,
        run: tuple[Callable[..., Any], tuple[Any, ...]],
        modules: Mapping[str, Any],
    ) -> Any:
        """Run one import and note it when it concerns first-party code."""
        code = frame.f_code
        importer = frame.f_globals.get("__name__", "")
        own = self._ownership.file(code.co_filename, importer)
        function, arguments = run
        target = _resolve(name, scope, level) if level else name
        if type(target) is not str:
            return function(*arguments)
        fresh = target not in modules
        self.asked.add(target)
        coming = (target if fresh else _lacking(target, fromlist, modules)) if own else ""
        told = bool(coming) and self._channel.is_main()
        if told:
            depth = self._depth
            self._depth += 1
            self._channel.send({"at": [depth, code.co_filename, frame.f_lineno, coming]})
        try:
            result = function(*arguments)
        except BaseException as error:
            if own or self._ownership.module(target, modules) or fresh:
                self._note(frame, importer, own, target, fromlist, modules, error)
            raise
        finally:
            if told:
                self._depth = depth
                self._channel.send({"done": depth})
        first_party = self._ownership.module(target, modules)
        if own or first_party:
            self._note(frame, importer, own, target, fromlist, modules, None)
        if not first_party:
            self._foreign.add(target)
        return result

    def _note(
        self,
        frame: FrameType,
        importer: object,
        own: bool,  # noqa: FBT001
        target: str,
        fromlist: Any,
        modules: Mapping[str, Any],
        error: BaseException | None,
    ) -> None:
        names = tuple(n for n in fromlist or () if type(n) is str)
        code = frame.f_code
        key = (code.co_filename, frame.f_lineno, target, names, error is not None)
        if key in self._seen or len(self.edges) >= _MAX_EDGES:
            return
        self._seen.add(key)
        text = "" if error is None else "%s: %s" % (type(error).__name__, _text(error)[:300])
        below = [n for n in names if "%s.%s" % (target, n) in modules]
        if error is None and names:
            text = self._absent(target, names, below, modules.get(target))
        self.edges.append(
            [
                importer if type(importer) is str else "",
                code.co_filename,
                frame.f_lineno,
                target,
                list(names),
                below,
                code.co_name != "<module>" and bool(code.co_flags & 2),  # CO_NEWLOCALS
                own,
                error is None and self._ownership.module(target, modules),
                text,
            ]
        )

    def _absent(
        self, target: str, names: Sequence[str], below: Sequence[str], module: object
    ) -> str:
        """What ``from target import names`` is about to raise; empty when all names are there."""
        namespace = _namespace_of(module)
        if type(module) is not types.ModuleType or "__getattr__" in namespace:
            return ""  # only asking it would tell, and asking runs its code
        for name in names:
            if name != "*" and name not in namespace and name not in below:
                self.missing[target] = (_is_initializing(module), _names(namespace))
                return "ImportError: cannot import name %r from %r" % (name, target)
        return ""


def _lacking(target: str, fromlist: Any, modules: Mapping[str, Any]) -> str:
    """The submodule that ``from target import …`` may be about to load; empty for none."""
    namespace = _namespace_of(modules.get(target))
    for name in fromlist or ():
        if type(name) is str and name != "*" and name not in namespace:
            return "%s.%s" % (target, name)
    return ""


def _hide(function: Any) -> None:
    """Make tracebacks and warnings treat the function as part of the import system.

    Python trims such frames from an ImportError, and from any other exception where they end in
    the function of this name (CPython, Python/import.c).
    """
    changes = {"co_filename": "<frozen importlib._bootstrap>", "co_name": _TRIMMED}
    function.__code__ = function.__code__.replace(**changes)


_TRIMMED = "_call_with_frames_removed"
_hide(Recorder.watch)


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
    return code & 0xFF if isinstance(code, int) else 1


def _bounded(text: object) -> str:
    if type(text) is not str:
        return ""
    if len(text) <= _MAX_TEXT:
        return text
    half = _MAX_TEXT // 2
    left_out = len(text) - 2 * half
    return "%s … [%d characters] … %s" % (text[:half], left_out, text[-half:])


class Describer:
    """Turns exceptions into plain values."""

    def __init__(self, ownership: Ownership, recorder: Recorder) -> None:
        self._ownership = ownership
        self._recorder = recorder

    def chain(self, error: BaseException | None, depth: int = _MAX_DEPTH) -> list[dict[str, Any]]:
        """The exception, then what led to it; groups tell their members so many levels deep."""
        links: list[dict[str, Any]] = []
        seen: set[int] = set()
        relation = ""
        while error is not None and id(error) not in seen and len(links) < _MAX_LINKS:
            seen.add(id(error))
            links.append(self._link(error, relation, depth))
            cause = getattr(error, "__cause__", None)
            if cause is not None:
                error, relation = cause, "cause"
            elif getattr(error, "__suppress_context__", False):
                break
            else:
                error, relation = getattr(error, "__context__", None), "context"
        return links

    def _link(self, error: BaseException, relation: str, depth: int) -> dict[str, Any]:
        kind = type(error)
        module = "" if kind.__module__ == "builtins" else "%s." % kind.__module__
        bases = [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"]
        link: dict[str, Any] = {
            "type": module + kind.__qualname__,
            "bases": bases,
            "message": _bounded(_text(error)),
            "relation": relation,
            "frames": self._frames(error.__traceback__),
        }
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
            if not name.startswith(_HIDDEN) and name != __file__:
                module = frame.f_globals.get("__name__", "")
                module = module if type(module) is str else ""
                own = self._ownership.file(name, module)
                frames.append([name, traceback.tb_lineno, code.co_name, module, own])
            traceback = traceback.tb_next
        if len(frames) > _MAX_FRAMES:
            half = _MAX_FRAMES // 2
            frames = frames[:half] + frames[-half:]
        return frames


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
    request: dict[str, Any] = json.loads(b"".join(chunks))
    return request


def prepare(request: Mapping[str, Any]) -> None:
    """Make the process what ``site`` and the service's launcher would have made it."""
    os.environ.update(request["env"])
    trace = high(os.open(request["trace"], os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    faulthandler.enable(file=trace)
    faulthandler.register(request["signal"], file=trace, all_threads=False)
    # The recorder adds two frames to the seven or so of a nested import.
    sys.setrecursionlimit(sys.getrecursionlimit() * 3 // 2)
    sys.path[:] = request["entries"] + request["stdlib"] + request["sites"]
    sys.path_importer_cache.clear()
    sys.prefix = sys.exec_prefix = request["prefix"]
    sys.argv[:] = request["argv"]
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()  # noqa: SLF001
    for name in ("copyright", "credits", "license"):
        text = "See https://www.python.org/psf/license/"
        setattr(builtins, name, _sitebuiltins._Printer(name, text))  # noqa: SLF001
    clean = types.ModuleType("__main__")
    clean.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = clean


# Parts of names of .pth files: editable installs, virtualenv's own, tools that measure coverage.
_NOT_THE_IMAGES = ("editable", "virtualenv", "coverage", "pytest-cov", "pytest_cov", "cov_core")


def run_site_files(sites: Sequence[str], editable: frozenset[str]) -> None:
    """What ``site`` does with ``.pth`` files, without what leads out of site-packages."""
    inside = tuple(os.path.realpath(site) + "/" for site in sites)
    for site in sites:
        try:
            names = sorted(os.listdir(site))
        except OSError:
            continue
        for name in names:
            if name.endswith(".pth") and not name.startswith(".") and name not in editable:
                if not any(part in name for part in _NOT_THE_IMAGES):
                    _run_site_file(os.path.join(site, name), site, inside)


def _run_site_file(path: str, site: str, inside: tuple[str, ...]) -> None:
    try:
        with io.open(path, encoding="utf-8-sig", errors="surrogateescape") as text:
            lines = text.read().splitlines()
    except OSError:
        return
    for line in lines:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith(("import ", "import\t")):
            try:
                exec(line, {})
            except Exception:  # site prints it and leaves the rest of the file
                return
            continue
        folder = os.path.realpath(os.path.join(site, line))
        if (folder + "/").startswith(inside) and os.path.isdir(folder):
            if folder not in sys.path:
                sys.path.append(folder)


def customize() -> None:
    """Import ``sitecustomize`` where there is one; as ``site`` does, tell and go on if it fails."""
    try:
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
    except Exception as error:
        if not isinstance(error, ImportError) or error.name != "sitecustomize":
            sys.stderr.write("Error in sitecustomize: %s: %s\n" % (type(error).__name__, error))


class Job:
    """The import itself."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.stage = "import"
        self.missing: dict[str, Any] = {}
        self._request = request
        self._import = builtins.__import__
        self._modules = sys.modules

    def run(self, describer: Describer) -> None:
        """Import what was asked for; anything may be raised."""
        request = self._request
        if request["setup"]:
            self.stage = "setup"
            module, attribute = request["setup"]
            self._resolve(self._load(module), attribute)()
            self.stage = "import"
        if request["script"]:
            owner = self._run_script(request["script"])
        else:
            owner = self._load(request["module"])
        if request["attribute"]:
            self.stage = "attribute"
            try:
                found = self._resolve(owner, request["attribute"])
            except AttributeError:
                self._look_up(owner, request["attribute"], describer)
                raise
            if request["call"]:
                self.stage = "call"
                found()
        for symbol in request["symbols"]:
            self._look_up(owner, symbol, describer)

    def _load(self, name: str) -> Any:
        self._import(name, {"__name__": "", "__builtins__": builtins}, None, (), 0)
        return self._modules[name]

    def _run_script(self, path: str) -> Any:
        """Run a file as multiprocessing's spawn runs the main module: under a name of its own."""
        module = types.ModuleType("__mp_main__")
        module.__file__ = path
        module.__dict__["__builtins__"] = builtins
        sys.modules["__main__"] = sys.modules["__mp_main__"] = module
        with io.open_code(path) as source:
            code = compile(source.read(), path, "exec", dont_inherit=True)
        exec(code, module.__dict__)
        return module

    def _resolve(self, owner: Any, dotted: str) -> Any:
        for name in dotted.split("."):
            owner = getattr(owner, name)
        return owner

    def _look_up(self, owner: Any, symbol: str, describer: Describer) -> None:
        walked = ""
        for name in symbol.split("."):
            try:
                owner = getattr(owner, name)
            except BaseException as error:
                absent = isinstance(error, AttributeError)
                self.missing[symbol] = {
                    "missing": name,
                    "owner": walked,
                    "names": _names(_namespace_of(owner)) or _listed(owner),
                    "links": [] if absent else describer.chain(error),
                }
                return
            walked = "%s.%s" % (walked, name) if walked else name


def _listed(owner: object) -> list[str]:
    try:
        return [name for name in dir(owner) if type(name) is str][:_MAX_NAMES]
    except Exception:
        return []


def main() -> None:
    request = read_request()
    exit_now = os._exit
    streams = sys.stdout, sys.stderr
    channel = Channel(request["channel"])
    channel.send({"hello": os.getpid()})
    prepare(request)
    ownership = Ownership(request["own_roots"], request["foreign_roots"], request["own_packages"])
    ownership.files[__file__] = False  # this file, also where it is part of the service
    recorder = Recorder(ownership, channel)
    describer = Describer(ownership, recorder)
    before = frozenset(sys.modules)
    modules = sys.modules
    recorder.install()
    job = Job(request)
    end: dict[str, Any] = {"stage": "import", "links": [], "missing": {}, "exit": None}
    try:
        run_site_files(request["sites"], frozenset(request["editable"]))
        customize()
        job.run(describer)
    except SystemExit as error:
        end["exit"] = _exit_status(error.code)
        end["links"] = describer.chain(error)
    except BaseException as error:
        end["links"] = describer.chain(error)
    if not channel.is_root():
        exit_now(0)
    end["stage"] = job.stage
    end["missing"] = job.missing
    end["edges"] = recorder.edges
    end["loaded"] = [
        name
        for name in list(modules)
        if type(name) is str and (name not in before or name in recorder.asked)
    ]
    for stream in streams:
        try:
            stream.flush()
        except BaseException:  # closed, replaced or broken: what it held is lost
            continue
    channel.send({"end": end})
    exit_now(0)


if __name__ == "__main__":
    main()
