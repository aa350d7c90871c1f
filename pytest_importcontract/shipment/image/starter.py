"""What a Python source starts by name: servers it runs, programs it executes, Django's settings."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_TARGET = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.]*")
_SERVERS = frozenset(
    (
        "uvicorn.run",
        "uvicorn.Config",
        "uvicorn.main.run",
        "uvicorn.config.Config",
        "granian.Granian",
        "granian.server.Granian",
        "hypercorn.run.run",
    )
)
_PROGRAMS = frozenset(
    (
        *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")),
        *(f"os.{name}" for name in ("execv", "execve", "execvp", "execvpe")),
    )
)
_SETTINGS = "DJANGO_SETTINGS_MODULE"


@dataclass(frozen=True, slots=True)
class Named:
    """What a source names as literal text.

    Attributes:
        applications: each as an entrypoint, with the ``app_dir`` that goes with it (or empty), and
            its line.
        programs: command lines that are executed, with their lines; ``sys.executable`` is
            ``python``.
        settings: the default of DJANGO_SETTINGS_MODULE; empty where there is none.
        modules: what it imports, wherever it does.
    """

    applications: tuple[tuple[str, str, int], ...] = ()
    programs: tuple[tuple[tuple[str, ...], int], ...] = ()
    settings: str = ""
    modules: tuple[str, ...] = ()


def named(source: bytes | str) -> Named:
    """What `source` names; nothing where it is no Python that can be read here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        nodes = list(ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Named()
    imported = dict(_imported(nodes))
    applications = []
    programs = []
    settings = ""
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        callee = _dotted(call.func)
        head, _, tail = callee.partition(".")
        callee = f"{imported.get(head, head)}.{tail}" if tail else imported.get(head, head)
        if callee in _SERVERS:
            text = _text(_argument(call, "app", "target"))
            factory = _argument(call, "factory", at=None)
            if _TARGET.fullmatch(text):
                calls = isinstance(factory, ast.Constant) and factory.value is True
                folder = _text(_argument(call, "app_dir", at=None))
                applications.append((f"{text}()" if calls else text, folder, call.lineno))
        elif callee in _PROGRAMS:
            words = _argument(call, "args", at=1 if callee.startswith("os.") else 0)
            if argv := _words(words):
                programs.append((argv, call.lineno))
        elif callee == "os.environ.setdefault" and _text(_argument(call)) == _SETTINGS:
            settings = settings or _text(_argument(call, at=1))
    modules = dict.fromkeys(_modules(nodes))
    return Named(tuple(applications), tuple(programs), settings, tuple(modules))


def _imported(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _modules(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _dotted(node: ast.expr) -> str:
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join((node.id, *names[::-1])) if isinstance(node, ast.Name) else ""


def _argument(call: ast.Call, *names: str, at: int | None = 0) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    return call.args[at] if at is not None and at < len(call.args) else None


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _words(node: ast.expr | None) -> tuple[str, ...]:
    """A list of texts as words; one that is not literal is taken for something unknown, ``$?``."""
    if not isinstance(node, ast.List | ast.Tuple):
        return ()
    words = []
    for element in node.elts:
        executable = isinstance(element, ast.Attribute) and _dotted(element) == "sys.executable"
        words.append("python" if executable else _text(element) or "$?")
    return tuple(words)
