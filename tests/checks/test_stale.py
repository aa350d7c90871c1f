"""Rules that nothing answers to any more, as notes."""

from __future__ import annotations

from typing import Any

from facts import edge, loaded, service

from pytest_importcontract.checks import allowed_roots, integration
from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import Entrypoint, Integration
from pytest_importcontract.observe.facts import (
    Facts,
    ImportEdge,
    ImportKind,
    Observer,
    Place,
    SyntaxFault,
)
from pytest_importcontract.observe.routes import routes
from pytest_importcontract.observe.sources import Analysis, ModuleSource, Unread

SHIPPED = ("app", "app.main", "app.door", "app.other", "app.migrations.first", "shared.models")


def written(importer: str, imported: str, *names: str, **more: Any) -> ImportEdge:
    return edge(importer, imported, *names, observer=Observer.SOURCE, **more)


def facts(*source: ImportEdge, unread: tuple[Unread, ...] = (), dynamic: str = "") -> Facts:
    modules = {
        name: ModuleSource(
            module=name,
            file=f"/r/{name}.py",
            unknown=((Place(f"/r/{name}.py", 1), "importlib.import_module"),)
            if name == dynamic
            else (),
        )
        for name in SHIPPED
    }
    return Facts(
        (loaded("app.main"),),
        source=Analysis(edges=source, modules=modules, unread=unread),
        routes=routes(source, {"app.main": "app.main"}),
    )


def doors(known: Facts, exempt: tuple[str, ...] = (), **more: Any) -> list[str]:
    rule = Integration(
        name="auth",
        root="auth",
        through=Globs.parse(("app.door",), "."),
        exempt=Globs.parse(exempt, "."),
        **more,
    )
    lines = {("integrations", 0, "through", 0): 7, ("integrations", 0, "exempt", 0): 8}
    return list(integration.remarks(service(integrations=(rule,), lines=lines), "auth", known))


DOOR = written("app.door", "auth.core")


def test_a_door_that_leads_somewhere() -> None:
    assert doors(facts(DOOR)) == []
    assert doors(facts(written("app.door", "auth", kind=ImportKind.TYPING))) == []


def test_a_door_that_leads_nowhere() -> None:
    told = ["through (line 7): app.door does not import auth"]
    assert doors(facts(written("app.other", "auth"))) == told
    assert doors(facts(written("app.door", "auth", kind=ImportKind.NEVER))) == told
    assert doors(facts(written("app.door", "authority"))) == told


def test_a_door_that_may_lead_anywhere() -> None:
    assert doors(facts(dynamic="app.door")) == []


def test_an_exemption_that_matches_nothing() -> None:
    assert doors(facts(DOOR), ("app.gone.**",)) == [
        "exempt (line 8): app.gone.** matches no module that ships"
    ]


def test_an_exemption_that_lets_nothing_through() -> None:
    assert doors(facts(DOOR), ("app.migrations.**",)) == [
        "exempt (line 8): app.migrations.** does not import auth"
    ]
    used = facts(DOOR, written("app.migrations.first", "auth"))
    assert doors(used, ("app.migrations.**",)) == []


def test_a_rule_that_may_be_empty() -> None:
    assert doors(facts(), ("app.gone",), may_be_empty=True) == []


def roots(known: Facts, *allowed: str, **more: Any) -> list[str]:
    lines = {("allowed_roots", index): index + 3 for index in range(len(allowed))}
    of = service(
        entrypoints=(Entrypoint.parse("app.main"),), allowed_roots=allowed, lines=lines, **more
    )
    return list(allowed_roots.remarks(of, "", known))


def test_a_root_that_nobody_uses() -> None:
    told = ["allowed_roots (line 4): nothing imports shared"]
    assert roots(facts(), "app", "shared") == told
    assert roots(facts(written("shared.models", "shared.db")), "app", "shared") == told
    assert roots(facts(written("app.a", "shared", kind=ImportKind.NEVER)), "app", "shared") == told
    assert roots(facts(), "app", "shared", may_be_empty=True) == []


def test_the_services_own_package_is_used() -> None:
    assert roots(facts(), "app.main") == []


def test_a_root_that_is_reached_through_the_package_around_it() -> None:
    assert roots(facts(written("app.a", "shared")), "app", "shared.models") == []
    beside = written("app.a", "shared", "db", submodules=("db",))
    assert roots(facts(beside), "app", "shared.models") == [
        "allowed_roots (line 4): nothing imports shared.models"
    ]


def test_modules_that_were_not_read() -> None:
    def fault(module: str, line: int) -> SyntaxFault:
        place = Place(f"/r/{module}.py", line)
        return SyntaxFault(place=place, column=0, text="", message="invalid syntax")

    unread = (
        Unread(module="app.broken", fault=fault("app.broken", 3)),
        Unread(module="app.compiled", fault=fault("app.compiled", 0)),
        Unread(module="app.newer", fault=fault("app.newer", 1), read_otherwise=True),
        Unread(module="app.tests.bad", fault=fault("app.tests.bad", 1)),
        Unread(module="billing", fault=fault("billing", 1)),
    )
    told = [
        "app.broken:3 was not read: invalid syntax",
        "app.compiled was not read: invalid syntax",
    ]
    assert roots(facts(unread=unread), "app") == told
