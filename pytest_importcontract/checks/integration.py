"""What lies behind an SSOT integration path is reached only through it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks import stale
from pytest_importcontract.checks.demand import Demand, entrypoint_targets, module_targets
from pytest_importcontract.checks.ownership import Ownership
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service, is_within
from pytest_importcontract.observe.facts import Facts

NAME = "integration"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:
    """One for each integration."""
    targets = (*entrypoint_targets(service), *module_targets(service, modules))
    for index, integration in enumerate(service.integrations):
        yield Demand(
            check=NAME,
            subject=integration.name,
            keys=("integrations", index),
            targets=targets,
            verify=check,
            remark=remarks,
            reads=True,
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation with every direct import of the root by a module that may not.

    What the rule holds for see `Ownership.imports`.
    """
    for integration in service.integrations:
        if integration.name != subject:
            continue
        edges = tuple(
            edge
            for edge in Ownership(service, facts).imports()
            if any(is_within(module, integration.root) for module in edge.reached)
            and not integration.permits(edge.importer)
        )
        if edges:
            yield Violation(
                check=NAME,
                subject=subject,
                root=integration.root,
                edges=edges,
                routes=facts.routes,
            )


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:
    """Modules that need not be let through any more; modules that were not read."""
    for integration in service.integrations:
        if integration.name == subject:
            yield from stale.idle_doors(service, integration, facts)
    yield from stale.unread(service, facts)
