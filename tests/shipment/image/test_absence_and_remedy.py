from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from images import mistakes, read, repository

from pytest_importcontract.shipment.image.absence import Absence, Reason
from pytest_importcontract.shipment.image.image import Image

FILES = ("backend/main.py", "backend/tests/t.py", "shared/x.py", "auth_service/core/s.py")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path, *FILES)


def told(absence: Absence | None) -> tuple[str, ...] | None:
    """An absence as reason, place of its line, stage and image path."""
    if absence is None:
        return None
    line = str(absence.line) if absence.line else ""
    parts = [absence.reason.name, line, absence.stage, absence.place]
    return tuple(parts if absence.further is None else [*parts, absence.further.reason.name])


def fixes(image: Image, path: str) -> list[str]:
    return [str(edit) for edit in image.remedy(path)]


def corrected(root: Path, dockerfile: str, ignore: str, path: str, times: int = 1) -> Image:
    """The image after all edits of its remedy have been made, `times` in a row."""
    image = read(root, dockerfile, ignore=ignore)
    texts = {"Dockerfile": dockerfile.splitlines(), ".dockerignore": ignore.splitlines()}
    for _ in range(times):
        for edit in image.remedy(path):
            texts[edit.file].insert(edit.after, edit.text)
        ignore = "\n".join(texts[".dockerignore"]) + "\n"
        image = read(root, "\n".join(texts["Dockerfile"]), ignore=ignore)
    return image


NOT_COPIED = """\
FROM python:3.12-slim
WORKDIR /app
COPY --chown=app:app backend/ /app/backend/
COPY --chown=app:app \\
    shared/ \\
    /app/shared/
CMD ["x"]
"""


def test_no_copy_brings_it(root: Path) -> None:
    image = read(root, NOT_COPIED)
    for path in ("auth_service", "auth_service/core/s.py", root / "auth_service"):
        assert told(image.absence(path)) == ("NOT_COPIED", "", "", "")
    assert fixes(image, "auth_service") == [
        "COPY --chown=app:app auth_service/ /app/auth_service/ (after line 6 of Dockerfile)"
    ]
    assert [edit.text for edit in image.remedy("auth_service/core/s.py")] == [
        "COPY --chown=app:app auth_service/core/s.py /app/auth_service/core/s.py"
    ]


def test_what_ships_has_no_reason_and_no_remedy(root: Path) -> None:
    image = read(root, NOT_COPIED)
    for path in ("backend", "backend/main.py", ".", root / "shared"):
        assert image.absence(path) is None
        assert image.remedy(path) == ()
    assert image.places("backend/main.py") == ("/app/backend/main.py",)
    assert image.places("backend") == ("/app/backend",)
    assert image.places("auth_service") == ()


def test_an_ignore_line_strips_it(root: Path) -> None:
    ignore = "# notes\n.git\n**/auth*\n*_service\n"
    image = read(root, "FROM scratch\nCOPY . /app\n", ignore=ignore)
    assert told(image.absence("auth_service")) == ("IGNORED", ".dockerignore:3", "", "")
    absence = image.absence("auth_service/core/s.py")
    assert absence is not None
    assert absence.line is not None
    assert absence.line.text == "**/auth*"
    assert fixes(image, "auth_service") == ["!auth_service/** (after line 4 of .dockerignore)"]


def test_stripped_and_not_copied_either(root: Path) -> None:
    ignore = "*\n!backend\n!shared\n"
    image = read(root, NOT_COPIED, ignore=ignore)
    assert told(image.absence("auth_service")) == (
        *("IGNORED", ".dockerignore:1", "", ""),
        "NOT_COPIED",
    )
    assert fixes(image, "auth_service") == [
        "!auth_service/** (after line 1 of .dockerignore)",
        "COPY --chown=app:app auth_service/ /app/auth_service/ (after line 6 of Dockerfile)",
    ]


def test_a_named_ignore_file_wins(root: Path) -> None:
    (root / "Dockerfile.dockerignore").write_text("backend/tests\n")
    image = read(root, "FROM scratch\nCOPY . /app\n", ignore="auth_service\n")
    assert image.ignore_file == "Dockerfile.dockerignore"
    assert image.absence("auth_service") is None
    assert told(image.absence("backend/tests/t.py")) == (
        *("IGNORED", "Dockerfile.dockerignore:1", "", ""),
    )


