from __future__ import annotations

from pathlib import Path

import pytest
from image_texts import image, shown

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.declared import Requirements
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.requirements_file import read_requirements
from pytest_importcontract.shipment.image.model import Kind, Line, Node

ASKED = Line("Dockerfile", 7)


def read(texts: dict[str, str | bytes | None], path: str = "r.txt", **env: str) -> Requirements:
    return read_requirements(path, image(texts), cwd="/app", env=env, asked_at=ASKED)


def everything(found: Requirements) -> list[str]:
    return [
        *shown(*found.declared, *found.locals),
        *(f"constraint {text}" for text in shown(*found.constraints)),
        *(f"{note.line} unknown: {note.what}" for note in found.notes),
    ]


def test_what_a_file_may_hold() -> None:
    text = """\
# a comment
--index-url https://index  # options that change nothing here
-i https://index --extra-index-url=https://other --no-index -f wheels --pre

click>=8  # via -r requirements.in
attrs==1.0 \\
    --hash=sha256:aaa \\
    --hash=sha256:bbb
    # via
    #   click
idna; python_version > "3"
name#1
-e .
-e./libs/a[x]
--editable=git+https://h/b#egg=b
    ./libs/c
x-${VERSION}-${UNSET}
    """.replace("name#1\n", "name-1 #2\n").replace("-${UNSET}", "")
    found = read({"/app/r.txt": text, "/app/pyproject.toml": '[project]\nname="app"'}, VERSION="1")
    assert everything(found) == [
        "/app/r.txt:5 click>=8 main",
        "/app/r.txt:6 attrs==1.0 main",
        '/app/r.txt:11 idna; python_version > "3" main',
        "/app/r.txt:12 name-1 main",
        "/app/r.txt:15 b @ git+https://h/b main",
        "/app/r.txt:17 x-1 main",
        "/app/r.txt:13 -e /app = app main",
        "/app/r.txt:14 -e /app/libs/a[x] =  main",
        "/app/r.txt:16 /app/libs/c =  main",
    ]
    assert found.declared[1].line.text == "attrs==1.0"


def test_included_files_lie_beside_the_one_that_includes_them() -> None:
    texts = {
        "/app/deploy/r.txt": "-r base.txt\n-c ../limits.txt\n./lib",
        "/app/deploy/base.txt": "--requirement=../more/two.txt\n-rthree.txt",
        "/app/more/two.txt": "two",
        "/app/deploy/three.txt": "three\n--constraint ../limits.txt",
        "/app/limits.txt": "four<4\n-e ./nothing-to-install",
    }
    assert everything(read(texts, "deploy/r.txt")) == [
        "/app/more/two.txt:1 two main",
        "/app/deploy/three.txt:1 three main",
        "/app/deploy/r.txt:3 /app/lib =  main",  # from the working folder, as pip has it
        "constraint /app/limits.txt:1 four<4 main",
    ]


def test_a_requirement_file_included_by_a_constraint_file_is_one_of_requirements() -> None:
    texts = {"/app/r.txt": "-c c.txt", "/app/c.txt": "-r d.txt", "/app/d.txt": "d"}
    assert everything(read(texts)) == ["/app/d.txt:1 d main"]


def test_one_file_included_twice_is_read_once() -> None:
    texts = {"/app/r.txt": "-r a.txt\n-r ./a.txt", "/app/a.txt": "a"}
    assert everything(read(texts)) == ["/app/a.txt:1 a main"]


def test_every_mistake_at_once() -> None:
    texts = {
        "/app/r.txt": "-r a.txt\nfoo bar\n-r missing.txt\nb --hash='unclosed\n-r folder",
        "/app/a.txt": "x y\n-r r.txt",
        "/app/folder/": "",
    }
    with pytest.raises(MistakesError) as error:
        read(texts)
    end = "expected semicolon (after name with no version specifier) or end"
    assert str(error.value).splitlines() == [
        f"/app/a.txt:1: x y: is no requirement: {end}",
        "/app/a.txt:2: /app/r.txt: includes itself",
        f"/app/r.txt:2: foo bar: is no requirement: {end}",
        "/app/r.txt:3: /app/missing.txt: does not exist in the image when this runs",
        "/app/r.txt:4: --hash='unclosed: cannot be read: no closing quotation",
        "/app/r.txt:5: /app/folder: is a folder, not a requirements file",
    ]


def test_a_missing_file_is_blamed_on_who_asked() -> None:
    with pytest.raises(MistakesError) as error:
        read({})
    assert str(error.value) == (
        "Dockerfile:7: /app/r.txt: does not exist in the image when this runs"
    )


def test_what_cannot_be_known_is_said() -> None:
    texts = {"/app/r.txt": "-r made.txt\n-r https://h/x.txt\n--frobnicate=1", "/app/made.txt": None}
    assert everything(read(texts)) == [
        "/app/r.txt:1 unknown: what /app/made.txt says, as nobody knows its content",
        "/app/r.txt:2 unknown: what https://h/x.txt says, as it is not read",
        "/app/r.txt:3 unknown: what --frobnicate means, as pip has no such option in these files",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "name # é\n".encode("utf-8-sig"),
        b"\xff\xfe" + "name # é\n".encode("utf-16-le"),
        b"\xfe\xff" + "name # é\r\n".encode("utf-16-be"),
        b"\xff\xfe\x00\x00" + "name # é\n".encode("utf-32-le"),
        b"# -*- coding: latin-1 -*-\nname # \xe9\n",
    ],
)
def test_encodings(content: bytes) -> None:
    found = read({"/app/r.txt": content})
    assert [one.name for one in found.declared] == ["name"]


def test_text_that_is_not_utf_8() -> None:
    with pytest.raises(MistakesError) as error:
        read({"/app/r.txt": b"a\nb\n\xff"})
    assert str(error.value).startswith("/app/r.txt:3: cannot be decoded: 'utf-8' codec")
    with pytest.raises(MistakesError) as error:
        read({"/app/r.txt": b"# coding: klingon\na"})
    assert str(error.value) == "/app/r.txt:1: cannot be decoded: unknown encoding: klingon"


def test_a_file_of_the_repository_is_called_by_its_path_there(tmp_path: Path) -> None:
    source = tmp_path / "deploy/requirements.txt"
    source.parent.mkdir()
    source.write_text("\nclick\n")
    tree = {
        "/app/r.txt": Node(Kind.FILE, source=source),
        "/app/link.txt": Node(Kind.LINK, link="r.txt"),
        "/app/loop": Node(Kind.LINK, link="loop"),
    }
    files = ImageFiles(tree, tmp_path)
    found = read_requirements("link.txt", files, cwd="/app", env={})
    assert shown(*found.declared) == ["deploy/requirements.txt:2 click main"]
    assert not files.exists("/app/loop/x")
    assert files.below("/app") == ("link.txt", "loop", "r.txt")
