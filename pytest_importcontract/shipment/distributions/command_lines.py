"""Which of a build's commands change Python environments, and what each of them asks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass

from pytest_importcontract.shipment.distributions import managers, pdm, pipenv, poetry
from pytest_importcontract.shipment.distributions.asks import (
    Activate,
    Ask,
    Collect,
    Create,
    Inside,
    Install,
    Place,
    Sync,
    System,
    Target,
    Uninstall,
    Unread,
    Where,
)
from pytest_importcontract.shipment.distributions.options import Options
from pytest_importcontract.shipment.distributions.pip import is_python, pip, pip_compile, pip_sync
from pytest_importcontract.shipment.distributions.uv import run as uv_run
from pytest_importcontract.shipment.distributions.uv import uv

_PIP = re.compile(r"pip\d*(?:\.\d+)*\Z")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)\Z", re.DOTALL)
_SYSTEM = re.compile(
    r"(?:(?:python3|py3|python3\.\d+)-[\w.+-]+|celery|daphne|gunicorn3?|hypercorn|uvicorn)\Z"
)
_HARMLESS = re.compile(
    r"(?:python3|py3)(?:\.\d+)?-(?:venv|dev|devel|minimal|full|full-venv|distutils|lib2to3|tk|"
    r"gdbm|dbg|doc|virtualenv)\Z"
)
_UNEXPANDED = re.compile(r"\$[A-Za-z_{(@*]|`")
_MENTIONS = re.compile(
    r"\b(?:pip3?|uv|poetry|pdm|pipenv|conda|mamba)\s+(?:pip\s+)?(?:install|sync|add|update|create)\b"
)
_DEEPEST = 8
"""How many programs may run one another on one command line before we stop following."""

_WRAPPERS: Mapping[str, Options] = {
    "env": Options("-i --ignore-environment\n-u --unset =\n-C --chdir =\n-S --split-string ="),
    "sudo": Options("-u --user =\n-g --group =\n-E --preserve-env\n-H --set-home\n-n\n-i\n-S"),
    "nice": Options("-n --adjustment ="),
    "timeout": Options("-s --signal =\n-k --kill-after =\n--foreground\n--preserve-status"),
    "time": Options("-p\n-v\n-f =\n-o ="),
    "exec": Options("-a =\n-c\n-l"),
    "command": Options("-p"),
    "nohup": Options(""),
    "builtin": Options(""),
    "stdbuf": Options("-i =\n-o =\n-e ="),
    "ionice": Options("-c =\n-n ="),
    "retry": Options("-t =\n-d ="),
}
_VENV = Options("""-h --help
--system-site-packages
--symlinks
--copies --always-copy
--clear
--upgrade
--without-pip --no-seed
--no-pip
--prompt =
--upgrade-deps
--without-scm-ignore-files
-p --python =
--try-first-with =
--creator =
--seeder =
--download
--no-download --never-download
--extra-search-dir =
--pip =
--setuptools =
--wheel =
--no-setuptools
--no-wheel
--no-periodic-update
--symlink-app-data
--app-data =
--read-only-app-data
--reset-app-data
--activators =
--no-vcs-ignore
--discovery =
-v --verbose
-q --quiet
--with-traceback""")
_PYTHON = Options("-c =\n-m =\n-W =\n-X =\n-B\n-b\n-d\n-E\n-i\n-I\n-O\n-P\n-q\n-s\n-S\n-u\n-v\n-x")
_SETUP = Options("--user\n--prefix =\n--no-deps\n-O =\n--root =\n--record =")
_BUILD = Options(
    "-w --wheel\n-s --sdist\n-o --outdir =\n-n --no-isolation\n-x --skip-dependency-check\n-C ="
)
_SYSTEM_COMMANDS = {
    "apt-get": "install",
    "apt": "install",
    "aptitude": "install",
    "apk": "add",
    "yum": "install",
    "dnf": "install",
    "microdnf": "install",
    "zypper": "install",
}
_MANAGERS = {"poetry": poetry.GLOBAL, "pdm": pdm.GLOBAL, "pipenv": pipenv.GLOBAL}
_CONDA = ("conda", "mamba", "micromamba")


def asks(argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """What a command asks of Python environments; nothing for most commands.

    Args:
        argv: its words.
        cwd: the folder it runs in, an absolute path of the image.
        env: the variables it sees.
    """
    return _asks(tuple(argv), cwd, env, 0)


def inside(argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> Place | None:
    """The environment that ``uv run``, ``poetry run`` and the like run programs in; None if none.

    Parameters as in `asks`; nothing needs to follow ``run``.
    """
    argv, cwd, env = _unwrapped(tuple(argv), cwd, env)
    name, words = posixpath.basename(argv[0]) if argv else "", argv[1:]
    if name == "uv":
        found = uv_run(words, cwd, env)
        return found[0] if found else None
    if name in _MANAGERS and managers.run(_MANAGERS[name], words) is not None:
        return Place(Where(name), folder=cwd)
    return None


def mentions_installs(text: str) -> bool:
    """Whether a script's text looks as if it installed distributions."""
    return _MENTIONS.search(text) is not None


