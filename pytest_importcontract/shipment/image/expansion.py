"""Variables in a Dockerfile: ARG, ENV and the words that use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from e2b_dockerfile_utils import ShellLex

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_LONGEST = 20_000  # characters that variables may blow up a word to

_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm",
    "i386": "386",
    "i686": "386",
}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
ALWAYS_ARGS = frozenset([*_PROXIES, *map(str.lower, _PROXIES)])
"""Build arguments that need no ARG line."""


class WordError(ValueError):
    """A word that cannot be expanded; the message says why."""


class Scope(dict[str, str]):
    """Variables by name, which remembers the names that it was asked for in vain."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.unknown: list[str] = []

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a variable."""
        if name not in self:
            self.unknown.append(name)
        return super().get(name, default)


def expand(text: str, scope: Mapping[str, str], escape: str, *, quotes: bool = True) -> str:
    """A word with its variables put in and its quotes taken off, as Docker does it.

    Args:
        text: the word; the result is one word too, whatever its variables hold.
        scope: variables by name; unknown ones are empty.
        escape: the Dockerfile's escape character.
        quotes: whether quotes have a meaning; they have none in a heredoc.

    Raises:
        WordError: quotes or braces do not match, or ``${NAME:?text}`` says so.
    """
    lex = ShellLex(escape, env=scope, skip_unset_env=False, skip_process_quotes=not quotes)
    try:
        value = lex.process_word(text)
    except ValueError as error:
        raise WordError(str(error).rpartition(": ")[2]) from None
    if len(value) > max(_LONGEST, len(text)):
        raise WordError(f"its variables make it longer than {_LONGEST} characters")
    return value


def platform_args(architecture: str) -> dict[str, str]:
    """The build arguments that Docker itself sets for a machine such as ``x86_64``."""
    name = _ARCHITECTURES.get(architecture.lower(), architecture.lower())
    values = {}
    for side in ("TARGET", "BUILD"):
        values[f"{side}PLATFORM"] = f"linux/{name}"
        values[f"{side}OS"] = "linux"
        values[f"{side}ARCH"] = name
        values[f"{side}VARIANT"] = ""
    return values
