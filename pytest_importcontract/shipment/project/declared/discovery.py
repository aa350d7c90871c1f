"""Packages that setuptools finds in folders, asked to or by itself.

Source: https://setuptools.pypa.io/en/latest/userguide/package_discovery.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from pytest_importcontract.shipment.project.manifest import Manifest

_NO_PACKAGES = (
    "ci",
    "bin",
    "debian",
    "doc",
    "docs",
    "documentation",
    "manpages",
    "news",
    "newsfragments",
    "changelog",
    "test",
    "tests",
    "unit_test",
    "unit_tests",
    "example",
    "examples",
    "scripts",
    "tools",
    "util",
    "utils",
    "python",
    "build",
    "dist",
    "venv",
    "env",
    "requirements",
    "tasks",
    "fabfile",
    "site_scons",
    "benchmark",
    "benchmarks",
    "exercise",
    "exercises",
    "htmlcov",
    "[._]*",
)
_NO_MODULES = (
    "setup",
    "conftest",
    "test",
    "tests",
    "example",
    "examples",
    "build",
    "toxfile",
    "noxfile",
    "pavement",
    "dodo",
    "tasks",
    "fabfile",
    "[Ss][Cc]onstruct",
    "conanfile",
    "manage",
    "benchmark",
    "benchmarks",
    "exercise",
    "exercises",
    "[._]*",
)


def find(
    manifest: Manifest,
    where: str,
    include: Iterable[str],
    exclude: Iterable[str],
    *,
    namespaces: bool,
) -> Iterator[str]:
    """Dotted names of the package folders below `where`."""
    sources = manifest.sources
    include, exclude = tuple(include) or ("*",), tuple(exclude)
    closed: set[str] = set()
    for folder in sorted(sources.folders):
        if not folder.startswith(f"{where.rstrip('/')}/"):
            continue
        parent, base = posixpath.split(folder)
        is_package = namespaces or f"{folder}/__init__.py" in sources.files
        if parent in closed or "." in base or not is_package:
            closed.add(folder)
            continue
        name = folder[len(where.rstrip("/")) + 1 :].replace("/", ".")
        if any(fnmatchcase(name, text) for text in include) and not any(
            fnmatchcase(name, text) for text in exclude
        ):
            yield name


def discovered(
    manifest: Manifest, folders: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[str, ...], tuple[str, ...], str]:
    """Package folders, packages, modules, and what is wrong with the layout."""
    own = {name: place for name, place in folders.items() if name}
    if own:
        found = []
        for name, place in own.items():
            within = find(manifest, manifest.path(place), (), (), namespaces=True)
            found += [name, *(f"{name}.{inner}" for inner in within)]
        return folders, tuple(found), (), ""
    root = manifest.path(folders.get("", "src"))
    if root in manifest.sources.folders:
        found = list(find(manifest, root, (), (), namespaces=True))
        modules = _modules(manifest, root)
        return {"": folders.get("", "src")}, tuple(found), modules, ""
    exclude = [pattern for name in _NO_PACKAGES for pattern in (name, f"{name}.*")]
    found = [
        name
        for name in find(manifest, manifest.folder, (), exclude, namespaces=True)
        if all(part.isidentifier() for part in name.removesuffix("-stubs").split("."))
    ]
    tops = sorted({name.partition(".")[0] for name in found})
    if len(tops) > 1:
        names = ", ".join(tops)
        return folders, tuple(found), (), f"setuptools refuses several top-level packages: {names}"
    modules = tuple(
        name
        for name in _modules(manifest, manifest.folder)
        if not found and not any(fnmatchcase(name, pattern) for pattern in _NO_MODULES)
    )
    if len(modules) > 1:
        names = ", ".join(modules)
        return folders, (), modules, f"setuptools refuses several top-level modules: {names}"
    return folders, tuple(found), modules, ""


def _modules(manifest: Manifest, folder: str) -> tuple[str, ...]:
    names = (name.removesuffix(".py") for name in manifest.sources.inside(folder) if ".py" in name)
    return tuple(
        name
        for name in names
        if name.isidentifier() and posixpath.join(folder, f"{name}.py") in manifest.sources.files
    )
