"""Items of contracts are chosen, repeated and stopped at as any others."""

from __future__ import annotations

from typing import Any

import pytest

PREFIX = "contracts.toml::backend::"
FAILING = [
    "startup[shop.main:app]",
    "import[shop.door]",
    "import[shop.main]",
    "required_symbol[shop.main:app]",
    "allowed_roots",
    "integration[auth]",
]
DURABLE = ["--import-contracts", "--tb=no"]


def ran(verdicts: dict[str, str], verdict: str = "") -> list[str]:
    return [
        name.removeprefix(PREFIX)
        for name, found in verdicts.items()
        if not verdict or verdict == found
    ]


def test_keywords_are_the_service_the_kind_and_the_mark(shop: Any) -> None:
    assert shop.collected("--import-contracts", "-k", "backend and allowed_roots") == [
        f"{PREFIX}allowed_roots"
    ]
    assert shop.collected("--import-contracts", "-k", "not importcontract") == [
        "tests/test_own.py::test_own"
    ]


def test_the_mark_is_registered(shop: Any) -> None:
    ids = shop.collected("--import-contracts", "--strict-markers", "-m", "importcontract")
    assert len(ids) == 8
    shop.pytest("--markers").stdout.fnmatch_lines(
        ["@pytest.mark.importcontract: an item of an import contract"]
    )


def test_what_failed_last_runs_alone_or_first(shop: Any) -> None:
    everything = shop.verdicts(*DURABLE)
    assert sorted(ran(everything, "FAILED")) == sorted(FAILING)
    assert ran(shop.verdicts(*DURABLE, "--lf")) == FAILING
    result = shop.pytest(*DURABLE, "--ff", "-v")
    shown = [line.split()[0] for line in result.outlines if "%]" in line]
    assert [name.removeprefix(PREFIX) for name in shown] == [
        *FAILING,
        "import[shop]",
        "import[shop.fine]",
        "deferred_imports",
        "hidden_failures",
        "tests/test_own.py::test_own",
    ]


def test_it_stops_at_the_first_failures(shop: Any) -> None:
    assert ran(shop.verdicts(*DURABLE, "-x")) == FAILING[:1]
    result = shop.pytest(*DURABLE, "--maxfail=2")
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["backend: 1 cause breaks startup and 1 of 2 modules"])


def test_it_goes_on_where_it_stopped(shop: Any) -> None:
    stepwise = [*DURABLE, "--stepwise", "contracts.toml"]
    assert ran(shop.verdicts(*stepwise), "FAILED") == FAILING[:1]
    shop.write({"auth_service/__init__.py": ""})
    result = shop.pytest(*stepwise, "--stepwise-skip")
    result.assert_outcomes(failed=2, passed=1)


def test_deselected_items_do_not_run_and_do_not_count(shop: Any) -> None:
    deselected = [f"--deselect={PREFIX}{name}" for name in ("startup", "import[shop.door]")]
    result = shop.pytest(*DURABLE, *deselected)
    result.assert_outcomes(failed=4, passed=5, deselected=2)
    result.stdout.fnmatch_lines(
        ["backend: 1 cause breaks 1 of 3 modules, 1 of 1 required symbol and 2 rules"]
    )


def test_without_a_cache(shop: Any) -> None:
    result = shop.pytest(*DURABLE, "-p", "no:cacheprovider")
    result.assert_outcomes(failed=6, passed=5)


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_in_every_import_mode(shop: Any, mode: str) -> None:
    shop.pytest(*DURABLE, f"--import-mode={mode}").assert_outcomes(failed=6, passed=5)
