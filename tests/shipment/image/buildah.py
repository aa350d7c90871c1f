"""Builds images with buildah, without a daemon and without a base image."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

BUILDAH = shutil.which("buildah")


def build(dockerfile: str, context: Path, work: Path, *args: str) -> dict[str, str] | str:
    """What a real build makes: the text of files, ``->`` and the text of links, ``/`` for folders.

    Where the build fails, its message instead.
    """
    out, text = work / "out", work / "Dockerfile.built"
    shutil.rmtree(out, ignore_errors=True)
    text.write_text(dockerfile)
    store = ["--storage-driver", "vfs", "--root", f"{work}/root", "--runroot", f"{work}/run"]
    command = ["bud", "--layers=false", "--quiet", "-o", f"type=local,dest={out}", "-f", str(text)]
    env = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
    built = subprocess.run(
        [str(BUILDAH), *store, *command, *args, str(context)],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if built.returncode:
        return built.stderr.strip() or "it failed"
    image = built.stdout.strip().splitlines()[-1]
    subprocess.run([str(BUILDAH), *store, "rmi", "-f", image], env=env, capture_output=True)
    return listing(out)


def listing(folder: Path) -> dict[str, str]:
    """Everything below a folder."""
    found = {}
    for place, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(place, name)
            key = f"/{path.relative_to(folder)}"
            if path.is_symlink():
                found[key] = f"-> {os.readlink(path)}"
            else:
                found[key] = "/" if path.is_dir() else path.read_text()
    return found
