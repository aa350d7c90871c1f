"""Poetry's lock file, of poetry 1.x and 2.x.

The format is poetry's own (``poetry.packages.locker``). Its packages say what they need but not
what the project asks for: that is in pyproject.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from packaging.utils import canonicalize_name

from pytest_importcontract.contract.document import parse
from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.shipment.distributions.closure import Need
from pytest_importcontract.shipment.distributions.locks import Edge, Lock, Locked, Origin, by_name
from pytest_importcontract.shipment.distributions.poetry_tables import python_marker
from pytest_importcontract.shipment.distributions.tables import Tables

_ORIGINS: Final = {
    "directory": Origin.DIRECTORY,
    "file": Origin.ARCHIVE,
    "git": Origin.GIT,
    "url": Origin.URL,
}


def read_poetry_lock(content: bytes, name: str) -> Lock:
    """Read a poetry.lock.

    Args:
        content: its bytes.
        name: what messages call it.

    Raises:
        MistakesError: with everything in it that poetry itself would not read.
    """
    tables = Tables(parse(content, name))
    if not tables.has("metadata"):
        tables.fault(("metadata",), "is missing: this is no lock file of poetry")
    packages = [_package(tables, keys) for keys in tables.tables("package")]
    tables.check()
    return Lock(name, by_name(packages))


def _package(tables: Tables, keys: Keys) -> Locked:
    name = tables.distribution(*keys)
    version = tables.text(*keys, "version")
    kind = tables.text(*keys, "source", "type")
    origin = _ORIGINS.get(kind, Origin.REGISTRY)
    local = origin in (Origin.DIRECTORY, Origin.ARCHIVE)
    optional = {
        str(canonicalize_name(extra)): frozenset(
            _leading_name(text) for _, text in tables.strings(*keys, "extras", extra)
        )
        for extra in tables.table(*keys, "extras")
    }
    requires, extras = _dependencies(tables, keys, optional)
    return Locked(
        name=name,
        line=tables.line(*keys, text=f"{name} {version}".strip()),
        version=version,
        origin=origin,
        path=tables.text(*keys, "source", "url") if local else "",
        requires=requires,
        extras=extras,
        marker=_marker(tables, keys),
    )


def _dependencies(
    tables: Tables, keys: Keys, optional: Mapping[str, frozenset[str]]
) -> tuple[tuple[Edge, ...], Mapping[str, tuple[Edge, ...]]]:
    """What a package always needs, and what its extras bring.

    Args:
        tables: the lock.
        keys: where the package stands.
        optional: the names that each of its extras brings.
    """
    requires: list[Edge] = []
    extras: dict[str, tuple[Edge, ...]] = dict.fromkeys(optional, ())
    for written in tables.table(*keys, "dependencies"):
        name = canonicalize_name(written)
        for path, value in tables.one_or_many(*keys, "dependencies", written):
            if not isinstance(value, str | Mapping):
                tables.fault(path, "is neither a version nor a table")
                continue
            edge = _edge(tables, path, name, value)
            if isinstance(value, str) or not tables.flag(*path, "optional"):
                requires.append(edge)
                continue
            for extra, names in optional.items():
                if name in names:
                    extras[extra] = (*extras[extra], edge)
    return tuple(requires), extras


def _edge(tables: Tables, path: Keys, name: str, value: str | Mapping[str, Any]) -> Edge:
    line = tables.line(*path, text=name)
    if isinstance(value, str):
        return Edge(Need(name), line)
    extras = frozenset(canonicalize_name(text) for _, text in tables.strings(*path, "extras"))
    conditions = [tables.text(*path, "markers")]
    conditions.append(python_marker(tables.text(*path, "python")) or "")
    marker = " and ".join(f"({condition})" for condition in conditions if condition)
    return Edge(Need(name, extras), line, marker)


def _marker(tables: Tables, keys: Keys) -> str:
    """The condition of a package: poetry 2 has it in full, poetry 1 for Python's version only."""
    markers = tables.value(*keys, "markers")
    if isinstance(markers, str):
        return markers
    if isinstance(markers, Mapping):
        texts = [text for text in markers.values() if isinstance(text, str)]
        return " or ".join(f"({text})" for text in texts)
    return python_marker(tables.text(*keys, "python-versions")) or ""


def _leading_name(text: str) -> str:
    return canonicalize_name(re.split(r"[\s\[(<>=!~;]", text.strip(), maxsplit=1)[0])
