"""No compiled copy outlives its source."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pytest_importcontract.shipment.bytecode import forget, forget_changed

Write = Callable[..., Path]
NORMALISED = (1_000_000_000, 1_000_000_000)


class Project:
    """Code that runs in place, with compiled copies kept elsewhere."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.bytecode = folder / "bytecode"
        self._manifest = folder / "sources" / "p.json"

    def write(self, name: str, value: int) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"print({value})\n")
        os.utime(path, NORMALISED)

    def said(self, names: str = "app", *options: str) -> str:
        """What importing the names prints, after what was changed is forgotten."""
        forget_changed(self.root, self.bytecode, self.root.glob("*.py"), self._manifest, self.venv)
        command = [sys.executable, "-X", f"pycache_prefix={self.bytecode}", *options]
        command += ["-c", f"import sys; sys.path.insert(0, 'lib'); import {names}"]
        done = subprocess.run(command, cwd=self.root, env={}, capture_output=True, check=True)
        return done.stdout.decode()

    @property
    def venv(self) -> list[str]:
        return [str(self.root / ".venv")]

    def compiled(self) -> dict[str, int]:
        """When each compiled copy was made: an inode is used again, a moment is not."""
        found = self.bytecode.joinpath(*self.root.parts[1:])
        return {path.name: path.stat().st_ctime_ns for path in found.rglob("*.pyc")}


def test_an_edit_of_the_same_size_and_time_is_what_runs(write: Write, tmp_path: Path) -> None:
    project = Project(write("r"), tmp_path)
    for value in (1, 2, 3):
        project.write("app.py", value)
        assert project.said() == f"{value}\n"
        assert project.said("app", "-O") == f"{value}\n"
        assert len(project.compiled()) == 2


def test_what_is_unchanged_stays_compiled(write: Write, tmp_path: Path) -> None:
    project = Project(write("r"), tmp_path)
    project.write("app.py", 1)
    project.write("other.py", 1)
    project.said("app, other")
    before = project.compiled()
    project.write("app.py", 2)
    project.said("app, other")
    after = project.compiled()
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] == after[name]] == [
        f"other.{sys.implementation.cache_tag}.pyc"
    ]


def test_a_source_that_nobody_knew_of_is_seen_too(write: Write, tmp_path: Path) -> None:
    project = Project(write("r"), tmp_path)
    for value in (1, 2, 2, 3):
        project.write("lib/hidden.py", value)
        assert project.said("hidden") == f"{value}\n"


def test_a_repository_that_was_swapped_for_its_twin(write: Write, tmp_path: Path) -> None:
    project, twin = Project(write("r"), tmp_path), Project(write("twin"), tmp_path)
    project.write("app.py", 1)
    twin.write("app.py", 2)
    assert project.said() == "1\n"
    project.root.rename(tmp_path / "gone")
    twin.root.rename(project.root)
    assert project.said() == "2\n"


def test_code_of_others_is_left_alone(write: Write, tmp_path: Path) -> None:
    project = Project(write("r"), tmp_path)
    project.write(".venv/lib.py", 1)
    project.write("app.py", 1)
    project.said()
    foreign = project.bytecode.joinpath(*project.root.parts[1:], ".venv", "lib.x.pyc")
    foreign.parent.mkdir()
    foreign.touch()
    project.said()
    assert foreign.exists()


def test_copies_whose_source_is_gone_are_dropped(write: Write, tmp_path: Path) -> None:
    project = Project(write("r"), tmp_path)
    project.write("app.py", 1)
    project.said()
    (project.root / "app.py").unlink()
    forget(str(project.root), project.bytecode, lambda *_: False)
    assert project.compiled() == {}


def test_names_with_dots_and_what_is_no_copy(write: Write, tmp_path: Path) -> None:
    root = write("r", "a.b.py", "a.py")
    folder = tmp_path.joinpath("bytecode", *root.parts[1:])
    folder.mkdir(parents=True)
    names = ["a.b.x-3.pyc", "a.b.x-3.opt-1.pyc", "a.x-3.pyc", "a.x-3.opt-2.pyc", "a.x-3.pyc.17"]
    for name in [*names, "a.pyc"]:
        (folder / name).touch()
    forget(str(root), tmp_path / "bytecode", lambda source, _: source == str(root / "a.b.py"))
    left = {path.name for path in folder.iterdir()}
    assert left == {"a.x-3.pyc", "a.x-3.opt-2.pyc", "a.x-3.pyc.17", "a.pyc"}
