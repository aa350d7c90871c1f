"""Whatever stands in a Dockerfile and an ignore file: an image or mistakes, and soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from images import repository

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.image.image import read_image

SEED = """\
# syntax=docker/dockerfile:1
ARG TAG=3.12
FROM python:${TAG}-slim AS base
ENV APP=/app B="x y" C=${TAG:-1}
WORKDIR $APP
COPY --from=0 --chown=1:1 requirements.txt ./
RUN --mount=type=bind,from=base,source=/,target=/m,rw cp -r /m/app /x && rm -rf /app/* \\
    && if [ -f x ]; then mv a b; fi; echo "a\\n" > $APP/s.py
COPY <<EOF /run.sh
exec $APP
EOF
FROM base AS final
ADD ["a.py", "my file", "/d/"]
COPY --exclude=*.pyc --parents ./**/x.py app/. [ab]*/ /srv/
RUN ["python", "-m", "x"]
RUN <<'E' cat > /y
text $X
E
ENTRYPOINT exec "$0" "$@"
CMD []
"""
PIECES = (
    *("FROM ", "COPY ", "--from=", "RUN ", "--mount=", "ENV ", "ARG ", "WORKDIR ", "<<EOF", "EOF"),
    *(
        "\\\n",
        "\n",
        "${",
        "}",
        ":-",
        "$",
        '"',
        "'",
        "[",
        "]",
        "**/",
        "*",
        "..",
        "/",
        "\0",
        "\ud800",
    ),
    *("0", "base", "`", "# escape=`\n", "\r\n", "\t", "é", "{a,b}", "$(x)", "&&", "|", "; mv / "),
)
mutations = st.lists(
    st.tuples(st.integers(0, len(SEED)), st.integers(0, 30), st.sampled_from(PIECES)), max_size=6
)
words = st.lists(st.sampled_from((*PIECES, *SEED.split())) | st.text(max_size=5), max_size=30).map(
    " ".join
)
ignores = st.lists(
    st.sampled_from(("**", "*", "!", "/", "[", "]", "a", "\\", "#", "\n", ".", "..", "x.py", " ")),
    max_size=20,
).map("".join)

quickly = settings(
    max_examples=200,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def attempt(tmp_path: Path, dockerfile: bytes, ignore: bytes, target: str = "") -> None:
    root = repository(tmp_path, "a.py", "app/x.py", "requirements.txt", "my file", "b/x.py")
    (root / "Dockerfile").write_bytes(dockerfile)
    (root / ".dockerignore").write_bytes(ignore)
    start = time.process_time()
    try:
        image = read_image(root, root / "Dockerfile", context=root, target=target)
    except MistakesError as error:
        found = error.mistakes
    else:
        assert all(path.startswith("/") for path in image.stage.tree)
        for path in ("app/x.py", "app", "my file", "nowhere"):
            if image.absence(path) is None:
                assert image.remedy(path) == ()
            image.places(path)
        found = ()
    assert all(mistake.file and mistake.what for mistake in found)
    assert time.process_time() - start < 10


@quickly
@given(mutations, ignores)
def test_mutated_dockerfiles(tmp_path: Path, changes: list[tuple[int, int, str]], ig: str) -> None:
    text = SEED
    for place, length, piece in changes:
        text = text[:place] + piece + text[place + length :]
    attempt(tmp_path, text.encode("utf-8", "surrogatepass"), ig.encode())


@quickly
@given(words, ignores, st.sampled_from(("", "0", "base", "\0", "9" * 30)))
def test_words_in_any_order(tmp_path: Path, text: str, ignore: str, target: str) -> None:
    dockerfile = f"FROM scratch AS base\n{text}".encode("utf-8", "surrogatepass")
    attempt(tmp_path, dockerfile, ignore.encode(), target)


@quickly
@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_bytes(tmp_path: Path, dockerfile: bytes, ignore: bytes) -> None:
    attempt(tmp_path, dockerfile, ignore)
    attempt(tmp_path, b"FROM scratch\nCOPY . /\nRUN " + dockerfile, ignore)


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\nWORKDIR " + "${A:-" * 5000 + "x" + "}" * 5000,
        "FROM scratch\nWORKDIR " + "/a" * 20_000,
        "FROM scratch\nRUN " + "(" * 20_000,
        "FROM scratch\nRUN echo " + "x " * 20_000 + "> /y",
        "FROM scratch AS s0\n"
        + "\n".join(f"FROM s{n - 1} AS s{n}\nWORKDIR /w{n}" for n in range(1, 400)),
        "\n".join(f"FROM scratch AS s{n}\nCOPY --from=s{n + 1} /x /x" for n in range(600)),
        "FROM scratch\nCOPY " + "*/" * 300 + " /x",
        "FROM scratch\nCOPY " + "[a-z]*" * 12 + "! /x/",
        "FROM scratch\nCOPY --parents " + "**/" * 40 + "z /x/",
        "FROM scratch\n" + "RUN true\n" * 3000,
        "FROM scratch\nCOPY . " + "a/" * 3000,
        "BAD\n" * 5000,
        "FROM scratch\nENV A=x\n" + "ENV A=$A$A$A$A\n" * 16,
        "FROM scratch\nRUN mkdir -p " + "/a" * 5000 + " && rm -rf /a",
        "FROM scratch\nRUN ln -s /b /a && ln -s /a /b && echo x > /a/c && cp -r /a /b /c",
        "FROM scratch\nCOPY . /a\n" + "RUN cp -r /a /a/a; cp -r /a /b; cp -r /b /a\n" * 30,
    ],
    ids=range(16),
)
def test_what_is_made_to_take_for_ever(tmp_path: Path, text: str) -> None:
    attempt(tmp_path, text.encode(), b"")


@pytest.mark.parametrize(
    "ignore",
    ["**/" * 200 + "a", "/".join(["**", "*a*"] * 12) + "/z", "*a" * 30 + "b", "!**\n" * 3000],
    ids=range(4),
)
def test_ignore_files_made_to_take_for_ever(tmp_path: Path, ignore: str) -> None:
    repository(tmp_path, "a" * 60, "a/a/a/a/a/a/a/a/a/a/a/a/a/aaaaaaaaaaaaaaaaaaaaaaa")
    attempt(tmp_path, b"FROM scratch\nCOPY . /\n", ignore.encode())