def _asks(argv: tuple[str, ...], cwd: str, env: Mapping[str, str], depth: int) -> tuple[Ask, ...]:
    argv, cwd, env = _unwrapped(argv, cwd, env)
    if not argv or depth > _DEEPEST:
        return ()
    program, *words = argv
    if program in (".", "source") and words:
        return _sourced(words[0], cwd)
    name = posixpath.basename(program)
    if is_python(program):
        return _python(program, words, cwd, env, depth)
    if _PIP.match(name):
        return _read(pip(words, cwd, env, program))
    return _read(_named(name, program, words, cwd, env, depth))


def _named(
    name: str,
    program: str,
    words: Sequence[str],
    cwd: str,
    env: Mapping[str, str],
    depth: int,
) -> tuple[Ask, ...]:
    match name:
        case "uv":
            return _uv(words, cwd, env, depth)
        case "poetry" | "pdm" | "pipenv":
            return _manager(name, words, cwd, env, depth)
        case "virtualenv":
            return _venv(words, cwd, "virtualenv", "")
        case "pip-sync":
            return pip_sync(words, cwd, _beside(program, "python"))
        case "pip-compile":
            return pip_compile(words, cwd)
        case "easy_install":
            targets = tuple(Target(word) for word in words if not word.startswith("-"))
            place = Place(Where.PROGRAM, _beside(program, "python"))
            return (Install(place=place, folder=cwd, targets=targets),)
        case "pyproject-build":
            return _build(words, cwd)
        case _ if name in _SYSTEM_COMMANDS:
            return _system(name, words)
        case _ if name in _CONDA:
            if {"install", "create", "update", "env", "remove"} & set(words[:3]):
                return (Unread(f"{name} is not modelled"),)
            return ()
        case "xargs" if mentions_installs(" ".join(words)):
            return (Unread("its arguments come from another command"),)
        case "flit" | "hatch" | "rye" if {"install", "env", "sync"} & set(words[:1]):
            return (Unread(f"{name} is not modelled"),)
        case _:
            return ()


def _unwrapped(
    argv: tuple[str, ...], cwd: str, env: Mapping[str, str]
) -> tuple[tuple[str, ...], str, Mapping[str, str]]:
    """The command that ``env``, ``sudo``, ``timeout`` and the like run, and where."""
    while argv:
        assignment = _ASSIGNMENT.match(argv[0])
        if assignment:
            env = {**env, assignment[1]: assignment[2]}
            argv = argv[1:]
            continue
        name = posixpath.basename(argv[0])
        options = _WRAPPERS.get(name)
        if options is None:
            break
        given = options.read(argv[1:], leading=True)
        if folder := given.last("--chdir"):
            cwd = posixpath.normpath(posixpath.join(cwd, folder))
        argv = given.words[1:] if name == "timeout" else given.words
    return argv, cwd, env


def _read(asked: tuple[Ask, ...]) -> tuple[Ask, ...]:
    """What is asked, and a word about variables that nobody knows, where they matter to it."""
    unknown = [text for ask in asked for text in _texts(ask) if _UNEXPANDED.search(text)]
    if not unknown:
        return asked
    places = [ask.place for ask in asked if isinstance(ask, Install | Sync | Uninstall)]
    place = places[0] if places else None
    return (*asked, Unread(f"the value of {unknown[0]} is not known", place))


