"""Which imports of distributions the image's requirements cover."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from facts import edge, loaded, service

from pytest_importcontract.checks import declared_dependencies
from pytest_importcontract.contract.model import Entrypoint, Service, ThirdParty
from pytest_importcontract.observe.facts import (
    Facts,
    Failure,
    Guard,
    ImportEdge,
    ImportKind,
    Link,
    Observation,
    Observer,
    Origin,
    Outcome,
    OutcomeKind,
    Place,
    Provider,
    Standing,
    TargetKind,
)
from pytest_importcontract.observe.routes import Routes
from pytest_importcontract.observe.sources import Analysis

API = service(entrypoints=(Entrypoint.parse("app.main:app"),))
LISTED = replace(API, third_party=ThirdParty.LISTED, allowed_roots=("app",))


def use(module: str, *standings: Standing, name: str = "", error: str = "") -> ImportEdge:
    """An import by app.main of a module that distributions of these standings have."""
    providers = tuple(
        Provider(distribution=name or f"{standing}-{module}", standing=standing)
        for standing in standings
    )
    found = edge("app.main", module, error=error)
    return replace(found, origin=Origin.THIRD_PARTY, providers=providers)


def started(*edges: ImportEdge, missing: str = "") -> Observation:
    """The entrypoint; with `missing`, it died for want of that module."""
    outcome = Outcome(kind=OutcomeKind.LOADED)
    if missing:
        link = Link(type="ModuleNotFoundError", bases=(), message="", name=missing)
        failure = Failure(stage="import", links=(link,))
        outcome = Outcome(kind=OutcomeKind.FAILED, failure=failure)
    found = loaded("app.main:app", *edges)
    target = replace(found.target, kind=TargetKind.ENTRYPOINT)
    return replace(found, target=target, outcome=outcome)


def undeclared(*observations: Observation, of: Service = API) -> list[str]:
    facts = Facts(observations)
    return [found.root for found in declared_dependencies.check(of, "", facts)]


def remarks(*observations: Observation, of: Service = API) -> list[str]:
    return list(declared_dependencies.remarks(of, "", Facts(observations)))


def test_one_item_for_a_service() -> None:
    (demand,) = declared_dependencies.demands(API, ["app.db"])
    assert demand.name == "declared_dependencies"
    assert [target.text for target in demand.targets] == ["app.main:app", "app.db"]


def test_any_distribution_will_do() -> None:
    of = replace(API, third_party=ThirdParty.ANY)
    assert list(declared_dependencies.demands(of, ["app.db"])) == []


def test_what_is_declared() -> None:
    assert undeclared(started(use("yaml", Standing.DECLARED))) == []
    assert remarks(started(use("yaml", Standing.DECLARED))) == []


def test_what_is_absent_and_ends_the_start() -> None:
    seen = use("yaml", Standing.ABSENT, name="pyyaml", error="ModuleNotFoundError: no yaml")
    assert undeclared(started(seen, missing="yaml")) == ["pyyaml"]


def test_a_submodule_that_is_absent() -> None:
    seen = use("google.cloud.storage", Standing.ABSENT, error="ModuleNotFoundError")
    assert undeclared(started(seen, missing="google.cloud")) == ["absent-google.cloud.storage"]


def test_a_caught_failure_is_an_option() -> None:
    seen = use("uvloop", Standing.ABSENT, error="ModuleNotFoundError: no uvloop")
    assert undeclared(started(seen)) == []
    assert undeclared(started(seen, missing="yaml")) == []
    assert undeclared(started(seen, missing="uvloop2")) == []


def test_one_provider_is_enough() -> None:
    assert undeclared(started(use("cv2", Standing.ABSENT, Standing.DECLARED))) == []


def test_what_only_comes_along() -> None:
    seen = started(use("starlette", Standing.TRANSITIVE, name="starlette"))
    assert undeclared(seen) == []
    assert remarks(seen) == [
        "starlette is there only because another distribution needs it (app.main:1)"
    ]
    assert undeclared(seen, of=LISTED) == ["starlette"]
    assert remarks(seen, of=LISTED) == []


def test_what_nothing_that_starts_needs() -> None:
    seen = use("mkdocs", Standing.ABSENT, name="mkdocs", error="ModuleNotFoundError")
    failure = started(seen, missing="mkdocs").outcome
    module = replace(loaded("app.tools.docs", seen), outcome=failure)
    assert undeclared(started(), module) == []
    assert remarks(started(), module) == [
        "mkdocs is not in the image, and nothing that starts was seen to need it (app.main:1)"
    ]


def test_what_nobody_knows() -> None:
    assert undeclared(started(use("mystery", error="ModuleNotFoundError"))) == []


def test_what_a_distribution_imports_is_its_own_business() -> None:
    seen = replace(use("yaml", Standing.ABSENT), importer_is_first_party=False)
    assert undeclared(started(seen)) == []


def test_what_is_imported_later() -> None:
    def later(
        module: str, standing: Standing, importer: str = "app.main", **more: Any
    ) -> ImportEdge:
        found = replace(use(module, standing, name=module), importer=importer)
        kind = {"kind": ImportKind.DEFERRED, "observer": Observer.SOURCE}
        return replace(found, place=Place("/r/app/main.py", 9), **{**kind, **more})

    edges = (
        later("anyio", Standing.TRANSITIVE),
        later("h11", Standing.TRANSITIVE, guard=Guard.ANY_FAILURE),
        later("idna", Standing.TRANSITIVE, importer="app.tools"),
        later("sniffio", Standing.TRANSITIVE, kind=ImportKind.TYPING),
        later("openpyxl", Standing.ABSENT),
        later("yaml", Standing.DECLARED),
    )
    facts = Facts(
        (started(),),
        source=Analysis(edges=edges, modules={}, unread=()),
        routes=Routes(starts={"app.main": "app.main:app"}),
    )
    assert list(declared_dependencies.check(API, "", facts)) == []
    assert list(declared_dependencies.remarks(API, "", facts)) == [
        "anyio is there only because another distribution needs it (app.main:9)",
        "openpyxl is not in the image, and nothing that starts was seen to need it (app.main:9)",
    ]
    listed = [found.root for found in declared_dependencies.check(LISTED, "", facts)]
    assert listed == ["anyio"]
