"""What startup does beside importing: seen, traced to a line of the service, refused."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from workbench import IN_ENV, Workbench, run_by

from pytest_importcontract.observe.facts import Effect, Observation, OutcomeKind

LIB = """\
import socket


def connect(*address):
    with socket.socket() as client:
        client.connect(address)


def write(name):
    open(name, "w").close()
"""
EVERYTHING = """\
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import app.lib

sys.path.append("/nowhere")
import json
logging.FileHandler("app.log")
os.makedirs("data/deep")
tempfile.mkstemp(prefix="of-", dir="data")
sqlite3.connect("data/db").close()
os.rename("data/db", "data/old")
for name in ("a", "b", "c", "d"):
    os.symlink("old", name)
subprocess.run(["true"])
subprocess.call("exit 0", shell=True, close_fds=False)
os.system("exit 0")
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
try:
    app.lib.connect("127.0.0.1", 1)
except OSError:
    pass
thread = threading.Thread(target=app.lib.write, args=["of-a-thread"], name="worker")
thread.start()
thread.join()
pid = os.fork()
if not pid:
    open("of-a-fork", "w").close()
    os._exit(0)
os.waitpid(pid, 0)
sys.path.remove("/nowhere")
"""
HARMLESS = """\
import asyncio
import contextlib
import os
import socket
import sqlite3
import tempfile
import app.lib

asyncio.new_event_loop().close()
tempfile.gettempdir()
os.makedirs("data", exist_ok=True)
with contextlib.suppress(FileNotFoundError):
    os.remove("data/nothing")
open(__file__).close()
open(os.open(__file__, os.O_RDONLY), "rb").close()
open("/dev/null", "w").close()
sqlite3.connect(":memory:").close()
socket.getaddrinfo("127.0.0.1", 80)
socket.socket().bind(("127.0.0.1", 0))
for socket_of_a_pair in socket.socketpair():
    socket_of_a_pair.close()
with contextlib.suppress(FileNotFoundError), socket.socket(socket.AF_UNIX) as local:
    local.connect("data/socket")
with contextlib.suppress(TypeError):
    socket.socket().connect(1, 2, 3)
with contextlib.suppress(TypeError):
    open(1.5, "w")
