"""Runs targets in parallel, ahead of whoever asks, and hands out what was observed."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import importlib_resources

from pytest_importcontract.observe.facts import Observation, Outcome, OutcomeKind, Target
from pytest_importcontract.observe.launch import launch
from pytest_importcontract.observe.reading import Reader
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
        self._queue: deque[Target] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._files = contextlib.ExitStack()
        self._running: dict[str, set[Target]] = {name: set() for name in shipments}
        self._doubtful: set[Target] = set()
        self._repeated: set[Target] = set()
        self._mending = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        here = importlib_resources.files(__package__)
        path_of = self._files.enter_context
        self._probe = path_of(importlib_resources.as_file(here.joinpath("probe.py")))
        self._supervisor = path_of(importlib_resources.as_file(here.joinpath("supervisor.py")))
        self._readers = {
            name: Reader(shipment, str(self._probe)) for name, shipment in shipments.items()
        }

    def prefetch(self, targets: Iterable[Target]) -> None:
        """Observe the targets in their order, as soon as a worker is free; does not wait."""
        with self._changed:
            for target in targets:
                if target not in self._futures:
                    self._futures[target] = Future()
                    self._queue.append(target)
            self._start_workers()
            self._changed.notify_all()

    def observe(self, target: Target) -> Observation:
        """What was observed of `target`; if it has not run yet, it runs next.

        Raises:
            CancelledError: the runner was closed before the target had run.
        """
        with self._changed:
            if self._closed and target not in self._futures:
                raise CancelledError
            if target not in self._futures:
                self._futures[target] = Future()
                self._queue.appendleft(target)
            elif target in self._queue:
                self._queue.remove(target)
                self._queue.appendleft(target)
            self._start_workers()
            self._changed.notify()
        return self._futures[target].result()

    def close(self) -> None:
        """Stop what runs, drop what waits, leave no process behind."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
            for process in self._processes:
                if process.stdin is not None:
                    process.stdin.close()
        for thread in self._threads:
            thread.join()
        for future in self._futures.values():
            future.cancel()
        self._files.close()

    def _start_workers(self) -> None:
        while len(self._threads) < min(self._jobs, len(self._futures)) and not self._closed:
            thread = threading.Thread(target=self._work, name="importcontract", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        process = None
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if self._closed:
                    break
                target = self._queue.popleft()
                self._running[target.service].add(target)
                if process is None or process.poll() is not None:
                    process = self._start_supervisor()
            try:
                observation = self._run(process, target)
            except (OSError, ValueError) as error:
                observation = self._lost(process, target, str(error))
            except Exception as error:  # a fault of ours: told to who asks, the next target runs
                self._futures[target].set_exception(error)
                with self._changed:
                    self._running[target.service].discard(target)
                continue
            if self._saw_what_ships(target) and observation is not None:
                self._futures[target].set_result(observation)
        if process is not None:
            _end(process)

    def _saw_what_ships(self, target: Target) -> bool:
        """Mend the staged tree; whether the target's verdict can stand.

        A process that changed the tree while others ran in it puts their verdicts in doubt, and
        nobody can say which of them it was: each is observed once more.
        """
        guard = self._shipments[target.service].guard
        with self._mending:
            damage = 0 if guard is None else guard.mend()
        with self._changed:
            others = self._running[target.service]
            others.discard(target)
            doubtful = target in self._doubtful or (damage > 0 and bool(others))
            self._doubtful.discard(target)
            if damage:
                self._doubtful |= others
            if not doubtful or target in self._repeated or self._closed:
                return True
            self._repeated.add(target)
            self._queue.appendleft(target)
            self._changed.notify()
            return False

    def _run(self, process: subprocess.Popen[bytes], target: Target) -> Observation | None:
        shipment = self._shipments[target.service]
        request = launch(shipment, target, self._symbols.get(target, ()), self._bytecode)
        if process.stdin is None or process.stdout is None:
            raise ValueError("the supervisor has no pipes")
        write_message(process.stdin.fileno(), request)
        reply: dict[str, Any] | None = read_message(process.stdout.fileno())
        if reply is None:
            return self._lost(process, target, "its supervisor died")
        return self._readers[target.service].observation(target, reply)

    def _lost(
        self, process: subprocess.Popen[bytes], target: Target, why: str
    ) -> Observation | None:
        """What to say when a supervisor is gone: nothing when we ended it ourselves."""
        if self._closed:
            self._futures[target].set_exception(CancelledError())
            return None
        _end(process)
        return Observation(
            target=target, outcome=Outcome(kind=OutcomeKind.COULD_NOT_START, detail=why)
        )

    def _start_supervisor(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(self._supervisor), str(self._probe)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._processes.add(process)
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
