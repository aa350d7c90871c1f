"""Projects, the images that hold them, and what a real pip makes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_importcontract.shipment.image.model import Kind, Node, Tree
from pytest_importcontract.shipment.interpreter import Interpreter, describe
from pytest_importcontract.shipment.project.install import install
from pytest_importcontract.shipment.project.installed import Installed

WHERE = """
import importlib.util, json, sys
found = {}
for name in json.loads(sys.argv[1]):
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        spec = None
    found[name] = spec and (spec.origin or list(spec.submodule_search_locations)[0])
print(json.dumps(found))
"""


def tree_of(root: Path, at: str = "/app") -> dict[str, Node]:
    """The image into whose folder `at` everything below `root` was copied."""
    tree = {at: Node(Kind.FOLDER, source=root)}
    for path in sorted(root.rglob("*")):
        kind = Kind.FOLDER if path.is_dir() else Kind.FILE
        tree[f"{at}/{path.relative_to(root).as_posix()}"] = Node(kind, source=path)
    return tree


@dataclass
class Project:
    """A project in a repository, and the cache that its wheels are kept in."""

    root: Path
    cache: Path
    interpreter: Interpreter

    def write(self, files: dict[str, str]) -> Project:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self

    def tree(self) -> dict[str, Node]:
        return tree_of(self.root)

    def install(
        self, tree: Tree | None = None, *, at: str = "/app", editable: bool = False, **more: object
    ) -> Installed:
        return install(
            self.tree() if tree is None else tree,
            at,
            editable=editable,
            cache=self.cache,
            interpreter=self.interpreter,
            **more,  # type: ignore[arg-type]
        )

    def origins(self, installed: Installed) -> dict[str, str]:
        """What is installed from which file of the repository; generated files have none."""
        return {
            name: node.source.relative_to(self.root).as_posix()
            for name, node in sorted(installed.files.items())
            if node.source
        }


class Environment:
    """A virtual environment in which pip and the backends are those that run the tests."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True, with_pip=False)
        self.python = folder / "bin" / "python"
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        self.site = folder / "lib" / version / "site-packages"
        (self.site / "tests_own.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def pip_install(self, project: Path, *options: str) -> None:
        command = [str(self.python), "-m", "pip", "install", "--no-deps", "--no-index"]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        subprocess.run(
            [*command, "--no-build-isolation", "--use-pep517", *options, str(project)],
            check=True,
            capture_output=True,
            env={**os.environ, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )

    def files(self) -> dict[str, bytes]:
        """What pip put into site-packages, without its own notes about it."""
        volatile = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "tests_own.pth")
        return {
            path.relative_to(self.site).as_posix(): path.read_bytes()
            for path in sorted(self.site.rglob("*"))
            if path.is_file() and path.name not in volatile and path.suffix != ".pyc"
        }

    def where(self, names: Iterable[str]) -> dict[str, str | None]:
        """What each name would be imported from."""
        command = [str(self.python), "-I", "-c", WHERE, json.dumps(sorted(names))]
        done = subprocess.run(command, check=True, capture_output=True, cwd="/")
        return dict(json.loads(done.stdout))


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    return describe(Path(sys.executable))


@pytest.fixture
def project(tmp_path: Path, interpreter: Interpreter) -> Project:
    (tmp_path / "repository").mkdir()
    return Project(tmp_path / "repository", tmp_path / "cache", interpreter)


@pytest.fixture
def environment(tmp_path: Path) -> Callable[[str], Environment]:
    return lambda name: Environment(tmp_path / name)
