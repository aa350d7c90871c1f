"""Wheels of projects, kept from run to run by the content that they were built from."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pytest_importcontract.shipment.image.model import Tree
from pytest_importcontract.shipment.project.backend import BuildError, Order, build_wheel
from pytest_importcontract.shipment.project.manifest import Manifest
from pytest_importcontract.shipment.project.sources import Sources
from pytest_importcontract.shipment.project.wheel import Wheel, WheelError, read_wheel

_FORMAT = "1"  # of what is kept; another one makes all of it anew
_KEPT = 30 * 86400.0  # seconds that a wheel is kept unused
_BELIEVED = 60.0  # seconds that a failed build is not tried again
_IGNORE_FILES = (".gitignore", ".hgignore")  # which hatchling also looks for above the project


@dataclass(frozen=True, slots=True)
class Built:
    """A wheel that was built.

    Attributes:
        wheel: its content.
        root: the folder that stood for the image's root; an editable wheel names paths below it.
    """

    wheel: Wheel
    root: str


def kept_wheel(cache: Path, tree: Tree, manifest: Manifest, order: Order) -> Built:
    """The project's wheel, built unless an equal build is kept in `cache`.

    Raises:
        BuildError: it cannot be built.
        OSError: the cache or the temporary folder cannot be written.
    """
    home, environments = cache / "projects", cache / "backends"
    for folder in (home, environments):
        folder.mkdir(parents=True, exist_ok=True)
    entry = home / _key(tree, manifest, order)
    failure = entry.with_suffix(".failed")
    try:
        built = Built(read_wheel(entry / "project.whl"), (entry / "root").read_text("utf-8"))
    except (OSError, WheelError):
        shutil.rmtree(entry, ignore_errors=True)
    else:
        os.utime(entry)
        return built
    if failure.is_file() and time.time() - failure.stat().st_mtime < _BELIEVED:
        raise BuildError(failure.read_text("utf-8", "replace"))
    _forget(home)
    _forget(environments)
    try:
        return _build(entry, tree, manifest, order, environments)
    except BuildError as error:
        failure.write_text(str(error), "utf-8", "replace")
        raise


def _build(entry: Path, tree: Tree, manifest: Manifest, order: Order, environments: Path) -> Built:
    with tempfile.TemporaryDirectory(prefix="importcontract-", ignore_cleanup_errors=True) as made:
        work = Path(made).resolve()
        root, kept = work / "image", work / "kept"
        scratch = work / "scratch"
        for folder in (root, kept, scratch):
            folder.mkdir()
        _lay_out(tree, manifest, root)
        try:
            wheel = build_wheel(
                root / manifest.folder[1:],
                kept,
                order,
                scratch=scratch,
                environments=environments,
            )
            if wheel.resolve().parent != kept:
                raise WheelError(f"{wheel.name} is not where it belongs")
            built = Built(read_wheel(wheel), str(root))
        except BuildError as error:
            raise BuildError(str(error).replace(str(root), "")) from None
        except WheelError as error:
            raise BuildError(f"{manifest.label} made no wheel ({error})") from None
        except (FileNotFoundError, IsADirectoryError) as error:
            raise BuildError(f"{manifest.label} made no wheel ({error.strerror})") from None
        wheel.rename(kept / "project.whl")
        (kept / "root").write_text(str(root), "utf-8")
        aside = Path(tempfile.mkdtemp(prefix="new-", dir=entry.parent))
        shutil.copytree(kept, aside, dirs_exist_ok=True)
        try:
            aside.rename(entry)
        except OSError:  # another run was faster
            shutil.rmtree(aside, ignore_errors=True)
        return built


def _lay_out(tree: Tree, manifest: Manifest, root: Path) -> None:
    """Write what a build may read below `root`, each file at its path in the image."""
    sources = manifest.sources
    (root / manifest.folder[1:]).mkdir(parents=True, exist_ok=True)
    for folder in sorted(sources.folders):
        (root / folder[1:]).mkdir(parents=True, exist_ok=True)
    for path, node in sources.files.items():
        target = root / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        if node.content is None and node.source is not None and sources.is_known(path):
            shutil.copyfile(node.source, target)
        else:
            target.write_bytes(node.content or b"")
        target.chmod(0o755 if sources.is_executable(path) else 0o644)
    for path, content in _ignored_above(tree, sources):
        (root / path[1:]).write_bytes(content)


def _ignored_above(tree: Tree, sources: Sources) -> list[tuple[str, bytes]]:
    found = []
    folder = sources.top
    while folder != "/":
        folder = posixpath.dirname(folder)
        for name in _IGNORE_FILES:
            path = posixpath.join(folder, name)
            if path in tree:
                content = Sources({path: tree[path]}, folder).read(path)
                found.append((path, content or b""))
    return found


def _key(tree: Tree, manifest: Manifest, order: Order) -> str:
    """Equal for builds that give equal wheels."""
    sources = manifest.sources
    files = [
        (path, sources.digests.get(path, b"").hex(), sources.is_executable(path))
        for path in sorted(sources.files)
    ]
    above = [(path, content.hex()) for path, content in _ignored_above(tree, sources)]
    how = [_FORMAT, order.kind, order.interpreter.version[:2], manifest.folder, order.from_vcs]
    settled = [order.declared, dict(sorted(order.settings.items())), sorted(sources.folders)]
    text = json.dumps([how, settled, above, files])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _forget(home: Path) -> None:
    """Remove what nobody used for long."""
    oldest = time.time() - _KEPT
    for entry in home.iterdir():
        try:
            if entry.stat().st_mtime < oldest:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        except OSError:
            continue
