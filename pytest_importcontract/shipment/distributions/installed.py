"""The distributions of an interpreter, read off its site-packages.

Sources: the recording of installed projects (PEP 376, PEP 627), core metadata (PEP 566), direct
URLs (PEP 610), and for what setuptools once wrote its ``egg-info`` folders.
"""

from __future__ import annotations

import csv
import functools
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.markers import Marker
from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pytest_importcontract.shipment.distributions.closure import Need, Provenance
from pytest_importcontract.shipment.distributions.markers import holds
from pytest_importcontract.shipment.distributions.requirement import specifier
from pytest_importcontract.shipment.modules import NOT_CODE, modules_below


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """One installed distribution.

    Attributes:
        name: its normalised name.
        version: as its metadata says; may be empty.
        site: the folder that its files are relative to.
        requires: what it needs, conditions included.
        extras: names of its extras, normalised.
        files: its files as they are recorded, relative to `site`; None where nothing recorded
            them, as in packages of Debian.
        modules: the modules that it brings, by dotted name; namespace packages (PEP 420) are not
            listed, as no distribution alone has them. None where nothing tells.
        editable: the project's folder where it is installed as editable, else empty; its modules
            are then none of the site's.
        faults: what in its metadata cannot be read.
    """

    name: str
    version: str
    site: Path
    requires: tuple[Requirement, ...] = ()
    extras: frozenset[str] = frozenset()
    files: tuple[str, ...] | None = field(default=None, repr=False)
    modules: frozenset[str] | None = field(default=None, repr=False)
    editable: str = ""
    faults: tuple[str, ...] = ()


class Installation:
    """The distributions of one interpreter.

    Args:
        distributions: by normalised name.
        provides: import names and the distributions that bring them, where the user knows better
            (``ships.provides``); each also speaks for what lies below it.
        faults: metadata that could not be read at all, each as a sentence.
    """

    def __init__(
        self,
        distributions: Mapping[str, Installed],
        provides: Mapping[str, str] | None = None,
        faults: Sequence[str] = (),
    ) -> None:
        self.distributions = distributions
        self.faults = tuple(faults)
        self._provides = {
            module: str(canonicalize_name(name)) for module, name in (provides or {}).items()
        }

    @cached_property
    def modules(self) -> Mapping[str, frozenset[str]]:
        """Each module and the distributions that bring it."""
        found: dict[str, set[str]] = {}
        for distribution in self.distributions.values():
            for module in distribution.modules or ():
                found.setdefault(module, set()).add(distribution.name)
        return {module: frozenset(names) for module, names in found.items()}

    @cached_property
    def _below(self) -> Mapping[str, frozenset[str]]:
        """Each package, namespace packages included, and the distributions that fill it."""
        found: dict[str, set[str]] = {}
        for module, names in self.modules.items():
            parent = module
            while parent:
                found.setdefault(parent, set()).update(names)
                parent = parent.rpartition(".")[0]
        return {package: frozenset(names) for package, names in found.items()}

    def owners(self, module: str) -> tuple[str, ...]:
        """The distributions that an import of `module` needs one of, sorted; empty for unknown.

        What the user says in `provides` comes first, then what is recorded. A name that no file
        stands for belongs to the nearest module above it (``six.moves`` to six), a namespace
        package to all that fill it; what is missing in a namespace package belongs to nobody.
        Names are never compared with those of distributions: ``yaml`` is PyYAML's only because
        PyYAML's files say so.
        """
        place = module
        while place:
            if place in self._provides:
                return (self._provides[place],)
            place = place.rpartition(".")[0]
        if module in self._below and module not in self.modules:
            return tuple(sorted(self._below[module]))
        place = module
        while place:
            if place in self.modules:
                return tuple(sorted(self.modules[place]))
            place = place.rpartition(".")[0]
        return ()

    def import_names(self, name: str) -> tuple[str, ...]:
        """The outermost modules that a distribution alone brings, as ``google.cloud.storage``.

        Empty where it is not installed, or nothing tells.
        """
        distribution = self.distributions.get(name)
        modules = (distribution.modules if distribution else None) or frozenset()
        said = {module for module, owner in self._provides.items() if owner == name}
        outermost = {
            module
            for module in modules
            if not any(parent in modules for parent in _parents(module))
        }
        return tuple(sorted(outermost | said))


@dataclass(frozen=True, slots=True)
class InstalledGraph:
    """Installed metadata as a graph to follow (see `closure.Graph`).

    Attributes:
        installation: the interpreter's distributions.
        environment: as of `markers.image_environment`.
    """

    installation: Installation
    environment: Mapping[str, str]

    def holds(self, marker: Marker | None) -> bool:
        """Whether a condition holds."""
        return holds(marker, self.environment)

    def version(self, need: Need) -> str | None:
        """The version that is installed, whichever is asked for; None where none is."""
        found = self.installation.distributions.get(need.name)
        return found.version if found else None

    def needs(self, need: Need) -> Iterable[Need]:
        """What the distribution needs with these extras."""
        found = self.installation.distributions.get(need.name)
        for requirement in found.requires if found else ():
            if holds(requirement.marker, self.environment, need.extras):
                extras = frozenset(map(canonicalize_name, requirement.extras))
                yield Need(canonicalize_name(requirement.name), extras)