def _texts(value: object) -> Iterator[str]:
    """All texts that a value consists of."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value) and not isinstance(value, Unread | Inside):  # these have said theirs
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


def _sourced(script: str, cwd: str) -> tuple[Ask, ...]:
    path = posixpath.normpath(posixpath.join(cwd, script))
    folder, name = posixpath.split(path)
    if name == "activate" and posixpath.basename(folder) == "bin":
        return (Activate(posixpath.dirname(folder)),)
    return ()


def _python(
    program: str, words: Sequence[str], cwd: str, env: Mapping[str, str], depth: int
) -> tuple[Ask, ...]:
    position = 0
    while position < len(words) and words[position].startswith("-"):
        if words[position] == "-m" or words[position].endswith("m"):
            break
        position += 2 if words[position] in ("-W", "-X", "--check-hash-based-pycs") else 1
    rest = list(words[position:])
    if not rest:
        return ()
    if rest[0].startswith("-"):
        return _module(program, rest[1:], cwd, env, depth)
    script = posixpath.basename(rest[0])
    if script == "setup.py":
        return _setup(program, rest[0], rest[1:], cwd)
    if script == "get-pip.py":
        place = Place(Where.PROGRAM, program)
        return (Install(place=place, folder=cwd, targets=(Target("pip"),), deps=False),)
    return ()


def _module(
    program: str, words: Sequence[str], cwd: str, env: Mapping[str, str], depth: int
) -> tuple[Ask, ...]:
    module, rest = words[0] if words else "", list(words[1:])
    match module:
        case "pip":
            return _read(pip(rest, cwd, env, program))
        case "venv" | "virtualenv":
            return _read(_venv(rest, cwd, module, program))
        case "ensurepip":
            place = Place(Where.PROGRAM, program)
            return (Install(place=place, folder=cwd, targets=(Target("pip"),), deps=False),)
        case "piptools" if rest[:1] == ["sync"]:
            return pip_sync(rest[1:], cwd, program)
        case "piptools" if rest[:1] == ["compile"]:
            return pip_compile(rest[1:], cwd)
        case "uv" | "poetry" | "pdm" | "pipenv":
            return _asks((module, *rest), cwd, env, depth + 1)
        case "build":
            return _build(rest, cwd)
        case _:
            return ()


def _setup(program: str, script: str, words: Sequence[str], cwd: str) -> tuple[Ask, ...]:
    given = _SETUP.read(words)
    folder = posixpath.dirname(posixpath.join(cwd, script))
    target = Target(folder, editable="develop" in given.words)
    place = Place(Where.PROGRAM, program)
    if {"install", "develop"} & set(given.words):
        deps = not given.has("--no-deps")
        return (Install(place=place, folder=cwd, targets=(target,), deps=deps),)
    if "bdist_wheel" in given.words:
        out = posixpath.join(folder, "dist")
        install = Install(place=place, folder=cwd, targets=(target,), deps=False)
        return (Collect(out, install, projects=True),)
    return ()


def _uv(words: Sequence[str], cwd: str, env: Mapping[str, str], depth: int) -> tuple[Ask, ...]:
    asked = uv(words, cwd, env)
    inner = uv_run(words, cwd, env)
    if inner is None:
        return asked
    place, command = inner
    within = _asks(command, cwd, env, depth + 1)
    return (*asked, Inside(place, within)) if within else asked


def _manager(
    name: str, words: Sequence[str], cwd: str, env: Mapping[str, str], depth: int
) -> tuple[Ask, ...]:
    inner = managers.run(_MANAGERS[name], words)
    if inner is not None:
        within = _asks(inner, cwd, env, depth + 1)
        return (Inside(Place(Where(name), folder=cwd), within),) if within else ()
    if name == "poetry":
        return poetry.poetry(words, cwd)
    return (pdm.pdm if name == "pdm" else pipenv.pipenv)(words, cwd, env)


def _venv(words: Sequence[str], cwd: str, by: str, python: str) -> tuple[Ask, ...]:
    given = _VENV.read(words)
    if given.has("--help"):
        return ()
    return tuple(
        Create(
            posixpath.normpath(posixpath.join(cwd, folder)),
            by,
            seeded=not given.has("--no-seed", "--no-pip"),
            system=given.has("--system-site-packages"),
            python=given.last("--python") or python,
        )
        for folder in given.words
    )


def _build(words: Sequence[str], cwd: str) -> tuple[Ask, ...]:
    given = _BUILD.read(words)
    source = posixpath.normpath(posixpath.join(cwd, *given.words[:1]))
    out = posixpath.join(source, "dist")
    if folder := given.last("--outdir"):
        out = posixpath.normpath(posixpath.join(cwd, folder))
    place = Place(Where.TARGET, out)
    install = Install(place=place, folder=cwd, targets=(Target(source),), deps=False)
    return (Collect(out, install, projects=True),)


def _system(name: str, words: Sequence[str]) -> tuple[Ask, ...]:
    if _SYSTEM_COMMANDS[name] not in words:
        return ()
    names = tuple(
        found
        for word in words
        if _SYSTEM.match(found := word.split("=")[0]) and not _HARMLESS.match(found)
    )
    return (System(names),) if names else ()


def _beside(program: str, name: str) -> str:
    folder = posixpath.dirname(program)
    return posixpath.join(folder, name) if folder else name
