"""Starts the service for real and waits until it is up, or until it is known why not."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import importlib_resources

from pytest_importcontract.contract.model import PORT
from pytest_importcontract.contract.model import Health as Wanted
from pytest_importcontract.observe.facts import Frame, Health, HealthKind, Place
from pytest_importcontract.observe.health.command import (
    SYSTEM_PATH,
    Command,
    NotRunnableError,
    command,
    command_text,
)
from pytest_importcontract.observe.health.log import Log
from pytest_importcontract.observe.health.ports import (
    free_port,
    is_taken,
    listening,
    listening_files,
)
from pytest_importcontract.observe.health.stand_in import build
from pytest_importcontract.observe.health.tracebacks import Tracebacks, standing
from pytest_importcontract.observe.leftovers import HOME, end_leftovers
from pytest_importcontract.observe.reading import nearest
from pytest_importcontract.observe.supervisor import SIGNAL
from pytest_importcontract.observe.surroundings import surroundings
from pytest_importcontract.shipment.environment import defaults
from pytest_importcontract.shipment.shipment import Shipment

_GRACE = 3.0  # seconds between SIGTERM and SIGKILL
_SETTLING = 0.5  # seconds that it must stay up
_PAUSE = 0.1  # seconds between two looks
_ANSWERING = 5.0  # seconds for an answer of the watcher
_FIRST_PATIENCE = 2.0  # seconds for an answer; doubled each time
_DECIDED = 3.0  # seconds after which an answer counts that waiting does not change
_MOST_DEATHS = 6  # of workers; then it is no accident
_SNIPPET = 400  # bytes of an answer
_TRIES = 3  # ports
_TRACEBACKS = "trace"  # the file in which processes say where they stand
_TAKEN = re.compile(r"address already in use|Errno 98\b", re.IGNORECASE)


def attempt(shipment: Shipment, bytecode: Path) -> Health:
    """Start the service as its container does, see whether it comes up, and end it.

    Nothing that it started is left. The port is a free one; should somebody take it in the moment
    before the service does, another one is tried.

    Args:
        shipment: the service; its contract wants it started.
        bytecode: folder for compiled copies, shared by all processes.
    """
    wanted = shipment.service.health
    if wanted is None:
        raise ValueError(f"nothing says how {shipment.service.name} is started")
    found = _once(shipment, wanted, bytecode)
    for _ in range(_TRIES - 1):
        if found.kind is not HealthKind.ENDED or PORT not in wanted.command:
            break
        if not _TAKEN.search(found.log):
            break
        found = _once(shipment, wanted, bytecode)
    if shipment.guard is not None:
        shipment.guard.mend()
    return found


def _once(shipment: Shipment, wanted: Wanted, bytecode: Path) -> Health:
    host = urlsplit(wanted.url.replace(PORT, "1")).hostname or "127.0.0.1"
    port = free_port(host)
    asked = urlsplit(wanted.url.replace(PORT, str(port)))
    text = shipment.secrets.hide(command_text(shipment))
    nothing = Health(kind=HealthKind.NOT_RUN, command=text)
    if wanted.url and is_taken(host, asked.port or 80):
        text = f"{host}:{asked.port or 80}"
        return replace(nothing, kind=HealthKind.PORT_TAKEN, detail=text, url=asked.geturl())
    folder = Path(tempfile.mkdtemp(prefix="importcontract-"))
    try:
        (folder / HOME).mkdir()
        with _here("probe.py") as probe, _here("health", "watcher.py") as watcher:
            try:
                ready = _prepared(shipment, port, folder, bytecode, probe)
            except NotRunnableError as error:
                detail = shipment.secrets.hide(f"{error}\n{error.fix}")
                return replace(nothing, detail=detail)
            run = _Run(ready, wanted, watcher, asked.geturl(), folder / _TRACEBACKS)
            try:
                found = run.verdict()
            finally:
                run.end()
        return _explained(shipment, found, run, folder)
    finally:
        end_leftovers(folder)


def _here(*names: str) -> Any:
    place = importlib_resources.files("pytest_importcontract.observe").joinpath(*names)
    return importlib_resources.as_file(place)


def _prepared(shipment: Shipment, port: int, folder: Path, bytecode: Path, probe: Path) -> Command:
    process = shipment.container
    trace = folder / _TRACEBACKS
    trace.touch()
    stand_in = folder / "env"
    stand_in.mkdir()
    programs = build(stand_in, shipment, process.entries, probe, trace)
    env = {
        "PYTHONPYCACHEPREFIX": str(bytecode),
        **defaults(shipment.interpreter),
        **process.env,
        **shipment.env,
        "HOME": str(folder / HOME),
    }
    path = shipment.env.get("PATH") or _image_path(shipment) or SYSTEM_PATH
    env["PATH"] = f"{programs}:{path}"
    env.pop("PYTHONPATH", None)
    if process.entries:
        env["PYTHONPATH"] = ":".join(map(str, process.entries))
    return command(shipment, programs, port, env, process.cwd)


def _image_path(shipment: Shipment) -> str:
    """PATH with the image's folders that are there, and this machine's own."""
    image = shipment.image
    if image is None:
        return ""
    named = image.stage.env.get("PATH", "").split(":")
    places = [str(shipment.staged(folder)) for folder in named if folder.startswith("/")]
    return ":".join([*filter(os.path.isdir, places), SYSTEM_PATH])


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of asking once: a status, or 0 where nothing accepted, -1 for no answer."""

    status: int
    body: str = ""


