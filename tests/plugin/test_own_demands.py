"""A project's own demands, from its conftest.py."""

from __future__ import annotations

from typing import Any

import pytest

CONFTEST = """
    from pytest_importcontract import Demand, Target, TargetKind, Violation


    def small(service, subject, facts):
        for observation in facts.observations:
            loaded = [name for name in observation.loaded if name.startswith("sound")]
            if "colour" in subject:
                yield Violation(
                    check="small",
                    subject=subject,
                    message=f"{len(loaded)} module is too many",
                    fix="delete it",
                )


    def broken(service, subject, facts):
        raise LookupError("a mistake in the check")


    def pytest_importcontract_demands(service, modules):
        targets = tuple(Target(service.name, TargetKind.MODULE, name) for name in modules)
        for subject in ("colour", "shape"):
            yield Demand(
                check="small", subject=subject, keys=("modules",), targets=targets, verify=small
            )
        yield Demand(check="broken", keys=("modules",), targets=(), verify=broken)
"""
PREFIX = "contracts.toml::sound::"


def test_a_violation_is_shown_with_its_fix_and_counts(sound: Any) -> None:
    sound.write({"conftest.py": CONFTEST})
    result = sound.pytest("--import-contracts", "-rA", "--deselect", f"{PREFIX}broken")
    result.stdout.fnmatch_lines(
        [
            "*_ sound small[[]colour[]] _*",
            "sound breaks small",
            "",
            "  cause  1 module is too many",
            "  fix    delete it",
            "*= import contracts =*",
            "sound: 1 cause breaks 1 rule",
            "  1 item     1 module is too many",
            "PASSED contracts.toml::sound::import[[]sound[]]",
            "PASSED contracts.toml::sound::small[[]shape[]]",
            "FAILED contracts.toml::sound::small[[]colour[]] - 1 module is too many",
        ],
        consecutive=False,
    )


def test_a_check_that_raises_is_an_ordinary_failure(sound: Any) -> None:
    sound.write({"conftest.py": CONFTEST})
    result = sound.pytest("--import-contracts", "-rA")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*_ sound broken _*",
            '>       raise LookupError("a mistake in the check")',
            "E       LookupError: a mistake in the check",
            "conftest.py:*: LookupError",
            "FAILED contracts.toml::sound::broken - LookupError: a mistake in the check",
        ]
    )
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_hook_that_raises_is_an_error_of_collection(sound: Any) -> None:
    sound.write(
        {
            "conftest.py": """
                def pytest_importcontract_demands(service):
                    raise LookupError("a mistake in the hook")
            """
        }
    )
    result = sound.pytest("--import-contracts")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ERROR collecting*", "*LookupError: a mistake in the hook"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_one_name_for_two_demands_is_refused(sound: Any) -> None:
    sound.write(
        {
            "conftest.py": """
                from pytest_importcontract import Demand

                def pytest_importcontract_demands(service, modules):
                    twice = Demand(check="twice", keys=(), targets=(), verify=lambda *_: ())
                    return [twice, twice]
            """
        }
    )
    result = sound.pytest("--import-contracts")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ERROR collecting*", "demanded more than once: twice"])


def test_a_hook_in_conftest_is_known_without_the_flag(sound: Any) -> None:
    sound.write({"conftest.py": CONFTEST, "test_own.py": "def test_own():\n    pass\n"})
    assert sound.collected() == ["test_own.py::test_own"]


def test_a_conftest_beside_the_contract_is_heard(sound: Any) -> None:
    """Also where pytest would look into that folder later, or never."""
    sound.write({"deploy/conftest.py": CONFTEST, "tests/test_own.py": ""})
    for name in ("contracts.toml", "sound.py"):
        (sound.folder / name).rename(sound.folder / "deploy" / name)
    expected = [
        f"deploy/{PREFIX}import[sound]",
        f"deploy/{PREFIX}small[colour]",
        f"deploy/{PREFIX}small[shape]",
        f"deploy/{PREFIX}broken",
    ]
    assert sound.collected("--import-contracts-file=deploy/contracts.toml") == expected
    assert sound.collected("--import-contracts-file=deploy/contracts.toml", "tests") == expected
