"""What is said to be installed is what a real pip installs, by every backend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_importcontract.shipment.project.declared.model import Declared
from pytest_importcontract.shipment.project.declared.packages import declared
from pytest_importcontract.shipment.project.installed import Installed
from pytest_importcontract.shipment.project.manifest import Manifest
from pytest_importcontract.shipment.project.sources import Sources

Project = Any  # of conftest.py, as Environment
Environment = Any

PROJECT = """
[project]
name = "demo-app"
version = "1.2"
description = "d"
scripts = { demo = "demo_app.run:main" }
"""
HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n' + PROJECT
SETUPTOOLS = (
    '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n' + PROJECT
)
FLIT = '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n' + PROJECT
POETRY = (
    '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
    + PROJECT
)
PDM = '[build-system]\nrequires = ["pdm-backend"]\nbuild-backend = "pdm.backend"\n' + PROJECT
UV = '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n' + PROJECT


def package(root: str = "", name: str = "demo_app") -> dict[str, str]:
    """A package with an empty file, a nested package, a namespace, data and a stale bytecode."""
    folder = f"{root}{name}"
    return {
        f"{folder}/__init__.py": "",
        f"{folder}/run.py": "def main(): pass\n",
        f"{folder}/inner/__init__.py": "",
        f"{folder}/inner/deep.py": "DEEP = 1\n",
        f"{folder}/plain/module.py": "PLAIN = 1\n",
        f"{folder}/data/table.csv": "a,b\n",
        f"{folder}/__pycache__/run.cpython-311.pyc": "old",
    }


AROUND = {
    "tests/__init__.py": "",
    "tests/test_run.py": "import pytest\n",
    "docs/conf.py": "",
    "README.md": "# demo\n",
}
CASES: dict[str, dict[str, str]] = {
    "hatchling-src": {"pyproject.toml": HATCH, **package("src/"), **AROUND},
    "hatchling-flat": {
        "pyproject.toml": HATCH + '[tool.hatch.build]\nexclude = ["*.csv", "/demo_app/inner"]\n',
        ".gitignore": "*_pb2.py\n/demo_app/plain/\n",
        "demo_app/made_pb2.py": "MADE = 1\n",
        **package(),
        **AROUND,
    },
    "hatchling-packages": {
        "pyproject.toml": HATCH
        + '[tool.hatch.build.targets.wheel]\npackages = ["lib/demo_app", "extra"]\n'
        + '[tool.hatch.build.targets.wheel.force-include]\n"conf" = "demo_app/conf"\n',
        "conf/settings.toml": "x = 1\n",
        "extra/__init__.py": "",
        **package("lib/"),
    },
    "hatchling-include": {
        "pyproject.toml": HATCH
        + '[tool.hatch.build.targets.wheel]\ninclude = ["demo_app/*.py", "other"]\n',
        "other/__init__.py": "OTHER = 1\n",
        **package(),
        **AROUND,
    },
    "hatchling-exact": {
        "pyproject.toml": HATCH + "[tool.hatch.build]\ndev-mode-exact = true\n",
        **package("src/"),
        "src/hidden/__init__.py": "",
    },
    "hatchling-dirs": {
        "pyproject.toml": HATCH + '[tool.hatch.build]\ndev-mode-dirs = ["."]\n',
        **package("src/"),
    },
    "setuptools-src": {"pyproject.toml": SETUPTOOLS, "src/alone.py": "A = 1\n", **package("src/")},
    "setuptools-flat": {"pyproject.toml": SETUPTOOLS, **package(), **AROUND},
    "setuptools-module": {"pyproject.toml": SETUPTOOLS, "demo_app.py": "A = 1\n", **AROUND},
    "setuptools-find": {
        "pyproject.toml": SETUPTOOLS
        + '[tool.setuptools.packages.find]\nwhere = ["lib"]\nexclude = ["demo_app.inner*"]\n'
        + "namespaces = false\n"
        + '[tool.setuptools.package-data]\n"*" = ["*.csv"]\ndemo_app = ["data/*.csv"]\n',
        **package("lib/"),
        **package("lib/", "other"),
    },
    "setuptools-two-roots": {
        "pyproject.toml": SETUPTOOLS + '[tool.setuptools.packages.find]\nwhere = ["a", "b"]\n',
        **package("a/"),
        "b/space/inside/__init__.py": "",
    },
    "setuptools-manifest": {
        "pyproject.toml": SETUPTOOLS
        + '[tool.setuptools]\npackages = ["demo_app", "demo_app.inner"]\n',
        "MANIFEST.in": "recursive-include demo_app *.csv *.json\nexclude demo_app/no.json\n",
        "demo_app/no.json": "{}",
        "demo_app/yes.json": "{ }",
        **package(),
    },
    "setuptools-renamed": {
        "pyproject.toml": SETUPTOOLS
        + '[tool.setuptools]\npackages = ["demo_app", "demo_app.inner"]\n'
        + 'package-dir = { demo_app = "lib" }\n',
        "lib/__init__.py": "HERE = 1\n",
        "lib/run.py": "def main(): pass\n",
        "lib/inner/__init__.py": "INNER = 1\n",
    },
    "setuptools-cfg": {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n'
        'build-backend = "setuptools.build_meta"\n',
        "setup.cfg": "[metadata]\nname = demo-app\nversion = 1.2\n[options]\npackages = find:\n"
        "package_dir =\n    =src\n[options.packages.find]\nwhere = src\n"
        "[options.package_data]\ndemo_app = data/*.csv\n"
        "[options.entry_points]\nconsole_scripts =\n    demo = demo_app.run:main\n",
        **package("src/"),
    },
    "setuptools-py": {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n',
        "setup.py": "from setuptools import find_packages, setup\n"
        "setup(name='demo-app', version='1.2', packages=find_packages(exclude=['tests']),\n"
        "      py_modules=['alone'], package_data={'demo_app': ['data/*']},\n"
        "      entry_points={'console_scripts': ['demo = demo_app.run:main']})\n",
        "alone.py": "A = 1\n",
        **package(),
        **AROUND,
    },
    "flit-src": {"pyproject.toml": FLIT, **package("src/"), **AROUND},
    "flit-module": {"pyproject.toml": FLIT, "demo_app.py": "A = 1\n", **AROUND},
    "flit-namespace": {
        "pyproject.toml": FLIT + '[tool.flit.module]\nname = "space.demo_app"\n',
        **package("space/"),
        "space/other/__init__.py": "",
    },
    "poetry-src": {"pyproject.toml": POETRY, **package("src/"), **AROUND},
    "poetry-packages": {
        "pyproject.toml": POETRY
        + '[tool.poetry]\nexclude = ["**/*.csv"]\npackages = [\n'
        + '    { include = "demo_app", from = "lib" },\n    { include = "other/**/*.py" },\n'
        + '    { include = "moved", to = "space" },\n]\n',
        **package("lib/"),
        **package(name="other"),
        **package(name="moved"),
    },
    "pdm-src": {"pyproject.toml": PDM, **package("src/"), **AROUND},
    "pdm-flat": {"pyproject.toml": PDM, **package(), **package(name="second"), **AROUND},
    "pdm-editables": {
        "pyproject.toml": PDM + '[tool.pdm.build]\neditable-backend = "editables"\n',
        **package("src/"),
    },
    "uv-src": {"pyproject.toml": UV, **package("src/"), "src/unused/__init__.py": "", **AROUND},
    "uv-flat": {
        "pyproject.toml": UV
        + '[tool.uv.build-backend]\nmodule-root = ""\nmodule-name = ["demo_app", "other"]\n'
        + 'wheel-exclude = ["*.csv"]\n',
        **package(),
        "other/__init__.py": "",
    },
    "uv-namespace": {
        "pyproject.toml": UV + '[tool.uv.build-backend]\nmodule-name = "space.demo_app"\n',
        **package("src/space/"),
    },
}
QUICK = [
    "hatchling-packages",
    "hatchling-exact",
    "setuptools-find",
    "setuptools-flat",
    "flit-src",
    "poetry-packages",
    "pdm-editables",
    "uv-src",
]
EACH = [case if case in QUICK else pytest.param(case, marks=pytest.mark.real) for case in CASES]
LATER = {  # what a COPY brings after the installation
    "late/__init__.py": "",
    "src/late_in_src/__init__.py": "",
    "demo_app/late_inside.py": "",
    "src/demo_app/late_inside.py": "",
}
NAMES = [
    "demo_app",
    "demo_app.run",
    "demo_app.inner.deep",
    "demo_app.plain.module",
    "demo_app.made_pb2",
    "demo_app.late_inside",
    "alone",
    "other",
    "other.run",
    "extra",
    "moved",
    "moved.run",
    "second",
    "space",
    "space.demo_app",
    "space.demo_app.run",
    "space.inside",
    "space.moved",
    "hidden",
    "unused",
    "tests",
    "docs.conf",
    "late",
    "late_in_src",
]


@pytest.mark.parametrize("case", EACH)
def test_wheel_and_declaration_hold_what_pip_installs(
    case: str, project: Project, environment: Callable[[str], Environment]
) -> None:
    project.write(CASES[case])
    real = environment("real")
    real.pip_install(copy_of(project))

    installed = project.install()

    assert installed.notes == ()
    assert installed.complete
    contents = {
        name: node.source.read_bytes() if node.source else node.content
        for name, node in installed.files.items()
        if not name.endswith("/RECORD")
    }
    assert contents == real.files()
    assert contents_of(project, declared(Manifest(Sources(project.tree(), "/app"), "/app"))) == {
        name: content for name, content in contents.items() if ".dist-info/" not in name
    }
    generated = [name for name, node in installed.files.items() if not node.source]
    assert all(".dist-info/" in name for name in generated)
    for name, node in installed.files.items():
        if node.source and ".dist-info/" not in name:
            assert node.source.name == name.rpartition("/")[2]
    if case.endswith(("-module", "-py", "-cfg", "-src", "-flat")):
        assert installed.scripts == {"demo": "demo_app.run:main"}


@pytest.mark.parametrize("case", EACH)
def test_editable_finds_what_pip_makes_importable(
    case: str, project: Project, environment: Callable[[str], Environment]
) -> None:
    project.write(CASES[case])
    copied = copy_of(project)
    real = environment("real")
    real.pip_install(copied, "--editable")
    before = project.tree()

    built = project.install(before, editable=True)
    found = declared(Manifest(Sources(before, "/app"), "/app"))

    for name, text in LATER.items():
        for root in (project.root, copied):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    really = {
        name: path and path.replace(f"{copied}", "/app") for name, path in real.where(NAMES).items()
    }
    assert built.notes == ()
    assert where(project, built.path_entries, built.mapped) == really
    assert where(project, found.roots, found.mapped) == really
    assert not [name for name in built.files if name.endswith((".py", ".pth"))]


def contents_of(project: Project, found: Declared) -> dict[str, bytes]:
    assert found.notes == ()
    assert found.complete
    tree = project.tree()
    return {name: tree[path].source.read_bytes() for name, path in found.files.items()}


def copy_of(project: Project) -> Path:
    """A copy for pip, since some backends write beside what they build."""
    target = project.root.parent / "for-pip"
    shutil.copytree(project.root, target)
    return target


def where(project: Project, entries: tuple[str, ...], mapped: Any) -> dict[str, str | None]:
    """What each name is imported from, by the rules that `Installed` states."""
    tree = project.tree()
    tops = {name: place for name, place in mapped.items() if "." not in name}
    assert set(mapped) == set(tops) | {name for name in mapped if name.startswith("space.")}
    return {name: located(tree, entries, mapped, name) for name in NAMES}


def located(tree: Any, folders: tuple[str, ...], mapped: Any, name: str) -> str | None:
    done = ""
    spaces: list[str] = []
    for part in name.split("."):
        done = f"{done}.{part}".lstrip(".")
        places = [f"{folder}/{part}" for folder in folders]
        places += [mapped[done].removesuffix(".py")] if done in mapped else []
        spaces = [place for place in places if place in tree]
        ends = [f"{place}{end}" for place in places for end in ("/__init__.py", ".py")]
        found = next((path for path in ends if path in tree), None)
        if found is None and not spaces:
            if any(top.startswith(f"{done}.") for top in mapped):
                folders = ()
                continue
            return None
        package = found is None or found.endswith("/__init__.py")
        folders = () if not package else tuple(spaces) if found is None else (found[:-12],)
    return found or spaces[0]


def test_an_installation_is_a_value(project: Project) -> None:
    installed = project.write(CASES["hatchling-src"]).install()

    assert isinstance(installed, Installed)
    assert (installed.name, installed.version) == ("demo-app", "1.2")
    assert installed.how == "a wheel that hatchling builds of it"
    assert project.origins(installed) == {
        "demo_app/__init__.py": "src/demo_app/__init__.py",
        "demo_app/data/table.csv": "src/demo_app/data/table.csv",
        "demo_app/inner/__init__.py": "src/demo_app/inner/__init__.py",
        "demo_app/inner/deep.py": "src/demo_app/inner/deep.py",
        "demo_app/plain/module.py": "src/demo_app/plain/module.py",
        "demo_app/run.py": "src/demo_app/run.py",
    }
