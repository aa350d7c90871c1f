"""How runs end, and that nothing outlives them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from workbench import Workbench, eventually, module_target, running

from pytest_importcontract.observe import probe, supervisor
from pytest_importcontract.observe.facts import OutcomeKind, Place, Target, TargetKind
from pytest_importcontract.observe.launch import launch
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.observe.supervisor import write_message

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)


@pytest.fixture
def mark() -> str:
    """A word that every process of the service has in its environment."""
    return uuid.uuid4().hex


def marked(mark: str) -> str:
    return f'runtime.env = {{ MARK = "{mark}" }}'


def test_an_import_that_finishes(bench: Workbench) -> None:
    observation = bench.run("x = 1")
    assert observation.outcome.ok
    assert "app" in observation.loaded
    assert observation.target == module_target("app")
    assert 0 < observation.seconds < 30


def test_an_import_that_raises(bench: Workbench) -> None:
    outcome = bench.run("x = 1\nraise RuntimeError('no DATABASE_URL')").outcome
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.failure is not None
    link = outcome.failure.outermost
    assert (link.type, link.message) == ("RuntimeError", "no DATABASE_URL")
    assert [frame.place for frame in link.frames] == [Place(str(bench.root / "app.py"), 2)]


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("sys.exit()", "with status 0"),
        ("sys.exit(0)", "with status 0"),
        ("sys.exit(3)", "with status 3"),
        ("sys.exit('no config')", "with status 1"),
        ("sys.exit('3')", "with status 1"),
        ("sys.exit(-1)", "with status 255"),
        ("sys.exit(False)", "with status 0"),
        ("sys.exit(type('T', (), {'__str__': lambda self: 1 / 0})())", "with status 1"),
        ("os._exit(0)", "with status 0"),
        ("os._exit(3)", "with status 3"),
        ("os.execv('/bin/sh', ['sh', '-c', 'exit 4'])", "with status 4"),
        ("exit(5)", "with status 5"),
    ],
)
def test_an_import_that_ends_the_process(bench: Workbench, code: str, detail: str) -> None:
    outcome = bench.run(f"import os, sys\n{code}").outcome
    assert (outcome.kind, outcome.detail) == (OutcomeKind.EXITED, detail)


def test_the_message_of_an_exit_is_kept(bench: Workbench) -> None:
    outcome = bench.run("import sys\nsys.exit('no config')").outcome
    assert outcome.failure is not None
    assert outcome.failure.outermost.message == "no config"


def test_a_crash_says_where(bench: Workbench) -> None:
    outcome = bench.run("import faulthandler\nfaulthandler._sigsegv()").outcome
    assert (outcome.kind, outcome.detail) == (OutcomeKind.CRASHED, "with SIGSEGV")
    assert outcome.standing[-1].place == Place(str(bench.root / "app.py"), 2)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_signal_that_ends_the_process(bench: Workbench, name: str) -> None:
    source = f"import os, signal\nos.kill(os.getpid(), signal.{name})\nimport time; time.sleep(9)"
    outcome = bench.run(source).outcome
    assert (outcome.kind, outcome.detail) == (OutcomeKind.KILLED, f"by {name}")


def test_a_hang_names_the_line(bench: Workbench) -> None:
    bench.write("deep.py", "import time\ndef wait():\n    time.sleep(60)\nwait()")
    observation = bench.run("import deep", "runtime.timeout = 1")
    outcome = observation.outcome
    assert (outcome.kind, outcome.detail) == (OutcomeKind.TIMED_OUT, "after 1 s")
    assert [frame.place.line for frame in outcome.standing] == [1, 4, 3]
    assert all(frame.first_party for frame in outcome.standing)
    assert outcome.importing == "deep"
    assert [(e.importer, e.imported) for e in observation.edges] == [("", "deep")]
    assert observation.edges[0].error == "the process ended during this import"


def test_a_stopped_process_times_out(bench: Workbench) -> None:
    source = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"
    assert bench.run(source, "runtime.timeout = 0.5").outcome.kind is OutcomeKind.TIMED_OUT


def test_an_exit_that_would_hang_does_not(bench: Workbench) -> None:
    source = """\
    import atexit, threading, time
    threading.Thread(target=time.sleep, args=(60,)).start()
    atexit.register(time.sleep, 60)
    """
    observation = bench.run(source)
    assert observation.outcome.ok
    assert observation.seconds < 30


def test_an_interpreter_that_is_gone_could_not_start(bench: Workbench, tmp_path: Path) -> None:
    bench.write("app.py")
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    runner = bench.runner(f'runtime.python = "{python}"')
    python.unlink()
    outcome = runner.observe(module_target("app")).outcome
    assert outcome.kind is OutcomeKind.COULD_NOT_START
    assert outcome.detail == f"{python}: No such file or directory"


def test_an_interpreter_that_breaks_could_not_start(bench: Workbench, tmp_path: Path) -> None:
    bench.write("app.py")
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    runner = bench.runner(f'runtime.python = "{python}"')
    python.unlink()
    python.write_text("#!/bin/sh\necho 'GLIBC_2.99 not found' >&2\nexit 127\n")
    python.chmod(0o755)
    outcome = runner.observe(module_target("app")).outcome
    assert outcome.kind is OutcomeKind.COULD_NOT_START
    assert outcome.detail == f"{python}: GLIBC_2.99 not found"


def test_a_flood_of_output_is_bounded_and_drained(bench: Workbench) -> None:
    source = """\
    import sys
    for stream in (sys.stdout, sys.stderr):
        stream.write("first line\\n")
        stream.write("x" * 10_000_000)
        stream.write("\\nlast line")
    """
    observation = bench.run(source)
    assert observation.outcome.ok
    for text in (observation.stdout, observation.stderr):
        assert text.startswith("first line\n")
        assert text.endswith("\nlast line")
        assert len(text) < 40_000
        assert f"… {10_000_021 - 2 * 16 * 1024} bytes left out …" in text


def test_short_output_is_whole(bench: Workbench) -> None:
    observation = bench.run(r"import os; os.write(1, b'out \xff'); os.write(2, b'err')")
    assert (observation.stdout, observation.stderr) == (r"out \xff", "err")


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.closerange(0, 2048)",
        "import os, sys\nsys.stdout.close(); sys.stderr.close(); sys.stdin.close()",
        "import sys\nsys.stdout = sys.stderr = None",
        (
            "import os\nfor n in range(3, 2048):\n"
            "    try: os.dup2(os.open('/dev/null', os.O_RDWR), n)\n    except OSError: pass"
        ),
        "import json, os\njson.dumps = os.write = os.getpid = None",
        "import sys\nsys.modules.clear()",
    ],
)
def test_a_verdict_arrives_whatever_a_service_does_to_its_process(
    bench: Workbench, source: str
) -> None:
    outcome = bench.run(source).outcome
    assert outcome.kind in (OutcomeKind.LOADED, OutcomeKind.FAILED)
    assert outcome.ok or "modules.clear" in source


def test_a_fork_speaks_for_nobody(bench: Workbench) -> None:
    source = "import os\nif os.fork() == 0:\n    raise SystemExit('the child')\nos.wait()"
    assert bench.run(source).outcome.ok


FORGE = """\
import json, os
def send(body):
    for name in os.listdir("/proc/self/fd"):
        try:
            if "channel" in os.readlink("/proc/self/fd/" + name):
                os.write(int(name), len(body).to_bytes(4, "big") + body)
        except OSError:
            pass
