"""What failed imports that somebody caught were about."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from pytest_importcontract.observe.facts import (
    Failure,
    Frame,
    Link,
    Origin,
    Swallowed,
)
from pytest_importcontract.observe.fallbacks import Fallback, fallback
from pytest_importcontract.shipment.catalog import Catalog

_NO_NAME = re.compile(r"cannot import name '(?P<name>[^']+)'")


def swallowed(
    chains: Iterable[tuple[tuple[Link, ...], Frame | None]],
    fatal: Failure | None,
    catalog: Catalog,
    origin_of: Callable[[str], Origin],
    failed: Mapping[str, Collection[int]],
) -> tuple[Swallowed, ...]:
    """One for each failure that was caught, ordered by when that was.

    Args:
        chains: the exceptions, each with what led to it, and the code that called who caught it.
        fatal: what ended the start; what led to that was not swallowed.
        catalog: where modules are.
        origin_of: where a module belongs.
        failed: by file, the lines whose imports failed.
    """
    ends = {link.frames[-1].place for link in fatal.links if link.frames} if fatal else set()
    found: list[Swallowed] = []
    for links, led in chains:
        one = Swallowed(failure=Failure(stage="import", links=links), led=led)
        if one.asker is None or one.asker.place in ends:
            continue
        # Of what was raised once more, the last is the whole.
        found = [each for each in found if not _is_raised_again(each, one)]
        found.append(_known(one, catalog, origin_of, failed))
    return tuple(found)


def _is_raised_again(first: Swallowed, later: Swallowed) -> bool:
    within = {frame.place for frame in later.within}
    return first.origin_of_trouble == later.origin_of_trouble and first.by.place in within


def _known(
    one: Swallowed,
    catalog: Catalog,
    origin_of: Callable[[str], Origin],
    failed: Mapping[str, Collection[int]],
) -> Swallowed:
    root, asker = one.root, one.asker
    missing = wanted = root.name if root.is_a("ModuleNotFoundError") else ""
    symbol = _NO_NAME.match(root.message) if root.is_a("ImportError") else None
    if symbol is not None and not missing:
        wanted = f"{root.name}.{symbol['name']}"
        missing = wanted if catalog.in_repository(wanted) else ""  # a module that does not ship
    ran = [f.module for f in one.within if f.first_party and f.is_module_level and f.module]
    if root.syntax is not None:
        ran += [n for n, m in catalog.shipped.items() if str(m.path) == root.syntax.place.file]
    source = _source(asker.place.file) if asker else b""
    line = asker.place.line if asker else 0
    lines = source.split(b"\n")[line - 1 : line] if line else []
    found = Fallback()
    if asker is not None and asker.first_party and source:
        found = fallback(source, line, missing, failed.get(asker.place.file, ()))
    asks = found.asks or (asker is not None and asker.module == "importlib.util")
    return Swallowed(
        failure=one.failure,
        led=one.led,
        missing=missing,
        wanted=wanted,
        origin=origin_of(root.name) if root.name else Origin.THIRD_PARTY,
        in_repository=bool(missing) and catalog.in_repository(missing) is not None,
        ran=tuple(dict.fromkeys(ran)),
        refused=root.is_a("ImportError") and any(each.split()[:1] == [b"raise"] for each in lines),
        asks=asks,
        named=found.named,
        star=found.star,
        instead=found.instead,
    )


def _source(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError):
        return b""
