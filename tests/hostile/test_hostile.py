"""Modules made to break an import checker: each gets its true outcome, none reaches further."""

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

import pytest
import tomli

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)

HERE = Path(__file__).parent
EXPECTED: dict[str, dict[str, str | list[str]]] = tomli.loads(
    HERE.joinpath("expected.toml").read_text("utf-8")
)
WELL_BEHAVED = [name for name in EXPECTED if name.startswith(("fine_", "victim_", "z_"))]
RAISING = [
    name
    for name, expected in EXPECTED.items()
    # With sys.modules empty, the interpreter's own import system raises after the module ran.
    if expected["outcome"] == "failed" and name != "clear_modules"
]
CONTRACT = """\
[services.hostile]
modules = ["hostile.**"]
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
# What a plain interpreter does; a folder is the one sign that no module here keeps it from giving.
PLAIN = """\
import os, sys
tell, (raised, imported) = os.mkdir, sys.argv[1:]
try:
    import hostile.{name}
except SystemExit:
    raise
except BaseException:
    tell(raised)
else:
    tell(imported)
"""
PLAIN_MAY_TAKE = 2  # seconds; what has not ended by then never does
# Every module's own deadlines add up to far less; only a hang of the whole run takes longer.
RUN_MAY_TAKE = 240
SHOWN_AT_MOST = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of pytest over all hostile modules, and the world before and after."""

    status: int
    failures: Mapping[str, str]
    output: bytes
    before: Mapping[str, str]
    after: Mapping[str, str]
    left_in_tmp: list[str]
    left_in_home: list[str]
    left_running: list[str]


@pytest.fixture(scope="session", params=["warm", "cold"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    base = tmp_path_factory.mktemp("hostile")
    repository, temporary, cache, home = (base / name for name in ("repo", "tmp", "cache", "home"))
    for folder in (temporary, cache, home):
        folder.mkdir()
    mark = uuid.uuid4().hex
    shutil.copytree(
        HERE / "modules", repository, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    repository.joinpath("contracts.toml").write_text(
        CONTRACT.format(mark=mark, isolation=request.param), "utf-8"
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
        before=before,
        after=contents(repository),
        left_in_tmp=sorted(os.listdir(temporary)),
        left_in_home=sorted(os.listdir(home)),
        left_running=left_running,
    )


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What importing each module comes to in a plain interpreter, in a fresh copy of them all."""
    base, mark = tmp_path_factory.mktemp("plain"), uuid.uuid4().hex

    def outcome_of(name: str) -> str:
        folder = base / name
        shutil.copytree(HERE / "modules", folder, ignore=shutil.ignore_patterns("__pycache__"))
        raised, imported = folder / "raised", folder / "imported"
        with (folder / "output").open("wb") as sink:  # not a pipe, as above
            process = subprocess.Popen(
                [sys.executable, "-c", PLAIN.format(name=name), raised, imported],
                cwd=folder,
                env={"PATH": os.defpath, "HOME": str(folder), "HOSTILE_MARK": mark},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        status: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = process.wait(PLAIN_MAY_TAKE)
        if status is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if imported.exists():  # whatever becomes of the process afterwards
            return "loaded"
        if raised.exists():
            return "failed"
        if status is None:
            return "timed out"
        if status >= 0:
            return "exited"
        return "crashed" if -status in {signal.SIGSEGV, signal.SIGABRT} else "killed"

    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(EXPECTED, pool.map(outcome_of, EXPECTED), strict=True))
    end_leftovers((mark, str(base)))
    return found


def contents(folder: Path) -> dict[str, str]:
    """Every path below `folder` with the digest of what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in sorted(folder.rglob("*"))
    }


def results(junit: Path) -> Iterator[tuple[str, str]]:
    """The name of each imported module with its failure text, empty when it passed."""
    for case in ET.parse(junit).iter("testcase"):
        item = re.fullmatch(r".*\bimport\[(?:hostile\.)?(\w+)\]", case.get("name", ""))
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


def test_every_module_has_an_expectation() -> None:
    modules = {path.stem for path in HERE.joinpath("modules", "hostile").glob("*.py")}
    assert modules - {"__init__"} == set(EXPECTED)


def test_every_module_is_one_item(run: Run) -> None:
    assert set(run.failures) == {"hostile", *EXPECTED}


def test_expectations_are_what_plain_interpreters_come_to(plain: Mapping[str, str]) -> None:
    assert plain == {name: expected["outcome"] for name, expected in EXPECTED.items()}


@pytest.mark.parametrize("name", EXPECTED)
def test_outcome(run: Run, name: str) -> None:
    failure = run.failures[name]
    assert outcome(failure) == EXPECTED[name]["outcome"], failure[:5000]
    unwrapped = " ".join(failure.split())
    for words in EXPECTED[name].get("says", []):
        assert words in unwrapped


def test_no_verdict_depends_on_what_the_started_service_holds(run: Run) -> None:
    said = " ".join(run.output.decode("utf-8", "replace").split())
    assert re.findall(r"depends on the order of imports: .{,80}", said) == []


@pytest.mark.parametrize("name", ["hostile", *WELL_BEHAVED])
def test_neighbours_do_not_reach_the_well_behaved(run: Run, name: str) -> None:
    assert run.failures[name] == ""


@pytest.mark.parametrize("name", RAISING)
def test_exceptions_are_shown_where_they_were_raised(run: Run, name: str) -> None:
    assert f"hostile/{name}.py:" in run.failures[name]


def test_pytest_ends_as_with_any_failing_test(run: Run) -> None:
    assert run.status == pytest.ExitCode.TESTS_FAILED


def test_nothing_is_left_running(run: Run) -> None:
    assert run.left_running == []


def test_the_repository_is_untouched(run: Run) -> None:
    assert run.after == run.before


def test_nothing_is_left_in_the_temporary_folder(run: Run) -> None:
    assert run.left_in_tmp == []


def test_nothing_is_left_in_the_home_folder(run: Run) -> None:
    assert run.left_in_home == []


def test_failures_stay_readable(run: Run) -> None:
    lengths = {name: len(failure) for name, failure in run.failures.items()}
    assert {name: size for name, size in lengths.items() if size > SHOWN_AT_MOST} == {}
    assert len(run.output) < 20 * SHOWN_AT_MOST


def test_modules_cannot_steer_the_terminal(run: Run) -> None:
    text = run.output.decode("utf-8")
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", text) == []