BUILDER = """\
FROM python:3.12 AS builder
WORKDIR /build
COPY . .
FROM python:3.12-slim AS runtime
WORKDIR /srv
COPY --from=builder /build/backend /srv/backend
COPY --from=builder /build/shared /srv/shared
"""


def test_only_the_builder_has_it(root: Path) -> None:
    image = read(root, BUILDER)
    assert told(image.absence("auth_service")) == (
        *("OTHER_STAGE", "Dockerfile:3", "builder", "/build/auth_service"),
    )
    assert fixes(image, "auth_service") == [
        "COPY --from=builder /build/auth_service/ /srv/auth_service/ (after line 7 of Dockerfile)"
    ]


def test_a_run_takes_it_away(root: Path) -> None:
    text = "FROM scratch\nCOPY . /app\nRUN rm -rf /app/backend/tests /app/auth_service\n"
    image = read(root, text)
    assert told(image.absence("auth_service")) == (
        *("REMOVED", "Dockerfile:3", "0", "/app/auth_service/core/s.py"),
    )
    text = BUILDER.replace("COPY . .", "COPY . .\nRUN rm -r backend/tests")
    assert told(read(root, text).absence("backend/tests")) == (
        *("REMOVED", "Dockerfile:4", "builder", "/build/backend/tests/t.py"),
    )


def test_something_else_is_laid_upon_it(root: Path) -> None:
    text = "FROM scratch\nCOPY shared/x.py /x.py\nCOPY backend/main.py /x.py\n"
    assert told(read(root, text).absence("shared/x.py")) == (
        "COVERED",
        "Dockerfile:3",
        "0",
        "/x.py",
    )


@pytest.mark.parametrize(
    ("line", "doubted"),
    [
        ("COPY --from=lib/auth:1 /auth_service /app/auth_service", True),
        ("COPY --from=lib/auth:1 /all /app", True),
        ("COPY --from=lib/auth:1 /core /app/auth_service/core", True),
        ("COPY --from=lib/auth:1 /x /opt/x", False),
        ("COPY --from=lib/auth:1 /x /app/auth_service2", False),
        ("ADD https://x.org/auth.git /app/auth_service", True),
        ("RUN git clone https://x.org/auth.git /app/auth_service", True),
        ("RUN make", False),
    ],
)
def test_what_another_image_may_bring_is_doubted(root: Path, line: str, doubted: bool) -> None:
    absence = read(root, f"{NOT_COPIED}{line}\n").absence("auth_service")
    assert absence is not None
    assert str(absence.unless) == ("Dockerfile:8" if doubted else "None")


def test_exclude_leaves_it_out(root: Path) -> None:
    text = "FROM scratch\nCOPY --exclude=auth* . /app\n"
    assert told(read(root, text).absence("auth_service")) == ("EXCLUDED", "Dockerfile:2", "", "")


def test_outside_nowhere_empty_and_through_a_link(root: Path, tmp_path: Path) -> None:
    outside = repository(tmp_path / "elsewhere" / "pkg", "m.py")
    (root / "vend").symlink_to(outside.parent.parent.parent / "elsewhere")
    (root / "away").symlink_to("/usr/lib")
    (root / "void").mkdir()
    image = read(root, "FROM scratch\nCOPY backend /app\n")
    assert told(image.absence("gone.py")) == ("NOWHERE", "", "", "")
    assert told(image.absence("void")) == ("EMPTY", "", "", "")
    assert told(image.absence("away/python3")) == ("LINK", "", "", "")
    assert told(image.absence("/usr/lib")) == ("OUTSIDE", "", "", "")
    for path in ("gone.py", "void", "away/python3", "/usr/lib"):
        assert image.remedy(path) == ()


