from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.shipment.files import FileList, select

Write = Callable[..., Path]


def chosen(root: Path, *patterns: str) -> FileList:
    return select(root, Globs.parse(patterns, "/"))


def targets(root: Path, *patterns: str) -> list[str]:
    return [str(file.target) for file in chosen(root, *patterns).files]


def test_a_folder_means_everything_in_it(write: Write) -> None:
    root = write("r", "app/main.py", "app/core/db.py", "app/data.json", "other/x.py")
    assert targets(root, "app") == ["app/core/db.py", "app/data.json", "app/main.py"]


def test_sources_are_the_repositorys_files(write: Write) -> None:
    root = write("r", "app/main.py")
    assert chosen(root, "app").files[0].source == root / "app" / "main.py"


def test_a_later_pattern_takes_away(write: Write) -> None:
    root = write("r", "app/main.py", "app/tests/test_main.py")
    assert targets(root, "app", "!**/tests") == ["app/main.py"]


def test_a_later_pattern_brings_back(write: Write) -> None:
    root = write("r", "app/main.py", "app/tests/keep.py", "app/tests/lose.py")
    assert targets(root, "app", "!**/tests", "app/tests/keep.py") == [
        "app/main.py",
        "app/tests/keep.py",
    ]


def test_files_of_the_top_folder(write: Write) -> None:
    assert targets(write("r", "a.py", "b.txt", "sub/c.py"), "*.py") == ["a.py"]


def test_overlapping_patterns_name_a_file_once(write: Write) -> None:
    assert targets(write("r", "app/a.py"), "app", "app/a.py", "**") == ["app/a.py"]


@pytest.mark.parametrize("hidden", ["__pycache__/x.pyc", ".git/config"])
def test_caches_and_git_count_only_when_written_out(write: Write, hidden: str) -> None:
    root = write("r", f"app/{hidden}", "app/a.py")
    assert targets(root, "**") == ["app/a.py"]
    assert targets(root, f"app/{hidden.partition('/')[0]}") == [f"app/{hidden}"]


def test_naming_one_cache_does_not_name_the_others(write: Write) -> None:
    root = write("r", "a/__pycache__/x.pyc", "b/__pycache__/y.pyc")
    assert targets(root, "a/__pycache__", "**") == []
    assert targets(root, "**", "a/__pycache__") == ["a/__pycache__/x.pyc"]


def test_hidden_files_ship(write: Write) -> None:
    assert targets(write("r", "app/.env"), "app") == ["app/.env"]


def test_a_pattern_that_selects_nothing_is_idle(write: Write) -> None:
    found = chosen(write("r", "app/a.py"), "app", "absent", "*.toml", "!gone")
    assert [glob.text for glob in found.idle] == ["absent", "*.toml"]


def test_a_link_inside_the_repository_ships_as_a_link(write: Write) -> None:
    root = write("r", "app/a.py", "shared/b.py")
    (root / "app" / "b.py").symlink_to("../shared/b.py")
    (root / "app" / "shared").symlink_to("../shared")
    links = {str(file.target): file.link for file in chosen(root, "app").files}
    assert links == {"app/a.py": "", "app/b.py": "../shared/b.py", "app/shared": "../shared"}


@pytest.mark.parametrize("to", ["../../outside.py", "../../r2/x", "/etc/hostname", ".."])
def test_a_link_out_of_the_repository_is_left_out(write: Write, to: str) -> None:
    root = write("r", "app/a.py")
    (root / "app" / "link").symlink_to(to)
    inside = to == ".."
    assert (chosen(root, "app").left_out == ()) is inside
    assert targets(root, "app") == ["app/a.py", *(["app/link"] if inside else [])]


def test_a_link_to_nothing_inside_still_ships(write: Write) -> None:
    root = write("r", "app/a.py")
    (root / "app" / "gone").symlink_to("nowhere")
    assert targets(root, "app") == ["app/a.py", "app/gone"]


