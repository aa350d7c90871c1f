"""Which variables a service asks for when it starts, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pytest_importcontract.diagnosis.inventory import Inventory, Variable
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Observation, Variables


def survey(scene: Scene, seen: Iterable[Observation], known: Variables) -> Inventory:
    """What the starts of a service asked for, and what its source needs whenever it runs.

    Args:
        scene: the service's surroundings.
        seen: one start of each entrypoint.
        known: what is known of its variables without a start.
    """
    seen = tuple(seen)
    added = {name for each in seen for name in each.added}
    found: dict[str, Variable] = {}
    reads = [read for each in seen for read in each.reads]
    for read in sorted(reads, key=lambda read: (not read.first_party, not read.needed)):
        if read.name not in found:
            found[read.name] = Variable(
                name=read.name,
                needed=read.first_party and (read.needed or read.name in known.needed),
                origin=_origin(scene, read.name, added),
                hop=Hop(file=read.place.file, line=read.place.line, text=read.name),
                reader=read.reader or Path(read.place.file).name,
                first_party=read.first_party,
            )
    for name, place in known.needed.items():
        if name not in found:
            found[name] = Variable(
                name=name,
                needed=True,
                origin=_origin(scene, name, added),
                hop=Hop(file=place.file, line=place.line, text=name),
                reader=scene.module_of(place.file),
                first_party=True,
            )
    ended = tuple((each.target.text, each.outcome.said) for each in seen if not each.outcome.ok)
    variables = tuple(found[name] for name in sorted(found))
    return Inventory(service=scene.service.name, variables=variables, ended=ended)


def _origin(scene: Scene, name: str, added: Iterable[str]) -> str:
    """What sets a variable, in the order in which one counts more than the other."""
    runtime, image = scene.service.runtime, scene.shipment.image
    if name in runtime.env:
        return f"runtime.env ({scene.at('runtime', 'env', name)})"
    if name in scene.shipment.env:
        if name in runtime.pass_env and name in scene.caller:
            at = scene.at("runtime", "pass_env", runtime.pass_env.index(name))
            return f"pass_env ({at})" + (f" or {runtime.env_file}" if runtime.env_file else "")
        return runtime.env_file
    if name in scene.variables:
        named = image is not None and name in image.stage.env
        return f"ENV in {image.dockerfile}" if image is not None and named else "every image"
    return f"{scene.service.name} itself" if name in added else ""
