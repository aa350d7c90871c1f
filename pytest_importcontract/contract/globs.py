"""Glob patterns over dotted names and over paths, one meaning for both.

A pattern is a row of components. ``*`` and ``?`` and ``[...]`` match inside one component, ``**``
stands for any number of components, none included. A leading ``!`` excludes. Of several patterns
the last one that matches decides, as in ignore files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Separator = Literal[".", "/"]


class GlobError(ValueError):
    """A pattern that cannot be read; the message says why, without the pattern itself."""


@dataclass(frozen=True)
class Glob:
    """One pattern, with or without its exclamation mark.

    Attributes:
        text: the pattern as written.
        separator: ``"."`` for module names, ``"/"`` for paths.
    """

    text: str
    separator: Separator

    def __post_init__(self) -> None:
        _ = self.regex

    @property
    def excludes(self) -> bool:
        """Whether the pattern takes matches away."""
        return self.text.startswith("!")

    @cached_property
    def components(self) -> tuple[str, ...]:
        """The pattern's components, without the exclamation mark."""
        body = self.text.removeprefix("!")
        if self.separator == "/":
            body = body.removeprefix("./").rstrip("/") or "**"
        parts = body.split(self.separator)
        return tuple(  # ** ** says no more than **
            part for index, part in enumerate(parts) if part != "**" or parts[:index][-1:] != ["**"]
        )

    @property
    def literal_prefix(self) -> tuple[str, ...]:
        """The leading components that hold no wildcard: where matches must lie."""
        prefix = []
        for component in self.components:
            if set(component) & set("*?["):
                break
            prefix.append(component)
        return tuple(prefix)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern as a regular expression for a whole name or path."""
        return re.compile(_translate(self.components, self.separator))

    def matches(self, text: str) -> bool:
        """Whether `text`, a dotted name or a relative POSIX path, fits the pattern."""
        return self.regex.fullmatch(text) is not None


@dataclass(frozen=True)
class Globs:
    """Several patterns in order; the last one that matches decides.

    Attributes:
        patterns: the patterns, in the order written.
    """

    patterns: tuple[Glob, ...] = field(default=())

    @classmethod
    def parse(cls, texts: tuple[str, ...], separator: Separator) -> Globs:
        """Read patterns.

        Raises:
            GlobError: for the first pattern that cannot be read.
        """
        return cls(tuple(Glob(text, separator) for text in texts))

    def match(self, text: str) -> Glob | None:
        """The pattern that includes `text`, or None when none does or a later one excludes it."""
        for pattern in reversed(self.patterns):
            if pattern.matches(text):
                return None if pattern.excludes else pattern
        return None

    def matches(self, text: str) -> bool:
        """Whether `text` is included."""
        return self.match(text) is not None


def _translate(components: tuple[str, ...], separator: Separator) -> str:
    sep = re.escape(separator)
    one = rf"[^{sep}]"
    parts: list[str] = []
    for index, component in enumerate(components):
        if not component:
            raise GlobError("an empty component")
        if component == "**":
            # A leading or middle ** swallows its separator, so that a/**/b matches a/b.
            last = index == len(components) - 1
            parts.append(rf"(?:{sep}{one}+)*" if index else rf"(?:{one}+{sep})*")
            if last and not index:
                parts[-1] = ".*"
            continue
        if "**" in component:
            raise GlobError(f"'**' must be a component of its own, not part of {component!r}")
        if index and not (index == 1 and components[0] == "**"):
            parts.append(sep)
        parts.append(_translate_component(component, one))
    if separator == "/":
        parts.append("(?:/.*)?")  # a folder's name means everything in it
    return "".join(parts)


def _translate_component(component: str, one: str) -> str:
    out = []
    position = 0
    while position < len(component):
        char = component[position]
        position += 1
        if char == "*":
            out.append(f"{one}*")
        elif char == "?":
            out.append(one)
        elif char == "[":
            end = component.find("]", position + 1)
            if end < 0:
                raise GlobError("'[' without ']'")
            body = component[position:end].replace("\\", "\\\\").replace("[", "\\[")
            body = "^" + body[1:] if body.startswith("!") else body.replace("^", "\\^")
            try:
                re.compile(f"[{body}]")
            except re.error:
                raise GlobError(f"the range [{component[position:end]}] is not one") from None
            out.append(f"[{body}]")
            position = end + 1
        else:
            out.append(re.escape(char))
    return "".join(out)
