"""What RUN --mount lays over an image while one RUN runs."""

from __future__ import annotations

import csv
import posixpath
from dataclasses import dataclass

from pytest_importcontract.shipment.image.model import Kind, Line, Node
from pytest_importcontract.shipment.image.tree import Draft, Subtree, absolute

_KINDS = ("bind", "cache", "tmpfs", "secret", "ssh")
_ALIASES = {"src": "source", "dst": "target", "destination": "target"}
_KEYS = {
    *("type", "from", "source", "target", "readonly", "ro", "rw", "readwrite", "id", "sharing"),
    *("required", "mode", "uid", "gid", "size", "env"),
}


class MountError(ValueError):
    """A ``--mount`` that Docker refuses; the message says why."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One ``--mount``.

    Attributes:
        kind: bind, cache, tmpfs, secret or ssh.
        target: where it lies, absolute; empty for what is not laid over a folder.
        origin: the stage or image it comes from, as written; empty for the context or for nothing.
        source: what is laid there, absolute in its origin.
    """

    kind: str
    target: str
    origin: str = ""
    source: str = "/"


def parse_mount(text: str, workdir: str) -> Mount:
    """Read the value of a ``--mount``, its variables put in already.

    Source: https://docs.docker.com/reference/dockerfile/#run---mount.

    Raises:
        MountError: what is written is no mount.
    """
    values: dict[str, str] = {}
    for item in next(csv.reader([text]), []):
        key, _, value = item.partition("=")
        key = _ALIASES.get(key.strip().lower(), key.strip().lower())
        if key not in _KEYS:
            raise MountError(f"--mount has no key {item.partition('=')[0]!r}")
        values[key] = value.strip()
    kind = values.get("type", "bind")
    if kind not in _KINDS:
        raise MountError(f"--mount has no type {kind!r}")
    target = values.get("target", "")
    if not target and kind in ("bind", "cache", "tmpfs"):
        raise MountError(f"--mount=type={kind} needs a target")
    if kind in ("secret", "ssh"):
        return Mount(kind, "")
    source = absolute(values.get("source", "/"), "/")
    return Mount(kind, absolute(target, workdir), values.get("from", ""), source)


class Overlay:
    """Lays mounts over a tree and takes them off again, with all that was written into them."""

    def __init__(self, draft: Draft, line: Line) -> None:
        self._draft = draft
        self._line = line
        self._saved: list[tuple[str, Subtree | None, str]] = []

    def lay(self, target: str, subtree: Subtree | None) -> None:
        """Lay a subtree at a path; None is an empty folder."""
        draft = self._draft
        made = target
        while made != "/" and draft.look(posixpath.dirname(made)) is None:
            made = posixpath.dirname(made)
        self._saved.append((target, draft.subtree(target), made))
        draft.remove(target)
        if subtree is None:
            draft.put(target, Node(Kind.FOLDER, placed=self._line))
        else:
            draft.graft(target, subtree, self._line)

    def covers(self, path: str) -> bool:
        """Whether a path lies in a mount."""
        targets = [target.rstrip("/") for target, _, _ in self._saved]
        return any(path == target or path.startswith(f"{target}/") for target in targets)

    def lift(self) -> None:
        """Take the mounts off, the last one first."""
        for target, before, made in reversed(self._saved):
            self._draft.graft(target, before, None)
            if before is None and not any(True for _ in self._draft_files(made)):
                self._draft.remove(made)
        self._saved.clear()

    def _draft_files(self, folder: str) -> list[str]:
        """Whatever the RUN itself left beside a mount, in folders made for it."""
        return [path for path, node in self._draft.below(folder) if node.kind is not Kind.FOLDER]
