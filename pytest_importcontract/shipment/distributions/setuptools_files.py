"""What setup.cfg and setup.py say of a project that has no ``[project]`` table.

setup.cfg is setuptools' declarative configuration. setup.py is a program; only texts and lists of
texts that stand in its call of ``setup`` are read, and nothing is run.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from pytest_importcontract.shipment.distributions.declared import Declared, Part
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.project import Project
from pytest_importcontract.shipment.distributions.requirement import specifier
from pytest_importcontract.shipment.image.model import Note
from pytest_importcontract.shipment.project.manifest import Manifest, literal, texts
from pytest_importcontract.shipment.project.sources import Sources

_REQUIRES = "install_requires"
_EXTRAS = "extras_require"


def read_setuptools(folder: str, files: ImageFiles) -> Project | None:
    """Read setup.cfg and setup.py in a folder of the image.

    None where there is neither. What only running setup.py would tell is a note.

    Args:
        folder: absolute path in the image.
        files: what a build step finds there.
    """
    names = [
        name for name in ("setup.cfg", "setup.py") if files.exists(posixpath.join(folder, name))
    ]
    if not names:
        return None
    manifest = Manifest(Sources(files.tree, folder), folder)
    cfg = manifest.setup_cfg
    place = posixpath.join(folder, names[-1])
    notes: list[Note] = []
    if "setup.py" not in names or cfg.has_option("options", _REQUIRES):
        place = posixpath.join(folder, "setup.cfg")
        requires: Iterable[str] = cfg.get("options", _REQUIRES, fallback="").splitlines()
        section = f"options.{_EXTRAS}"
        pairs = cfg.items(section) if cfg.has_section(section) else []
        extras: Mapping[str, Iterable[str]] = {name: text.splitlines() for name, text in pairs}
    else:
        requires, extras, unknown = _of_script(manifest)
        notes += (Note(files.line(place, 1), f"its {what} in {place}") for what in unknown)
    content = manifest.text(posixpath.basename(place))
    declared = [*_declared(requires, place, content, files)]
    for extra, listed in extras.items():
        group = str(canonicalize_name(extra))
        declared += _declared(listed, place, content, files, Part.EXTRA, group)
    return Project(
        folder=folder,
        line=files.line(place, 1),
        name=canonicalize_name(manifest.name),
        declared=tuple(declared),
        extras=frozenset(str(canonicalize_name(extra)) for extra in extras),
        notes=tuple(notes),
    )


def _of_script(
    manifest: Manifest,
) -> tuple[Iterable[str], Mapping[str, Iterable[str]], list[str]]:
    """What setup.py requires, by its extras too, and what of it only running it would tell."""
    call = manifest.setup_call
    if not call or "**" in manifest.text("setup.py"):
        return (), {}, ["requirements"]
    asked = [name for name in (_REQUIRES, _EXTRAS) if name in call]
    extras = literal(call.get(_EXTRAS))
    return (
        texts(literal(call.get(_REQUIRES))),
        {str(name): texts(value) for name, value in extras.items()}
        if isinstance(extras, Mapping)
        else {},
        [name for name in asked if literal(call[name]) is None],
    )


def _declared(
    listed: Iterable[str],
    place: str,
    content: str,
    files: ImageFiles,
    part: Part = Part.MAIN,
    group: str = "",
) -> Iterator[Declared]:
    for text in map(str.strip, listed):
        if not text or text.startswith("#"):
            continue
        line = content.count("\n", 0, max(content.find(text), 0)) + 1
        try:
            yield Declared(specifier(text), files.line(place, line, text), part, group)
        except InvalidRequirement:
            continue  # setuptools refuses to build it
