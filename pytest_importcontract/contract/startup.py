"""What a contract lets startup do: read, with every mistake on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_importcontract.contract.health import Report, Table
from pytest_importcontract.contract.language import shown
from pytest_importcontract.contract.model import Found, Startup, is_dotted_name, is_within

_BUDGETS = ("max_modules", "max_seconds", "max_memory")


def read_startup(
    table: Table, service: Mapping[str, Any], report: Report, *, spotless: bool
) -> Startup:
    """Read ``[services.NAME.startup]``.

    Args:
        table: what stands there.
        service: the service's own table.
        report: takes a mistake: its keys, what is wrong, what to do.
        spotless: whether nothing in the service was refused, which may have been meant as a start.
    """
    raw, keys = table.raw, table.keys
    starts = service.get("entrypoints") or service.get("ships", {}).get("dockerfile")
    if raw and spotless and not starts:
        report(keys, "means nothing without entrypoints", "name what the container starts")
    optional, never_loads = (_modules(table, key, report) for key in ("optional", "never_loads"))
    for index, module in never_loads.items():
        if any(is_within(module, each) for each in optional.values()):
            what = f"{module} is in optional as well"
            report((*keys, "never_loads", index), what, "it is either needed or forbidden")
    return Startup(
        forbid=tuple(kind for kind in raw.get("forbid", ()) if kind is not None),
        hidden_failures=Found(raw.get("hidden_failures", Found.FAIL)),
        optional=tuple(optional.values()),
        never_loads=tuple(never_loads.values()),
        optimized=raw.get("optimized", False),
        deprecations=Found(raw.get("deprecations", Found.REPORT)),
        **{name: raw[name] for name in _BUDGETS if name in raw},
    )


def _modules(table: Table, key: str, report: Report) -> dict[int, str]:
    """The modules that `key` names, each by its place in the list."""
    found = {}
    for index, text in enumerate(table.raw.get(key, ())):
        if text is None:
            continue  # refused for its type
        if is_dotted_name(text):
            found[index] = text
            continue
        bare = text.removesuffix(".**").removesuffix(".*")
        hint = f"did you mean {bare}? what lies below it is meant too"
        suggestion = hint if is_dotted_name(bare) else ""
        report((*table.keys, key, index), f"{shown(text)} is no dotted name", suggestion)
    return found