class _Run:
    """One command that runs, watched."""

    def __init__(
        self, command: Command, wanted: Wanted, watcher: Path, url: str, trace: Path
    ) -> None:
        self._command = command
        self._trace = trace
        self._wanted = wanted
        self._url = url
        self._began = time.monotonic()
        self._input = b""
        self._status: int | None = None
        self._error = ""
        self.said = ""  # before it was told to end, where it was
        self._pids: list[int] = []
        self._traced = False
        self._ended = False
        ready = re.compile(wanted.ready_log) if wanted.ready_log else None
        descriptor, writing = os.pipe()
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", watcher],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=writing,
            env=surroundings(),
            start_new_session=True,
        )
        os.close(writing)
        self.log = Log(descriptor, ready)
        self._say(
            argv=command.argv, env=dict(command.env), cwd=command.cwd, folder=str(trace.parent)
        )

    def verdict(self) -> Health:
        """Wait until it is up, has ended, or its time is up."""
        if self._wanted.ready_after is not None:
            return self._survives(self._wanted.ready_after)
        deadline = self._began + self._wanted.timeout
        return self._answers(deadline) if self._url else self._prints(deadline)

    def _survives(self, seconds: float) -> Health:
        while time.monotonic() < self._began + seconds:
            if (over := self._over()) is not None:
                return over
            self._listen(_PAUSE)
        return self._over() or self._up()

    def _prints(self, deadline: float) -> Health:
        while not self.log.is_ready:
            if (over := self._over()) is not None:
                if self._status is not None:
                    self.log.wait(1.0)
                return over
            if time.monotonic() > deadline:
                return self._late(HealthKind.NOTHING_SAID)
            self._listen(_PAUSE)
        self._listen(_SETTLING)
        return self._over() or self._up()

    def _answers(self, deadline: float) -> Health:
        patience, decided = _FIRST_PATIENCE, 0.0
        answer = _Answer(0)
        while True:
            if (over := self._over()) is not None:
                return over
            now = time.monotonic()
            if now > deadline:
                break
            answer = self._ask(min(patience, max(deadline - now, _PAUSE)))
            if 200 <= answer.status < 300:
                if (wrong := self._unsettled(answer)) is None:
                    return self._up()
                if self._is_another(wrong):
                    return wrong
            patience = patience * 2 if answer.status < 0 else _FIRST_PATIENCE
            if not (300 <= answer.status < 500 and answer.status not in (404, 408, 425, 429)):
                decided = 0.0
            elif not decided:
                decided = now
            elif now > decided + _DECIDED:
                break
            self._listen(_PAUSE)
        if answer.status <= 0:  # the last look may have come just too early
            answer = self._ask(_FIRST_PATIENCE)
            if 200 <= answer.status < 300 and self._unsettled(answer) is None:
                return self._up()
        kinds = {0: HealthKind.CLOSED, -1: HealthKind.SILENT}
        kind = kinds.get(answer.status, HealthKind.REFUSED)
        status = answer.status if kind is HealthKind.REFUSED else None
        return self._late(kind, status=status, detail=answer.body)

    def _is_another(self, found: Health) -> bool:
        return found.kind in (HealthKind.PORT_TAKEN, HealthKind.WORKERS_DIE)

    def _unsettled(self, answer: _Answer) -> Health | None:
        """What is wrong although it answered: it does not stay up, or somebody else answered."""
        self._listen(_SETTLING)
        if (over := self._over(1)) is not None:
            return over
        if self._ask(_FIRST_PATIENCE * 4).status != answer.status:
            return self._health(HealthKind.SILENT)
        port = urlsplit(self._url).port or 80
        ours = listening(self._processes())
        if ours is not None and not any(number == port for _, number in ours):
            return self._health(HealthKind.PORT_TAKEN, detail=urlsplit(self._url).netloc)
        return None

    def _ask(self, timeout: float) -> _Answer:
        """Ask once; no proxy, no redirection."""
        parts = urlsplit(self._url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port or 80, timeout=timeout
        )
        try:
            connection.connect()
        except OSError:
            return _Answer(0)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"Accept": "*/*", "Connection": "close"})
            response = connection.getresponse()
            body = response.read(_SNIPPET).decode("utf-8", "backslashreplace")
            if 300 <= response.status < 400:
                body = f"to {response.headers.get('Location', 'nowhere')}"
            return _Answer(response.status, body)
        except (OSError, http.client.HTTPException):
            return _Answer(-1)
        finally:
            connection.close()

    def _over(self, deaths: int = _MOST_DEATHS) -> Health | None:
        """What is to be said where there is nothing to wait for any more."""
        self._listen(0)
        if self._error:
            return self._health(
                HealthKind.NOT_RUN, detail=f"{self._command.argv[0]}: {self._error}"
            )
        if self._status is not None:
            self.log.wait(1.0)
            return self._health(HealthKind.ENDED, status=self._status)
        if self.log.deaths >= deaths:
            return self._late(HealthKind.WORKERS_DIE)
        return None

    def _up(self) -> Health:
        if self.log.deaths:
            return self._late(HealthKind.WORKERS_DIE)
        return self._health(HealthKind.UP)

    def _late(self, kind: HealthKind, *, status: int | None = None, detail: str = "") -> Health:
        """What is to be said of a command that still runs."""
        if self.log.deaths and kind is not HealthKind.REFUSED:
            kind = HealthKind.WORKERS_DIE
        pids = self._processes()
        found = listening(pids) or ()
        self._traced = False
        self._say(signal=int(SIGNAL), trace=str(self._trace))
        self._await(lambda: self._traced)
        shown = tuple(sorted(_shown(host, port) for host, port in found))
        if not found:
            own = str(self._trace.parent)  # what is below it is not the service's idea
            files = (file for file in listening_files(pids) if not file.startswith(own))
            shown = tuple(f"unix:{file}" for file in sorted(files))
        self.said = self.log.text()
        return self._health(kind, status=status, detail=detail, listening=shown)

    def _health(self, kind: HealthKind, **known: Any) -> Health:
        return Health(
            kind=kind,
            command=self._command.text,
            program=self._command.program,
            url=self._url,
            deaths=self.log.deaths,
            seconds=time.monotonic() - self._began,
            **known,
        )

    def _processes(self) -> list[int]:
        self._pids = []
        self._say(who=True)
        self._await(lambda: bool(self._pids))
        return self._pids

    def _await(self, is_said: Callable[[], bool]) -> None:
        """Listen until the watcher has said what it was asked for."""
        until = time.monotonic() + _ANSWERING
        while not is_said() and not self._ended and time.monotonic() < until:
            self._listen(_PAUSE)

    def _say(self, **message: Any) -> None:
        if self._watcher.stdin is not None:
            with contextlib.suppress(OSError):
                os.write(self._watcher.stdin.fileno(), json.dumps(message).encode("ascii") + b"\n")

    def _listen(self, seconds: float) -> None:
        """Take in what the watcher says, for so long at most, or until something is said."""
        if self._watcher.stdout is None or self._ended:
            return
        descriptor = self._watcher.stdout.fileno()
        if not select.select([descriptor], [], [], seconds)[0]:
            return
        data = os.read(descriptor, 1 << 16)
        if not data:  # whatever ended it ended the command as well
            self._ended = True
            self._error = self._error or "the process that watches it was ended"
            return
        *lines, self._input = (self._input + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, message: Mapping[str, Any]) -> None:
        self._status = message.get("status", self._status)
        self._error = message.get("error", self._error)
        self._pids = message.get("pids", self._pids)
        self._traced = message.get("traced", self._traced)
        self._ended = message.get("stopped", self._ended)

    def end(self) -> None:
        """End the command and all that it started."""
        self._say(stop=_GRACE)
        until = time.monotonic() + _GRACE + 6
        while not self._ended and time.monotonic() < until:
            self._listen(_PAUSE)
        for stream in (self._watcher.stdin, self._watcher.stdout):
            if stream is not None:
                stream.close()
        self._watcher.wait()
        self.log.wait(1.0)


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _explained(shipment: Shipment, found: Health, run: _Run, folder: Path) -> Health:
    """With what was printed, and what that shows."""
    hide = shipment.secrets.hide
    log, command = hide(run.log.text()), hide(found.command)
    found = replace(found, command=command, detail=hide(found.detail), url=hide(found.url))
    if found.kind in (HealthKind.UP, HealthKind.NOT_RUN):
        return replace(found, log=shipment.told(log))
    foreign = (*shipment.foreign_roots, str(folder))

    def frame(file: str, line: int, function: str) -> Frame:
        own = nearest(file, shipment.own_roots) > nearest(file, foreign)
        place = Place(shipment.to_repository(file), line)
        return Frame(place=place, function=function, first_party=own)

    read = Tracebacks(frame, shipment.to_repository, shipment.told)
    try:
        trace = (folder / _TRACEBACKS).read_text("utf-8", "replace")
    except OSError:
        trace = ""
    anywhere = found.kind in (HealthKind.REFUSED, HealthKind.WORKERS_DIE)
    stood = () if anywhere else standing(trace, frame)
    elsewhere = found.kind is HealthKind.CLOSED and found.listening
    hides = stood or elsewhere or found.kind is HealthKind.PORT_TAKEN
    said = hide(run.said or log)
    return replace(
        found,
        log=shipment.told(log),
        said=shipment.told(said),
        listening=tuple(map(shipment.told, found.listening)),
        # What is printed at the end, as by an interrupted call, is no cause.
        failure=None if hides else read.failure(said) or read.failure(log),
        standing=stood,
    )
