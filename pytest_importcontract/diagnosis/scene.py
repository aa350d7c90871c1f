"""What a diagnosis looks things up in: the service, its contract file, its files."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from pytest_importcontract.contract.model import Integration, Service
from pytest_importcontract.observe.facts import Frame, Place
from pytest_importcontract.shipment.catalog import Catalog
from pytest_importcontract.shipment.shipment import Shipment

_WIDEST = 200  # characters of a statement


class Scene:
    """One service's surroundings.

    Args:
        shipment: the service.
    """

    def __init__(self, shipment: Shipment) -> None:
        self.shipment = shipment
        self.service: Service = shipment.service
        self.catalog: Catalog = shipment.catalog
        self._sources: dict[str, Sequence[str]] = {}

    def relative(self, path: str | Path) -> str:
        """The path as the contract would write it; absolute where it lies outside."""
        path = Path(path)
        if path.is_relative_to(self.shipment.root):
            return path.relative_to(self.shipment.root).as_posix() or "."
        return str(path)

    def at(self, *keys: str | int) -> str:
        """The contract's line for a key below the service, as in ``contracts.toml:14``."""
        line = self.service.line(*keys)
        return f"{self.shipment.contract}:{line}" if line else self.shipment.contract

    @property
    def ships_files(self) -> bool:
        """Whether the contract lists the files that ship."""
        return self.service.ships is not None

    @property
    def setting(self) -> str:
        """What an import has to make do with; empty where that is all there is."""
        return f"with what ships ({self.at('ships', 'files')})" if self.ships_files else ""

    @property
    def python(self) -> str:
        """The service's interpreter as the contract names it."""
        return self.service.runtime.python or "the Python that runs pytest"

    def ships(self, path: Path) -> bool:
        """Whether the repository file (for a folder: anything in it) is in the image."""
        tree = self.shipment.tree
        if tree is None:
            return path.exists()
        return (
            path.is_relative_to(self.shipment.root)
            and (tree / path.relative_to(self.shipment.root)).exists()
        )

    def stripped_by(self, path: Path) -> str:
        """The excluding pattern that keeps a file out, with its place; empty for none."""
        if self.service.ships is None or not path.is_relative_to(self.shipment.root):
            return ""
        name = self.relative(path)
        for index, pattern in reversed(tuple(enumerate(self.service.ships.files.patterns))):
            if pattern.matches(name):
                at = self.at("ships", "files", index)
                return f'"{pattern.text}" ({at})' if pattern.excludes else ""
        return ""

    def rules_for(self, module: str) -> tuple[tuple[str, ...], Integration | None]:
        """What the contract says about reaching `module`, and the integration among it."""
        integration = self.service.integration_for(module)
        if integration is None:
            return (), None
        doors = integration.doors
        reason = f" ({integration.reason})" if integration.reason else ""
        rule = (
            f'integration "{integration.name}": {integration.root} is reached only through {doors}'
        )
        return (f"{rule}{reason}",), integration

    def statement(self, frame: Frame) -> str:
        """The statement at which a frame stands, on one line."""
        return self.source(frame.place)

    def source(self, place: Place) -> str:
        """The statement that starts at a line, folded into one; empty when it cannot be read."""
        lines = self._lines(place.file)
        if not 0 < place.line <= len(lines):
            return ""
        text = lines[place.line - 1].strip()
        for line in lines[place.line : place.line + 30]:
            if text.count("(") <= text.count(")") or len(text) > _WIDEST:
                break
            text = f"{text} {line.partition('#')[0].strip()}"
        text = text.replace("( ", "(").replace(", )", ")").replace(" )", ")")
        return text if len(text) <= _WIDEST else f"{text[:_WIDEST]} …"

    def parses_here(self, file: str) -> bool:
        """Whether the Python that runs pytest can read a source file the service's cannot."""
        try:
            ast.parse(Path(file).read_bytes())
        except (OSError, ValueError, SyntaxError, RecursionError):
            return False
        return True

    def _lines(self, file: str) -> Sequence[str]:
        if file not in self._sources:
            try:
                text = Path(file).read_text("utf-8", "replace")
            except (OSError, ValueError):
                text = ""
            self._sources[file] = text.splitlines()
        return self._sources[file]
