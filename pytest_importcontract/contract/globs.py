"""Glob patterns over dotted names and over paths, one meaning for both.

A pattern is a row of components. ``*`` and ``?`` and ``[...]`` match inside one component, ``**``
stands for any number of components, none included. A leading ``!`` excludes. Of several patterns
the last one that matches decides, as in ignore files. Brackets read as in the standard library's
fnmatch: ``[!...]`` negates, a ``]`` that comes first stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Separator = Literal[".", "/"]

_WILD = frozenset("*?[")
_RANGE = re.compile(r"\[(?P<negates>!?+)(?P<body>.[^\]]*)\]", re.DOTALL)
_SPAN = re.compile(r"(?P<low>.)-(?P<high>.)|(?P<one>.)", re.DOTALL)
_NO_MODULE = re.compile(r"[\s:/\\]")


class GlobError(ValueError):
    """A pattern that cannot be read; the message says why, without the pattern itself."""


@dataclass(frozen=True)
class Glob:
    """One pattern, with or without its exclamation mark.

    Attributes:
        text: the pattern as written.
        separator: ``"."`` for module names, ``"/"`` for paths.

    Raises:
        GlobError: `text` cannot be read, or could never match a name of its kind.
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
        """The pattern's components, without the exclamation mark and without what says nothing."""
        body = self.text.removeprefix("!")
        if not body:
            raise GlobError("it is empty")
        if self.separator == ".":
            parts = body.split(".")
        else:
            parts = [part for part in body.rstrip("/").split("/") if part != "."] or ["**"]
        pairs = zip(parts, [None, *parts], strict=False)
        return tuple(part for part, before in pairs if not part == before == "**")

    @property
    def literal_prefix(self) -> tuple[str, ...]:
        """The leading components that hold no wildcard: where matches must lie."""
        prefix = []
        for component in self.components:
            if _WILD & set(component):
                break
            prefix.append(component)
        return tuple(prefix)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern as a regular expression for a whole name or path."""
        return re.compile(_translate(self.components, self.separator), re.DOTALL)

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

    @property
    def matches_everything(self) -> bool:
        """Whether nothing is left out: a lone ``**`` from which no later pattern takes away."""
        for pattern in reversed(self.patterns):
            if pattern.excludes:
                return False
            if pattern.components == ("**",):
                return True
        return False


def _translate(components: tuple[str, ...], separator: Separator) -> str:
    if components == ("**",):
        return ".*"
    sep = re.escape(separator)
    one = rf"[^{sep}]"
    parts: list[str] = []
    for index, component in enumerate(components):
        _check(component, separator)
        if component == "**":
            # A leading or middle ** swallows its separator, so that a/**/b matches a/b.
            parts.append(rf"(?:{sep}{one}+)*" if index else rf"(?:{one}+{sep})*")
            continue
        if index and not (index == 1 and components[0] == "**"):
            parts.append(sep)
        parts.append(_translate_component(component, sep))
    if separator == "/":
        parts.append("(?:/.*)?")  # a folder's name means everything in it
    return "".join(parts)


def _check(component: str, separator: Separator) -> None:
    if not component:
        raise GlobError("an empty component")
    if "**" in component and component != "**":
        raise GlobError(f"'**' must be a component of its own, not part of {component!r}")
    if separator == "/" and "\\" in component:
        raise GlobError("folders are separated by '/'")
    stray = _NO_MODULE.search(component) if separator == "." else None
    if stray:
        raise GlobError(f"no module's name holds {stray[0]!r}")


def _translate_component(component: str, sep: str) -> str:
    out = []
    position = 0
    while position < len(component):
        char = component[position]
        position += 1
        if char == "*":
            out.append(f"[^{sep}]*")
        elif char == "?":
            out.append(f"[^{sep}]")
        elif char == "[":
            found = _RANGE.match(component, position - 1)
            if found is None:
                raise GlobError("'[' without ']'")
            # A negated range would otherwise match the separator too.
            out.append(f"(?!{sep})[{'^' if found['negates'] else ''}{_spans(found['body'])}]")
            position = found.end()
        else:
            out.append(re.escape(char))
    return "".join(out)


def _spans(body: str) -> str:
    out = []
    for span in _SPAN.finditer(body):
        if span["one"] is not None:
            out.append(re.escape(span["one"]))
        elif span["low"] > span["high"]:
            raise GlobError(f"the range {span[0]} runs backwards")
        else:
            out.append(f"{re.escape(span['low'])}-{re.escape(span['high'])}")
    return "".join(out)
