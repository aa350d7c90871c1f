from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from workbench import Workbench, module_target

from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.launch import launch


def module(bench: Workbench, *lines: str) -> dict[str, Any]:
    return dict(launch(bench.shipment(*lines), module_target("app"), ["Name"], Path("/pyc")))


def entrypoint(bench: Workbench, text: str, *lines: str) -> dict[str, Any]:
    shipment = bench.shipment(f'entrypoints = ["{text}"]', *lines)
    return dict(launch(shipment, Target("s", TargetKind.ENTRYPOINT, text), [], Path("/pyc")))


def test_the_command_line(bench: Workbench) -> None:
    assert module(bench)["argv"] == [sys.executable, "-s", "-S", "-X", "pycache_prefix=/pyc"]


def test_a_request_can_be_sent(bench: Workbench) -> None:
    assert json.loads(json.dumps(module(bench)))["probe"]["symbols"] == ["Name"]


def test_where_and_how_long_it_runs(bench: Workbench) -> None:
    (bench.root / "src").mkdir()
    asked = module(bench, 'runtime.paths = ["src", "."]', "runtime.timeout = 7")
    assert (asked["cwd"], asked["timeout"]) == (str(bench.root / "src"), 7)
    assert asked["probe"]["front"] == [str(bench.root / "src")]
    assert asked["probe"]["entries"] == [str(bench.root)]


def test_variables_that_would_disturb_the_probe_come_later(bench: Workbench) -> None:
    asked = module(bench, 'runtime.env = { PYTHONPATH = "lib:/x", A = "1" }')
    assert "PYTHONPATH" not in asked["env"]
    assert asked["env"]["A"] == "1"
    assert asked["probe"]["env"] == {"PYTHONPATH": "lib:/x"}
    assert asked["probe"]["entries"] == [f"{bench.root}/lib", "/x"]


@pytest.mark.parametrize(
    ("path", "entries"),
    [
        ("", []),
        (":", ["ROOT"]),
        (":lib", ["ROOT", "ROOT/lib"]),
        ("lib:./lib:", ["ROOT/lib", "ROOT"]),
    ],
)
def test_an_empty_entry_of_pythonpath_is_the_working_folder(
    bench: Workbench, path: str, entries: list[str]
) -> None:
    asked = module(bench, f'runtime.env.PYTHONPATH = "{path}"')
    assert asked["probe"]["entries"] == [e.replace("ROOT", str(bench.root)) for e in entries]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app.main", ("app.main", "", False)),
        ("app.main:api.v1", ("app.main", "api.v1", False)),
        ("app.main:create()", ("app.main", "create", True)),
    ],
)
def test_entrypoints(bench: Workbench, text: str, expected: tuple[str, str, bool]) -> None:
    asked = entrypoint(bench, text)["probe"]
    assert (asked["module"], asked["attribute"], asked["call"]) == expected
    assert (asked["script"], asked["argv"]) == ("", [text])


def test_a_script(bench: Workbench) -> None:
    path = str(bench.write("tools/run.py"))
    asked = entrypoint(bench, "tools/run.py")["probe"]
    assert (asked["module"], asked["script"], asked["argv"]) == ("", path, [path])
    assert (asked["front"], asked["entries"]) == ([str(bench.root / "tools")], [])


def test_a_scripts_folder_comes_before_declared_entries(bench: Workbench) -> None:
    bench.write("tools/run.py")
    asked = entrypoint(bench, "tools/run.py", 'runtime.paths = ["."]')["probe"]
    assert (asked["front"], asked["entries"]) == ([str(bench.root / "tools")], [str(bench.root)])


def test_a_safe_path_is_one_without_the_scripts_folder(bench: Workbench) -> None:
    bench.write("run.py")
    safe = 'runtime.env.PYTHONSAFEPATH = "1"'
    assert entrypoint(bench, "run.py", safe)["probe"]["front"] == []
    assert module(bench, safe)["probe"]["front"] == [str(bench.root)]
    empty = 'runtime.env.PYTHONSAFEPATH = ""'
    assert entrypoint(bench, "run.py", empty)["probe"]["front"] == [str(bench.root)]


def test_of_a_service_in_place_nothing_of_the_repository_is_out_of_bounds(bench: Workbench) -> None:
    assert not module(bench)["probe"]["staged"]
    bench.write("app.py")
    asked = module(bench, 'ships.files = ["app.py"]')["probe"]
    assert asked["staged"]
    assert asked["repository"] == str(bench.root)
    assert asked["allowed"][0] == asked["front"][0]


def test_setup_is_for_modules(bench: Workbench) -> None:
    assert module(bench, 'runtime.setup = "a:b.c"')["probe"]["setup"] == ["a", "b.c"]
    assert entrypoint(bench, "app", 'runtime.setup = "a:b.c"')["probe"]["setup"] is None
