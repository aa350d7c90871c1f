"""Installing projects: what is built, what is kept, what is said where nothing can be built."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_importcontract.shipment.image.model import Kind, Line, Node

Project = Any  # of conftest.py

HATCH = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "demo"
version = "1"
"""
SETUPTOOLS = HATCH.replace("hatchling.build", "setuptools.build_meta").replace(
    "hatchling", "setuptools"
)
OWN = """
[build-system]
requires = []
build-backend = "own"
backend-path = ["."]
"""
BACKEND = """
import os, subprocess, sys, time, zipfile
from pathlib import Path

def build_wheel(directory, settings=None, metadata=None):
    if "COUNT" in os.environ:
        with open(os.environ["COUNT"], "a") as count:
            count.write("x")
    {body}
    with zipfile.ZipFile(Path(directory, "demo-1-py3-none-any.whl"), "w") as wheel:
        for path in Path("demo").rglob("*.py"):
            wheel.write(path)
        for name, text in globals().get("extra", {{}}).items():
            wheel.writestr(name, text)
        wheel.writestr("demo-1.dist-info/METADATA", "Name: demo\\nVersion: 1\\n")
    return "demo-1-py3-none-any.whl"
"""
UNKNOWN = "what own takes from /app is not known"


def own_backend(project: Project, body: str = "pass", head: str = "") -> Project:
    return project.write(
        {
            "pyproject.toml": OWN,
            "own.py": head + BACKEND.format(body=body),
            "demo/__init__.py": "",
            "demo/a.py": "A = 1\n",
        }
    )


def said(installed: Any) -> list[str]:
    return [note.what for note in installed.notes]


def test_a_wheel_is_built_once_for_equal_content(project: Project, tmp_path: Path) -> None:
    own_backend(project)
    count = tmp_path / "count"
    more = {"environment": {"COUNT": str(count)}}

    first = project.install(**more)
    os.utime(project.root / "demo" / "a.py", (1, 1))
    again = project.install(**more)
    assert (first.files, count.read_text()) == (again.files, "x")

    project.write({"demo/a.py": "A = 2\n"})
    changed = project.install(**more)
    assert changed.files["demo/a.py"].source == project.root / "demo" / "a.py"
    assert count.read_text() == "xx"

    (project.root / "demo" / "a.py").rename(project.root / "demo" / "b.py")
    assert "demo/b.py" in project.install(**more).files
    assert count.read_text() == "xxx"

    project.install(environment={"COUNT": str(count), "FLAVOUR": "sweet"})
    assert count.read_text() == "xxxx"


def test_what_is_kept_is_not_believed_when_damaged(project: Project) -> None:
    own_backend(project)
    whole = project.install()
    (kept,) = project.cache.rglob("project.whl")
    kept.write_bytes(kept.read_bytes()[:100])

    assert project.install() == whole
    assert len(list(project.cache.rglob("project.whl"))) == 1


def test_what_nobody_used_for_long_is_forgotten(project: Project) -> None:
    own_backend(project).install()
    (old,) = (project.cache / "projects").iterdir()
    os.utime(old, (1, 1))
    project.write({"demo/a.py": "A = 2\n"}).install()

    assert not old.exists()
    assert len(list((project.cache / "projects").iterdir())) == 1


def test_a_build_writes_nothing_into_the_repository(project: Project) -> None:
    own_backend(project, body="Path('demo/made.py').write_text('MADE = 1')")
    before = sorted(project.root.rglob("*"))

    installed = project.install()

    assert installed.files["demo/made.py"].content == b"MADE = 1"
    assert installed.files["demo/made.py"].source is None
    assert sorted(project.root.rglob("*")) == before


