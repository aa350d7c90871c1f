"""What a started command finds, and what it leaves."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

from workbench import Workbench, eventually, running

from pytest_importcontract.observe.facts import Health, HealthKind
from pytest_importcontract.observe.health.attempt import attempt


def started(
    bench: Workbench,
    command: str,
    *lines: str,
    ready: str = "ready_log = '^up$'",
    timeout: int = 20,
) -> Health:
    text = ("[services.s.health]", f"command = {command!r}", ready, f"timeout = {timeout}")
    shipment = bench.shipment("# no entrypoints", "ships.files = ['app/**']", *lines, *text)
    return attempt(shipment, bench.root.parent / "bytecode")


def test_python_finds_only_what_ships_however_it_is_started(bench: Workbench) -> None:
    bench.write("secret.py")
    bench.write("app/__init__.py")
    bench.write(
        "app/worker.py",
        """\
        import importlib.util, multiprocessing, subprocess, sys

        LOOK = "import importlib.util as u; print(u.find_spec('secret'), u.find_spec('app').name)"

        def look():
            exec(LOOK)

        if __name__ == "__main__":
            look()
            subprocess.run([sys.executable, "-c", LOOK])
            subprocess.run(["python", "-c", LOOK])
            child = multiprocessing.get_context("spawn").Process(target=look)
            child.start()
            child.join()
            print("up", flush=True)
            child.join(60)
            import time
            time.sleep(60)
        """,
    )
    found = started(bench, "exec python -u -m app.worker")
    assert found.kind is HealthKind.UP, found
    assert sorted(found.log.split("\n")) == ["", *["None app"] * 4, "up"]


def test_nothing_of_the_callers_environment_gets_in(bench: Workbench) -> None:
    bench.write("app/show.py", "import os\nprint(sorted(os.environ))\nprint('up')\n")
    found = started(bench, "python app/show.py", "runtime.env = { MODE = 'x' }")
    (names, *_) = found.log.split("\n")
    known = ["HOME", "LANG", "LC_CTYPE", "MODE", "PATH", "PYTHONPYCACHEPREFIX"]
    assert [name for name in eval(names) if name not in known] == []


def test_somebody_elses_answer_is_none(bench: Workbench) -> None:
    bench.write("app/wait.py", "import time\ntime.sleep(60)\n")
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        url = f"url = 'http://127.0.0.1:{other.server_port}/'"
        found = started(bench, "python app/wait.py", ready=url)
        other.shutdown()
    assert found.kind is HealthKind.PORT_TAKEN
    assert found.detail == f"127.0.0.1:{other.server_port}"


def test_a_program_that_nobody_has(bench: Workbench) -> None:
    bench.write("app/x.py")
    found = started(bench, "no-such-server --now")
    assert found.kind is HealthKind.NOT_RUN
    assert "has the program no-such-server, nor has this machine" in found.detail


def test_a_command_that_ends(bench: Workbench) -> None:
    bench.write("app/x.py", "print('fatal: no')\nraise SystemExit(9)\n")
    found = started(bench, "python app/x.py")
    assert (found.kind, found.status, found.log) == (HealthKind.ENDED, 9, "fatal: no\n")


def test_where_many_processes_stand_is_told_of_each_in_full(bench: Workbench) -> None:
    bench.write(
        "app/crowd.py",
        """\
        import os, time

        def deeper(left):
            if left:
                deeper(left - 1)
            else:
                time.sleep(1000)

        for _ in range(5):
            os.fork()
        deeper(40)
        """,
    )
    found = started(bench, "python app/crowd.py", timeout=4)
    assert found.kind is HealthKind.NOTHING_SAID
    assert [frame.place.line for frame in found.standing] == [11, *[5] * 40, 7]


def test_a_port_that_somebody_takes_meanwhile(bench: Workbench, tmp_path: Path) -> None:
    """The first time, another process listens there before the service does."""
    ports = tmp_path / "ports"
    bench.write(
        "app/serve.py",
        f"""\
        import http.server, pathlib, socket, sys

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()

        ports = pathlib.Path({str(ports)!r})
        known = ports.read_text() if ports.exists() else ""
        ports.write_text(known + sys.argv[1] + " ")
        address = ("127.0.0.1", int(sys.argv[1]))
        rival = None if known else socket.create_server(address)
        http.server.HTTPServer(address, Handler).serve_forever()
        """,
    )
    url = "url = 'http://127.0.0.1:{port}/'"
    found = started(bench, "python app/serve.py {port}", ready=url)
    assert found.kind is HealthKind.UP, found
    first, second = ports.read_text().split()
    assert first != second
    assert found.url == f"http://127.0.0.1:{second}/"


# As pytest does, until it is killed.
RUN = """
import sys
from pathlib import Path
from pytest_importcontract.contract.loader import load
from pytest_importcontract.observe.health.attempt import attempt
from pytest_importcontract.shipment.preparation import prepare

contract, cache = map(Path, sys.argv[1:])
(shipment,) = prepare(load(contract, "c"), "c", cache, {})
attempt(shipment, cache / "bytecode")
"""


def test_nothing_is_left_of_it_where_pytest_is_killed(bench: Workbench, tmp_path: Path) -> None:
    """Not what ignores every signal that can be ignored, has left the session or its variables."""
    mark = uuid.uuid4().hex
    bench.write(
        "app/stay.py",
        f"""\
        import os, signal, subprocess, sys, time

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if not os.fork():
            os.setsid()
            if not os.fork():
                sleep = "import time; time.sleep(600)"
                subprocess.run([sys.executable, "-c", sleep, {mark!r}], env={{}})
        time.sleep(600)
        """,
    )
    health = f"[services.s.health]\ncommand = 'python app/stay.py {mark}'\nready_log = 'never'"
    bench.shipment("# no entrypoints", "ships.files = ['app/**']", health)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-c", RUN, bench.root / "contracts.toml", tmp_path / "other"]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(temporary)}) as run:
        assert eventually(lambda: len(running(mark)) == 4, 60)
        assert list(temporary.iterdir()) != []
        run.send_signal(signal.SIGKILL)
    assert eventually(lambda: running(mark) == [])
    assert eventually(lambda: list(temporary.iterdir()) == [])
