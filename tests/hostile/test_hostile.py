"""Modules made to break an import checker: each gets its true outcome, none reaches further."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

import ground
import pytest
from ground import EXPECTED, SHOWN_AT_MOST, Run

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)

WELL_BEHAVED = [name for name in EXPECTED if name.startswith(("fine_", "victim_", "z_"))]
RAISING = [
    name
    for name, expected in EXPECTED.items()
    if expected["outcome"] == "failed" and expected.get("line", True)
]


@pytest.fixture(scope="session", params=["warm", "cold"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return ground.run(tmp_path_factory.mktemp("hostile"), request.param)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return ground.plain(tmp_path_factory.mktemp("plain"))


def test_every_module_is_one_item(run: Run) -> None:
    assert set(run.failures) == {"hostile", *EXPECTED} - run.absent


def test_expectations_are_what_plain_interpreters_come_to(plain: Mapping[str, str]) -> None:
    assert plain == {name: EXPECTED[name]["outcome"] for name in plain}


@pytest.mark.parametrize("name", EXPECTED)
def test_outcome(run: Run, name: str) -> None:
    if name in run.absent:
        pytest.skip("cannot be made on this machine")
    failure = run.failures[name]
    assert ground.outcome(failure) == EXPECTED[name]["outcome"], failure[:5000]
    unwrapped = " ".join(failure.split())
    for words in EXPECTED[name].get("says", []):
        assert words in unwrapped


def test_no_verdict_depends_on_what_the_started_service_holds(run: Run) -> None:
    said = " ".join(run.output.decode("utf-8", "replace").split())
    assert re.findall(r"depends on the order of imports: .{,80}", said) == []


@pytest.mark.parametrize("name", ["hostile", *WELL_BEHAVED])
def test_neighbours_do_not_reach_the_well_behaved(run: Run, name: str) -> None:
    assert run.failures[name] == ""


@pytest.mark.parametrize("name", RAISING)
def test_exceptions_are_shown_where_they_were_raised(run: Run, name: str) -> None:
    assert f"hostile/{name}.py:" in run.failures[name]


def test_pytest_ends_as_with_any_failing_test(run: Run) -> None:
    assert run.status == pytest.ExitCode.TESTS_FAILED


def test_nothing_is_left_running(run: Run) -> None:
    assert run.left_running == []


def test_the_repository_is_untouched(run: Run) -> None:
    assert run.after == run.before


def test_nothing_is_left_in_the_temporary_folder(run: Run) -> None:
    assert run.left_in_tmp == []


def test_nothing_is_left_in_the_home_folder(run: Run) -> None:
    assert run.left_in_home == []


def test_failures_stay_readable(run: Run) -> None:
    lengths = {name: len(failure) for name, failure in run.failures.items()}
    assert {name: size for name, size in lengths.items() if size > SHOWN_AT_MOST} == {}
    assert len(run.output) < 20 * SHOWN_AT_MOST


def test_modules_cannot_steer_the_terminal(run: Run) -> None:
    text = run.output.decode("utf-8")
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", text) == []
