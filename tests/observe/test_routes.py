from __future__ import annotations

from pytest_importcontract.observe.facts import Condition, ImportEdge, ImportKind, Observer, Place
from pytest_importcontract.observe.routes import routes


def reached(edges: list[ImportEdge], *first: str) -> frozenset[str]:
    return routes(edges, dict.fromkeys(first, "start")).reached


def edge(importer: str, imported: str, *names: str, kind: ImportKind = ImportKind.EAGER, **more):  # type: ignore[no-untyped-def]
    place = Place(f"/r/{importer}.py", 1)
    return ImportEdge(
        importer=importer, place=place, imported=imported, names=names, kind=kind, **more
    )


def test_what_is_reached_by_any_kind_of_import() -> None:
    kinds = (
        ImportKind.EAGER,
        ImportKind.DEFERRED,
        ImportKind.CONDITIONAL,
        ImportKind.BY_NAME,
    )
    edges = [edge("app", f"lib.{kind.name.lower()}", kind=kind) for kind in kinds]
    assert reached(edges, "app") == {
        "app",
        "lib",
        *(f"lib.{kind.name.lower()}" for kind in kinds),
    }


def test_a_string_leads_where_something_was_seen_to_import_it() -> None:
    def named(imported: str, place: str, observer: Observer) -> ImportEdge:
        kind = ImportKind.BY_NAME
        return edge("app", imported, kind=kind, by_name=place, observer=observer)

    edges = [
        named("app.jobs", "JOBS", Observer.SOURCE),
        named("app.shop", "INSTALLED_APPS", Observer.BOTH),
        named("app.urls", "ROOT_URLCONF", Observer.SOURCE),
        edge("app.urls", "app.views"),
    ]
    assert reached(edges, "app") == {"app", "app.shop", "app.urls", "app.views"}


def test_what_runs_where_a_module_is_the_program() -> None:
    main = edge("app", "app.server", kind=ImportKind.CONDITIONAL, condition=Condition.MAIN)
    inner = edge("app.tool", "app.debug", kind=ImportKind.CONDITIONAL, condition=Condition.MAIN)
    edges = [edge("app", "app.tool"), main, inner]
    for text in ("app.py", "app"):
        assert routes(edges, {"app": text}).reached == {"app", "app.tool", "app.server"}
    assert routes(edges, {"app": "app:create"}).reached == {"app", "app.tool"}


def test_what_never_runs_leads_nowhere() -> None:
    edges = [edge("app", "a", kind=ImportKind.TYPING), edge("app", "b", kind=ImportKind.NEVER)]
    assert reached(edges, "app") == {"app"}


def test_ways_of_several_steps_and_cycles() -> None:
    edges = [edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("x", "y")]
    assert reached(edges, "a") == {"a", "b", "c"}


def test_a_module_runs_the_packages_around_it() -> None:
    edges = [edge("app", "setup"), edge("app.main", "other")]
    assert reached(edges, "app.main") == {"app", "app.main", "setup", "other"}


def test_a_submodule_taken_from_its_package() -> None:
    edges = [edge("app", "lib", "db", submodules=("db",)), edge("lib", "helper")]
    assert reached(edges, "app") == {"app", "lib", "lib.db", "helper"}


def test_the_shortest_way() -> None:
    long = [edge("app", "a"), edge("a", "b"), edge("b", "goal")]
    short = [edge("app", "c"), edge("c", "goal")]
    found = routes([*long, *short], {"app": "app:run"})
    assert [hop.importer for hop in found.way_to("goal")] == ["app", "c"]
    assert found.entrypoint_of("goal") == "app:run"
    assert found.way_to("app") == ()


def test_a_way_that_startup_takes_is_preferred_to_a_shorter_one_that_it_does_not() -> None:
    eager = [edge("app", "a"), edge("a", "goal")]
    found = routes([*eager, edge("app", "goal", kind=ImportKind.DEFERRED)], {"app": "app"})
    assert [hop.importer for hop in found.way_to("goal")] == ["app", "a"]


def test_what_a_distribution_loads_is_reached_where_no_source_says_so() -> None:
    loader = edge("django.apps", "shop.apps", importer_is_first_party=False)
    found = routes([loader, edge("shop.apps", "shop.models")], {"manage": "manage.py"})
    assert [hop.importer for hop in found.way_to("shop.models")] == ["django.apps", "shop.apps"]
    assert found.entrypoint_of("shop.models") == "manage.py"
    named = edge("manage", "shop.apps", kind=ImportKind.BY_NAME)
    found = routes([loader, named], {"manage": "manage.py"})
    assert found.way_to("shop.apps") == (named,)


def test_a_circle_ends() -> None:
    found = routes([edge("a", "b"), edge("b", "a"), edge("x", "a")], {"a": "a"})
    assert found.reached == {"a", "b"}
    assert found.way_to("x") == ()
    assert found.entrypoint_of("x") == ""
