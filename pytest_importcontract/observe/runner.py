"""Runs targets in parallel, ahead of whoever asks, and hands out what was observed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from pathlib import Path

import importlib_resources

from pytest_importcontract.observe.facts import Observation, Target
from pytest_importcontract.observe.reading import Reader
from pytest_importcontract.observe.schedule import Schedule
from pytest_importcontract.observe.seat import Seat, StoppedError
from pytest_importcontract.observe.worker import Worker, could_not_start
from pytest_importcontract.shipment.shipment import Shipment


class Runner:
    """A pool of workers and a queue of targets.

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
        self._seats: list[Seat] = []
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

    def then(self, target: Target, call: Callable[[Observation], None]) -> None:
        """Call with what was observed of a target that was prefetched, once it has run."""

        def done(future: Future[Observation]) -> None:
            if not future.cancelled() and future.exception() is None:
                call(future.result())

        self._futures[target].add_done_callback(done)

    def close(self) -> None:
        """Stop what runs, drop what waits, leave no process behind."""
        with self._lock:
            self._schedule.close()
            for seat in self._seats:
                seat.stop()
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
        with self._lock:
            if self._schedule.closed:
                return
            seats = Seat(self._supervisor, self._probe), Seat(self._supervisor, self._probe)
            self._seats += seats
        worker = Worker(self._readers, self._symbols, self._bytecode, seats, self._take)
        while (target := self._schedule.take(worker.base)) is not None:
            future, damage = self._futures[target], 0
            try:
                observation, damage = self._mend(worker.run(target))
            except StoppedError:
                self._schedule.finish(target)
                future.cancel()
                continue
            except Exception as error:  # told to who asks; the next target runs all the same
                self._schedule.finish(target)
                future.set_exception(error)
                continue
            if self._schedule.finish(target, damage=damage > 0):
                _settle(future, observation)
        worker.end()

    def _take(self, observation: Observation) -> None:
        """Keep what was observed of a target that a worker started of its own accord."""
        with self._lock:
            future = self._futures.setdefault(observation.target, Future())
        self._schedule.drop(observation.target)
        _settle(future, observation)

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
            return could_not_start(target, why), 1


def _settle(future: Future[Observation], observation: Observation) -> None:
    """Hand out what was observed, if nobody was quicker."""
    with contextlib.suppress(InvalidStateError):
        future.set_result(observation)
