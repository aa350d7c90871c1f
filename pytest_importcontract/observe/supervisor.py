"""Starts probes one after the other, bounds them, collects what they say and cleans up.

Run as ``PYTHON -I -S supervisor.py PROBE FOLDER`` by the runner, one supervisor for each worker, in
an empty folder of its own. It is a process of its own so that a flood of output is drained outside
pytest, so that what a service leaves behind comes home to it (on Linux it is a child subreaper, see
prctl(2)) and is killed before the next probe starts, and so that nothing survives when pytest
itself is killed: the end of its standard input ends it, and with it everything it started. Should
it be killed itself, Linux kills the probe (PR_SET_PDEATHSIG), and the runner what the probe has
started.

Requests and replies are JSON objects behind a four-byte big-endian length, on standard input and
standard output. A request to start holds ``argv`` (options and interpreter, without the script),
``env``, ``cwd``, ``timeout`` in seconds, and ``probe``, the probe's own request; where that says
``keep``, what has been imported without a failure stays, until the next request to start. A request
with the key ``ask`` puts that question to it, and waits so many seconds as its ``timeout`` says.
A reply holds

``error``
    Why the interpreter did not start, else empty.
``hello``, ``end``, ``at``
    What the probe said: whether it ran, its end message or null, the imports then unfinished.
``status``
    The exit status, negative for a signal; null while it had none when the verdict was in.
``timed_out``, ``seconds``
    Whether the deadline passed; wall time from start to verdict.
``stdout``, ``stderr``
    What it printed: ``[head, bytes left out, tail]``.
``trace``
    The tracebacks that faulthandler wrote for a crash or at the deadline.
``kept``, ``memory``
    Whether there is a process that can be asked, and how many bytes of memory it then held, as far
    as the system tells; else 0.
``answer``
    What became of the question; null where none was asked. An object with the keys ``end``, ``at``,
    ``status``, ``timed_out`` and ``trace`` as above; of a fork, where the question came alone.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

_KEEP = 16 * 1024  # bytes of head and of tail
_CHUNK = 1 << 16
_LONGEST = 256 << 20  # bytes of one message; more is noise, not a verdict
_GRACE = 0.5  # seconds that a process past its deadline has to say where it stands
_END = frozenset({"stage", "links", "missing", "exit", "edges", "loaded"})  # of an end message
_FULL = 1 << 20  # bytes: more than a pipe holds at a time
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
    """The messages of one probe, found among the bytes that came over its pipe.

    Args:
        mark: what each message begins with. A service that writes into every descriptor that it
            finds does not know it.
    """

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._data = bytearray()
        self.hello = False
        self.flushed = False
        self.end: dict[str, Any] | None = None
        self.at: list[list[Any]] = []
        self.asking = False
        self.answer: dict[str, Any] | None = None
        self.asked: dict[str, Any] | None = None

    def expect(self) -> None:
        """Forget the last question: another one is asked."""
        self.at, self.asking, self.answer, self.asked = [], False, None, None

    def add(self, data: bytes) -> None:
        """Take in what was read; what is no message of a probe is passed over."""
        self._data += data
        head = len(self._mark) + 4
        while True:
            start = self._data.find(self._mark)
            if start < 0:
                del self._data[: -len(self._mark)]
                return
            del self._data[:start]
            length = int.from_bytes(self._data[len(self._mark) : head], "big")
            if len(self._data) < (head + length if length <= _LONGEST else head):
                return
            message = None
            if length <= _LONGEST:
                with contextlib.suppress(ValueError, RecursionError):
                    message = json.loads(bytes(self._data[head : head + length]))
            if isinstance(message, dict):
                del self._data[: head + length]
                self._take(message)
            else:
                del self._data[: len(self._mark)]

    def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"hello": int()}:
                self.hello = True
            case {"at": [int(depth), str(file), int(line), str(name)]}:
                self.at = [step for step in self.at if step[0] < depth]
                self.at.append([depth, file, line, name])
            case {"done": int(depth)}:
                self.at = [step for step in self.at if step[0] < depth]
            case {"end": dict(end)} if end.keys() >= {*_END, "effects", "swallowed"}:
                self.end, self.at = end, []
            case {"flushed": True} if self.end is not None:
                self.flushed = True
            case {"asking": True} if self.end is not None:
                self.asking = True
            case {"answer": dict(end)} if end.keys() >= {*_END, "found"} and self.asking:
                self.answer, self.flushed = end, False
            case {"asked": [status, bool(timed_out), str(trace)]} if self.asking:
                self.asked = {
                    "status": _exit_status(status),
                    "timed_out": timed_out,
                    "trace": trace,
                }


@dataclass
class Process:
    """A probe that runs, with the pipes that it writes to."""

    popen: subprocess.Popen[bytes]
    channel: int
    verdicts: Verdicts
    out: Output = field(default_factory=Output)
    err: Output = field(default_factory=Output)

    @property
    def takers(self) -> dict[int, Callable[[bytes], None]]:
        """What takes in the bytes of each pipe."""
        takers: dict[int, Callable[[bytes], None]] = {self.channel: self.verdicts.add}
        for stream, output in ((self.popen.stdout, self.out), (self.popen.stderr, self.err)):
            if stream is not None and not stream.closed:
                takers[stream.fileno()] = output.add
        return takers

    def close(self) -> None:
        """Give the pipes back."""
        os.close(self.channel)
        for stream in (self.popen.stdout, self.popen.stderr):
            if stream is not None:
                stream.close()


class Supervisor:
    """One worker's loop."""

    def __init__(self, probe: str, folder: Path, prctl: Callable[..., Any] | None) -> None:
        self._probe = probe
        self._folder = folder
        self._channel = folder / "channel"
        self._questions = folder / "questions"
        self._trace = folder / "trace"
        self._home = folder / "home"
        self._prctl = prctl
        self._kept: Process | None = None
        self._wakeup_read, self._wakeup_write = os.pipe()
        os.set_blocking(self._wakeup_read, False)
        os.set_blocking(self._wakeup_write, False)
        signal.set_wakeup_fd(self._wakeup_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a probe, or ask the one that stayed."""
        return self._ask(request) if "ask" in request else self._begin(request)

    def _begin(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one probe to its verdict; leave nothing of it behind, unless it is to be kept."""
        self.drop()
        for place in (self._home, self._trace, self._channel, self._questions):
            clear(place)
        self._home.mkdir(parents=True)
        self._trace.write_bytes(b"")
        for pipe in (self._channel, self._questions):
            os.mkfifo(pipe, 0o600)
        # Open for writing as well: a service may close its end and the probe open it again.
        channel = os.open(self._channel, os.O_RDWR | os.O_NONBLOCK)
        began = time.monotonic()
        mark = os.urandom(8)
        try:
            popen = self._start(request, mark)
        except OSError as error:
            os.close(channel)
            return _reply(error=f"{request['argv'][0]}: {error.strerror or error}")
        except ValueError as error:
            os.close(channel)
            return _reply(error=str(error))
        probe = request["probe"]
        self._kept = process = Process(popen, channel, Verdicts(mark))
        for stream in (popen.stdout, popen.stderr):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
        verdicts = process.verdicts
        timed_out = self._follow(process, request["timeout"], lambda: verdicts.flushed)
        seconds = time.monotonic() - began
        status, ended = popen.returncode, verdicts.end
        fine = ended is not None and not ended["links"] and ended["exit"] is None
        answer = None
        if fine and probe["question"] is not None:
            verdicts.flushed = False
            late = self._follow(process, request["timeout"], lambda: verdicts.flushed)
            answer = _answer(
                end=verdicts.answer, at=verdicts.at, status=popen.returncode, timed_out=late
            )
        keep = fine and probe["keep"] and verdicts.flushed and popen.poll() is None
        if not keep:
            self.drop()
        trace = ""
        with contextlib.suppress(OSError):  # taken away with the folder around it
            trace = _decode(self._trace.read_bytes()[:_CHUNK])
        if answer is not None:
            answer["trace"] = trace
        return _reply(
            hello=verdicts.hello,
            end=ended,
            at=verdicts.at,
            status=status,
            timed_out=timed_out and ended is None,
            seconds=seconds,
            stdout=process.out.bounded(),
            stderr=process.err.bounded(),
            trace=trace,
            kept=keep,
            memory=_resident(popen.pid) if keep else 0,
            answer=answer,
        )

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put a question to the process that stayed."""
        process, began = self._kept, time.monotonic()
        if process is None:
            return _reply()
        verdicts = process.verdicts
        verdicts.expect()
        process.out, process.err = Output(), Output()
        if not self._put(marshal.dumps(request["ask"], 2)):
            self.drop()
            return _reply()
        timeout = request["timeout"] + _SLACK
        late = self._follow(process, timeout, lambda: bool(verdicts.asked), awake=True)
        asked = verdicts.asked
        if late or asked is None:
            self.drop()
        answer = None
        if asked is not None or verdicts.answer is not None:
            answer = _answer(**{"at": verdicts.at, **(asked or {}), "end": verdicts.answer})
        return _reply(
            seconds=time.monotonic() - began,
            stdout=process.out.bounded(),
            stderr=process.err.bounded(),
            kept=self._kept is not None,
            answer=answer,
        )

    def _put(self, question: bytes) -> bool:
        """Write a question; whether there was room, as there is for whoever reads them."""
        try:
            pipe = os.open(self._questions, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody has it open
            return False
        try:
            data = len(question).to_bytes(4, "big") + question
            return os.write(pipe, data) == len(data)
        except OSError:
            return False
        finally:
            os.close(pipe)

    def drop(self) -> None:
        """End the process that stayed, if there is one, and all that it left behind."""
        process, self._kept = self._kept, None
        if process is None:
            return
        self._kill_everything(process.popen)
        for descriptor, take in process.takers.items():
            _drain(descriptor, take)
        process.close()
        clear(self._home)

    def _start(self, request: dict[str, Any], mark: bytes) -> subprocess.Popen[bytes]:
        asked = {
            **request["probe"],
            "channel": str(self._channel),
            "mark": mark,
            "questions": str(self._questions),
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
        self, process: Process, timeout: float, done: Callable[[], bool], *, awake: bool = False
    ) -> bool:
        """Take in what the process says until it is done or ends; whether its time was up.

        Args:
            process: the probe's.
            timeout: how many seconds it has.
            done: whether all has been said.
            awake: whether it goes on when it is stopped: a fork of it has done that, not itself.
        """
        deadline, timed_out = time.monotonic() + timeout, False
        takers = process.takers
        with selectors.DefaultSelector() as selector:
            for descriptor in (*takers, self._wakeup_read, 0):
                selector.register(descriptor, selectors.EVENT_READ)
            while not done() and process.popen.poll() is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    if timed_out:
                        break
                    timed_out, deadline = True, time.monotonic() + _GRACE
                    os.kill(process.popen.pid, SIGNAL)
                    continue
                if awake:
                    os.kill(process.popen.pid, signal.SIGCONT)
                for key, _ in selector.select(left):
                    self._read(key.fd, takers, selector)
        for descriptor, take in takers.items():
            _drain(descriptor, take, at_most=_FULL)
        return timed_out and not done()

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
        clear(self._folder)
        os._exit(0)


def clear(place: Path) -> None:
    """Take away whatever is at a place, as far as that is possible."""
    with contextlib.suppress(OSError):
        place.unlink()
    with contextlib.suppress(RecursionError):
        shutil.rmtree(place, ignore_errors=True)
    if place.is_dir():  # deeper than a call can be nested or a name be long, or closed to us
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            with contextlib.suppress(OSError):
                subprocess.run([*command, "--", place], stderr=subprocess.DEVNULL, check=False)


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


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds, as /proc tells them; 0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _drain(descriptor: int, take: Any, at_most: int = sys.maxsize) -> None:
    """Read what is in a pipe, of one that is still written to no more than so many bytes."""
    with contextlib.suppress(BlockingIOError):
        while at_most > 0 and (data := os.read(descriptor, _CHUNK)):
            take(data)
            at_most -= len(data)


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
        "kept": False,
        "memory": 0,
        "answer": None,
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
            # Where what was imported has stopped us, we are to see that the runner is gone.
            prctl(_PR_SET_PDEATHSIG, int(signal.SIGCONT), 0, 0, 0)
    folder = Path(sys.argv[2])
    supervisor = Supervisor(sys.argv[1], folder, prctl)
    try:
        while (request := read_message(0)) is not None:
            write_message(1, supervisor.run(request))
    finally:
        supervisor.drop()
        clear(folder)


if __name__ == "__main__":
    main()
