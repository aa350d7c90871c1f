"""Programs that a build runs: bounded in time and output, in an environment of their own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_POLL = 0.02  # seconds
_MOST_OUTPUT = 32 * 2**20  # bytes of one program
_TAIL = 64 * 2**10
_LONGEST = 200  # characters of a complaint
_EXCEPTION = re.compile(r"^[\w.]*(?:Error|Exception|Exit|Missing|Unavailable): .*", re.MULTILINE)


class RunningError(Exception):
    """A program of the build failed; the message says how, in one line."""


class Running:
    """Runs programs one after the other until a common deadline.

    It can be handed to `build.ProjectBuilder` as its runner.

    Args:
        folder: theirs alone, for a home, temporary files and what they print.
        environment: their variables.
        patience: seconds that all of them together may take.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], patience: float) -> None:
        self._log = folder / "output"
        self._patience = patience
        self._deadline = time.monotonic() + patience
        self.environment = dict(environment)
        self.failure: RunningError | None = None
        for variable, name in (("HOME", "home"), ("TMPDIR", "tmp")):
            (folder / name).mkdir()
            self.environment[variable] = str(folder / name)

    def __call__(
        self,
        cmd: Sequence[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        """Run `cmd` in the folder `cwd`.

        Raises:
            RunningError: it did not start, took too long, printed too much, or failed.
        """
        self.failure = None
        try:
            self._run(cmd, cwd, {**self.environment, **(extra_environ or {})})
        except RunningError as error:
            self.failure = error
            raise

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() > self._deadline

    def _run(self, cmd: Sequence[str], cwd: str | None, environment: Mapping[str, str]) -> None:
        with self._log.open("wb") as output:
            try:
                process = subprocess.Popen(
                    list(cmd),
                    cwd=cwd,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                raise RunningError(f"{cmd[0]} does not start: {error}") from None
        try:
            status = self._wait(process)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status:
            raise RunningError(self._complaint(status))

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        while (status := process.poll()) is None:
            if self.is_over:
                raise RunningError(f"it did not end within {self._patience:g} s")
            if self._log.stat().st_size > _MOST_OUTPUT:
                raise RunningError(f"it printed more than {_MOST_OUTPUT // 2**20} MB")
            time.sleep(_POLL)
        return status

    def _complaint(self, status: int) -> str:
        with self._log.open("rb") as output:
            output.seek(max(0, self._log.stat().st_size - _TAIL))
            said = output.read().decode("utf-8", "replace")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raised = _EXCEPTION.findall(said)
        last = raised[-1] if raised else lines[-1] if lines else f"exit status {status}"
        return str(last)[:_LONGEST]
