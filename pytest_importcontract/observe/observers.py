"""Both observers of one service: what its runs show and what its source says."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.asking import Asking, Observing
from pytest_importcontract.observe.facts import (
    Answer,
    Facts,
    Observation,
    Target,
    TargetKind,
    Variables,
)
from pytest_importcontract.observe.mentions import Definition, unmentioned
from pytest_importcontract.observe.merging import MAIN, merged
from pytest_importcontract.observe.needed import needed
from pytest_importcontract.observe.questions import Question
from pytest_importcontract.observe.reading import origin_of, providers_of
from pytest_importcontract.observe.routes import Routes, routes
from pytest_importcontract.observe.source import platform_facts
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.observe.sources import Analysis
from pytest_importcontract.shipment.modules import ModuleFile
from pytest_importcontract.shipment.shipment import Shipment


class Observers:
    """What is known about one service; what costs time is found out when it is first needed.

    Args:
        shipment: the service.
        observing: runs its targets.
        jobs: how many processes may read source at a time.
        cache: what was read of source before; None to read all of it.
    """

    def __init__(
        self,
        shipment: Shipment,
        observing: Observing,
        jobs: int,
        cache: SourceCache | None = None,
    ) -> None:
        self._shipment = shipment
        self._observing = observing
        self._jobs = jobs
        self._cache = cache
        self._ran: set[str] = set()  # files that imported something
        self._facts: dict[tuple[Target, ...], Facts] = {}

    def _observe(self, target: Target) -> Observation:
        observation = self._observing.observe(target)
        self._ran.update(edge.place.file for edge in observation.edges)
        return observation

    def facts(self, targets: Iterable[Target], *, reads: bool = False) -> Facts:
        """What is known about the targets, once they have run.

        Args:
            targets: what to run.
            reads: whether what the source says is needed as well.
        """
        targets = tuple(targets)
        observations = tuple(self._observe(target) for target in targets)
        if not reads:
            return Facts(observations)
        if targets not in self._facts:  # the rules of a service are all about the same
            self._facts[targets] = Facts(observations, source=self.source, routes=self.routes)
        return self._facts[targets]

    def asked(self, facts: Facts, questions: Iterable[Question]) -> Facts:
        """The facts with what the started service answers to each distinct question."""
        asking = Asking(self._shipment.service.name, self._observing, self._entrypoint_for)
        answers = asking.ask(questions)
        # Whoever does not ask for the source has no use for what only that tells.
        idle = self._unmentioned(answers) if facts.source else frozenset()
        return dataclasses.replace(facts, answers=answers, unmentioned=idle)

    def _unmentioned(self, answers: Iterable[Answer]) -> frozenset[Definition]:
        """Where imports that failed stand, if that is nowhere mentioned."""
        failed = {
            (statement.imported, statement.names)
            for answer in answers
            if not answer.outcome.ok
            for statement in answer.question.statements
        }
        if not failed:
            return frozenset()
        definitions = {
            (edge.importer, edge.scope.partition(".")[0])
            for edge in self.source.edges
            if edge.scope and (edge.imported, edge.names) in failed
        }
        shipped, service = self._shipment.catalog.shipped, self._shipment.service
        reached = self.routes.reached & shipped.keys() or shipped.keys()
        sources = {name: shipped[name].path for name in reached if not shipped[name].is_namespace}
        named = {(e.module, e.attribute.partition(".")[0]) for e in service.entrypoints}
        named |= {(s.module, s.attribute.partition(".")[0]) for s in service.required_symbols}
        return unmentioned(definitions, sources, named)

    def _entrypoint_for(self, question: Question) -> str:
        """The entrypoint whose process would run it; empty where the service has none."""
        texts = [entrypoint.text for entrypoint in self._shipment.service.entrypoints]
        importers = [s.importer for s in question.statements if s.importer]
        if len(texts) > 1 and importers:
            return self.routes.entrypoint_of(importers[0]) or texts[0]
        return texts[0] if texts else ""

    @cached_property
    def source(self) -> Analysis:
        """What the source of the modules that ship says."""
        return self._analysis(self._shipment.catalog.shipped.values())

    def beyond(self, module: str) -> Analysis:
        """What the source of a module and of all that may import it says, where it does not ship.

        Passed over is a file without the last part of the module's name; such a one can import it
        only from within a package around it.
        """
        shipped = self._shipment.catalog.shipped
        last = module.rpartition(".")[2]
        return self._analysis(
            each
            for name, each in self._shipment.catalog.repository.items()
            if name not in shipped and (name == module or _mentions(each, last))
        )

    def _analysis(self, modules: Iterable[ModuleFile]) -> Analysis:
        shipment = self._shipment
        version = {"version": list(shipment.interpreter.version)}
        of_images = {"platform": "linux", "os": "posix"} if shipment.image else {}
        return analyse(
            modules,
            shipment.interpreter,
            lambda module: origin_of(shipment, module),
            lambda module: providers_of(shipment, module),
            known=shipment.catalog.repository,
            to_repository=shipment.to_repository,
            platform={**platform_facts(), **version, **of_images},
            jobs=self._jobs,
            cache=self._cache,
            ran=self._ran,
        )

    @cached_property
    def routes(self) -> Routes:
        """Which modules its entrypoints reach."""
        service = self._shipment.service
        targets = [
            Target(service.name, TargetKind.ENTRYPOINT, entrypoint.text)
            for entrypoint in service.entrypoints
        ]
        observations = [self._observe(target) for target in targets]
        return routes(merged(observations, self.source.edges), self.starts)

    @cached_property
    def variables(self) -> Variables:
        """The variables that a deployment sets, and those that reached modules need."""
        shipment = self._shipment
        shipped = shipment.catalog.shipped
        names = sorted(self.routes.reached & shipped.keys())
        return Variables(
            example=shipment.example,
            given=shipment.example | shipment.image_variables,
            needed=needed(shipped[name].path for name in names if not shipped[name].is_namespace),
        )

    @cached_property
    def starts(self) -> Mapping[str, str]:
        """The modules that the entrypoints start with, each with the entrypoint's text."""
        shipment = self._shipment
        starts: dict[str, str] = {}
        for entrypoint in shipment.service.entrypoints:
            script = shipment.process_of(entrypoint).script
            if script is None:
                starts[entrypoint.module] = entrypoint.text
                continue
            file = Path(shipment.to_repository(str(script)))
            names = [
                name for name, module in shipment.catalog.shipped.items() if module.path == file
            ]
            starts |= dict.fromkeys([*names, *MAIN], entrypoint.text)
        return starts


def _mentions(module: ModuleFile, word: str) -> bool:
    """Whether the text of a source file holds an ASCII word; yes for any other word."""
    if module.is_namespace or not word.isascii():
        return not module.is_namespace
    try:
        return word.encode("ascii") in module.path.read_bytes()
    except OSError:
        return True