"""


@pytest.mark.parametrize("body", [b'{"end":{}}', b'{"end":0}', b"[]", b"{", b"", b"\xff" * 1000])
def test_garbage_on_the_way_of_verdicts_is_no_verdict(bench: Workbench, body: bytes) -> None:
    outcome = bench.run(f"{FORGE}\nsend({body!r})\nos._exit(7)").outcome
    assert (outcome.kind, outcome.detail) == (OutcomeKind.EXITED, "with status 7")


def test_a_verdict_that_only_looks_like_one_is_none(bench: Workbench) -> None:
    keys = ("stage", "links", "missing", "exit", "edges", "effects", "swallowed", "loaded")
    body = json.dumps({"end": dict.fromkeys(keys, 1)}).encode()
    bench.write("app.py", f"{FORGE}\nsend({body!r})\nos._exit(7)")
    bench.write("next.py")
    runner = bench.runner()
    outcome = runner.observe(module_target("app")).outcome
    assert (outcome.kind, outcome.detail) == (OutcomeKind.EXITED, "with status 7")
    assert runner.observe(module_target("next")).outcome.ok


SPAWN = {
    "a fork": "if os.fork() == 0: time.sleep(60)",
    "a fork that holds everything open": "if os.fork() == 0:\n    os.setsid()\n    time.sleep(60)",
    "a daemon": """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
