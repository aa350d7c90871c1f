"""First-party code of a service uses only the import roots that the contract allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pytest_importcontract.checks import stale
from pytest_importcontract.checks.demand import Demand, entrypoint_targets, module_targets
from pytest_importcontract.checks.ownership import Ownership
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service, ThirdParty, is_within
from pytest_importcontract.observe.facts import Facts, ImportEdge, Observer, Origin

NAME = "allowed_roots"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:
    """One, where the contract sets roots."""
    if service.allowed_roots is not None:
        targets = (*entrypoint_targets(service), *module_targets(service, modules))
        yield Demand(
            check=NAME, keys=(NAME,), targets=targets, verify=check, remark=remarks, reads=True
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each import root that is used and not allowed.

    What an integration lets through is allowed to its `through` and `exempt` modules, and within
    the integration's own root. What the rule holds for see `Ownership.imports`.
    """
    outside: dict[str, dict[ImportEdge, None]] = defaultdict(dict)
    for edge in Ownership(service, facts).imports():
        for module in edge.reached:
            allowed = is_allowed(service, edge.importer, module, edge.origin)
            if not allowed and not _lies_within(service, facts, edge, module):
                integration = service.integration_for(module)
                root = integration.root if integration else root_outside(service, module)
                outside[root][edge] = None
    for root in sorted(outside):
        yield Violation(
            check=NAME,
            subject=subject,
            root=root,
            edges=tuple(outside[root]),
            routes=facts.routes,
        )


def _lies_within(service: Service, facts: Facts, edge: ImportEdge, module: str) -> bool:
    """Whether a module was loaded from within an allowed root under another name.

    Code that puts a folder of its own on ``sys.path`` does that. What ships bears its name in the
    source; a name that nothing there has, and that was loaded from first-party code all the same,
    can only be the end of one.
    """
    source = facts.source
    seen = edge.observer is not Observer.SOURCE and not edge.error
    if source is None or not seen or edge.origin is not Origin.FIRST_PARTY:
        return False
    names = {*source.modules, *(unread.module for unread in source.unread)}
    top = module.partition(".")[0]
    if any(is_within(name, top) for name in names):
        return False
    roots = service.allowed_roots or ()
    ends = [name for name in names if name.endswith(f".{module}")]
    return bool(ends) and all(any(is_within(name, root) for root in roots) for name in ends)


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """Allowed roots that nobody uses; modules that were not read."""
    yield from stale.unused_roots(service, facts)
    yield from stale.unread(service, facts)


def root_outside(service: Service, module: str) -> str:
    """The shortest dotted prefix of `module` that no allowed root lies below.

    Beside the allowed ``shared.models``, that is ``shared.db`` and not all of ``shared``.
    """
    parts = module.split(".")
    prefixes = [".".join(parts[: index + 1]) for index in range(len(parts))]
    roots = service.allowed_roots or ()
    apart = [prefix for prefix in prefixes if not any(is_within(root, prefix) for root in roots)]
    return apart[0] if apart else module


def is_allowed(service: Service, importer: str, module: str, origin: Origin) -> bool:
    """Whether the roots, or an integration, let the module `importer` import `module`."""
    if origin is Origin.STANDARD_LIBRARY:
        return True
    if origin is Origin.THIRD_PARTY and service.third_party is not ThirdParty.LISTED:
        return True
    if any(is_within(module, root) for root in service.allowed_roots or ()):
        return True
    integration = service.integration_for(module)
    return integration is not None and integration.permits(importer)
