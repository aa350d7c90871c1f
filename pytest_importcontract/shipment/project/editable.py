"""What an editable installation makes importable, read from the wheel that makes it so."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_importcontract.shipment.project.manifest import called, literal, pairs


@dataclass(frozen=True, slots=True)
class Links:
    """How an editable wheel reaches the project.

    Attributes:
        path_entries: folders that its ``.pth`` files put on the import path.
        mapped: names that its finder maps, each to a package folder or a module file.
        machinery: the wheel's files that do all this; they hold nothing of the project.
    """

    path_entries: tuple[str, ...]
    mapped: Mapping[str, str]
    machinery: frozenset[str]


def read_links(files: Mapping[str, bytes]) -> Links:
    """How a wheel built for PEP 660 reaches the project.

    Understood are ``.pth`` files of path lines (hatchling, poetry-core, flit_core, pdm-backend,
    uv_build, setuptools with a ``src`` folder), the finder of setuptools and the redirections of
    the `editables` library (hatchling's ``dev-mode-exact``, pdm-backend). What else a ``.pth`` file
    imports does something that only it knows.

    Args:
        files: the wheel's content, by the path in site-packages.
    """
    entries: list[str] = []
    mapped: dict[str, str] = {}
    machinery: set[str] = set()
    for name, content in files.items():
        if "/" in name or not name.endswith(".pth"):
            continue
        machinery.add(name)
        for line in content.decode("utf-8", "replace").splitlines():
            if line.startswith(("import ", "import\t")):
                module = line[len("import ") :].strip().partition(";")[0].strip() + ".py"
                if module in files:
                    machinery.add(module)
                    mapped |= _mapped(files[module])
            elif line.strip() and not line.startswith("#"):
                entries.append(posixpath.normpath(line.strip()))
    return Links(tuple(dict.fromkeys(entries)), mapped, frozenset(machinery))


def _mapped(finder: bytes) -> dict[str, str]:
    try:
        module = ast.parse(finder)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    mapped = dict(_setuptools(module))
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and called(node) == "map_module" and len(node.args) == 2:
            name, path = map(literal, node.args)
            if isinstance(name, str) and isinstance(path, str):
                mapped[name] = path.removesuffix("/__init__.py")
    return mapped


def _setuptools(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Pairs of the finder's dictionary ``MAPPING``; namespaces stand there as well."""
    for node in module.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id="MAPPING"), value=value):
                yield from pairs(literal(value))
            case ast.Assign(targets=[ast.Name(id="MAPPING")], value=value):
                yield from pairs(literal(value))
