"""Programs that load Python code by name, each by its own rules.

Options without a value need not be listed: one that is not known is taken for such.
Sources: each program's command line reference. The folders that they put on ``sys.path`` are
compared with the programs themselves in the tests. arq and waitress put the working folder last
and not first; here it is among the first.
"""

from __future__ import annotations

import ast
import posixpath
import re
import shlex
from collections.abc import Callable, Mapping, Sequence

from pytest_importcontract.shipment.distributions.options import Options
from pytest_importcontract.shipment.image.launch import Launch, Place

_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_TARGET = re.compile(rf"({_DOTTED}):({_DOTTED})(\(\s*\))?")
_CALL = re.compile(rf"({_DOTTED}):({_DOTTED})\(.*\)", re.DOTALL)


def _valued(names: str) -> Options:
    return Options("\n".join(f"{each.replace('|', ' ')} =" for each in names.split()))


_UVICORN = _valued("""
    --host --port --uds --fd --reload-dir --reload-include --reload-exclude --reload-delay
    --workers --loop --http --ws --ws-max-size --ws-max-queue --ws-ping-interval
    --ws-ping-timeout --ws-per-message-deflate --lifespan --interface --env-file --log-config
    --log-level --forwarded-allow-ips --root-path --limit-concurrency --backlog
    --limit-max-requests --limit-max-requests-jitter --timeout-keep-alive
    --timeout-graceful-shutdown --timeout-worker-healthcheck --ssl-keyfile --ssl-certfile
    --ssl-keyfile-password --ssl-version --ssl-cert-reqs --ssl-ca-certs --ssl-ciphers --header
    --app-dir --h11-max-incomplete-event-size
""") + Options("--factory")
_GUNICORN = _valued("""
    -c|--config -b|--bind --backlog -w|--workers -k|--worker-class --threads --worker-connections
    --max-requests --max-requests-jitter -t|--timeout --graceful-timeout --keep-alive
    --limit-request-line --limit-request-fields --limit-request-field_size --reload-engine
    --reload-extra-file --chdir -e|--env -p|--pid --worker-tmp-dir -u|--user -g|--group
    -m|--umask --forwarded-allow-ips --access-logfile --access-logformat
    --error-logfile|--log-file --log-level --logger-class --log-config --log-config-json
    --log-syslog-to --log-syslog-prefix --log-syslog-facility --statsd-host --dogstatsd-tags
    --statsd-prefix -n|--name --pythonpath --paste|--paster --proxy-protocol --proxy-allow-from
    --protocol --uwsgi-allow-from --keyfile --certfile --ssl-version --cert-reqs --ca-certs
    --ciphers --http-protocols --http2-cleartext --http2-max-concurrent-streams
    --http2-initial-window-size --http2-max-frame-size --http2-max-header-list-size
    --paste-global --forwarder-headers --header-map --asgi-loop --asgi-lifespan
    --asgi-disconnect-grace-period --websocket-max-message-size --http-parser --root-path
    --dirty-app --dirty-workers --dirty-timeout --dirty-threads --dirty-graceful-timeout
    --control-socket --control-socket-mode
""")
_HYPERCORN = _valued("""
    --access-log --access-logfile --access-logformat --backlog -b|--bind --ca-certs --certfile
    --cert-reqs --ciphers -c|--config --error-log --error-logfile|--log-file --graceful-timeout
    --read-timeout --max-requests --max-requests-jitter -g|--group -k|--worker-class --keep-alive
    --keyfile --keyfile-password --insecure-bind --log-config --log-level -p|--pid --quic-bind
    --root-path --server-name --statsd-host --statsd-prefix -m|--umask -u|--user --verify-mode
    --websocket-ping-interval -w|--workers
""")
_DAPHNE = _valued("""
    -p|--port -b|--bind --websocket_timeout --websocket_connect_timeout -u|--unix-socket --fd
    -e|--endpoint -v|--verbosity -t|--http-timeout --access-log --log-fmt --ping-interval
    --ping-timeout --websocket-max-message-size --websocket-max-frame-size
    --application-close-timeout --root-path --proxy-headers-host --proxy-headers-port
    -s|--server-name
""")
_GRANIAN = _valued("""
    --host --port --uds --uds-permissions --interface --http --workers --blocking-threads
    --blocking-threads-idle-timeout --threads --runtime-threads --runtime-blocking-threads
    --runtime-mode --threading-mode --loop --task-impl --backlog --backpressure
    --http1-buffer-size --http1-header-read-timeout --http2-initial-connection-window-size
    --http2-initial-stream-window-size --http2-keep-alive-interval --http2-keep-alive-timeout
    --http2-max-concurrent-streams --http2-max-frame-size --http2-max-headers-size
    --http2-max-send-buffer-size --log-level --log-config --access-log-fmt --ssl-certificate
    --ssl-keyfile --ssl-keyfile-password --ssl-protocol-min --ssl-ca --ssl-crl
    --url-path-prefix --respawn-interval --rss-sample-interval --rss-samples --workers-lifetime
    --workers-max-rss --workers-kill-timeout --working-dir --env-files --static-path-route
    --static-path-mount --static-path-dir-to-file --static-path-expires
    --metrics-scrape-interval --metrics-address --metrics-port --reload-paths
    --reload-ignore-dirs --reload-ignore-patterns --reload-ignore-paths --reload-tick
    --process-name --pid-file
""") + Options("--factory")
_CELERY = _valued("""
    -A|--app -b|--broker --result-backend --loader --config --workdir -n|--hostname -S|--statedb
    -l|--loglevel -O|--optimization --prefetch-multiplier -c|--concurrency -P|--pool
    --time-limit --soft-time-limit --max-tasks-per-child --pool-start-method
    --max-memory-per-child -Q|--queues -X|--exclude-queues -I|--include --heartbeat-interval
    --autoscale -s|--schedule --scheduler -f|--logfile --pidfile --uid --gid --umask
    --executable --max-interval --port --address --url_prefix --basic_auth
""")
_FLASK = _valued(
    "-e|--env-file -A|--app -h|--host -p|--port --cert --key --extra-files --exclude-patterns"
)
_FASTAPI = _valued(
    "--host --port --workers --root-path --app -e|--entrypoint --forwarded-allow-ips"
)
_DRAMATIQ = _valued("""
    --processes|-p --threads|-t --pid-file --log-file --fork-function|-f --worker-fork-timeout
    --worker-shutdown-timeout --watch -i|--watch-include -x|--watch-exclude
""")
_ARQ = _valued("--watch --custom-log-dict")
_WAITRESS = _valued("""
    --host --port --listen --unix-socket --unix-socket-perms --url-scheme --url-prefix --app
    --threads --connection-limit --cleanup-interval --channel-timeout --backlog --ident
    --trusted-proxy --trusted-proxy-count --trusted-proxy-headers --max-request-header-size
    --max-request-body-size --outbuf-overflow --inbuf-overflow --asyncore-loop-timeout
""") + Options("--call")


