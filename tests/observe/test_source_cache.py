"""What is remembered of source is what was read, whatever happens to the file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_importcontract.observe import parsers, source_cache
from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.facts import Origin
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.observe.sources import Analysis
from pytest_importcontract.shipment.interpreter import describe
from pytest_importcontract.shipment.modules import modules_below

OWN = describe(Path(sys.executable))
ANSWERS = {bytes([number]) * 32: b'{"n": %d}' % number for number in range(200)}


def rows(folder: Path) -> list[tuple[bytes, int]]:
    with sqlite3.connect(folder / "source.sqlite") as database:
        found = list(database.execute("SELECT key, used FROM answers ORDER BY key"))
    database.close()
    return found


# The store


def test_what_is_put_in_comes_out(tmp_path: Path) -> None:
    cache = SourceCache(tmp_path / "new" / "folder")
    assert cache.get(ANSWERS) == {}
    cache.put(ANSWERS)
    assert cache.get([b"unknown", *ANSWERS]) == ANSWERS
    assert SourceCache(tmp_path / "new" / "folder").get([b"unknown"]) == {}


def test_a_later_text_counts(tmp_path: Path) -> None:
    cache = SourceCache(tmp_path)
    cache.put({b"key": b"one", b"other": b"two"})
    cache.put({b"key": b"three"})
    assert cache.get([b"key", b"other"]) == {b"key": b"three", b"other": b"two"}


def test_more_keys_than_one_query_takes(tmp_path: Path) -> None:
    many = {number.to_bytes(4, "big"): b"%d" % number for number in range(2500)}
    cache = SourceCache(tmp_path)
    cache.put(many)
    assert cache.get(many) == many


def test_what_is_not_used_for_a_month_goes(tmp_path: Path) -> None:
    SourceCache(tmp_path, day=100).put({b"a": b"1", b"b": b"2"})
    assert SourceCache(tmp_path, day=120).get([b"a"]) == {b"a": b"1"}
    SourceCache(tmp_path, day=130).put({b"c": b"3"})
    assert rows(tmp_path) == [(b"a", 120), (b"b", 100), (b"c", 130)]
    SourceCache(tmp_path, day=131).put({b"d": b"4"})
    assert rows(tmp_path) == [(b"a", 120), (b"c", 130), (b"d", 131)]


def test_the_file_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_cache, "_LIMIT", 1_000_000)
    for day in range(20):
        answers = {b"%d %d" % (day, n): bytes(10_000) for n in range(20)}
        SourceCache(tmp_path, day=day).put(answers)
        assert SourceCache(tmp_path, day=day).get(answers) == answers
    assert (tmp_path / "source.sqlite").stat().st_size < 1_500_000
    assert {key.partition(b" ")[0] for key, _ in rows(tmp_path)} >= {b"19", b"18"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no database at all" * 99, id="other"),
        pytest.param(b"SQLite format 3\0", id="cut"),
    ],
)
def test_a_damaged_file_is_made_anew(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "source.sqlite").write_bytes(content)
    cache = SourceCache(tmp_path)
    assert cache.get(ANSWERS) == {}
    (tmp_path / "source.sqlite").write_bytes(content)
    cache.put(ANSWERS)
    assert cache.get(ANSWERS) == ANSWERS


def test_a_table_of_another_shape_is_made_anew(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "source.sqlite") as database:
        database.execute("CREATE TABLE answers (key TEXT)")
    database.close()
    cache = SourceCache(tmp_path)
    cache.put(ANSWERS)
    assert cache.get(ANSWERS) == ANSWERS


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_bytes_are_damaged_nothing_false_is_found(tmp_path: Path, data: Any) -> None:
    file = tmp_path / "source.sqlite"
    sound = tmp_path / "sound"
    if not sound.exists():
        SourceCache(tmp_path).put(ANSWERS)
        shutil.copy(file, sound)
    content = bytearray(sound.read_bytes())
    for _ in range(data.draw(st.integers(1, 30))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    file.write_bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2]))])
    cache = SourceCache(tmp_path)
    found = cache.get(ANSWERS)
    assert found.items() <= ANSWERS.items()
    cache.put(ANSWERS)
    assert cache.get(ANSWERS).items() <= ANSWERS.items()


def test_a_row_that_was_changed_is_not_found(tmp_path: Path) -> None:
    cache = SourceCache(tmp_path)
    cache.put(ANSWERS)
    with sqlite3.connect(tmp_path / "source.sqlite") as database:
        database.execute("UPDATE answers SET answer = ? WHERE key = ?", [b'{"n": 9}', b"\1" * 32])
        database.execute("UPDATE answers SET key = ? WHERE key = ?", [b"new", b"\2" * 32])
    database.close()
    found = cache.get([b"new", *ANSWERS])
    assert found.keys() == ANSWERS.keys() - {b"\1" * 32, b"\2" * 32}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_closed_to_us_is_done_without(tmp_path: Path) -> None:
    cache = SourceCache(tmp_path / "closed")
    cache.put(ANSWERS)
    (tmp_path / "closed").chmod(0o500)
    (tmp_path / "closed" / "source.sqlite").chmod(0o400)
    assert SourceCache(tmp_path / "closed", day=1).get(ANSWERS) == ANSWERS
    cache.put({b"key": b"text"})
    assert cache.get([b"key"]) == {}
    (tmp_path / "closed").chmod(0o700)


def test_what_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "source.sqlite").mkdir(parents=True)
    for cache in (SourceCache(tmp_path / "file"), SourceCache(tmp_path / "folder")):
        cache.put(ANSWERS)
        assert cache.get(ANSWERS) == {}
    assert (tmp_path / "folder" / "source.sqlite").is_dir()


def test_a_python_without_sqlite_reads_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = SourceCache(tmp_path)
    cache.put(ANSWERS)
    monkeypatch.setattr(source_cache, "sqlite3", None)
    assert cache.get(ANSWERS) == {}
    cache.put(ANSWERS)


def test_a_file_that_another_run_holds_is_done_without_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_cache, "_PATIENCE", 0.05)
    cache = SourceCache(tmp_path)
    cache.put(ANSWERS)
    other = sqlite3.connect(tmp_path / "source.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert cache.get(ANSWERS) == {}
    cache.put({b"key": b"text"})
    other.execute("ROLLBACK")
    other.close()
    assert cache.get([b"key", *ANSWERS]) == ANSWERS


TWO_RUNS = """\
import sys
from pathlib import Path
from pytest_importcontract.observe.source_cache import SourceCache
cache = SourceCache(Path(sys.argv[1]))
for turn in range(20):
    answers = {b"%d %d" % (turn, n): b"%d" % (turn * n) for n in range(100)}
    assert cache.get(answers).items() <= answers.items()
    cache.put(answers)
