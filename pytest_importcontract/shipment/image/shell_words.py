"""What the words of shell text stand for, given the variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate

from pytest_importcontract.shipment.image.shell_tree import (
    Item,
    Opaque,
    Part,
    Substitution,
    Text,
    Variable,
    Word,
)

_LENGTH = 50_000
_TRIMMED = 2_000
_GLOB = re.compile(r"([*?[])")
_BRACES = re.compile(r"\{([^{}\s]*)\}")


class Unknown:
    """The value of a variable that was set to something that cannot be known."""


UNKNOWN = Unknown()

Value = str | Unknown | None
"""What a variable holds; None where it was unset."""


@dataclass(slots=True)
class Variables:
    """The variables of a shell.

    Attributes:
        values: by name; a name that is absent may still be set by what nobody described.
        arguments: the positional parameters, None where they are not known.
        name: what ``$0`` says.
    """

    values: dict[str, Value]
    arguments: tuple[str, ...] | None
    name: str

    def copy(self) -> Variables:
        """The same, to be changed on its own."""
        return Variables(dict(self.values), self.arguments, self.name)


@dataclass(slots=True)
class Findings:
    """What words could not be expanded with.

    Attributes:
        unknown: names of variables that have no known value.
        unread: what else could not be read, as words.
    """

    unknown: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.unknown or self.unread)


class Expander:
    """Expands words as a POSIX shell does, but for what cannot be known, which stays as written.

    Args:
        variables: the values; assigned to by ``${X:=…}``.
        output: what a command substitution prints, None where that is not known.
        bash: whether ``{a,b}`` would be expanded.
    """

    def __init__(
        self,
        variables: Variables,
        output: Callable[[tuple[Item, ...]], str | None],
        *,
        bash: bool,
    ) -> None:
        self._variables = variables
        self._output = output
        self._bash = bash
        self.findings = Findings()

    def fields(self, word: Word) -> list[str]:
        """What one word becomes: none, one or several arguments."""
        if self._variables.arguments == () and _is_all(word):
            return []
        done: list[str] = []
        current: str | None = None
        for number, part in enumerate(word):
            if isinstance(part, Text) and part.quoted:
                current = (current or "") + part.text
                continue
            if isinstance(part, Variable) and part.name == "@" and part.quoted:
                arguments = self._all(part)
                if arguments:
                    done.extend(((current or "") + arguments[0], *arguments[1:]))
                    current = done.pop()
                continue
            chosen = self._chosen(part)
            if chosen is not None:
                inner = self.fields(chosen)
                if inner:
                    done.extend(((current or "") + inner[0], *inner[1:]))
                    current = done.pop()
                continue
            value, known = self._value(part)
            if isinstance(part, Text):
                value = self._tilde(value) if number == 0 else value
                if self._bash and _has_braces(value):
                    self.findings.unread.append("braces")
            if isinstance(part, Opaque) or part.quoted or not known:
                current = (current or "") + value
                continue
            pieces = value.split()
            if value[:1].isspace() and current is not None:
                done.append(current)
                current = None
            if not pieces:
                continue
            done.extend(((current or "") + pieces[0], *pieces[1:]))
            current = None if value[-1].isspace() else done.pop()
        if current is not None:
            done.append(current)
        return done

    def text(self, word: Word) -> str:
        """What a word becomes where it is not split: in assignments, redirections, here-texts."""
        pieces = []
        for number, part in enumerate(word):
            if isinstance(part, Text):
                first = number == 0 and not part.quoted
                pieces.append(self._tilde(part.text) if first else part.text)
            else:
                pieces.append(self._value(part)[0])
        return self._bounded("".join(pieces), "")[0]

    def pattern(self, word: Word) -> re.Pattern[str]:
        """A word as the pattern of ``case`` or of ``${X#…}``."""
        pieces = []
        for part in word:
            if isinstance(part, Text):
                pieces.append(_GLOB.sub(r"[\1]", part.text) if part.quoted else part.text)
            else:
                value = self._value(part)[0]
                quoted = not isinstance(part, Opaque) and part.quoted
                pieces.append(_GLOB.sub(r"[\1]", value) if quoted else value)
        return re.compile(translate("".join(pieces)))

    def _chosen(self, part: Part) -> Word | None:
        """The word that an unquoted ``${X:-word}`` or ``${X:+word}`` stands for, if it does."""
        if not isinstance(part, Variable) or part.quoted or part.operation[-1:] not in ("-", "+"):
            return None
        value = self._lookup(part.name)
        if isinstance(value, Unknown):
            return None
        missing = value is None or (part.operation[0] == ":" and not value)
        return part.argument if missing is (part.operation[-1] == "-") else None

    def _tilde(self, text: str) -> str:
        if text != "~" and not text.startswith("~/"):
            return text
        home = self._variables.values.get("HOME")
        if not isinstance(home, str):
            self.findings.unknown.append("HOME")
            return text
        return home + text[1:]

    def _all(self, part: Variable) -> list[str]:
        if self._variables.arguments is None:
            if part.operation:
                return [self._value(part)[0]]
            self.findings.unknown.append("@")
            return [part.raw]
        if part.operation:
            value = self._value(part)[0]
            return [value] if value else []
        return list(self._variables.arguments)

    def _bounded(self, value: str, raw: str) -> tuple[str, bool]:
        if len(value) <= _LENGTH:
            return value, True
        self.findings.unread.append("text that grows without bound")
        return raw, False

    def _value(self, part: Part) -> tuple[str, bool]:
        """A part's text and whether it is known; what is unknown stays as written."""
        match part:
            case Text():
                return part.text, True
            case Opaque():
                self.findings.unread.append(part.what)
                return part.raw, False
            case Substitution():
                printed = self._output(part.body)
                if printed is None:
                    self.findings.unread.append("command substitution")
                    return part.raw, False
                return printed.rstrip("\n"), True
            case Variable():
                value = self._variable(part)
                if isinstance(value, Unknown):
                    self.findings.unknown.append(part.name)
                    return part.raw, False
                return self._bounded(value, part.raw)

    def _variable(self, part: Variable) -> str | Unknown:
        name, operation = part.name, part.operation
        told = name in self._variables.values or name.isdigit() or name in "@*#"
        value = self._lookup(name)
        if isinstance(value, Unknown):
            return value
        if operation == "length":
            return UNKNOWN if value is None else str(len(value))
        if operation.strip(":") in {"-", "=", "?", "+"}:
            missing = value is None or (operation[0] == ":" and not value)
            if operation[-1] == "+":
                return "" if missing else self.text(part.argument)
            if not missing:
                assert value is not None
                return value
            if operation[-1] == "?":
                return UNKNOWN
            default = self.text(part.argument)
            if operation[-1] == "=" and name.isidentifier():
                self._variables.values[name] = default
            return default
        if value is None:
            return "" if told else UNKNOWN
        if operation:
            return self._trimmed(value, operation, part.argument)
        return value

    def _trimmed(self, value: str, operation: str, argument: Word) -> str | Unknown:
        if len(value) > _TRIMMED:
            return UNKNOWN
        before = bool(self.findings)
        pattern = self.pattern(argument)
        if self.findings and not before:
            return UNKNOWN
        lengths = range(len(value) + 1)
        if len(operation) == 2:  # the longest match
            lengths = lengths[::-1]
        for length in lengths:
            if operation[0] == "#" and pattern.fullmatch(value[:length]):
                return value[length:]
            if operation[0] == "%" and pattern.fullmatch(value[len(value) - length :]):
                return value[: len(value) - length]
        return value

    def _lookup(self, name: str) -> Value:
        arguments = self._variables.arguments
        if name == "0":
            return self._variables.name
        if name in {"?", "$", "!", "-"}:
            return UNKNOWN
        if not (name.isdigit() or name in {"@", "*", "#"}):
            return self._variables.values.get(name)
        if arguments is None:
            return UNKNOWN
        if name.isdigit():
            place = int(name[:6]) - 1
            return arguments[place] if place < len(arguments) else None
        return str(len(arguments)) if name == "#" else " ".join(arguments)


def _is_all(word: Word) -> bool:
    """Whether a word is nothing but ``"$@"``."""
    rest = [part for part in word if part != Text("", quoted=True)]
    return len(rest) == 1 and isinstance(rest[0], Variable) and rest[0].name == "@"


def _has_braces(text: str) -> bool:
    return any("," in inner or ".." in inner for inner in _BRACES.findall(text))


def known(values: Mapping[str, Value]) -> dict[str, str]:
    """The variables whose values are known."""
    return {name: value for name, value in values.items() if isinstance(value, str)}
