"""A diagnosis as lines of text, for a width, with marks that a terminal may turn into colour."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_importcontract.diagnosis.model import Diagnosis, Hop

LEFT = 2  # columns before everything but the headline
_LABEL = 7  # columns of "cause", "rule", "fix"
_WIDEST_PLACE = 60
_LEAST_TEXT = 24
# C0 and C1 controls, marks and overrides of direction, line separators, what has no width, lone
# surrogates: nothing that steers a terminal or lets a name look like another.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_BREAKS = re.compile(r"[\t\n]")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line and its look, if any: ``headline``, ``error``, ``place``, ``label``."""

    text: str
    look: str = ""


Line = tuple[Span, ...]


def plain(lines: Sequence[Line]) -> str:
    """The lines without looks."""
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)


def safe(text: str) -> str:
    """The text with every character that could steer a terminal written out."""
    return _UNSAFE.sub(_written_out, text)


def safe_line(text: str) -> str:
    """The text as `safe`, on one line: a name with a line break in it forges no line of ours."""
    return _BREAKS.sub(_written_out, safe(text))


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def last_lines(text: str, count: int) -> str:
    """The text, of which no more than the last so many lines are shown."""
    lines = text.splitlines()
    if len(lines) <= count:
        return "\n".join(lines)
    return "\n".join([f"… {len(lines) - count} lines left out …", *lines[-count:]])


def located(hop: Hop, base: Path) -> str:
    """``file:line``, relative to `base` where that is shorter, as editors and terminals link it."""
    if not hop.file:
        return ""
    relative = os.path.relpath(hop.file, base)
    path = relative if len(relative) < len(hop.file) else hop.file
    return safe_line(f"{path}:{hop.line}" if hop.line else path)


def render(diagnosis: Diagnosis, width: int, base: Path) -> tuple[Line, ...]:
    """All of it: headline, error, chain, cause, rules, fixes.

    Args:
        diagnosis: what to say.
        width: columns of the terminal.
        base: folder that shown paths are relative to.
    """
    lines = [*_headline(diagnosis, width)]
    if diagnosis.error:
        lines += [(), *_error(diagnosis, width, base)]
    if diagnosis.hops:
        lines += [(), *chain(diagnosis.hops, width, base)]
    lines += [(), *labelled("cause", (diagnosis.cause.text,), width)]
    lines += labelled("rule", diagnosis.rules, width)
    lines += labelled("fix", diagnosis.fixes, width)
    related = [f"{located(hop, base)} {hop.text}" for hop in diagnosis.related]
    lines += labelled("see", related, width)
    lines += labelled("note", diagnosis.notes, width)
    return tuple(lines)


def render_short(diagnosis: Diagnosis, width: int, base: Path) -> tuple[Line, ...]:
    """Headline, error, failing line, cause and first fix."""
    lines = [*_headline(diagnosis, width), *_error(diagnosis, width, base)]
    if diagnosis.place:
        lines += chain((diagnosis.place,), width, base)
    lines += labelled("cause", (diagnosis.cause.text,), width)
    lines += labelled("fix", diagnosis.fixes[:1], width)
    return tuple(lines)


def render_known(diagnosis: Diagnosis, shown_at: str) -> tuple[Line, ...]:
    """One line for a failure whose cause has been shown."""
    text = f"{diagnosis.headline}: {one_line(diagnosis)}; its cause is shown at {shown_at}"
    return ((Span(safe_line(text)),),)


def one_line(diagnosis: Diagnosis) -> str:
    """The failure in a few words: its error, or what breaks the rule."""
    return safe_line((diagnosis.error or diagnosis.cause.text).split("\n")[0])


def _headline(diagnosis: Diagnosis, width: int) -> Iterator[Line]:
    text = f"{diagnosis.headline} {diagnosis.setting}".strip()
    for line in wrapped(safe_line(text), width):
        yield (Span(line, "headline"),)


def _error(diagnosis: Diagnosis, width: int, base: Path) -> Iterator[Line]:
    for text in (diagnosis.error, *diagnosis.led_to):
        text = text.replace(f"{base}{os.sep}", "")
        for line in safe(text).split("\n") if text else ():
            for part in wrapped(line, width - LEFT):
                yield (Span(" " * LEFT), Span(part, "error"))


def chain(hops: Sequence[Hop], width: int, base: Path) -> Iterator[Line]:
    """One chain, or several with a blank line between them.

    Places are in one column and what happens there beside them, or below where that is too wide.

    Args:
        hops: what to show, each on its line.
        width: columns of the terminal.
        base: folder that shown paths are relative to.
    """
    starts = [index for index, hop in enumerate(hops) if hop.begins and index]
    for start, end in zip([0, *starts], [*starts, len(hops)], strict=True):
        if start:
            yield ()
        yield from _column(hops[start:end], width, base)


def _column(hops: Sequence[Hop], width: int, base: Path) -> Iterator[Line]:
    places = [located(hop, base) for hop in hops]
    column = max((len(place) for place in places if len(place) <= _WIDEST_PLACE), default=0)
    column = column + 3 if width - LEFT - column - 3 >= _LEAST_TEXT else 0
    for hop, place in zip(hops, places, strict=True):
        text, label = safe_line(hop.text), f"[{safe_line(hop.label)}]" if hop.label else ""
        whole = f"{text}  {label}".rstrip()
        if not place:
            yield (Span(" " * LEFT), Span(whole))
        elif not whole:
            yield (Span(" " * LEFT), Span(place, "place"))
        elif column and len(place) < column and len(whole) <= width - LEFT - column:
            yield (
                Span(" " * LEFT),
                Span(place, "place"),
                Span(" " * (column - len(place))),
                Span(whole),
            )
        else:
            yield (Span(" " * LEFT), Span(place, "place"))
            room = width - LEFT - 4
            parts = [whole] if len(whole) <= room else [*wrapped(text, room), label]
            for part in filter(None, parts):
                yield (Span(" " * (LEFT + 4)), Span(part))


def labelled(label: str, texts: Sequence[str], width: int, column: int = _LABEL) -> Iterator[Line]:
    """Texts beside a label, wrapped, in a column of their own."""
    indent = LEFT + column
    for text in texts:
        for part in wrapped(safe_line(text), width - indent):
            if label:
                gap = " " * (column - len(label))
                yield (Span(" " * LEFT), Span(label, "label"), Span(gap), Span(part))
            else:
                yield (Span(" " * indent), Span(part))
            label = ""


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns; words are kept whole, also longer ones."""
    lines = textwrap.wrap(
        text,
        max(width, _LEAST_TEXT),
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
    return lines or [""]
