"""Plain commands of RUN do to files what a real shell's do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from images import read, repository

from pytest_importcontract.shipment.image.commands_of_run import read_node
from pytest_importcontract.shipment.image.model import Kind

FILES = ("a/x.py", "a/b/y.py", "c/z.py", "top.py", "c/.h")
NAMES = ("a", "a/", "a/b", "a/x.py", "c", "c/z.py", "top.py", "new", "new/", "a/new", "l", "l/x.py")
GLOBS = ("*", "*.py", "a/*", "[ac]", "a/*.py", "?", "c/.*h")

names = st.sampled_from(NAMES)
many = st.lists(st.sampled_from(NAMES + GLOBS), min_size=1, max_size=2).map(" ".join)
commands = st.one_of(
    st.builds(
        "{} {}".format,
        st.sampled_from(("rm -f", "rm -rf", "rm", "rmdir", "mkdir -p", "touch")),
        many,
    ),
    st.builds(
        "{} {} {}".format, st.sampled_from(("cp", "cp -r", "cp -a", "mv", "mv -f")), many, names
    ),
    st.builds("{} {} {}".format, st.sampled_from(("cp -rT", "mv -T", "ln")), names, names),
    st.builds("cp -r {}/. {}".format, st.sampled_from(("a", "c", "l")), names),
    st.builds("ln {} {} {}".format, st.sampled_from(("-s", "-sf", "-sfn")), names, names),
    st.builds(
        "{} {} {}".format, st.sampled_from(("echo hi >", "echo -n yo >>")), names, st.just("")
    ),
    st.builds("cat {} > {}".format, names, names),
    st.builds("printf '%s\\n' 1 2 | tee {} > /dev/null".format, names),
    st.builds("cd {}".format, st.sampled_from(("a", "c", "."))),
)


def ran(folder: Path, script: str) -> dict[str, str] | None:
    """What a real shell makes of a folder; None where a command fails."""
    done = subprocess.run(
        ["sh", "-ec", script], cwd=folder, capture_output=True, timeout=30, check=False
    )
    if done.returncode:
        return None
    found = {}
    for path in folder.rglob("*"):
        key = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[key] = f"-> {path.readlink()}"
        else:
            found[key] = "/" if path.is_dir() else path.read_text()
    return found


def worked_out(root: Path, script: str) -> dict[str, str]:
    """What is worked out here."""
    image = read(root, f"FROM python:3\nWORKDIR /w\nCOPY src /w/\nRUN {script}\n")
    found = {}
    for path, node in image.stage.tree.items():
        if path == "/w":
            continue
        data = read_node(node)
        text = {Kind.FOLDER: "/", Kind.LINK: f"-> {node.link}"}.get(node.kind)
        found[path.removeprefix("/w/")] = text or (data or b"").decode()
    return found


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
@settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(commands, min_size=1, max_size=5))
def test_a_real_shell_leaves_the_same_files(tmp_path: Path, lines: list[str]) -> None:
    root = repository(tmp_path, *(f"src/{file}" for file in FILES))
    place = tmp_path / "real"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(root / "src", place)
    script = " && ".join(lines)
    real = ran(place, script)
    if real is not None:
        assert worked_out(root, script) == real, script
