"""However many jobs: forks share what a large service holds, which is not started once more."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from workbench import Workbench, module_target

from pytest_importcontract.observe.memory import Meter
from pytest_importcontract.observe.warm import Warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing tells it elsewhere")
MAIN = """\
with open({log!r}, "a") as log:
    log.write("started\\n")
held = [bytes([number % 251 + 1]) * (1 << 20) for number in range({megabytes})]
"""
SLOW = "import time\ntime.sleep(0.1)\n"
# Each fails in its own way, so that each is imported again, alone, where it holds as much.
BROKEN = "import main, time\ntime.sleep(0.3)\nraise ImportError(__name__)\n"


def run(
    bench: Workbench, log: Path, megabytes: int, jobs: int = 2, broken: int = 0
) -> tuple[int, float]:
    """How many times a service of so many megabytes is started, and the peak in megabytes."""
    bench.write("main.py", MAIN.format(log=str(log), megabytes=megabytes))
    names = [f"part{number:02}" for number in range(1 if broken else 30)]
    for name in names:
        bench.write(f"{name}.py", SLOW)
    bad = [f"bad{number}" for number in range(broken)]
    for name in bad:
        bench.write(f"{name}.py", BROKEN)
    runner = bench.runner('entrypoints = ["main"]\nmodules = ["**"]', jobs=jobs)
    services = {name: shipment.service for name, shipment in runner._shipments.items()}
    warm = Warm(runner, services, {})
    meter = Meter()
    targets = [module_target(name) for name in [*bad, *names]]
    warm.prefetch(targets)
    assert [t.text for t in targets if not warm.observe(t).outcome.ok] == bad
    meter.stop()
    return log.read_text().count("started") - broken, meter.peak / 1e6


def test_a_small_service_is_started_by_each_job(bench: Workbench, tmp_path: Path) -> None:
    starts, _ = run(bench, tmp_path / "log", megabytes=1)
    assert starts == 2


def test_a_large_service_is_started_once(bench: Workbench, tmp_path: Path) -> None:
    starts, peak = run(bench, tmp_path / "log", megabytes=400)
    assert starts == 1
    assert 400 < peak < 1.5 * 420 + 2 * 100


def test_what_is_held_when_it_stops_counts() -> None:
    """However short the time that there was something to see."""
    code = "held = b'x' * 50_000_000; print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        meter = Meter()
        meter.stop()
        child.communicate(b"\n")
    assert 50_000_000 < meter.peak < 120_000_000


def test_nothing_is_held_by_nobody() -> None:
    meter = Meter()
    time.sleep(0.3)
    meter.stop()
    assert meter.peak < 10_000_000


def test_failures_of_a_large_service_are_confirmed_one_at_a_time(
    bench: Workbench, tmp_path: Path
) -> None:
    starts, peak = run(bench, tmp_path / "log", megabytes=300, broken=4)
    assert starts == 1
    assert 2 * 300 < peak < 2 * 320 + 100