def test_a_linked_folder_is_not_entered(write: Write) -> None:
    root = write("r", "app/a.py")
    (root / "app" / "loop").symlink_to(".")
    assert targets(root, "**") == ["app/a.py", "app/loop"]


def test_pipes_and_sockets_are_left_out(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write("r", "app/a.py")
    os.mkfifo(root / "app" / "pipe")
    monkeypatch.chdir(root)  # a socket's path may have some hundred bytes only
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("app/socket")
        found = chosen(root, "app")
    assert [str(file.target) for file in found.files] == ["app/a.py"]
    assert {path.name for path in found.left_out} == {"pipe", "socket"}


def test_what_a_pattern_excludes_is_not_said_to_be_left_out(write: Write) -> None:
    root = write("r", "app/a.py")
    os.mkfifo(root / "app" / "pipe")
    assert chosen(root, "app", "!app/pipe").left_out == ()


def test_names_of_any_bytes(write: Write) -> None:
    root = write("r", "app/a.py")
    name = os.fsdecode(b"app/\xff\n.txt")
    (root / name).touch()
    assert targets(root, "app") == ["app/a.py", name]


def test_a_pattern_that_a_later_one_covers_is_not_idle(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").touch()
    assert select(tmp_path, Globs.parse(("app/**", "**/*.py"), "/")).idle == ()


def test_a_pattern_that_leads_through_a_link_out_ships_nothing(write: Write) -> None:
    root = write("r", "app/a.py")
    write("elsewhere", "auth/x.py")
    (root / "vend").symlink_to("../elsewhere")
    (root / "app" / "lib").symlink_to(root.parent / "elsewhere")
    found = chosen(root, "vend/auth/**", "vend/auth/x.py", "app/lib/auth", "app/**")
    assert [str(file.target) for file in found.files] == ["app/a.py"]
    assert found.left_out == (root / "app/lib", root / "vend")
    assert [glob.text for glob in found.idle] == ["vend/auth/**", "vend/auth/x.py", "app/lib/auth"]


def test_a_link_that_leads_out_by_way_of_another_is_left_out(write: Write) -> None:
    root = write("r", "app/a.py")
    write("elsewhere", "auth/x.py")
    (root / "vend").symlink_to("../elsewhere")
    (root / "app" / "x.py").symlink_to("../vend/auth/x.py")
    (root / "inner").symlink_to("app")
    (root / "app" / "auth").symlink_to("../vend/auth")
    assert targets(root, "app") == ["app/a.py"]
    assert targets(root, "inner/auth/**", "inner/a.py") == ["inner/a.py"]


def test_a_pattern_may_lead_through_a_link_inside(write: Write) -> None:
    root = write("r", "libs/auth/x.py", "libs/auth/core/y.py", "libs/other.py")
    (root / "vend").symlink_to("libs")
    found = chosen(root, "vend/auth/**")
    assert [str(file.target) for file in found.files] == ["vend/auth/core/y.py", "vend/auth/x.py"]
    assert (found.left_out, found.idle) == ((), ())


def test_files_behind_a_link_that_ships_lie_where_it_leads(write: Write) -> None:
    root = write("r", "libs/auth/x.py", "libs/other.py")
    (root / "vend").symlink_to("libs")
    assert targets(root, "vend/auth/**", "vend") == ["libs/auth/x.py", "vend"]


def test_a_repository_reached_through_a_link(write: Write, tmp_path: Path) -> None:
    root = write("r", "app/a.py", "app/b.py")
    (root / "app" / "link.py").symlink_to("a.py")
    (tmp_path / "way").symlink_to(root)
    assert targets(tmp_path / "way", "app/**") == ["app/a.py", "app/b.py", "app/link.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_left_out(write: Write) -> None:
    root = write("r", "app/a.py", "app/data/x")
    (root / "app/data").chmod(0)
    assert chosen(root, "app").left_out == (root / "app/data",)
    assert chosen(root, "app", "!app/data").left_out == ()
    (root / "app/data").chmod(0o700)
