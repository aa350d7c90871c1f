"""Programs that start another program, and what they change on the way."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_importcontract.shipment.distributions.options import Options

_UV = Options("""
    -p --python =
    -m --module
    --with =
    --with-editable =
    --with-requirements =
    --env-file =
    --extra =
    --no-extra =
    --group =
    --only-group =
    --no-group =
    --package =
    --project =
    --directory =
    --index =
    --default-index =
    -i --index-url =
    --extra-index-url =
    -f --find-links =
    --index-strategy =
    --keyring-provider =
    --resolution =
    --prerelease =
    -C --config-setting =
    --link-mode =
    --cache-dir =
    --config-file =
    --color =
    --python-platform =
    -q --quiet
    -v --verbose
    -n --no-cache
    -s --script
    --gui-script
    --frozen
    --locked
    --no-sync
    --no-dev
    --dev
    --active
    --exact
    --isolated
    --offline
    --no-project
    --no-default-groups
    --all-extras
    --all-groups
    --no-editable
    --no-env-file
    --managed-python
    --no-managed-python
    --no-python-downloads
    --compile-bytecode
    --no-progress
    --no-config
    --native-tls
    --system-certs
""")

_WRAPPERS: Mapping[str, Options] = {
    "tini": Options("-p =\n-e =\n-v\n-s\n-g\n-w"),
    "docker-init": Options("-p =\n-e =\n-v\n-s\n-g\n-w"),
    "catatonit": Options("-g\n-P"),
    "dumb-init": Options("-r --rewrite =\n-c --single-child\n-v --verbose"),
    "nice": Options("-n --adjustment ="),
    "ionice": Options("-c --class =\n-n --classdata =\n-t --ignore"),
    "chrt": Options(""),
    "nohup": Options(""),
    "setsid": Options("-f --fork\n-w --wait\n-c --ctty"),
    "stdbuf": Options("-i --input =\n-o --output =\n-e --error ="),
    "time": Options("-p\n-v"),
    "sudo": Options("-u --user =\n-g --group =\n-E --preserve-env\n-H --set-home\n-n"),
    "setpriv": Options(
        "--reuid =\n--regid =\n--groups =\n--init-groups\n--clear-groups\n--inh-caps ="
    ),
    "opentelemetry-instrument": Options("""
        --traces_exporter =
        --metrics_exporter =
        --logs_exporter =
        --service_name =
        --exporter_otlp_endpoint =
        --exporter_otlp_traces_endpoint =
        --exporter_otlp_metrics_endpoint =
        --resource_attributes =
        --id_generator =
        --propagators =
    """),
    "ddtrace-run": Options("-d --debug\n-p --profiling\n-i --info\n-v --version"),
    "newrelic-admin run-program": Options(""),
    "doppler run": Options("-p --project =\n-c --config =\n-t --token ="),
    "infisical run": Options("--env =\n--path =\n--projectId =\n--token ="),
    "uv run": _UV,
    "poetry run": Options(""),
    "pipenv run": Options(""),
    "pdm run": Options("-p --project =\n-g --global\n-s --site-packages\n-v --verbose"),
    "hatch run": Options(""),
    "rye run": Options("-l --list"),
    "conda run": Options(
        "-n --name =\n-p --prefix =\n--cwd =\n--no-capture-output\n-v\n--live-stream"
    ),
    "micromamba run": Options("-n --name =\n-p --prefix =\n--cwd =\n-a --attach ="),
}
_GLOBAL = Options("""
    -C --directory =
    -P --project =
    -q --quiet
    -v --verbose
    -n --no-interaction
    --no-ansi
    --no-cache
    --offline
    -e --env =
    -p --python =
