from __future__ import annotations

from pathlib import Path

import pytest
from images import mistakes, notes, read, repository

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.image.image import read_image


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py", "requirements.txt")
    text = (
        "FROM scratch\nCOPPY app /app\nCOPY --form=x app /app\nCOPY app\nENV\nWORKDIR\n"
        "SHELL /bin/sh\nENV A=1 B\nRUN true \\\n  && WORDKIR\nFROM a b\nFROM a AS 1x\n"
    )
    assert mistakes(root, text) == [
        "Dockerfile:2: unknown instruction COPPY (did you mean COPY?)",
        "Dockerfile:3: COPY has no flag --form (did you mean --from?)",
        "Dockerfile:4: COPY needs a source and a destination",
        "Dockerfile:5: ENV needs an argument",
        "Dockerfile:6: WORKDIR needs an argument",
        'Dockerfile:7: SHELL needs the JSON form (as in SHELL ["/bin/bash", "-c"])',
        'Dockerfile:8: Syntax error - can\'t find = in "B". Must be of the form: name=value',
        "Dockerfile:11: FROM takes an image, or an image AS a name",
        (
            "Dockerfile:12: '1x' cannot be the name of a stage (letters, digits, '.', '_' and '-', "
            "a letter first)"
        ),
    ]


def test_sources_that_are_not_there(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py", "app/a.py", "requirements.txt")
    text = (
        "FROM scratch AS one\nCOPY requirement.txt app/mian.py /x/\nCOPY ../other /o\n"
        "COPY ../app /a\nCOPY nothing_like_it /n\nFROM scratch\nCOPY --from=one /ap /b\n"
        "COPY --from=on /a /c\nCOPY --from=4 /a /d\nCOPY [.py /x/\n"
    )
    assert mistakes(root, text) == [
        "Dockerfile:2: app/mian.py is not in the build context (did you mean app/main.py?)",
        (
            "Dockerfile:2: requirement.txt is not in the build context "
            "(did you mean requirements.txt?)"
        ),
        (
            "Dockerfile:3: ../other lies outside the build context "
            "(a build sees only its context: choose a folder further up)"
        ),
        "Dockerfile:5: nothing_like_it is not in the build context",
        "Dockerfile:8: no stage is called on (did you mean one?)",
        "Dockerfile:9: there is no stage 4 (stages are 0 to 1)",
        "Dockerfile:10: [.py is no pattern that Docker reads: a wildcard that is not closed",
    ]


def test_what_a_stage_certainly_lacks(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py")
    text = "FROM scratch AS one\nCOPY app /app\nFROM scratch\nCOPY --from=one /ap /b\n"
    assert mistakes(root, text) == [
        "Dockerfile:4: /ap is not in the stage one (did you mean /app?)"
    ]
    assert mistakes(root, text.replace("FROM scratch AS", "FROM python AS")) == []
    assert mistakes(root, text.replace("/app\nFROM", "/app\nRUN make\nFROM")) == []


@pytest.mark.parametrize(
    ("text", "args", "what"),
    [
        ("", {}, "Dockerfile: has no FROM"),
        ("# nothing\n", {}, "Dockerfile: has no FROM"),
        ("RUN x\nFROM a\n", {}, "Dockerfile:1: RUN before the first FROM"),
        (
            "FROM ${BASE}\n",
            {},
            (
                "Dockerfile:1: FROM names no image, for $BASE is empty "
                "(give it a value in ships.args, or a default in an ARG before the first FROM)"
            ),
        ),
        ("FROM a\nARG =x\n", {}, "Dockerfile:2: ARG without a name"),
        (
            "FROM a\nARG APP_DIR\n",
            {"APP_DIRR": "x"},
            (
                "Dockerfile: no ARG declares APP_DIRR, for which ships.args has a value "
                "(did you mean APP_DIR?)"
            ),
        ),
        ("FROM a\nWORKDIR ${X:?set X}\n", {}, "Dockerfile:2: set X"),
        ("FROM a\nWORKDIR ${X\n", {}, "Dockerfile:2: missing '}'"),
        ("FROM a\nCOPY <<EOF /x\n", {}, "Dockerfile:2: unterminated heredoc"),
        (
            "# escape=x\nFROM a\n",
            {},
            "Dockerfile:1: invalid escape token 'x' does not match ` or \\",
        ),
        (
            "FROM a\nCOPY --exclude=[ . /x\n",
            {},
            "Dockerfile:2: --exclude has a pattern that Docker does not read",
        ),
    ],
)
def test_one_mistake(tmp_path: Path, text: str, args: dict[str, str], what: str) -> None:
    assert mistakes(tmp_path, text, args=args) == [what]


def test_mistakes_of_the_ignore_file_and_the_dockerfile_together(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "FORM a\n", ignore="[a\nok\n!\n") == [
        ".dockerignore:1: [a: no pattern that Docker reads",
        ".dockerignore:3: !: no pattern that Docker reads",
        "Dockerfile:1: unknown instruction FORM (did you mean FROM?)",
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    def refused(dockerfile: Path, context: Path) -> str:
        with pytest.raises(MistakesError) as caught:
            read_image(tmp_path, dockerfile, context=context)
        return str(caught.value)

    (tmp_path / "D").write_text("FROM a\n")
    assert refused(tmp_path / "gone", tmp_path) == "gone: cannot be read: No such file or directory"
    assert refused(tmp_path, tmp_path) == ".: cannot be read: Is a directory"
    assert refused(tmp_path / "x\0y", tmp_path).endswith("y: cannot be read: embedded null byte")
    assert refused(tmp_path / ("y" * 300), tmp_path).endswith("cannot be read: File name too long")
    assert refused(tmp_path / "D", tmp_path / "no") == "D: the build context no is no folder"


def test_contexts_above_and_beside_the_dockerfile(tmp_path: Path) -> None:
    root = repository(tmp_path, "svc/app/main.py", "docker/api.Dockerfile", "svc/.dockerignore")
    (root / "docker/api.Dockerfile").write_text("FROM scratch\nCOPY app /app\n")
    image = read_image(root, root / "docker/api.Dockerfile", context=root / "svc")
    assert (image.dockerfile, image.ignore_file) == ("docker/api.Dockerfile", "svc/.dockerignore")
    assert image.places("svc/app/main.py") == ("/app/main.py",)
    assert str(image.stage.tree["/app/main.py"].placed) == "docker/api.Dockerfile:2"
    absence = image.absence("docker/api.Dockerfile")
    assert absence is not None
    assert absence.reason.name == "OUTSIDE"


def test_directives_and_what_is_ignored(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/main.py")
    text = (
        "# syntax=docker/dockerfile:1.7\n# escape=`\nFROM scratch\nCOPY `\n# why\n  app `\n  /app\n"
        "ONBUILD COPY . /x\nHEALTHCHECK CMD x\nLABEL a=b\nEXPOSE 1\nUSER x\nVOLUME /v\n"
        "STOPSIGNAL 1\nMAINTAINER me\n"
    )
    image = read(root, text)
    assert list(image.stage.tree) == ["/app", "/app/main.py"]
    assert notes(root, text) == [
        "8: ONBUILD does nothing in this image, only in those built upon it"
    ]
    other = text.replace("docker/dockerfile:1.7", "me/frontend")
    assert notes(root, other)[0] == (
        "1: the syntax me/frontend is read as if it were docker/dockerfile"
    )
