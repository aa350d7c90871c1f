"""Starts probes one after the other, bounds them, collects what they say and cleans up.

Run as ``PYTHON -I -S supervisor.py PROBE FOLDER`` by the runner, one supervisor for each worker, in
an empty folder of its own. It is a process of its own so that a flood of output is drained outside
pytest, so that what a service leaves behind comes home to it (on Linux it is a child subreaper, see
prctl(2)) and is killed before the next probe starts, and so that nothing survives when pytest
itself is killed: the end of its standard input ends it, and with it everything it started. Should
it be killed itself, Linux kills the probe (PR_SET_PDEATHSIG), and the runner what the probe has
started.

Requests and replies are JSON objects behind a four-byte big-endian length, on standard input and
standard output. A request holds ``argv`` (options and interpreter, without the script), ``env``,
``cwd``, ``timeout`` in seconds, and ``probe``, the probe's own request. A reply holds

``error``
    Why the interpreter did not start, else empty.
``hello``, ``end``, ``at``
    What the probe said: whether it ran, its end message or null, the imports then unfinished.
``status``
    The exit status, negative for a signal; null while it had none when the verdict was in.
``timed_out``, ``seconds``
    Whether the deadline passed; wall time from start to verdict.
``answers``
    By number, what became of each question that the probe put to a fork of itself, or to itself:
    an object with the keys ``end``, ``at``, ``status``, ``timed_out`` and ``trace`` as above.
``stdout``, ``stderr``
    What it printed: ``[head, bytes left out, tail]``.
``trace``
    The tracebacks that faulthandler wrote for a crash or at the deadline.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

_KEEP = 16 * 1024  # bytes of head and of tail
_CHUNK = 1 << 16
_LONGEST = 256 << 20  # bytes of one message; more is noise, not a verdict
_GRACE = 0.5  # seconds that a process past its deadline has to say where it stands
_END = frozenset({"stage", "links", "missing", "exit", "edges", "loaded"})  # of an end message
_SLACK = 5.0  # seconds that a probe has beyond the deadline of a fork, to end it
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
SIGNAL = signal.SIGRTMAX - 1 if hasattr(signal, "SIGRTMAX") else signal.SIGUSR2


class Output:
    """The first and the last bytes of a stream."""

    def __init__(self) -> None:
        self._head = b""
        self._tail = b""
        self._count = 0

    def add(self, data: bytes) -> None:
        """Take in what was read."""
        self._count += len(data)
        room = _KEEP - len(self._head)
        self._head += data[:room]
        self._tail = (self._tail + data[room:])[-_KEEP:] if len(data) > room else self._tail

    def bounded(self) -> tuple[str, int, str]:
        """Head, number of bytes left out, tail."""
        left_out = self._count - len(self._head) - len(self._tail)
        return _decode(self._head), left_out, _decode(self._tail)


class Verdicts:
    """The messages of one probe, cut from the bytes that came over its pipe."""

    def __init__(self, questions: int = 0) -> None:
        self._data = bytearray()
        self._broken = False
        self._questions = questions
        self.hello = False
        self.end: dict[str, Any] | None = None
        self.at: list[list[Any]] = []
        self.finished = False
        self.asking = -1
        self.answers: dict[int, dict[str, Any]] = {}

    def add(self, data: bytes) -> None:
        """Take in what was read; what is no message of a probe is passed over."""
        if self._broken:
            return
        self._data += data
        while len(self._data) >= 4:
            length = int.from_bytes(self._data[:4], "big")
            if length > _LONGEST:
                self._broken = True
                return
            if len(self._data) < 4 + length:
                return
            body = bytes(self._data[4 : 4 + length])
            del self._data[: 4 + length]
            try:
                message = json.loads(body)
            except (ValueError, RecursionError):
                self._broken = True
                return
            if isinstance(message, dict):
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"hello": int()}:
                self.hello = True
            case {"at": [int(depth), str(file), int(line), str(name)]}:
                self.at = [step for step in self.at if step[0] < depth]
                self.at.append([depth, file, line, name])
            case {"done": int(depth)}:
                self.at = [step for step in self.at if step[0] < depth]
            case {"end": dict(end)} if end.keys() >= _END:
                self.end, self.at = end, []
                self.finished = not self._questions
            case {"asking": int(number)} if 0 <= number < self._questions:
                self.asking, self.at = number, []
            case {"answer": dict(end)} if end.keys() >= {*_END, "found"} and self.asking >= 0:
                self.answers[self.asking] = _answer(end=end)
            case {"asked": [int(number), status, bool(timed_out), str(trace)]} if (
                number == self.asking and number not in self.answers
            ):
                self.answers[number] = _answer(
                    at=self.at, status=_exit_status(status), timed_out=timed_out, trace=trace
                )
            case {"finished": True}:
                self.finished = True


class Supervisor:
    """One worker's loop."""

    def __init__(self, probe: str, folder: Path, prctl: Callable[..., Any] | None) -> None:
        self._probe = probe
        self._folder = folder
        self._channel = folder / "channel"
        self._trace = folder / "trace"
        self._home = folder / "home"
        self._home.mkdir()
        self._prctl = prctl
        self._wakeup_read, self._wakeup_write = os.pipe()
        os.set_blocking(self._wakeup_read, False)
        os.set_blocking(self._wakeup_write, False)
        signal.set_wakeup_fd(self._wakeup_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one probe to its verdict, and leave nothing of it behind."""
        self._trace.write_bytes(b"")
        self._channel.unlink(missing_ok=True)
        os.mkfifo(self._channel, 0o600)
        # Open for writing as well: a service may close its end and the probe open it again.
        channel = os.open(self._channel, os.O_RDWR | os.O_NONBLOCK)
        began = time.monotonic()
        try:
            process = self._start(request)
        except OSError as error:
            os.close(channel)
            return _reply(error=f"{request['argv'][0]}: {error.strerror or error}")
        except ValueError as error:
            os.close(channel)
            return _reply(error=str(error))
        try:
            return self._follow(process, channel, began, request)
        finally:
            os.close(channel)
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
            shutil.rmtree(self._home, ignore_errors=True)
            self._home.mkdir(exist_ok=True)

    def _start(self, request: dict[str, Any]) -> subprocess.Popen[bytes]:
        asked = {
            **request["probe"],
            "channel": str(self._channel),
            "trace": str(self._trace),
            "signal": int(SIGNAL),
        }
        with tempfile.TemporaryFile(dir=self._folder) as stdin:
            stdin.write(marshal.dumps(asked, 2))
            stdin.seek(0)
            return subprocess.Popen(
                [*request["argv"], self._probe],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=request["cwd"],
                env={"HOME": str(self._home), **request["env"]},
                start_new_session=True,
                preexec_fn=self._end_with_us if self._prctl else None,
            )

    def _end_with_us(self) -> None:
        if self._prctl is not None:
            self._prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)

    def _follow(
        self, process: subprocess.Popen[bytes], channel: int, began: float, request: dict[str, Any]
    ) -> dict[str, Any]:
        timeout, forks = request["timeout"], request["probe"]["forks"]
        questions = len(request["probe"]["questions"])
        deadline = began + timeout
        verdicts, out, err = Verdicts(questions), Output(), Output()
        takers = {channel: verdicts.add}
        for stream, output in ((process.stdout, out), (process.stderr, err)):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                takers[stream.fileno()] = output.add
        timed_out, asking, ended = False, -1, 0.0
        with selectors.DefaultSelector() as selector:
            for descriptor in (*takers, self._wakeup_read, 0):
                selector.register(descriptor, selectors.EVENT_READ)
            while not verdicts.finished and process.poll() is None:
                if verdicts.end is not None and not ended:
                    ended = time.monotonic()
                    deadline = ended + timeout
                if verdicts.asking != asking:
                    asking = verdicts.asking
                    deadline = time.monotonic() + timeout + (_SLACK if forks else 0)
                left = deadline - time.monotonic()
                if left <= 0:
                    if timed_out:
                        break
                    timed_out, deadline = True, time.monotonic() + _GRACE
                    os.kill(process.pid, SIGNAL)
                    continue
                for key, _ in selector.select(left):
                    self._read(key.fd, takers, selector)
        seconds = (ended or time.monotonic()) - began
        status = process.returncode
        self._kill_everything(process)
        for descriptor, take in takers.items():
            _drain(descriptor, take)
        trace = _decode(self._trace.read_bytes()[:_CHUNK])
        if not forks and asking >= 0:  # the process itself was to answer
            lost = _answer(at=verdicts.at, status=status, timed_out=timed_out, trace=trace)
            verdicts.answers.setdefault(asking, lost)
        return _reply(
            hello=verdicts.hello,
            end=verdicts.end,
            at=verdicts.at,
            status=status,
            timed_out=timed_out and verdicts.end is None,
            seconds=seconds,
            stdout=out.bounded(),
            stderr=err.bounded(),
            trace=trace,
            answers=[[number, answer] for number, answer in verdicts.answers.items()],
        )

    def _read(self, descriptor: int, takers: dict[int, Any], selector: Any) -> None:
        if descriptor == 0:
            # Requests come one at a time, so what is readable now is the end of the runner.
            self.give_up()
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return
        if descriptor in takers:
            takers[descriptor](data)
            if not data:
                selector.unregister(descriptor)

    def _kill_everything(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.returncode is None:
            process.kill()
            process.wait()
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                for orphan in _children():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(orphan, signal.SIGKILL)
                time.sleep(0.001)

    def give_up(self) -> NoReturn:
        """End, and take everything that was started along."""
        for child in _children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
                for orphan in _children():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(orphan, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(0)


def _children() -> list[int]:
    """Process numbers of our children, as /proc tells them; none where there is no /proc."""
    own = os.getpid()
    found = []
    with contextlib.suppress(OSError):
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    text = (process / "stat").read_bytes()
                    if int(text.rpartition(b")")[2].split()[1]) == own:
                        found.append(int(process.name))
    return found


def _drain(descriptor: int, take: Any) -> None:
    """Read what is still in a pipe that nobody writes to any more."""
    with contextlib.suppress(BlockingIOError):
        while data := os.read(descriptor, _CHUNK):
            take(data)


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _reply(**known: Any) -> dict[str, Any]:
    return {
        "error": "",
        "hello": False,
        "end": None,
        "at": [],
        "status": None,
        "timed_out": False,
        "seconds": 0.0,
        "stdout": ("", 0, ""),
        "stderr": ("", 0, ""),
        "trace": "",
        "answers": [],
        **known,
    }


def _exit_status(status: object) -> int | None:
    """A wait status as subprocess tells it, negative for a signal; None for what is none."""
    try:
        return os.waitstatus_to_exitcode(status) if isinstance(status, int) else None
    except (ValueError, OverflowError):
        return None


def _answer(**known: Any) -> dict[str, Any]:
    """What is told of a question; of a process that said nothing, how it ended."""
    return {"end": None, "at": [], "status": None, "timed_out": False, "trace": "", **known}


def read_message(descriptor: int) -> Any:
    """One length-prefixed JSON value; None at the end of the stream."""
    header = _read_exactly(descriptor, 4)
    body = _read_exactly(descriptor, int.from_bytes(header, "big")) if header else b""
    return json.loads(body) if body else None


def _read_exactly(descriptor: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = os.read(descriptor, count - len(data))
        if not chunk:
            return b""
        data += chunk
    return data


def write_message(descriptor: int, value: Any) -> None:
    """Write `value` as one length-prefixed JSON value."""
    body = json.dumps(value).encode("ascii")
    data = len(body).to_bytes(4, "big") + body
    while data:
        data = data[os.write(descriptor, data) :]


def main() -> None:
    """Serve requests until standard input ends."""
    prctl = None
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError):  # an interpreter built without libffi
            import ctypes

            prctl = ctypes.CDLL(None).prctl
            prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    folder = Path(sys.argv[2])
    supervisor = Supervisor(sys.argv[1], folder, prctl)
    try:
        while (request := read_message(0)) is not None:
            write_message(1, supervisor.run(request))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
