"""Ctrl-C while a service hangs: the run ends at once and takes everything along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)


def marked(mark: str) -> list[int]:
    """The processes that have `mark` among their variables or in their command line."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                known = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in known:
                found.append(int(process.name))
    return found


def until(true: Any, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("options", [[], ["-p", "xdist", "-n", "1"]], ids=["alone", "worker"])
def test_interrupted_while_a_service_hangs(repository: Any, options: list[str]) -> None:
    mark, started = uuid.uuid4().hex, repository.folder / "started"
    repository.write(
        {
            "contracts.toml": f"""
                [services.slow]
                modules = ["slow"]
                runtime.env.MARK = "{mark}"
            """,
            "slow.py": f"""
                import subprocess, sys, time
                subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
                open({str(started)!r}, "w")
                time.sleep(60)
            """,
        }
    )
    temporary = repository.folder / mark  # which the command lines of supervisors name
    temporary.mkdir()
    command = [sys.executable, "-m", "pytest", "-p", "importcontract", "--import-contracts"]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "MARK": mark, "TMPDIR": str(temporary)},
        text=True,
        # A shell's background job ignores the signal, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert until(started.exists)
        assert len(marked(mark)) >= 4  # pytest, its supervisor, the service, the service's child
        interrupted = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
        took = time.monotonic() - interrupted
    finally:
        for left in marked(mark):
            if left == process.pid:
                process.kill()
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert "INTERNALERROR" not in output
    assert took < (20 if options else 5)  # xdist gives its workers time of their own
    assert until(lambda: marked(mark) == [], 5)