os.wait()
""",
    "a program": "subprocess.Popen(['sleep', '60'])",
    "a program in its own session": "subprocess.Popen(['sleep', '60'], start_new_session=True)",
}


@pytest.mark.parametrize("kind", SPAWN)
def test_what_a_service_starts_ends_with_it(bench: Workbench, mark: str, kind: str) -> None:
    source = f"import os, subprocess, time\n{SPAWN[kind]}"
    assert bench.run(source, marked(mark)).outcome.ok
    assert running(mark) == []


def test_a_supervisor_serves_many_targets(bench: Workbench) -> None:
    for number in range(5):
        bench.write(f"m{number}.py", f"print({number})")
    bench.write("dies.py", "import os; os.kill(os.getpid(), 9)")
    runner = bench.runner()
    targets = [module_target(name) for name in ("m0", "dies", "m1", "m2", "m3", "m4")]
    runner.prefetch(targets)
    said = [runner.observe(target).stdout for target in targets]
    assert said == ["0\n", "", "1\n", "2\n", "3\n", "4\n"]


def test_a_target_runs_once(bench: Workbench) -> None:
    bench.write("app.py", "import os; print(os.getpid())")
    runner = bench.runner()
    assert runner.observe(module_target("app")) is runner.observe(module_target("app"))


def test_jobs_run_at_a_time(bench: Workbench) -> None:
    meet = """\
    import pathlib, time
    pathlib.Path("{0}").touch()
    while not pathlib.Path("{1}").exists():
        time.sleep(0.01)
    """
    bench.write("one.py", meet.format("a", "b"))
    bench.write("two.py", meet.format("b", "a"))
    runner = bench.runner("runtime.timeout = 20", jobs=2)
    runner.prefetch([module_target("one"), module_target("two")])
    assert runner.observe(module_target("one")).outcome.ok
    assert runner.observe(module_target("two")).outcome.ok


def test_what_is_asked_for_overtakes_what_waits(bench: Workbench) -> None:
    names = ["first", "second", "third", "urgent"]
    for name in names:
        bench.write(f"{name}.py", "import time; print(time.monotonic_ns()); time.sleep(0.2)")
    runner = bench.runner()
    targets = dict(zip(names, map(module_target, names), strict=True))
    runner.prefetch(targets.values())
    runner.observe(targets["urgent"])
    began = {name: int(runner.observe(targets[name]).stdout) for name in names}
    assert began["urgent"] < began["second"] < began["third"]


LEAVES = {
    "a fork": "if os.fork() == 0: time.sleep(60)",
    "a daemon": "if os.fork() == 0:\n    os.setsid()\n    time.sleep(60)",
    "a program": "subprocess.Popen(['sleep', '60'], start_new_session=True)",
    "nothing": "",
}


@pytest.mark.parametrize("kind", LEAVES)
def test_a_supervisor_that_is_killed_costs_one_target_and_leaves_nothing(
    bench: Workbench, mark: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    end = "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"
    bench.write("app.py", f"import os, signal, subprocess, time\n{LEAVES[kind]}\n{end}")
    bench.write("next.py")
    runner = bench.runner("runtime.timeout = 5", marked(mark))
    outcome = runner.observe(module_target("app")).outcome
    assert (outcome.kind, outcome.detail) == (
        OutcomeKind.KILLED,
        "with the process that watched it, which was ended by SIGKILL",
    )
    assert running(mark) == []
    assert runner.observe(module_target("next")).outcome.ok
    runner.close()
    assert os.listdir(tmp_path / "tmp") == []


def test_a_supervisor_that_is_killed_takes_the_probe_along(
    bench: Workbench, mark: str, tmp_path: Path
) -> None:
    """Also where nobody is left to look after it."""
    folder = tmp_path / "supervisor"
    folder.mkdir()
    bench.write("app.py", "import pathlib, time\npathlib.Path('runs').touch()\ntime.sleep(60)")
    asked = launch(bench.shipment(marked(mark)), module_target("app"), [], tmp_path / "pyc")
    command = [sys.executable, "-I", "-S", supervisor.__file__, probe.__file__, folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        write_message(process.stdin.fileno(), asked)
        assert eventually((bench.root / "runs").exists)
        assert len(running(mark)) == 1
        process.kill()
        assert eventually(lambda: running(mark) == [])


def test_closing_during_an_import_leaves_no_process(bench: Workbench, mark: str) -> None:
    bench.write("app.py", "import subprocess\nsubprocess.run(['sleep', '60'])")
    runner = bench.runner(marked(mark))
    runner.prefetch([module_target("app")])
    assert eventually(lambda: len(running(mark)) == 2)
    began = time.monotonic()
    runner.close()
    assert running(mark) == []
    assert time.monotonic() - began < 10


def test_closing_tells_whoever_waits(bench: Workbench) -> None:
    bench.write("app.py", "import pathlib, time\npathlib.Path('runs').touch()\ntime.sleep(60)")
    runner = bench.runner()
    told = []

    def wait(name: str) -> None:
        try:
            runner.observe(module_target(name))
        except CancelledError:
            told.append(name)

    threads = [threading.Thread(target=wait, args=(name,)) for name in ("app", "later")]
    threads[0].start()
    assert eventually((bench.root / "runs").exists)
    threads[1].start()
    time.sleep(0.1)  # for the second to wait; were it late, it would be told all the same
    runner.close()
    for thread in threads:
        thread.join(10)
    assert sorted(told) == ["app", "later"]


def test_after_closing_nothing_runs(bench: Workbench) -> None:
    bench.write("app.py")
    runner = bench.runner()
    runner.close()
    with pytest.raises(CancelledError):
        runner.observe(module_target("app"))


def test_closing_twice_and_before_anything_ran(bench: Workbench) -> None:
    runner = bench.runner()
    runner.close()
    runner.close()


RUN = """
import sys
from pathlib import Path
from pytest_importcontract.contract.loader import load
from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.shipment.preparation import prepare

