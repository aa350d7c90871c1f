"""A site-packages folder without the distributions that the image does not install.

Files are hidden, not names: below a namespace package that several distributions share
(``google``, ``azure``), only what the absent ones brought is gone. What is left is linked to,
folder by folder, so metadata, entry points, data files and compiled modules are found as ever.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_KEPT = 14 * 24 * 3600.0  # seconds for which a view that nobody uses is kept
_COMPILED = "__pycache__"


def open_view(home: Path, site: Path, hidden: Iterable[str]) -> Path:
    """A folder that shows `site` without the files in `hidden`.

    A view stays at its place while what it shows is the same, so that compiled copies are found
    again; one that is in use is never changed.

    Args:
        home: folder that keeps views.
        site: a site-packages folder.
        hidden: paths relative to it, with ``/``; what lies outside of it is ignored.

    Returns:
        The view, or `site` itself where nothing of it is to be hidden.

    Raises:
        OSError: `home` cannot be written.
    """
    names = frozenset(name for name in hidden if not name.startswith(("../", "/")))
    present = sorted(name for name in names if os.path.lexists(f"{site}/{name}"))
    if not present:
        return site
    plan = _Plan(site, frozenset(present))
    key = hashlib.sha256("\0".join([str(site), *present]).encode("utf-8", "surrogateescape"))
    key.update(json.dumps(plan.stamps, sort_keys=True).encode())
    folder = home / key.hexdigest()[:20]
    view = folder / "site-packages"
    if not view.is_dir():
        _build(folder, plan)
        _sweep(home, keep=folder)
    with contextlib.suppress(OSError):  # another run may own it
        os.utime(folder)
    return view


class _Plan:
    """What to link and which folders to make anew, below one site-packages folder.

    Attributes:
        folders: those to make, relative, outer ones first.
        links: what to link, relative.
        stamps: when each folder that is made anew was changed, by its relative path.
    """

    def __init__(self, site: Path, hidden: frozenset[str]) -> None:
        self.site = site
        self.folders: list[str] = []
        self.links: list[str] = []
        self.stamps: dict[str, int] = {}
        self._hidden = hidden
        self._around = {
            "/".join(parts[:count])
            for parts in (name.split("/") for name in hidden)
            for count in range(1, len(parts))
        }
        self._walk("")

    def _walk(self, folder: str) -> None:
        self.stamps[folder] = (self.site / folder).stat().st_mtime_ns
        for entry in sorted((self.site / folder).iterdir()):
            path = entry.relative_to(self.site).as_posix()
            if path in self._hidden or entry.name == _COMPILED:
                continue
            if path not in self._around:
                self.links.append(path)
            elif self._shows_anything(path):
                self.folders.append(path)
                self._walk(path)

    def _shows_anything(self, folder: str) -> bool:
        return any(name not in self._hidden for name in _files(self.site, folder))


def _files(site: Path, folder: str) -> Iterator[str]:
    """Files below the folder as the plan names them, without compiled copies."""
    for place, folders, names in os.walk(site / folder):
        folders[:] = [name for name in folders if name != _COMPILED]
        relative = os.path.relpath(place, site).replace(os.sep, "/")
        for name in names:
            yield f"{relative}/{name}"


def _build(folder: Path, plan: _Plan) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
    try:
        view = draft / "site-packages"
        view.mkdir()
        for path in plan.folders:
            (view / path).mkdir()
        for path in plan.links:
            (view / path).symlink_to(plan.site / path)
        try:
            draft.rename(folder)
        except OSError:
            if not (folder / "site-packages").is_dir():  # else another run was faster
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sweep(home: Path, keep: Path) -> None:
    """Take away views that nobody has used for long."""
    oldest = time.time() - _KEPT
    with contextlib.suppress(OSError):
        for folder in home.iterdir():
            if folder != keep and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
