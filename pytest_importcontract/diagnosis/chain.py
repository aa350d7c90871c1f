"""The way from an entrypoint to the line that fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.observe.facts import Failure, Frame, Link

_LONGEST = 40  # hops; the middle of a longer chain is a matter of numbers
_TEXT = "(text that is compiled and executed)"
_AGAIN = Hop(text="… again and again …")
_ENVIRONMENT = frozenset({"__getitem__", "__delitem__"})
_INNER = {
    "<lambda>": "calls a lambda",
    "<listcomp>": "runs a comprehension",
    "<setcomp>": "runs a comprehension",
    "<dictcomp>": "runs a comprehension",
    "<genexpr>": "runs a generator expression",
}


def root_of(failure: Failure, statement: Callable[[Frame], str]) -> int:
    """Which of the failure's links is where the trouble began.

    ``raise … from`` says so itself, and so does a group of its member. An exception raised while
    another was handled counts as its consequence only when the handler raised it on the spot, in
    the code that met an ImportError or a variable that is not set: ``except ImportError: raise
    RuntimeError("install it")``. An error in the handler's own work, or a second import that was
    tried instead, is a cause of its own.

    Args:
        failure: the exceptions.
        statement: the source text of the line at which a frame stands; empty where unknown.
    """
    links = failure.links
    index = 0
    while index + 1 < len(links):
        current, deeper = links[index], links[index + 1]
        if deeper.relation == "context" and not _is_on_the_spot(current, deeper, statement):
            break
        index += 1
    return index


def branches(failure: Failure, statement: Callable[[Frame], str]) -> tuple[Failure, ...]:
    """The failure once for each member of the exception group where it began; else itself."""
    index = root_of(failure, statement)
    group = failure.links[index]
    if not group.members:
        return (failure,)
    before = (*failure.links[:index], dataclasses.replace(group, members=()))
    found: list[Failure] = []
    for first, *deeper in group.members:
        member = dataclasses.replace(first, relation="member")
        found += branches(dataclasses.replace(failure, links=(*before, member, *deeper)), statement)
    return tuple(found)


def asks_environment(frames: Sequence[Frame]) -> bool:
    """Whether the last step is ``os.environ[…]``."""
    last = frames[-1] if frames else None
    return last is not None and last.module == "os" and last.function in _ENVIRONMENT


def _is_on_the_spot(current: Link, deeper: Link, statement: Callable[[Frame], str]) -> bool:
    if current.is_a("ImportError") or not current.frames or not deeper.frames:
        return False
    if not deeper.is_a("ImportError") and not asks_environment(deeper.frames):
        return False
    last = current.frames[-1]
    text = statement(last)
    raised = not text or text.startswith("raise") or current.is_a("SystemExit")
    return raised and _same_code(last, deeper.frames[0])


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
    return settled(frames)


def settled(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """The frames, of which those of text that code executes belong to that code's owner."""
    found: list[Frame] = []
    for frame in frames:
        if found and is_text(frame):
            frame = dataclasses.replace(frame, first_party=found[-1].first_party)
        found.append(frame)
    return tuple(found)


def is_text(frame: Frame) -> bool:
    """Whether the code lies in no file: ``exec`` and its like have compiled it."""
    return frame.place.file.startswith("<")


def own_line(frames: Sequence[Frame]) -> Frame | None:
    """The last step in a file of the service's own; None where there is none."""
    own = (frame for frame in reversed(frames) if frame.first_party and not is_text(frame))
    return next(own, None)


def is_machinery(frame: Frame) -> bool:
    """Whether the step has nothing to show: who took it, and with what, is what counts."""
    by_name = frame.module == "importlib" and frame.function == "import_module"
    return by_name or frame.place.file.startswith("<frozen ")


def _is_generated(frame: Frame) -> bool:
    """Whether the step is a function that a library has written, as a dataclass's ``__init__``."""
    return is_text(frame) and not frame.is_module_level


def hops(
    frames: Sequence[Frame], statement: Callable[[Frame], str], tail: Sequence[Hop] = ()
) -> tuple[Hop, ...]:
    """The frames as lines: first-party ones each, runs of others folded into one.

    Args:
        frames: outermost first.
        statement: the source text of the line at which a frame stands.
        tail: hops that follow the frames.
    """
    frames = [frame for frame in frames if not is_machinery(frame)]
    frames = [f for i, f in enumerate(frames, 1) if i == len(frames) or not _is_generated(f)]
    last = len(frames) - 1
    lines: list[Hop] = []
    others: list[Frame] = []
    for index, frame in enumerate(frames):
        if not frame.first_party and index != last:
            others.append(frame)
            continue
        if others and lines:
            lines.append(folded(others))
        others = []
        text = _TEXT if is_text(frame) else statement(frame)
        if index < last:
            text = _step(frames[index + 1], text)
        foreign = not frame.first_party or is_text(frame)
        place = frame.place
        lines.append(Hop(file=place.file, line=place.line, text=text, foreign=foreign))
    lines = _without_repeats([*lines, *tail])
    if len(lines) > _LONGEST:
        half = _LONGEST // 2
        lines = [*lines[:half], Hop(text="… more steps …"), *lines[-half:]]
    return tuple(lines)


def _without_repeats(lines: Sequence[Hop]) -> list[Hop]:
    """A recursion shows once."""
    kept: list[Hop] = []
    for hop in lines:
        if kept and kept[-1] == hop:
            kept.append(_AGAIN)
        elif not (kept and kept[-1] == _AGAIN and kept[-2] == hop):
            kept.append(hop)
    return kept


def _step(following: Frame, text: str) -> str:
    if following.is_module_level and is_text(following):
        return text or "executes text"
    if following.is_module_level:
        return f"imports {following.module or following.place.file}"
    if text.startswith("class ") and following.function in text:
        return f"runs the body of class {following.function}"
    return _INNER.get(following.function, f"calls {following.function}()")


def folded(frames: Sequence[Frame]) -> Hop:
    """One line for steps in others' code."""
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
