"""A dossier as lines of text."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pytest_importcontract.diagnosis.dossier import Dossier, Group, Import, Way
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.report.text import LEFT, Line, Span, chain, labelled, safe_line, wrapped

_MOST = 10  # imports of one group; --all shows the rest
_OURS = "first-party"
_LABEL = 9  # columns of "brought"
_OF_WAYS = ("entrypoint", "at", "missing", "reached", "at_startup", "ended")
_OF_IMPORTS = (
    *("importer", "imported", "names", "group", "kind", "is_guarded", "how", "observer"),
    *("reached", "breaks"),
)
_WHEN = {
    Group.EAGER: "run with the importing module",
    Group.GUARDED: "run with the importing module, which catches their failure",
    Group.CONDITIONAL: "run where a condition lets them",
    Group.DEFERRED: "run later: inside functions, or lazily",
    Group.TYPING: "run by type checkers alone",
    Group.NEVER: "never run where this service does",
    Group.NAMED: "imports only where something reads the string as one",
    Group.TEST: "",
    Group.BEYOND: "",
}


def tell(
    dossier: Dossier, width: int, base: Path, *, imports: bool = False, everything: bool = False
) -> tuple[Line, ...]:
    """Where the module is, how entrypoints come to it, who imports it, what it imports.

    Args:
        dossier: what to say.
        width: columns of the terminal.
        base: folder that shown paths are relative to.
        imports: whether to list what the module imports itself.
        everything: whether to list every importer of a group that has many.
    """
    most = None if everything else _MOST
    return (
        *_module(dossier, width, base),
        *_ways(dossier, width, base),
        *_importers(dossier, width, base, most),
        *(_imports(dossier, width, base) if imports else ()),
        *_notes(dossier, width, listed=imports),
    )


def as_data(dossier: Dossier, base: Path) -> dict[str, Any]:
    """The dossier as JSON values, files relative to the folder `base` where they lie in it."""
    return {
        "service": dossier.service,
        "subject": dossier.subject,
        "module": dossier.module,
        "name": dossier.name,
        "whereabouts": dataclasses.asdict(dossier.whereabouts),
        "lacks": dossier.lacks,
        "bound": [_place(hop, base) for hop in dossier.bound],
        "rules": [*dossier.rules],
        "entrypoints": [
            {
                **{key: getattr(way, key) for key in _OF_WAYS},
                "chain": [_data(found, base) for found in way.imports],
            }
            for way in dossier.ways
        ],
        "importers": [_data(found, base) for found in dossier.importers],
        "importers_inside": dossier.inside,
        "importers_of_the_whole": dossier.whole,
        "imports": [_data(found, base) for found in dossier.imports],
        "notes": [*dossier.notes],
    }


def _data(found: Import, base: Path) -> dict[str, Any]:
    known = {key: getattr(found, key) for key in _OF_IMPORTS}
    return {**known, **_place(found.hop, base)}


def _place(hop: Hop, base: Path) -> dict[str, Any]:
    inside = Path(hop.file).is_relative_to(base)
    file = Path(hop.file).relative_to(base).as_posix() if inside else hop.file
    return {"file": file, "line": hop.line, "text": hop.text}


def _module(dossier: Dossier, width: int, base: Path) -> Iterator[Line]:
    found = dossier.whereabouts
    origin = f" ({found.origin})" if found.origin else " (nowhere)"
    yield from _heading(f"{dossier.subject}{origin}", width)
    file = (found.file,) if found.file else ()
    yield from labelled("file", file, width, _LABEL)
    if not found.origin:
        yield from labelled("cause", (found.why,), width, _LABEL)
    elif not found.ships:
        yield from labelled("ships", (f"no: {found.why}",), width, _LABEL)
    elif found.places:
        yield from labelled("ships", (f"as {', '.join(found.places)}",), width, _LABEL)
    brought = (found.brought,) if found.brought else ()
    yield from labelled("by" if found.origin == _OURS else "from", brought, width, _LABEL)
    yield from labelled("rule", dossier.rules, width, _LABEL)
    yield from labelled("fix", found.fixes, width, _LABEL)
    if dossier.lacks or dossier.bound:
        text = dossier.lacks or f"{dossier.name} is bound by"
        yield from labelled("name", (text,), width, _LABEL)
        yield from chain(dossier.bound, width, base)


def _ways(dossier: Dossier, width: int, base: Path) -> Iterator[Line]:
    for way in dossier.ways:
        at = f" ({way.at})" if way.at else ""
        yield ()
        yield from _heading(
            f"{way.entrypoint}{at} {_reaches(way, dossier.whereabouts.origin)}", width
        )
        yield from chain([_hop(found) for found in way.imports], width, base)
        if way.ended:
            yield from labelled("start", (way.ended,), width, _LABEL)


def _reaches(way: Way, origin: str) -> str:
    if way.missing:
        return "does not exist where the service runs"
    if not way.reached:
        return "does not reach it" if origin == _OURS else "does not reach it by code of its own"
    if not way.imports:
        return "starts with it"
    if way.at_startup:
        return "imports it at startup"
    return "can reach it, by an import that startup need not run"


def _importers(dossier: Dossier, width: int, base: Path, most: int | None) -> Iterator[Line]:
    if not dossier.importers:
        yield ()
        outside = " outside of it" if dossier.inside else ""
        yield from _heading(f"no code of this repository{outside} imports it", width)
    for group in Group:
        mine = [found for found in dossier.importers if found.group is group]
        if not mine:
            continue
        when = f": {_WHEN[group]}" if _WHEN[group] else ""
        yield ()
        yield from _heading(f"{len(mine)} {_nouns(group, len(mine))}{when}", width)
        yield from chain([_marked(found) for found in mine[:most]], width, base)
        if most is not None and len(mine) > most:
            yield (Span(f"{' ' * LEFT}… and {len(mine) - most} more (--all lists them)"),)


def _nouns(group: Group, count: int) -> str:
    plural = "s" if count != 1 else ""
    match group:
        case Group.NAMED:
            return f"string{plural} that name{'' if plural else 's'} it"
        case Group.TEST | Group.BEYOND:
            return f"import{plural} {group}"
    return f"{group} import{plural}"


def _imports(dossier: Dossier, width: int, base: Path) -> Iterator[Line]:
    yield ()
    count = len(dossier.imports)
    yield from _heading(f"{count or 'no'} import{'' if count == 1 else 's'} of its own", width)
    yield from chain([_hop(found) for found in dossier.imports], width, base)


def _notes(dossier: Dossier, width: int, *, listed: bool) -> Iterator[Line]:
    notes = list(dossier.notes)
    if dossier.inside:
        many = dossier.inside != 1
        notes.insert(
            0,
            f"{dossier.inside} more import{'s' if many else ''} of it stand{'' if many else 's'} "
            "in its own modules",
        )
    if dossier.whole:
        modules = "modules import" if dossier.whole > 1 else "module imports"
        notes.insert(
            0,
            f"{dossier.whole} {modules} {dossier.module} as a whole, and may use "
            f"{dossier.name} of it",
        )
    if dossier.imports and not listed:
        notes.append(f"its own imports: {_counted(dossier.imports)} (--imports lists them)")
    if notes:
        yield ()
        yield from labelled("note", notes, width, _LABEL)


def _counted(imports: Iterable[Import]) -> str:
    counts = Counter(found.kind for found in imports)
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())


def _heading(text: str, width: int) -> Iterator[Line]:
    for part in wrapped(safe_line(text), width):
        yield (Span(part, "label"),)


def _hop(found: Import) -> Hop:
    """A line with how its import is reached."""
    return _with(found.hop, [found.how] if found.how else [])


def _marked(found: Import) -> Hop:
    """A line with how its import is reached, and what is wrong with it."""
    marks = [found.how] if found.how not in ("", found.group) else []
    if found.breaks:
        marks.append(f"breaks {found.breaks[0]}")
    if not found.reached and found.group not in (Group.TEST, Group.BEYOND):
        marks.append("no entrypoint reaches it")
    return _with(found.hop, marks)


def _with(hop: Hop, marks: Sequence[str]) -> Hop:
    return dataclasses.replace(hop, label="; ".join(marks))