"""


def told(bench: Workbench, observation: Observation) -> list[str]:
    """Each effect as a line."""
    home = f"{bench.root}/"
    return [f"{_at(bench, e)} {e.kind} {e.in_words.replace(home, '')}" for e in observation.effects]


def _at(bench: Workbench, effect: Effect) -> str:
    file, line = effect.place
    path = Path(file)
    return (
        f"{path.relative_to(bench.root) if path.is_relative_to(bench.root) else path.name}:{line}"
    )


def start(bench: Workbench, main: str, *lines: str) -> Observation:
    bench.write("app/__init__.py")
    bench.write("app/lib.py", LIB)
    bench.write("app/main.py", main)
    return bench.start("app.main", *lines)


@pytest.mark.parametrize("version", ["3.8", "3.11", "3.13"])
def test_every_effect_is_traced_to_a_line(bench: Workbench, version: str) -> None:
    found = [*(Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")]
    if not found:
        pytest.skip(f"no Python {version} here")
    seen = start(bench, EVERYTHING, run_by(found[0]))
    assert seen.outcome.ok, seen.outcome
    lines = told(bench, seen)
    at = next(index for index, line in enumerate(lines) if line.startswith("app/main.py:15 "))
    assert lines[at].startswith("app/main.py:15 write opens data/of-")
    del lines[at]
    assert lines == [
        "app/main.py:11 path puts /nowhere onto sys.path",
        "app/main.py:13 write opens app.log for writing",
        "app/main.py:14 write makes the folder data; makes the folder data/deep",
        "app/main.py:16 write opens the database data/db",
        "app/main.py:17 write renames data/db",
        "app/main.py:19 write makes the link a; makes the link b; makes the link c (and once more)",
        "app/main.py:20 subprocess runs true",
        "app/main.py:21 subprocess runs /bin/sh",
        "app/main.py:22 subprocess runs exit",
        "app/main.py:23 signal sets a handler for SIGUSR1",
        "app/lib.py:6 network connects to 127.0.0.1:1",
        "app/main.py:29 thread starts a thread, worker",
        "app/lib.py:10 write opens of-a-thread for writing",
        "app/main.py:31 subprocess forks",
        "app/main.py:36 path takes /nowhere off sys.path",
        "app/main.py:33 write opens of-a-fork for writing",
    ]
    (of_the_thread,) = (e for e in seen.effects if "of-a-thread" in e.what[0])
    own = [
        f"{frame.function}:{frame.place.line}"
        for frame in of_the_thread.frames
        if frame.first_party
    ]
    assert own == ["<module>:29", "write:10"]


def test_what_changes_nothing_is_no_effect(bench: Workbench, tmp_path: Path) -> None:
    (bench.root / "data").mkdir()
    seen = start(bench, HARMLESS)
    assert seen.outcome.ok, seen.outcome
    assert told(bench, seen) == []


def test_a_forbidden_connect_reaches_nobody(bench: Workbench) -> None:
    main = """\
        import os, socket, threading
        import app.lib
        PORT = {port}

        def refused(call, *args):
            try:
                call(*args)
            except PermissionError as error:
                print(error, flush=True)

        refused(app.lib.connect, "127.0.0.1", PORT)
        refused(socket.create_connection, ("127.0.0.1", PORT))
        refused(socket.socket().connect_ex, ("127.0.0.1", PORT))
        refused(socket.socket(type=socket.SOCK_DGRAM).sendto, b"", ("127.0.0.1", PORT))
        refused(socket.getaddrinfo, "x.invalid", 80)
        thread = threading.Thread(target=refused, args=[app.lib.connect, "127.0.0.1", PORT])
        thread.start()
        thread.join()
        pid = os.fork()
        if not pid:
            refused(app.lib.connect, "127.0.0.1", PORT)
            os._exit(0)
        os.waitpid(pid, 0)
        """
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        seen = start(bench, main.format(port=port), 'startup.forbid = ["network"]')
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert seen.outcome.ok, seen.outcome
    assert seen.stdout.count("startup.forbid of the service's contract refuses network\n") == 7
    at = f"127.0.0.1:{port}"
    network = [line for line in told(bench, seen) if " network " in line]
    assert network == [
        f"app/lib.py:6 network connects to {at} (and once more)",
        f"app/main.py:7 network connects to {at}; sends to {at}; looks up x.invalid (and once more)",  # noqa: E501
    ]


def test_what_others_do_is_the_doing_of_the_line_that_led_there(
    bench: Workbench, site: Path
) -> None:
    (site / "others.py").write_text(
        "import sys, threading\n"
        "sys.path.append('/others')\n"
        "import json\n"
        "def work():\n"
        "    open('others', 'w').close()\n"
        "def begin():\n"
        "    thread = threading.Thread(target=work)\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "def change():\n"
        "    sys.path.insert(0, '/first')\n"
    )
    bench.write("app/last.py", "import sys\nsys.path.append('/last')")
    bench.write("app/quiet.py", "import sys\nPATH = sys.path")
    main = """\
        import sys
        import app.last
        import others
        import app.quiet
        others.begin()
        def later():
            others.change()
            import colorsys
        later()
        sys.path = [*sys.path, "/end"]
        """
    assert told(bench, start(bench, main, IN_ENV)) == [
        "app/last.py:2 path puts /last onto sys.path",
        "app/main.py:3 path puts /others onto sys.path",
        "app/main.py:5 thread starts a thread, Thread-1 (work)",
        "app/main.py:5 write opens others for writing",
        "app/main.py:8 path puts /first onto sys.path before this line",
        "app/main.py:10 path puts /end onto sys.path",
    ]


def test_only_startup_is_watched(bench: Workbench) -> None:
    bench.write("app/__init__.py")
    bench.write("app/lib.py", LIB)
    bench.write("app/part.py", "import app.lib\napp.lib.write('of-a-module')")
    lines = ('startup.forbid = ["network"]', 'entrypoints = ["app.lib"]')
    assert bench.load("app.part", *lines).effects == ()


def test_attacks_on_the_observer_change_nothing(bench: Workbench) -> None:
    main = """\
        import app.lib, os, sys, _thread, signal
        os.open = os.read = os.write = os.lstat = os.fspath = None
        sys.path = [*sys.path, 1, b"/there"]
        import colorsys
        def deep(n):
            try:
                deep(n + 1)
            finally:
                open("deep", "w").close()
        try:
            deep(0)
        except RecursionError:
            pass
        class Strange:
            def __fspath__(self):
                raise SystemExit(3)
        try:
            open(Strange(), "w")
        except SystemExit:
            pass
        """
    seen = start(bench, main)
    assert seen.outcome.kind is OutcomeKind.LOADED, seen.outcome
    path, deep = told(bench, seen)
    assert path == "app/main.py:3 path puts a int onto sys.path; puts /there onto sys.path"
    assert deep.startswith("app/main.py:9 write opens deep for writing (and ")
