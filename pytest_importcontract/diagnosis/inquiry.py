"""Everything that is known of one module, gathered."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_importcontract.checks import allowed_roots, integration
from pytest_importcontract.contract.model import Entrypoint, ThirdParty, is_test, is_within
from pytest_importcontract.diagnosis import missing_symbol
from pytest_importcontract.diagnosis.bindings import may_have
from pytest_importcontract.diagnosis.dossier import Dossier, Group, Import, Way, Whereabouts
from pytest_importcontract.diagnosis.kinds import how_reached
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.subject import Subject, unknown
from pytest_importcontract.diagnosis.whereabouts import is_anywhere, is_there, whereabouts
from pytest_importcontract.observe.facts import (
    Facts,
    ImportEdge,
    ImportKind,
    Observer,
    Origin,
    Place,
)
from pytest_importcontract.observe.routes import Routes, routes
from pytest_importcontract.observe.sources import Analysis, Binding, ModuleSource, Unread

_ORDER = {group: rank for rank, group in enumerate(Group)}
_APART = frozenset({Group.TEST, Group.BEYOND})
_IDLE = frozenset({Group.TYPING, Group.NEVER, *_APART})
_MOST_SHOWN = 5  # files or places


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What observers know of a service, for an inquiry.

    Attributes:
        facts: about the entrypoints that were started, with what the source of shipped code says.
        source: that, once more.
        beyond: what the source of modules says which do not ship, as far as it concerns the
            subject.
        starts: the modules that entrypoints start with, each with the entrypoint's text.
    """

    facts: Facts
    source: Analysis
    beyond: Analysis
    starts: Mapping[str, str]


def inquire(scene: Scene, subject: Subject, sight: Sight) -> Dossier:
    """All that is known of a module.

    Args:
        scene: the service's surroundings.
        subject: what is asked about.
        sight: what observers know.

    Raises:
        SubjectError: the module is nowhere, and nobody imports it.
    """
    return _Inquiry(scene, subject, sight).dossier()


