"""What a service does to the tree that others run in is undone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.shipment.files import select
from pytest_importcontract.shipment.guard import Guard
from pytest_importcontract.shipment.stage import open_stage


class Staged:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        (self.root / "app" / "core").mkdir(parents=True)
        (self.root / "app" / "__init__.py").write_text("WHOLE = 1\n")
        (self.root / "app" / "core" / "data.json").write_text("{}\n")
        (self.root / "app" / "link.py").symlink_to("__init__.py")
        files = select(self.root, Globs.parse(("app/**",), "/")).files
        self.bytecode = folder / "bytecode"
        self._stage = open_stage(folder / "stages", "app", files, self.bytecode)
        self.tree = self._stage.tree
        self.guard = Guard(self.tree, files, self.bytecode)

    def content(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.tree)): path.read_text()
            for path in self.tree.rglob("*")
            if path.is_file()
        }

    def release(self) -> None:
        self._stage.release()


@pytest.fixture
def staged(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Staged(tmp_path)
    yield made
    made.release()


def test_an_untouched_tree_is_left_alone(staged: Staged) -> None:
    assert staged.guard.mend() == 0


def test_what_was_changed_is_put_back(staged: Staged) -> None:
    before = staged.content()
    (staged.tree / "app" / "__init__.py").write_text("WHOLE = 2\n")
    (staged.tree / "app" / "core" / "data.json").unlink()
    (staged.tree / "app" / "link.py").unlink()
    assert staged.guard.mend() == 3
    assert staged.content() == before
    assert os.readlink(staged.tree / "app" / "link.py") == "__init__.py"
    assert staged.guard.mend() == 0


def test_a_change_of_the_same_size_is_seen(staged: Staged) -> None:
    path = staged.tree / "app" / "__init__.py"
    path.write_text("WHOLE = 9\n")
    assert staged.guard.mend() == 1
    assert path.read_text() == "WHOLE = 1\n"


def test_a_folder_that_was_taken_away_comes_back(staged: Staged) -> None:
    before = staged.content()
    shutil.rmtree(staged.tree / "app")
    assert staged.guard.mend() == 5
    assert staged.content() == before


def test_a_file_replaced_by_a_folder_comes_back(staged: Staged) -> None:
    path = staged.tree / "app" / "core" / "data.json"
    path.unlink()
    path.mkdir()
    (path / "inner.txt").write_text("x")
    assert staged.guard.mend() == 1
    assert path.read_text() == "{}\n"


def test_new_modules_are_taken_away(staged: Staged) -> None:
    (staged.tree / "app" / "made.py").write_text("")
    (staged.tree / "missing").mkdir()
    (staged.tree / "missing" / "__init__.py").write_text("")
    assert staged.guard.mend() == 2
    assert not (staged.tree / "app" / "made.py").exists()
    assert not (staged.tree / "missing").exists()


def test_new_data_is_taken_away(staged: Staged) -> None:
    before = staged.content()
    logs = staged.tree / "app" / "logs"
    logs.mkdir()
    (logs / "app.log").write_text("started\n")
    (staged.tree / "app" / "core" / "flag").touch()
    (staged.tree / "pipe").symlink_to("/etc")
    assert staged.guard.mend() == 3
    assert staged.content() == before
    assert not logs.exists()
    assert staged.guard.mend() == 0


def test_new_data_is_seen_at_any_time(staged: Staged) -> None:
    flag = staged.tree / "app" / "core" / "flag"
    for _ in range(20):
        flag.touch()
        assert staged.guard.mend() == 1
        assert staged.guard.mend() == 0


def test_an_empty_folder_is_taken_away(staged: Staged) -> None:
    (staged.tree / "app" / "cache").mkdir()
    assert staged.guard.mend() == 1
    assert not (staged.tree / "app" / "cache").exists()


def test_what_python_caches_is_taken_away_and_no_damage(staged: Staged) -> None:
    cache = staged.tree / "app" / "__pycache__"
    cache.mkdir()
    (cache / "x.cpython-311.pyc").write_bytes(b"")
    assert staged.guard.mend() == 0
    assert not cache.exists()


def test_a_folder_that_nobody_may_enter_is_taken_away(staged: Staged) -> None:
    inner = staged.tree / "made" / "inner"
    inner.mkdir(parents=True)
    (inner / "x").touch()
    inner.chmod(0)
    inner.parent.chmod(0o500)
    assert staged.guard.mend() == 1
    assert not inner.parent.exists()


def test_a_folder_of_more_levels_than_python_recurses(staged: Staged) -> None:
    place = os.open(staged.tree, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=place)
        inner = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    assert staged.guard.mend() == 1
    assert not (staged.tree / "d").exists()


def test_a_change_that_hides_behind_size_and_time_is_seen(staged: Staged) -> None:
    path = staged.tree / "app" / "__init__.py"
    before = path.stat()
    path.write_text("WHOLE = 9\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert staged.guard.mend() == 1
    assert path.read_text() == "WHOLE = 1\n"


def test_a_folder_replaced_by_a_link_to_the_repositorys_own_comes_back(staged: Staged) -> None:
    folder = staged.tree / "app" / "core"
    shutil.rmtree(folder)
    folder.symlink_to(staged.root / "app" / "core")
    assert staged.guard.mend() == 2
    assert not folder.is_symlink()
    assert (folder / "data.json").read_text() == "{}\n"
    (folder / "data.json").write_text("changed")
    assert (staged.root / "app" / "core" / "data.json").read_text() == "{}\n"


def test_a_folder_replaced_by_a_file_comes_back(staged: Staged) -> None:
    before = staged.content()
    shutil.rmtree(staged.tree / "app")
    (staged.tree / "app").touch()
    assert staged.guard.mend() == 5
    assert staged.content() == before


def test_a_tree_that_was_taken_away_comes_back(staged: Staged) -> None:
    before = staged.content()
    shutil.rmtree(staged.tree)
    assert staged.guard.mend() == 6
    assert staged.content() == before


def test_a_folder_that_was_closed_is_opened_again(staged: Staged) -> None:
    folder = staged.tree / "app" / "core"
    folder.chmod(0)
    assert staged.guard.mend() == 1
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_source_that_vanished_is_an_error_that_names_it(staged: Staged) -> None:
    source = staged.root / "app" / "core" / "data.json"
    source.unlink()
    assert staged.guard.mend() == 0
    (staged.tree / "app" / "core" / "data.json").write_text("changed")
    for _ in range(2):
        with pytest.raises(FileNotFoundError) as raised:
            staged.guard.mend()
        assert raised.value.filename == str(source)
    source.write_text("{}\n")
    assert staged.guard.mend() == 1


def test_folders_that_nothing_ships_in_stay(tmp_path: Path) -> None:
    made = Staged(tmp_path)
    (made.tree / "work").mkdir()
    guard = Guard(made.tree, (), tmp_path / "bytecode")
    (made.tree / "flag").touch()
    guard.mend()
    assert (made.tree / "work").is_dir()
    made.release()


def test_compiled_copies_of_what_was_replaced_are_dropped(staged: Staged) -> None:
    path = staged.tree / "app" / "__init__.py"
    before = path.stat()

    def value() -> str:
        command = [sys.executable, "-X", f"pycache_prefix={staged.bytecode}"]
        command += ["-c", "import app.link; print(app.link.WHOLE, app.WHOLE)"]
        done = subprocess.run(command, cwd=staged.tree, env={}, capture_output=True, check=True)
        return done.stdout.decode()

    assert value() == "1 1\n"
    path.write_text("WHOLE = 9\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    shutil.rmtree(staged.bytecode)
    assert value() == "9 9\n"
    staged.guard.mend()
    assert value() == "1 1\n"


def test_an_edit_in_the_repository_during_the_run_is_no_damage(staged: Staged) -> None:
    (staged.root / "app" / "__init__.py").write_text("WHOLE = 3\n")
    assert staged.guard.mend() == 0
