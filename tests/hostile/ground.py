"""Runs over modules that are made to break an import checker, and what plain interpreters do."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import odd_files
import tomli

HERE = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = tomli.loads(HERE.joinpath("expected.toml").read_text("utf-8"))
CONTRACT = """\
[services.hostile]
modules = ["hostile.**", "!hostile.shadows.**"]
entrypoints = ["hostile.fine_a"]
isolation = "{isolation}"
order_dependence = "fail"

[services.hostile.ships]
files = ["hostile/**"]

[services.hostile.runtime]
timeout = 5
env = {{ HOSTILE_MARK = "{mark}" }}
"""
PYTEST = [
    *(sys.executable, "-m", "pytest", "--import-contracts", "contracts.toml"),
    *("--import-contracts-jobs=2", "-p", "no:cacheprovider", "-p", "no:xdist"),
]
# What a plain interpreter does, told by a folder, or where no folder can be made, in a file.
PLAIN = """\
def load(make, open, write, encode, told, show, Exit, Any):
    last = open(told + "/last", 65)
    def tell(how):
        try:
            make(told + "/" + how)
        except Any:
            write(last, encode(how))
    try:
        import hostile.{name}
    except Exit:
        raise
    except Any as error:
        try:
            show(error)  # as the interpreter would
        except Any:
            pass
        tell("raised")
    else:
        tell("imported")
import posix, sys
load(posix.mkdir, posix.open, posix.write, str.encode, sys.argv[1], str, SystemExit, BaseException)
"""
PLAIN_MAY_TAKE = 2  # seconds, of what is expected never to end
# These change the folder in which they and the others lie.
DAMAGING = {"delete_neighbour", "delete_whole_tree", "rewrite_neighbour", "write_into_own_folder"}
# Every module's own deadlines add up to far less; only a hang of the whole run takes longer.
RUN_MAY_TAKE = 240
SHOWN_AT_MOST = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of pytest over all hostile modules, and the world before and after."""

    status: int
    failures: Mapping[str, str]
    output: bytes
    absent: frozenset[str]
    before: Mapping[str, str]
    after: Mapping[str, str]
    left_in_tmp: list[str]
    left_in_home: list[str]
    left_running: list[str]


