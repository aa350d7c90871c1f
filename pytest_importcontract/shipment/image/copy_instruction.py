"""One COPY or ADD instruction: its words, where its sources are, what is said when they are not."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from e2b_dockerfile_utils import chomp_heredoc_content, parse_heredoc

from pytest_importcontract.shipment.image.context import Context
from pytest_importcontract.shipment.image.copying import Copier, CopyError, Request, present
from pytest_importcontract.shipment.image.dockerfile import Instruction
from pytest_importcontract.shipment.image.history import Copied, History
from pytest_importcontract.shipment.image.ignore import Matcher
from pytest_importcontract.shipment.image.model import Kind, Line, Node, Stage, Transfer
from pytest_importcontract.shipment.image.tree import LONGEST, Files, absolute, resolve
from pytest_importcontract.shipment.image.wildcards import PatternError, is_wild

_URL = re.compile(r"https?://", re.IGNORECASE)
# The image whose two programs uv's documentation copies: no module of a service is in them.
_UV_IMAGE = re.compile(r"(?:[^/]+/)*astral-sh/uv(?:[:@].*)?\Z")
_UV_PROGRAMS = frozenset({"/uv", "/uvx"})
_GIT = re.compile(r"(?:git@|git://|ssh://)|https?://[^?#]*\.git(?:[?#].*)?$", re.IGNORECASE)


class Expander(Protocol):
    """Puts variables into a word."""

    def __call__(self, text: str, *, quotes: bool = True) -> str:
        """The word as Docker reads it."""


@dataclass(slots=True)
class CopyInstruction:
    """One COPY or ADD in one stage.

    Attributes:
        state: the stage.
        context: the build context.
        instruction: what is written.
        expand: puts variables in.
        origin: the stage that a name means; None for an image.
        name: what ``--from`` says, variables put in; None where there is none.
    """

    state: History
    context: Context
    instruction: Instruction
    expand: Expander
    origin: Callable[[str], History | None]
    name: str | None

    def run(self) -> None:
        """Copy.

        Raises:
            CopyError: Docker would refuse it; what could be copied has been.
        """
        instruction = self.instruction
        if len(instruction.args) < 2:
            return
        words, texts = self._sources()
        target = self._target(self.expand(instruction.args[-1]))
        request = self._request(target)
        if len(words) + len(texts) > 1:
            request = replace(request, several=True)
        if self.name is None:
            self._from_context(words, request)
        else:
            self._from_elsewhere(self.name, words, request)
        copier = self._copier()
        for path, content in texts:
            copier.write(path, Node(Kind.FILE, content=content), request)

    def _sources(self) -> tuple[list[str], list[tuple[str, bytes]]]:
        """The sources as paths, and the files that heredocs write."""
        words, texts = [], []
        heredocs = {heredoc.name: heredoc for heredoc in self.instruction.heredocs}
        for word in self.instruction.args[:-1]:
            found = None if self.instruction.json else parse_heredoc(word)
            heredoc = heredocs.get(found.name) if found else None
            if heredoc is None:
                words.append(self.expand(word))
                continue
            content = heredoc.content
            content = chomp_heredoc_content(content) if heredoc.chomp else content
            content = self.expand(content, quotes=False) if heredoc.expand else content
            texts.append((heredoc.name, content.encode("utf-8", "surrogateescape")))
        return words, texts

    def _target(self, text: str) -> str:
        """The destination as an absolute path, with a slash at its end where it means a folder."""
        path = absolute(text, self.state.workdir)
        if path != "/" and (text in ("", ".", "./", "..") or text.endswith(("/", "/.", "/.."))):
            path += "/"
        if len(path) > LONGEST:
            raise CopyError(
                f"the destination of {self.instruction.name} is longer than a path can be"
            )
        return path

    def _request(self, target: str) -> Request:
        instruction = self.instruction
        excludes = [self.expand(value) for flag, value in instruction.flags if flag == "exclude"]
        try:
            Matcher(excludes)
        except ValueError:
            raise CopyError("--exclude has a pattern that Docker does not read") from None
        chmod = self.expand(instruction.flag("chmod") or "")
        unpacks = instruction.name == "ADD"
        if instruction.flag("unpack") is not None:
            unpacks = instruction.is_on("unpack")
        return Request(
            line=instruction.line,
            target=target,
            mode=int(chmod, 8) if re.fullmatch(r"[0-7]{1,4}", chmod) else None,
            excludes=tuple(excludes),
            parents=instruction.is_on("parents"),
            unpacks=unpacks,
        )

    def _copier(self) -> Copier:
        def lost(path: str, node: Node, line: Line) -> None:
            self.state.lose(path, node, line, covered=True)

        return Copier(self.state.draft, self.state.has_folder, lost)

    def _is_folder(self, target: str) -> bool:
        path = resolve(self.state.draft, target)
        node = self.state.draft.look(path)
        known = node is not None and node.kind is Kind.FOLDER
        return target.endswith("/") or known or self.state.has_folder(path)

    def _remember(self, words: Sequence[str], request: Request, origin: int | None) -> None:
        sources = tuple(absolute(word, "/") for word in words)
        copied = Copied(self.instruction, sources, origin, request.excludes)
        self.state.copied.append(copied)

    def _from_context(self, words: list[str], request: Request) -> None:
        local = []
        for word in words:
            if self.instruction.name == "ADD" and (_GIT.match(word) or _URL.match(word)):
                self._download(word, request)
            else:
                local.append(word)
        self._remember(local, request, None)
        problems: list[CopyError] = []
        for word in local:
            try:
                found = self._present(self.context, word, request)
                if not found:
                    self._missing(word)
                if not request.parents:
                    self._copier().copy(self.context, found, request)
            except (CopyError, PatternError) as error:
                problems.append(_with(error, word))
        _raise(problems)

    def _present(self, files: Files, word: str, request: Request) -> list[str]:
        if request.parents:
            return self._copier().copy_with_parents(files, word, request)
        path = absolute(word, "/")
        return present(files, path)

    def _missing(self, word: str) -> None:
        """Say why a source is not in the context.

        Raises:
            CopyError: always, but for a pattern, which may match nothing.
        """
        context = self.context
        relative = absolute(word, "/").strip("/")
        normal = posixpath.normpath(word.lstrip("/"))
        if is_wild(relative):
            self.state.note(self.instruction.line, f"{word} matches nothing that the build sees")
            return
        if normal == ".." or normal.startswith("../"):
            what = f"{word} lies outside the build context"
            raise CopyError(what, "a build sees only its context: choose a folder further up")
        place = context.root / relative
        if place.is_symlink() and not place.exists():
            raise CopyError(f"{word} is a link to nothing")
        stripped = context.ignore.decision(relative)
        if place.exists() and stripped is not None:
            what = f"{word} is stripped from the build context by {stripped} ({stripped.text})"
            raise CopyError(what, f"add !{relative} after that line")
        if place.exists():
            raise CopyError(f"{word} is reached through a link out of the build context")
        names = [name for name, _ in context.children(posixpath.dirname(f"/{relative}"))]
        near = difflib.get_close_matches(posixpath.basename(relative), names, n=1)
        folder = posixpath.dirname(relative)
        suggestion = f"did you mean {posixpath.join(folder, near[0])}?" if near else ""
        raise CopyError(f"{word} is not in the build context", suggestion)

    def _download(self, word: str, request: Request) -> None:
        line = self.instruction.line
        name = posixpath.basename(re.sub(r"[?#].*", "", word))
        if not _GIT.match(word) and name:
            self._copier().write(name, Node(Kind.FILE), request)
            self.state.note(line, f"what {word} holds is not known")
        else:
            self.state.note(line, f"which files {word} brings is not known")
            self.state.open(request.target, line)

    def _from_elsewhere(self, name: str, words: list[str], request: Request) -> None:
        origin = self.origin(name)
        self._remember(words, request, -1 if origin is None else origin.index)
        problems: list[CopyError] = []
        for word in words:
            path = absolute(word, "/")
            if origin is None:
                if path not in _UV_PROGRAMS or not _UV_IMAGE.match(name):
                    what = f"what the image {name} holds is not known: {word} is copied"
                    self.state.note(request.line, what)
                target = self._guess(path, request, file=len(words) > 1)
                self._transfer(name, path, target, request)
                self.state.open(target, request.line)
                continue
            try:
                self._from_stage(origin, word, request)
            except (CopyError, PatternError) as error:
                problems.append(_with(error, word))
        _raise(problems)

    def _from_stage(self, origin: History, word: str, request: Request) -> None:
        path = absolute(word, "/")
        assert origin.stage is not None
        found = self._present(origin.draft, word, request)
        for source in found:
            node = origin.draft.look(resolve(origin.draft, source))
            is_file = node is not None and node.kind is not Kind.FOLDER
            target = resolve(self.state.draft, request.target)
            if is_file and self._is_folder(request.target):
                target = posixpath.join(target, posixpath.basename(source))
            self._transfer(origin.stage, source, target, request)
        if not request.parents:
            self._copier().copy(origin.draft, found, request)
        for place, line in origin.opens.items():
            inside = path == "/" or place == path or place.startswith(f"{path}/")
            if inside:
                below = place[len(path.rstrip("/")) :].lstrip("/")
                self.state.open(posixpath.join(request.target.rstrip("/") or "/", below), line)
        if found:
            return
        if origin.certain and not is_wild(path):
            names = [name for name, _ in origin.draft.children(posixpath.dirname(path))]
            near = difflib.get_close_matches(posixpath.basename(path), names, n=1)
            hint = (
                f"did you mean {posixpath.join(posixpath.dirname(path), near[0])}?" if near else ""
            )
            raise CopyError(f"{word} is not in the stage {origin.name or origin.index}", hint)
        if origin.certain:
            self.state.note(self.instruction.line, f"{word} matches nothing in that stage")
            return
        target = self._guess(path, request, file=False)
        self._transfer(origin.stage, path, target, request)
        self.state.open(target, request.line)

    def _guess(self, path: str, request: Request, *, file: bool) -> str:
        """Where something unknown lands: a file by its name's look, else a folder."""
        target = resolve(self.state.draft, request.target)
        name = posixpath.basename(path)
        looks = bool(re.search(r"\w\.[a-z]\w*$", name)) or name in ("uv", "uvx")
        if (file or looks or is_wild(path)) and self._is_folder(request.target):
            return target if is_wild(path) else posixpath.join(target, name)
        return target

    def _transfer(self, origin: Stage | str, source: str, target: str, request: Request) -> None:
        self.state.events.append(Transfer(origin, source, target, request.line))


def _with(error: CopyError | PatternError, word: str) -> CopyError:
    if isinstance(error, CopyError):
        return error
    return CopyError(f"{word} is no pattern that Docker reads: {error}")


def _raise(problems: list[CopyError]) -> None:
    if problems:
        first, *others = problems
        first.others = tuple(others)
        raise first
