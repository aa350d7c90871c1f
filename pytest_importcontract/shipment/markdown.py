"""A Markdown file's headings, and the Python code that stands below them.

Read by markdown-it-py as CommonMark (https://spec.commonmark.org/0.31.2/), so that code within
comments, indented code and code of other languages is told apart as it is when the file is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_LANGUAGES = frozenset({"python", "python3", "py", "py3", "pycon"})
_WORD = re.compile(r"[\w+#.-]*")
# YAML that site generators put first; as CommonMark it would be a heading.
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_CONTAINERS = ("blockquote", "list_item")
_BREAKS = ("softbreak", "hardbreak")


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A heading.

    Attributes:
        text: its text without markup.
        line: 1-based.
        level: from 1 to 6.
    """

    text: str
    line: int
    level: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A fenced block of Python code.

    Attributes:
        lines: the code.
        line: where its first line stands, 1-based.
        headings: those that it stands below, outermost first.
    """

    lines: tuple[str, ...]
    line: int
    headings: tuple[Heading, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What is of interest in a Markdown file.

    Attributes:
        headings: all of them, in order.
        codes: its blocks of Python code, in order.
    """

    headings: tuple[Heading, ...]
    codes: tuple[Code, ...]


def read_page(text: str) -> Page:
    """Read Markdown.

    Raises:
        ImportError: markdown-it-py is not installed.
    """
    from markdown_it import MarkdownIt

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(text)
    if front is not None:
        text = "\n" * front[0].count("\n") + text[front.end() :]
    headings: list[Heading] = []
    codes: list[Code] = []
    around: list[tuple[Heading, ...]] = []
    above: tuple[Heading, ...] = ()
    tokens = MarkdownIt("commonmark").parse(text)
    for number, token in enumerate(tokens):
        name, _, part = token.type.rpartition("_")
        first = token.map[0] if token.map else 0
        if name in _CONTAINERS and part == "open":
            around.append(above)
        elif name in _CONTAINERS and part == "close":
            above = around.pop()  # a heading in a quotation or list ends with it
        elif token.type == "heading_open":
            text, level = _plain(tokens[number + 1]), int(token.tag[1:])
            heading = Heading(text=text, line=first + 1, level=level)
            headings.append(heading)
            above = (*(one for one in above if one.level < heading.level), heading)
        elif token.type == "fence" and _language(token.info) in _LANGUAGES:
            lines = tuple(token.content.split("\n"))
            codes.append(Code(lines=lines, line=first + 2, headings=above))
    return Page(headings=tuple(headings), codes=tuple(codes))


def _language(info: str) -> str:
    match = _WORD.match(info.strip())
    return match[0].lower() if match else ""


def _plain(inline: Token) -> str:
    return " ".join("".join(_texts(inline.children or ())).split())


def _texts(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in _BREAKS:
            yield " "
        elif token.type == "image":
            yield from _texts(token.children or ())
        elif token.type != "html_inline":
            yield token.content
