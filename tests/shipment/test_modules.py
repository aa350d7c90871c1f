from __future__ import annotations

import importlib.machinery
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract.shipment.modules import ModuleFile, modules_below

Write = Callable[..., Path]

EXTENSION = importlib.machinery.EXTENSION_SUFFIXES[0]
SUFFIXES = (*importlib.machinery.EXTENSION_SUFFIXES, ".py", ".pyc")


def below(*entries: Path) -> Mapping[str, str]:
    """Module names and their paths relative to the folder around the entries."""
    found = modules_below(entries, SUFFIXES)
    return {name: str(module.path.relative_to(entries[0].parent)) for name, module in found.items()}


def test_modules_and_packages(write: Write) -> None:
    root = write("r", "one.py", "pkg/__init__.py", "pkg/inner.py", "pkg/sub/__init__.py")
    assert below(root) == {
        "one": "r/one.py",
        "pkg": "r/pkg/__init__.py",
        "pkg.inner": "r/pkg/inner.py",
        "pkg.sub": "r/pkg/sub/__init__.py",
    }


def test_a_folder_without_init_is_a_namespace_package(write: Write) -> None:
    root = write("r", "ns/inner/mod.py")
    found = modules_below([root], SUFFIXES)
    assert found["ns"] == ModuleFile("ns", root / "ns", is_package=True, is_namespace=True)
    assert found["ns.inner.mod"] == ModuleFile("ns.inner.mod", root / "ns/inner/mod.py")


def test_folders_of_data_are_no_modules(write: Write) -> None:
    assert below(write("r", "data/readme.txt", "pkg/__init__.py", "pkg/static/x.css")) == {
        "pkg": "r/pkg/__init__.py"
    }


def test_a_package_wins_over_the_module_of_its_name(write: Write) -> None:
    assert below(write("r", "a.py", "a/__init__.py")) == {"a": "r/a/__init__.py"}


def test_a_module_hides_the_folder_of_its_name(write: Write) -> None:
    assert below(write("r", "a.py", "a/hidden.py")) == {"a": "r/a.py"}


def test_the_first_entry_wins(write: Write) -> None:
    one, two = write("one", "a.py"), write("two", "a.py", "b.py")
    assert below(one, two) == {"a": "one/a.py", "b": "two/b.py"}


def test_entries_share_a_namespace_package(write: Write) -> None:
    one, two = write("one", "ns/a.py", "ns/both.py"), write("two", "ns/b.py", "ns/both.py")
    assert below(one, two) == {
        "ns": "one/ns",
        "ns.a": "one/ns/a.py",
        "ns.b": "two/ns/b.py",
        "ns.both": "one/ns/both.py",
    }


def test_a_regular_package_wins_over_an_earlier_namespace_package(write: Write) -> None:
    one, two = write("one", "a/lost.py"), write("two", "a/__init__.py", "a/found.py")
    assert below(one, two) == {"a": "two/a/__init__.py", "a.found": "two/a/found.py"}


def test_a_module_wins_over_an_earlier_namespace_package(write: Write) -> None:
    assert below(write("one", "a/lost.py"), write("two", "a.py")) == {"a": "two/a.py"}


def test_inside_a_namespace_package_too_a_regular_package_wins(write: Write) -> None:
    one, two = write("one", "ns/a/lost.py"), write("two", "ns/a/__init__.py", "ns/a/found.py")
    assert below(one, two) == {
        "ns": "one/ns",
        "ns.a": "two/ns/a/__init__.py",
        "ns.a.found": "two/ns/a/found.py",
    }


def test_inside_a_namespace_package_too_a_module_hides_a_later_folder(write: Write) -> None:
    one, two = write("one", "ns/a.py"), write("two", "ns/a/lost.py")
    assert below(one, two) == {"ns": "one/ns", "ns.a": "one/ns/a.py"}


def test_extension_modules_come_before_source(write: Write) -> None:
    root = write("r", f"fast{EXTENSION}", "fast.py", "pkg/__init__.py", f"pkg/_c{EXTENSION}")
    assert below(root) == {
        "fast": f"r/fast{EXTENSION}",
        "pkg": "r/pkg/__init__.py",
        "pkg._c": f"r/pkg/_c{EXTENSION}",
    }