_CELERY_APP = re.compile(rb"^(\w+)\s*=\s*(?:\w+\.)*Celery\(", re.MULTILINE)


def _target(text: str, *, factory: bool = False, attribute: str = "") -> str | None:
    """`module:attribute` as an entrypoint, None where it is no such thing."""
    text = text.strip()
    if re.fullmatch(_DOTTED, text):
        text = f"{text}:{attribute}" if attribute else text
        return f"{text}()" if factory and attribute else text
    if called := _CALL.fullmatch(text):
        # With arguments it is still called, but what it is called with is not ours to repeat.
        return text.replace(" ", "") if _TARGET.fullmatch(text) else f"{called[1]}:{called[2]}"
    if not _TARGET.fullmatch(text):
        return None
    return f"{text}()" if factory else text


def _named(words: Sequence[str]) -> str:
    """The word that names the application: the first with a colon, else the first."""
    return next((word for word in words if ":" in word), words[0] if words else "")


def _launch(
    target: str | None, named: str, what: str, *, cwd: str, path: Sequence[str] = ()
) -> Launch:
    if target is None:
        said = f"the application of {what} is {named}" if named else f"{what} names no application"
        return Launch(cwd=cwd, path=tuple(path), missing=f"{said}, which cannot be known here")
    return Launch(targets=(target,), cwd=cwd, path=tuple(path))


def _uvicorn(words: Sequence[str], place: Place) -> Launch:
    given = _UVICORN.read(words)
    named = _named(given.words)
    named = named or place.env.get("UVICORN_APP", "")
    factory = given.has("--factory") or place.env.get("UVICORN_FACTORY", "").lower() in {
        "1",
        "true",
    }
    folder = given.last("--app-dir") or place.env.get("UVICORN_APP_DIR", "")
    target = _target(named, factory=factory) if ":" in named else None
    return _launch(target, named, "uvicorn", cwd=place.cwd, path=(place.at(folder),))


