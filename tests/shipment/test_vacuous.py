from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.contract.loader import load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.preparation import prepare

Write = Callable[..., Path]
Refusal = Callable[[str], list[str]]


@pytest.fixture
def refusal(write: Write, tmp_path: Path) -> Refusal:
    """What is wrong with a contract for a repository of two services, `app` and `auth`."""

    def refusal(text: str) -> list[str]:
        root = write(
            "r", "app/__init__.py", "app/main.py", "app/door.py", "auth/__init__.py", "web.py"
        )
        (root / "contracts.toml").write_text("[services.app]\n" + dedent(text))
        contract = load(root / "contracts.toml", "contracts.toml")
        try:
            for shipment in prepare(contract, "contracts.toml", tmp_path / "cache", {}):
                shipment.release()
        except MistakesError as error:
            return str(error).splitlines()
        return []

    return refusal


INTEGRATION = """\
entrypoints = ["app.main"]
ships.files = ["app"]
[[services.app.integrations]]
name = "auth"
root = "{root}"
through = ["{through}"]
"""


def test_demands_that_could_fail_are_fine(refusal: Refusal) -> None:
    text = INTEGRATION.format(root="auth", through="app.door")
    assert refusal('allowed_roots = ["app", "json", "pytest"]\n' + text) == []


def test_a_script_that_does_not_exist(refusal: Refusal) -> None:
    assert refusal('entrypoints = ["app/start.py"]') == [
        "contracts.toml:2: services.app.entrypoints[0]: app/start.py does not exist"
    ]


def test_a_module_pattern_that_matches_nothing(refusal: Refusal) -> None:
    assert refusal('modules = ["app.**", "app.cores.**", "!app.gone"]') == [
        (
            "contracts.toml:2: services.app.modules[1]: 'app.cores.**' matches no module that "
            "ships (or set may_be_empty = true)"
        )
    ]


def test_a_module_that_does_not_ship_matches_nothing(refusal: Refusal) -> None:
    assert refusal('modules = ["auth"]\nships.files = ["app"]') == [
        (
            "contracts.toml:2: services.app.modules[0]: 'auth' matches no module that "
            "ships (or set may_be_empty = true)"
        )
    ]


def test_an_allowed_root_that_exists_nowhere(refusal: Refusal) -> None:
    assert refusal('entrypoints = ["app.main"]\nallowed_roots = ["app", "app.mian"]') == [
        (
            "contracts.toml:3: services.app.allowed_roots[1]: app.mian exists nowhere "
            "(did you mean app.main?)"
        )
    ]


def test_an_integration_whose_root_exists_nowhere(refusal: Refusal) -> None:
    assert refusal(INTEGRATION.format(root="auht", through="app.door")) == [
        (
            "contracts.toml:6: services.app.integrations[0].root: auht exists nowhere, so nothing "
            "could import it (did you mean auth?)"
        )
    ]


def test_a_door_that_matches_no_module(refusal: Refusal) -> None:
    assert refusal(INTEGRATION.format(root="auth", through="app.doors")) == [
        (
            "contracts.toml:7: services.app.integrations[0].through[0]: app.doors matches no "
            "module (did you mean app.door?)"
        )
    ]


def test_a_door_outside_the_service(refusal: Refusal) -> None:
    assert refusal(INTEGRATION.format(root="auth", through="web")) == [
        (
            "contracts.toml:7: services.app.integrations[0].through[0]: web lies outside the "
            "service: it does not ship (or set may_be_empty = true)"
        )
    ]


def test_a_rule_may_opt_out(refusal: Refusal) -> None:
    text = INTEGRATION.format(root="nowhere", through="none") + "may_be_empty = true\n"
    assert refusal(text) == []


def test_a_service_may_opt_out(refusal: Refusal) -> None:
    text = 'modules = ["gone"]\nallowed_roots = ["none"]\nships.files = ["x"]\nmay_be_empty = true'
    assert refusal(text) == []


def test_globs_and_roots_that_match_nothing_are_told_together(refusal: Refusal) -> None:
    text = 'modules = ["app.**"]\nships.files = ["ap/**"]\nallowed_roots = ["app", "sharde"]'
    said = [line.partition(" (")[0] for line in refusal(text)]
    assert said == [
        "contracts.toml:3: services.app.ships.files[0]: 'ap/**' matches no file",
        "contracts.toml:4: services.app.allowed_roots[1]: sharde exists nowhere",
    ]


def test_a_root_below_src_is_told_how_to_get_onto_the_path(write: Write, refusal: Refusal) -> None:
    write("r", "src/orders/__init__.py")
    assert refusal('modules = ["app.**"]\nallowed_roots = ["app", "orders"]') == [
        (
            "contracts.toml:3: services.app.allowed_roots[1]: orders is not on the import path: no "
            'entry of runtime.paths leads to src/orders (add "src" to runtime.paths)'
        )
    ]