class _Inquiry:
    def __init__(self, scene: Scene, subject: Subject, sight: Sight) -> None:
        self._scene = scene
        self._subject = subject
        self._sight = sight
        self._module = subject.module
        known = scene.catalog.shipped.get(self._module) or scene.catalog.repository.get(
            self._module
        )
        self._is_package = known.is_package if known else not subject.name
        texts = [entrypoint.text for entrypoint in scene.service.entrypoints]
        self._broken = self._breaches()
        self._routes = {text: self._routes_of(text) for text in texts}

    def dossier(self) -> Dossier:
        """All of it."""
        scene, subject = self._scene, self._subject
        concerned = [edge for edge in self._edges() if self._concerns(edge)]
        inside = [edge for edge in concerned if self._is_inside(edge)]
        outside = [edge for edge in concerned if not self._is_inside(edge)]
        if not concerned and not is_anywhere(scene, self._module):
            raise unknown(scene, self._module)
        whole = [edge for edge in self._edges() if self._is_whole(edge)]
        importers = sorted(
            map(self._import, outside), key=lambda i: (_ORDER[i.group], i.hop.file, i.hop.line)
        )
        found = whereabouts(scene, self._module, self._first_importer(importers))
        lacks, bound = self._bound(found)
        ways = tuple(self._way(e, [*concerned, *whole]) for e in scene.service.entrypoints)
        return Dossier(
            service=scene.service.name,
            module=self._module,
            name=subject.name,
            is_package=self._is_package and not subject.name,
            whereabouts=found,
            lacks=lacks,
            bound=bound,
            rules=tuple(self._rules(found)),
            ways=ways,
            importers=tuple(importers),
            inside=len(inside),
            whole=len({edge.importer for edge in whole}),
            imports=tuple(self._imports()),
            notes=tuple(self._notes(ways)),
        )

    # Importers

    def _edges(self) -> tuple[ImportEdge, ...]:
        return (*self._sight.facts.edges, *self._sight.beyond.edges)

    def _concerns(self, edge: ImportEdge) -> bool:
        """Whether an import is one of the subject; a string is none in code nobody starts."""
        if edge.kind is ImportKind.BY_NAME and self._group(edge) in _APART:
            return False
        if self._subject.name:
            first = self._subject.name.partition(".")[0]
            return edge.imported == self._module and bool({first, "*"} & set(edge.names))
        named = (f"{edge.imported}.{name}" for name in edge.names)
        if self._is_package:
            return any(is_within(name, self._module) for name in (edge.imported, *named))
        return self._module in (*edge.reached, *named)

    def _is_inside(self, edge: ImportEdge) -> bool:
        within = self._is_package and not self._subject.name
        return within and is_within(edge.importer, self._module)

    def _is_whole(self, edge: ImportEdge) -> bool:
        """Whether an import binds the module itself, so that the name asked for may be used."""
        if not self._subject.name or self._group(edge) in (*_IDLE, Group.NAMED):
            return False
        as_such = edge.imported == self._module and not edge.names
        return as_such or (edge.imported != self._module and self._module in edge.reached)

    def _first_importer(self, importers: Sequence[Import]) -> str:
        own = [found.importer for found in importers if found.group not in _IDLE]
        starts = [e.module for e in self._scene.service.entrypoints]
        return next(iter((*own, *starts)), "")

    def _import(self, edge: ImportEdge, text: str = "") -> Import:
        place = edge.place
        statement = self._scene.source(place) or f"imports {edge.imported}"
        return Import(
            importer=edge.importer,
            imported=edge.imported,
            names=edge.names,
            hop=Hop(file=place.file, line=place.line, text=text or statement),
            group=self._group(edge),
            kind=edge.kind,
            is_guarded=edge.guard.catches,
            how=how_reached(edge),
            observer=edge.observer,
            reached=self._is_reached(edge.importer),
            breaks=self._broken.get(edge, ()),
        )

    def _group(self, edge: ImportEdge) -> Group:
        if is_test(edge.importer):
            return Group.TEST
        if edge.importer not in self._scene.catalog.shipped and edge.observer is Observer.SOURCE:
            return Group.BEYOND
        if edge.kind is ImportKind.EAGER:
            return Group.GUARDED if edge.guard.catches else Group.EAGER
        if edge.kind is ImportKind.BY_NAME:  # a string that something was seen to import, or not
            return Group.NAMED if edge.observer is Observer.SOURCE else Group.EAGER
        return Group(edge.kind)

    def _is_reached(self, importer: str) -> bool:
        """Whether an entrypoint reaches a module; yes for a service without any."""
        reaching = self._routes.values()
        return not reaching or any(found.reach(importer) for found in reaching)

    def _breaches(self) -> Mapping[ImportEdge, tuple[str, ...]]:
        """The rules about code that an import breaks, as their checks say."""
        service, found = self._scene.service, defaultdict[ImportEdge, tuple[str, ...]](tuple)
        for demand in (*integration.demands(service, ()), *allowed_roots.demands(service, ())):
            rule = f'{demand.check} "{demand.subject}"' if demand.subject else demand.check
            for violation in demand.verify(service, demand.subject, self._sight.facts):
                for edge in violation.edges:
                    found[edge] = (*found[edge], rule)
        return found

    def _imports(self) -> Iterator[Import]:
        """What the module imports itself."""
        for edge in self._edges():
            if edge.importer == self._module and edge.kind is not ImportKind.BY_NAME:
                yield self._import(edge)

    # Ways

    def _routes_of(self, text: str) -> Routes:
        own = {name: each for name, each in self._sight.starts.items() if each == text}
        return routes(self._sight.facts.edges, own)

    def _way(self, entrypoint: Entrypoint, concerned: Iterable[ImportEdge]) -> Way:
        found = self._routes[entrypoint.text]
        way = Way(
            entrypoint=entrypoint.text,
            at=self._named_at(entrypoint.text),
            missing=self._is_missing(entrypoint),
            ended=self._ended(entrypoint.text),
        )
        if not self._subject.name:
            if not found.reach(self._module):
                return way
            edges = found.way_to(self._module)
        else:
            ends = [
                edge
                for edge in concerned
                if self._group(edge) not in _IDLE and found.reach(edge.importer)
            ]
            if not ends:
                return replace(way, reached=self._module in found.starts, at_startup=True)
            edges = min(((*found.way_to(e.importer), e) for e in ends), key=_length)
        return replace(
            way, reached=True, at_startup=_later(edges) == 0, imports=tuple(self._hops(edges))
        )

    def _hops(self, edges: Sequence[ImportEdge]) -> Iterator[Import]:
        """The imports of a way, all but the last told by what they lead to."""
        for edge, after in itertools.pairwise(edges):
            leads = after.importer
            text = f"imports {leads}"
            if leads not in (edge.imported, *edge.reached):
                text = f"imports {edge.imported} and so runs {leads}"
            yield self._import(edge, text)
        if edges:
            yield self._import(edges[-1])

    def _named_at(self, text: str) -> str:
        """Where an entrypoint is named: in the contract, or where the image starts it."""
        service = self._scene.service
        start = self._scene.shipment.ground.starts.get(text)
        if start is not None and ("entrypoints",) not in service.lines:
            return str(start)
        texts = [entrypoint.text for entrypoint in service.entrypoints]
        keys = ("entrypoints", texts.index(text))
        return self._scene.at(*keys) if service.line(*keys) else ""

    def _is_missing(self, entrypoint: Entrypoint) -> bool:
        if entrypoint.file is None:
            return not is_there(self._scene, entrypoint.module)
        script = self._scene.shipment.process_of(entrypoint).script
        return script is not None and not script.exists()

    def _ended(self, text: str) -> str:
        for found in self._sight.facts.observations:
            outcome = found.outcome
            if found.target.text == text and not outcome.ok:
                link = outcome.failure.outermost if outcome.failure else None
                what = f"{link.type}: {link.message}" if link else outcome.detail
                return f"{outcome.kind}: {what}".partition("\n")[0] if what else str(outcome.kind)
        return ""

    # The module itself

    def _bound(self, found: Whereabouts) -> tuple[str, tuple[Hop, ...]]:
        """What is to be said of a name that the module may lack, and where it is bound."""
        name = self._subject.name.partition(".")[0]
        source = self._source
        if not name or source is None:
            return "", ()
        own = [each for each in source.bound if each.name == name]
        if own:
            return "", tuple(self._binding(source, each) for each in own)
        path = self._scene.catalog.in_repository(self._module)
        if found.ships and may_have(self._scene.catalog, self._module, name, path):
            return (
                f"no line of {self._module} binds {name}; it may come by a star import, by "
                "__getattr__ or as a module below it"
            ), ()
        names = [each.name for each in source.bound]
        why = missing_symbol.lacks(self._scene, self._module, name, names)
        return why.cause.text, why.related

    @property
    def _source(self) -> ModuleSource | None:
        for analysis in (self._sight.source, self._sight.beyond):
            if self._module in analysis.modules:
                return analysis.modules[self._module]
        return None

    def _binding(self, source: ModuleSource, found: Binding) -> Hop:
        text = self._scene.source(Place(source.file, found.line)) or f"binds {found.name}"
        return Hop(file=source.file, line=found.line, text=text)

    def _rules(self, found: Whereabouts) -> Iterator[str]:
        """What the contract says about importing the module."""
        service, scene = self._scene.service, self._scene
        rules, kept = scene.rules_for(self._module)
        if kept is not None:
            at = scene.at("integrations", service.integrations.index(kept))
            yield from (f"{rule} ({at})" for rule in rules)
        listed = found.origin == Origin.THIRD_PARTY and service.third_party is ThirdParty.LISTED
        if service.allowed_roots is not None and (found.origin == Origin.FIRST_PARTY or listed):
            roots = ", ".join(service.allowed_roots)
            holds = any(is_within(self._module, root) for root in service.allowed_roots)
            said = "it is within them" if holds else "it is within none of them"
            yield f"allowed_roots ({scene.at('allowed_roots')}): {roots}; {said}"

    # Notes

    def _notes(self, ways: Sequence[Way]) -> Iterator[str]:
        unread = [*self._sight.source.unread, *self._sight.beyond.unread]
        own = [each for each in unread if each.module == self._module]
        for each in own:
            yield f"{self._fault(each)}, so what it imports is not known"
        others = [each.fault for each in unread if each not in own and not each.read_otherwise]
        if others:
            files = [self._scene.relative(fault.place.file) for fault in others]
            yield f"what these files import is not known, as they cannot be read: {_some(files)}"
        loaded = [found for found in self._sight.facts.observations if found.outcome.ok]
        for found in loaded:
            way = next(way for way in ways if way.entrypoint == found.target.text)
            is_loaded = self._module in found.loaded
            if is_loaded and not way.at_startup:
                yield f"the start of {way.entrypoint} was seen to load {self._module}"
            elif way.at_startup and way.imports and not is_loaded:
                yield f"the start of {way.entrypoint} was seen not to load {self._module}"
        if any(way.at_startup for way in ways):
            return
        unknown = [
            place for each in self._sight.source.modules.values() for place, _ in each.unknown
        ]
        if unknown:
            places = [f"{self._scene.relative(p.file)}:{p.line}" for p in sorted(unknown)]
            yield f"what these lines import, only a run can tell: {_some(places)}"
        if not self._sight.facts.observations:
            yield (
                "nothing was started: what distributions import by themselves, as plugins or "
                "settings make them, is seen with --run"
            )

    def _fault(self, unread: Unread) -> str:
        fault = unread.fault
        place = self._scene.relative(fault.place.file)
        place = f"{place}:{fault.place.line}" if fault.place.line else place
        return f"{place} cannot be read: {fault.message}"


def _some(things: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = len(things) - _MOST_SHOWN
    return ", ".join(things[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _later(edges: Iterable[ImportEdge]) -> int:
    return sum(edge.kind is not ImportKind.EAGER for edge in edges)


def _length(edges: Sequence[ImportEdge]) -> tuple[int, int]:
    return _later(edges), len(edges)
