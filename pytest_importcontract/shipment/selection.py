"""Which modules of a service must import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import Service, is_test, is_within
from pytest_importcontract.shipment.catalog import Catalog


def named_modules(service: Service, catalog: Catalog) -> tuple[str, ...]:
    """Those that the contract's globs name, or else the entrypoints' packages."""
    if service.modules is None:
        tops = [e.package for e in service.entrypoints if e.package]
        candidates = _below(tops, catalog)
        names = [name for name in candidates if not is_test(name)]
        return tuple(name for name in names if name.rpartition(".")[2] != "__main__")
    return tuple(
        name for name in _candidates(service.modules, catalog) if _matches(service.modules, name)
    )


def _candidates(globs: Globs, catalog: Catalog) -> Iterable[str]:
    tops = [p.literal_prefix[0] for p in globs.patterns if not p.excludes and p.literal_prefix]
    anywhere = any(not p.excludes and not p.literal_prefix for p in globs.patterns)
    names = set(_below(tops, catalog))
    if anywhere:
        names |= {name for name, module in catalog.shipped.items() if not module.is_namespace}
    return sorted(names)


def _below(tops: Iterable[str], catalog: Catalog) -> Sequence[str]:
    """Modules of the top-level packages, where the service would find them first."""
    names = set()
    for top in tops:
        source = catalog.shipped if top in catalog.shipped else catalog.installed(top)
        names |= {n for n, m in source.items() if is_within(n, top) and not m.is_namespace}
    return sorted(names)


def _matches(globs: Globs, name: str) -> bool:
    pattern = globs.match(name)
    if pattern is None:
        return False
    return name.rpartition(".")[2] != "__main__" or "__main__" in pattern.components
