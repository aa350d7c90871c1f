from __future__ import annotations

from pathlib import Path, PurePosixPath

from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.image.model import Kind, Node
from pytest_importcontract.shipment.stage import open_stage
from pytest_importcontract.shipment.unpacked import unpack


def link(text: str) -> Node:
    return Node(Kind.LINK, link=text)


def test_files_and_folders() -> None:
    found = unpack(
        {
            "/": Node(Kind.FOLDER),
            "/app": Node(Kind.FOLDER),
            "/app/main.py": Node(Kind.FILE, source=Path("/r/src/main.py")),
            "/app/run.sh": Node(Kind.FILE, content=b"exec x", mode=0o755),
            "/app/built.so": Node(Kind.FILE),
            "/data": Node(Kind.FOLDER),
        }
    )
    assert found.files == (
        ShippedFile(Path("/r/src/main.py"), PurePosixPath("app/main.py")),
        ShippedFile(None, PurePosixPath("app/run.sh"), content=b"exec x", mode=0o755),
    )
    assert found.folders == ("app", "data")
    assert found.unknown == ("/app/built.so",)


def test_links_lead_where_they_lead_in_the_image(tmp_path: Path) -> None:
    """Laid out below another root, none of them leads out of it."""
    found = unpack(
        {
            "/etc/conf": Node(Kind.FILE, content=b"conf"),
            "/app": Node(Kind.FOLDER),
            "/app/absolute": link("/etc/conf"),
            "/app/deep/absolute": link("/etc/./conf"),
            "/app/relative": link("../etc/conf"),
            "/app/climbing": link("../../../../etc/conf"),
            "/app/root": link("/"),
            "/app/nowhere": link("/proc/self/environ"),
        }
    )
    stage = open_stage(tmp_path / "s", "x", found.files, tmp_path / "b", found.folders)
    stage.release()
    app = stage.tree / "app"
    for name in ("absolute", "deep/absolute", "relative", "climbing"):
        assert (app / name).read_bytes() == b"conf"
    assert (app / "root").resolve() == stage.tree
    assert (app / "nowhere").is_symlink()
    assert not (app / "nowhere").exists()
