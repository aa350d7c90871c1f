"""Demands of a contract that could never fail, because nothing answers to them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence

from pytest_importcontract.contract.model import Integration, Service
from pytest_importcontract.shipment.catalog import Catalog

Keys = tuple[str | int, ...]
_OPT_OUT = "or set may_be_empty = true"


def vacuous(
    service: Service,
    catalog: Catalog,
    modules: Sequence[str],
    made: Collection[str] = (),
    *,
    imaged: bool = False,
) -> Iterator[tuple[Keys, str, str]]:
    """Each such demand as the path of its key below the service, what is wrong, a suggestion.

    Args:
        service: the contract.
        catalog: what exists and what ships.
        modules: the modules that the contract's globs name.
        made: files that the image starts, by what entrypoints call them: it may write them itself.
        imaged: whether a Dockerfile decides what is imported from where. Then a root that lies
            somewhere in the repository could well be imported, if only the image were right.
    """
    for index, entrypoint in enumerate(service.entrypoints):
        file = entrypoint.file and catalog.root / entrypoint.file
        if not file or entrypoint.text in made:
            continue
        if not os.path.isfile(file):  # noqa: PTH113 (a name of any length)
            yield ("entrypoints", index), f"{entrypoint} does not exist", ""
    if not service.may_be_empty:
        yield from _modules(service, modules)
        for index, root in enumerate(service.allowed_roots or ()):
            if not catalog.exists(root) and not (imaged and _lies_somewhere(root, catalog)):
                yield ("allowed_roots", index), *_nowhere(root, catalog)
    for index, integration in enumerate(service.integrations):
        if not integration.may_be_empty:
            for keys, what, suggestion in _integration(integration, catalog):
                if keys != ("root",) or not (imaged and _lies_somewhere(integration.root, catalog)):
                    yield ("integrations", index, *keys), what, suggestion


def _modules(service: Service, modules: Sequence[str]) -> Iterator[tuple[Keys, str, str]]:
    if service.modules is None:
        return
    for index, pattern in enumerate(service.modules.patterns):
        if not pattern.excludes and not any(map(pattern.matches, modules)):
            yield ("modules", index), f"{pattern.text!r} matches no module that ships", _OPT_OUT


def _integration(integration: Integration, catalog: Catalog) -> Iterator[tuple[Keys, str, str]]:
    root = integration.root
    if not catalog.exists(root):
        what, suggestion = _nowhere(root, catalog)
        yield ("root",), f"{what}, so nothing could import it", suggestion
    for index, pattern in enumerate(integration.through.patterns):
        if pattern.excludes or any(map(pattern.matches, catalog.shipped)):
            continue
        if any(pattern.matches(name) for name in catalog.installed(pattern.components[0])):
            continue
        if any(map(pattern.matches, catalog.repository)):
            what = f"{pattern.text} lies outside the service: it does not ship"
            yield ("through", index), what, _OPT_OUT
        else:
            what = f"{pattern.text} matches no module"
            yield ("through", index), what, _near(pattern.text, catalog)


def _lies_somewhere(root: str, catalog: Catalog) -> bool:
    return bool(catalog.anywhere_below_root(root.partition(".")[0]))


def _nowhere(root: str, catalog: Catalog) -> tuple[str, str]:
    """What is wrong with a root that cannot be imported, and what to do."""
    top = root.partition(".")[0]
    elsewhere = () if catalog.exists(top) else catalog.anywhere_below_root(top)
    if elsewhere:
        place = elsewhere[0].relative_to(catalog.root)
        what = f"{root} is not on the import path: no entry of runtime.paths leads to {place}"
        return what, f'add "{place.parent}" to runtime.paths'
    return f"{root} exists nowhere", _near(root, catalog)


def _near(name: str, catalog: Catalog) -> str:
    near = catalog.near_modules(name) or catalog.near_tops(name)
    return f"did you mean {near[0]}?" if near else _OPT_OUT
