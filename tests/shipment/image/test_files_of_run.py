from __future__ import annotations

from pathlib import Path

import pytest
from images import files, folders, notes, read, repository

HEAD = "FROM python:3.12-slim\nWORKDIR /app\nCOPY app .\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path, "app/main.py", "app/tests/t.py", "app/sub/x.py", "app/.env")


ALL = {
    "/app/.env": "app/.env",
    "/app/main.py": "app/main.py",
    "/app/sub/x.py": "app/sub/x.py",
    "/app/tests/t.py": "app/tests/t.py",
}


@pytest.mark.parametrize(
    ("run", "gone", "new"),
    [
        ("rm main.py", {"/app/main.py"}, {}),
        ("rm -rf /app/tests /nowhere", {"/app/tests/t.py"}, {}),
        ("rm tests", set(), {}),
        ("cd tests && rm -f *.py", {"/app/tests/t.py"}, {}),
        ("rm -rf *", {"/app/main.py", "/app/sub/x.py", "/app/tests/t.py"}, {}),
        ("rm -rf ./*/x.py", {"/app/sub/x.py"}, {}),
        ("rm -- -x; rm .[!.]*", {"/app/.env"}, {}),
        ("mv main.py /srv/m.py", {"/app/main.py"}, {"/srv/m.py": "app/main.py"}),
        ("mv sub tests/", {"/app/sub/x.py"}, {"/app/tests/sub/x.py": "app/sub/x.py"}),
        ("mv sub new", {"/app/sub/x.py"}, {"/app/new/x.py": "app/sub/x.py"}),
        (
            "mv -t /srv main.py sub",
            {"/app/main.py", "/app/sub/x.py"},
            {"/srv/main.py": "app/main.py", "/srv/sub/x.py": "app/sub/x.py"},
        ),
        ("cp main.py sub", set(), {"/app/sub/main.py": "app/main.py"}),
        ("cp main.py sub/x.py", set(), {"/app/sub/x.py": "app/main.py"}),
        ("cp sub /srv/s", set(), {}),
        ("cp -a sub /srv/s", set(), {"/srv/s/x.py": "app/sub/x.py"}),
        ("cp -r sub/. /srv", set(), {"/srv/x.py": "app/sub/x.py"}),
        ("cp -r sub /srv", set(), {"/srv/sub/x.py": "app/sub/x.py"}),
        ("install -m 755 main.py /usr/local/bin/run", set(), {"/usr/local/bin/run": "app/main.py"}),
        ("ln -s main.py l.py", set(), {"/app/l.py": "-> main.py"}),
        (
            "ln -sfn /app/sub cur && cp main.py cur/y.py",
            set(),
            {"/app/cur": "-> /app/sub", "/app/sub/y.py": "app/main.py"},
        ),
        ("ln main.py hard.py", set(), {"/app/hard.py": "app/main.py"}),
        ("touch sub/__init__.py main.py", set(), {"/app/sub/__init__.py": "''"}),
        ("echo 'a = 1' > s.py", set(), {"/app/s.py": repr("a = 1\n")}),
        ("echo -n x >> s.py && echo y >> s.py", set(), {"/app/s.py": repr("xy\n")}),
        ("echo '#' >> main.py", set(), {"/app/main.py": repr("app/main.py#\n")}),
        ("printf '%s = %d\\n' a 1 b 2 > s.py", set(), {"/app/s.py": repr("a = 1\nb = 2\n")}),
        ("echo 'a\\nb' > s.py", set(), {"/app/s.py": repr("a\nb\n")}),
        ("cat main.py sub/x.py > s.py", set(), {"/app/s.py": repr("app/main.pyapp/sub/x.py")}),
        ("echo hi | tee s.py > /dev/null", set(), {"/app/s.py": repr("hi\n")}),
        ("python gen.py > s.py", set(), {"/app/s.py": "?"}),
        ("apt-get update && rm main.py", {"/app/main.py"}, {}),
        ("test -f x || true; rm main.py", {"/app/main.py"}, {}),
    ],
)
def test_plain_commands_are_followed(
    root: Path, run: str, gone: set[str], new: dict[str, str]
) -> None:
    expected = {path: text for path, text in ALL.items() if path not in gone} | new
    assert files(root, f"{HEAD}RUN {run}\n") == expected
    assert notes(root, f"{HEAD}RUN {run}\n") == []