def test_other_layouts_are_followed(tmp_path: Path) -> None:
    root = repository(
        tmp_path, "apps/api/src/api/m.py", "apps/api/src/extra/e.py", "libs/common/c.py"
    )
    image = read(root, "FROM scratch\nWORKDIR /srv\nCOPY apps/api/src/api /srv/api\n")
    assert fixes(image, "apps/api/src/extra") == [
        "COPY apps/api/src/extra/ /srv/extra/ (after line 3 of Dockerfile)"
    ]
    assert fixes(image, "libs/common") == [
        "COPY libs/common/ /srv/common/ (after line 3 of Dockerfile)"
    ]


def test_odd_names_are_written_so_that_they_mean_themselves(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/m.py", "my app/x.py", "we[i]rd*/y.py", "ca$h/z.py")
    text = "FROM scratch\nCOPY app /srv/app\n"
    image = read(root, text)
    assert fixes(image, "my app") == [
        'COPY ["my app/", "/srv/my app/"] (after line 2 of Dockerfile)'
    ]
    for path in ("my app", "we[i]rd*", "ca$h", "my app/x.py", "we[i]rd*/y.py"):
        assert corrected(root, text, "", path).absence(path) is None, path
    for path in ("my app", "we[i]rd*", "ca$h"):
        done = corrected(root, "FROM scratch\nCOPY . /srv\n", f"{path.replace('*', '?')}\n", path)
        assert done.absence(path) is None, path


def test_a_stripped_source_is_a_mistake_that_names_the_line(root: Path) -> None:
    found = mistakes(root, NOT_COPIED + "COPY auth_service /x\n", ignore="docs\n**/auth*\n")
    assert found == [
        (
            "Dockerfile:8: auth_service is stripped from the build context by "
            ".dockerignore:2 (**/auth*) (add !auth_service after that line)"
        )
    ]


paths = st.sampled_from(
    ("a/x.py", "a/y.py", "b/x.py", "b/c/z.py", "d e/f.py", "a/deep/er/q.py", "top.py")
)
copies = st.sampled_from(
    (
        *("COPY . /app", "COPY a /app/a", "COPY b/ /srv/b/", "COPY b/c /app/", "COPY top.py /app/"),
        *("COPY --from=0 /src/a /app/a", "COPY --from=0 /src /app", "RUN rm -rf /app/a /app/b"),
        *("COPY --exclude=c b /app/b", "COPY a/x.py a/y.py /app/a/", "COPY top.py /app/a/x.py"),
    )
)
ignores = st.lists(
    st.sampled_from(("a", "b/*", "**/x.py", "!a/x.py", "*", "!b", "!**/q.py", "d*", "a/deep")),
    max_size=4,
)


@settings(
    max_examples=120,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(copies, max_size=4), ignores, st.sampled_from((".", "a b")), paths)
def test_the_remedy_brings_it_into_the_image(
    tmp_path: Path, lines: list[str], ignored: list[str], built: str, path: str
) -> None:
    root = repository(
        tmp_path / "r",
        *("a/x.py", "a/y.py", "b/x.py", "b/c/z.py", "d e/f.py", "a/deep/er/q.py", "top.py"),
    )
    first = f"FROM python:3 AS build\nWORKDIR /src\nCOPY {built} ./\n"
    text = first + "FROM python:3-slim\nWORKDIR /app\n" + "\n".join(lines) + "\n"
    ignore = "\n".join(ignored) + "\n"
    if mistakes(root, text, ignore=ignore):
        return  # a source that is stripped
    for each in (path, path.rpartition("/")[0] or path):
        image = read(root, text, ignore=ignore)
        absence = image.absence(each)
        assert (absence is None) == bool(_all_below(image, root / each))
        if absence is not None:
            assert absence.reason not in (Reason.NOWHERE, Reason.OUTSIDE, Reason.LINK, Reason.EMPTY)
            # What comes into the build at last may meet a RUN that takes it away again.
            times = 1 if absence.reason in (Reason.REMOVED, Reason.COVERED) else 2
            assert corrected(root, text, ignore, each, times).absence(each) is None


def _all_below(image: Image, path: Path) -> list[str]:
    return [
        place
        for place, node in image.stage.tree.items()
        if node.source is not None
        and not node.source.is_dir()
        and (node.source == path or path in node.source.parents)
    ]
