"""Command line options, read as the programs that own them read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on a command line.

    Attributes:
        options: each option by the last of its spellings, with its value (empty for a flag), in
            order.
        words: what is no option.
        unknown: options that the program's reference does not know; what follows one of them may
            be its value or not.
    """

    options: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether one of these options is there."""
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> tuple[str, ...]:
        """The values of all these options, in order."""
        return tuple(value for name, value in self.options if name in names)

    def last(self, *names: str) -> str:
        """The value of the last of these options; empty where there is none."""
        return ([""] + [value for name, value in self.options if name in names])[-1]

    def names(self, *names: str) -> tuple[str, ...]:
        """The values of these options where each may hold several, parted by commas or blanks."""
        return tuple(
            part for value in self.values(*names) for part in value.replace(",", " ").split()
        )


class Options:
    """The options of one program or subcommand.

    Args:
        lines: one option a line, all its spellings, and ``=`` behind them where it takes a value,
            as in ``-r --requirement =``.
        abbreviated: whether the program takes an unambiguous beginning of a long option for it.
    """

    def __init__(self, lines: str, *, abbreviated: bool = False) -> None:
        self._lines = lines
        self._abbreviated = abbreviated
        self._names: dict[str, str] = {}
        self._takes_value: set[str] = set()
        for line in lines.splitlines():
            *spellings, last = line.split() or [""]
            if last == "=":
                self._takes_value.add(spellings[-1])
            else:
                spellings.append(last)
            name = spellings[-1]
            self._names.update(dict.fromkeys(spellings, name))

    def __add__(self, other: Options) -> Options:
        abbreviated = self._abbreviated or other._abbreviated
        return Options(f"{self._lines}\n{other._lines}", abbreviated=abbreviated)

    def read(self, words: Sequence[str], *, leading: bool = False) -> Given:
        """Tell options, their values and other words apart.

        Args:
            words: the command line behind the program.
            leading: stop at the first word that is no option; it and all behind it are `words`.
        """
        options: list[tuple[str, str]] = []
        plain: list[str] = []
        unknown: list[str] = []
        rest = list(reversed(words))
        while rest:
            word = rest.pop()
            if word == "--" and not leading:
                plain.extend(reversed(rest))
                break
            if not word.startswith("-") or word == "-":
                plain.append(word)
                if leading:
                    plain.extend(reversed(rest))
                    break
            elif word.startswith("--"):
                self._long(word, rest, options, unknown)
            else:
                self._short(word, rest, options, unknown)
        return Given(tuple(options), tuple(plain), tuple(unknown))

    def _long(
        self, word: str, rest: list[str], options: list[tuple[str, str]], unknown: list[str]
    ) -> None:
        spelling, equals, value = word.partition("=")
        name = self._names.get(spelling) or self._completed(spelling)
        if not name:
            unknown.append(spelling)
        elif name in self._takes_value and not equals:
            options.append((name, rest.pop() if rest else ""))
        else:
            options.append((name, value))

    def _short(
        self, word: str, rest: list[str], options: list[tuple[str, str]], unknown: list[str]
    ) -> None:
        """A word such as ``-q``, ``-qr`` or ``-rFILE``."""
        for position in range(1, len(word)):
            spelling = f"-{word[position]}"
            name = self._names.get(spelling)
            if not name:
                unknown.append(word if position == 1 else spelling)
                return
            if name in self._takes_value:
                value = word[position + 1 :].removeprefix("=")
                options.append((name, value or (rest.pop() if rest else "")))
                return
            options.append((name, ""))

    def _completed(self, spelling: str) -> str:
        if not self._abbreviated:
            return ""
        found = {name for known, name in self._names.items() if known.startswith(spelling)}
        return found.pop() if len(found) == 1 else ""


def is_on(env: Mapping[str, str], *names: str) -> bool:
    """Whether one of these variables holds what pip, uv and poetry take for yes."""
    return any(env.get(name, "").strip().lower() in _YES for name in names)


_YES = frozenset({"1", "true", "yes", "on", "y", "t"})
