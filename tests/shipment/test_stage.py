from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.shipment.files import select
from pytest_importcontract.shipment.stage import Stage, open_stage

Write = Callable[..., Path]

OTHER_RUN = """
import sys
from pathlib import Path
from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.shipment.files import select
from pytest_importcontract.shipment.stage import open_stage

root, home = map(Path, sys.argv[1:3])
patterns = Globs.parse(tuple(sys.argv[3:]), "/")
stage = open_stage(home / "stages", "s", select(root, patterns).files, home / "bytecode")
print(stage.tree, stage.copied, flush=True)
sys.stdin.read()
"""


class Staging:
    """Stages a repository again and again, one stage at a time."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.home = home
        self.bytecode = home / "bytecode"
        self.current: Stage | None = None

    def __call__(self, *patterns: str) -> Stage:
        self.release()
        files = select(self.root, Globs.parse(patterns or ("**",), "/")).files
        self.current = open_stage(self.home / "stages", "s", files, self.bytecode)
        return self.current

    def release(self) -> None:
        if self.current is not None:
            self.current.release()

    def names(self) -> set[str]:
        assert self.current is not None
        tree = self.current.tree
        return {str(path.relative_to(tree)) for path in tree.rglob("*")}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Staging]:
    (tmp_path / "r").mkdir()
    staging = Staging(tmp_path / "r", tmp_path / "home")
    yield staging
    staging.release()


def other_run(stage: Staging, *patterns: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OTHER_RUN, stage.root, stage.home, *patterns],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def counts(stage: Stage) -> tuple[int, int]:
    return stage.copied, stage.removed


def test_the_tree_is_an_exact_copy(stage: Staging, write: Write) -> None:
    root = write("r", "app/main.py", "app/data/x.bin", "readme", main="print()")
    (root / "app/data/x.bin").write_bytes(bytes(range(256)))
    (root / "app/main.py").chmod(0o750)
    tree = stage().tree
    assert stage.names() == {"app", "app/main.py", "app/data", "app/data/x.bin", "readme"}
    for name in ("app/main.py", "app/data/x.bin", "readme"):
        ours, theirs = tree / name, root / name
        assert ours.read_bytes() == theirs.read_bytes()
        assert ours.stat().st_mode == theirs.stat().st_mode
        assert ours.stat().st_mtime_ns == theirs.stat().st_mtime_ns


def test_files_are_copies_not_the_repositorys_own(stage: Staging, write: Write) -> None:
    root = write("r", "a.py")
    (stage().tree / "a.py").write_text("changed by the service")
    assert (root / "a.py").read_text() == ""


def test_nothing_ships(stage: Staging) -> None:
    assert list(stage().tree.iterdir()) == []


def test_a_second_run_copies_nothing(stage: Staging, write: Write) -> None:
    write("r", "a.py", "b/c.py")
    assert counts(stage()) == (2, 0)
    assert counts(stage()) == (0, 0)


def test_only_what_changed_is_copied(stage: Staging, write: Write) -> None:
    root = write("r", "a.py", "b.py")
    stage()
    (root / "b.py").write_text("new = 1")
    assert counts(stage()) == (1, 0)
    assert (stage().tree / "b.py").read_text() == "new = 1"


def test_what_no_longer_ships_goes_away_with_its_folder(stage: Staging, write: Write) -> None:
    root = write("r", "a.py", "b/c/d.py")
    stage()
    shutil.rmtree(root / "b")
    stage()
    assert stage.names() == {"a.py"}
    assert stage().removed == 0


def test_deletions_are_counted(stage: Staging, write: Write) -> None:
    root = write("r", "a.py", "b.py")
    stage()
    (root / "b.py").unlink()
    assert counts(stage()) == (0, 1)


def test_a_file_becomes_a_folder(stage: Staging, write: Write) -> None:
    root = write("r", "a", "b")
    stage()
    (root / "a").unlink()
    write("r", "a/x.py")
    stage()
    assert stage.names() == {"a", "a/x.py", "b"}


def test_a_folder_becomes_a_file(stage: Staging, write: Write) -> None:
    root = write("r", "a/x/y.py", "b")
    stage()
    shutil.rmtree(root / "a")
    (root / "a").write_text("now a file")
    assert (stage().tree / "a").read_text() == "now a file"


def test_a_file_becomes_a_link_and_a_file_again(stage: Staging, write: Write) -> None:
    root = write("r", "a", "b")
    stage()
    (root / "b").unlink()
    (root / "b").symlink_to("a")
    assert os.readlink(stage().tree / "b") == "a"
    (root / "b").unlink()
    (root / "b").write_text("file")
    tree = stage().tree
    assert (tree / "a").read_text() == ""
    assert not (tree / "b").is_symlink()


def test_a_folder_becomes_a_link(stage: Staging, write: Write) -> None:
    root = write("r", "a/x", "b/x")
    stage()
    shutil.rmtree(root / "b")
    (root / "b").symlink_to("a")
    tree = stage().tree
    assert os.readlink(tree / "b") == "a"
    assert (tree / "a" / "x").is_file()


def test_a_link_that_points_elsewhere_is_renewed(stage: Staging, write: Write) -> None:
    root = write("r", "a", "b")
    (root / "link").symlink_to("a")
    stage()
    (root / "link").unlink()
    (root / "link").symlink_to("b")
    assert os.readlink(stage().tree / "link") == "b"


def test_a_changed_mode_is_followed(stage: Staging, write: Write) -> None:
    root = write("r", "run.sh")
    stage()
    (root / "run.sh").chmod(0o755)
    tree = stage().tree
    assert (tree / "run.sh").stat().st_mode == (root / "run.sh").stat().st_mode


def test_an_older_file_replaces_a_newer_one(stage: Staging, write: Write) -> None:
    root = write("r", "a.py")
    stage()
    (root / "a.py").write_text("old")
    os.utime(root / "a.py", (1_000_000_000, 1_000_000_000))
    assert (stage().tree / "a.py").read_text() == "old"


def test_an_edit_of_the_same_size_and_second_is_what_runs(stage: Staging, write: Write) -> None:
    root = write("r", "app.py", app="print('old')")
    command = [sys.executable, "-X", f"pycache_prefix={stage.bytecode}", "-c", "import app"]

    def said() -> str:
        tree = stage().tree
        done = subprocess.run(command, cwd=tree, env={}, capture_output=True, check=True)
        return done.stdout.decode()

    os.utime(root / "app.py", ns=(10**18, 10**18))
    assert said() == "old\n"
    assert list(stage.bytecode.rglob("app.*.pyc"))
    (root / "app.py").write_text("print('new')")
    os.utime(root / "app.py", ns=(10**18 + 1, 10**18 + 1))
    assert said() == "new\n"


def test_what_a_service_wrote_is_gone_next_time(stage: Staging, write: Write) -> None:
    write("r", "app/a.py", "link/x")
    tree = stage().tree
    (tree / "app" / "junk.log").write_text("junk")
    (tree / "var" / "deep").mkdir(parents=True)
    (tree / "var" / "deep" / "junk").touch()
    (tree / "out").symlink_to("/etc")
    os.mkfifo(tree / "pipe")
    (tree / "app" / "a.py").write_text("overwritten")
    tree = stage().tree
    assert stage.names() == {"app", "app/a.py", "link", "link/x"}
    assert (tree / "app" / "a.py").read_text() == ""


def test_a_service_that_swaps_a_folder_for_a_link_harms_nobody(
    stage: Staging, write: Write, tmp_path: Path
) -> None:
    write("r", "app/a.py")
    precious = write("precious", "a.py", a="precious")
    tree = stage().tree
    shutil.rmtree(tree / "app")
    (tree / "app").symlink_to(precious)
    stage()
    assert (precious / "a.py").read_text() == "precious"
    assert not (tree / "app").is_symlink()
    assert (tree / "app" / "a.py").read_text() == ""


def test_a_service_that_puts_a_folder_in_a_files_place_is_undone(
    stage: Staging, write: Write
) -> None:
    write("r", "a.py")
    tree = stage().tree
    (tree / "a.py").unlink()
    (tree / "a.py" / "inner").mkdir(parents=True)
    stage()
    assert (tree / "a.py").is_file()


def test_a_service_that_removes_the_tree_is_undone(stage: Staging, write: Write) -> None:
    write("r", "a/b.py")
    shutil.rmtree(stage().tree)
    stage()
    assert stage.names() == {"a", "a/b.py"}


def test_services_have_stages_of_their_own(stage: Staging, write: Write, tmp_path: Path) -> None:
    write("r", "a.py")
    files = select(stage.root, Globs.parse(("**",), "/")).files
    stages = [open_stage(tmp_path / "s", name, files, tmp_path / "b") for name in ("one", "two")]
    for each in stages:
        each.release()
    assert stages[0].tree != stages[1].tree


def test_two_runs_at_once_have_a_stage_each(stage: Staging, write: Write) -> None:
    write("r", *(f"m{number}.py" for number in range(50)))
    with other_run(stage, "**") as one, other_run(stage, "**") as two:
        said = []
        for run in (one, two):
            assert run.stdout is not None
            said.append(run.stdout.readline().split())
        assert said[0][0] != said[1][0]
        assert [count for _, count in said] == ["50", "50"]
    with other_run(stage, "**") as one, other_run(stage, "**") as two:
        for run in (one, two):
            assert run.stdout is not None
            assert run.stdout.readline().split()[1] == "0"


def test_two_runs_with_different_content_do_not_disturb_each_other(
    stage: Staging, write: Write
) -> None:
    write("r", "a.py", "b.py")
    with other_run(stage, "a.py") as one:
        assert one.stdout is not None
        theirs = Path(one.stdout.readline().split()[0])
        ours = stage("b.py").tree
        assert ours != theirs
        assert [path.name for path in theirs.iterdir()] == ["a.py"]
        assert [path.name for path in ours.iterdir()] == ["b.py"]


def test_a_stage_is_used_again_once_its_run_has_ended(stage: Staging, write: Write) -> None:
    write("r", "a.py", "b.py")
    with other_run(stage, "a.py") as one:
        assert one.stdout is not None
        theirs = Path(one.stdout.readline().split()[0])
    assert stage("b.py").tree == theirs
    assert stage.names() == {"b.py"}


def test_a_run_that_was_killed_holds_nothing(stage: Staging, write: Write) -> None:
    write("r", "a.py", "b.py")
    with other_run(stage, "a.py") as one:
        assert one.stdout is not None
        theirs = Path(one.stdout.readline().split()[0])
        one.kill()
    assert stage("b.py").tree == theirs


def test_processes_of_a_service_do_not_keep_the_lock(stage: Staging, write: Write) -> None:
    write("r", "a.py", "b.py")
    first = stage("a.py").tree
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as left_behind:
        second = stage("b.py").tree
        left_behind.kill()
    assert first == second


def test_a_home_that_is_a_file_is_an_error(stage: Staging, write: Write) -> None:
    write("r", "a.py")
    stage.home.write_text("")
    with pytest.raises(NotADirectoryError):
        stage()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_home_that_is_read_only_is_an_error(stage: Staging, write: Write) -> None:
    write("r", "a.py")
    stage.home.mkdir(mode=0o500)
    with pytest.raises(PermissionError):
        stage()


def test_a_source_that_vanishes_is_an_error(stage: Staging, write: Write) -> None:
    root = write("r", "a.py")
    files = select(root, Globs.parse(("**",), "/")).files
    (root / "a.py").unlink()
    with pytest.raises(FileNotFoundError):
        open_stage(stage.home / "stages", "s", files, stage.bytecode)


def test_what_another_run_left_half_done_is_replaced(stage: Staging, write: Write) -> None:
    root = write("r", "a.py", a="whole")
    tree = stage().tree
    before = (tree / "a.py").stat()
    (tree / "a.py").unlink()
    (tree / "a.py").write_text("h")
    os.utime(tree / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert counts(stage()) == (1, 0)
    assert (tree / "a.py").read_text() == (root / "a.py").read_text()


NORMALISED = (1_000_000_000, 1_000_000_000)


def test_an_edit_of_the_same_size_and_time_is_what_runs(stage: Staging, write: Write) -> None:
    root = write("r", "app.py", "twin.py", app="print('old')", twin="print('old')")
    (root / "link.py").symlink_to("app.py")
    command = [sys.executable, "-X", f"pycache_prefix={stage.bytecode}"]
    command += ["-c", "import app, link, twin"]

    def said() -> str:
        tree = stage().tree
        done = subprocess.run(command, cwd=tree, env={}, capture_output=True, check=True)
        return done.stdout.decode()

    for name in ("app.py", "twin.py"):
        os.utime(root / name, NORMALISED)
    assert said() == "old\nold\nold\n"
    (root / "app.py").write_text("print('new')")
    os.utime(root / "app.py", NORMALISED)
    assert said() == "new\nnew\nold\n"
    os.utime(root / "link.py", NORMALISED, follow_symlinks=False)
    (root / "link.py").unlink()
    (root / "link.py").symlink_to("twin.py")
    assert said() == "new\nold\nold\n"


def test_a_file_that_was_swapped_for_its_twin_is_what_runs(stage: Staging, write: Write) -> None:
    root = write("r", "a.py", "b.py", a="old", b="new")
    for name in ("a.py", "b.py"):
        os.utime(root / name, NORMALISED)
    assert (stage("a.py").tree / "a.py").read_text() == "old"
    (root / "b.py").rename(root / "a.py")
    assert (stage("a.py").tree / "a.py").read_text() == "new"


def test_a_folder_that_was_swapped_for_its_twin_is_what_runs(stage: Staging, write: Write) -> None:
    root = write("r", "a/x", x="old")
    write("r", "b/x", x="new")
    for name in ("a/x", "b/x"):
        os.utime(root / name, NORMALISED)
    assert (stage("a/**").tree / "a" / "x").read_text() == "old"
    (root / "a").rename(root / "c")
    (root / "b").rename(root / "a")
    assert (stage("a/**").tree / "a" / "x").read_text() == "new"


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[1]", b'{"a.py": 1}', b'{"a.py": ["x", [], {}]}', b"[" * 9999, None]
)
def test_a_damaged_manifest_costs_a_copy_and_no_more(
    stage: Staging, write: Write, content: bytes | None
) -> None:
    write("r", "a.py")
    manifest = stage().tree.with_name("manifest.json")
    assert manifest.is_file()
    manifest.unlink()
    if content is not None:
        manifest.write_bytes(content)
    assert counts(stage()) == (1, 0)
    assert counts(stage()) == (0, 0)


def test_names_of_any_bytes_and_of_any_length_that_a_file_may_have(
    stage: Staging, write: Write
) -> None:
    names = {"n" * 255, "n" * 251 + ".txt", os.fsdecode(b"\xff\n.txt"), "[a].py", "a:b"}
    write("r", *names)
    stage()
    assert stage.names() == names
    assert counts(stage()) == (0, 0)


def test_a_service_that_closes_its_folders_is_undone(stage: Staging, write: Write) -> None:
    write("r", "a/b.py", "c/d.py")
    tree = stage().tree
    (tree / "a").chmod(0)
    (tree / "c" / "new").mkdir(0)
    (tree / "c").chmod(0o500)
    stage()
    assert stage.names() == {"a", "a/b.py", "c", "c/d.py"}
    assert (tree / "a").stat().st_mode & 0o777 == 0o755


def test_folders_without_files(tmp_path: Path) -> None:
    for folders in (["data", "a/b"], ["data"]):
        found = open_stage(tmp_path / "stages", "s", [], tmp_path / "bytecode", folders)
        found.release()
        below = {str(path.relative_to(found.tree)) for path in found.tree.rglob("*")}
        assert below == {*folders, *(["a"] if "a/b" in folders else [])}
