"""What ``echo`` and ``printf`` print."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{1,2}|0?[0-7]{1,3}|.)", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\"}
_DIRECTIVE = re.compile(r"%(?:%|[sbd])|%")
_ROUNDS = 1000


def printed(name: str, words: Sequence[str], *, escapes: bool) -> bytes | None:
    """The output of ``echo`` or ``printf``; None where it is not known.

    Args:
        name: which of the two.
        words: the arguments.
        escapes: whether ``echo`` reads backslashes without ``-e`` and knows no ``-e``, as dash's.
    """
    text = _printf(words) if name == "printf" else _echo(list(words), escapes=escapes)
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _echo(words: list[str], *, escapes: bool) -> str:
    end = "\n"
    options = r"-n" if escapes else r"-[neE]+"
    while words and re.fullmatch(options, words[0]):
        option = words.pop(0)
        end = "" if "n" in option else end
        if not escapes:
            escapes = "e" in option and not option.endswith("E")
    text = " ".join(words)
    if escapes:
        text, stop, _ = text.partition("\\c")
        return _unescape(text) + ("" if stop else end)
    return text + end


def _printf(words: Sequence[str]) -> str | None:
    if words[:1] == ["--"] or words[:1] == ("--",):
        words = words[1:]
    if not words:
        return None
    form, *values = words
    directives = _DIRECTIVE.findall(form)
    takes = sum(directive not in ("%%", "%") for directive in directives)
    if "%" in directives:
        return None  # a width, a precision, another type
    todo = values[::-1]
    out = []
    for _ in range(_ROUNDS):
        pieces = _DIRECTIVE.split(form)
        for piece, directive in zip(pieces, [*directives, ""], strict=True):
            out.append(_unescape(piece))
            if directive == "%%":
                out.append("%")
            elif directive:
                value = todo.pop() if todo else ""
                out.append(
                    _unescape(value) if directive == "%b" else value or "0" * (directive == "%d")
                )
        if not todo or not takes:
            return "".join(out)
    return None


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_one, text)


def _one(match: re.Match[str]) -> str:
    body = match[0][1:]
    if body in _NAMED:
        return _NAMED[body]
    if body[0] == "x" and len(body) > 1:
        return chr(int(body[1:], 16))
    if body.isdigit():
        return chr(int(body, 8) & 0xFF)
    return match[0]
