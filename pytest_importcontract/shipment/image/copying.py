"""COPY and ADD: files from a context, a stage or an archive, into a tree.

The rules are those of https://docs.docker.com/reference/dockerfile/#copy.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_importcontract.shipment.image.archive import members
from pytest_importcontract.shipment.image.ignore import Matcher
from pytest_importcontract.shipment.image.model import Kind, Line, Node
from pytest_importcontract.shipment.image.tree import Draft, Files, absolute, resolve
from pytest_importcontract.shipment.image.wildcards import find, is_wild


class CopyError(ValueError):
    """What Docker refuses to copy; the message says why.

    Attributes:
        suggestion: how to mend it.
        others: what else the same instruction is refused for.
    """

    def __init__(self, what: str, suggestion: str = "") -> None:
        super().__init__(what)
        self.suggestion = suggestion
        self.others: tuple[CopyError, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One COPY or ADD.

    Attributes:
        line: where it is written.
        target: the destination, absolute; a slash at the end means a folder.
        mode: permission bits for every file; None keeps theirs.
        excludes: what ``--exclude`` leaves out, relative to each source.
        parents: whether the sources' folders are kept.
        unpacks: whether local archives are unpacked.
        several: whether it has several sources, so that files need a folder to go to.
    """

    line: Line
    target: str
    mode: int | None = None
    excludes: tuple[str, ...] = ()
    parents: bool = False
    unpacks: bool = False
    several: bool = False


