"""What a service imports from distributions is what the image's requirements declare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_importcontract.checks.demand import Demand, entrypoint_targets, module_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service, ThirdParty, is_within
from pytest_importcontract.observe.facts import (
    Facts,
    ImportEdge,
    ImportKind,
    Observation,
    Observer,
    Standing,
    TargetKind,
)

NAME = "declared_dependencies"
_BEST_FIRST = {standing: rank for rank, standing in enumerate(Standing)}


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:
    """One, unless the contract says that any distribution will do."""
    targets = (*entrypoint_targets(service), *module_targets(service, modules))
    if service.third_party is not ThirdParty.ANY and targets:
        yield Demand(
            check=NAME, keys=("ships",), targets=targets, verify=check, remark=remarks, reads=True
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each distribution that an entrypoint needs and the image does not declare.

    Where several distributions have the module, one that is declared is enough. One that is there
    only because another needs it is a violation under ``third_party = "listed"``, also where it is
    imported later. Whether an absent one that is imported later matters, `deferred_imports` tells.
    """
    reached = list(_needed(_of(facts, TargetKind.ENTRYPOINT)))
    lacking = _by_distribution(reached, Standing.ABSENT)
    if service.third_party is ThirdParty.LISTED:
        later = [*reached, *_later(facts)]
        for name, edges in _by_distribution(later, Standing.TRANSITIVE).items():
            lacking[name] = [*lacking.get(name, ()), *edges]
    for name in sorted(lacking):
        yield Violation(check=NAME, subject=subject, root=name, edges=_ordered(lacking[name]))


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:
    """What is imported without being declared, and does not keep an entrypoint from starting."""
    told = {violation.root for violation in check(service, subject, facts)}
    later = list(_later(facts))
    everything = [*_needed(facts.observations), *later]
    transitive = _by_distribution(everything, Standing.TRANSITIVE)
    for name in sorted(transitive.keys() - told):
        yield _remark(name, "is there only because another distribution needs it", transitive[name])
    modules = [*_needed(_of(facts, TargetKind.MODULE)), *later]
    elsewhere = _by_distribution(modules, Standing.ABSENT)
    for name in sorted(elsewhere.keys() - told):
        what = "is not in the image, and nothing that starts was seen to need it"
        yield _remark(name, what, elsewhere[name])


def _remark(name: str, what: str, edges: Sequence[ImportEdge]) -> str:
    first, *more = _ordered(edges)
    others = f" and {len(more)} more" if more else ""
    return f"{name} {what} ({first.importer}:{first.place.line}{others})"


def _of(facts: Facts, kind: TargetKind) -> tuple[Observation, ...]:
    return tuple(found for found in facts.observations if found.target.kind is kind)


def _by_distribution(
    edges: Iterable[ImportEdge], standing: Standing
) -> dict[str, list[ImportEdge]]:
    """Imports of modules whose best provider has the standing, by its name."""
    found: Mapping[str, dict[ImportEdge, None]] = defaultdict(dict)
    for edge in edges:
        best = min(edge.providers, key=lambda provider: _BEST_FIRST[provider.standing])
        if best.standing is standing:
            found[best.distribution][edge] = None
    return {name: list(edges) for name, edges in found.items()}


def _needed(observations: Iterable[Observation]) -> Iterator[ImportEdge]:
    """The imports by first-party code that were seen and had to succeed."""
    for observation in observations:
        for edge in observation.edges:
            concerns_us = edge.importer_is_first_party and edge.providers
            if concerns_us and (not edge.error or _ended(observation, edge)):
                yield edge


def _later(facts: Facts) -> Iterator[ImportEdge]:
    """The imports that no start has made and that code which is reached would make."""
    routes = facts.routes
    for edge in facts.edges if routes is not None and routes.starts else ():
        runs = edge.kind in (ImportKind.DEFERRED, ImportKind.CONDITIONAL) and not edge.guard.catches
        only_read = edge.observer is Observer.SOURCE and edge.providers
        if only_read and runs and routes is not None and routes.reach(edge.importer):
            yield edge


def _ended(observation: Observation, edge: ImportEdge) -> bool:
    """Whether the failure of this import is why the observed one failed: nobody caught it."""
    failure = observation.outcome.failure
    names = [link.name for link in failure.links if link.name] if failure else []
    return any(is_within(name, edge.imported) or is_within(edge.imported, name) for name in names)


def _ordered(edges: Iterable[ImportEdge]) -> tuple[ImportEdge, ...]:
    return tuple(sorted(edges, key=lambda edge: (edge.place, edge.imported)))
