"""Walking a TOML document whose shape somebody else vouches for, and collecting what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name

from pytest_importcontract.contract.document import Document
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.contract.reader import dotted
from pytest_importcontract.shipment.distributions.requirement import specifier
from pytest_importcontract.shipment.image.model import Line


class Tables:
    """A document, read key by key: what is absent is empty, what has a wrong type a mistake.

    Args:
        document: what is read.

    Attributes:
        mistakes: what has been found wrong so far.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self.mistakes: list[Mistake] = []

    def check(self) -> None:
        """Raise what has been found wrong.

        Raises:
            MistakesError: where anything has.
        """
        if self.mistakes:
            raise MistakesError(tuple(self.mistakes))

    def line(self, *keys: str | int, text: str = "") -> Line:
        """Where `keys` stands."""
        return Line(self._document.name, self._document.line(*keys), text)

    def fault(self, keys: Keys, what: str, suggestion: str = "") -> None:
        """Record that what stands at `keys` is wrong."""
        self.mistakes.append(
            Mistake(
                file=self._document.name,
                line=self._document.line(*keys),
                subject=dotted(keys),
                what=what,
                suggestion=suggestion,
            )
        )

    def value(self, *keys: str | int) -> Any:
        """What stands at `keys`; None where nothing does."""
        found: Any = self._document.data
        for key in keys:
            if isinstance(found, Mapping):
                found = found.get(key)
            elif isinstance(found, list) and isinstance(key, int) and key < len(found):
                found = found[key]
            else:
                return None
        return found

    def has(self, *keys: str | int) -> bool:
        """Whether anything stands at `keys`."""
        return self.value(*keys) is not None

    def table(self, *keys: str | int) -> Mapping[str, Any]:
        """The table at `keys`."""
        found = self.value(*keys)
        if found is None or isinstance(found, Mapping):
            return found or {}
        self.fault(keys, "is no table")
        return {}

    def text(self, *keys: str | int) -> str:
        """The string at `keys`."""
        found = self.value(*keys)
        if found is None or isinstance(found, str):
            return found or ""
        self.fault(keys, "is no string")
        return ""

    def distribution(self, *keys: str | int) -> str:
        """The name of a distribution that stands at `keys`, normalised; there must be one."""
        text = self.text(*keys, "name")
        if not self.has(*keys, "name"):
            self.fault(keys, "has no name")
            return ""
        try:
            return canonicalize_name(text, validate=True)
        except InvalidName:
            self.fault((*keys, "name"), "is no name of a distribution")
            return ""

    def flag(self, *keys: str | int, default: bool = False) -> bool:
        """The boolean at `keys`."""
        found = self.value(*keys)
        if found is None or isinstance(found, bool):
            return default if found is None else found
        self.fault(keys, "is neither true nor false")
        return default

    def elements(self, *keys: str | int) -> Iterator[tuple[Keys, Any]]:
        """What the list at `keys` holds, each with its own keys."""
        found = self.value(*keys)
        if found is None:
            return
        if not isinstance(found, list):
            self.fault(keys, "is no list")
            return
        for index, element in enumerate(found):
            yield (*keys, index), element

    def strings(self, *keys: str | int) -> Iterator[tuple[Keys, str]]:
        """The strings that the list at `keys` holds, each with its own keys."""
        for path, element in self.elements(*keys):
            if isinstance(element, str):
                yield path, element
            else:
                self.fault(path, "is no string")

    def tables(self, *keys: str | int) -> Iterator[Keys]:
        """The keys of each table that the list at `keys` holds."""
        for path, element in self.elements(*keys):
            if isinstance(element, Mapping):
                yield path
            else:
                self.fault(path, "is no table")

    def one_or_many(self, *keys: str | int) -> Iterator[tuple[Keys, Any]]:
        """What stands at `keys`, or what the list there holds."""
        found = self.value(*keys)
        if isinstance(found, list):
            yield from self.elements(*keys)
        elif found is not None:
            yield keys, found

    def requirement(self, keys: Keys, text: str) -> Requirement | None:
        """The dependency specifier `text` that stands at `keys`; a mistake where it is none."""
        try:
            return specifier(text)
        except InvalidRequirement as error:
            reason = str(error).partition("\n")[0].strip()
            self.fault(keys, f'"{text}" is no requirement: {reason[:1].lower()}{reason[1:]}')
            return None