def test_a_build_sees_the_images_variables_and_not_the_callers(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    body = (
        "global extra; extra = {'seen.txt': '\\n'.join(f'{k}={v}' for k, v in os.environ.items())}"
    )
    own_backend(project, body)

    installed = project.install(
        environment={"APP_FLAVOUR": "sweet", "PATH": "/image/bin", "HOME": "/root", "PIP_USER": "1"}
    )

    content = installed.files["seen.txt"].content
    assert content
    seen = dict(row.split("=", 1) for row in content.decode().splitlines() if "=" in row)
    assert seen["APP_FLAVOUR"] == "sweet"
    assert not {"SECRET_TOKEN", "PYTHONPATH", "PIP_USER"} & set(seen)
    assert "/image/bin" not in seen["PATH"]
    assert seen["HOME"] not in ("/root", os.environ.get("HOME"))
    assert not Path(seen["HOME"]).exists()
    assert not Path(seen["TMPDIR"]).exists()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("time.sleep(60)", "it did not end within 3 s"),
        ("while True: print('x' * 10**6)", "it printed more than 32 MB"),
        ("raise ValueError('no\\nway')", "ValueError: no"),
        ("os._exit(0)", None),
        ("os._exit(7)", "exit status 7"),
        ("sys.exit('tired')", "tired"),
        ("os.kill(os.getpid(), 9)", "exit status -9"),
        ("import absent_module", "ModuleNotFoundError: No module named 'absent_module'"),
        ("raise OSError(os.getcwd())", "OSError: /app"),
        ("print('\\xff\\x00', end=''); sys.stdout.flush(); os._exit(1)", None),
        ("return 'never-written.whl'", None),
        ("return '.'", None),
        (
            "Path(directory, '../out.whl').write_text(''); return '../out.whl'",
            "own made no wheel (out.whl is not where it belongs)",
        ),
        ("Path(directory, 'x.whl').write_text('no zip'); return 'x.whl'", None),
        (
            "global extra; extra = {'../../evil.py': ''}",
            "own made no wheel (../../evil.py leads out of site-packages)",
        ),
    ],
)
def test_a_build_that_fails_is_a_note(project: Project, body: str, complaint: str | None) -> None:
    own_backend(project, body)
    started = time.monotonic()

    installed = project.install(patience=3.0)

    assert time.monotonic() - started < 30
    first, second = said(installed)
    prefix = "no wheel of /app could be built: "
    assert first.startswith(prefix)
    assert len(first) > len(prefix)
    if complaint is not None:
        assert first == prefix + complaint
    assert second == UNKNOWN
    assert not installed.complete
    assert installed.files == {}
    assert installed.how == "nowhere: it builds with own, which did not build here"


