"""Entrypoints, modules and symbols: what is demanded, and when it holds."""

from __future__ import annotations

from facts import edge, failed, loaded, service

from pytest_importcontract.checks import imports, required_symbol, startup
from pytest_importcontract.checks.all import demands
from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import Entrypoint, Symbol
from pytest_importcontract.observe.facts import (
    Facts,
    MissingSymbol,
    Observation,
    Outcome,
    OutcomeKind,
    Target,
    TargetKind,
)

API = service(
    entrypoints=(Entrypoint.parse("app.main:app"), Entrypoint.parse("app.worker")),
    required_symbols=(Symbol.parse("app.db:Session"), Symbol.parse("app.db:Engine.dispose")),
    allowed_roots=("app",),
)


def test_items_come_in_the_contracts_order() -> None:
    names = [demand.name for demand in demands(API, ["app", "app.db"])]
    assert names == [
        "startup[app.main:app]",
        "startup[app.worker]",
        "import[app]",
        "import[app.db]",
        "required_symbol[app.db:Session]",
        "required_symbol[app.db:Engine.dispose]",
        "allowed_roots",
        "deferred_imports",
        "hidden_failures",
    ]


def test_items_point_at_the_key_that_demands_them() -> None:
    keys = [demand.keys for demand in demands(API, ["app"])]
    assert keys == [
        ("entrypoints", 0),
        ("entrypoints", 1),
        ("entrypoints",),
        ("required_symbols", 0),
        ("required_symbols", 1),
        ("allowed_roots",),
        ("entrypoints",),
        ("entrypoints",),
    ]


def test_modules_that_the_contract_names_point_at_modules() -> None:
    named = service(modules=Globs.parse(("app.**",), "."))
    assert [demand.keys for demand in imports.demands(named, ["app"])] == [("modules",)]


def test_symbols_of_one_module_are_looked_up_in_one_process() -> None:
    one, other = required_symbol.demands(API, [])
    assert one.targets == other.targets == (Target("api", TargetKind.MODULE, "app.db"),)
    assert [symbol for _, symbol in one.symbols + other.symbols] == ["Session", "Engine.dispose"]


def test_what_loads_is_no_violation() -> None:
    facts = Facts((loaded("app.db", edge("app.db", "app.models")),))
    assert list(imports.check(API, "app.db", facts)) == []
    assert list(startup.check(API, "app.db", facts)) == []
    assert list(required_symbol.check(API, "app.db:Session", facts)) == []


def test_every_other_outcome_is_one() -> None:
    for kind in OutcomeKind:
        if kind is not OutcomeKind.LOADED:
            observation = failed("app.db", Outcome(kind=kind))
            for check, name in ((imports.check, "import"), (startup.check, "startup")):
                (violation,) = check(API, "app.db", Facts((observation,)))
                assert (violation.check, violation.subject) == (name, "app.db")
                assert violation.observation == observation


def test_only_the_symbol_that_is_missing_is_reported() -> None:
    missing = MissingSymbol(missing="dispose", owner="Engine", names=("begin",))
    target = Target("api", TargetKind.MODULE, "app.db")
    outcome = Outcome(kind=OutcomeKind.LOADED)
    facts = Facts(
        (Observation(target=target, outcome=outcome, missing={"Engine.dispose": missing}),)
    )
    assert list(required_symbol.check(API, "app.db:Session", facts)) == []
    (violation,) = required_symbol.check(API, "app.db:Engine.dispose", facts)
    assert violation.missing == missing


def test_a_symbol_of_a_module_that_does_not_load_is_missing() -> None:
    facts = Facts((failed("app.db", Outcome(kind=OutcomeKind.FAILED)),))
    (violation,) = required_symbol.check(API, "app.db:Session", facts)
    assert violation.missing is None
