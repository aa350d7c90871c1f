"""Imports that both observers saw."""

from __future__ import annotations

from typing import Any

from pytest_importcontract.observe.facts import (
    Condition,
    Guard,
    ImportEdge,
    ImportKind,
    Observation,
    Observer,
    Outcome,
    OutcomeKind,
    Place,
    Target,
    TargetKind,
)
from pytest_importcontract.observe.merging import merged

START = Target("api", TargetKind.ENTRYPOINT, "app.main")


def seen(imported: str = "auth", importer: str = "app.main", **more: Any) -> ImportEdge:
    place = more.pop("place", Place("/r/app/main.py", 3))
    return ImportEdge(importer=importer, place=place, imported=imported, **more)


def written(imported: str = "auth", importer: str = "app.main", **more: Any) -> ImportEdge:
    return seen(imported, importer, observer=Observer.SOURCE, **more)


def both(
    runs: list[ImportEdge], source: list[ImportEdge], loaded: tuple[str, ...] = ("app.settings",)
) -> list[ImportEdge]:
    outcome = Outcome(kind=OutcomeKind.LOADED)
    observed = Observation(
        target=START, outcome=outcome, edges=tuple(runs), loaded=frozenset(loaded)
    )
    return list(merged([observed], source))


def test_one_of_each_is_one() -> None:
    (edge,) = both(
        [seen(error="ImportError: no", names=("a", "b"), submodules=("a",))],
        [written(guard=Guard.ANY_FAILURE, scope="C", names=("a", "b"))],
    )
    assert edge.observer is Observer.BOTH
    assert (edge.error, edge.guard, edge.scope) == ("ImportError: no", Guard.ANY_FAILURE, "C")
    assert edge.submodules == ("a",)


def test_another_line_module_name_or_importer_is_another_import() -> None:
    one = written()
    others = [
        seen(place=Place("/r/app/main.py", 4)),
        seen("auth.core"),
        seen(names=("User",)),
        seen(importer="src.app.main"),
    ]
    for other in others:
        assert {edge.observer for edge in both([other], [one])} == {
            Observer.RUNTIME,
            Observer.SOURCE,
        }


def test_a_script_is_its_module() -> None:
    (edge,) = both([seen(importer="__mp_main__")], [written(importer="app.main")])
    assert (edge.importer, edge.observer) == ("app.main", Observer.BOTH)


def test_a_condition_that_let_it_makes_it_eager() -> None:
    taken = written(kind=ImportKind.CONDITIONAL, condition=Condition.UNKNOWN)
    (edge,) = both([seen()], [taken])
    assert (edge.kind, edge.condition) == (ImportKind.EAGER, Condition.UNKNOWN)
    assert both([], [taken]) == [taken]


def test_what_should_never_have_run_is_what_the_run_says() -> None:
    for kind in (ImportKind.NEVER, ImportKind.TYPING):
        (edge,) = both([seen(kind=ImportKind.DEFERRED)], [written(kind=kind)])
        assert edge.kind is ImportKind.DEFERRED


def test_the_source_knows_a_deferred_import_from_an_eager_one() -> None:
    (edge,) = both([seen()], [written(kind=ImportKind.DEFERRED)])
    assert edge.kind is ImportKind.DEFERRED


def test_an_import_that_failed_and_then_worked_is_two_facts() -> None:
    edges = both([seen(error="ImportError: x"), seen()], [written()])
    assert [edge.error for edge in edges] == ["", "ImportError: x"]


def string(place: str = "INSTALLED_APPS", **more: Any) -> ImportEdge:
    more.setdefault("importer", "app.settings")
    return written(kind=ImportKind.BY_NAME, by_name=place, **more)


LOADER = seen(
    importer="django.apps", importer_is_first_party=False, place=Place("/site/django/apps.py", 9)
)


def observers(edges: list[ImportEdge]) -> list[tuple[str, str]]:
    return [(edge.by_name, edge.observer) for edge in edges if edge.by_name]


def test_a_string_that_a_loader_was_seen_to_import() -> None:
    assert observers(both([LOADER], [string()])) == [("INSTALLED_APPS", "runtime and source")]


def test_a_loader_that_failed_has_read_it_as_well() -> None:
    failed = seen(importer="django.apps", importer_is_first_party=False, error="ImportError: x")
    assert observers(both([failed], [string()])) == [("INSTALLED_APPS", "runtime and source")]


def test_a_string_that_nothing_imports() -> None:
    assert observers(both([], [string()])) == [("INSTALLED_APPS", "source")]


def test_that_its_own_code_imports_the_module_says_nothing_of_a_string() -> None:
    assert observers(both([seen()], [string()])) == [("INSTALLED_APPS", "source")]


def test_a_string_of_a_module_that_was_not_loaded() -> None:
    assert observers(both([LOADER], [string(importer="app.other")])) == [
        ("INSTALLED_APPS", "source")
    ]


def test_a_loggers_name_beside_the_setting() -> None:
    strings = [string("LOGGER"), string("a string"), string("Worker(include=)"), string()]
    assert observers(both([LOADER], strings)) == [
        ("LOGGER", "source"),
        ("a string", "source"),
        ("Worker(include=)", "source"),
        ("INSTALLED_APPS", "runtime and source"),
    ]
