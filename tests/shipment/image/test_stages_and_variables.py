from __future__ import annotations

from pathlib import Path

import pytest
from images import files, mistakes, notes, read, repository, shown

from pytest_importcontract.shipment.image.model import Step, Transfer

BUILDER = """\
FROM scratch AS Builder
WORKDIR /src
COPY . .
FROM scratch
COPY --from=builder /src/app /srv/app
"""


def test_what_only_the_builder_has_does_not_leak(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py", "lib/x.py")
    image = read(root, BUILDER)
    assert shown(image.stage, root) == {"/srv/app/main.py": "app/main.py"}
    assert shown(image.stages[0], root).keys() >= {"/src/lib/x.py", "/src/app/main.py"}
    assert (image.stage.name, image.stage.index) == ("", 1)
    assert (image.stages[0].name, image.stages[0].index) == ("builder", 0)


def test_transfers_say_what_came_from_where(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py", "one.py")
    text = BUILDER + "COPY --from=0 /src/one.py /src/app /d/\nCOPY --from=docker.io/uv:1 /uv /bin/"
    image = read(root, text)
    found = [
        (getattr(event.origin, "name", event.origin), event.source, event.target, event.line.line)
        for event in image.stage.events
        if isinstance(event, Transfer)
    ]
    assert found == [
        ("builder", "/src/app", "/srv/app", 5),
        ("builder", "/src/one.py", "/d/one.py", 6),
        ("builder", "/src/app", "/d", 6),
        ("docker.io/uv:1", "/uv", "/bin/uv", 7),
    ]
    assert [f"{note.line.line}: {note.what}" for note in image.notes] == [
        "7: what the image docker.io/uv:1 holds is not known: /uv is copied"
    ]
    assert dict(image.opens).keys() == {"/bin/uv"}


def test_what_a_run_makes_in_a_builder_is_unknown_and_no_mistake(tmp_path: Path) -> None:
    text = "FROM python:3.12 AS b\nRUN python -m venv /venv\nFROM python:3.12-slim\n"
    image = read(tmp_path, text + "COPY --from=b /venv /venv\nCOPY --from=b /wheels/*.whl /tmp/\n")
    transfers = [event for event in image.stage.events if isinstance(event, Transfer)]
    assert [(each.source, each.target) for each in transfers] == [
        ("/venv", "/venv"),
        ("/wheels/*.whl", "/tmp"),
    ]
    assert dict(image.opens).keys() == {"/venv", "/tmp"}


def test_a_stage_upon_a_stage_has_its_files_variables_and_folder(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py", "b.py")
    text = (
        "FROM python:3.12 AS base\nARG WHERE=/opt\nENV A=1\nWORKDIR /app\nCOPY a.py .\n"
        'ENTRYPOINT ["x"]\nCMD ["y"]\nFROM base\nCOPY b.py $WHERE/\nCOPY b.py .\n'
    )
    image = read(root, text)
    assert shown(image.stage, root) == {
        "/app/a.py": "a.py",
        "/app/b.py": "b.py",
        "/opt/b.py": "b.py",
    }
    assert image.stage.image == "python:3.12"
    assert image.stage.env["A"] == "1"
    assert "WHERE" not in image.stage.env
    assert image.stage.entrypoint is not None
    assert image.stage.cmd is not None
    assert (image.stage.entrypoint.argv, image.stage.cmd.argv) == (("x",), ("y",))


def test_an_entrypoint_forgets_an_inherited_command_only(tmp_path: Path) -> None:
    base = 'FROM scratch AS b\nCMD ["y"]\nFROM b\n'
    assert read(tmp_path, base + 'ENTRYPOINT ["x"]').stage.cmd is None
    own = read(tmp_path, base + 'CMD ["z"]\nENTRYPOINT exec x\n').stage
    assert own.cmd is not None
    assert own.entrypoint is not None
    assert own.cmd.argv == ("z",)
    assert own.entrypoint.argv == ("/bin/sh", "-c", "exec x")
    text = 'FROM scratch\nSHELL ["/bin/bash", "-lc"]\nCMD run it\n'
    cmd = read(tmp_path, text).stage.cmd
    assert cmd is not None
    assert (cmd.argv, cmd.line.line) == (("/bin/bash", "-lc", "run it"), 3)


def test_the_target_is_a_name_or_a_number(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py")
    text = "FROM scratch AS One\nCOPY a.py /1\nFROM scratch as two\nCOPY a.py /2\nFROM one\n"
    assert files(root, text, target="ONE").keys() == {"/1"}
    assert files(root, text, target="1").keys() == {"/2"}
    assert files(root, text).keys() == {"/1"}
    assert mistakes(root, text, target="tow") == [
        "Dockerfile: no stage is called tow (did you mean two?)"
    ]
    assert mistakes(root, text, target="7") == [
        "Dockerfile: no stage is called 7 (its stages are one, two)"
    ]


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("${X}", "/d"),
        ("$X", "/d"),
        ("${X:-/e}", "/d"),
        ("${Y:-/e}", "/e"),
        ("${EMPTY:-/e}", "/e"),
        ("${EMPTY-/e}/e", "/e"),
        ("/${X:+f}", "/f"),
        ("/e${Y:+f}", "/e"),
        (r"/\$X", "/$X"),
        ("'/$X'", "/$X"),
        ('"/q$X"', "/q/d"),
    ],
)
def test_variables_expand_as_docker_says(tmp_path: Path, word: str, path: str) -> None:
    root = repository(tmp_path, "a.py")
    text = f"FROM scratch\nARG X=/d\nARG EMPTY=\nWORKDIR /e\nCOPY a.py {word}\n"
    found = files(root, text)
    assert list(found) in ([path], [f"{path}/a.py"])


def test_arguments_come_from_the_contract_the_default_or_before_from(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py")
    text = (
        "ARG TAG=3.12\nARG IMAGE=python:${TAG}\nFROM $IMAGE\nCOPY a.py /unseen${TAG}\nARG TAG\n"
        "ARG D=/d\nCOPY a.py $D/$TAG\nENV D=/env\nARG D=/arg\nCOPY a.py $D\n"
    )
    image = read(root, text)
    assert image.stage.image == "python:3.12"
    assert sorted(shown(image.stage, root)) == ["/d/3.12", "/env", "/unseen"]
    given = read(root, text, args={"TAG": "3.13", "D": "/x"})
    assert given.stage.image == "python:3.13"
    assert sorted(shown(given.stage, root)) == ["/env", "/unseen", "/x/3.13"]


def test_from_takes_variables_and_never_an_unnamed_stage(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py")
    text = "ARG S=one\nFROM scratch AS one\nCOPY a.py /x\nFROM scratch\nCOPY --from=${S} /x /y\n"
    assert files(root, text) == {"/y": "a.py"}
    assert mistakes(root, text.replace("ARG S=one", "ARG S")) == [
        "Dockerfile:5: COPY --from names nothing (give its variable a value in ships.args)"
    ]


def test_a_variable_that_only_the_base_image_could_set_is_said(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py")
    text = "FROM python:3\nWORKDIR ${APP_HOME}/x\nCOPY a.py ${O:-/o}/\n"
    assert notes(root, text) == ["2: $APP_HOME is taken as empty: nothing in Dockerfile sets it"]
    assert notes(root, text.replace("python:3", "scratch")) == []


def test_the_platform_is_known_where_it_is_declared(tmp_path: Path) -> None:
    root = repository(tmp_path, "bin-arm64.py")
    text = "FROM --platform=$BUILDPLATFORM scratch\nARG TARGETARCH\nCOPY bin-$TARGETARCH.py /b/\n"
    assert files(root, text, architecture="aarch64") == {"/b/bin-arm64.py": "bin-arm64.py"}
    assert mistakes(root, text) == [
        "Dockerfile:3: bin-amd64.py is not in the build context (did you mean bin-arm64.py?)"
    ]


def test_a_later_stage_may_be_copied_from_but_not_in_a_circle(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py")
    text = "FROM scratch AS a\nCOPY --from=b /x /y\nFROM scratch AS b\nCOPY a.py /x\n"
    assert files(root, text, target="a") == {"/y": "a.py"}
    circle = (
        "FROM scratch AS a\nCOPY --from=b /x /y\nFROM scratch AS b\nCOPY --from=a /y /x\n"
        "FROM scratch\nCOPY --from=2 / /\n"
    )
    assert mistakes(root, circle, target="b") == [
        "Dockerfile:2: COPY --from=b goes round in a circle: b needs this stage"
    ]
    assert mistakes(root, circle) == ["Dockerfile:6: COPY --from=2 is the stage that it stands in"]


def test_mistakes_in_a_stage_that_is_not_needed_are_notes(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.py")
    text = "FROM scratch AS test\nCOPY gone.py /\nFROM scratch\nCOPY a.py /\n"
    assert files(root, text) == {"/a.py": "a.py"}
    assert notes(root, text) == [
        "2: gone.py is not in the build context (in a stage that this image is not made of)"
    ]
    assert mistakes(root, text, target="test") == [
        "Dockerfile:2: gone.py is not in the build context"
    ]


def test_steps_know_their_folder_variables_and_files(tmp_path: Path) -> None:
    root = repository(tmp_path, "req.txt", "late.py")
    text = (
        "FROM python:3\nARG A=1\nENV B=2\nWORKDIR /app\nCOPY req.txt .\n"
        "RUN export C=3; cd /tmp && pip install -r /app/req.txt || true\nCOPY late.py .\n"
        'RUN ["pip", "check"]\n'
    )
    steps = [event for event in read(root, text).stage.events if isinstance(event, Step)]
    assert [(step.argv, step.cwd, step.line.line) for step in steps] == [
        (("pip", "install", "-r", "/app/req.txt"), "/tmp", 6),
        (("pip", "check"), "/app", 8),
    ]
    assert {name: steps[0].env.get(name) for name in "ABC"} == {"A": "1", "B": "2", "C": "3"}
    assert "/app/late.py" not in steps[0].tree
    assert "/app/late.py" in steps[1].tree
    assert "/app/req.txt" in steps[0].tree


def test_mounts_are_there_while_a_run_runs_and_not_after(tmp_path: Path) -> None:
    root = repository(tmp_path, "src/req.txt", "own.py")
    text = (
        "FROM scratch AS b\nCOPY own.py /own.py\nFROM python:3\nARG S=src\nWORKDIR /app\n"
        "RUN --mount=type=bind,source=$S,target=m --mount=from=b,target=/b "
        "--mount=type=cache,target=/root/.cache cp m/req.txt . && cp -r m /all && touch m/new "
        "/root/.cache/c && mv /b/own.py /moved.py && rm -r /app/m/req.txt\n"
    )
    image = read(root, text)
    assert shown(image.stage, root) == {
        "/all/req.txt": "src/req.txt",
        "/app/req.txt": "src/req.txt",
        "/moved.py": "own.py",
    }
    assert "/app/m" not in image.stage.tree
    assert "/root" not in image.stage.tree
    mount, step = image.stage.events[:2]
    assert isinstance(mount, Transfer)
    assert (mount.source, mount.target, mount.mounted) == ("/", "/b", True)
    assert isinstance(step, Step)
    assert {"/app/m/req.txt", "/b/own.py", "/root/.cache"} <= set(step.tree)
    assert image.absence("src/req.txt") is None


@pytest.mark.parametrize(
    ("mount", "what"),
    [
        ("type=bnd,target=/x", "--mount has no type 'bnd'"),
        ("type=bind,src=.", "--mount=type=bind needs a target"),
        ("kind=bind,target=/x", "--mount has no key 'kind'"),
        ("target=/x,source=gone", "--mount: gone is not in the build context"),
        ("from=7,target=/x", "there is no stage 7 (stages are 0 to 0)"),
    ],
)
def test_a_mount_that_docker_refuses(tmp_path: Path, mount: str, what: str) -> None:
    assert mistakes(tmp_path, f"FROM python:3\nRUN --mount={mount} true\n") == [
        f"Dockerfile:2: {what}"
    ]
