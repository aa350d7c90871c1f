"""Patterns of file names as build backends read them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable


def ignored(path: str, lines: Iterable[str]) -> bool:
    """Whether a list of patterns in the manner of gitignore(5) takes the path in.

    The last pattern that fits decides, ``!`` takes back. A pattern without a slash before its end
    fits at every depth.

    Args:
        path: relative to the folder that the patterns are about.
        lines: the patterns.
    """
    result = False
    for line in lines:
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        negated = pattern.startswith("!")
        if _gitignore(pattern.removeprefix("!")).match(path):
            result = not negated
    return result


def fits(path: str, pattern: str) -> bool:
    """Whether a glob that starts at the project's folder fits the path or a folder above it."""
    return bool(_anchored(pattern.strip("/").removeprefix("./")).match(path))


@functools.cache
def _gitignore(pattern: str) -> re.Pattern[str]:
    deep = "/" not in pattern.rstrip("/")
    below = "/.*" if pattern.endswith("/") else "(?:/.*)?"
    return re.compile(
        ("(?:.*/)?" if deep else "") + _translated(pattern.strip("/")) + below + r"\Z", re.DOTALL
    )


@functools.cache
def _anchored(pattern: str) -> re.Pattern[str]:
    return re.compile(_translated(pattern) + r"(?:/.*)?\Z", re.DOTALL)


def _translated(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    translated = []
    for part in parts:
        if part in meaning:
            translated.append(meaning[part])
        elif part.startswith("[") and part.endswith("]") and len(part) > 2:
            inner = re.escape(part[1:-1].removeprefix("!")).replace(r"\-", "-")
            translated.append(f"[{'^' if part[1] == '!' and len(part) > 3 else ''}{inner}]")
        else:
            translated.append(re.escape(part))
    try:
        re.compile("".join(translated))
    except re.error:  # a range that runs backwards
        return re.escape(pattern)
    return "".join(translated)
