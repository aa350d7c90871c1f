"""Code that imports what a rule keeps it from."""

from __future__ import annotations

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.missing_module import (
    admission,
    alternatives,
    through_the_door,
)
from pytest_importcontract.diagnosis.model import Diagnosis, Hop
from pytest_importcontract.diagnosis.rules import exemption
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.ways import lines, ways


def outside_roots(scene: Scene, violation: Violation) -> Diagnosis:
    """Imports of a root that the contract does not allow."""
    roots = ", ".join(scene.service.allowed_roots or ())
    rules, integration = scene.rules_for(violation.root)
    if integration is not None:
        let = f"{exemption(scene, integration)}{admission(scene, integration.root)}"
        fixes = [through_the_door(scene, integration), let]
    else:
        allow = f'add "{violation.root}" to allowed_roots ({scene.at("allowed_roots")})'
        fixes = ["do not import it", f"{allow}{admission(scene, violation.root)}"]
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=f"{scene.service.name} uses {violation.root}, which is no allowed root",
        hops=_hops(scene, violation),
        cause=Explanation.of(
            ("boundary", violation.root),
            f"{_imports(violation)} of {violation.root} from outside allowed_roots",
        ).cause,
        rules=(f"allowed_roots ({scene.at('allowed_roots')}): {roots}", *rules),
        fixes=tuple(alternatives(fixes)),
    )


def past_integration(scene: Scene, violation: Violation) -> Diagnosis:
    """Imports of an integration's root by modules that it does not let through."""
    rules, integration = scene.rules_for(violation.root)
    if integration is None:
        raise ValueError(f"no integration for {violation.root}")
    doors = integration.doors
    index = [i.name for i in scene.service.integrations].index(violation.subject)
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=f"{scene.service.name} reaches {violation.root} past {doors}",
        hops=_hops(scene, violation),
        cause=Explanation.of(
            ("boundary", violation.root),
            f"{_imports(violation)} of {violation.root} past the integration",
        ).cause,
        rules=tuple(f"{rule} ({scene.at('integrations', index)})" for rule in rules),
        fixes=(through_the_door(scene, integration),),
    )


def _hops(scene: Scene, violation: Violation) -> tuple[Hop, ...]:
    if violation.routes is None:
        return lines(scene, violation.edges)
    return ways(scene, violation.edges, violation.routes)


def _imports(violation: Violation) -> str:
    count = len({edge.place for edge in violation.edges})
    return f"{count} direct import{'s' if count != 1 else ''}"