""")
_ENVIRONMENTS = frozenset(
    (
        "uv run",
        "poetry run",
        "pipenv run",
        "pdm run",
        "hatch run",
        "rye run",
        "conda run",
        "micromamba run",
    )
)
_USERS = frozenset(("gosu", "su-exec"))


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What a wrapper starts.

    Attributes:
        argv: the program it starts.
        cwd: the folder that runs in.
        env: variables that are set on the way.
        cleared: whether nothing else of the environment gets through.
        interpreter: what decides the environment, as in ``uv run --no-dev``; empty where the
            wrapper does not.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    cleared: bool = False
    interpreter: str = ""


def unwrap(argv: tuple[str, ...], cwd: str) -> Unwrapped | None:
    """What a wrapper starts, None where `argv` is no wrapper.

    Args:
        argv: the words of a command.
        cwd: the image folder it runs in.
    """
    name = posixpath.basename(argv[0])
    rest = argv[1:]
    if name in _USERS:
        return Unwrapped(rest[1:], cwd)
    if name == "env":
        return _env(rest, cwd)
    if name == "timeout":
        words = (
            Options("-s --signal =\n-k --kill-after =\n--foreground\n-v")
            .read(rest, leading=True)
            .words
        )
        return Unwrapped(_behind_dashes(words)[1:], cwd)
    if name == "su":
        return _su(rest, cwd)
    if name in {
        "uv",
        "poetry",
        "pdm",
        "hatch",
        "pipenv",
        "conda",
        "micromamba",
        "doppler",
        "infisical",
        "rye",
        "newrelic-admin",
    }:
        given = _GLOBAL.read(rest, leading=True)
        if given.last("--directory"):
            cwd = posixpath.join(cwd, given.last("--directory"))
        if not given.words:
            return None
        name = f"{name} {given.words[0]}"
        rest = given.words[1:]
    options = _WRAPPERS.get(name)
    if options is None:
        return None
    given = options.read(rest, leading=True)
    words = _behind_dashes(given.words)
    cwd = posixpath.join(cwd, given.last("--directory", "--cwd"))
    # With its options, as some of them decide what uv installs before it runs anything.
    own = argv[: len(argv) - len(given.words)]
    interpreter = shlex.join((posixpath.basename(argv[0]), *own[1:]))
    interpreter = interpreter if name in _ENVIRONMENTS else ""
    if name in {"conda run", "micromamba run"}:
        interpreter = " ".join((name, *(f"{key} {value}" for key, value in given.options if value)))
    if name == "uv run" and words:
        if given.has("--module"):
            words = ("python", "-m", *words)
        elif words[0].endswith(".py") or given.has("--script"):
            words = ("python", *words)
    if name == "pdm run" and words and words[0].endswith(".py"):
        words = ("python", *words)
    if name == "hatch run" and words and ":" in words[0]:
        words = (words[0].partition(":")[2], *words[1:])
    return Unwrapped(words, posixpath.normpath(cwd), interpreter=interpreter)


def _behind_dashes(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if words[:1] == ("--",) else words


def _env(rest: tuple[str, ...], cwd: str) -> Unwrapped:
    options = Options(
        "-u --unset =\n-C --chdir =\n-i --ignore-environment\n-S --split-string =\n-0"
    )
    given = options.read(rest, leading=True)
    words = list(_behind_dashes(given.words))
    if given.has("--split-string"):
        words[:0] = given.last("--split-string").split()
    env = dict.fromkeys(given.values("--unset"), "")
    while words and "=" in words[0] and not words[0].startswith("="):
        name, _, value = words.pop(0).partition("=")
        env[name] = value
    folder = posixpath.join(cwd, given.last("--chdir"))
    cleared = given.has("--ignore-environment") or "-" in rest[:1]
    return Unwrapped(tuple(word for word in words if word != "-"), folder, env, cleared)


def _su(rest: tuple[str, ...], cwd: str) -> Unwrapped | None:
    options = Options("-c --command =\n-s --shell =\n-l --login\n-m --preserve-environment\n-p")
    given = options.read(rest)
    command = given.last("--command")
    if not command:
        return None
    return Unwrapped((given.last("--shell") or "/bin/sh", "-c", command), cwd)