def read_installed(
    sites: Iterable[str | Path],
    suffixes: Iterable[str],
    provides: Mapping[str, str] | None = None,
) -> Installation:
    """Read the distributions that lie in the folders `sites`, where the first of a name wins.

    Metadata that cannot be read is told in `faults` and otherwise skipped: an interpreter that
    works must not be refused.

    Args:
        sites: site-packages folders, in the order of the import path.
        suffixes: file name endings of modules, in the order the import system tries them.
        provides: as in `Installation`.
    """
    places = tuple(dict.fromkeys(map(Path, sites)))
    found, faults = _read_all(places, tuple(suffixes), tuple(map(_changed_at, places)))
    return Installation(found, provides, faults)


def _changed_at(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=16)
def _read_all(
    sites: tuple[Path, ...], suffixes: tuple[str, ...], _stamps: tuple[int, ...]
) -> tuple[Mapping[str, Installed], tuple[str, ...]]:
    found: dict[str, Installed] = {}
    faults: list[str] = []
    for site in sites:
        for info in _infos(site):
            try:
                one = _read(info, site, suffixes)
            except (OSError, ValueError, csv.Error) as error:
                faults.append(f"{info} cannot be read: {error}")
                continue
            if one is None:
                faults.append(f"{info} names no distribution")
            else:
                found.setdefault(one.name, one)
    return found, tuple(faults)


def install_command(python: str, missing: Mapping[str, Provenance]) -> str:
    """The command that would install what is missing.

    Args:
        python: the interpreter as the user names it.
        missing: as of `Closure.missing`.
    """
    words = []
    for name, provenance in sorted(missing.items()):
        requirement = Requirement(str(provenance.root.requirement))
        requirement.marker = None
        words.append(str(requirement) if len(provenance.chain) == 1 else name)
    return shlex.join([python, "-m", "pip", "install", *words])


def _infos(site: Path) -> list[Path]:
    """The folders of metadata in a site, newer kinds first; those that pip left behind are not."""
    try:
        names = sorted(path.name for path in site.iterdir())
    except OSError:
        return []
    kinds = (".dist-info", ".egg-info")
    return [site / n for kind in kinds for n in names if n.endswith(kind) and n[0] != "~"]


def _text(info: Path, name: str) -> str:
    """A file of the metadata; empty where there is none. Bytes that are not UTF-8 hide nothing."""
    path = info if name == "PKG-INFO" and info.is_file() else info / name
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _read(info: Path, site: Path, suffixes: tuple[str, ...]) -> Installed | None:
    text = _text(info, "METADATA") or _text(info, "PKG-INFO")
    header = text.replace("\r\n", "\n").partition("\n\n")[0]  # the description may say anything
    raw, _ = parse_email(header)
    name = canonicalize_name(raw.get("name") or "")
    if not name:
        return None
    written = raw.get("requires_dist")
    if written is None and _text(info, "requires.txt"):
        written = metadata.Distribution.at(info).requires
    requires, faults = _requirements(written or ())
    files = _files(info)
    editable = _editable(info)
    if files is not None:
        modules: frozenset[str] | None = _modules(files, suffixes)
    else:
        modules = None if editable else _modules_of_tops(info, site, suffixes)
    return Installed(
        name=name,
        version=raw.get("version") or "",
        site=site,
        requires=requires,
        extras=frozenset(map(canonicalize_name, raw.get("provides_extra") or ())),
        files=files,
        modules=modules,
        editable=editable,
        faults=faults,
    )


def _requirements(texts: Iterable[str]) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    requires, faults = [], []
    for text in texts:
        try:
            requires.append(specifier(text))
        except InvalidRequirement:
            faults.append(f'"{text}" is no requirement')
    return tuple(requires), tuple(faults)


def _files(info: Path) -> tuple[str, ...] | None:
    record = _text(info, "RECORD")
    if record:
        return tuple(row[0] for row in csv.reader(record.splitlines()) if row)
    listed = _text(info, "installed-files.txt")
    if not listed:
        return None
    # Relative to the egg-info folder, which lies in the site.
    return tuple(
        line.removeprefix("../") if line.startswith("../") else f"egg-info/{line}"
        for line in map(str.strip, listed.splitlines())
        if line
    )


def _modules(files: Iterable[str], suffixes: tuple[str, ...]) -> frozenset[str]:
    found = set()
    for file in files:
        path = PurePosixPath(file.replace("\\", "/"))
        suffix = next((suffix for suffix in suffixes if path.name.endswith(suffix)), None)
        if suffix is None:
            continue
        parts = [*path.parts[:-1], path.name[: -len(suffix)]]
        if not all(part.isidentifier() and part not in NOT_CODE for part in parts):
            continue
        if parts[-1] == "__init__":
            parts.pop()
        if parts:
            found.add(".".join(parts))
    return frozenset(found)


def _modules_of_tops(info: Path, site: Path, suffixes: tuple[str, ...]) -> frozenset[str] | None:
    """The modules below the names in top_level.txt; None where there is no such list."""
    listed = _text(info, "top_level.txt")
    if not listed.strip():
        return None
    shared = _text(info, "namespace_packages.txt").split()
    tops = [line.strip() for line in listed.splitlines() if line.strip() not in ("", *shared)]
    modules = modules_below([site], suffixes, below=tops).values()
    return frozenset(module.name for module in modules if not module.is_namespace) or None


def _editable(info: Path) -> str:
    """The folder of an editable install (PEP 610); empty for any other."""
    text = _text(info, "direct_url.json")
    if not text:
        return ""
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, Mapping):
        return ""
    folder, url = answer.get("dir_info"), answer.get("url")
    if isinstance(folder, Mapping) and folder.get("editable") is True and isinstance(url, str):
        return url.removeprefix("file://")
    return ""


def _parents(module: str) -> Iterable[str]:
    while module := module.rpartition(".")[0]:
        yield module
