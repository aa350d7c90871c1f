"""Installing the project: from a wheel of its own backend, or else from what it declares."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from pytest_importcontract.shipment.image.model import Kind, Line, Node, Note, Tree
from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.project.backend import PATIENCE, BuildError, Order
from pytest_importcontract.shipment.project.declared.metadata import dist_info
from pytest_importcontract.shipment.project.declared.model import Declared
from pytest_importcontract.shipment.project.declared.packages import declared
from pytest_importcontract.shipment.project.editable import read_links
from pytest_importcontract.shipment.project.installed import Installed
from pytest_importcontract.shipment.project.kept import Built, kept_wheel
from pytest_importcontract.shipment.project.manifest import Manifest
from pytest_importcontract.shipment.project.origin import trace
from pytest_importcontract.shipment.project.sources import Sources
from pytest_importcontract.shipment.project.wheel import scripts

_LAST_LEGACY = (3, 12)  # below it, images hold the setuptools by which pip runs setup.py itself


def install(
    tree: Tree,
    project: str,
    *,
    editable: bool,
    cache: Path,
    interpreter: Interpreter,
    line: Line | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
    settings: Mapping[str, str] = MappingProxyType({}),
    patience: float = PATIENCE,
) -> Installed:
    """What installing a project of the image puts into an environment.

    The project is copied out of `tree` and built as an installer builds it (PEP 517, PEP 660). That
    runs the user's build backend and the project's build files, bounded in time and with a home of
    their own, and no module of the service that they do not import themselves. Where nothing can be
    built, the answer is what the project declares, read by the rules of its backend.

    Args:
        tree: the image as the installer found it.
        project: the folder with pyproject.toml or setup.py, an absolute path in the image.
        editable: whether it is installed as editable.
        cache: a folder that keeps wheels from run to run.
        interpreter: the Python that the image runs, or its like.
        line: the instruction that installs it, for notes and for `Node.placed`.
        environment: variables that the instruction sees; some backends read a version there.
        settings: what the installer hands to the backend (``--config-settings``).
        patience: seconds that a build may take, its backend's installation included.

    Raises:
        OSError: the cache or the temporary folder cannot be written.
    """
    folder = posixpath.normpath(posixpath.join("/", project))
    own = Manifest(Sources(tree, folder), folder)
    reach = own.reach
    manifest = own if reach == folder else Manifest(Sources(tree, reach), folder)
    place = line or Line(manifest.path("pyproject.toml"), 1)
    if not (manifest.has("pyproject.toml") or manifest.has("setup.py")):
        return _nothing(f"{folder} has neither pyproject.toml nor setup.py", place)
    unknown = [path for path in manifest.sources.files if not manifest.sources.is_known(path)]
    notes = [f"what is in {path} is not known, and no build has seen it" for path in unknown]
    strict = editable and settings.get("editable_mode") == "strict"
    order = Order(
        editable=editable and not strict,
        interpreter=interpreter,
        environment=environment,
        settings={} if strict else settings,
        from_vcs=manifest.takes_version_from_vcs,
        patience=patience,
    )
    if order.from_vcs and not any("VERSION" in name for name in order.declared):
        notes.append(f"the version of {folder} comes from version control and is not known")
    try:
        built = kept_wheel(cache, tree, manifest, order)
    except BuildError as error:
        notes.append(f"no wheel of {folder} could be built: {error}")
        installed = _from_declaration(manifest, order, place)
    else:
        installed = _from_wheel(built, manifest, order, place)
    if order.editable and not manifest.has("pyproject.toml") and interpreter.version < _LAST_LEGACY:
        installed = _as_legacy(installed, declared(manifest), place)
    return replace(installed, notes=(*(Note(place, what) for what in notes), *installed.notes))


def _from_wheel(built: Built, manifest: Manifest, order: Order, place: Line) -> Installed:
    wheel = built.wheel
    files = dict(wheel.files)
    entries: tuple[str, ...] = ()
    mapped: dict[str, str] = {}
    notes: list[Note] = []
    if order.editable:
        links = read_links(files)
        files = {name: files[name] for name in files if name not in links.machinery}
        entries = tuple(_in_image(path, built.root) for path in links.path_entries)
        mapped = {name: _in_image(path, built.root) for name, path in links.mapped.items()}
        mapped = {name: _module(path, manifest.sources) for name, path in mapped.items()}
        if not entries and not mapped and links.machinery:
            notes.append(Note(place, f"how {manifest.label} makes it importable is not known"))
    origins = trace({**files, **wheel.data}, manifest.sources, manifest.folder)
    return Installed(
        name=wheel.name,
        version=wheel.version,
        files=_nodes(files, origins, manifest.sources, place),
        data=_nodes(wheel.data, origins, manifest.sources, place),
        scripts=wheel.scripts,
        path_entries=entries,
        mapped=mapped,
        complete=not notes,
        how=f"a wheel that {manifest.label} builds of it",
        notes=tuple(notes),
    )


def _from_declaration(manifest: Manifest, order: Order, place: Line) -> Installed:
    found = declared(manifest)
    generated = dist_info(manifest)
    files = {name: Node(Kind.FILE, content=text, placed=place) for name, text in generated.items()}
    if not order.editable:
        for name, path in found.files.items():
            files[name] = replace(manifest.sources.files[path], placed=place)
    entry_points = next((generated[name] for name in generated if name.endswith(".txt")), b"")
    return Installed(
        name=manifest.name,
        version=manifest.version,
        files=files,
        data={},
        scripts=scripts(entry_points.decode()),
        path_entries=found.roots if order.editable else (),
        mapped=found.mapped if order.editable else {},
        complete=found.complete,
        how=f"what it declares for {manifest.label}, since no wheel could be built"
        if found.complete
        else f"nowhere: it builds with {manifest.label}, which did not build here",
        notes=tuple(Note(place, what) for what in found.notes),
    )


def _as_legacy(installed: Installed, found: Declared, place: Line) -> Installed:
    """As ``setup.py develop`` does it: by one folder on the import path."""
    what = "pip 25.3 and newer would map its packages; older ones put its folder on the import path"
    return replace(
        installed,
        path_entries=found.roots or (found.folder,),
        mapped={},
        notes=(*installed.notes, Note(place, what)),
    )


def _nothing(what: str, place: Line) -> Installed:
    return Installed(
        name="",
        version="",
        files={},
        data={},
        scripts={},
        path_entries=(),
        mapped={},
        complete=True,
        how="nowhere: there is no project",
        notes=(Note(place, what),),
    )


def _nodes(
    files: Mapping[str, bytes], origins: Mapping[str, str], sources: Sources, place: Line
) -> dict[str, Node]:
    nodes = {}
    for name, content in files.items():
        origin = sources.files.get(origins.get(name, ""))
        if origin is None:
            nodes[name] = Node(Kind.FILE, content=content, placed=place)
        else:
            nodes[name] = replace(origin, mode=None, placed=place)
    return nodes


def _in_image(path: str, root: str) -> str:
    """The image path of a path that was written when `root` stood for the image's root."""
    return path[len(root) :] or "/" if f"{path}/".startswith(f"{root}/") else path


def _module(path: str, sources: Sources) -> str:
    """Setuptools maps a module to its path without the ending."""
    return f"{path}.py" if path not in sources.folders and f"{path}.py" in sources.files else path
