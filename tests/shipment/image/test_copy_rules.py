from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from images import files, folders, mistakes, notes, read, repository, shown


def test_a_folders_content_is_copied_not_the_folder(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py", "app/core/db.py")
    expected = {"/srv/core/db.py": "app/core/db.py", "/srv/main.py": "app/main.py"}
    for source in ("app", "app/", "./app", "/app", "app/."):
        for target in ("/srv", "/srv/", "/srv/."):
            assert files(root, f"FROM scratch\nCOPY {source} {target}") == expected


def test_a_slash_makes_a_folder_of_the_destination(tmp_path: Path) -> None:
    root = repository(tmp_path, "main.py")
    assert files(root, "FROM scratch\nCOPY main.py /app") == {"/app": "main.py"}
    assert files(root, "FROM scratch\nCOPY main.py /app/") == {"/app/main.py": "main.py"}
    assert files(root, "FROM scratch\nWORKDIR /app\nCOPY main.py /app") == {
        "/app/main.py": "main.py"
    }


@pytest.mark.parametrize("target", [".", "./", "/app/", "/app", "../app", "${HERE}", "$HERE/"])
def test_relative_destinations_start_at_the_working_folder(tmp_path: Path, target: str) -> None:
    root = repository(tmp_path, "main.py")
    text = f"FROM scratch\nENV HERE=/app\nWORKDIR /app\nCOPY main.py {target}"
    assert files(root, text) == {"/app/main.py": "main.py"}


def test_working_folders_add_up_and_exist(tmp_path: Path) -> None:
    text = "FROM scratch\nENV D=deep\nWORKDIR /a\nWORKDIR b\nWORKDIR ${D}/../c"
    assert folders(tmp_path, text) == ["/a", "/a/b", "/a/b/c"]
    assert read(tmp_path, text).stage.workdir == "/a/b/c"


def test_usual_folders_of_a_base_image_are_folders(tmp_path: Path) -> None:
    root = repository(tmp_path, "run.sh")
    text = "FROM python:3.12-slim\nCOPY run.sh /usr/local/bin"
    assert files(root, text) == {"/usr/local/bin/run.sh": "run.sh"}
    text = "FROM scratch\nCOPY run.sh /usr/local/bin"
    assert files(root, text) == {"/usr/local/bin": "run.sh"}


def test_wildcards_match_as_in_go(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py", "b.py", ".env", "ab.py", "sub/c.py", "sub2/d.py")
    assert files(root, "FROM scratch\nCOPY *.py /x/").keys() == {"/x/a.py", "/x/ab.py", "/x/b.py"}
    assert files(root, "FROM scratch\nCOPY ?.py /x/").keys() == {"/x/a.py", "/x/b.py"}
    assert files(root, "FROM scratch\nCOPY [^a]*.py /x/").keys() == {"/x/b.py"}
    assert files(root, "FROM scratch\nCOPY sub* /x/").keys() == {"/x/c.py", "/x/d.py"}
    assert files(root, "FROM scratch\nCOPY */*.py /x/").keys() == {"/x/c.py", "/x/d.py"}
    assert files(root, "FROM scratch\nCOPY .e* /x/").keys() == {"/x/.env"}


def test_a_wildcard_that_matches_nothing_is_said(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py")
    text = "FROM scratch\nCOPY a.py b*.py /x/"
    assert files(root, text) == {"/x/a.py": "a.py"}
    assert notes(root, text) == ["2: b*.py matches nothing that the build sees"]


def test_later_instructions_overwrite_earlier_ones(tmp_path: Path) -> None:
    root = repository(tmp_path, "a/x.py", "b/x.py")
    assert files(root, "FROM scratch\nCOPY a /x\nCOPY b /x") == {"/x/x.py": "b/x.py"}


def test_the_json_form_keeps_blanks_and_quotes_do_not(tmp_path: Path) -> None:
    root = repository(tmp_path, "my app/x.py")
    assert files(root, 'FROM scratch\nCOPY ["my app/", "/my app/"]') == {
        "/my app/x.py": "my app/x.py"
    }
    assert mistakes(root, 'FROM scratch\nCOPY "my app/" /app/') == [
        "Dockerfile:2: unexpected end of statement while looking for matching double-quote"
    ]


def test_heredocs_write_files(tmp_path: Path) -> None:
    text = (
        "FROM scratch\nENV NAME=app\nCOPY <<run.sh <<'raw' /bin/\n"
        '#!/bin/sh\nexec "$NAME"\nrun.sh\n$NAME\nraw\n'
    )
    assert files(tmp_path, text) == {
        "/bin/raw": repr("$NAME\n"),
        "/bin/run.sh": repr('#!/bin/sh\nexec "app"\n'),
    }
    assert files(tmp_path, "FROM scratch\nCOPY <<EOF /etc/app.toml\na = 1\nEOF\n") == {
        "/etc/app.toml": repr("a = 1\n")
    }


def test_exclude_leaves_out_of_one_copy(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py", "app/tests/t.py", "app/sub/tests/u.py")
    text = "FROM scratch\nCOPY --exclude=tests --exclude=**/u.py app /app"
    assert files(root, text) == {"/app/main.py": "app/main.py"}
    text = "FROM scratch\nCOPY --exclude=tests --exclude=!tests/t.py app/ /app"
    assert files(root, text).keys() == {"/app/main.py", "/app/tests/t.py", "/app/sub/tests/u.py"}
    root = repository(tmp_path, "hom.txt", "home.py")
    assert files(root, "FROM scratch\nCOPY --exclude=*.txt hom* /x/") == {"/x/home.py": "home.py"}


def test_parents_keeps_the_sources_folders(tmp_path: Path) -> None:
    root = repository(tmp_path, "x/a.txt", "y/a.txt", "x/deep/b.txt")
    assert files(root, "FROM scratch\nCOPY --parents ./x/a.txt ./y/a.txt /p/").keys() == {
        "/p/x/a.txt",
        "/p/y/a.txt",
    }
    assert files(root, "FROM scratch\nCOPY --parents x/./deep/b.txt /p/").keys() == {
        "/p/deep/b.txt"
    }
    assert files(root, "FROM scratch\nCOPY --parents **/b.txt y /p/").keys() == {
        "/p/x/deep/b.txt",
        "/p/y/a.txt",
    }


def test_modes_are_kept(tmp_path: Path) -> None:
    root = repository(tmp_path, "run.sh")
    image = read(root, "FROM scratch\nARG M=755\nCOPY --chmod=$M --link --chown=1:1 run.sh /run.sh")
    assert image.stage.tree["/run.sh"].mode == 0o755


def test_links_in_a_folder_stay_links_and_a_link_as_source_is_followed(tmp_path: Path) -> None:
    root = repository(tmp_path, "real/x.py", "app/y.py", link="real", file="app/y.py")
    (root / "app" / "up").symlink_to("../real")
    assert files(root, "FROM scratch\nCOPY app /app") == {
        "/app/up": "-> ../real",
        "/app/y.py": "app/y.py",
    }
    assert files(root, "FROM scratch\nCOPY link /l\nCOPY file /f/\nCOPY app/up/x.py /u/") == {
        "/f/file": "app/y.py",
        "/l/x.py": "real/x.py",
        "/u/x.py": "real/x.py",
    }


def test_no_link_leads_out_of_the_context(tmp_path: Path) -> None:
    repository(tmp_path / "secret", "x.py")
    root = repository(tmp_path / "r", "app/y.py", out="../secret", rooted="/app", abroad="/etc")
    assert files(root, "FROM scratch\nCOPY rooted /x") == {"/x/y.py": "app/y.py"}
    assert mistakes(
        root, "FROM scratch\nCOPY out /x\nCOPY abroad/hostname /x\nCOPY out/x.py /y"
    ) == [
        "Dockerfile:2: out is reached through a link out of the build context",
        "Dockerfile:3: abroad/hostname is reached through a link out of the build context",
        "Dockerfile:4: out/x.py is reached through a link out of the build context",
    ]
    assert files(root, "FROM scratch\nCOPY . /all")["/all/out"] == "-> ../secret"


def test_a_destination_goes_through_the_images_links(tmp_path: Path) -> None:
    root = repository(tmp_path, "x.py")
    text = "FROM scratch\nWORKDIR /real\nRUN ln -s /real /app\nCOPY x.py /app/\nCOPY x.py /app/new/"
    assert files(root, text) == {
        "/app": "-> /real",
        "/real/new/x.py": "x.py",
        "/real/x.py": "x.py",
    }


def _archive(path: Path, mode: str = "w:gz") -> None:
    with tarfile.open(path, mode) as archive:
        for name, text in (("pkg/a.py", b"a = 1\n"), ("../evil.py", b"x"), ("/abs.py", b"y")):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
        link = tarfile.TarInfo("pkg/l")
        link.type, link.linkname = tarfile.SYMTYPE, "a.py"
        archive.addfile(link)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_add_unpacks_an_archive_and_copy_does_not(tmp_path: Path, mode: str) -> None:
    _archive(tmp_path / "v.tgz", mode)
    assert files(tmp_path, "FROM scratch\nADD v.tgz /vendor") == {
        "/vendor/abs.py": repr("y"),
        "/vendor/pkg/a.py": repr("a = 1\n"),
        "/vendor/pkg/l": "-> a.py",
    }
    assert files(tmp_path, "FROM scratch\nCOPY v.tgz /vendor/") == {"/vendor/v.tgz": "v.tgz"}
    assert files(tmp_path, "FROM scratch\nADD --unpack=false v.tgz /vendor/") == {
        "/vendor/v.tgz": "v.tgz"
    }


def test_add_of_what_only_looks_like_an_archive_copies_it(tmp_path: Path) -> None:
    root = repository(tmp_path, "v.tgz")
    assert files(root, "FROM scratch\nADD v.tgz /vendor/") == {"/vendor/v.tgz": "v.tgz"}


def test_downloads_are_said_to_be_unknown(tmp_path: Path) -> None:
    text = "FROM scratch\nADD https://x.org/a/b.py?q=1 /d/\nADD https://x.org/r.git#main /src\n"
    assert files(tmp_path, text) == {"/d/b.py": "?"}
    assert notes(tmp_path, text) == [
        "2: what https://x.org/a/b.py?q=1 holds is not known",
        "3: which files https://x.org/r.git#main brings is not known",
    ]
    assert list(read(tmp_path, text).opens) == ["/src"]


def test_files_and_folders_in_each_others_way(tmp_path: Path) -> None:
    root = repository(tmp_path, "a/x/y.py", "b/x", "c.py")
    assert mistakes(root, "FROM scratch\nCOPY a /d\nCOPY b /d") == [
        "Dockerfile:3: /d/x is a folder in the image, and a file is to be copied there"
    ]
    assert mistakes(root, "FROM scratch\nCOPY b /d\nCOPY a /d") == [
        "Dockerfile:3: /d/x is a file in the image, and a folder is to be copied there"
    ]
    assert mistakes(root, "FROM scratch\nCOPY c.py b/x /d") == [
        "Dockerfile:2: several files are copied to /d, which is no folder (write /d/)"
    ]


def test_a_copy_from_nowhere_is_shown_whole(tmp_path: Path) -> None:
    repository(tmp_path, "x.py")
    image = read(tmp_path, "FROM scratch\nCOPY x.py /\n")
    assert shown(image.stage, tmp_path) == {"/x.py": "x.py"}
    assert str(image.stage.tree["/x.py"].placed) == "Dockerfile:2"
