"""The distributions that the image holds, beside those that the local interpreter has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_importcontract.shipment.distributions.distributions import Distributions, LeftOut
from pytest_importcontract.shipment.distributions.installed import Installation
from pytest_importcontract.shipment.distributions.view import open_view

_SEEDS = frozenset({"pip", "setuptools", "wheel"})  # what images and new environments begin with


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is installed for the service, where all of it is known.

    Attributes:
        distributions: what the image installs.
        installation: what the local interpreter has.
    """

    distributions: Distributions
    installation: Installation

    def holds(self, name: str) -> bool:
        """Whether the image has the distribution of that normalised name."""
        own = any(project.name == name for project in self.distributions.projects)
        return own or name in self.distributions.found

    def is_declared(self, name: str) -> bool:
        """Whether a requirement of the service names the distribution itself."""
        found = self.distributions.found.get(name)
        return found is not None and len(found.chain) == 1

    def owners(self, module: str) -> tuple[str, ...]:
        """Distributions that have the module, whether the image holds them or not."""
        return self.installation.owners(module)

    def left_out(self, name: str) -> LeftOut | None:
        """Why the image does not have a distribution that a manifest names; None for others."""
        return self.distributions.left_out.get(name)

    def manifest(self, dockerfile: str) -> str:
        """Where most of what is installed is declared; empty where nothing is.

        A manifest's file if there is any, else the last line of the Dockerfile that installs
        something by its name, as ``Dockerfile:3``.
        """
        lines = [
            found.root.line
            for name, found in self.distributions.found.items()
            if len(found.chain) == 1 and name not in _SEEDS
        ]
        files = [line.file for line in lines if line.file != dockerfile]
        if files:
            return max(sorted(set(files)), key=files.count)
        return str(max(lines, key=lambda line: line.line)) if lines else ""


def sites_without(
    absent: Iterable[str], installation: Installation, sites: Sequence[str], home: Path
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The site-packages folders as they are without some distributions.

    Args:
        absent: normalised names.
        installation: what the interpreter has.
        sites: its site-packages folders.
        home: folder that keeps views.

    Returns:
        The folders, and the names of distributions that cannot be hidden, as nothing recorded
        which files are theirs.

    Raises:
        OSError: `home` cannot be written.
    """
    hidden: dict[str, list[str]] = {site: [] for site in sites}
    stubborn = []
    for name in sorted(absent):
        distribution = installation.distributions[name]
        if distribution.files is None:
            stubborn.append(name)
        else:
            hidden.setdefault(str(distribution.site), []).extend(distribution.files)
    views = tuple(str(open_view(home, Path(site), hidden[site])) for site in sites)
    return views, tuple(stubborn)
