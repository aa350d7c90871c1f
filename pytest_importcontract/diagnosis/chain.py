"""The way from an entrypoint to the line that fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.observe.facts import Failure, Frame, Link

_LONGEST = 40  # hops; the middle of a longer chain is a matter of numbers


def root_of(failure: Failure) -> int:
    """Which of the failure's links is where the trouble began.

    ``raise … from`` says so itself. An exception raised while another was handled counts as its
    consequence only when the handler raised it on the spot, in the code that met an ImportError:
    ``except ImportError: raise RuntimeError("install it")``. An error in the handler's own work,
    or a second import that was tried instead, is a cause of its own.
    """
    links = failure.links
    index = 0
    while index + 1 < len(links):
        current, deeper = links[index], links[index + 1]
        if deeper.relation == "context" and not _is_on_the_spot(current, deeper):
            break
        index += 1
    return index


def _is_on_the_spot(current: Link, deeper: Link) -> bool:
    if current.is_a("ImportError") or not deeper.is_a("ImportError"):
        return False
    if not current.frames or not deeper.frames:
        return False
    return _same_code(current.frames[-1], deeper.frames[0])


def _same_code(one: Frame, other: Frame) -> bool:
    return one.place.file == other.place.file and one.function == other.function


def way_to(failure: Failure, index: int) -> tuple[Frame, ...]:
    """The frames from the outside to where link `index` was raised."""
    frames: tuple[Frame, ...] = ()
    for link in failure.links[: index + 1]:
        if not link.frames:
            continue
        first = link.frames[0]
        met = [i for i, frame in enumerate(frames) if _same_code(frame, first)]
        frames = frames[: met[-1]] + link.frames if met else link.frames
    return frames


def hops(
    frames: Sequence[Frame], statement: Callable[[Frame], str], tail: Sequence[Hop] = ()
) -> tuple[Hop, ...]:
    """The frames as lines: first-party ones each, runs of others folded into one.

    Args:
        frames: outermost first.
        statement: the source text of the line at which a frame stands.
        tail: hops that follow the frames.
    """
    last = len(frames) - 1
    lines: list[Hop] = []
    foreign: list[Frame] = []
    for index, frame in enumerate(frames):
        if not frame.first_party and index != last:
            foreign.append(frame)
            continue
        if foreign and lines:
            lines.append(_folded(foreign))
        foreign = []
        text = _step(frames[index + 1]) if index < last else statement(frame)
        lines.append(Hop(file=frame.place.file, line=frame.place.line, text=text))
    lines = [*lines, *tail]
    if len(lines) > _LONGEST:
        half = _LONGEST // 2
        left_out = len(lines) - 2 * half
        lines = [*lines[:half], Hop(text=f"… {left_out} more steps …"), *lines[-half:]]
    return tuple(lines)


def _step(following: Frame) -> str:
    if following.is_module_level:
        return f"imports {following.module or following.place.file}"
    return f"calls {following.function}()"


def _folded(frames: Sequence[Frame]) -> Hop:
    tops = dict.fromkeys(f.module.partition(".")[0] for f in frames if f.module)
    count = len(frames)
    steps = f"{count} step{'s' if count > 1 else ''}"
    return Hop(text=f"… {steps} in {', '.join(tops) or 'other code'} …")


def cycle(frames: Sequence[Frame], module: str) -> tuple[str, ...]:
    """The modules that wait for each other, when importing `module` again closes the circle."""
    names = [frame.module for frame in frames if frame.is_module_level]
    if module not in names:
        return ()
    return (*dict.fromkeys(names[names.index(module) :]), module)
