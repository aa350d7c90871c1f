"""Runs targets in parallel, ahead of whoever asks, and hands out what was observed."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from pathlib import Path

import importlib_resources

from pytest_importcontract.observe.durations import Durations
from pytest_importcontract.observe.facts import Observation, Target
from pytest_importcontract.observe.reading import Reader
from pytest_importcontract.observe.schedule import Schedule
from pytest_importcontract.observe.seat import Seat, StoppedError
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.observe.verdicts import Ran, Verdicts
from pytest_importcontract.observe.worker import Worker, could_not_start
from pytest_importcontract.shipment.shipment import Shipment

_PATIENCE = 0.2  # seconds that an answer may be held


class Runner:
    """A pool of workers and a queue of targets.

    Args:
        shipments: the services by name.
        symbols: the attributes to look up, by module target.
        bytecode: folder for compiled copies, shared by all processes.
        jobs: how many processes run at a time.
        durations: what earlier runs have learnt, and what this one is to add to.
        store: where verdicts are kept from run to run; None for nowhere.
    """

    def __init__(
        self,
        shipments: Mapping[str, Shipment],
        symbols: Mapping[Target, Sequence[str]],
        bytecode: Path,
        jobs: int,
        durations: Durations | None = None,
        store: SourceCache | None = None,
    ) -> None:
        self._shipments = shipments
        self._symbols = symbols
        self._bytecode = bytecode
        self._jobs = jobs
        self._durations = durations
        self._futures: dict[Target, Future[Observation]] = {}
        self._schedule = Schedule(jobs)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._scheduled = 0
        self._files = contextlib.ExitStack()
        self._seats: list[Seat] = []
        here = importlib_resources.files(__package__)
        path_of = self._files.enter_context
        self._probe = path_of(importlib_resources.as_file(here.joinpath("probe.py")))
        self._supervisor = path_of(importlib_resources.as_file(here.joinpath("supervisor.py")))
        self._readers = {
            name: Reader(shipment, str(self._probe)) for name, shipment in shipments.items()
        }
        self._verdicts: Verdicts | None = None
        if store is not None:
            scripts = self._probe, self._supervisor
            notes = bytecode.parent / "digests"
            self._verdicts = Verdicts(shipments, symbols, bytecode, scripts, store, notes)

    def prefetch(self, targets: Iterable[Target]) -> None:
        """Observe the targets as soon as a worker is free; does not wait.

        They begin in their order, but for those known to take long, which come first.
        """
        if self._durations is not None:
            targets = self._durations.longest_first(targets)
        with self._lock:
            new = [t for t in dict.fromkeys(targets) if t not in self._futures]
            self._futures.update((target, Future()) for target in new)
        new = self._not_remembered(new)
        with self._lock:
            self._scheduled += len(new)
            self._start_workers()
        self._schedule.add(new)

    def _not_remembered(self, targets: Sequence[Target]) -> list[Target]:
        """Those targets that have to run; of the others it is known what was observed."""
        if self._verdicts is None or not targets:
            return list(targets)
        known = self._verdicts.recall(targets)
        for target, reply in known.items():
            reader, asks = self._readers[target.service], target.question is not None
            read = reader.answered if asks and target.forks else reader.observation
            observation = dataclasses.replace(read(target, reply), remembered=True)
            _settle(self._futures[target], observation)
        return [target for target in targets if target not in known]

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
        if self._durations is not None:
            self._durations.keep()
        for future in self._futures.values():
            future.cancel()
        if self._verdicts is not None:
            self._verdicts.save()
        self._files.close()

    def _start_workers(self) -> None:
        while len(self._threads) < min(self._jobs, self._scheduled):
            thread = threading.Thread(target=self._work, name="importcontract", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        with self._lock:
            if self._schedule.closed:
                return
            seats = Seat(self._supervisor, self._probe), Seat(self._supervisor, self._probe)
            self._seats += seats
        worker = Worker(
            self._readers,
            self._symbols,
            self._bytecode,
            seats,
            self._take,
            looks=self._verdicts is not None,
        )
        held = _Held()
        while (target := self._schedule.take(worker.base, wait=not held.ran)) or held.ran:
            if target is None:  # nothing waits: those who wait for what is held do
                self._hand_out(held)
                continue
            try:
                observation = worker.run(target)
            except StoppedError:
                self._schedule.finish(target)
                self._futures[target].cancel()
                continue
            except Exception as error:  # told to who asks; the next target runs all the same
                self._schedule.finish(target)
                self._futures[target].set_exception(error)
                continue
            if self._is_of_another(observation) and self._schedule.postpone(target):
                continue
            held.ran.append((observation, worker.ran))
            if target.question is None or held.is_old:
                self._hand_out(held)
        worker.end()

    def _is_of_another(self, observation: Observation) -> bool:
        """Whether a question was not put because its base did not start, which has elsewhere."""
        target = observation.target
        if target.question is None or not target.forks or observation.answer is not None:
            return False
        base = self._futures.get(target.base)
        return base is not None and base.done() and base.result().outcome.ok

    def _hand_out(self, held: _Held) -> None:
        """Make the tree what ships again; hand out what was observed since that was done last."""
        mended: dict[str, tuple[int, str]] = {}
        taken = held.take()
        for observation, ran in taken:
            target = observation.target
            if target.service not in mended:
                mended[target.service] = self._mend(target.service)
            damage, why = mended[target.service]
            self._schedule.learn(target, observation.seconds, observation.memory)
            if self._durations is not None:
                self._durations.learn(target, observation.seconds)
            if self._schedule.finish(target, damage=damage > 0):
                # What one fork has changed, the next may have seen before it was put back.
                if self._verdicts is not None and (not damage or len(taken) == 1):
                    for each in ran:
                        self._verdicts.note(each)
                _settle(self._futures[target], could_not_start(target, why) if why else observation)

    def _mend(self, service: str) -> tuple[int, str]:
        """How much of a service's tree was not what ships, and why it cannot be put right."""
        shipment = self._shipments[service]
        if shipment.guard is None:
            return 0, ""
        try:
            with self._lock:
                return shipment.guard.mend(), ""
        except OSError as error:
            file = shipment.to_repository(str(error.filename or ""))
            return 1, f"the copy of what ships cannot be put right: {error.strerror}: {file}"

    def _take(self, observation: Observation) -> None:
        """Keep what was observed of a target that a worker started of its own accord."""
        target = observation.target
        with self._lock:
            future = self._futures.setdefault(target, Future())
            if self._verdicts is not None and _is_refuted(future, observation):
                self._verdicts.forget(target)
                future = self._futures[target] = Future()
        self._schedule.learn(observation.target, observation.seconds, observation.memory)
        self._schedule.drop(observation.target)
        _settle(future, observation)


class _Held:
    """What forks answered since the tree was looked over; in doubt until that is done again.

    Looking a tree over takes as long as some forks do, so not each of them is followed by it.
    """

    def __init__(self) -> None:
        self.ran: list[tuple[Observation, list[Ran]]] = []
        self._since = time.monotonic()

    @property
    def is_old(self) -> bool:
        """Whether somebody may have waited for it for long enough."""
        return time.monotonic() - self._since > _PATIENCE

    def take(self) -> list[tuple[Observation, list[Ran]]]:
        """All of it, which then is held no more."""
        ran, self.ran, self._since = self.ran, [], time.monotonic()
        return ran


def _is_refuted(future: Future[Observation], observation: Observation) -> bool:
    """Whether what was remembered of a start has turned out otherwise."""
    remembered = future.done() and not future.cancelled() and future.result().remembered
    return remembered and not observation.outcome.ok


def _settle(future: Future[Observation], observation: Observation) -> None:
    """Hand out what was observed, if nobody was quicker."""
    with contextlib.suppress(InvalidStateError):
        future.set_result(observation)
