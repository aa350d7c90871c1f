"""Runs targets in parallel, ahead of whoever asks, and hands out what was observed."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import importlib_resources

from pytest_importcontract.observe.facts import Observation, Outcome, OutcomeKind, Target
from pytest_importcontract.observe.launch import launch
from pytest_importcontract.observe.leftovers import end_leftovers
from pytest_importcontract.observe.reading import Reader, ended
from pytest_importcontract.observe.schedule import Schedule
from pytest_importcontract.observe.supervisor import read_message, write_message
from pytest_importcontract.shipment.shipment import Shipment


class Runner:
    """A pool of supervisors and a queue of targets.

    Args:
        shipments: the services by name.
        symbols: the attributes to look up, by module target.
        bytecode: folder for compiled copies, shared by all processes.
        jobs: how many processes run at a time.
    """

    def __init__(
        self,
        shipments: Mapping[str, Shipment],
        symbols: Mapping[Target, Sequence[str]],
        bytecode: Path,
        jobs: int,
    ) -> None:
        self._shipments = shipments
        self._symbols = symbols
        self._bytecode = bytecode
        self._jobs = jobs
        self._futures: dict[Target, Future[Observation]] = {}
        self._schedule = Schedule()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._files = contextlib.ExitStack()
        self._processes: dict[subprocess.Popen[bytes], Path] = {}  # with their folders
        here = importlib_resources.files(__package__)
        path_of = self._files.enter_context
        self._probe = path_of(importlib_resources.as_file(here.joinpath("probe.py")))
        self._supervisor = path_of(importlib_resources.as_file(here.joinpath("supervisor.py")))
        self._readers = {
            name: Reader(shipment, str(self._probe)) for name, shipment in shipments.items()
        }

    def prefetch(self, targets: Iterable[Target]) -> None:
        """Observe the targets in their order, as soon as a worker is free; does not wait."""
        with self._lock:
            new = [t for t in dict.fromkeys(targets) if t not in self._futures]
            self._futures.update((target, Future()) for target in new)
            self._start_workers()
        self._schedule.add(new)

    def observe(self, target: Target) -> Observation:
        """What was observed of `target`; if it has not run yet, it runs next.

        Raises:
            CancelledError: the runner was closed before the target had run.
            ValueError: it is of a service that the runner does not know.
        """
        if target.service not in self._shipments:
            raise ValueError(f"no service is called {target.service!r}")
        if target not in self._futures:
            if self._schedule.closed:
                raise CancelledError
            self.prefetch([target])
        self._schedule.urge(target)
        return self._futures[target].result()

    def close(self) -> None:
        """Stop what runs, drop what waits, leave no process behind."""
        with self._lock:
            self._schedule.close()
            for process in self._processes:
                if process.stdin is not None:
                    process.stdin.close()
        for thread in self._threads:
            thread.join()
        for future in self._futures.values():
            future.cancel()
        self._files.close()

    def _start_workers(self) -> None:
        while len(self._threads) < min(self._jobs, len(self._futures)):
            thread = threading.Thread(target=self._work, name="importcontract", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        process = None
        while (target := self._schedule.take()) is not None:
            future, damage = self._futures[target], 0
            try:
                if process is None or process.poll() is not None:
                    process = self._start_supervisor()
                observation = self._observation(process, target)
                observation, damage = self._mend(observation)
            except Exception as error:  # told to who asks; the next target runs all the same
                self._schedule.finish(target)
                future.set_exception(error)
                continue
            if self._schedule.finish(target, damage=damage > 0):
                future.set_result(observation)
        if process is not None:
            _end(process)

    def _observation(self, process: subprocess.Popen[bytes], target: Target) -> Observation:
        try:
            return self._run(process, target)
        except (OSError, ValueError):
            return self._lost(process, target)

    def _mend(self, observation: Observation) -> tuple[Observation, int]:
        """Make the tree what ships again; what was observed, and how much of the tree was not."""
        target = observation.target
        guard = self._shipments[target.service].guard
        if guard is None:
            return observation, 0
        try:
            with self._lock:
                return observation, guard.mend()
        except OSError as error:
            file = self._shipments[target.service].to_repository(str(error.filename or ""))
            why = f"the copy of what ships cannot be put right: {error.strerror}: {file}"
            return _could_not_start(target, why), 1

    def _run(self, process: subprocess.Popen[bytes], target: Target) -> Observation:
        shipment = self._shipments[target.service]
        request = launch(shipment, target, self._symbols.get(target, ()), self._bytecode)
        if process.stdin is None or process.stdout is None:
            raise ValueError("the supervisor has no pipes")
        write_message(process.stdin.fileno(), request)
        reply: dict[str, Any] | None = read_message(process.stdout.fileno())
        if reply is None:
            return self._lost(process, target)
        return self._readers[target.service].observation(target, reply)

    def _lost(self, process: subprocess.Popen[bytes], target: Target) -> Observation:
        """What to say when a supervisor is gone.

        Raises:
            CancelledError: we ended it ourselves.
        """
        if self._schedule.closed:
            raise CancelledError
        _end(process)
        end_leftovers(self._processes[process])
        how = ended(process.returncode)
        if process.returncode < 0:  # by what was imported, or by someone while that ran
            detail = f"with the process that watched it, which was {how}"
            return Observation(
                target=target, outcome=Outcome(kind=OutcomeKind.KILLED, detail=detail)
            )
        return _could_not_start(target, f"the process that watches it {how}")

    def _start_supervisor(self) -> subprocess.Popen[bytes]:
        with self._lock:  # so that whoever closes either sees it or keeps it from starting
            if self._schedule.closed:
                raise CancelledError
            folder = Path(tempfile.mkdtemp(prefix="importcontract-"))
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", self._supervisor, self._probe, folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._processes[process] = folder
        return process


def _could_not_start(target: Target, why: str) -> Observation:
    return Observation(target=target, outcome=Outcome(kind=OutcomeKind.COULD_NOT_START, detail=why))


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
