"""Verdicts are remembered while all holds that they came of, and for not a moment longer."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from workbench import IN_ENV, Workbench, module_target

from pytest_importcontract.observe.facts import Observation, Target, TargetKind
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.observe.warm import Warm

START = "app.main"
# Each module looks at one thing, and fails where that is not what it was.
FILES = {
    "app/__init__.py": "",
    "app/main.py": "import app.used\n",
    "app/used.py": "",
    "app/leaf.py": "import app.below\n",
    "app/below.py": "",
    "app/lone.py": "",
    "app/text.py": """
        from pathlib import Path
        assert Path(__file__).with_name("data.txt").read_text() == "fine"
    """,
    "app/data.txt": "fine",
    "app/listed.py": """
        import os
        for name in os.listdir(os.path.join(os.path.dirname(__file__), "plugins")):
            __import__("app.plugins." + name.partition(".")[0])
    """,
    "app/plugins/one.py": "",
    "app/shadowed.py": "import helper\n",
    "second/helper.py": "",
    "app/absent.py": """
        try:
            import optional
        except ModuleNotFoundError:
            pass
    """,
    "app/looked.py": """
        import os
        assert not os.path.exists(os.path.join(os.path.dirname(__file__), "switch"))
    """,
    "app/spread.py": """
        import portions
        assert len(portions.__path__) == 1
    """,
    "second/portions/part.py": "",
    "app/linked.py": """
        from pathlib import Path
        assert Path(__file__).with_name("current").resolve().name == "blue"
    """,
    "app/blue": "same",
    "app/green": "same",
}
MODULES = sorted(
    name[:-3].replace("/", ".").removesuffix(".__init__")
    for name in FILES
    if name.startswith("app/") and name.endswith(".py")
)
SERVICE = f"""
entrypoints = ["{START}"]
modules = ["app.**"]
runtime.paths = [".", "first", "second"]
"""
STAGED = f'{SERVICE}ships.files = ["app/**", "first/**", "second/**"]\n'


class Memory:
    """Runs the service of a workbench, each time as another run of pytest would."""

    def __init__(self, bench: Workbench, lines: str) -> None:
        self.bench = bench
        self.lines = lines
        self.store = bench.root.parent / "verdicts"

    def look(self, modules: Iterator[str] | list[str] = MODULES, *lines: str) -> dict[str, str]:
        """How each module and the start came to be known; those that failed are named so."""
        seen = self.observed(modules, *lines)
        said = {}
        for target, observation in seen.items():
            how = "remembered" if observation.remembered else "ran"
            said[target.text] = how if observation.outcome.ok else "failed"
        return said

    def observed(
        self, modules: Iterator[str] | list[str] = MODULES, *lines: str
    ) -> dict[Target, Observation]:
        shipment = self.bench.shipment(self.lines, *lines)
        time.sleep(0.05)  # files that change while a process starts are not relied upon
        store = SourceCache(self.store, "verdicts")
        runner = Runner({"s": shipment}, {}, self.bench.root.parent / "pyc", 1, store=store)
        warm = Warm(runner, {"s": shipment.service}, {})
        started = [Target("s", TargetKind.ENTRYPOINT, e.text) for e in shipment.service.entrypoints]
        targets = [*started, *map(module_target, modules)]
        warm.prefetch(targets)
        try:
            return {target: warm.observe(target) for target in targets}
        finally:
            runner.close()
            shipment.release()

    def not_remembered(self, *lines: str) -> dict[str, str]:
        return {
            name: how for name, how in self.look(MODULES, *lines).items() if how != "remembered"
        }


def begin(bench: Workbench, lines: str) -> Memory:
    """A service of which everything is remembered."""
    for name, text in FILES.items():
        bench.write(name, text)
    (bench.root / "first").mkdir()
    (bench.root / "app" / "current").symlink_to("blue")
    memory = Memory(bench, lines)
    assert set(memory.look().values()) == {"ran"}
    assert memory.not_remembered() == {}
    return memory


@contextmanager
def written(bench: Workbench, name: str, text: str) -> Iterator[None]:
    """A file with another text, or a new one, for a time; its size and time as before if equal."""
    path = bench.root / name
    old = path.read_text("utf-8") if path.exists() else None
    times = path.stat() if path.exists() else None
    bench.write(name, text)
    if times is not None:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    yield
    path.unlink()
    if old is not None:
        bench.write(name, old)


@contextmanager
def gone(bench: Workbench, name: str) -> Iterator[None]:
    path = bench.root / name
    text = path.read_text("utf-8")
    path.unlink()
    yield
    bench.write(name, text)


@contextmanager
def swapped(bench: Workbench) -> Iterator[None]:
    path = bench.root / "app" / "current"
    path.unlink()
    path.symlink_to("green")
    yield
    path.unlink()
    path.symlink_to("blue")


FAILS = "raise ValueError\n"
CHANGES: dict[str, tuple[Callable[[Workbench], object], dict[str, str]]] = {
    "a leaf": (lambda b: written(b, "app/lone.py", "x = 1\n"), {"app.lone": "ran"}),
    "what a leaf loads": (
        lambda b: written(b, "app/below.py", FAILS),
        {"app.below": "failed", "app.leaf": "failed"},
    ),
    "what a leaf loads is gone": (
        lambda b: gone(b, "app/below.py"),
        {"app.leaf": "failed", "app.below": "failed"},
    ),
    "data of the same size and time": (
        lambda b: written(b, "app/data.txt", "bad!"),
        {"app.text": "failed"},
    ),
    "a file in a folder that is listed": (
        lambda b: written(b, "app/plugins/two.py", FAILS),
        {"app.listed": "failed"},
    ),
    "a file that comes first on the path": (
        lambda b: written(b, "first/helper.py", FAILS),
        {"app.shadowed": "failed"},
    ),
    "a package that comes first on the path": (
        lambda b: written(b, "first/helper/__init__.py", FAILS),
        {"app.shadowed": "failed"},
    ),
    "a module that nobody had": (
        lambda b: written(b, "second/optional.py", FAILS),
        {"app.absent": "failed"},
    ),
    "a file whose absence was seen": (
        lambda b: written(b, "app/switch", ""),
        {"app.looked": "failed"},
    ),
    "a portion of a namespace": (
        lambda b: written(b, "first/portions/other.py", ""),
        {"app.spread": "failed"},
    ),
    "a link": (swapped, {"app.linked": "failed"}),
    "a file that nobody looked for": (lambda b: written(b, "app/news.py", FAILS), {}),
}


@pytest.mark.parametrize("lines", [SERVICE, STAGED], ids=["in place", "staged"])
def test_what_a_verdict_came_of_changes(bench: Workbench, lines: str) -> None:
    memory = begin(bench, lines)
    expected, found = {}, {}
    for what, (change, verdicts) in CHANGES.items():
        expected[what] = verdicts
        with change(bench):  # type: ignore[attr-defined]
            found[what] = memory.not_remembered()
        for folder in ("helper", "portions"):
            shutil.rmtree(bench.root / "first" / folder, ignore_errors=True)
    if "ships" in lines:  # what is no source may be read by code in C, which nobody sees
        found = {
            what: {name: how for name, how in each.items() if how == "failed" or expected[what]}
            for what, each in found.items()
        }
        for what in ("data of the same size and time", "a file whose absence was seen", "a link"):
            assert set(found[what]) == {START, *MODULES}
            found[what] = {n: how for n, how in found[what].items() if how == "failed"}
    assert found == expected
    # All is as it was, and so is known again.
    assert memory.not_remembered() == {}
    # What startup loads is part of what every fork came of.
    with written(bench, "app/used.py", "x = 1\n"):
        assert set(memory.look().values()) == {"ran"}
        assert memory.not_remembered() == {}
    assert memory.not_remembered() == {}


def test_no_process_starts_when_nothing_has_changed(bench: Workbench, site: Path) -> None:
    python, log = bench.root / "env" / "bin" / "python", bench.root / "starts"
    real = python.resolve()
    python.unlink()
    python.write_text(f'#!/bin/bash\necho >> {log}\nexec -a "$0" {real} "$@"\n', "utf-8")
    python.chmod(0o755)
    memory = begin(bench, SERVICE + IN_ENV)
    before = log.read_bytes()
    assert memory.not_remembered() == {}
    assert log.read_bytes() == before
    with written(bench, "app/lone.py", "x = 1\n"):
        assert memory.not_remembered() == {"app.lone": "ran"}
    assert len(log.read_bytes()) == len(before) + 1
    # Another interpreter, of the same name.
    python.write_text(f'#!/bin/bash\nexec -a "$0" {real} "$@"\n', "utf-8")
    assert set(memory.look().values()) == {"ran"}


CONTRACTS = {
    "a variable": "runtime.env = { MODE = 'other' }",
    "the time that an import may take": "runtime.timeout = 50",
    "what comes before modules": 'runtime.setup = "app.lone:__doc__.__class__"',
    "another start": 'entrypoints = ["app.lone"]',
    "isolation": 'isolation = "cold"',
}


def test_the_contract_changes(bench: Workbench) -> None:
    plain = SERVICE.replace(f'entrypoints = ["{START}"]\n', "")
    memory = begin(bench, SERVICE)
    for line in CONTRACTS.values():
        memory.lines = f"{plain if 'entrypoints' in line else SERVICE}{line}\n"
        ran = memory.not_remembered()
        # A process that is started for setup alone has no bearing on the entrypoint.
        assert {"app.leaf", "app.below"} <= ran.keys(), line
        assert "failed" not in ran.values(), (line, ran)
        if "setup" not in line:
            assert memory.not_remembered() == {}, line
    memory.lines = f"{SERVICE}order_dependence = 'fail'\ndescription = 'shop'\n"
    assert memory.not_remembered() == {}


def test_distributions_change(bench: Workbench, site: Path) -> None:
    versions = """
        from importlib.metadata import entry_points, version
        assert version("thing") == "1.0"
        assert not entry_points(group="shop")
    """
    bench.write("app/version.py", versions)
    bench.write("app/flag.py", "import builtins\nassert not hasattr(builtins, 'flag')\n")
    metadata = site / "thing-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Name: thing\nVersion: 1.0\n", "utf-8")
    memory = begin(bench, SERVICE + IN_ENV)
    look = [*MODULES, "app.version", "app.flag"]
    assert memory.look(look)["app.version"] == "ran"
    assert set(memory.look(look).values()) == {"remembered"}
    metadata.write_text("Name: thing\nVersion: 2.0\n", "utf-8")
    seen = memory.look(look)
    assert seen.pop("app.version") == "failed"
    assert set(seen.values()) == {"remembered"}
    metadata.write_text("Name: thing\nVersion: 1.0\n", "utf-8")
    assert set(memory.look(look).values()) == {"remembered"}
    # What site reads comes before everything else.
    pth = site / "new.pth"
    pth.write_text("import builtins; builtins.flag = 1\n", "utf-8")
    seen = memory.look(look)
    assert seen["app.flag"] == "failed"
    assert "remembered" not in seen.values()
    pth.unlink()
    metadata.parent.rename(site / "thing-3.0.dist-info")
    assert "remembered" not in memory.look(look).values()


OUTSIDE = {
    "a connection": "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9))\n"
    "except OSError:\n    pass\n",
    "a name that is looked up": "import socket\nsocket.getaddrinfo('localhost', 80)\n",
    "another program": "import subprocess\nsubprocess.run(['true'])\n",
    "a shell": "import os\nos.system('true')\n",
    "a fork": "import os\nif not os.fork():\n    os._exit(0)\nos.wait()\n",
    "what the machine does": "open('/proc/uptime').read()\n",
    "a file that stays": "open('OUT/log', 'a').close()\n",
    "a database": "import sqlite3\nsqlite3.connect('OUT/base').close()\n",
    "a name that moves": "import os\nos.replace('OUT/a', 'OUT/b')\nos.replace('OUT/b', 'OUT/a')\n",
    "a file written meanwhile": "open('OUT/read').read()\n",
}
INSIDE = {
    "a temporary file": "import tempfile\nwith tempfile.TemporaryFile() as file:\n"
    "    file.write(b'1')\nwith tempfile.NamedTemporaryFile() as file:\n    file.write(b'1')\n",
    "a temporary folder": "import os, tempfile\nfolder = tempfile.mkdtemp()\n"
    "open(folder + '/a', 'w').close()\nos.remove(folder + '/a')\nos.rmdir(folder)\n",
    "its home": "import os\nopen(os.path.expanduser('~/a'), 'w').close()\n",
    "which families there are": "import socket\nsocket.socket().bind(('127.0.0.1', 0))\n",
    "another file": "open('OUT/quiet').read()\n",
    "time and chance": "import random, time, uuid\nuuid.uuid4()\n",
    "a log beside the code": "open(__file__ + '.log', 'a').write('1')\n",
}


def test_what_comes_of_more_than_files_is_not_remembered(bench: Workbench) -> None:
    out = bench.root.parent / "out"
    out.mkdir()
    for name in ("a", "quiet", "read"):
        (out / name).write_text("1", "utf-8")
    bench.write("app/__init__.py")
    names: dict[str, str] = {}
    for number, (what, text) in enumerate({**OUTSIDE, **INSIDE}.items()):
        names[f"app.m{number}"] = what
        bench.write(f"app/m{number}.py", text.replace("OUT", str(out)))
    lines = '# no entrypoints\nmodules = ["app.*"]\nships.files = ["app/**"]\n'
    memory = Memory(bench, lines)
    busy = threading.Event()

    def write() -> None:
        while not busy.wait(0.005):
            (out / "read").write_text("1", "utf-8")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.05)
        assert set(memory.look(list(names)).values()) == {"ran"}
    finally:
        busy.set()
        writer.join()
    seen = {names[name]: how for name, how in memory.look(list(names)).items()}
    assert seen == {**dict.fromkeys(OUTSIDE, "ran"), **dict.fromkeys(INSIDE, "remembered")}


def test_failures_run_again(bench: Workbench) -> None:
    switch = bench.root.parent / "switch"
    bench.write("app/__init__.py")
    bench.write("app/main.py", f"open({str(switch)!r}).close()\nimport app.gone\n")
    bench.write("app/broken.py", "import nothing\n")
    bench.write("app/leaves.py", "import sys\nsys.exit(0)\n")
    bench.write("app/gone.py")
    memory = Memory(bench, SERVICE.replace('"first", "second"', '"app"'))
    look = ["app.broken", "app.leaves", "app.gone"]
    for _ in range(2):
        assert memory.look(look)[START] == "failed"
    assert memory.look(look)["app.gone"] == "remembered"
    switch.touch()
    time.sleep(0.05)
    assert memory.look(look) == {
        START: "ran", "app.broken": "failed", "app.leaves": "failed", "app.gone": "ran"
    }  # fmt: skip
    assert memory.look(look) == {
        START: "remembered", "app.broken": "failed", "app.leaves": "failed",
        "app.gone": "remembered",
    }  # fmt: skip


def test_a_start_that_fails_after_all_is_forgotten(bench: Workbench) -> None:
    """By chance, which is nothing that a verdict can be kept by."""
    memory = begin(bench, SERVICE)
    chance = "import time\nassert time.time() < LIMIT\n"
    limit = time.time() + 5
    bench.write("app/used.py", chance.replace("LIMIT", repr(limit)))
    time.sleep(0.05)
    assert set(memory.look().values()) == {"ran"}
    assert memory.not_remembered() == {}
    while time.time() < limit:
        time.sleep(0.05)
    bench.write("app/lone.py", "x = 1\n")
    memory.look()
    assert memory.look()[START] == "failed"


def test_another_copy_of_the_repository(bench: Workbench, tmp_path: Path) -> None:
    for lines in (SERVICE, STAGED):
        memory = begin(bench, lines)
        copy = tmp_path / "other" / "place"
        shutil.copytree(bench.root, copy, symlinks=True)
        for file in copy.rglob("*.py"):
            os.utime(file)
        bench.write("app/lone.py", FAILS)
        here, bench.root = bench.root, copy
        assert memory.not_remembered() == {}
        bench.root = here
        assert memory.look()["app.lone"] == "failed"
        shutil.rmtree(copy)
        shutil.rmtree(bench.root)
        bench.root.mkdir()


def test_a_store_that_is_damaged_or_closed(bench: Workbench) -> None:
    memory = begin(bench, SERVICE)
    file = memory.store / "verdicts.sqlite"
    intact = file.read_bytes()
    file.write_bytes(intact[: len(intact) // 2])
    assert set(memory.look().values()) <= {"ran", "remembered"}
    assert memory.not_remembered() == {}
    file.write_bytes(b"nothing of the kind" * 1000)
    assert set(memory.look().values()) == {"ran"}
    assert memory.not_remembered() == {}
    # Rows that hold something else than they should.
    database = sqlite3.connect(file)
    with database:
        rows = database.execute("SELECT key, answer FROM answers").fetchall()
    database.close()
    assert len(rows) > len(MODULES)
    store = SourceCache(memory.store, "verdicts")
    for damaged in (b"", b"[]", b"x" * 100):
        store.put({key: damaged for key, _ in rows})
        assert set(memory.look().values()) == {"ran"}
        assert memory.not_remembered() == {}


def test_what_is_kept_holds_no_secrets(bench: Workbench) -> None:
    bench.write("app/__init__.py")
    bench.write("app/main.py", """
        import os
        print(os.environ["API_TOKEN"])
        try:
            raise ImportError("of " + os.environ["API_TOKEN"])
        except ImportError as error:
            pass
    """)  # fmt: skip
    lines = SERVICE.replace('"first", "second"', '"app"')
    memory = Memory(bench, f'{lines}runtime.env = {{ API_TOKEN = "kvothe-felurian" }}\n')
    for how in ("ran", "remembered"):
        (start,) = memory.observed([]).values()
        assert (start.remembered, start.stdout) == (how == "remembered", "***\n")
    database = sqlite3.connect(memory.store / "verdicts.sqlite")
    texts = [zlib.decompress(text) for (text,) in database.execute("SELECT answer FROM answers")]
    database.close()
    assert any(b"***" in text for text in texts)
    assert not any(b"felurian" in text for text in texts)


def test_two_runs_at_a_time(bench: Workbench) -> None:
    memory = begin(bench, STAGED)
    bench.write("app/lone.py", "x = 1\n")
    bench.write("app/used.py", "x = 1\n")
    found: list[dict[str, str]] = []
    threads = [threading.Thread(target=lambda: found.append(memory.look())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [set(each.values()) for each in found] == [{"ran"}] * 2
    assert memory.not_remembered() == {}
