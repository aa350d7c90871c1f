"""What a contract's rules about code say to an import that a diagnosis advises."""

from __future__ import annotations

from pytest_importcontract.checks.allowed_roots import is_allowed
from pytest_importcontract.contract.model import Integration, is_within
from pytest_importcontract.diagnosis.bindings import imported_by
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Origin


def forbidding(scene: Scene, importer: str, module: str) -> Integration | None:
    """The integration that keeps `importer` from `module`; of nested ones the innermost."""
    found = (
        integration
        for integration in scene.service.integrations
        if is_within(module, integration.root) and not integration.permits(importer)
    )
    return max(found, key=lambda integration: len(integration.root), default=None)


def may_import(scene: Scene, importer: str, module: str) -> bool:
    """Whether no rule forbids the service's module `importer` to import `module`."""
    if forbidding(scene, importer, module) is not None:
        return False
    return _is_within_roots(scene, importer, module)


def allowance(scene: Scene, importer: str, module: str, unit: str) -> str:
    """What else of the contract must change for that import, as the end of a fix.

    Empty where nothing must; `unit` is the root that would have to be allowed.
    """
    integration = forbidding(scene, importer, module)
    if integration is not None:
        return f", and add the modules that import it to {_exempt(scene, integration)}"
    if _is_within_roots(scene, importer, module):
        return ""
    return f', and add "{unit}" to allowed_roots ({scene.at("allowed_roots")})'


def exemption(scene: Scene, integration: Integration) -> str:
    """The fix that lets the modules through that break an integration's rule."""
    return f"add these modules to {_exempt(scene, integration)}"


def door_needs_root(scene: Scene, integration: Integration) -> bool:
    """Whether a module that the integration leads through imports the root itself."""
    doors = filter(integration.through.matches, scene.catalog.shipped)
    return any(
        is_within(name, integration.root)
        for door in doors
        for name in imported_by(scene.catalog, door)
    )


def _exempt(scene: Scene, integration: Integration) -> str:
    index = scene.service.integrations.index(integration)
    return f'exempt of integration "{integration.name}" ({scene.at("integrations", index)})'


def _is_within_roots(scene: Scene, importer: str, module: str) -> bool:
    if scene.service.allowed_roots is None:
        return True
    ours = scene.catalog.is_first_party(module)
    origin = Origin.FIRST_PARTY if ours else Origin.THIRD_PARTY
    return is_allowed(scene.service, importer, module, origin)