def _gunicorn(words: Sequence[str], place: Place) -> Launch:
    try:
        extra = shlex.split(place.env.get("GUNICORN_CMD_ARGS", ""))
    except ValueError:
        extra = []
    given = _GUNICORN.read(words)
    around = _GUNICORN.read(extra)
    config = given.last("--config") or around.last("--config") or "gunicorn.conf.py"
    settings = _settings(config, place)
    folder = given.last("--chdir") or around.last("--chdir") or settings.get("chdir", "")
    cwd = place.at(folder)
    paths = given.last("--pythonpath") or around.last("--pythonpath")
    paths = paths or settings.get("pythonpath", "")
    first = [place.at(each, cwd) for each in paths.split(",") if each][::-1]
    named = _named(given.words) or settings.get("wsgi_app", "")
    target = _target(named, attribute="application")
    return _launch(target, named, "gunicorn", cwd=cwd, path=(*first, cwd, place.cwd))


def _settings(config: str, place: Place) -> Mapping[str, str]:
    """What a gunicorn configuration file sets to a plain text."""
    source = place.files.read(place.at(config.removeprefix("file:")))
    try:
        tree = ast.parse(source or b"")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {
        target.id: statement.value.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _hypercorn(words: Sequence[str], place: Place) -> Launch:
    named = _named(_HYPERCORN.read(words).words)
    text = re.sub(r"^(asgi|wsgi):", "", named)
    module, _, attribute = text.partition(":")
    file = place.at(module)
    target = _target(f"{posixpath.basename(module).removesuffix('.py')}:{attribute or 'app'}")
    return _launch(
        target if named else None,
        named,
        "hypercorn",
        cwd=place.cwd,
        path=(posixpath.dirname(file),),
    )


def _daphne(words: Sequence[str], place: Place) -> Launch:
    named = _named(_DAPHNE.read(words).words)
    target = _target(named) if ":" in named else None
    return _launch(target, named, "daphne", cwd=place.cwd, path=(place.cwd,))


def _granian(words: Sequence[str], place: Place) -> Launch:
    given = _GRANIAN.read(words)
    named = _named(given.words)
    folder = given.last("--working-dir") or place.env.get("GRANIAN_WORKING_DIR", "")
    target = _target(named, factory=given.has("--factory"), attribute="app") if named else None
    cwd = place.at(folder)
    return _launch(target, named, "granian", cwd=cwd, path=(place.cwd, cwd))


def _celery(words: Sequence[str], place: Place) -> Launch:
    given = _CELERY.read(words)
    named = given.last("--app") or place.env.get("CELERY_APP", "")
    cwd = place.at(given.last("--workdir"))
    target = _target(named)
    if target is not None and ":" not in target:
        target = _celery_module(target, place, (cwd,))
    if target is not None and {"worker", "beat"} & set(given.words):
        target = _with_tasks(target, place, (cwd,))
    return _launch(target, named, "celery", cwd=cwd, path=(cwd,))


def _with_tasks(target: str, place: Place, folders: tuple[str, ...]) -> str:
    """The entrypoint that imports what a worker imports before it works: ``include``, ``imports``.

    Where nothing in the module's text tells which name is the application, `target` as it is.
    """
    module, _, name = target.partition(":")
    content = place.files.read(place.module(module, folders)) or b""
    names = [match.decode() for match in _CELERY_APP.findall(content)]
    if not name and names:
        name = next((each for each in ("app", "celery") if each in names), names[0])
    return f"{module}:{name}.loader.import_default_modules()" if name in names else target


def _celery_module(name: str, place: Place, folders: tuple[str, ...]) -> str:
    parent, _, last = name.rpartition(".")
    if place.module(f"{name}.celery", folders):
        return f"{name}.celery"
    if place.module(name, folders) or not parent or not place.module(parent, folders):
        return name
    return f"{parent}:{last}"


def _flask(words: Sequence[str], place: Place) -> Launch:
    given = _FLASK.read(words)
    named = given.last("--app") or place.env.get("FLASK_APP", "")
    if not named:
        names = (name for name in ("wsgi.py", "app.py") if place.holds(place.at(name)))
        named = next(names, "")
    if not named:
        return _launch(None, "", "flask", cwd=place.cwd)
    module, attribute = (*re.split(r":(?![\\/])", named, maxsplit=1), "")[:2]
    name, folder = _from_file(place.at(module), place)
    if re.fullmatch(rf"{_DOTTED}\(.*\)", attribute, re.DOTALL):
        attribute = attribute.partition("(")[0] + ("()" if attribute.endswith("()") else "")
    target = _target(f"{name}:{attribute}" if attribute else name)
    return _launch(target, named, "flask", cwd=place.cwd, path=(folder,))


def _from_file(path: str, place: Place) -> tuple[str, str]:
    """A module's name and import folder as flask and fastapi find them: up to the last package."""
    stem = path.removesuffix(".py")
    if posixpath.basename(stem) == "__init__":
        stem = posixpath.dirname(stem)
    folder, last = posixpath.split(stem)
    names = [last]
    while folder != "/" and place.holds(f"{folder}/__init__.py"):
        folder, last = posixpath.split(folder)
        names.insert(0, last)
    return ".".join(names), folder


def _fastapi(words: Sequence[str], place: Place) -> Launch:
    given = _FASTAPI.read(words)
    if given.words[:1] not in {("run",), ("dev",)}:
        return Launch(cwd=place.cwd)
    named = given.last("--entrypoint")
    if named:
        return _launch(_target(named), named, "fastapi", cwd=place.cwd, path=(place.cwd,))
    tried = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
    found = next((each for each in tried if place.holds(place.at(each))), "")
    named = given.words[1] if len(given.words) > 1 else found
    if not named:
        return _launch(None, "", "fastapi", cwd=place.cwd)
    module, folder = _from_file(place.at(named), place)
    attribute = given.last("--app")
    target = _target(f"{module}:{attribute}" if attribute else module)
    return _launch(target, named, "fastapi", cwd=place.cwd, path=(folder,))


def _arq(words: Sequence[str], place: Place) -> Launch:
    named = next(iter(_ARQ.read(words).words), "")
    module, _, name = named.rpartition(".")
    target = _target(f"{module}:{name}") if module else None
    return _launch(target, named, "arq", cwd=place.cwd, path=(place.cwd,))


def _dramatiq(words: Sequence[str], place: Place) -> Launch:
    rest, folders = list(words), []
    for option in ("--path", "-P", "--queues", "-Q"):  # each takes all words up to an option
        while option in rest:
            start = rest.index(option)
            end = start + 1
            while end < len(rest) and not rest[end].startswith("-"):
                end += 1
            if option in {"--path", "-P"}:
                folders.extend(rest[start + 1 : end])
            del rest[start:end]
    named = _DRAMATIQ.read(rest).words
    targets = [target for each in named if (target := _target(each)) is not None]
    path = tuple(place.at(folder) for folder in folders[::-1] or ["."])
    if len(targets) < len(named) or not named:
        return _launch(None, " ".join(named), "dramatiq", cwd=place.cwd, path=path)
    return Launch(targets=tuple(targets), cwd=place.cwd, path=path)


def _waitress(words: Sequence[str], place: Place) -> Launch:
    given = _WAITRESS.read(words)
    named = _named(given.words)
    target = _target(named, factory=given.has("--call")) if ":" in named else None
    return _launch(target, named, "waitress", cwd=place.cwd, path=(place.cwd,))


def _rq(words: Sequence[str], place: Place) -> Launch:
    missing = "the jobs of rq are named in its queue, which cannot be known here"
    return Launch(cwd=place.cwd, missing=missing if "worker" in words else "")


def _alembic(_words: Sequence[str], place: Place) -> Launch:
    return Launch(cwd=place.cwd, missing="alembic runs its env.py, which imports only inside it")


def _django_admin(_words: Sequence[str], place: Place) -> Launch:
    named = place.env.get("DJANGO_SETTINGS_MODULE", "")
    return _launch(_target(named), named, "django-admin", cwd=place.cwd)


LAUNCHERS: Mapping[str, Callable[[Sequence[str], Place], Launch]] = {
    "uvicorn": _uvicorn,
    "gunicorn": _gunicorn,
    "hypercorn": _hypercorn,
    "daphne": _daphne,
    "granian": _granian,
    "celery": _celery,
    "flask": _flask,
    "fastapi": _fastapi,
    "arq": _arq,
    "dramatiq": _dramatiq,
    "waitress-serve": _waitress,
    "rq": _rq,
    "alembic": _alembic,
    "django-admin": _django_admin,
}
"""By the program's name: its words behind it and where it runs, to what it loads."""

MODULES: Mapping[str, str] = {
    **{name: name for name in LAUNCHERS},
    "waitress": "waitress-serve",
    "django": "django-admin",
    "uvicorn.main": "uvicorn",
    "gunicorn.app.wsgiapp": "gunicorn",
    "celery.__main__": "celery",
}
"""Modules that ``python -m`` starts the same programs by."""
