"""Rules about code that nothing in the code answers to any more, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_importcontract.checks.ownership import Ownership
from pytest_importcontract.contract.globs import Glob
from pytest_importcontract.contract.model import Integration, Service, is_within
from pytest_importcontract.observe.facts import Facts, ImportEdge, ImportKind


def unread(service: Service, facts: Facts) -> Iterator[str]:
    """A note for each module whose imports a rule could not be held against."""
    for each in Ownership(service, facts).unread():
        line = f":{each.fault.place.line}" if each.fault.place.line else ""
        yield f"{each.module}{line} was not read: {each.fault.message}"


def unused_roots(service: Service, facts: Facts) -> Iterator[str]:
    """A note for each allowed root that nothing imports and that holds nothing of the service."""
    if facts.source is None or service.may_be_empty or service.allowed_roots is None:
        return
    own = {found.target.text for found in facts.observations}
    own |= {entrypoint.module for entrypoint in service.entrypoints}
    own |= facts.routes.reached if facts.routes else frozenset()
    edges = _running(facts)
    for index, root in enumerate(service.allowed_roots):
        holds_own = any(is_within(name, root) for name in own)
        if not holds_own and not any(_uses(edge, root) for edge in edges):
            at = service.line("allowed_roots", index)
            yield f"allowed_roots (line {at}): nothing imports {root}"


def idle_doors(service: Service, integration: Integration, facts: Facts) -> Iterator[str]:
    """A note for each `through` that no longer imports the root, and each needless `exempt`."""
    source = facts.source
    if source is None or integration.may_be_empty:
        return
    shipped = {*source.modules, *(unread.module for unread in source.unread)}
    # What nobody can read, or what names its imports only when it runs, may well import the root.
    open_to_all = {unread.module for unread in source.unread if not unread.read_otherwise}
    open_to_all |= {name for name, module in source.modules.items() if module.unknown}
    users = {edge.importer for edge in _running(facts) if _uses(edge, integration.root)}
    index = service.integrations.index(integration)

    def at(key: str, place: int) -> str:
        return f"{key} (line {service.line('integrations', index, key, place)})"

    def idle(pattern: Glob) -> bool:
        return not any(pattern.matches(name) for name in users | open_to_all)

    for place, pattern in enumerate(integration.through.patterns):
        if not pattern.excludes and any(map(pattern.matches, shipped)) and idle(pattern):
            yield f"{at('through', place)}: {pattern.text} does not import {integration.root}"
    for place, pattern in enumerate(integration.exempt.patterns):
        if pattern.excludes:
            continue
        if not any(map(pattern.matches, shipped)):
            yield f"{at('exempt', place)}: {pattern.text} matches no module that ships"
        elif idle(pattern):
            yield f"{at('exempt', place)}: {pattern.text} does not import {integration.root}"


def _running(facts: Facts) -> list[ImportEdge]:
    return [edge for edge in facts.edges if edge.kind is not ImportKind.NEVER]


def _uses(edge: ImportEdge, root: str) -> bool:
    """Whether it imports the root from outside of it, or a package around it, which may lead there.

    ``import shared`` is enough to use ``shared.models`` where something else has imported that.
    """
    if is_within(edge.importer, root):
        return False
    modules = (edge.imported, *edge.reached)
    if any(is_within(module, root) for module in modules):
        return True
    return not edge.submodules and is_within(root, edge.imported)