def test_what_a_build_leaves_running_ends_with_it(project: Project, tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    child = f"import time\\nwhile 1: open({str(mark)!r}, 'w').close(); time.sleep(0.05)"
    own_backend(project, f"subprocess.Popen([sys.executable, '-c', \"{child}\"]); time.sleep(1)")

    assert project.install().complete

    mark.unlink(missing_ok=True)
    time.sleep(0.5)
    assert not mark.exists()


def test_a_failure_is_believed_for_a_moment_only(project: Project, tmp_path: Path) -> None:
    own_backend(project, "raise ValueError('no')")
    count = tmp_path / "count"
    more = {"environment": {"COUNT": str(count)}}
    first = project.install(**more)

    assert said(project.install(**more)) == said(first)
    assert count.read_text() == "x"
    (failed,) = project.cache.rglob("*.failed")
    os.utime(failed, (time.time() - 120, time.time() - 120))
    assert said(project.install(**more)) == said(first)
    assert count.read_text() == "xx"


def test_files_are_told_from_copies_of_them(project: Project) -> None:
    project.write(
        {
            "pyproject.toml": HATCH + '[tool.hatch.build.targets.wheel]\npackages = ["src/demo"]\n',
            "src/demo/__init__.py": "",
            "src/demo/a.py": "A = 1\n",
            "build/lib/demo/__init__.py": "",
            "build/lib/demo/a.py": "A = 1\n",
            "a/demo/__init__.py": "",
            "a/demo/a.py": "A = 1\n",
            "a/a.py": "A = 1\n",
            "src/demo/same.py": "A = 1\n",
        }
    )

    assert project.origins(project.install()) == {
        "demo/__init__.py": "src/demo/__init__.py",
        "demo/a.py": "src/demo/a.py",
        "demo/same.py": "src/demo/same.py",
    }


def test_only_what_the_image_holds_is_built(project: Project) -> None:
    project.write(
        {"pyproject.toml": HATCH, "demo/__init__.py": "", "demo/a.py": "", "demo/b.py": ""}
    )
    tree = project.tree()
    del tree["/app/demo/b.py"]

    assert set(project.origins(project.install(tree))) == {"demo/__init__.py", "demo/a.py"}


def test_a_file_that_nobody_knows_is_said(project: Project) -> None:
    project.write({"pyproject.toml": HATCH, "demo/__init__.py": ""})
    tree = project.tree()
    tree["/app/demo/made.py"] = Node(Kind.FILE)
    line = Line("Dockerfile", 7, "RUN pip install .")

    installed = project.install(tree, line=line)

    assert [str(note.line) for note in installed.notes] == ["Dockerfile:7"]
    assert said(installed) == [
        "what is in /app/demo/made.py is not known, and no build has seen it"
    ]
    assert installed.files["demo/__init__.py"].placed == line


def test_content_that_the_dockerfile_writes_is_built(project: Project) -> None:
    project.write({"pyproject.toml": HATCH, "demo/__init__.py": ""})
    tree = project.tree()
    tree["/app/demo/made.py"] = Node(Kind.FILE, content=b"MADE = 1\n")

    assert project.install(tree).files["demo/made.py"].content == b"MADE = 1\n"


def test_links_are_followed(project: Project, tmp_path: Path) -> None:
    project.write({"pyproject.toml": HATCH, "demo/__init__.py": "", "shared/tool.py": "T = 1\n"})
    tree = project.tree()
    tree["/app/demo/shared"] = Node(Kind.LINK, link="../shared")
    tree["/app/demo/loop"] = Node(Kind.LINK, link="loop")
    tree["/app/demo/up"] = Node(Kind.LINK, link="..")

    assert project.origins(project.install(tree)) == {
        "demo/__init__.py": "demo/__init__.py",
        "demo/shared/tool.py": "shared/tool.py",
    }


def test_a_build_reaches_beside_its_project(project: Project) -> None:
    project.write(
        {
            "services/api/pyproject.toml": HATCH
            + '[tool.hatch.build.targets.wheel.force-include]\n"../../shared" = "demo/shared"\n',
            "services/api/demo/__init__.py": "",
            "shared/tool.py": "T = 1\n",
        }
    )

    assert project.origins(project.install(at="/app/services/api")) == {
        "demo/__init__.py": "services/api/demo/__init__.py",
        "demo/shared/tool.py": "shared/tool.py",
    }


def test_an_ignore_file_above_the_project_counts(project: Project) -> None:
    files = {
        "api/pyproject.toml": HATCH,
        "api/demo/__init__.py": "",
        "api/demo/x_pb2.py": "X = 1\n",
    }
    project.write(files)
    assert "demo/x_pb2.py" in project.install(at="/app/api").files

    project.write({".gitignore": "*_pb2.py\n"})
    assert "demo/x_pb2.py" not in project.install(at="/app/api").files


def test_an_editable_finder_knows_what_existed(project: Project) -> None:
    project.write({"pyproject.toml": SETUPTOOLS, "demo/__init__.py": ""})
    then = project.tree()
    project.write({"late/__init__.py": ""})

    installed = project.install(then, editable=True)

    assert installed.mapped == {"demo": "/app/demo"}
    assert installed.path_entries == ()


def test_a_strict_editable_installation_holds_files(project: Project) -> None:
    project.write({"pyproject.toml": SETUPTOOLS, "demo/__init__.py": "", "demo/a.py": "A = 1\n"})

    installed = project.install(editable=True, settings={"editable_mode": "strict"})

    assert project.origins(installed) == {
        "demo/__init__.py": "demo/__init__.py",
        "demo/a.py": "demo/a.py",
    }
    assert (installed.path_entries, installed.mapped) == ((), {})


def test_what_lies_outside_of_site_packages(project: Project) -> None:
    project.write(
        {
            "pyproject.toml": HATCH
            + '[tool.hatch.build.targets.wheel.shared-data]\n"logo" = "share/demo"\n'
            + '[tool.hatch.build.targets.wheel.shared-scripts]\n"tool.sh" = "tool"\n',
            "demo/__init__.py": "",
            "logo/logo.svg": "<svg/>",
            "tool.sh": "#!/bin/sh\nexit 0\n",
        }
    )

    data = project.install().data

    assert {name: node.source for name, node in data.items()} == {
        "share/demo/logo.svg": project.root / "logo" / "logo.svg",
        "bin/tool": project.root / "tool.sh",
    }


def test_setup_py_alone(project: Project) -> None:
    project.write(
        {
            "setup.py": "from setuptools import setup\n"
            "setup(name='demo', version='1', packages=['demo'], package_dir={'': 'lib'})\n",
            "lib/demo/__init__.py": "D = 1\n",
        }
    )
    assert project.origins(project.install()) == {"demo/__init__.py": "lib/demo/__init__.py"}

    editable = project.install(editable=True)
    assert editable.path_entries == ("/app/lib",)
    assert editable.mapped == {}
    old = project.interpreter.version < (3, 12)
    what = "pip 25.3 and newer would map its packages; older ones put its folder on the import path"
    assert said(editable) == ([what] if old else [])


@pytest.mark.parametrize("files", [{}, {"setup.cfg": "[metadata]\nname = x\n"}])
def test_no_project_is_said(project: Project, files: dict[str, str]) -> None:
    installed = project.write(files).install(at="/app/none")

    assert said(installed) == ["/app/none has neither pyproject.toml nor setup.py"]
    assert (installed.files, installed.complete) == ({}, True)


def test_without_a_backend_the_declaration_counts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    project.write(
        {
            "pyproject.toml": HATCH.replace('"hatchling"', '"hatchling>=999"')
            + "dependencies = [\"idna>=3; python_version > '3'\"]\n"
            + 'scripts = { demo = "demo.a:main" }\n[project.optional-dependencies]\nx = ["six"]\n',
            "src/demo/__init__.py": "",
            "src/demo/a.py": "def main(): pass\n",
        }
    )

    installed = project.install()

    assert said(installed) == [
        "no wheel of /app could be built: ERROR: No matching distribution found for hatchling>=999"
    ]
    assert list((project.cache / "backends").iterdir()) == []
    assert installed.how == "what it declares for hatchling, since no wheel could be built"
    assert project.origins(installed) == {
        "demo/__init__.py": "src/demo/__init__.py",
        "demo/a.py": "src/demo/a.py",
    }
    assert installed.complete
    assert installed.scripts == {"demo": "demo.a:main"}
    metadata = installed.files["demo-1.dist-info/METADATA"].content
    assert metadata
    assert metadata.decode() == (
        "Metadata-Version: 2.1\nName: demo\nVersion: 1\n"
        'Requires-Dist: idna>=3; python_version > "3"\n'
        'Provides-Extra: x\nRequires-Dist: six; extra == "x"\n'
    )


@pytest.mark.real
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="only older Pythons come with a setuptools")
def test_the_setuptools_that_venv_left_is_not_the_one_that_pip_takes(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"pyproject.toml": SETUPTOOLS, "demo/__init__.py": ""})
    found = tmp_path / "found"
    report = f"import setuptools; open({str(found)!r}, 'w').write(setuptools.__version__)"
    project.write({"setup.py": report + "; setuptools.setup()"})
    monkeypatch.setattr(sys, "version_info", (3, 0, 0))  # nothing is built beside us

    assert project.install().notes == ()
    assert int(found.read_text().partition(".")[0]) >= 77

    (ready,) = (project.cache / "backends").glob("*.ready")
    made = sorted((project.cache / "backends").iterdir())
    project.write({"demo/new.py": ""})
    assert "demo/new.py" in project.install().files
    assert sorted((project.cache / "backends").iterdir()) == made
    os.utime(ready, (1, 1))
    project.write({"demo/newer.py": ""})
    assert "demo/newer.py" in project.install().files
    assert sorted((project.cache / "backends").iterdir()) != made


