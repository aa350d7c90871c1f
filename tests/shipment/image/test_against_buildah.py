"""A real builder agrees with what is worked out here, path by path.

buildah builds each generated Dockerfile: stages that start from scratch and copy. It is not
BuildKit, and where the two differ Docker's documentation decides. Known to differ, and left out of
the comparison:

- A pattern that matches nothing. BuildKit copies nothing and goes on, buildah refuses; here it is a
  note.
- A file whose name holds wildcards. buildah takes the name that a pattern matched for a pattern
  again, and finds nothing.

IMPORTCONTRACT_BUILDS says how many builds, of twelve stages each, are made.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from buildah import BUILDAH, build
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.image.image import read_image
from pytest_importcontract.shipment.image.model import Kind, Stage

pytestmark = pytest.mark.skipif(BUILDAH is None, reason="buildah is not installed")

BUILDS = int(os.environ.get("IMPORTCONTRACT_BUILDS", "24"))
STAGES = 12

FOLDERS = ("", "a", "b", "a/c", "a/b", "b/c", "a/b/c")
NAMES = ("x.py", "y.py", "x.txt", ".env", "z-1.py", "sp ace.py")
LINKS = ("x.py", "../x.py", "nowhere", "/a", "/a/x.py", "../b", "c", "../../..", ".")
COMPONENTS = ("a", "b", "c", "*", "**", "x.py", "*.py", "?", "[ab]", "[^a]", "x.*", ".env", "b*")


@dataclass(frozen=True)
class Case:
    files: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    ignore: str
    stages: tuple[tuple[str, ...], ...]

    def write(self, context: Path) -> None:
        for file in self.files:
            path = context / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file)
        for link, text in self.links:
            path = context / link
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() and not path.is_symlink():
                path.symlink_to(text)
        (context / ".dockerignore").write_text(self.ignore)


places = st.builds(
    lambda folder, name: f"{folder}/{name}".lstrip("/"),
    st.sampled_from(FOLDERS),
    st.sampled_from(NAMES),
)
link_places = st.builds(
    lambda folder, name: f"{folder}/{name}".lstrip("/"),
    st.sampled_from(FOLDERS),
    st.sampled_from(("l", "m", "l.py")),
)
patterns = st.builds(
    lambda bang, lead, parts, tail: f"{bang}{lead}{'/'.join(parts)}{tail}",
    st.sampled_from(("", "", "!")),
    st.sampled_from(("", "", "/", "./")),
    st.lists(st.sampled_from(COMPONENTS), min_size=1, max_size=3),
    st.sampled_from(("", "", "/")),
)
ignores = st.lists(patterns | st.just("# a"), max_size=4).map("\n".join)
sources = st.one_of(
    places,
    link_places,
    st.sampled_from(FOLDERS[1:]),
    st.sampled_from(FOLDERS[1:]).map(lambda text: f"{text}/"),
    st.sampled_from((".", "./", "/", "/a", "./b", "a/.", "l/c", "a/l/x.py")),
    st.lists(
        st.sampled_from(("a", "b", "c", "*", "*.py", "?", "[ab]", "x.*")), min_size=1, max_size=3
    ).map("/".join),
)
targets = st.sampled_from(
    (
        *("/", ".", "./", "/app", "/app/", "/app/a", "/app/a/", "a", "a/", "b/x.py", "/app/x.py"),
        *("/app/new.py", "$D", "${D}/", "/$N/x", "${U:-u}/", "../up", "x/.", "/app/l/", "/app/l"),
    )
)


def _words(flag: str, found: list[str], target: str) -> str:
    if any(" " in source for source in found):
        inside = ", ".join(f'"{word}"' for word in [*found, target])
        return f"{flag} [{inside}]"
    return " ".join([flag, *found, target])


copies = st.builds(
    _words,
    st.sampled_from(("COPY", "COPY", "COPY", "ADD", "COPY --chown=1:1")),
    st.lists(sources, min_size=1, max_size=2),
    targets,
)
others = st.sampled_from(
    (
        *("WORKDIR /app", "WORKDIR /w/v", "WORKDIR sub", "WORKDIR $D/deep", "ARG N=n", "ARG U"),
        *("ENV D=/env", "ENV D=rel E=$D", "ENV D /old form", 'ENV D="/quo ted"', "ENV N=$D"),
    )
)
from_others = st.builds(
    lambda number, source, target: f"COPY --from={number} {source} {target}",
    st.integers(0, STAGES - 1),
    st.sampled_from(("/", "/app", "/app/", "/app/*", "/app/x.py", "/w", "/a", "/*", "/app/a/*")),
    targets,
)
stages = st.lists(copies | copies | others | from_others, min_size=1, max_size=5).map(tuple)
cases = st.builds(
    Case,
    st.lists(places, min_size=3, max_size=10, unique=True).map(tuple),
    st.lists(st.tuples(link_places, st.sampled_from(LINKS)), max_size=3).map(tuple),
    ignores,
    st.lists(stages, min_size=STAGES, max_size=STAGES).map(tuple),
)


def _stage(case: Case, index: int) -> str:
    """A stage's text; it copies from earlier stages only."""
    lines = [f"FROM scratch AS s{index}", "WORKDIR /marker"]
    for line in case.stages[index]:
        found = re.search(r"--from=(\d+)", line)
        if found and index == 0:
            continue
        if found:
            line = line.replace(found[0], f"--from={int(found[1]) % index}")
        lines.append(line)
    return "\n".join(lines)