contract, cache = map(Path, sys.argv[1:3])
(shipment,) = prepare(load(contract, "c"), "c", cache, {})
runner = Runner({"s": shipment}, {}, cache / "bytecode", 1)
runner.observe(Target("s", TargetKind.MODULE, "app"))
"""


def test_a_killed_run_leaves_no_process_and_no_folder(
    bench: Workbench, mark: str, tmp_path: Path, bytecode: Path
) -> None:
    bench.write("app.py", "import subprocess\nsubprocess.run(['sleep', '60'])")
    bench.shipment(marked(mark))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    cache = tmp_path / "cache"
    cache.mkdir(exist_ok=True)
    (cache / "bytecode").symlink_to(bytecode)
    command = [sys.executable, "-c", RUN, str(bench.root / "contracts.toml"), str(cache)]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(temporary)}) as run:
        assert eventually(lambda: len(running(mark)) == 2)
        assert list(temporary.iterdir()) != []
        run.send_signal(signal.SIGKILL)
    assert eventually(lambda: running(mark) == [])
    assert eventually(lambda: list(temporary.iterdir()) == [])
    assert eventually(lambda: running(str(temporary)) == [])


def test_a_closed_run_leaves_no_folder(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    bench.run("import pathlib; pathlib.Path.home().joinpath('left').touch()")
    bench.clear()
    assert list(temporary.iterdir()) == []


def test_a_death_in_a_submodule_of_a_loaded_package_has_its_place(bench: Workbench) -> None:
    bench.write("app/__init__.py")
    bench.write("app/main.py", "import app\n\nfrom app import worker\n")
    bench.write("app/worker.py", "import os\nos._exit(0)\n")
    outcome = bench.load("app.main").outcome
    assert (outcome.kind, outcome.importing) == (OutcomeKind.EXITED, "app.worker")
    places = [frame.place for frame in outcome.standing]
    assert places == [Place(str(bench.root / "app" / "main.py"), 3)]


def test_a_target_of_a_service_that_is_not_there_is_refused(tmp_path: Path) -> None:
    runner = Runner({}, {}, tmp_path, jobs=1)
    with pytest.raises(ValueError, match="no service is called 'gone'"):
        runner.observe(Target("gone", TargetKind.MODULE, "app"))
    runner.close()
