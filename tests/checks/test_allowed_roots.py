"""Which imports stay within the allowed roots."""

from __future__ import annotations

from facts import edge, loaded, service

from pytest_importcontract.checks import allowed_roots
from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import Integration, Service, ThirdParty
from pytest_importcontract.observe.facts import (
    Facts,
    ImportEdge,
    Observer,
    Origin,
    Place,
    SyntaxFault,
)
from pytest_importcontract.observe.sources import Analysis, ModuleSource, Unread

AUTH = Integration(
    name="auth",
    root="auth",
    through=Globs.parse(("app.door",), "."),
    exempt=Globs.parse(("app.migrations.**",), "."),
)
API = service(allowed_roots=("app", "shared.models"), integrations=(AUTH,))


def outside(one: ImportEdge, *more: ImportEdge, of: Service = API) -> list[str]:
    facts = Facts((loaded("app", one, *more),))
    return [violation.root for violation in allowed_roots.check(of, "", facts)]


def test_without_the_key_nothing_is_demanded() -> None:
    assert list(allowed_roots.demands(service(), ["app"])) == []


def test_it_looks_at_everything_that_is_imported() -> None:
    (demand,) = allowed_roots.demands(API, ["app", "app.db"])
    assert [target.text for target in demand.targets] == ["app", "app.db"]


def test_an_allowed_root_and_what_lies_below_it() -> None:
    assert outside(edge("app.main", "app"), edge("app.main", "app.db")) == []
    assert outside(edge("app.main", "shared.models.user")) == []


def test_a_name_that_only_begins_alike_is_another() -> None:
    assert outside(edge("app.main", "application")) == ["application"]
    assert outside(edge("app.main", "shared.models2")) == ["shared.models2"]


def test_a_package_above_an_allowed_root_is_outside() -> None:
    assert outside(edge("app.main", "shared")) == ["shared"]


def test_an_allowed_submodule_taken_from_its_package_is_inside() -> None:
    assert outside(edge("app.main", "shared", "models", submodules=("models",))) == []


def test_another_name_beside_an_allowed_submodule_is_outside() -> None:
    both = edge("app.main", "shared", "models", "VERSION", submodules=("models",))
    assert outside(both) == ["shared"]


def test_a_sibling_of_an_allowed_root_is_named_itself() -> None:
    assert outside(edge("app.main", "shared.db.pool")) == ["shared.db"]


def test_imports_of_one_root_are_one_violation() -> None:
    first, second = edge("app.a", "billing"), edge("app.b", "billing.core")
    facts = Facts((loaded("app.a", first), loaded("app.b", second, first)))
    (violation,) = allowed_roots.check(API, "", facts)
    assert violation.edges == (first, second)


def test_a_failed_import_counts() -> None:
    assert outside(edge("app.main", "billing", error="ModuleNotFoundError: x")) == ["billing"]


def test_what_third_parties_import_is_their_own_affair() -> None:
    assert outside(edge("django.apps", "billing", importer_is_first_party=False)) == []


def test_what_first_party_code_pulls_in_is_held_to_it() -> None:
    assert outside(edge("shared.models.user", "billing")) == ["billing"]


def test_the_standard_library_is_always_allowed() -> None:
    listed = service(allowed_roots=("app",), third_party=ThirdParty.LISTED)
    assert outside(edge("app", "json", origin=Origin.STANDARD_LIBRARY), of=listed) == []


def test_third_parties_are_allowed_unless_they_must_be_listed() -> None:
    numpy = edge("app", "numpy.linalg", origin=Origin.THIRD_PARTY)
    assert outside(numpy) == []
    listed = service(allowed_roots=("app",), third_party=ThirdParty.LISTED)
    assert outside(numpy, of=listed) == ["numpy"]
    listed = service(allowed_roots=("app", "numpy"), third_party=ThirdParty.LISTED)
    assert outside(numpy, of=listed) == []


def test_an_integration_lets_its_door_and_its_exempt_modules_through() -> None:
    assert outside(edge("app.door", "auth.core"), edge("app.migrations.first", "auth")) == []


def test_code_behind_the_door_may_use_its_own() -> None:
    assert outside(edge("auth.core", "auth.db")) == []


def test_code_behind_the_door_may_use_nothing_else() -> None:
    assert outside(edge("auth.core", "billing")) == ["billing"]


def test_past_the_door_is_outside_under_the_integrations_root() -> None:
    assert outside(edge("app.main", "auth.core.deep")) == ["auth"]


def test_what_lies_within_a_root_may_be_loaded_by_the_end_of_its_name() -> None:
    def found(one: ImportEdge, *modules: str, unread: str = "app.unread") -> list[str]:
        known = {name: ModuleSource(module=name, file="") for name in ("app", *modules)}
        fault = SyntaxFault(place=Place("", 1), column=0, text="", message="")
        one_unread = Unread(module=unread, fault=fault)
        source = Analysis(edges=(), modules=known, unread=(one_unread,))
        facts = Facts((loaded("app", one),), source=source)
        return [violation.root for violation in allowed_roots.check(API, "", facts)]

    vendored = edge("app.main", "vendored.part")
    assert found(vendored, "app._vendor.vendored.part") == []
    assert found(vendored) == ["vendored"]
    assert found(vendored, "app._vendor.vendored.part", "other.vendored.part") == ["vendored"]
    assert found(vendored, "app._vendor.vendored.part", "vendored.more") == ["vendored"]
    assert found(vendored, "app._vendor.vendored.part", unread="vendored") == ["vendored"]
    missing = edge("app.main", "vendored.part", error="ModuleNotFoundError: x")
    assert found(missing, "app._vendor.vendored.part") == ["vendored"]
    only_read = edge("app.main", "vendored.part", observer=Observer.SOURCE)
    end = ModuleSource(module="app._vendor.vendored.part", file="")
    source = Analysis(edges=(only_read,), modules={end.module: end}, unread=())
    assert [v.root for v in allowed_roots.check(API, "", Facts((), source=source))] == ["vendored"]
