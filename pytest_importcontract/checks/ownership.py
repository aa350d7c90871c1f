"""Which code of an image the rules about a service's code hold for."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_importcontract.contract.model import Service, TypingImports, is_test, is_within
from pytest_importcontract.observe.facts import (
    Facts,
    ImportEdge,
    ImportKind,
    Observer,
)
from pytest_importcontract.observe.sources import Unread


class Ownership:
    """Tells a service's code from what ships beside it.

    Args:
        service: the contract.
        facts: what is known about it.
    """

    def __init__(self, service: Service, facts: Facts) -> None:
        self._service = service
        self._facts = facts
        self._packages = {entrypoint.package for entrypoint in service.entrypoints} - {""}
        self._held: dict[str, bool] = {}

    def is_own(self, module: str) -> bool:
        """Whether a module is the service's.

        An entrypoint reaches it, or the contract names it among `modules` or lets it in by
        `allowed_roots` and does not exclude it; without `modules`, the packages that entrypoints
        start are meant.
        """
        service, routes = self._service, self._facts.routes
        if self._is_named(module) or (routes is not None and routes.reach(module)):
            return True
        if service.modules is None:
            if module.partition(".")[0] in self._packages:
                return True
        elif any(p.excludes and p.matches(module) for p in service.modules.patterns):
            return False
        return any(is_within(module, root) for root in service.allowed_roots or ())

    def holds(self, module: str) -> bool:
        """Whether rules hold for a module: its own, and no test that the contract does not name."""
        if module not in self._held:
            outside = self._is_test(module) and not self._is_named(module)
            self._held[module] = not outside and self.is_own(module)
        return self._held[module]

    def imports(self) -> Iterator[ImportEdge]:
        """The imports that rules hold for, ordered by place.

        They are those that first-party code was seen to make and those that stand in code that
        rules hold for, whether it is reached or not. Strings count that something was seen to
        import, imports for type checkers where the contract says so, and those whose condition is
        false on the service's platform never.
        """
        checked = self._service.typing_imports is TypingImports.CHECK
        for edge in self._facts.edges:
            if not edge.importer_is_first_party or edge.kind is ImportKind.NEVER:
                continue
            if edge.kind is ImportKind.TYPING and not checked:
                continue
            seen = edge.observer is not Observer.SOURCE
            if seen or (edge.kind is not ImportKind.BY_NAME and self.holds(edge.importer)):
                yield edge

    def unread(self) -> Iterator[Unread]:
        """The modules that rules hold for whose imports nobody could read."""
        for unread in self._facts.source.unread if self._facts.source else ():
            if not unread.read_otherwise and self.holds(unread.module):
                yield unread

    def _is_named(self, module: str) -> bool:
        return self._service.modules is not None and self._service.modules.matches(module)

    def _is_test(self, module: str) -> bool:
        """Whether it belongs to tests; what a package around an entrypoint is called says nothing.

        A service may well be called ``load_test``.
        """
        parts = module.split(".")
        for index, part in enumerate(parts):
            around = ".".join(parts[: index + 1])
            starts = (entrypoint.module for entrypoint in self._service.entrypoints)
            if is_test(part) and not any(is_within(start, around) for start in starts):
                return True
        return False
