"""A service ready to be observed: its tree, its interpreter, its path, its variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pytest_importcontract.contract.model import Entrypoint, Service
from pytest_importcontract.shipment.catalog import Catalog
from pytest_importcontract.shipment.environment import defaults
from pytest_importcontract.shipment.ground import Ground
from pytest_importcontract.shipment.guard import Guard
from pytest_importcontract.shipment.image.image import Image
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.layout import Layout, laid
from pytest_importcontract.shipment.process import Process
from pytest_importcontract.shipment.secrets import Secrets
from pytest_importcontract.shipment.stage import Stage


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One service with everything an observer needs to run it.

    Attributes:
        service: its contract; its entrypoints are those that are started.
        root: the repository.
        contract: the contract file as messages call it; empty where there is none.
        interpreter: the Python that runs it.
        env: the variables that the contract declares.
        example: names of the variables that a deployment sets, as its example file says.
        tree: the staged copy that stands for the image's root; None where it runs in place.
        ground: what ships and how it starts.
        processes: how each entrypoint starts, by its text.
        process: how a module of it is imported.
        modules: names of the modules that must import.
        catalog: what exists and what ships.
        guard: keeps the staged tree what ships; None where the service runs in place.
        variants: what the service must start as besides.
    """

    service: Service
    root: Path
    contract: str
    interpreter: Interpreter
    env: Mapping[str, str]
    tree: Path | None
    ground: Ground
    processes: Mapping[str, Process]
    process: Process
    modules: tuple[str, ...]
    catalog: Catalog
    guard: Guard | None = None
    variants: tuple[Shipment, ...] = ()
    example: frozenset[str] = frozenset()
    _stage: Stage | None = field(default=None, repr=False)

    @property
    def layout(self) -> Layout:
        """Where the repository's files lie in the tree."""
        return self.ground.layout

    @property
    def image(self) -> Image | None:
        """What the Dockerfile makes; None without one."""
        return self.ground.image

    @property
    def sites(self) -> tuple[str, ...]:
        """Its site-packages folders, as it sees them; the image's own projects come first."""
        return (*map(str, map(self.staged, self.ground.first_sites)), *self.ground.sites)

    @property
    def last_entries(self) -> tuple[str, ...]:
        """Import path entries that editable installs of the image add behind site-packages."""
        return tuple(map(str, map(self.staged, self.ground.last_sites)))

    def staged(self, place: str) -> Path:
        """Where a path of the image lies on this machine."""
        return laid(place, self.tree or self.root)

    @property
    def container(self) -> Process:
        """How the container's own command line starts."""
        return self.ground.container(self.tree or self.root, self.env)

    def process_of(self, entrypoint: Entrypoint | None) -> Process:
        """How an entrypoint starts; for None, how a module is imported."""
        return self.process if entrypoint is None else self.processes[entrypoint.text]

    def to_repository(self, path: str) -> str:
        """The repository's file for a path inside the staged tree; any other path unchanged.

        What is in the image and comes from nowhere in the repository is called by its path there,
        what is in site-packages by its path in the interpreter's own.
        """
        for shown, site in zip(self.ground.sites, self.interpreter.sites, strict=True):
            if path.startswith(f"{shown}{os.sep}"):
                return f"{site}{path[len(shown) :]}"
        if self.tree is None or not path.startswith(f"{self.tree}{os.sep}"):
            return path
        found = self.layout.source(path[len(str(self.tree)) + 1 :])
        if found is not None:
            return str(found)
        name = os.path.realpath(path)  # links lead to what editable installs map
        if name.startswith(f"{self.tree}{os.sep}"):
            found = self.layout.source(name[len(str(self.tree)) + 1 :])
            if found is not None:
                return str(found)
        return path[len(str(self.tree)) :]

    def told(self, text: str) -> str:
        """A message without secrets, in which staged files bear the names that people know."""
        text = self.secrets.hide(text)
        for shown, site in zip(self.ground.sites, self.interpreter.sites, strict=True):
            text = text.replace(shown, site)
        if self.tree is None:
            return text
        top = self.layout.source(".")
        return text.replace(str(self.tree), "" if top is None else str(top))

    @cached_property
    def image_variables(self) -> frozenset[str]:
        """Names of the variables that its image sets, with those that every image does."""
        processes = (self.process, *self.processes.values())
        named = {name for each in processes for name in each.env}
        return frozenset({"HOME", *defaults(self.interpreter), *named})

    @cached_property
    def secrets(self) -> Secrets:
        """What its variables hold that nobody is to read."""
        processes = (self.process, *self.processes.values())
        env = {name: value for each in processes for name, value in each.env.items()}
        return Secrets({**env, **self.env}, self._is_of_a_module)

    def _is_of_a_module(self, word: str) -> bool:
        if word in self.interpreter.names or self.catalog.is_installed(word):
            return True
        return any(word in name.split(".") for name in self.catalog.shipped)

    def ships(self, path: Path) -> bool:
        """Whether the repository file (for a folder: anything in it) is in the image."""
        if self.tree is None:
            return os.path.exists(path)  # noqa: PTH110 (a name of any length)
        return bool(self.layout.targets(path))

    @property
    def own_roots(self) -> tuple[str, ...]:
        """Folders whose code is first-party, unless a nearer entry of `foreign_roots` says no."""
        entries = (path for each in (self.process, *self.processes.values()) for path in each.path)
        return tuple(dict.fromkeys(str(path) for path in (self.tree or self.root, *entries)))

    @property
    def foreign_roots(self) -> tuple[str, ...]:
        """Folders of the interpreter, which may lie inside the repository."""
        interpreter = self.interpreter
        sites = (*interpreter.sites, *self.ground.sites)
        places = (interpreter.prefix, *interpreter.stdlib, *sites)
        return tuple(dict.fromkeys(places))

    @property
    def own_packages(self) -> tuple[str, ...]:
        """Top-level names that are the service's own even when they are installed."""
        named = {entrypoint.package for entrypoint in self.service.entrypoints}
        named |= {name.partition(".")[0] for name in self.modules}
        return tuple(sorted(named - {""}))

    def release(self) -> None:
        """Give the staged trees back, those of its variants included."""
        for variant in self.variants:
            variant.release()
        if self._stage is not None:
            self._stage.release()
