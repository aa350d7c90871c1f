"""MANIFEST.in: which files setuptools counts as the project's.

Source: https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html#using-manifest-in
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from fnmatch import fnmatchcase

from pytest_importcontract.shipment.project.declared.patterns import fits


def included(path: str, lines: Iterable[str]) -> bool:
    """Whether the file is the project's; the last command that fits decides.

    Args:
        path: relative to the project's folder.
        lines: the commands of MANIFEST.in.
    """
    result = False
    for line in lines:
        words = line.partition("#")[0].split()
        if len(words) > 1 and _fits(path, words[0], words[1:]):
            result = words[0] in ("include", "recursive-include", "global-include", "graft")
    return result


def _fits(path: str, command: str, words: list[str]) -> bool:
    name = posixpath.basename(path)
    match command:
        case "include" | "exclude":
            return any(_is(path, word) for word in words)
        case "global-include" | "global-exclude":
            return any(fnmatchcase(name, word) for word in words)
        case "graft" | "prune":
            return any(fits(path, word) for word in words)
        case "recursive-include" | "recursive-exclude":
            below = fits(path, words[0])
            return below and any(fnmatchcase(name, posixpath.basename(word)) for word in words[1:])
    return False


def _is(path: str, pattern: str) -> bool:
    """Whether the pattern fits the whole path; ``*`` stops at a slash."""
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)