@dataclass(slots=True)
class Copier:
    """Copies into one tree.

    Attributes:
        draft: the tree.
        is_folder: whether the base image, of which nobody knows the files, has such a folder.
        lost: files that something else was laid upon, told by what is called here.
    """

    draft: Draft
    is_folder: Callable[[str], bool]
    lost: Callable[[str, Node, Line], None]
    _excludes: dict[tuple[str, ...], Matcher] = field(default_factory=dict)

    def copy(self, files: Files, sources: Sequence[str], request: Request) -> None:
        """Copy what certainly is there.

        Args:
            files: where the sources lie.
            sources: absolute paths, without wildcards.
            request: how and whereto.

        Raises:
            CopyError: a file and a folder are in each other's way, or several files are to
                become one.
        """
        request = replace(request, several=request.several or len(sources) > 1)
        for source in sources:
            real = resolve(files, source)
            node = files.look(real)
            if node is None:
                raise CopyError(f"{source.lstrip('/')} is a link to nothing that the build sees")
            if request.unpacks and node.source is not None and self._unpack(node, request):
                continue
            if node.kind is Kind.FOLDER:
                self._copy_folder(files, real, self._folder(request), request, "")
            elif not self._leaves_out(posixpath.basename(source), request):
                self.write(posixpath.basename(source), node, request)

    def copy_with_parents(self, files: Files, source: str, request: Request) -> list[str]:
        """Copy what a source of ``COPY --parents`` means, its folders included.

        Args:
            files: where the source lies.
            source: as written; what stands before ``/./`` is left away in the destination.
            request: how and whereto.

        Returns:
            The paths that were found.
        """
        pivot, dot, pattern = source.partition("/./")
        if not dot:
            pivot, pattern = "", source
        start = resolve(files, absolute(pivot, "/"))
        pattern = absolute(pattern, "/").strip("/")
        folder = self._folder(request)
        found = []
        for path in _deep(files, start.rstrip("/"), pattern):
            below = path[len(start.rstrip("/")) + 1 :]
            node = files.look(path)
            if node is None or self._leaves_out(below, request):
                continue
            found.append(path)
            target = posixpath.join(folder, below)
            if node.kind is Kind.FOLDER:
                self._copy_folder(files, path, target, request, below)
            else:
                self._lay(target, node, request)
        return found

    def write(self, name: str, node: Node, request: Request) -> None:
        """Lay one file at the destination, or in it where it is a folder.

        Raises:
            CopyError: a folder of the file's name is in the way, or others go there too.
        """
        target = resolve(self.draft, request.target)
        if request.target.endswith("/") or self._has_folder(target):
            target = posixpath.join(self._folder(request), name)
        elif request.several:
            what = f"several files are copied to {request.target}, which is no folder"
            raise CopyError(what, f"write {request.target}/")
        self._lay(target, node, request)

    def _folder(self, request: Request) -> str:
        """The destination as a folder, made where it is missing."""
        target = resolve(self.draft, request.target)
        self._make(target, Node(Kind.FOLDER, placed=request.line))
        return target

    def _make(self, path: str, node: Node) -> None:
        """A folder, which keeps what is in it; a known one keeps where it comes from."""
        old = self.draft.look(path)
        if old is not None and old.kind is not Kind.FOLDER:
            raise CopyError(f"{path} is a file in the image, and a folder is to be copied there")
        if old is None or node.source is not None:
            self.draft.put(path, node)

    def _has_folder(self, path: str) -> bool:
        node = self.draft.look(path)
        return node.kind is Kind.FOLDER if node is not None else self.is_folder(path)

    def _copy_folder(
        self, files: Files, source: str, target: str, request: Request, below: str
    ) -> None:
        self._make(target, _placed(files.look(source), request))
        for name, node in files.children(source):
            path = f"{below}/{name}" if below else name
            place = posixpath.join(target, name)
            if node.kind is not Kind.FOLDER:
                if not self._leaves_out(path, request):
                    self._lay(place, node, request)
            elif not self._leaves_out(path, request):
                self._copy_folder(files, posixpath.join(source, name), place, request, path)
            elif self._matcher(request).may_match_under(path):
                self._copy_below_left_out(files, posixpath.join(source, name), place, request, path)

    def _copy_below_left_out(
        self, files: Files, source: str, target: str, request: Request, below: str
    ) -> None:
        """Copy what ``!`` patterns bring back below a folder that is left out."""
        for name, node in files.children(source):
            path, place = f"{below}/{name}", posixpath.join(target, name)
            if node.kind is Kind.FOLDER:
                copy = (
                    self._copy_below_left_out
                    if self._leaves_out(path, request)
                    else self._copy_folder
                )
                copy(files, posixpath.join(source, name), place, request, path)
            elif not self._leaves_out(path, request):
                self._lay(place, node, request)

    def _lay(self, target: str, node: Node, request: Request) -> None:
        new = _placed(node, request)
        old = self.draft.put(target, new)
        if old is not None and old.kind is Kind.FOLDER:
            raise CopyError(f"{target} is a folder in the image, and a file is to be copied there")
        if old is not None and old.source != new.source:
            self.lost(target, old, request.line)

    def _unpack(self, node: Node, request: Request) -> bool:
        found = members(node.source, request.line) if node.source and _is_file(node) else None
        if found is None:
            return False
        folder = self._folder(request)
        for name, member in found:
            if name == ".":
                continue
            target = posixpath.join(folder, name)
            old = self.draft.look(target)
            if member.kind is Kind.FOLDER and old is not None and old.kind is Kind.FOLDER:
                continue
            self.draft.put(target, member)
            if old is not None:
                self.lost(target, old, request.line)
        return True

    def _leaves_out(self, path: str, request: Request) -> bool:
        return bool(request.excludes) and self._matcher(request).matches(path)

    def _matcher(self, request: Request) -> Matcher:
        if request.excludes not in self._excludes:
            self._excludes[request.excludes] = Matcher(list(request.excludes))
        return self._excludes[request.excludes]


def present(files: Files, source: str) -> list[str]:
    """The paths that one source means, with wildcards resolved; empty where nothing is there.

    Raises:
        PatternError: Docker refuses the pattern.
    """
    if is_wild(source):
        return find(files, source)
    return [source] if files.look(resolve(files, source)) is not None else []


def _deep(files: Files, folder: str, pattern: str) -> list[str]:
    """What a pattern of ``--parents`` matches: ``**`` stands for any number of folders."""
    if not is_wild(pattern):
        path = f"{folder}/{pattern}".rstrip("/") or "/"
        return [path] if files.look(path) is not None else []
    if "**" not in pattern.split("/"):
        return find(files, f"{folder}/{pattern}")
    matcher = Matcher([pattern])
    found: list[str] = []
    pending = [folder]
    while pending:
        place = pending.pop()
        for name, node in files.children(place or "/"):
            path = f"{place}/{name}"
            if matcher.matches(path[len(folder) + 1 :]):
                found.append(path)
            elif node.kind is Kind.FOLDER:
                pending.append(path)
    return sorted(found)


def _placed(node: Node | None, request: Request) -> Node:
    node = node or Node(Kind.FOLDER)
    mode = node.mode if request.mode is None else request.mode
    return Node(node.kind, node.source, node.content, node.link, mode, request.line)


def _is_file(node: Node) -> bool:
    return node.kind is Kind.FILE and isinstance(node.source, Path)
