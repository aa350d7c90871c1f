"""Where a module is, and what brings it to the service or keeps it away."""

from __future__ import annotations

from pathlib import PurePosixPath

from pytest_importcontract.diagnosis import missing_module
from pytest_importcontract.diagnosis.dossier import Whereabouts
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Origin
from pytest_importcontract.observe.reading import origin_of
from pytest_importcontract.shipment.distributions.installed import Installation, read_installed

# Modules of the standard library that no file stands for: others put them into sys.modules.
_WITHOUT_A_FILE = frozenset({"os.path"})


def whereabouts(scene: Scene, module: str, importer: str = "") -> Whereabouts:
    """Where the module is.

    Args:
        scene: the service's surroundings.
        module: its dotted name.
        importer: a module that imports it, whom the fixes are for; empty for none.
    """
    origin = origin_of(scene.shipment, module)
    if origin is Origin.STANDARD_LIBRARY and is_standard(scene, module):
        brought = f"the standard library of {scene.catalog.interpreter.label}"
        return Whereabouts(origin=origin, ships=True, brought=brought)
    if module in scene.catalog.shipped:
        return _shipped(scene, module)
    if origin is Origin.THIRD_PARTY and scene.catalog.is_installed(module):
        return Whereabouts(origin=origin, ships=True, brought=_distribution(scene, module))
    found = missing_module.explain(scene, module, importer)
    path = scene.catalog.in_repository(module)
    known = path is not None or _owners(scene, module)
    return Whereabouts(
        origin=origin if known else "",
        file=scene.relative(path) if path is not None else "",
        why=found.cause.text,
        fixes=found.fixes,
    )


def is_anywhere(scene: Scene, module: str) -> bool:
    """Whether the module is in the repository, in a distribution or in the standard library."""
    catalog = scene.catalog
    if catalog.in_repository(module) is not None or catalog.is_installed(module):
        return True
    return is_standard(scene, module) or _has_distribution(scene, module)


def is_there(scene: Scene, module: str) -> bool:
    """Whether the service can import the module, as far as files tell."""
    catalog = scene.catalog
    if module in catalog.shipped or catalog.is_installed(module):
        return True
    return is_standard(scene, module)


def is_standard(scene: Scene, module: str) -> bool:
    """Whether the standard library of the service's interpreter has the module."""
    if module.partition(".")[0] not in scene.catalog.interpreter.names:
        return False
    found = "." not in module or module in _WITHOUT_A_FILE
    return found or scene.foreign_file(module) is not None


def _shipped(scene: Scene, module: str) -> Whereabouts:
    """A module of the repository, or of the image's own making, that the service can import."""
    path = scene.catalog.shipped[module].path
    image = scene.shipment.image
    places = tuple(f"/{place}" for place in scene.shipment.layout.targets(path)) if image else ()
    return Whereabouts(
        origin=Origin.FIRST_PARTY,
        file=scene.relative(path),
        ships=True,
        places=places,
        brought=_brought(scene, module, places),
    )


def _brought(scene: Scene, module: str, places: tuple[str, ...]) -> str:
    """The instruction or the pattern that lets a module of the repository ship."""
    image, ships = scene.shipment.image, scene.service.ships
    path = scene.catalog.shipped[module].path
    if image is not None:
        nodes = (image.stage.tree.get(place) for place in places or (str(path),))
        line = next((node.placed for node in nodes if node is not None and node.placed), None)
        if line is not None:
            return f"{line.text} ({line})"
        projects = scene.shipment.ground.projects
        copied = [PurePosixPath(place) for place in image.places(path)]
        for project in projects:
            if len(projects) == 1 or any(place.is_relative_to(project.path) for place in copied):
                return f"{project.step.line.text} ({project.step.line})"
        return ""
    if ships is None:
        return ""
    name = scene.relative(path / "__init__.py" if path.is_dir() else path)
    pattern = ships.files.match(name)
    if pattern is None:
        return ""
    index = ships.files.patterns.index(pattern)
    return f'"{pattern.text}" of ships.files ({scene.at("ships", "files", index)})'


def _distribution(scene: Scene, module: str) -> str:
    """The distributions that have the module, each with what brings it, in words."""
    holdings = scene.shipment.ground.holdings
    owners = _owners(scene, module)
    if holdings is None:
        return f"{' or '.join(owners) or 'site-packages'}, as installed in {scene.python}"
    told = []
    for name in filter(holdings.holds, owners):
        found = holdings.distributions.found.get(name)
        if found is None:
            told.append(f"{name}, a project of this repository")
        elif len(found.chain) > 1:
            told.append(f"{name}, which {found.chain[-2]} needs ({found.root.line})")
        else:
            told.append(f"{name} ({found.root.line})")
    return " or ".join(told)


def _owners(scene: Scene, module: str) -> tuple[str, ...]:
    return _installation(scene).owners(module)


def _has_distribution(scene: Scene, module: str) -> bool:
    """Whether a distribution has the very module, installed in the image or not."""
    return module in _installation(scene).modules


def _installation(scene: Scene) -> Installation:
    holdings = scene.shipment.ground.holdings
    if holdings is not None:
        return holdings.installation
    interpreter = scene.catalog.interpreter
    return read_installed(interpreter.sites, interpreter.suffixes)
