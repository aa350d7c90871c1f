"""uv's lock file (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile).

The format is uv's own. Read here are versions 1.x, whose minor numbers only add keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pytest_importcontract.contract.document import parse
from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.shipment.distributions.closure import Need
from pytest_importcontract.shipment.distributions.declared import Declared, Part
from pytest_importcontract.shipment.distributions.locks import Edge, Lock, Locked, Origin, by_name
from pytest_importcontract.shipment.distributions.project import Project
from pytest_importcontract.shipment.distributions.tables import Tables

_ORIGINS: Final = {
    "registry": Origin.REGISTRY,
    "editable": Origin.EDITABLE,
    "virtual": Origin.VIRTUAL,
    "directory": Origin.DIRECTORY,
    "path": Origin.ARCHIVE,
    "git": Origin.GIT,
    "url": Origin.URL,
}
_IN_PROJECT: Final = frozenset({"editable", "virtual", "directory", "path"})


def read_uv_lock(content: bytes, name: str) -> Lock:
    """Read a uv.lock.

    Args:
        content: its bytes.
        name: what messages call it.

    Raises:
        MistakesError: with everything in it that uv itself would not read.
    """
    tables = Tables(parse(content, name))
    version = tables.value("version")
    if version != 1:
        tables.fault(("version",), f"is {version!r}; only version 1 can be read")
        tables.check()
    packages = [_package(tables, keys) for keys in tables.tables("package")]
    groups = _edge_lists(tables, ("manifest", "dependency-groups"))
    tables.check()
    return Lock(name, by_name(packages), groups)


def roots(
    lock: Lock,
    name: str,
    *,
    project: Project | None = None,
    main: bool = True,
    extras: Iterable[str] = (),
    groups: Iterable[str] = (),
) -> tuple[Declared, ...]:
    """What ``uv sync`` asks for besides the project itself.

    Args:
        lock: a uv.lock.
        name: the project's normalised name; empty for a workspace that is none.
        project: its pyproject.toml, whose lines say more than the lock's.
        main: whether the project's own dependencies are wanted (not for ``--only-group``).
        extras: names of extras.
        groups: names of dependency groups.
    """
    found = []
    for part, group in (
        *([(Part.MAIN, "")] if main else []),
        *((Part.EXTRA, canonicalize_name(extra)) for extra in extras),
        *((Part.GROUP, canonicalize_name(group)) for group in groups),
    ):
        edges = list(lock.groups.get(group, ()) if part is Part.GROUP else ())
        for package in lock.packages.get(name, ()):
            lists = package.extras if part is Part.EXTRA else package.groups
            edges += package.requires if part is Part.MAIN else lists.get(group, ())
        found += [_declared(edge, part, group, project) for edge in edges]
    return tuple(found)


def chosen(name: str, extras: Iterable[str] = (), groups: Iterable[str] = ()) -> frozenset[str]:
    """The names by which markers of a uv.lock ask what was chosen of extras that conflict.

    They read ``extra-6-my-app-cpu``: the length of the project's name, the name, the extra.
    """
    place = f"{len(name)}-{name}"
    return frozenset(
        {f"extra-{place}-{canonicalize_name(extra)}" for extra in extras}
        | {f"group-{place}-{canonicalize_name(group)}" for group in groups}
        | {f"project-{place}"}
    )


def _package(tables: Tables, keys: Keys) -> Locked:
    name = tables.distribution(*keys)
    origin, path = Origin.REGISTRY, ""
    source = tables.table(*keys, "source")
    for kind, known in _ORIGINS.items():
        if kind in source:
            origin = known
            path = tables.text(*keys, "source", kind) if kind in _IN_PROJECT else ""
    if not source:
        tables.fault(keys, "has no source")
    markers = [f"({text})" for _, text in tables.strings(*keys, "resolution-markers")]
    version = tables.text(*keys, "version")
    return Locked(
        name=name,
        line=tables.line(*keys, text=f"{name} {version}".strip()),
        version=version,
        origin=origin,
        path=path,
        requires=_edges(tables, (*keys, "dependencies")),
        extras=_edge_lists(tables, (*keys, "optional-dependencies")),
        groups=_edge_lists(tables, (*keys, "dev-dependencies")),
        marker=" or ".join(markers),
    )


def _edge_lists(tables: Tables, keys: Keys) -> Mapping[str, tuple[Edge, ...]]:
    return {
        str(canonicalize_name(group)): _edges(tables, (*keys, group))
        for group in tables.table(*keys)
    }


def _edges(tables: Tables, keys: Keys) -> tuple[Edge, ...]:
    found = []
    for path in tables.tables(*keys):
        name = tables.distribution(*path)
        # A package calls them extra; the manifest, which repeats what was asked for, extras.
        extras = [text for key in ("extra", "extras") for _, text in tables.strings(*path, key)]
        need = Need(name, frozenset(map(canonicalize_name, extras)), tables.text(*path, "version"))
        marker = tables.text(*path, "marker")
        found.append(Edge(need, tables.line(*path, text=name), marker))
    return tuple(found)


def _declared(edge: Edge, part: Part, group: str, project: Project | None) -> Declared:
    line = edge.line
    included = {group}
    if project is not None and part is Part.GROUP:
        included |= project.with_included([group])
    for declared in project.declared if project else ():
        if declared.name == edge.need.name and declared.part is part and declared.group in included:
            line = declared.line
            group = declared.group
            break
    extras = f"[{','.join(sorted(edge.need.extras))}]" if edge.need.extras else ""
    version = f"=={edge.need.version}" if edge.need.version else ""
    marker = f" ; {edge.marker}" if edge.marker else ""
    try:
        requirement = Requirement(f"{edge.need.name}{extras}{version}{marker}")
    except InvalidRequirement:
        requirement = Requirement(edge.need.name)
    return Declared(requirement, line, part, group)
