"""Whatever a project's files say, reading them ends in an answer."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract.shipment.image.model import Kind, Node
from pytest_importcontract.shipment.project.declared.metadata import dist_info
from pytest_importcontract.shipment.project.declared.packages import declared
from pytest_importcontract.shipment.project.editable import read_links
from pytest_importcontract.shipment.project.manifest import Manifest
from pytest_importcontract.shipment.project.sources import Sources
from pytest_importcontract.shipment.project.wheel import scripts

KEYS = st.sampled_from(
    [
        "find",
        "where",
        "include",
        "exclude",
        "packages",
        "package-dir",
        "py-modules",
        "package-data",
        "namespaces",
        "targets",
        "wheel",
        "build",
        "sources",
        "only-include",
        "force-include",
        "dev-mode-dirs",
        "dev-mode-exact",
        "module",
        "name",
        "from",
        "to",
        "format",
        "path",
        "includes",
        "excludes",
        "source-includes",
        "editable-backend",
        "build-backend",
        "module-root",
        "module-name",
        "wheel-exclude",
        "script",
        "artifacts",
        "hooks",
        "*",
        "demo",
        "scripts",
        "dependencies",
        "version",
        "x",
    ]
)
TEXTS = st.sampled_from(
    [
        "",
        ".",
        "..",
        "../..",
        "/",
        "demo",
        "src",
        "*",
        "**",
        "**/*.py",
        "[",
        "[!",
        "[z-a]",
        "!",
        "a/",
    ]
) | st.text(max_size=6)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(0, 3) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXTS, inner, max_size=4),
    max_leaves=12,
)
BACKENDS = st.sampled_from(
    [
        "hatchling.build",
        "setuptools.build_meta",
        "flit_core.buildapi",
        "poetry.core.masonry.api",
        "pdm.backend",
        "uv_build",
        "other",
        "setuptools.build_meta:__legacy__",
    ]
)
TABLES = st.dictionaries(
    st.sampled_from(["setuptools", "hatch", "flit", "poetry", "pdm", "uv"]),
    st.dictionaries(KEYS, VALUES, max_size=4)
    | st.fixed_dictionaries({"build": st.dictionaries(KEYS, VALUES, max_size=4)})
    | st.fixed_dictionaries({"build-backend": st.dictionaries(KEYS, VALUES, max_size=4)})
    | VALUES,
    max_size=6,
)
PROJECTS = st.dictionaries(
    st.sampled_from(
        [
            "name",
            "version",
            "dependencies",
            "optional-dependencies",
            "scripts",
            "gui-scripts",
            "entry-points",
        ]
    ),
    VALUES,
    max_size=5,
)
FILES = {
    "/app/demo/__init__.py": b"",
    "/app/demo/a.py": b"A = 1",
    "/app/src/demo/b.py": b"B = 1",
    "/app/one.py": b"",
    "/app/MANIFEST.in": b"include\nrecursive-include\ngraft [\nglobal-include *",
}


def manifest(**files: bytes) -> Manifest:
    tree = {path: Node(Kind.FILE, content=content) for path, content in FILES.items()}
    for name, content in files.items():
        tree[f"/app/{name.replace('_', '.', 1)}"] = Node(Kind.FILE, content=content)
    return Manifest(Sources(tree, "/app"), "/app")


def read(found: Manifest) -> None:
    answer = declared(found)
    assert set(answer.files.values()) <= set(found.sources.files)
    assert all(isinstance(path, str) for path in (*answer.roots, *answer.mapped.values()))
    for content in dist_info(found).values():
        scripts(content.decode())
    assert isinstance(found.reach, str)
    assert isinstance(found.takes_version_from_vcs, bool)


@given(BACKENDS, PROJECTS | VALUES, TABLES | VALUES)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_tables_of_any_shape(backend: str, project: Any, tool: Any) -> None:
    found = manifest(pyproject_toml=b"")
    found.__dict__["pyproject"] = {
        "build-system": {"build-backend": backend, "requires": []},
        "project": project,
        "tool": tool,
    }
    read(found)


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_files_of_any_bytes(pyproject: bytes, config: bytes, script: bytes) -> None:
    read(manifest(pyproject_toml=pyproject, setup_cfg=config, setup_py=script))


SAID = st.lists(
    st.sampled_from(
        [
            "[metadata]", "[options]", "name = demo", "version = 1", "packages = find:",
            "packages = find_namespace:", "packages =", "  demo", "  demo.sub", "package_dir =",
            "  = src", "  demo = src", "py_modules = one", "[options.packages.find]", "where = src",
            "where =", "include = demo*", "[options.package_data]", "* = *.txt", "=", "[", "x",
            "[options.entry_points]", "console_scripts =", "  run = demo:main", "%(x)s",
        ]
    ),
    max_size=12,
)  # fmt: skip


@given(SAID)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_setup_cfg_of_any_lines(lines: list[str]) -> None:
    read(manifest(setup_cfg="\n".join(lines).encode(), setup_py=b"import setuptools"))


CALLS = st.lists(
    st.sampled_from(
        [
            "name='demo'", "name=NAME", "version=1", "packages=find_packages()",
            "packages=['demo']",
            "packages=find_packages('src', ['x'])", "packages=find_packages(where=WHERE)",
            "packages=PACKAGES + []", "packages=[1, None]", "package_dir={'': 'src'}", "**MORE",
            "package_dir={1: 2}", "package_data={'demo': '*'}", "package_data=[1]",
            "py_modules='a'",
            "py_modules=[X]", "include_package_data=True", "packages=find_packages(1, 2, 3, 4)",
        ]
    ),
    max_size=6, unique_by=lambda call: call.partition("=")[0],
)  # fmt: skip


@given(CALLS)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_setup_py_of_any_call(arguments: list[str]) -> None:
    read(manifest(setup_py=f"setup({', '.join(arguments)})".encode()))


@given(st.dictionaries(st.sampled_from(["a.pth", "a.py", "b/c.pth"]), st.binary(max_size=80)))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_links_of_any_bytes(files: dict[str, bytes]) -> None:
    read_links({**files, "z.pth": b"import a; a.install()\n\n#no\n/app/src\n"})