def test_heredocs_of_a_run(root: Path) -> None:
    text = HEAD + "RUN <<EOF\nrm -r tests sub\ncat > s.py <<X\na = 1\nX\nEOF\n"
    assert files(root, text) == {
        "/app/.env": "app/.env",
        "/app/main.py": "app/main.py",
        "/app/s.py": repr("a = 1\n"),
    }
    text = HEAD + "RUN cat <<EOF > /start.sh && chmod +x /start.sh\n#!/bin/sh\nexec x\nEOF\n"
    assert files(root, text)["/start.sh"] == repr("#!/bin/sh\nexec x\n")


def test_alpines_echo_keeps_backslashes(root: Path) -> None:
    run = "RUN echo 'a\\nb' > /s\n"
    assert files(root, f"FROM python:3-alpine\n{run}") == {"/s": repr("a\\nb\n")}
    assert files(root, f"FROM python:3\n{run}") == {"/s": repr("a\nb\n")}


def test_folders_are_made(root: Path) -> None:
    text = "FROM scratch\nRUN mkdir -p /a/b /c && install -d /d/e\n"
    assert folders(root, text) == ["/a", "/a/b", "/c", "/d", "/d/e"]


@pytest.mark.parametrize(
    ("run", "note"),
    [
        ("sed -i s/a/b/ main.py", "not modelled: what sed -i s/a/b/ main.py does to files"),
        ("python /app/main.py --all", "not modelled: what python /app/main.py --all does to files"),
        (
            "find . -name tests -exec rm -r {} +",
            "not modelled: what find . -name tests -exec rm -r {} + does to files",
        ),
        (
            "rm -rf $(find . -name tests)",
            "not modelled: rm -rf $(find . -name tests) (command substitution)",
        ),
        ("rm -rf $OLD/tests", "not modelled: rm -rf $OLD/tests (nothing says what $OLD is)"),
        ("[ -f x ] && rm main.py || rm -r sub", "not modelled: rm main.py (it may or may not run)"),
        (
            "if grep -q x main.py; then mv main.py old.py; fi",
            "not modelled: mv main.py old.py (it may or may not run)",
        ),
    ],
)
def test_what_is_not_followed_is_said(root: Path, run: str, note: str) -> None:
    assert f"4: {note}" in notes(root, f"{HEAD}RUN {run}\n")
    assert files(root, f"{HEAD}RUN {run}\n") == ALL


@pytest.mark.parametrize(
    "run",
    [
        "pip install -r main.py && uv sync && poetry install",
        "chmod -R a+r /app && chown -R 1:1 . && ls sub",
        "useradd app && python -m venv /app/.venv && python -m compileall .",
        "apt-get install -y gcc && rm -rf /var/lib/apt/lists/*",
        "python -m pip install .",
    ],
)
def test_what_others_follow_and_what_harms_nothing_is_not_said(root: Path, run: str) -> None:
    assert notes(root, f"{HEAD}RUN {run}\n") == []


def test_a_script_for_another_interpreter_is_not_followed(root: Path) -> None:
    text = HEAD + "RUN <<EOF\n#!/usr/bin/env python3\nrm = 1\nEOF\n"
    assert notes(root, text) == ["4: not modelled: what its script does"]


@pytest.mark.parametrize(
    ("run", "places"),
    [
        ("git clone https://x.org/r.git /opt/r", {"/opt/r"}),
        ("git clone https://x.org/r.git", {"/app"}),
        ("curl -o /app/x.py https://x.org/x.py", {"/app/x.py"}),
        ("curl -sSf https://x.org/x.py > /dev/null", {"/app"}),
        ("tar -xf x.tar --directory=/app/vendor", {"/app/vendor"}),
        ("mv /opt/lib vendor", {"/app/vendor"}),
    ],
)
def test_where_unknown_files_may_lie(root: Path, run: str, places: set[str]) -> None:
    image = read(root, f"{HEAD}RUN {run}\n")
    assert set(image.opens) == places
    assert {str(line) for line in image.opens.values()} == {"Dockerfile:4"}


def test_what_came_from_nowhere_known_is_open(root: Path) -> None:
    image = read(root, HEAD + "RUN cp -r /opt/vendor /app/vendor\n")
    assert dict(image.opens).keys() == {"/app/vendor"}
