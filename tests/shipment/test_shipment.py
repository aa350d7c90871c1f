from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.contract.loader import load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.preparation import prepare
from pytest_importcontract.shipment.shipment import Shipment

Write = Callable[..., Path]
Prepare = Callable[..., Shipment]


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[Prepare]:
    """Makes the first service of a contract ready in the repository `r`."""
    opened: list[Shipment] = []

    def ready(text: str, **caller: str) -> Shipment:
        path = tmp_path / "r" / "contracts.toml"
        path.write_text(dedent(text))
        contract = load(path, "contracts.toml")
        opened.extend(prepare(contract, "contracts.toml", tmp_path / "cache", caller))
        return opened[-1]

    yield ready
    for shipment in opened:
        shipment.release()


@pytest.fixture
def refusal(ready: Prepare) -> Callable[[str], list[str]]:
    def refusal(text: str) -> list[str]:
        with pytest.raises(MistakesError) as raised:
            ready(text)
        return str(raised.value).splitlines()

    return refusal


APP = '[services.app]\nentrypoints = ["app.main"]\n'
NAMES = ("app/__init__.py", "app/main.py", "app/__main__.py", "app/tests/test_x.py")


def test_without_a_list_of_files_the_service_runs_in_place(write: Write, ready: Prepare) -> None:
    root = write("r", *NAMES)
    found = ready(APP)
    assert (found.tree, found.process.path, found.process.cwd) == (None, (root,), root)
    assert found.to_repository(str(root / "app/main.py")) == str(root / "app/main.py")


def test_what_ships_is_staged_outside_the_repository(write: Write, ready: Prepare) -> None:
    root = write("r", *NAMES, "other.py")
    found = ready(APP + 'ships.files = ["app"]')
    assert found.tree is not None
    assert not found.tree.is_relative_to(root)
    assert {path.name for path in found.tree.iterdir()} == {"app"}
    assert found.process.cwd == found.tree


def test_staged_files_bear_their_names_in_the_repository(write: Write, ready: Prepare) -> None:
    root = write("r", *NAMES)
    found = ready(APP + 'ships.files = ["app"]')
    assert found.to_repository(f"{found.tree}/app/main.py") == str(root / "app/main.py")
    assert found.to_repository(f"{found.tree}-other/x") == f"{found.tree}-other/x"
    assert found.catalog.shipped["app.main"].path == root / "app/main.py"


def test_path_entries_lie_in_the_staged_tree(write: Write, ready: Prepare) -> None:
    write("r", "src/app/__init__.py", "src/app/main.py", "lib/x.py")
    found = ready(APP + 'ships.files = ["src"]\nruntime.paths = ["src", "lib"]')
    assert found.tree is not None
    assert found.process.path == (found.tree / "src", found.tree / "lib")
    assert all(entry.is_dir() for entry in found.process.path)
    assert found.modules == ("app", "app.main")


def test_without_globs_the_entrypoints_packages_must_import(write: Write, ready: Prepare) -> None:
    tests = ("app/test_y.py", "app/y_test.py", "app/conftest.py", "app/sub/tests/__init__.py")
    write("r", *NAMES, *tests, "app/testing.py", "other/__init__.py")
    assert ready(APP).modules == ("app", "app.main", "app.testing")


def test_globs_name_what_must_import(write: Write, ready: Prepare) -> None:
    write("r", *NAMES, "ns/a.py", "ns/b.py", "top.py")
    globs = 'modules = ["app.**", "ns.*", "t*", "!**.b"]'
    assert ready(f"[services.x]\n{globs}").modules == (
        "app",
        "app.main",
        "app.tests.test_x",
        "ns.a",
        "top",
    )


def test_a_main_module_counts_where_it_is_written_out(write: Write, ready: Prepare) -> None:
    write("r", *NAMES)
    assert ready('[services.x]\nmodules = ["app.__main__"]').modules == ("app.__main__",)


def test_installed_packages_can_be_what_must_import(write: Write, ready: Prepare) -> None:
    write("r", "x.py")
    assert "pluggy._hooks" in ready('[services.x]\nmodules = ["pluggy.**"]').modules


def test_what_is_the_services_own(write: Write, ready: Prepare) -> None:
    root = write("r", *NAMES)
    found = ready(APP)
    assert found.own_packages == ("app",)
    assert found.own_roots == (str(root),)
    assert sys.prefix in found.foreign_roots
    assert set(found.interpreter.sites) <= set(found.foreign_roots)


def test_a_script_lies_in_the_staged_tree(write: Write, ready: Prepare) -> None:
    write("r", "tools/run.py")
    found = ready('[services.x]\nentrypoints = ["tools/run.py"]\nships.files = ["tools"]')
    assert found.tree is not None
    process = found.process_of(found.service.entrypoints[0])
    assert process.script == found.tree / "tools/run.py"
    assert process.path == (found.tree / "tools",)
    assert process.cwd == found.tree


