from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_importcontract.shipment.catalog import Catalog, Definition
from pytest_importcontract.shipment.interpreter import describe
from pytest_importcontract.shipment.modules import modules_below

Write = Callable[..., Path]


@pytest.fixture
def catalog(write: Write, tmp_path: Path) -> Callable[..., Catalog]:
    """A catalog of the repository's files, of which those below `shipped` ship."""

    def catalog(*names: str, shipped: str = "app", sites: str = "", **texts: str) -> Catalog:
        root = write("r", *names, **texts)
        own = describe(Path(sys.executable))
        interpreter = replace(own, sites=(str(tmp_path / sites),)) if sites else own
        everything = modules_below([root], own.suffixes)
        ships = {n: m for n, m in everything.items() if n.partition(".")[0] == shipped}
        return Catalog(root, [root], ships, interpreter, interpreter.sites)

    return catalog


FILES = ("app/__init__.py", "app/main.py", "auth_service/__init__.py", "auth_service/models.py")


def test_the_repositorys_packages_are_first_party(catalog: Callable[..., Catalog]) -> None:
    found = catalog(*FILES)
    assert found.is_first_party("app.main")
    assert found.is_first_party("auth_service.anything")


@pytest.mark.parametrize("name", ["json", "pytest", "nowhere", "ap"])
def test_others_are_not(catalog: Callable[..., Catalog], name: str) -> None:
    assert not catalog(*FILES).is_first_party(name)


def test_a_file_that_does_not_ship_does_not_claim_the_standard_librarys_name(
    catalog: Callable[..., Catalog],
) -> None:
    assert not catalog("json/__init__.py").is_first_party("json")
    assert catalog("json/__init__.py", shipped="json").is_first_party("json")


def test_a_bare_folder_does_not_claim_a_distributions_name(
    catalog: Callable[..., Catalog], write: Write
) -> None:
    write("site", "celery/__init__.py")
    found = catalog("celery/tasks.py", "docker/x.py", sites="site")
    assert not found.is_first_party("celery")
    assert found.is_first_party("docker")


def test_what_exists_anywhere(catalog: Callable[..., Catalog]) -> None:
    found = catalog(*FILES)
    assert [found.exists(n) for n in ("app.main", "auth_service.models", "json", "pytest")] == [
        True
    ] * 4
    assert not found.exists("app.missing")
    assert not found.exists("nowhere")


def test_where_it_is_in_the_repository(catalog: Callable[..., Catalog]) -> None:
    found = catalog(*FILES)
    assert found.in_repository("app.main") == found.root / "app/main.py"
    assert found.in_repository("auth_service") == found.root / "auth_service/__init__.py"
    assert found.in_repository("json") is None


def test_packages_in_folders_that_are_no_import_root(catalog: Callable[..., Catalog]) -> None:
    names = ("app/__init__.py", "libs/src/auth/__init__.py", "tools/auth.py", ".hidden/auth.py")
    found = catalog(*names, "env/pyvenv.cfg", "env/auth.py", "node_modules/auth.py")
    assert set(found.anywhere_below_root("auth")) == {
        found.root / "libs/src/auth",
        found.root / "tools/auth.py",
    }


def test_what_is_installed(catalog: Callable[..., Catalog], write: Write) -> None:
    write("site", "lib/__init__.py", "lib/deep/__init__.py")
    found = catalog(*FILES, sites="site")
    assert found.is_installed("lib.deep")
    assert not found.is_installed("lib.absent")
    assert not found.is_installed("app")


def test_distributions_of_a_top_level_name(catalog: Callable[..., Catalog]) -> None:
    found = catalog(*FILES)
    assert found.distributions("_pytest") == ("pytest",)
    assert found.distributions("nowhere") == ()


def test_near_modules(catalog: Callable[..., Catalog]) -> None:
    found = catalog("app/__init__.py", "app/session.py", "app/db/__init__.py", "app/db/users.py")
    assert found.near_modules("app.sesion") == ("app.session",)
    assert found.near_modules("app.users") == ("app.db.users",)
    assert found.near_modules("app.qqqq") == ()


def test_near_top_level_names(catalog: Callable[..., Catalog]) -> None:
    assert catalog(*FILES).near_tops("auth_servise") == ("auth_service",)
    assert catalog(*FILES).near_tops("zebra") == ()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("class Name: pass", 1),
        ("\ndef Name(): pass", 2),
        ("async def Name(): pass", 1),
        ("Other = Name = 1", 1),
        ("Name: int = 1", 1),
        ("if x:\n    class Name: pass", 2),
        ("try:\n    Name = 1\nexcept E:\n    pass", 2),
        ("if x:\n    pass\nelse:\n    Name = 1", 4),
        ("Name: int", 0),
        ("from x import Name", 0),
        ("def f():\n    Name = 1", 0),
        ("class Names: pass", 0),
        ("print(Name)", 0),
        ("class Name(:", 0),
        ("", 0),
    ],
)
def test_where_a_module_defines_a_name(
    catalog: Callable[..., Catalog], source: str, line: int
) -> None:
    found = catalog("app/__init__.py", "app/m.py", m=source)
    file = str(found.root / "app/m.py")
    assert found.definitions("Name") == ((Definition("app.m", file, line),) if line else ())


def test_definitions_that_ship_come_first(catalog: Callable[..., Catalog]) -> None:
    found = catalog("aaa/same.py", "app/__init__.py", "app/same.py", same="X = 1")
    assert [definition.module for definition in found.definitions("X")] == ["app.same", "aaa.same"]


def test_what_is_the_interpreters_own(catalog: Callable[..., Catalog]) -> None:
    found = catalog(*FILES)
    assert found.is_foreign(Path(json.__file__))
    assert not found.is_foreign(found.root / "app/m.py")


def test_the_folder_of_a_package(catalog: Callable[..., Catalog]) -> None:
    found = catalog("app/__init__.py", "lib/deep/m.py")
    assert found.folder_of("app") == found.root / "app"
    assert found.folder_of("lib.deep") == found.root / "lib/deep"
    assert found.folder_of("gone") is None
