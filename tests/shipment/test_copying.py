from __future__ import annotations

import os
import time
from pathlib import Path, PurePosixPath

import pytest

from pytest_importcontract.shipment.copying import copy, share
from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.guard import Guard
from pytest_importcontract.shipment.stage import Stage, open_stage

LARGE = b"\0\1\2\3" * (1 << 19)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "r/model.bin"
    path.parent.mkdir()
    path.write_bytes(LARGE)
    path.chmod(0o640)
    os.utime(path, (1_000_000, 1_000_000))
    return path


def staged(tmp_path: Path, name: str, *sources: Path) -> tuple[Stage, Guard]:
    files = [ShippedFile(path, PurePosixPath(path.name)) for path in sources]
    stage = open_stage(tmp_path / "stages", name, files, tmp_path / "bytecode")
    return stage, Guard(stage.tree, files, tmp_path / "bytecode")


def test_a_copy_has_mode_and_time(model: Path, tmp_path: Path) -> None:
    copy(model, tmp_path / "copy")
    status = (tmp_path / "copy").stat()
    assert (tmp_path / "copy").read_bytes() == LARGE
    assert (oct(status.st_mode), status.st_mtime) == ("0o100640", 1_000_000)
    (tmp_path / "copy").write_bytes(b"")
    assert model.read_bytes() == LARGE


def test_a_copy_does_not_overwrite(model: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").touch()
    with pytest.raises(FileExistsError):
        copy(model, tmp_path / "copy")


def test_trees_share_a_large_file(model: Path, tmp_path: Path) -> None:
    one, _ = staged(tmp_path, "one", model)
    other, _ = staged(tmp_path, "other", model)
    first, second = one.tree / "model.bin", other.tree / "model.bin"
    assert first.read_bytes() == LARGE
    assert first.stat().st_ino == second.stat().st_ino != model.stat().st_ino
    one.release()
    other.release()


def test_code_is_not_shared(tmp_path: Path) -> None:
    source = tmp_path / "big.py"
    source.write_bytes(b"#" * (1 << 21))
    stage, _ = staged(tmp_path, "one", source)
    assert (stage.tree / "big.py").stat().st_nlink == 1
    stage.release()


def test_a_write_to_it_does_not_reach_the_original(model: Path, tmp_path: Path) -> None:
    """It reaches the other tree, whose guard sees it and puts it right."""
    one, guard = staged(tmp_path, "one", model)
    other, others_guard = staged(tmp_path, "other", model)
    assert (guard.mend(), others_guard.mend()) == (0, 0)
    with (one.tree / "model.bin").open("r+b") as file:
        file.write(b"spoilt")
    assert model.read_bytes() == LARGE
    assert guard.mend() > 0
    assert (one.tree / "model.bin").read_bytes() == LARGE
    assert others_guard.mend() > 0
    assert (other.tree / "model.bin").read_bytes() == LARGE
    assert (guard.mend(), others_guard.mend()) == (0, 0)
    one.release()
    other.release()


def test_a_changed_original_is_shared_anew(model: Path, tmp_path: Path) -> None:
    stage, _ = staged(tmp_path, "one", model)
    stage.release()
    model.write_bytes(LARGE[::-1])
    os.utime(model, (1_000_000, 1_000_000))
    stage, _ = staged(tmp_path, "one", model)
    assert (stage.tree / "model.bin").read_bytes() == LARGE[::-1]
    stage.release()


def test_an_unchanged_one_stays(model: Path, tmp_path: Path) -> None:
    for name in ("one", "other", "one"):
        stage, _ = staged(tmp_path, name, model)
        stage.release()
    assert stage.copied == 0


def test_a_pool_elsewhere(model: Path, tmp_path: Path) -> None:
    """A link to another file system is none; the copy is made all the same."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    pool = memory / f"importcontract-{os.getpid()}"
    try:
        share(model, tmp_path / "copy", pool)
        assert (tmp_path / "copy").read_bytes() == LARGE
    finally:
        for path in pool.iterdir():
            path.unlink()
        pool.rmdir()


def test_copies_that_nobody_links_to_go(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = tmp_path / "pool"
    share(model, tmp_path / "used", pool)
    (pool / "abandoned").touch()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30 * 24 * 3600)
    model.write_bytes(LARGE[::-1])
    share(model, tmp_path / "new", pool)
    assert len(list(pool.iterdir())) == 2
    assert not (pool / "abandoned").exists()
