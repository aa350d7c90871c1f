from __future__ import annotations

from pytest_importcontract.observe.facts import ImportEdge, ImportKind, Place
from pytest_importcontract.observe.reach import closure


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
    assert closure(edges, {"app"}) == {
        "app",
        "lib",
        *(f"lib.{kind.name.lower()}" for kind in kinds),
    }


def test_what_never_runs_leads_nowhere() -> None:
    edges = [edge("app", "a", kind=ImportKind.TYPING), edge("app", "b", kind=ImportKind.NEVER)]
    assert closure(edges, {"app"}) == {"app"}


def test_ways_of_several_steps_and_cycles() -> None:
    edges = [edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("x", "y")]
    assert closure(edges, {"a"}) == {"a", "b", "c"}


def test_a_module_runs_the_packages_around_it() -> None:
    edges = [edge("app", "setup"), edge("app.main", "other")]
    assert closure(edges, {"app.main"}) == {"app", "app.main", "setup", "other"}


def test_a_submodule_taken_from_its_package() -> None:
    edges = [edge("app", "lib", "db", submodules=("db",)), edge("lib", "helper")]
    assert closure(edges, {"app"}) == {"app", "lib", "lib.db", "helper"}