@pytest.mark.real
@pytest.mark.parametrize(
    ("system", "more"),
    [
        (
            'requires = ["setuptools", "setuptools-scm"]\nbuild-backend = "setuptools.build_meta"',
            '[tool.setuptools_scm]\nversion_file = "demo/_version.py"\n',
        ),
        (
            'requires = ["hatchling", "hatch-vcs"]\nbuild-backend = "hatchling.build"',
            (
                '[tool.hatch.version]\nsource = "vcs"\n'
                '[tool.hatch.build.hooks.vcs]\nversion-file = "demo/_version.py"\n'
            ),
        ),
    ],
    ids=["setuptools-scm", "hatch-vcs"],
)
def test_a_version_from_version_control(project: Project, system: str, more: str) -> None:
    project.write(
        {
            "pyproject.toml": f"[build-system]\n{system}\n"
            f'[project]\nname = "demo"\ndynamic = ["version"]\n{more}',
            "demo/__init__.py": "from demo._version import version\n",
        }
    )

    unknown = project.install()
    assert said(unknown) == ["the version of /app comes from version control and is not known"]
    assert unknown.version == "0.0.0"
    assert b"0.0.0" in (unknown.files["demo/_version.py"].content or b"")

    told = project.install(environment={"SETUPTOOLS_SCM_PRETEND_VERSION": "3.4"})
    assert (told.notes, told.version) == ((), "3.4")
