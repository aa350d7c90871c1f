"""What an image holds, as a tree whose snapshots cost nothing.

Folders are shared between a tree and its snapshots until one of them changes.
"""

from __future__ import annotations

import posixpath
from collections.abc import ItemsView, Iterator, Mapping
from typing import Protocol

from pytest_importcontract.shipment.image.model import Kind, Line, Node

_LINKS = 40  # as many as Linux follows in one path
LONGEST = 4096  # bytes of a path that Linux takes


class Files(Protocol):
    """Something that holds files at absolute POSIX paths: an image's tree, a build context."""

    def look(self, path: str) -> Node | None:
        """What lies at a path, no link followed; ``/`` is a folder."""

    def children(self, path: str) -> Iterator[tuple[str, Node]]:
        """Names and nodes in a folder, by name; nothing where there is no folder."""


class _Folder:
    """A folder's own node, what it holds, and the draft that may change it."""

    __slots__ = ("entries", "node", "owner")

    def __init__(self, node: Node, entries: dict[str, _Folder | Node], owner: object) -> None:
        self.node = node
        self.entries = entries
        self.owner = owner


Subtree = _Folder | Node


class FileTree(Mapping[str, Node]):
    """What lies in an image at one moment; ``/`` itself is not listed."""

    def __init__(self, root: _Folder | None = None) -> None:
        self._root = root or _Folder(Node(Kind.FOLDER), {}, None)
        self._size: int | None = None

    def __getitem__(self, path: str) -> Node:
        found = self.look(path) if path != "/" else None
        if found is None:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[str]:
        for path, _ in self.below("/"):
            yield path

    def items(self) -> ItemsView[str, Node]:
        """Everything with its path, folders before what they hold."""
        return _Items(self)

    def __len__(self) -> int:
        if self._size is None:
            self._size = sum(1 for _ in self)
        return self._size

    def look(self, path: str) -> Node | None:
        """What lies at a path, no link followed; ``/`` is a folder."""
        found = self.subtree(path)
        return found.node if isinstance(found, _Folder) else found

    @property
    def root(self) -> _Folder:
        """The folder at ``/``."""
        return self._root

    def subtree(self, path: str) -> Subtree | None:
        """What lies at a path with all that it holds, for `Draft.graft`."""
        here: Subtree = self._root
        for name in _parts(path):
            if not isinstance(here, _Folder):
                return None
            below = here.entries.get(name)
            if below is None:
                return None
            here = below
        return here

    def children(self, path: str) -> Iterator[tuple[str, Node]]:
        """Names and nodes in a folder, by name; nothing where there is no folder."""
        folder = self.subtree(path)
        if isinstance(folder, _Folder):
            for name, entry in sorted(folder.entries.items()):
                yield name, entry.node if isinstance(entry, _Folder) else entry

    def below(self, path: str) -> Iterator[tuple[str, Node]]:
        """Everything below a folder with its path, folders before what they hold."""
        pending = _entries(path.rstrip("/"), self.subtree(path))
        while pending:
            place, entry = pending.pop()
            yield place, entry.node if isinstance(entry, _Folder) else entry
            pending += _entries(place, entry)


class _Items(ItemsView[str, Node]):
    """All of a tree, in one walk."""

    _mapping: FileTree

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return self._mapping.below("/")


class Draft(FileTree):
    """A tree that is being made."""

    def __init__(self, start: FileTree | None = None) -> None:
        super().__init__()
        if start is not None:
            self.reset(start)
        self._owner = object()

    def snapshot(self) -> FileTree:
        """The tree as it is now."""
        self._owner = object()
        return FileTree(self._root)

    def reset(self, tree: FileTree) -> None:
        """Become another tree."""
        self._root = tree.root
        self._owner = object()
        self._size = None

    def put(self, path: str, node: Node) -> Node | None:
        """Lay something at a path, in folders that are made where they are missing.

        A folder laid on a folder keeps what is in it. What is in the way of a parent folder goes.

        Returns:
            What lay there before.
        """
        return self._set(path, node, node.placed)

    def graft(self, path: str, subtree: Subtree | None, placed: Line | None) -> None:
        """Put a whole subtree at a path, in place of what is there; None takes that away."""
        if subtree is None:
            self.remove(path)
        elif path == "/" and isinstance(subtree, _Folder):
            self._root = subtree
            self._size = None
        else:
            self.remove(path)
            self._set(path, subtree, placed)

    def remove(self, path: str) -> None:
        """Take away a path and all below it; nothing where it is not there."""
        parts = _parts(path)
        if parts and self.subtree(path) is not None:
            self._own(parts[:-1], None).entries.pop(parts[-1], None)
            self._size = None

    def _set(self, path: str, new: Subtree, placed: Line | None) -> Node | None:
        parts = _parts(path)
        if not parts:
            return self._root.node
        entries = self._own(parts[:-1], placed).entries
        old = entries.get(parts[-1])
        self._size = None
        if isinstance(new, Node) and new.kind is Kind.FOLDER:
            kept = old.entries if isinstance(old, _Folder) else {}
            new = _Folder(new, dict(kept), self._owner)
        entries[parts[-1]] = new
        return old.node if isinstance(old, _Folder) else old

    def _own(self, parts: list[str], placed: Line | None) -> _Folder:
        """The folder at a path, ready to be changed."""
        here = self._root = self._mine(self._root)
        for name in parts:
            below = here.entries.get(name)
            if not isinstance(below, _Folder):
                below = _Folder(Node(Kind.FOLDER, placed=placed), {}, self._owner)
            here.entries[name] = below = self._mine(below)
            here = below
        return here

    def _mine(self, folder: _Folder) -> _Folder:
        if folder.owner is self._owner:
            return folder
        return _Folder(folder.node, dict(folder.entries), self._owner)


def _entries(place: str, entry: Subtree | None) -> list[tuple[str, Subtree]]:
    """What a folder holds, by path, the last first."""
    if not isinstance(entry, _Folder):
        return []
    return [
        (f"{place}/{name}", entry.entries[name]) for name in sorted(entry.entries, reverse=True)
    ]


def resolve(files: Files, path: str, *, last: bool = True) -> str:
    """Where a path leads when links are followed inside the tree, as after ``chroot``.

    Args:
        files: the tree.
        path: an absolute path, normal or not.
        last: whether a link at the very end is followed too.

    Returns:
        An absolute, normal path, whether or not something lies there. A path that goes round in
        circles leads to itself.
    """
    done: list[str] = []
    todo = _parts(path)[::-1]
    hops = 0
    missing = 0  # from this depth on nothing is there
    while todo:
        name = todo.pop()
        if name == "..":
            done = done[:-1]
            continue
        if name == ".":
            continue
        done.append(name)
        if not todo and not last:
            break
        if 0 < missing <= len(done):
            continue
        node = files.look("/" + "/".join(done))
        missing = len(done) if node is None else 0
        if node is not None and node.kind is Kind.LINK:
            hops += 1
            if hops > _LINKS:
                return normal(path)
            done = [] if node.link.startswith("/") else done[:-1]
            todo += _parts(node.link)[::-1]
    return "/" + "/".join(done)


def absolute(path: str, folder: str) -> str:
    """An absolute, normal path for one that may be relative to `folder`."""
    return normal(posixpath.join(folder, path))


def normal(path: str) -> str:
    """An absolute path without dots and doubled slashes."""
    return posixpath.normpath("/" + path.lstrip("/"))


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
