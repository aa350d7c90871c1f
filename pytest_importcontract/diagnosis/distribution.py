"""Why the image does not have a distribution, and what would bring it there."""

from __future__ import annotations

from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.shipment.distributions.declared import Part
from pytest_importcontract.shipment.distributions.distributions import LeftOut
from pytest_importcontract.shipment.holdings import Holdings


def explain_module(scene: Scene, module: str) -> Explanation | None:
    """Why a module is missing that an absent distribution has; None where that is not why."""
    holdings = scene.shipment.ground.holdings
    if holdings is None or scene.catalog.is_first_party(module):
        return None
    owners = holdings.owners(module)
    if not owners or any(map(holdings.holds, owners)):
        return None
    rules, _ = scene.rules_for(module)
    return explain(scene, holdings, owners[0], module, rules=rules)


def explain(
    scene: Scene, holdings: Holdings, name: str, module: str, *, rules: tuple[str, ...] = ()
) -> Explanation:
    """Why the distribution `name`, of which `module` is, is no sure part of the image."""
    whose = "" if name == module else f"{module} is part of {name}: "
    text, fixes = _reason(scene, holdings, name)
    return Explanation.of(("distribution", name), f"{whose}{text}", fixes=fixes, rules=rules)


def _reason(scene: Scene, holdings: Holdings, name: str) -> tuple[str, list[str]]:
    image = scene.shipment.image
    dockerfile = image.dockerfile if image is not None else ""
    maker = dockerfile or scene.at("ships")
    place = holdings.manifest(dockerfile)
    add = f"add {name} to {place}" if place else f"install {name} in {maker}"
    found = holdings.distributions.found.get(name)
    if found is not None:
        needs = found.chain[-2] if len(found.chain) > 1 else name
        text = f"{name} is installed only because {needs} needs it ({found.root.line})"
        return text, [add]
    left = holdings.left_out(name)
    ships = scene.service.ships
    if left is None and ships is not None and ships.requirements:
        at = scene.at("ships", "requirements")
        return f"nothing that ships.requirements ({at}) names brings {name}", [add]
    if left is None:
        return f"nothing that {maker} installs brings {name}", [add]
    return _left(left, name, maker, add)


def _left(left: LeftOut, name: str, maker: str, add: str) -> tuple[str, list[str]]:
    declared, cause = left.declared, left.cause
    part = f"only in {declared.part} {declared.group} " if declared.part is not Part.MAIN else ""
    text = f"{name} is declared {part}({declared.line})"
    if cause is None:
        text += f", which nothing in {maker} installs"
        return text, [add, f"or install {declared.line.file} as well"]
    text += f", which {cause.line} leaves out: {cause.text}"
    if not part:
        return text, [f"let {cause.line} install it"]
    place = declared.line.file
    fix = f"move {name} to the dependencies that are always installed ({place})"
    return text, [fix, f"or install {declared.part} {declared.group} ({cause.line})"]