def _expected(stage: Stage) -> dict[str, str]:
    found = {}
    for path, node in stage.tree.items():
        if node.kind is Kind.LINK:
            found[path] = f"-> {node.link}"
        elif node.kind is Kind.FOLDER:
            found[path] = "/"
        else:
            assert node.source is not None
            found[path] = node.source.read_text()
    return found


def _read(text: str, context: Path, target: str) -> Stage | str | None:
    """The stage, or why it is refused; None where the two builders differ by design."""
    dockerfile = context.parent / "Dockerfile"
    dockerfile.write_text(text)
    try:
        image = read_image(context, dockerfile, context=context, target=target)
    except MistakesError as error:
        return str(error)
    return None if any("matches nothing" in note.what for note in image.notes) else image.stage


def disagreements(case: Case, work: Path) -> list[str]:
    """Where a build of the case is not what is worked out here."""
    shutil.rmtree(work / "case", ignore_errors=True)
    context = work / "case" / "context"
    context.mkdir(parents=True)
    case.write(context)
    texts = [_stage(case, index) for index in range(len(case.stages))]
    whole = "\n".join(texts)
    read = {index: _read(whole, context, f"s{index}") for index in range(len(texts))}
    good = {index: stage for index, stage in read.items() if isinstance(stage, Stage)}
    kept = [
        text if index in good else f"FROM scratch AS s{index}\nWORKDIR /marker"
        for index, text in enumerate(texts)
    ]
    ends = [f"COPY --from=s{index} / /s{index}/" for index in good]
    found = []
    built = build("\n".join([*kept, "FROM scratch", *ends]), context, work)
    if isinstance(built, str):
        for index in good:
            alone = build("\n".join(kept), context, work, "--target", f"s{index}")
            if isinstance(alone, str):
                found.append(f"refused by buildah: {alone}\n{texts[index]}")
    else:
        for index, stage in good.items():
            start = f"/s{index}"
            real = {p[len(start) :]: v for p, v in built.items() if p.startswith(f"{start}/")}
            expected = _expected(stage)
            if real != expected:
                only = {p: v for p, v in real.items() if expected.get(p) != v}
                ours = {p: v for p, v in expected.items() if real.get(p) != v}
                found.append(f"built {only}, worked out {ours}\n{texts[index]}")
    refused = [index for index in read if isinstance(read[index], str)]
    for index in [index for index in refused if "--from" not in texts[index]][:1]:
        alone = build(texts[index], context, work)
        if not isinstance(alone, str):
            found.append(f"refused here: {read[index]}\n{texts[index]}")
    return [f"{each}\nignore:\n{case.ignore}\n{case.files}\n{case.links}" for each in found]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("buildah")


@settings(
    max_examples=BUILDS,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(case=cases)
def test_a_real_builder_makes_the_same_files(case: Case, work: Path) -> None:
    assert disagreements(case, work) == []
