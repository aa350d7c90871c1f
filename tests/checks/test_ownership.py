"""Which imports the rules about code hold for."""

from __future__ import annotations

from typing import Any

from facts import edge, loaded, service

from pytest_importcontract.checks import allowed_roots, integration
from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import Entrypoint, Integration, Service, TypingImports
from pytest_importcontract.observe.facts import Facts, ImportEdge, ImportKind, Observer
from pytest_importcontract.observe.routes import routes
from pytest_importcontract.observe.sources import Analysis

MAIN = Entrypoint.parse("app.main")
AUTH = Integration(name="auth", root="auth", through=Globs.parse(("app.door",), "."))
API = service(entrypoints=(MAIN,), allowed_roots=("app", "shared"), integrations=(AUTH,))


def written(importer: str, imported: str = "auth", **more: Any) -> ImportEdge:
    return edge(importer, imported, observer=Observer.SOURCE, **more)


def facts(*source: ImportEdge, seen: tuple[ImportEdge, ...] = ()) -> Facts:
    return Facts(
        (loaded("app.main", *seen),),
        source=Analysis(edges=source, modules={}, unread=()),
        routes=routes([*source, *seen], {"app.main": "app.main"}),
    )


def broken(known: Facts, of: Service = API) -> list[str]:
    """Who breaks both rules; they always agree here."""
    outside = [e.importer for v in allowed_roots.check(of, "", known) for e in v.edges]
    past = [e.importer for v in integration.check(of, "auth", known) for e in v.edges]
    assert outside == past
    return outside


def test_every_kind_of_import_that_may_run() -> None:
    for kind in (ImportKind.EAGER, ImportKind.DEFERRED, ImportKind.CONDITIONAL):
        assert broken(facts(written("app.a", kind=kind))) == ["app.a"]


def test_one_that_never_runs() -> None:
    assert broken(facts(written("app.a", kind=ImportKind.NEVER))) == []


def test_one_for_type_checkers_where_the_contract_says_so() -> None:
    typing = facts(written("app.a", kind=ImportKind.TYPING))
    assert broken(typing) == []
    strict = service(
        entrypoints=(MAIN,),
        allowed_roots=("app",),
        integrations=(AUTH,),
        typing_imports=TypingImports.CHECK,
    )
    assert broken(typing, strict) == ["app.a"]


def test_a_string_only_once_something_was_seen_to_import_it() -> None:
    name = written("app.main", kind=ImportKind.BY_NAME, by_name="INSTALLED_APPS")
    assert broken(facts(name)) == []


def test_a_call_with_a_name_is_an_import() -> None:
    call = written("app.a", kind=ImportKind.DEFERRED, by_name="importlib.import_module")
    assert broken(facts(call)) == ["app.a"]


def test_tests_lie_outside_unless_the_contract_names_them() -> None:
    known = facts(written("app.tests.test_a"), written("app.conftest"))
    assert broken(known) == []
    named = service(
        modules=Globs.parse(("app.tests.**",), "."), allowed_roots=("app",), integrations=(AUTH,)
    )
    assert broken(known, named) == ["app.tests.test_a"]


def test_a_service_that_is_called_like_a_test_has_no_other_name() -> None:
    known = facts(written("load_test.app.a"), written("load_test.tests.a"))
    named = service(
        entrypoints=(Entrypoint.parse("load_test.app.main"),),
        allowed_roots=("load_test",),
        integrations=(AUTH,),
    )
    assert broken(known, named) == ["load_test.app.a"]


def test_another_service_in_the_same_image_is_its_own_affair() -> None:
    assert broken(facts(written("billing.main"))) == []


def test_and_becomes_this_ones_where_it_is_reached() -> None:
    known = facts(written("app.main", "shared"), written("shared", "billing.main"))
    assert [v.root for v in allowed_roots.check(API, "", known)] == ["billing"]
    known = facts(written("shared", "billing.main"), written("billing.main"), seen=())
    assert broken_roots(known) == ["billing"]
    known = facts(
        written("app.main", "shared"), written("shared", "billing.main"), written("billing.main")
    )
    assert broken_roots(known) == ["auth", "billing"]


def broken_roots(known: Facts) -> list[str]:
    return [violation.root for violation in allowed_roots.check(API, "", known)]


def test_what_the_contract_excludes_is_left_out_unless_it_is_reached() -> None:
    modules = Globs.parse(("app.**", "!app.tools.**"), ".")
    narrow = service(
        entrypoints=(MAIN,), modules=modules, allowed_roots=("app",), integrations=(AUTH,)
    )
    known = facts(written("app.tools.a"))
    assert broken(known, narrow) == []
    known = facts(written("app.main", "app.tools.a"), written("app.tools.a"))
    assert broken(known, narrow) == ["app.tools.a"]


def test_a_part_of_a_package_is_held_to_its_own_roots_only() -> None:
    room = service(
        modules=Globs.parse(("app.room.**",), "."), allowed_roots=("app.room",), integrations=()
    )
    known = facts(written("app.hall", "auth"), written("app.room.a", "app.hall"))
    known = Facts(known.observations, source=known.source, routes=routes([], {}))
    (violation,) = allowed_roots.check(room, "", known)
    assert (violation.root, [e.importer for e in violation.edges]) == ("app.hall", ["app.room.a"])


def test_a_breach_knows_the_ways() -> None:
    known = facts(written("app.a"))
    (violation,) = allowed_roots.check(API, "", known)
    assert violation.routes is known.routes
