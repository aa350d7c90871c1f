"""Whatever a contract names as a place, what comes of it is a shipment or mistakes with lines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytest_importcontract.contract.loader import load
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.preparation import prepare

LONG = "a" * 300
NAMES = st.sampled_from(
    (
        *("~nobodyx/x", "~", "~/x", LONG, f"{LONG}.py", f"{LONG}/x.py", f"app/{LONG}", "a/" * 3000),
        *(f"**/{LONG}", f"{LONG}/**", f"app/*/{LONG}.py", f"!{LONG}", f"{LONG}:x", f"{LONG}:x()"),
        *("a\0b", "app\0", "a\nb", "\u202e", "\ufeff", "\ud7ff", "\U0010ffff", " ", ".", "..", "/"),
        *(
            "loop",
            "loop/x.py",
            "loop/**",
            "fifo",
            "fifo/**",
            "run.py/x",
            "run.py",
            "lost",
            "dangling",
        ),
        *(
            "app",
            "app/",
            "app/**",
            "app.main",
            "app.main:x",
            "app//main.py",
            "app/./main.py",
            "[",
            "",
        ),
        *("shipped/link", "shipped", "closed/**", "shipped/**"),
    )
) | st.text(min_size=1, max_size=5)
LISTS = st.lists(NAMES, min_size=1, max_size=3)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "entrypoints": LISTS,
        "modules": LISTS,
        "allowed_roots": LISTS,
        "required_symbols": LISTS,
        "may_be_empty": st.booleans(),
        "ships": st.fixed_dictionaries({"files": LISTS}),
        "runtime": st.fixed_dictionaries(
            {},
            optional={
                "python": NAMES,
                "paths": LISTS,
                "env_file": NAMES,
                "pass_env": LISTS,
                "env": st.dictionaries(NAMES, NAMES, max_size=1),
                "setup": NAMES,
            },
        ),
        "integrations": st.lists(
            st.fixed_dictionaries({"name": NAMES, "root": NAMES, "through": LISTS}), max_size=1
        ),
    },
)


def toml(value: Any) -> str:
    match value:
        case bool() | str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case dict():
            pairs = (f"{toml(key)} = {toml(inner)}" for key, inner in value.items())
            return f"{{{', '.join(pairs)}}}"
    return f"[{', '.join(map(toml, value))}]"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "r"
    for name in ("app/__init__.py", "app/main.py", "run.py", "shipped/x.py", "lost/x.py"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("nowhere")
    (root / "shipped" / "link").symlink_to("../lost")
    os.mkfifo(root / "fifo")
    return root


def mistakes(root: Path, table: Mapping[str, Any]) -> tuple[Mistake, ...]:
    path = root / "contracts.toml"
    path.write_text(f"services.app = {toml(table)}\n", "utf-8")
    try:
        for shipment in prepare(load(path, path.name), path.name, root.parent / "cache", {}):
            shipment.release()
    except MistakesError as error:
        return error.mistakes
    return ()


@given(TABLES)
@example({"modules": ["app.main"], "runtime": {"python": "~nobodyx/x"}})
@example({"entrypoints": [f"{LONG}.py"], "may_be_empty": True})
@example({"modules": ["app"], "ships": {"files": [f"{LONG}/**", "app"]}})
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example overwrites the file
)
def test_any_name_is_a_shipment_or_mistakes(repository: Path, table: Mapping[str, Any]) -> None:
    for mistake in mistakes(repository, table):
        assert mistake.line == 1
        assert str(mistake).startswith("contracts.toml:1: services.app")
        assert str(mistake).isprintable()


@pytest.fixture
def refusal(repository: Path) -> Callable[[Mapping[str, Any]], list[str]]:
    def refusal(table: Mapping[str, Any]) -> list[str]:
        start = "contracts.toml:1: services.app."
        return [str(each).removeprefix(start) for each in mistakes(repository, table)]

    return refusal


def test_names_that_no_file_can_have(refusal: Callable[[Mapping[str, Any]], list[str]]) -> None:
    table = {
        "entrypoints": ["app.main"],
        "ships": {"files": [f"{LONG}/x", f"app/{LONG}"]},
        "runtime": {"python": f"bin/{LONG}", "paths": [LONG, "loop"], "env_file": f"app/{LONG}"},
    }
    assert refusal(table) == [
        f"runtime.env_file: app/{LONG} does not exist",
        f"runtime.paths[0]: {LONG} does not exist",
        "runtime.paths[1]: loop does not exist",
        (
            f"runtime.python: bin/{LONG} does not exist (name the interpreter that has the "
            "service's distributions)"
        ),
        f"ships.files[0]: '{LONG}/x' matches no file (or set may_be_empty = true)",
        f"ships.files[1]: 'app/{LONG}' matches no file (or set may_be_empty = true)",
    ]


def test_the_home_of_nobody(refusal: Callable[[Mapping[str, Any]], list[str]]) -> None:
    assert refusal({"modules": ["app"], "runtime": {"python": "~nobodyx/x"}}) == [
        (
            "runtime.python: ~nobodyx/x does not exist (name the interpreter that has the "
            "service's distributions)"
        )
    ]


def test_a_script_of_a_name_that_no_file_can_have(
    refusal: Callable[[Mapping[str, Any]], list[str]],
) -> None:
    assert refusal({"entrypoints": [f"{LONG}.py"]}) == [f"entrypoints[0]: {LONG}.py does not exist"]


def test_control_characters_are_told_in_one_line(
    refusal: Callable[[Mapping[str, Any]], list[str]],
) -> None:
    assert refusal({"modules": ["app"], "runtime": {"paths": ["a\nb"]}}) == [
        r"runtime.paths[0]: a\nb does not exist"
    ]


def test_a_path_entry_behind_a_link_to_what_does_not_ship(
    refusal: Callable[[Mapping[str, Any]], list[str]],
) -> None:
    table = {
        "modules": ["x"],
        "may_be_empty": True,
        "ships": {"files": ["shipped/**"]},
        "runtime": {"paths": ["shipped", "shipped/link"]},
    }
    assert refusal(table) == ["runtime.paths[1]: shipped/link is a folder that does not ship"]
