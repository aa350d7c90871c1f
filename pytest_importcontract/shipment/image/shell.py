"""Shell text as the simple commands that it runs, followed as far as it can be known."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from pytest_importcontract.shipment.image.shell_grammar import Parser, UnreadableError
from pytest_importcontract.shipment.image.shell_tree import (
    Case,
    Compound,
    For,
    Function,
    Group,
    If,
    Item,
    Loop,
    Pipeline,
    Plain,
    Redirection,
)
from pytest_importcontract.shipment.image.shell_words import (
    UNKNOWN,
    Expander,
    Findings,
    Unknown,
    Value,
    Variables,
    known,
)

_POSIX = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"))
_PLAIN_SHELLS = frozenset(("sh", "dash", "ash", "busybox"))
_STEPS = 10_000
_DEPTH = 50
_SUBSTITUTIONS = 3
_SUBSTITUTED = 5
_ASKING = frozenset(("grep", "egrep", "fgrep", "command", "which", "type", "hash", "id", "getent"))
_EXPORTING = frozenset(("export", "declare", "typeset", "local", "readonly"))
_OWN = frozenset((":", "true", "false", "umask", "trap", "shopt", "return", "break", "continue"))


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirection of a simple command.

    Attributes:
        operator: ``>``, ``>>``, ``>|``, ``<``, ``<>``, ``>&``, ``<&``, ``<<`` (a here-document) or
            ``<<<`` (a here-string).
        descriptor: the number in front or the one meant without it; ``&`` for bash's ``&>``.
        target: the path or descriptor, expanded; the text itself for ``<<`` and ``<<<``.
        known: whether all of `target` is known.
    """

    operator: str
    descriptor: str
    target: str
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """One simple command that a shell runs.

    Attributes:
        argv: its words, expanded; empty where there are only redirections, or nothing can be read.
            What cannot be known stays as written, as in ``$X``.
        assignments: variables set in front of it, for it alone.
        redirects: in order, those of the commands around it first.
        env: all environment variables it sees whose values are known, `assignments` included.
        cwd: the folder it runs in; None where a ``cd`` to somewhere unknown came before.
        connector: what joins it to the one before: ``""``, ``;``, ``&&``, ``||``, ``|``, ``&``.
        sure: whether it runs whenever the text is run and its commands succeed. Not after ``||``,
            nor in a branch or loop whose condition is unknown.
        replaces: whether it takes the shell's place (``exec``, which is not in `argv`).
        background: whether the shell goes on without waiting for it.
        unknown: variables in it that have no known value.
        unread: why not all of it can be read, as in ``command substitution``; empty where it can.
        text: as written.
        line: 1-based, in the text it stands in.
        file: the sourced file it stands in; empty for the text itself.
    """

    argv: tuple[str, ...]
    assignments: Mapping[str, str] = field(default_factory=dict)
    redirects: tuple[Redirect, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = "/"
    connector: str = ""
    sure: bool = True
    replaces: bool = False
    background: bool = False
    unknown: tuple[str, ...] = ()
    unread: str = ""
    text: str = ""
    line: int = 1
    file: str = ""


def commands(
    text: str,
    env: Mapping[str, str],
    shell: Sequence[str] = ("/bin/sh", "-c"),
    *,
    cwd: str = "/",
    arguments: Sequence[str] | None = (),
    name: str = "sh",
    read: Callable[[str], str | None] | None = None,
) -> tuple[Simple, ...]:
    """The simple commands that `text` runs, in order, each with the state it meets.

    ``cd``, assignments, ``export``, ``set --``, ``shift``, ``eval``, functions and tests are
    carried out here and are not among the commands, unless they have redirections. Conditions are
    decided where they compare known texts: of ``if [ "$DEV" = 1 ]`` only the branch taken is
    there. Commands after an ``exec`` or ``exit`` that surely comes are not.

    What cannot be read is one command with `unread`, never an exception; of a text with a syntax
    error, what stands before it is read.

    Source: POSIX.1-2017, Shell Command Language; the Bash manual where `shell` is not a plain sh.

    Args:
        text: what the shell is given.
        env: the variables it starts with. A variable that is absent may still be set by a base
            image: unless a default is given for it, it is unknown.
        shell: the program and its options, as SHELL sets them.
        cwd: the folder it starts in, absolute.
        arguments: its positional parameters, None where they are not known.
        name: what ``$0`` says.
        read: gives the text of a file of the image, for ``.`` and ``source``; None where it is
            not known.
    """
    program = posixpath.basename(shell[0]) if shell else ""
    if program not in _POSIX:
        first = text.strip().partition("\n")[0]
        return (Simple(argv=(), env=dict(env), cwd=cwd, unread="no POSIX shell", text=first),)
    variables = Variables(dict(env), None if arguments is None else tuple(arguments), name)
    state = _State(variables, set(env), cwd)
    run = _Run(bash=program not in _PLAIN_SHELLS, read=read)
    run.text(text, state, _Place())
    return tuple(run.found)


class _Status(Enum):
    """What is known of a command's exit status."""

    YES = "it is 0"
    NO = "it is not 0"
    PRESUMED = "it is 0 when nothing goes wrong"
    ASKED = "the command asks something nobody can answer here"


@dataclass(slots=True)
class _State:
    """What a shell remembers. `ended` says how its current text came to an end."""

    variables: Variables
    exported: set[str]
    cwd: str | None
    functions: dict[str, tuple[Compound, _Place]] = field(default_factory=dict)
    exports_all: bool = False
    ended: str = ""
    doubts: frozenset[str] = frozenset()

    def copy(self) -> _State:
        return replace(
            self,
            variables=self.variables.copy(),
            exported=set(self.exported),
            functions=dict(self.functions),
        )

    def become(self, branches: Sequence[_State]) -> None:
        """Go on after one of `branches`, nobody knows which; those that failed do not go on."""
        going = [each for each in branches if each.ended != "failed"]
        if not going:
            self.ended = "failed"
            return
        living = [each for each in going if not each.ended] or going
        first = living[0]
        names = {name for each in living for name in each.variables.values}
        values: dict[str, Value] = {}
        for name in names:
            one = first.variables.values.get(name, _ABSENT)
            if all(each.variables.values.get(name, _ABSENT) == one for each in living):
                assert not isinstance(one, _Absent)
                values[name] = one
            else:
                values[name] = UNKNOWN
        arguments = first.variables.arguments
        if any(each.variables.arguments != arguments for each in living):
            arguments = None
        self.variables.values = values
        self.variables.arguments = arguments
        self.exported = set().union(*(each.exported for each in living))
        self.cwd = first.cwd if all(each.cwd == first.cwd for each in living) else None
        self.functions = {name: body for each in living for name, body in each.functions.items()}
        doubts = {doubt for each in living for doubt in each.doubts}
        self.doubts = frozenset(doubts | {each.ended for each in going if each.ended})
        self.ended = first.ended


class _Absent:
    """Stands for no entry at all."""


_ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a piece of shell text runs."""

    text: str = ""
    file: str = ""
    sure: bool = True
    background: bool = False
    redirects: tuple[Redirect, ...] = ()
    depth: int = 0


class _Run:
    """Follows shell text and collects its simple commands."""

    def __init__(self, *, bash: bool, read: Callable[[str], str | None] | None) -> None:
        self.found: list[Simple] = []
        self._bash = bash
        self._read = read
        self._steps = 0
        self._substitutions = 0
        self._full = False
        self._connector = ""

    def text(self, text: str, state: _State, place: _Place) -> _Status:
        """Run a whole text."""
        text = text.replace("\r\n", "\n")
        place = replace(place, text=text)
        try:
            parser = Parser(text, bash=self._bash)
            return self._items(_items_of(parser), state, place)
        except UnreadableError as error:
            return self._give_up(str(error), error.position, state, place)

    def _give_up(self, why: str, at: int, state: _State, place: _Place) -> _Status:
        if self._full:
            return _Status.ASKED
        rest = place.text[at:].strip().partition("\n")[0]
        plain = Plain((), (), (), at, at + len(rest))
        self._add(plain, state, replace(place, sure=False), (), Findings(unread=[why]), text=rest)
        state.doubts |= {"exit"}
        return _Status.ASKED

    def _items(
        self, items: Iterator[Item] | Sequence[Item], state: _State, place: _Place
    ) -> _Status:
        status = _Status.YES
        for item in items:
            if state.ended or self._full:
                break
            within = replace(place, background=True) if item.background else place
            status = self._item(item, state.copy() if item.background else state, within)
            self._connector = "&" if item.background else ";"
        return status

    def _item(self, item: Item, state: _State, place: _Place) -> _Status:
        status = _Status.YES
        for connector, pipeline in item.parts:
            if state.ended:
                break
            if connector == "&&" and status is _Status.NO:
                continue
            if connector == "||" and status is _Status.YES:
                continue
            self._connector = connector or self._connector
            doubted = status is _Status.ASKED or (connector == "||" and status is _Status.PRESUMED)
            if not connector or not doubted:
                status = self._pipeline(pipeline, state, place)
                continue
            branch = state.copy()
            ended = self._pipeline(pipeline, branch, replace(place, sure=False))
            skipped = state.copy()
            if connector == "||" and branch.ended:
                # What comes after `x || exit 1` comes after a success of x.
                status = _Status.PRESUMED
            elif connector == "||":
                status = ended if ended is _Status.ASKED else _Status.PRESUMED
            state.become((skipped, branch))
        return status

    def _pipeline(self, pipeline: Pipeline, state: _State, place: _Place) -> _Status:
        if len(pipeline.commands) == 1:
            status = self._command(pipeline.commands[0], state, place)
        else:
            for command in pipeline.commands:
                status = self._command(command, state.copy(), place)
                self._connector = "|"
        if not pipeline.negated:
            return status
        return {_Status.YES: _Status.NO, _Status.NO: _Status.YES}.get(status, _Status.ASKED)

    def _command(self, command: Plain | Compound, state: _State, place: _Place) -> _Status:
        self._steps += 1
        if self._steps > _STEPS or place.depth > _DEPTH:
            what = (
                "it runs too many commands" if self._steps > _STEPS else "it is nested too deeply"
            )
            status = self._give_up(what, command.start, state, place)
            self._full = True
            return status
        place = replace(place, sure=place.sure and not state.doubts, depth=place.depth + 1)
        if isinstance(command, Plain):
            return self._plain(command, state, place)
        if command.redirections:
            expander = self._expander(state)
            added = tuple(_redirect(each, expander) for each in command.redirections)
            place = replace(place, redirects=place.redirects + added)
        return self._compound(command, state, place)

    def _compound(self, command: Compound, state: _State, place: _Place) -> _Status:
        match command.what:
            case Group(body, True):
                inner = state.copy()
                status = self._items(body, inner, place)
                return _Status.PRESUMED if inner.ended else status
            case Group(body, False):
                return self._items(body, state, place)
            case If():
                return self._if(command.what, state, place)
            case Loop():
                return self._loop(command.what, state, place)
            case For():
                return self._for(command.what, state, place)
            case Case():
                return self._case(command.what, state, place)
            case Function(name, body):
                state.functions[name] = (body, place)
                return _Status.YES
        return _Status.ASKED

    def _branches(self, bodies: Sequence[Sequence[Item]], state: _State, place: _Place) -> _Status:
        """Run bodies of which one is taken, nobody knows which."""
        branches = []
        for body in bodies:
            branch = state.copy()
            self._items(body, branch, replace(place, sure=False))
            branches.append(branch)
        state.become(branches)
        return _Status.PRESUMED

    def _if(self, what: If, state: _State, place: _Place) -> _Status:
        possible: list[Sequence[Item]] = []
        for condition, body in what.branches:
            status = self._items(condition, state, place)
            if state.ended:
                return status
            if status is _Status.NO:
                continue
            possible.append(body)
            if status is _Status.YES:
                break
        else:
            possible.append(what.otherwise)
        if len(possible) == 1:
            return self._items(possible[0], state, place)
        return self._branches(possible, state, place)

    def _loop(self, what: Loop, state: _State, place: _Place) -> _Status:
        status = self._items(what.condition, state, place)
        never, always = (_Status.NO, _Status.YES)
        if what.until:
            never, always = always, never
        if status is never or state.ended:
            return _Status.YES
        if status is always:
            self._items(what.body, state, place)
            if not state.ended:
                state.doubts |= {"exit"}
        else:
            self._branches((what.body, ()), state, place)
        _leave(state, "break", "continue")
        return _Status.PRESUMED

    def _for(self, what: For, state: _State, place: _Place) -> _Status:
        expander = self._expander(state)
        words: list[str] | None = None
        if what.words is None:
            arguments = state.variables.arguments
            words = None if arguments is None else list(arguments)
        else:
            words = [each for word in what.words for each in expander.fields(word)]
        if words is None or expander.findings or any(set("*?[") & set(each) for each in words):
            state.variables.values[what.name] = UNKNOWN
            self._branches((what.body, ()), state, place)
            _leave(state, "break", "continue")
            return _Status.PRESUMED
        status = _Status.YES
        for word in words:
            state.variables.values[what.name] = word
            status = self._items(what.body, state, place)
            if state.ended == "continue":
                state.ended = ""
            if state.ended or self._full:
                break
        _leave(state, "break", "continue")
        return status

    def _case(self, what: Case, state: _State, place: _Place) -> _Status:
        expander = self._expander(state)
        subject = expander.text(what.subject)
        unknown = bool(expander.findings)
        possible: list[Sequence[Item]] = []
        for patterns, body in what.items:
            answers = []
            for pattern in patterns:
                inner = self._expander(state)
                matches = inner.pattern(pattern).fullmatch(subject) is not None
                everything = [getattr(part, "text", "") for part in pattern] == ["*"]
                answers.append(
                    True if everything else None if unknown or inner.findings else matches
                )
            if True in answers:
                possible.append(body)
                break
            if None in answers:
                possible.append(body)
        else:
            possible.append(())
        if len(possible) == 1:
            return self._items(possible[0], state, place)
        return self._branches(possible, state, place)

    def _expander(self, state: _State) -> Expander:
        return Expander(state.variables, lambda body: self._output(body, state), bash=self._bash)

    def _output(self, body: tuple[Item, ...], state: _State) -> str | None:
        """What a command substitution prints, where it only names folders or repeats its words."""
        if self._substitutions >= _SUBSTITUTIONS:
            return None
        found, self.found = self.found, []
        start = state.copy()
        start.functions = {}
        self._substitutions += 1
        self._items(body, start, _Place(depth=_DEPTH - _SUBSTITUTED))
        self._substitutions -= 1
        ran, self.found = self.found, found
        printed = []
        for each in ran:
            discarding = {("2", "/dev/null"), ("2", "1")}
            quiet = all((to.descriptor, to.target) in discarding for to in each.redirects)
            line = _printed(each)
            if line is None or not each.sure or each.unread or each.unknown or not quiet:
                return None
            if each.connector == "|":
                return None
            printed.append(line + "\n")
        return "".join(printed)

    def _plain(self, command: Plain, state: _State, place: _Place) -> _Status:
        expander = self._expander(state)
        argv: list[str] = []
        for word in command.words:
            argv.extend(expander.fields(word))
        values: dict[str, Value] = {}
        for assignment in command.assignments:
            inner = self._expander(state)
            value: Value = inner.text(assignment.value)
            before = values.get(assignment.name, state.variables.values.get(assignment.name))
            if assignment.appends and isinstance(before, Unknown):
                value = UNKNOWN
            elif assignment.appends:
                value = f"{before or ''}{value}"
            if inner.findings:
                value = UNKNOWN
                if argv:
                    expander.findings.unknown.append(assignment.name)
            values[assignment.name] = value
            if not argv:  # each is seen by the next
                state.variables.values[assignment.name] = value
        if not argv and values:
            if state.exports_all:
                state.exported.update(values)
            if command.redirections:
                self._add(command, state, place, (), expander.findings)
            return _Status.PRESUMED
        return self._words(command, argv, values, expander, state, place)

    def _words(
        self,
        command: Plain,
        argv: list[str],
        values: dict[str, Value],
        expander: Expander,
        state: _State,
        place: _Place,
    ) -> _Status:
        """Run what a simple command's words say."""
        findings = expander.findings
        status = None
        while argv and argv[0] in {"builtin", "command"} and argv[1:2] and argv[1][0] != "-":
            argv = argv[1:]
        replaces = bool(argv) and argv[0] == "exec"
        if replaces:
            argv = _without_exec(argv)
        elif argv and argv[0] in state.functions:
            return self._call(argv, state, place)
        elif argv:
            status = self._builtin(argv, command, findings, state, place)
        if (status is None and argv) or command.redirections:
            self._add(command, state, place, tuple(argv), findings, values, replaces=replaces)
            if replaces and argv:
                state.ended = "exit"
        if status is not None or not argv:
            return status or _Status.YES
        asks = bool(argv) and argv[0] in _ASKING
        return _Status.ASKED if asks else _Status.PRESUMED

    def _add(
        self,
        command: Plain,
        state: _State,
        place: _Place,
        argv: tuple[str, ...],
        findings: Findings,
        values: Mapping[str, Value] | None = None,
        *,
        replaces: bool = False,
        text: str = "",
    ) -> None:
        expander = self._expander(state)
        redirects = tuple(_redirect(each, expander) for each in command.redirections)
        assignments = known(values or {})
        exported = {
            name: value
            for name, value in known(state.variables.values).items()
            if name in state.exported
        }
        unread = (*findings.unread, *expander.findings.unread)
        self.found.append(
            Simple(
                argv=argv,
                assignments=assignments,
                redirects=(*self._inherited(place), *redirects),
                env={**exported, **assignments},
                cwd=state.cwd,
                connector=self._connector,
                sure=place.sure,
                replaces=replaces,
                background=place.background,
                unknown=tuple(dict.fromkeys(findings.unknown)),
                unread=unread[0] if unread else "",
                text=text or place.text[command.start : command.end],
                line=place.text.count("\n", 0, command.start) + 1,
                file=place.file,
            )
        )

    def _inherited(self, place: _Place) -> tuple[Redirect, ...]:
        """The redirections around a command; only the first one in a group empties the file."""
        mine: list[Redirect] = []
        for each in place.redirects:
            seen = any(each is other for found in self.found for other in found.redirects)
            mine.append(replace(each, operator=">>") if seen and each.operator == ">" else each)
        return tuple(mine)

    def _call(self, argv: list[str], state: _State, place: _Place) -> _Status:
        body, defined = state.functions[argv[0]]
        within = replace(place, text=defined.text, file=defined.file)
        arguments = state.variables.arguments
        state.variables.arguments = tuple(argv[1:])
        status = self._command(body, state, within)
        state.variables.arguments = arguments
        _leave(state, "return")
        return status

    def _builtin(
        self, argv: list[str], command: Plain, findings: Findings, state: _State, place: _Place
    ) -> _Status | None:
        """Carry out what changes the shell itself; None where `argv` is another program."""
        name, *rest = argv
        match name:
            case "cd" | "pushd":
                return self._cd(rest, findings, state)
            case "popd":
                state.cwd = None
            case "unset":
                for each in rest:
                    state.variables.values[each] = None
            case "set":
                _set(rest, findings, state)
            case "shift":
                _shift(rest, findings, state)
            case "exit" | "return" | "break" | "continue":
                failed = name == "exit" and bool(rest) and rest[0] != "0"
                state.ended = "failed" if failed else name
            case "eval":
                if findings:
                    state.doubts |= {"exit"}
                    return None
                return self.text(" ".join(rest), state, place)
            case "." | "source":
                return self._source(rest, findings, state, place)
            case "test" | "[" | "[[":
                return _tested(argv, findings)
            case "false":
                return _Status.NO
            case _ if name in _EXPORTING:
                self._export(name, command, rest, state)
            case _ if name not in _OWN:
                return None
        return _Status.YES

    def _cd(self, rest: list[str], findings: Findings, state: _State) -> _Status:
        folders = [each for each in rest if not each.startswith("-")] or ["~"]
        if rest and rest[-1] == "-":
            folders = [""]
        folder = folders[0]
        if folder == "~":
            home = state.variables.values.get("HOME")
            folder = home if isinstance(home, str) else ""
        if findings or not folder or (state.cwd is None and not folder.startswith("/")):
            state.cwd = None
        else:
            state.cwd = _folder(state.cwd or "/", folder)
        state.variables.values["PWD"] = UNKNOWN if state.cwd is None else state.cwd
        return _Status.PRESUMED

    def _export(self, name: str, command: Plain, rest: list[str], state: _State) -> None:
        exports = name == "export" or (name in {"declare", "typeset"} and "-x" in rest)
        for word in command.words[1:]:
            expander = self._expander(state)
            text = expander.text(word)
            target, equals, value = text.partition("=")
            if not target.isidentifier():
                continue
            if equals:
                state.variables.values[target] = UNKNOWN if expander.findings else value
            if exports or state.exports_all:
                state.exported.add(target)

    def _source(
        self, rest: list[str], findings: Findings, state: _State, place: _Place
    ) -> _Status | None:
        text = None
        path = ""
        if rest and not findings and self._read is not None:
            path = rest[0]
            if path.startswith("/") or state.cwd is not None:
                path = _folder(state.cwd or "/", path)
                text = self._read(path)
        if text is None:
            return None
        return self.text(text, state, replace(place, file=path))


def _items_of(parser: Parser) -> Iterator[Item]:
    while (item := parser.item()) is not None:
        yield item


def _leave(state: _State, *ways: str) -> None:
    if state.ended in ways:
        state.ended = ""
    state.doubts -= set(ways)


def _folder(base: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(base, path).replace("//", "/"))


def _redirect(redirection: Redirection, expander: Expander) -> Redirect:
    before = len(expander.findings.unknown) + len(expander.findings.unread)
    target = expander.text(redirection.target)
    after = len(expander.findings.unknown) + len(expander.findings.unread)
    default = "0" if redirection.operator.startswith("<") else "1"
    return Redirect(
        redirection.operator, redirection.descriptor or default, target, known=before == after
    )


def _without_exec(argv: list[str]) -> list[str]:
    rest = argv[1:]
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "--":
            break
        if option == "-a" and rest:
            rest.pop(0)
    return rest


def _set(rest: list[str], findings: Findings, state: _State) -> None:
    while rest and rest[0][:1] in {"-", "+"} and rest[0] not in {"--", "-"}:
        option = rest.pop(0)
        if "o" in option and rest:
            option += "a" if rest.pop(0) == "allexport" else ""
        if "a" in option:
            state.exports_all = option[0] == "-"
    if rest:
        words = rest[1:] if rest[0] in {"--", "-"} else rest
        state.variables.arguments = None if findings else tuple(words)


def _shift(rest: list[str], findings: Findings, state: _State) -> None:
    arguments = state.variables.arguments
    count = rest[0] if rest else "1"
    if findings or not (count.isascii() and count.isdigit()):
        state.variables.arguments = None
    elif arguments is not None:
        state.variables.arguments = arguments[int(count[:6]) :]


def _tested(argv: list[str], findings: Findings) -> _Status:
    """What ``[ … ]`` answers where it only compares known texts."""
    words = argv[1:]
    if argv[0] != "test":
        if words[-1:] != ["]" * len(argv[0])]:
            return _Status.ASKED
        words = words[:-1]
    negated = False
    while len(words) > 1 and words[0] == "!":
        words = words[1:]
        negated = not negated
    answer: bool | None = None
    if findings:
        return _Status.ASKED
    match words:
        case []:
            answer = False
        case [one]:
            answer = bool(one)
        case ["-n", one]:
            answer = bool(one)
        case ["-z", one]:
            answer = not one
        case [one, "=" | "==", other]:
            if argv[0] != "[[" or not set("*?[\\") & set(other):
                answer = one == other
        case [one, "!=", other]:
            if argv[0] != "[[" or not set("*?[\\") & set(other):
                answer = one != other
        case [one, "-eq" | "-ne" | "-gt" | "-ge" | "-lt" | "-le" as operator, other]:
            answer = _compared(one, operator, other)
    if answer is None:
        return _Status.ASKED
    return _Status.YES if answer is not negated else _Status.NO


def _compared(one: str, operator: str, other: str) -> bool | None:
    if not all(each.isascii() and each.isdigit() and len(each) < 19 for each in (one, other)):
        return None
    left, right = int(one), int(other)
    return {
        "-eq": left == right,
        "-ne": left != right,
        "-gt": left > right,
        "-ge": left >= right,
        "-lt": left < right,
        "-le": left <= right,
    }[operator]


def _printed(simple: Simple) -> str | None:
    """What a command prints, for the few that say where a script lies or repeat their words."""
    match simple.argv:
        case ("pwd",) | ("pwd", "-P" | "-L"):
            return simple.cwd
        case ("dirname", path) | ("dirname", "--", path):
            stripped = path.rstrip("/") or path[:1]
            return posixpath.dirname(stripped).rstrip("/") or ("/" if path[:1] == "/" else ".")
        case ("basename", path) | ("basename", "--", path):
            return posixpath.basename(path.rstrip("/")) or path[:1]
        case ("echo", *words) if not any(word[:1] == "-" or "\\" in word for word in words):
            return " ".join(words)
    return None
