"""What plain commands of a RUN do to files: rm, mv, cp, ln, mkdir, touch, tee and ``>``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_importcontract.shipment.image.model import Kind, Line, Node
from pytest_importcontract.shipment.image.printing import printed
from pytest_importcontract.shipment.image.tree import Draft, absolute, resolve
from pytest_importcontract.shipment.image.wildcards import PatternError, find, is_wild

_KEPT = 4_000_000  # bytes of a file that are worth following through `cat` and `>>`
_VALUED = {
    "install": {"m", "o", "g", "t", "mode", "owner", "group", "target-directory"},
    "mkdir": {"m", "mode"},
    "touch": {"d", "r", "t", "date", "reference"},
    "cp": {"t", "S", "target-directory", "suffix"},
    "mv": {"t", "S", "target-directory", "suffix"},
    "ln": {"t", "S", "target-directory", "suffix"},
}
FOLLOWED = frozenset(
    ["rm", "rmdir", "unlink", "mv", "cp", "ln", "mkdir", "touch", "install", "tee"]
)
"""Programs whose effect on files is worked out."""

PRINTING = frozenset(["echo", "printf", "cat"])
"""Programs whose output is worked out."""


@dataclass(slots=True)
class Shell:
    """Where commands run.

    Attributes:
        draft: the tree they change.
        line: the RUN they belong to.
        is_folder: whether the base image, of which nobody knows the files, has such a folder.
        lost: told of every file that goes: its path and its node.
        opens: told of every path where something unknown may now lie.
        escapes: whether ``echo`` reads backslashes without being asked to, as dash's does.
    """

    draft: Draft
    line: Line
    is_folder: Callable[[str], bool]
    lost: Callable[[str, Node], None]
    opens: Callable[[str], None]
    escapes: bool = False

    def run(self, argv: Sequence[str], cwd: str) -> None:
        """Carry out one command of `FOLLOWED`, `tee` apart."""
        name = posixpath.basename(argv[0])
        options, words = _options(name, argv[1:])
        match name:
            case "rm" | "rmdir" | "unlink":
                recursive = bool({"r", "R", "recursive"} & options.keys())
                for path in self._paths(words, cwd):
                    self._remove(path, recursive=recursive)
            case "mkdir":
                for word in words:
                    for path in list(self._paths([word], cwd)) or [absolute(word, cwd)]:
                        self._mkdir(resolve(self.draft, path))
            case "touch":
                for path in self._paths(words, cwd):
                    if self.draft.look(resolve(self.draft, path)) is None:
                        self.write(path, b"")
            case "ln":
                self._link(options, words, cwd)
            case "install" if {"d", "directory"} & options.keys():
                for word in words:
                    self._mkdir(resolve(self.draft, absolute(word, cwd)))
            case "mv" | "cp" | "install":
                self._copy(name, options, words, cwd)

    def output(self, argv: Sequence[str], cwd: str, given: bytes | None) -> bytes | None:
        """What one command of `PRINTING` prints; None where that is not known.

        Args:
            argv: the command.
            cwd: the folder it runs in.
            given: what it reads from its standard input; None where that is not known.
        """
        name = posixpath.basename(argv[0])
        if name != "cat":
            return printed(name, argv[1:], escapes=self.escapes)
        words = [word for word in argv[1:] if word == "-" or not word.startswith("-")]
        if len(words) < len(argv) - 1:
            return None
        parts = [given if word == "-" else self._read(absolute(word, cwd)) for word in words or "-"]
        known = [part for part in parts if part is not None]
        return b"".join(known) if len(known) == len(parts) else None

    def write(self, path: str, content: bytes | None, *, append: bool = False) -> None:
        """Let a redirection or `tee` write a file; None is a text that is not known."""
        path = resolve(self.draft, path)
        if path.startswith("/dev/") or self._has_folder(path):
            return
        old = self.draft.look(path)
        if append and (old is not None or content is None):
            before = self._read(path)
            content = None if before is None or content is None else before + content
        self.draft.put(path, Node(Kind.FILE, content=content, placed=self.line))
        if old is not None:
            self.lost(path, old)

    def _paths(self, words: Sequence[str], cwd: str) -> Iterator[str]:
        """Words as paths, wildcards put in; hidden files only where a pattern says so."""
        for word in words:
            path = absolute(word, cwd)
            if not is_wild(path):
                yield path
                continue
            try:
                found = find(self.draft, path.replace("[!", "[^"))
            except PatternError:
                found = []
            depth = [part.startswith(".") for part in path.split("/")]
            for match in found:
                parts = match.split("/")
                if all(dot or not p.startswith(".") for p, dot in zip(parts, depth, strict=False)):
                    yield match

    def _remove(self, path: str, *, recursive: bool) -> None:
        path = resolve(self.draft, path, last=False)
        node = self.draft.look(path)
        if node is None or (node.kind is Kind.FOLDER and not recursive):
            return
        self._tell(path, node)
        self.draft.remove(path)

    def _tell(self, path: str, node: Node) -> None:
        if node.kind is not Kind.FOLDER:
            self.lost(path, node)
        for below, each in self.draft.below(path):
            if each.kind is not Kind.FOLDER:
                self.lost(below, each)

    def _mkdir(self, path: str) -> None:
        if self.draft.look(path) is None:
            self.draft.put(path, Node(Kind.FOLDER, placed=self.line))

    def _link(self, options: dict[str, str], words: list[str], cwd: str) -> None:
        symbolic = bool({"s", "symbolic"} & options.keys())
        folder = options.get("t", options.get("target-directory", ""))
        if folder:
            words = [*words, folder]
        if len(words) == 1:
            words = [*words, "."]
        plain = bool({"n", "T", "no-dereference", "no-target-directory"} & options.keys())
        for each in words[:-1]:
            word = each.rstrip("/") or "/"
            target = absolute(words[-1], cwd)
            real = resolve(self.draft, target)
            old = self.draft.look(resolve(self.draft, target, last=False))
            if self._has_folder(real) and not (plain and old and old.kind is Kind.LINK):
                target = posixpath.join(real, posixpath.basename(word))
            target = resolve(self.draft, target, last=False)
            if symbolic:
                node: Node | None = Node(Kind.LINK, link=word, placed=self.line)
            else:
                found = self.draft.look(resolve(self.draft, absolute(word, cwd)))
                node = found and _moved(found, self.line)
            if node is None:
                self.opens(target)
            elif (before := self.draft.put(target, node)) is not None:
                self.lost(target, before)

    def _copy(self, name: str, options: dict[str, str], words: list[str], cwd: str) -> None:
        folder = options.get("t", options.get("target-directory", ""))
        words = [*words, f"{folder}/"] if folder else words
        if len(words) < 2:
            return
        target = resolve(self.draft, absolute(words[-1], cwd))
        plain = bool({"T", "no-target-directory"} & options.keys())
        inside = not plain and (self._has_folder(target) or bool(folder))
        recursive = name == "mv" or bool({"r", "R", "a", "recursive", "archive"} & options.keys())
        for word in words[:-1]:
            found = list(self._paths([word], cwd))
            if not found or (not is_wild(word) and self.draft.look(found[0]) is None):
                real = resolve(self.draft, absolute(word, cwd))
                if self.draft.look(real) is None:
                    self.opens(target)
                    continue
            contents = word.endswith("/.") or word == "."
            for path in found:
                place = target
                if inside and not contents:
                    place = posixpath.join(target, posixpath.basename(path))
                if path.rstrip("/") != place:
                    self._copy_one(path, place, moves=name == "mv", recursive=recursive)

    def _copy_one(self, path: str, place: str, *, moves: bool, recursive: bool) -> None:
        source = resolve(self.draft, path, last=not recursive)
        node = self.draft.look(source)
        if node is None or (node.kind is Kind.FOLDER and not recursive):
            return
        if node.kind is Kind.FOLDER and f"{place}/".startswith(f"{source.rstrip('/')}/"):
            return  # into itself: refused
        old = self.draft.look(place)
        if old is not None and node.kind is not Kind.FOLDER:
            self._tell(place, old)
        copies = [(place, node), *self._below(source, place)]
        if moves:
            self.draft.remove(source)
        for target, each in copies:
            self.draft.put(target, _moved(each, self.line))

    def _below(self, source: str, place: str) -> list[tuple[str, Node]]:
        start = len(source.rstrip("/"))
        return [(place.rstrip("/") + path[start:], node) for path, node in self.draft.below(source)]

    def _has_folder(self, path: str) -> bool:
        node = self.draft.look(path)
        return node.kind is Kind.FOLDER if node is not None else self.is_folder(path)

    def _read(self, path: str) -> bytes | None:
        return read_node(self.draft.look(resolve(self.draft, path)))


def read_node(node: Node | None) -> bytes | None:
    """The bytes of a file in an image; None where nobody knows them, or they are too many."""
    if node is None:
        return None
    try:
        copied = node.source if node.content is None else None
        too_many = copied is not None and copied.stat().st_size > _KEPT
    except OSError:
        return None
    return None if too_many else node.read()


def _moved(node: Node, line: Line) -> Node:
    return Node(node.kind, node.source, node.content, node.link, node.mode, line)


def _options(name: str, words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Options by name without their dashes, and the other words."""
    valued = _VALUED.get(name, set())
    options: dict[str, str] = {}
    rest: list[str] = []
    todo = list(words)[::-1]
    while todo:
        word = todo.pop()
        if word == "--":
            rest += todo[::-1]
            break
        if word.startswith("--"):
            key, equals, value = word[2:].partition("=")
            if not equals and key in valued and todo:
                value = todo.pop()
            options[key] = value
        elif re.fullmatch(r"-[^-].*", word, re.DOTALL):
            letters = word[1:]
            for index, letter in enumerate(letters):
                options[letter] = ""
                if letter in valued:
                    options[letter] = letters[index + 1 :] or (todo.pop() if todo else "")
                    break
        else:
            rest.append(word)
    return options, rest