"""


def test_two_runs_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TWO_RUNS, str(tmp_path)]
    runs = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 3
    answers = {b"%d %d" % (t, n): b"%d" % (t * n) for t in range(20) for n in range(100)}
    assert SourceCache(tmp_path).get(answers) == answers


# What is read with it


FILES = {
    "shop/__init__.py": "from . import cart\n",
    "shop/cart.py": "import json\n\n\ndef pay():\n    import shop.bank\n",
    "shop/bank.py": "import sys\nif sys.platform == 'win32':\n    import winreg\n",
    "shop/broken.py": "import a b\n",
}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def analysed(folder: Path, cache: SourceCache | None, **more: Any) -> Analysis:
    def to_repository(path: str) -> str:
        return os.path.relpath(path, folder)

    modules = modules_below([folder], (".py",)).values()
    options = {"interpreter": OWN, "to_repository": to_repository, **more}
    return analyse(modules, origin=lambda _: Origin.FIRST_PARTY, cache=cache, **options)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the modules that are read, as they are."""
    names: list[str] = []
    reads = parsers.read_file

    def read_file(**request: Any) -> Any:
        names.append(request["module"])
        return reads(**request)

    monkeypatch.setattr(parsers, "read_file", read_file)
    return names


def test_what_was_read_is_read_no_more(tmp_path: Path, read: list[str]) -> None:
    write(tmp_path / "one", FILES)
    cache = SourceCache(tmp_path / "cache")
    first = analysed(tmp_path / "one", cache)
    assert first == analysed(tmp_path / "one", None)
    read.clear()
    assert analysed(tmp_path / "one", cache) == first
    assert read == ["shop.broken"]


