"""What a service does to the tree that others run in is undone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.shipment.files import select
from pytest_importcontract.shipment.guard import Guard
from pytest_importcontract.shipment.stage import open_stage

SUFFIXES = (".py", ".pyc", ".so")


class Staged:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        (self.root / "app" / "core").mkdir(parents=True)
        (self.root / "app" / "__init__.py").write_text("WHOLE = 1\n")
        (self.root / "app" / "core" / "data.json").write_text("{}\n")
        (self.root / "app" / "link.py").symlink_to("__init__.py")
        files = select(self.root, Globs.parse(("app/**",), "/")).files
        self._stage = open_stage(folder / "stages", "app", files, folder / "bytecode")
        self.tree = self._stage.tree
        self.guard = Guard(self.tree, files, SUFFIXES, folder / "bytecode")

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
    assert staged.guard.mend() == 3
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


def test_new_data_is_left_for_whoever_is_using_it(staged: Staged) -> None:
    logs = staged.tree / "app" / "logs"
    logs.mkdir()
    (logs / "app.log").write_text("started\n")
    assert staged.guard.mend() == 0
    (logs / "late.py").write_text("")
    assert staged.guard.mend() == 1
    assert [path.name for path in logs.iterdir()] == ["app.log"]


def test_an_edit_in_the_repository_during_the_run_is_no_damage(staged: Staged) -> None:
    (staged.root / "app" / "__init__.py").write_text("WHOLE = 3\n")
    assert staged.guard.mend() == 0