def test_compiled_modules_count_without_their_source(write: Write) -> None:
    root = write("r", "only.pyc", "both.py", "both.pyc", "pkg/__init__.pyc", "__pycache__/x.py")
    assert below(root) == {
        "both": "r/both.py",
        "only": "r/only.pyc",
        "pkg": "r/pkg/__init__.pyc",
    }


def test_what_no_import_statement_can_name_is_left_out(write: Write) -> None:
    assert below(write("r", "a-b.py", "1a.py", "x.y.py", "in-valid/a.py", "ü.py")) == {
        "ü": "r/ü.py"
    }


def test_main_modules_are_modules(write: Write) -> None:
    assert "pkg.__main__" in below(write("r", "pkg/__init__.py", "pkg/__main__.py"))


def test_virtual_environments_and_node_modules_are_left_out(write: Write) -> None:
    names = ("env/pyvenv.cfg", "env/lib/a.py", "node_modules/b.py", "c.py")
    assert below(write("r", *names)) == {"c": "r/c.py"}


def test_links_are_followed_but_not_in_circles(write: Write) -> None:
    root = write("r", "pkg/__init__.py", "pkg/a.py")
    (root / "pkg" / "again").symlink_to(root / "pkg")
    (root / "other").symlink_to(root / "pkg")
    (root / "gone.py").symlink_to(root / "nowhere")
    found = below(root)
    assert {"pkg", "pkg.a", "other", "other.a"} <= set(found)
    assert "gone" not in found
    assert not [name for name in found if name.count("again") > 1]


def test_a_folder_named_as_a_file_is_no_module(write: Write) -> None:
    root = write("r", "a.py/b.txt", "c.py")
    assert below(root) == {"c": "r/c.py"}


def test_entries_that_are_no_folders_hold_nothing(write: Write) -> None:
    root = write("r", "file")
    assert modules_below([root / "file", root / "absent"], SUFFIXES) == {}


def test_only_the_named_packages_are_read(write: Write) -> None:
    root = write("r", "a/__init__.py", "a/b.py", "c.py")
    assert set(modules_below([root], SUFFIXES, below=["a", "z"])) == {"a", "a.b"}


NAMES = st.sampled_from(["a", "b"])
FILES = st.sampled_from(["a.py", "b.py", "__init__.py", "a.pyc", f"b{EXTENSION}", "__init__.pyc"])
PATHS = st.builds(
    lambda folders, file: "/".join([*folders, file]), st.lists(NAMES, max_size=3), FILES
)
TREES = st.lists(st.lists(PATHS, max_size=6), min_size=1, max_size=3)


def imported(path: Sequence[str], prefix: str = "", depth: int = 4) -> Mapping[str, str | None]:
    """What the import system finds, by the last part of each name: nothing is imported."""
    found: dict[str, str | None] = {}
    for name in ("a", "b"):
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            found[f"{prefix}{name}"] = spec.origin
            below = list(spec.submodule_search_locations or ())
            if below and depth:
                found.update(imported(below, f"{prefix}{name}.", depth - 1))
    return found


@settings(max_examples=80, deadline=None)
@given(TREES)
def test_the_import_system_finds_the_same(trees: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        entries = [Path(folder, str(index)) for index in range(len(trees))]
        for entry, names in zip(entries, trees, strict=True):
            entry.mkdir()
            for name in names:
                (entry / name).parent.mkdir(parents=True, exist_ok=True)
                (entry / name).touch()
        ours = {
            name: None if module.is_namespace else str(module.path)
            for name, module in modules_below(entries, SUFFIXES).items()
        }
        theirs = imported([str(entry) for entry in entries])
        sys.path_importer_cache.clear()
    # Namespace packages are not listed in the one where no module lies below them.
    empty = {name for name, origin in theirs.items() if origin is None and name not in ours}
    assert ours == {name: origin for name, origin in theirs.items() if name not in empty}
    assert not [name for name in ours if name.rpartition(".")[0] in empty]


@pytest.mark.parametrize("name", ["json", "importlib.machinery", "xml.etree.ElementTree", "os"])
def test_the_standard_library_lies_where_it_is_imported_from(name: str) -> None:
    found = modules_below(map(Path, sys.path), SUFFIXES, below=[name.partition(".")[0]])
    assert found[name].path == Path(__import__(name, fromlist=["x"]).__file__)
