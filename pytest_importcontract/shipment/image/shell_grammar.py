"""Shell text read into a tree, as the POSIX shell command language defines it.

Of what bash adds, the tree has what start scripts use (``function``, ``[[``, ``<<<``, ``&>``);
arrays, process substitution and arithmetic stand in it as `Opaque` text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_importcontract.shipment.image.shell_tree import (
    Assignment,
    Case,
    Compound,
    For,
    Function,
    Group,
    If,
    Item,
    Loop,
    Opaque,
    Part,
    Pipeline,
    Plain,
    Redirection,
    Substitution,
    Text,
    Variable,
    Word,
)

_DEPTH = 30
_LENGTH = 250_000
_HEREDOCS = 10
_BLANKS = " \t\r"
_META = " \t\r\n;&|()<>"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+?)=")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_OPERATION = re.compile(r":?[-=?+]|##?|%%?")
_REDIRECT = re.compile(r"(\d*|\{[A-Za-z_]\w*\})(<<-|<<<|<<|<&|<>|<(?!\()|>>|>\||>&|>(?!\())")
_BRACKETS = re.compile(r"[ \t]*\([ \t]*\)")
_DEFINED = re.compile(r"([\w.:-]+)[ \t]*\([ \t]*\)")
_BOTH = re.compile(r"&>>?")
_CLOSERS = frozenset(("then", "else", "elif", "fi", "do", "done", "esac", "}", ")", ";;"))
_WORD_END = re.compile(r"[\s;&|()<>]|\Z")
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
}


class UnreadableError(ValueError):
    """Text that this grammar cannot read.

    Attributes:
        position: the offset at which reading ended.
    """

    def __init__(self, what: str, position: int) -> None:
        super().__init__(what)
        self.position = position


@dataclass(frozen=True, slots=True)
class _Heredoc:
    """A here-document whose text has not been passed yet."""

    delimiter: str
    strips: bool
    literal: bool


class Parser:
    """Reads shell text item by item.

    Args:
        text: the text.
        bash: whether words and operators that only bash and its like have are meant.
    """

    def __init__(self, text: str, *, bash: bool, depth: int = 0) -> None:
        self._text = text
        self._bash = bash
        self._at = 0
        self._depth = depth
        self._heredocs: list[_Heredoc] = []
        if len(text) > _LENGTH:
            raise UnreadableError("it is too long", 0)

    def item(self) -> Item | None:
        """The next item at the top, None at the end.

        Raises:
            UnreadableError: the text goes on in a way that cannot be read.
        """
        self._lines()
        if self._at >= len(self._text):
            return None
        item = self._item()
        self._skip()
        if self._peek(")") or self._peek(";;"):
            raise self._fail(f"{self._text[self._at]} closes nothing")
        return item

    def _fail(self, what: str) -> UnreadableError:
        return UnreadableError(what, self._at)

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _skip(self) -> None:
        """Pass blanks, continued lines and a comment."""
        text, end = self._text, len(self._text)
        while self._at < end:
            if text[self._at] in _BLANKS:
                self._at += 1
            elif text.startswith("\\\n", self._at):
                self._at += 2
            elif text.startswith("\\\r\n", self._at):
                self._at += 3
            elif text[self._at] == "#":
                newline = text.find("\n", self._at)
                self._at = end if newline < 0 else newline
            else:
                return

    def _newline(self) -> bool:
        if not self._peek("\n"):
            return False
        self._at += 1
        self._read_heredocs()
        return True

    def _lines(self) -> None:
        self._skip()
        while self._newline():
            self._skip()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._fail("it is nested too deeply")

    def _reserved(self) -> str:
        """The unquoted word that starts here, if it may be a reserved one."""
        end = _WORD_END.search(self._text, self._at)
        assert end is not None
        return self._text[self._at : end.start()]

    def _take(self, word: str) -> None:
        if self._reserved() != word:
            raise self._fail(f"{word} is missing")
        self._at += len(word)

    def _list(self, *, empty: bool = False) -> tuple[Item, ...]:
        """Items up to a word that closes what is open."""
        self._deeper()
        items: list[Item] = []
        while True:
            self._lines()
            if self._at >= len(self._text) or self._closes():
                break
            items.append(self._item())
        self._depth -= 1
        if not items and not empty:
            raise self._fail("a command is missing")
        return tuple(items)

    def _closes(self) -> bool:
        return self._peek(")") or self._peek(";;") or self._reserved() in _CLOSERS

    def _item(self) -> Item:
        parts = [("", self._pipeline())]
        background = False
        while True:
            self._skip()
            connector = self._text[self._at : self._at + 2]
            if connector in {"&&", "||"}:
                self._at += 2
                self._lines()
                parts.append((connector, self._pipeline()))
                continue
            if self._peek("&") and not self._peek("&>"):
                self._at += 1
                background = True
            elif self._peek(";") and not self._peek(";;"):
                self._at += 1
            elif self._at < len(self._text) and not self._newline() and not self._closes():
                raise self._fail(f"{self._text[self._at]!r} stands where no command can go on")
            return Item(tuple(parts), background)

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._reserved() == "!":
            self._at += 1
            self._skip()
            negated = not negated
        commands = [self._command()]
        while True:
            self._skip()
            if not self._peek("|") or self._peek("||"):
                return Pipeline(tuple(commands), negated)
            self._at += 2 if self._peek("|&") else 1
            self._lines()
            commands.append(self._command())

    def _command(self) -> Plain | Compound:
        start = self._at
        word = self._reserved()
        if word in _CLOSERS:
            raise self._fail(f"{word} stands where a command is expected")
        what = self._compound(word)
        if what is None:
            return self._plain()
        redirections = []
        while (redirection := self._redirection()) is not None:
            redirections.append(redirection)
        return Compound(what, tuple(redirections), start, self._at)

    def _compound(self, word: str) -> Group | If | Loop | For | Case | Function | Opaque | None:
        if self._peek("(("):
            closing = self._text.find("))", self._at)
            newline = self._text.find("\n", self._at)
            if self._bash and closing >= 0 and not 0 <= newline < closing:
                raw = self._text[self._at : closing + 2]
                self._at = closing + 2
                return Opaque(raw, "arithmetic")
        if self._peek("("):
            self._at += 1
            body = self._list()
            self._take_text(")")
            return Group(body, subshell=True)
        match word:
            case "{":
                self._at += 1
                body = self._list()
                self._take("}")
                return Group(body, subshell=False)
            case "if":
                return self._if()
            case "while" | "until":
                self._at += len(word)
                condition = self._list()
                return Loop(condition, self._do(), until=word == "until")
            case "for":
                return self._for()
            case "case":
                return self._case()
            case "[[" if self._bash:
                return self._double_bracket()
            case "function" if self._bash:
                self._at += len(word)
                self._skip()
                name = self._reserved()
                self._at += len(name)
                return self._function(name)
            case "select" | "coproc" if self._bash:
                raise self._fail(f"{word} is not read")
        defined = _DEFINED.match(self._text, self._at)
        if defined is None:
            return None
        self._at = defined.end(1)
        return self._function(defined[1])

    def _take_text(self, text: str) -> None:
        if not self._peek(text):
            raise self._fail(f"{text} is missing")
        self._at += len(text)

    def _function(self, name: str) -> Function:
        brackets = _BRACKETS.match(self._text, self._at)
        if brackets is not None:
            self._at = brackets.end()
        self._lines()
        self._deeper()
        body = self._command()
        self._depth -= 1
        if isinstance(body, Plain):
            raise self._fail(f"the body of {name} is missing")
        return Function(name, body)

    def _if(self) -> If:
        branches = []
        word = "if"
        while word in {"if", "elif"}:
            self._take(word)
            condition = self._list()
            self._take("then")
            branches.append((condition, self._list()))
            word = self._reserved()
        otherwise: tuple[Item, ...] = ()
        if word == "else":
            self._take(word)
            otherwise = self._list()
        self._take("fi")
        return If(tuple(branches), otherwise)

    def _do(self) -> tuple[Item, ...]:
        self._lines()
        if self._peek(";"):
            self._at += 1
            self._lines()
        self._take("do")
        body = self._list()
        self._take("done")
        return body

    def _for(self) -> For:
        self._take("for")
        self._skip()
        name = _NAME.match(self._text, self._at)
        if name is None:
            raise self._fail("the variable of for is missing")
        self._at = name.end()
        self._lines()
        words: list[Word] | None = None
        if self._reserved() == "in":
            self._take("in")
            words = []
            self._skip()
            while self._at < len(self._text) and self._text[self._at] not in ";\n":
                words.append(self._word())
                self._skip()
        return For(name[0], None if words is None else tuple(words), self._do())

    def _case(self) -> Case:
        self._take("case")
        self._skip()
        subject = self._word()
        self._lines()
        self._take("in")
        items = []
        self._lines()
        while self._reserved() != "esac":
            if self._peek("("):
                self._at += 1
                self._skip()
            patterns = [self._word()]
            self._skip()
            while self._peek("|"):
                self._at += 1
                self._skip()
                patterns.append(self._word())
                self._skip()
            self._take_text(")")
            body = self._list(empty=True)
            items.append((tuple(patterns), body))
            if self._peek(";;&") or self._peek(";&"):
                raise self._fail("a case that falls through is not read")
            if self._peek(";;"):
                self._at += 2
                self._lines()
            elif self._reserved() != "esac":
                raise self._fail("esac is missing")
        self._take("esac")
        return Case(subject, tuple(items))

    def _double_bracket(self) -> Group | Opaque:
        """``[[ … ]]`` as the command ``[[`` where ``[`` could say the same, else opaque."""
        start = self._at
        words: list[Word] = []
        plain = True
        while True:
            self._lines()
            if self._at >= len(self._text):
                raise self._fail("]] is missing")
            if self._text[self._at] in _META:
                plain = False
                self._at += 1
                continue
            words.append(self._word(pattern=True))
            if words[-1] == (Text("]]"),):
                break
            plain = plain and words[-1] != (Text("=~"),)
        if not plain:
            return Opaque(self._text[start : self._at], "a condition")
        command = Plain((), tuple(words), (), start, self._at)
        alone = (("", Pipeline((command,), negated=False)),)
        return Group((Item(alone, background=False),), subshell=False)

    def _plain(self) -> Plain:
        start = end = self._at
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            self._skip()
            if self._at >= len(self._text):
                break
            redirection = self._redirection()
            if redirection is not None:
                redirections.append(redirection)
            elif self._text[self._at] in _META and not self._substitutes_process():
                break
            elif not words and (found := _ASSIGNMENT.match(self._text, self._at)):
                assignments.append(self._assignment(found))
            else:
                words.append(self._word())
            end = self._at
        if start == end:
            raise self._fail("a command is missing")
        return Plain(tuple(assignments), tuple(words), tuple(redirections), start, end)

    def _substitutes_process(self) -> bool:
        return self._bash and (self._peek("<(") or self._peek(">("))

    def _assignment(self, found: re.Match[str]) -> Assignment:
        start, self._at = self._at, found.end()
        if self._peek("(") or found[2]:
            if self._peek("("):
                self._balanced("(", ")")
            else:
                self._word(optional=True)
            return Assignment(found[1], (Opaque(self._text[start : self._at], "an array"),))
        return Assignment(found[1], self._word(optional=True), appends=bool(found[3]))

    def _balanced(self, opening: str, closing: str) -> None:
        """Pass a bracketed text, quotes in it respected."""
        level = 0
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char == "\\":
                self._at += 1
            elif char == "'":
                self._at = self._find("'", self._at + 1)
            elif char == '"':
                self._at += 1
                while self._at < len(text) and text[self._at] != '"':
                    self._at += 2 if text[self._at] == "\\" else 1
            elif char == opening:
                level += 1
            elif char == closing:
                level -= 1
            self._at += 1
            if level == 0:
                return
        raise self._fail(f"{closing} is missing")

    def _find(self, text: str, start: int) -> int:
        found = self._text.find(text, start)
        if found < 0:
            raise self._fail(f"{text} is missing")
        return found

    def _redirection(self) -> Redirection | None:
        self._skip()
        if self._bash and (both := _BOTH.match(self._text, self._at)):
            self._at = both.end()
            self._skip()
            return Redirection(both[0][1:], "&", self._word())
        found = _REDIRECT.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        self._skip()
        descriptor, operator = found[1], found[2]
        if operator not in {"<<", "<<-"}:
            return Redirection(operator, descriptor, self._word())
        start = self._at
        delimiter = self._word()
        if not all(isinstance(part, Text) for part in delimiter):
            raise self._fail("the end of a here-document is not plain")
        if len(self._heredocs) >= _HEREDOCS:
            raise self._fail("too many here-documents begin here")
        pending = _Heredoc(
            "".join(part.text for part in delimiter if isinstance(part, Text)),
            strips=operator == "<<-",
            literal=any(char in self._text[start : self._at] for char in "'\"\\"),
        )
        text = self._heredoc_ahead(pending)
        self._heredocs.append(pending)
        return Redirection("<<", descriptor, text)

    def _heredoc_ahead(self, wanted: _Heredoc) -> Word:
        """The text of a here-document: it begins after this line and those already waiting."""
        start = self._text.find("\n", self._at) + 1
        if not start:
            raise self._fail(f"the here-document {wanted.delimiter} has no text")
        for waiting in self._heredocs:
            start = self._heredoc_end(start, waiting)[1]
        body, _ = self._heredoc_end(start, wanted)
        if wanted.literal:
            return (Text(body, quoted=True),)
        inner = Parser(body, bash=self._bash, depth=self._depth)
        return inner._double_quoted("")

    def _heredoc_end(self, start: int, wanted: _Heredoc) -> tuple[str, int]:
        lines: list[str] = []
        while start < len(self._text):
            end = self._text.find("\n", start)
            end = len(self._text) if end < 0 else end
            line = self._text[start:end]
            line = line.lstrip("\t") if wanted.strips else line
            start = end + 1
            if line.rstrip("\r") == wanted.delimiter:
                return "".join(lines), start
            lines.append(line + "\n")
        return "".join(lines), len(self._text)

    def _read_heredocs(self) -> None:
        for waiting in self._heredocs:
            self._at = min(self._heredoc_end(self._at, waiting)[1], len(self._text))
        self._heredocs.clear()

    def _word(self, *, optional: bool = False, pattern: bool = False) -> Word:
        """A word; its parts in order."""
        parts: list[Part] = []
        start = self._at
        while self._at < len(self._text):
            char = self._text[self._at]
            if self._substitutes_process():
                begin = self._at
                self._at += 1
                self._balanced("(", ")")
                parts.append(Opaque(self._text[begin : self._at], "process substitution"))
            elif self._bash and char == "(" and parts and pattern:
                raise self._fail("an extended pattern is not read")
            elif char in _META:
                break
            else:
                self._part(parts, stops=_META)
        if self._at == start and not optional:
            raise self._fail("a word is missing")
        return tuple(parts)

    def _part(self, parts: list[Part], *, stops: str, quoted: bool = False) -> None:
        """The next part of a word that is not between double quotes."""
        text = self._text
        char = text[self._at]
        if char == "\\":
            if self._peek("\\\n"):
                self._at += 2
                return
            parts.append(Text(text[self._at + 1 : self._at + 2] or "\\", quoted=True))
            self._at = min(self._at + 2, len(text))
        elif char == "'":
            end = self._find("'", self._at + 1)
            parts.append(Text(text[self._at + 1 : end], quoted=True))
            self._at = end + 1
        elif char == '"' or (self._bash and self._peek('$"')):
            self._at += 1 if char == '"' else 2
            parts.append(Text("", quoted=True))
            parts.extend(self._double_quoted('"'))
            self._take_text('"')
        elif self._bash and self._peek("$'"):
            self._ansi(parts)
        elif char in "$`":
            self._dollar(parts, quoted=quoted)
        else:
            end = self._at + 1
            while end < len(text) and text[end] not in stops and text[end] not in "\\'\"$`":
                end += 1
            parts.append(Text(text[self._at : end]))
            self._at = end

    def _ansi(self, parts: list[Part]) -> None:
        end = self._at + 2
        pieces = []
        while end < len(self._text) and self._text[end] != "'":
            char = self._text[end]
            if char == "\\":
                end += 1
                escape = self._text[end : end + 1]
                char = _ESCAPES.get(escape, escape)
                if escape in set("01234567xuUc"):
                    raise self._fail("an escape by number is not read")
            pieces.append(char)
            end += 1
        if end >= len(self._text):
            raise self._fail("' is missing")
        parts.append(Text("".join(pieces), quoted=True))
        self._at = end + 1

    def _double_quoted(self, closing: str) -> Word:
        """What stands between double quotes, up to `closing`; to the end where that is empty."""
        parts: list[Part] = []
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char == closing:
                break
            if char == "\\":
                escaped = text[self._at + 1 : self._at + 2]
                self._at += 1 + len(escaped)
                if escaped != "\n":
                    special = escaped and escaped in "$`\\" + closing
                    parts.append(Text(escaped if special else "\\" + escaped, quoted=True))
            elif char in "$`":
                self._dollar(parts, quoted=True)
            else:
                end = self._at + 1
                while end < len(text) and text[end] not in "\\$`" and text[end] != closing:
                    end += 1
                parts.append(Text(text[self._at : end], quoted=True))
                self._at = end
        return tuple(parts)

    def _dollar(self, parts: list[Part], *, quoted: bool) -> None:
        """An expansion that starts here with ``$`` or a backtick."""
        text, start = self._text, self._at
        if text[start] == "`":
            parts.append(self._backticks(quoted=quoted))
        elif self._peek("$(("):
            self._at += 1
            self._balanced("(", ")")
            parts.append(Opaque(text[start : self._at], "arithmetic"))
        elif self._peek("$("):
            self._at += 2
            body = self._list(empty=True)
            self._take_text(")")
            parts.append(Substitution(body, quoted, text[start : self._at]))
        elif self._peek("${"):
            parts.append(self._braces(quoted=quoted))
        else:
            name = _PARAMETER.match(text, start + 1)
            if name is None:
                parts.append(Text("$", quoted=quoted))
                self._at += 1
                return
            found = name[0][0] if name[0][0].isdigit() else name[0]
            self._at = start + 1 + len(found)
            parts.append(Variable(found, "", (), quoted, "$" + found))

    def _backticks(self, *, quoted: bool) -> Substitution:
        start = self._at
        end = start + 1
        body = []
        while end < len(self._text) and self._text[end] != "`":
            if self._text[end] == "\\" and self._text[end + 1 : end + 2] in set("`$\\"):
                end += 1
            body.append(self._text[end : end + 1])
            end += 1
        if end >= len(self._text):
            raise self._fail("` is missing")
        self._deeper()
        inner = Parser("".join(body), bash=self._bash, depth=self._depth)
        items = []
        while (item := inner.item()) is not None:
            items.append(item)
        self._depth -= 1
        self._at = end + 1
        return Substitution(tuple(items), quoted, self._text[start : self._at])

    def _braces(self, *, quoted: bool) -> Variable | Opaque:
        start = self._at
        self._at += 2
        length = self._peek("#") and not self._peek("#}")
        if length:
            self._at += 1
        name = _PARAMETER.match(self._text, self._at)
        if name is None:
            return self._unread_braces(start)
        self._at = name.end()
        argument: list[Part] = []
        operation = _OPERATION.match(self._text, self._at)
        if self._peek("}"):
            self._at += 1
            kind = "length" if length else ""
            return Variable(name[0], kind, (), quoted, self._text[start : self._at])
        if operation is None or length:
            return self._unread_braces(start)
        self._at = operation.end()
        self._deeper()
        while self._at < len(self._text) and not self._peek("}"):
            if quoted and self._peek("'"):
                argument.append(Text("'", quoted=True))
                self._at += 1
            else:
                self._part(argument, stops="}", quoted=quoted)
        self._depth -= 1
        self._take_text("}")
        raw = self._text[start : self._at]
        return Variable(name[0], operation[0], tuple(argument), quoted, raw)

    def _unread_braces(self, start: int) -> Opaque:
        self._at = start + 1
        self._balanced("{", "}")
        return Opaque(self._text[start : self._at], "an expansion of bash")