def test_facts_survive_a_switch_of_branches(tmp_path: Path, read: list[str]) -> None:
    write(tmp_path, FILES)
    cache = SourceCache(tmp_path / ".cache")
    main = analysed(tmp_path, cache)
    write(tmp_path, {"shop/cart.py": "import csv\n", "shop/bank.py": "import shop.cart\n"})
    read.clear()
    branch = analysed(tmp_path, cache)
    assert sorted(read) == ["shop.bank", "shop.broken", "shop.cart"]
    assert {edge.imported for edge in branch.edges} == {"shop", "csv", "shop.cart"}
    write(tmp_path, FILES)
    read.clear()
    assert analysed(tmp_path, cache) == main
    assert read == ["shop.broken"]


def test_an_edit_of_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    write(tmp_path, {"m.py": "import aa\n"})
    cache = SourceCache(tmp_path / ".cache")
    analysed(tmp_path, cache)
    before = (tmp_path / "m.py").stat()
    write(tmp_path, {"m.py": "import bb\n"})
    os.utime(tmp_path / "m.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [edge.imported for edge in analysed(tmp_path, cache).edges] == ["bb"]


def test_a_file_that_changes_while_it_is_read_is_kept_as_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"m.py": "import old\n"})
    cache = SourceCache(tmp_path / ".cache")
    reads = parsers.read_file

    def read_file(**request: Any) -> Any:
        write(tmp_path, {"m.py": "import new\n"})
        return reads(**request)

    monkeypatch.setattr(parsers, "read_file", read_file)
    assert [edge.imported for edge in analysed(tmp_path, cache).edges] == ["new"]
    monkeypatch.undo()
    write(tmp_path, {"m.py": "import old\n"})
    assert [edge.imported for edge in analysed(tmp_path, cache).edges] == ["old"]


def test_one_text_in_two_modules_is_two_answers(tmp_path: Path) -> None:
    text = "from . import x\nfrom .. import y\n"
    write(tmp_path, {"a/__init__.py": text, "a/b/__init__.py": text, "a/b/c.py": text})
    cache = SourceCache(tmp_path / ".cache")
    first = analysed(tmp_path, cache)
    assert [(edge.importer, edge.imported) for edge in first.edges] == [
        ("a", "a"),
        ("a", ".."),
        ("a.b", "a.b"),
        ("a.b", "a"),
        ("a.b.c", "a.b"),
        ("a.b.c", "a"),
    ]
    assert analysed(tmp_path, cache) == first


def test_each_platform_has_its_own_answers(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    cache = SourceCache(tmp_path / ".cache")
    kinds = []
    for system in ("linux", "win32", "linux"):
        platform = {"platform": system, "os": "", "version": [3, 11, 2], "implementation": ""}
        found = analysed(tmp_path, cache, platform=platform)
        kinds += [edge.kind.value for edge in found.edges if edge.imported == "winreg"]
    assert kinds == ["never", "eager", "never"]


def test_another_reader_reads_again(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, FILES)
    cache = SourceCache(tmp_path / ".cache")
    analysed(tmp_path, cache)
    monkeypatch.setattr(parsers, "_reader", lambda: "edited")
    read.clear()
    analysed(tmp_path, cache)
    assert sorted(read) == ["shop", "shop.bank", "shop.broken", "shop.cart"]


def test_processes_remember_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, FILES)
    cache = SourceCache(tmp_path / ".cache")
    expected = analysed(tmp_path, None)
    monkeypatch.setattr(parsers, "_WORTH_PROCESSES", 2)
    assert analysed(tmp_path, cache) == expected
    (tmp_path / "shop" / "broken.py").unlink()
    monkeypatch.setattr(parsers.Parsers, "_read_there", None)
    assert analysed(tmp_path, cache).edges == expected.edges
