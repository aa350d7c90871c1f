"""What to tell of an effect that startup must not have."""

from __future__ import annotations

from typing import Final

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.diagnosis.chain import folded, hops, is_machinery, settled
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.model import Diagnosis, Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Effect, EffectKind

_WORDS: Final = {
    EffectKind.NETWORK: "uses the network",
    EffectKind.SUBPROCESS: "starts a process",
    EffectKind.WRITE: "writes files",
    EffectKind.THREAD: "starts a thread",
    EffectKind.PATH: "changes the import path",
    EffectKind.SIGNAL: "handles signals",
}
_HOOK = "the server's startup hook"
_FIXES: Final = {
    EffectKind.NETWORK: f"connect when the first request needs it, or in {_HOOK}",
    EffectKind.SUBPROCESS: "run it when its result is needed, or while the image is built",
    EffectKind.WRITE: f"write when there is something to write, or in {_HOOK}",
    EffectKind.THREAD: f"start it in {_HOOK}: a fork, as servers make for workers, has no threads",
    EffectKind.PATH: "name the folder in PYTHONPATH or runtime.paths instead",
    EffectKind.SIGNAL: "leave signals to the program that starts, whose handlers this replaces",
}


def diagnosis(scene: Scene, violation: Violation, effect: Effect) -> Diagnosis:
    """The way from the entrypoint to the line, what it does and what to do instead."""
    file, line = effect.place
    at = scene.at("startup", "forbid")
    forbidden = ", ".join(scene.service.startup.forbid)
    return Diagnosis(
        service=scene.service.name,
        check=violation.check,
        subject=violation.subject,
        headline=f"{scene.service.name} {_WORDS[effect.kind]} while it starts",
        hops=_hops(scene, effect),
        cause=Explanation.of(
            ("effect", effect.kind, file, str(line)),
            f"{scene.relative(file)}:{line} {effect.in_words}".replace(
                f"{scene.shipment.root}/", ""
            ),
        ).cause,
        rules=(f"startup.forbid ({at}): {forbidden}",),
        fixes=(_FIXES[effect.kind], f'or take "{effect.kind}" out of startup.forbid ({at})'),
        notes=("it was refused: the call raised PermissionError",)
        if effect.kind is EffectKind.NETWORK
        else (),
    )


def _hops(scene: Scene, effect: Effect) -> tuple[Hop, ...]:
    """The way to the line; what others' code does then is a matter of numbers."""
    frames = settled(effect.frames)
    ends = [index for index, frame in enumerate(frames, 1) if frame.first_party]
    end = ends[-1] if ends else len(frames)
    others = [frame for frame in frames[end:] if not is_machinery(frame)]
    return hops(frames[:end], scene.statement, [folded(others)] if others else [])
