"""What shell text is made of: words, commands and what joins them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Literal characters; quoted ones are no pattern and are not split."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter expansion.

    Attributes:
        name: a variable's name, a position's digits, or one of ``@*#?$!-0``.
        operation: ``""``, ``"length"`` for ``${#X}``, or what follows the name, such as ``:-``.
        argument: the word after the operation.
        quoted: whether it stands between double quotes.
        raw: as written.
    """

    name: str
    operation: str
    argument: Word
    quoted: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(commands)`` or the same in backticks."""

    body: tuple[Item, ...]
    quoted: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that cannot be known without running it, and what it is called."""

    raw: str
    what: str


Part = Text | Variable | Substitution | Opaque
Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirection:
    """A redirection: ``operator`` as written, and its target or, for ``<<``, the text itself."""

    operator: str
    descriptor: str
    target: Word


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name=value`` or ``name+=value`` in front of a command."""

    name: str
    value: Word
    appends: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """A simple command."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Group:
    """``{ …; }``, or ``( … )`` where `subshell`."""

    body: tuple[Item, ...]
    subshell: bool


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what follows each, and the ``else``."""

    branches: tuple[tuple[tuple[Item, ...], tuple[Item, ...]], ...]
    otherwise: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """``while`` or ``until``."""

    condition: tuple[Item, ...]
    body: tuple[Item, ...]
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words``; `words` is None for the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """``case subject in (patterns) body ;; … esac``."""

    subject: Word
    items: tuple[tuple[tuple[Word, ...], tuple[Item, ...]], ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function's definition."""

    name: str
    body: Compound


@dataclass(frozen=True, slots=True)
class Compound:
    """Any command but a simple one, with its redirections."""

    what: Group | If | Loop | For | Case | Function | Opaque
    redirections: tuple[Redirection, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by ``|``; `negated` by ``!``."""

    commands: tuple[Plain | Compound, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Item:
    """Pipelines joined by ``&&`` and ``||`` (the first one's connector is empty)."""

    parts: tuple[tuple[str, Pipeline], ...]
    background: bool