def run(base: Path, isolation: str) -> Run:
    """Let pytest try all of them, in a new folder."""
    repository, temporary, cache, home = (base / name for name in ("repo", "tmp", "cache", "home"))
    for folder in (temporary, cache, home):
        folder.mkdir()
    mark = uuid.uuid4().hex
    absent = make(repository)
    repository.joinpath("contracts.toml").write_text(
        CONTRACT.format(mark=mark, isolation=isolation), "utf-8"
    )
    before = contents(repository)

    junit, output = base / "junit.xml", base / "output.txt"
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "XDG_CACHE_HOME": str(cache),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Not a pipe: a process that outlives the run would hold it open.
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [*PYTEST, f"--junitxml={junit}"],
            cwd=repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(RUN_MAY_TAKE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
    left_running = end_leftovers((mark, str(base)))
    said = output.read_bytes()
    assert junit.exists(), f"pytest ended with {status}:\n{said[-5000:].decode('utf-8', 'replace')}"
    return Run(
        status=status,
        failures=dict(results(junit)),
        output=said,
        absent=absent,
        before=before,
        after=contents(repository),
        left_in_tmp=sorted(os.listdir(temporary)),
        left_in_home=sorted(os.listdir(home)),
        left_running=left_running,
    )


def make(repository: Path) -> frozenset[str]:
    """Make the repository; the names of modules that cannot be made on this machine."""
    shutil.copytree(
        HERE / "modules", repository, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    return odd_files.make(repository / "hostile")


def plain(base: Path) -> Mapping[str, str]:
    """What importing each module comes to in a plain interpreter, in a fresh copy of them all."""
    mark = uuid.uuid4().hex
    absent = make(base / "all")

    def outcome_of(name: str) -> str:
        folder = base / "all"
        if name in DAMAGING:
            folder = base / name
            subprocess.run(["cp", "-a", base / "all", folder], check=True)
        told, home = base / f"{name} told", base / f"{name} around" / "home"
        told.mkdir()
        told.chmod(0o777)  # whoever it becomes
        home.mkdir(parents=True)
        raised, imported, last = (told / each for each in ("raised", "imported", "last"))
        script = PLAIN.format(name=name)
        with (told / "output").open("wb") as sink:  # not a pipe, as above
            process = subprocess.Popen(
                # Some turn on the process that started them.
                ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", script, told],
                cwd=folder,
                env={
                    "PATH": os.defpath,
                    "HOME": str(home),
                    "HOSTILE_MARK": mark,
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        never = EXPECTED[name]["outcome"] == "timed out"
        deadline = time.monotonic() + (PLAIN_MAY_TAKE if never else RUN_MAY_TAKE)
        while (status := process.poll()) is None and time.monotonic() < deadline:
            if (
                raised.exists()
                or imported.exists()
                or _words(last).endswith((b"raised", b"imported"))
            ):
                break
            time.sleep(0.01)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if imported.exists() or _words(last).endswith(b"imported"):  # whatever comes afterwards
            return "loaded"
        if raised.exists() or _words(last).endswith(b"raised"):
            return "failed"
        if status is None:
            return "timed out"
        if 0 <= status < 128 or status - 128 not in signal.valid_signals():
            return "killed" if status < 0 else "exited"
        return "crashed" if status - 128 in {signal.SIGSEGV, signal.SIGABRT} else "killed"

    names = [name for name in EXPECTED if name not in absent]
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(names, pool.map(outcome_of, names), strict=True))
    end_leftovers((mark, str(base)))
    return found


def _words(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def contents(folder: Path) -> dict[str, str]:
    """Every path below `folder` with the digest of what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file() and not path.is_symlink()
        else f"{path.lstat().st_mode:o}"
        for path in sorted(folder.rglob("*"))
    }


def results(junit: Path) -> Iterator[tuple[str, str]]:
    """The name of each imported module with its failure text, empty when it passed."""
    for case in ET.parse(junit).iter("testcase"):
        item = re.fullmatch(r".*\bimport\[(?:hostile\.)?([\w.]+)\]", case.get("name", ""))
        if item is None:
            continue
        faults = [
            element for kind in ("failure", "error", "skipped") for element in case.iter(kind)
        ]
        yield item[1], "\n".join(fault.text or fault.get("message") or "" for fault in faults)


def outcome(failure: str) -> str:
    """The outcome that a failure text names in its second paragraph."""
    if not failure:
        return "loaded"
    if "; its cause is shown at " in failure:
        return "failed"
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", failure.strip())]
    fault = paragraphs[1] if len(paragraphs) > 1 else ""
    named = re.match(r"(exited with|crashed with|killed by|timed out) ", fault)
    if named:
        return named[1].removesuffix(" with").removesuffix(" by")
    return "failed" if re.match(r"[\w.]+", fault) else f"no outcome in {failure[:500]!r}"


def end_leftovers(marks: tuple[str, ...]) -> list[str]:
    """What still runs and bears one of `marks`, described; nothing of it runs afterwards."""
    deadline = time.monotonic() + 3
    while (found := running(marks)) and time.monotonic() < deadline:
        time.sleep(0.1)  # what was killed takes a moment to disappear
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return list(found.values())


def running(marks: tuple[str, ...]) -> dict[int, str]:
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            command = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ")
            environment = folder.joinpath("environ").read_bytes()
            where = os.readlink(folder / "cwd")
        except OSError:
            continue
        traces = f"{os.fsdecode(command)}\n{os.fsdecode(environment)}\n{where}"
        if any(mark in traces for mark in marks):
            found[int(folder.name)] = f"{os.fsdecode(command)[:200]} in {where}"
    return found