def test_variables_come_from_the_contract_and_the_passed_ones(write: Write, ready: Prepare) -> None:
    write("r", *NAMES)
    env = ready(APP + 'runtime.env = { A = "1" }\nruntime.pass_env = ["B"]', B="2", C="3").env
    assert (env["A"], env["B"], "C" in env) == ("1", "2", False)


def test_what_cannot_ship_is_listed(write: Write, ready: Prepare) -> None:
    root = write("r", *NAMES)
    (root / "app" / "out").symlink_to("/etc")
    os.mkfifo(root / "app" / "pipe")
    found = ready(APP + 'ships.files = ["app"]')
    assert set(found.ground.left_out) == {root / "app/out", root / "app/pipe"}


def test_a_data_file_that_does_not_ship_is_absent(write: Write, ready: Prepare) -> None:
    write("r", *NAMES, "app/data.json")
    found = ready(APP + 'ships.files = ["app/**/*.py"]')
    assert found.tree is not None
    assert not (found.tree / "app/data.json").exists()


def test_every_mistake_of_every_service_is_told(
    write: Write, refusal: Callable[[str], list[str]]
) -> None:
    write("r", *NAMES)
    text = """\
    [services.one]
    entrypoints = ["app.main"]
    ships.files = ["app", "absent"]
    runtime.python = "nowhere/python"
    runtime.paths = ["lib", "app/main.py"]
    runtime.env_file = ".env"
    [services.two]
    entrypoints = ["app/none.py"]
    """
    assert refusal(text) == [
        (
            "contracts.toml:3: services.one.ships.files[1]: 'absent' matches no file "
            "(or set may_be_empty = true)"
        ),
        (
            "contracts.toml:4: services.one.runtime.python: nowhere/python does not exist "
            "(name the interpreter that has the service's distributions)"
        ),
        "contracts.toml:5: services.one.runtime.paths[0]: lib does not exist",
        "contracts.toml:5: services.one.runtime.paths[1]: app/main.py is no folder",
        "contracts.toml:6: services.one.runtime.env_file: .env does not exist",
        "contracts.toml:8: services.two.entrypoints[0]: app/none.py does not exist",
    ]


def test_mistakes_in_the_env_file_are_told(
    write: Write, refusal: Callable[[str], list[str]]
) -> None:
    root = write("r", *NAMES)
    (root / ".env").write_text("A=1\nB\n")
    assert refusal(APP + 'runtime.env_file = ".env"') == [
        ".env:2: B: has no value (write B= or add it to pass_env)"
    ]


def test_a_cache_that_cannot_be_written_is_told(
    write: Write, refusal: Callable[[str], list[str]], tmp_path: Path
) -> None:
    write("r", *NAMES)
    (tmp_path / "cache").write_text("a file")
    (said,) = refusal(APP + 'ships.files = ["app"]')
    assert said.startswith("contracts.toml:1: ")
    assert said.endswith("what ships cannot be staged: Not a directory")


def test_a_refused_contract_gives_its_stages_back(
    write: Write, ready: Prepare, refusal: Callable[[str], list[str]]
) -> None:
    write("r", *NAMES, "b.py")
    refusal(APP + 'ships.files = ["app"]\n[services.two]\nentrypoints = ["none.py"]')
    refusal(APP + 'ships.files = ["app"]\nallowed_roots = ["nowhere"]')
    found = ready(APP + 'ships.files = ["app", "b.py"]')
    assert found.tree is not None
    assert found.tree.parent.name.endswith("-0")


def test_preparing_runs_no_code_of_the_service(write: Write, ready: Prepare) -> None:
    write("r", "app/__init__.py", "app/main.py", __init__="import sys; sys.exit('ran')")
    assert ready(APP).modules == ("app", "app.main")
    assert "app" not in sys.modules


def test_a_pattern_through_a_link_out_of_the_repository(
    write: Write, refusal: Callable[[str], list[str]]
) -> None:
    root = write("r", *NAMES)
    write("elsewhere", "auth/__init__.py")
    (root / "vend").symlink_to("../elsewhere")
    assert refusal(APP + 'ships.files = ["app", "vend/auth/**", "vend", "gone"]') == [
        (
            "contracts.toml:3: services.app.ships.files[1]: 'vend/auth/**' matches no file that "
            "ships (vend is a link that leads out of the repository)"
        ),
        (
            "contracts.toml:3: services.app.ships.files[3]: 'gone' matches no file (or set "
            "may_be_empty = true)"
        ),
    ]
