"""Who may reach what lies behind an integration."""

from __future__ import annotations

from facts import edge, loaded, service

from pytest_importcontract.checks import integration
from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import Integration
from pytest_importcontract.observe.facts import Facts, ImportEdge, Origin

AUTH = Integration(
    name="auth",
    root="auth.core",
    through=Globs.parse(("app.door", "app.doors.*"), "."),
    exempt=Globs.parse(("app.migrations.**",), "."),
)
PYTEST = Integration(name="pytest", root="pytest", through=Globs.parse(("app.plugin",), "."))
API = service(integrations=(AUTH, PYTEST))


def past(*edges: ImportEdge, name: str = "auth") -> list[str]:
    facts = Facts((loaded("app", *edges),))
    violations = list(integration.check(API, name, facts))
    return [edge.importer for violation in violations for edge in violation.edges]


def test_one_item_for_each_integration() -> None:
    assert [demand.name for demand in integration.demands(API, [])] == [
        "integration[auth]",
        "integration[pytest]",
    ]


def test_the_door_and_its_globs_may() -> None:
    assert past(edge("app.door", "auth.core"), edge("app.doors.side", "auth.core.db")) == []


def test_below_the_door_is_not_the_door() -> None:
    assert past(edge("app.door.inner", "auth.core")) == ["app.door.inner"]


def test_exempt_modules_may() -> None:
    assert past(edge("app.migrations.v1.first", "auth.core")) == []


def test_everybody_else_may_not() -> None:
    assert past(edge("app.b", "auth.core.db"), edge("app.a", "auth.core")) == ["app.a", "app.b"]


def test_the_root_may_import_itself() -> None:
    assert past(edge("auth.core.db", "auth.core"), edge("auth.core", "auth.core.db")) == []


def test_the_package_around_the_root_may_not() -> None:
    assert past(edge("auth.api", "auth.core")) == ["auth.api"]


def test_the_package_around_the_root_is_not_the_root() -> None:
    assert past(edge("app.a", "auth")) == []


def test_the_root_taken_from_its_package_counts() -> None:
    taken = edge("app.a", "auth", "core", submodules=("core",))
    assert past(taken) == ["app.a"]


def test_only_direct_importers_are_named() -> None:
    assert past(edge("app.main", "app.door"), edge("app.door", "auth.core")) == []


def test_a_root_may_be_third_party() -> None:
    there = edge("app.main", "pytest", origin=Origin.THIRD_PARTY)
    assert past(there, name="pytest") == ["app.main"]
    assert past(there, name="auth") == []


def test_third_party_importers_are_their_own_affair() -> None:
    assert past(edge("celery.app", "auth.core", importer_is_first_party=False)) == []
