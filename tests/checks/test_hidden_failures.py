"""Which swallowed failures are the contract's, and in which words the others are told."""

from __future__ import annotations

import dataclasses

import pytest
from facts import failed, loaded, service

from pytest_importcontract.checks import hidden_failures
from pytest_importcontract.contract.model import Entrypoint, Found, Startup
from pytest_importcontract.observe.facts import (
    Facts,
    Failure,
    Frame,
    Instead,
    Link,
    Origin,
    Outcome,
    OutcomeKind,
    Place,
    Swallowed,
)

ENTRYPOINT = Entrypoint(text="app.main", module="app.main")
HERE = Frame(
    place=Place("/r/app/main.py", 3), function="<module>", module="app.main", first_party=True
)
LINK = Link(type="ModuleNotFoundError", bases=("ModuleNotFoundError",), message="no x", name="x")
NOWHERE = Swallowed(
    failure=Failure(stage="import", links=(dataclasses.replace(LINK, frames=(HERE,)),)),
    missing="app.gone",
    wanted="app.gone",
)
FOREIGN = dataclasses.replace(HERE, module="lib", first_party=False)
OF_OTHERS = dataclasses.replace(
    NOWHERE,
    failure=Failure(stage="import", links=(dataclasses.replace(LINK, frames=(FOREIGN,)),)),
)


@pytest.mark.parametrize(
    ("base", "changes", "fails", "notes"),
    [
        (NOWHERE, {}, 1, 0),
        (NOWHERE, {"instead": Instead.VALUE}, 0, 0),
        (NOWHERE, {"instead": Instead.IMPORT}, 0, 0),
        (NOWHERE, {"star": True}, 0, 0),
        (NOWHERE, {"named": False}, 0, 0),
        (NOWHERE, {"asks": True}, 0, 0),
        (NOWHERE, {"origin": Origin.THIRD_PARTY}, 0, 0),
        (NOWHERE, {"in_repository": True}, 1, 0),
        (NOWHERE, {"in_repository": True, "instead": Instead.VALUE}, 1, 0),
        (NOWHERE, {"in_repository": True, "instead": Instead.IMPORT}, 0, 0),
        (NOWHERE, {"in_repository": True, "named": False}, 1, 0),
        (NOWHERE, {"ran": ("app.a",), "instead": Instead.IMPORT}, 1, 0),
        (NOWHERE, {"ran": ("app.a",), "origin": Origin.THIRD_PARTY}, 0, 1),
        (NOWHERE, {"ran": ("app.a",), "refused": True}, 0, 1),
        (NOWHERE, {"ran": ("app.a",), "missing": "", "origin": Origin.THIRD_PARTY}, 1, 0),
        (NOWHERE, {"ran": ("app.optional.a",)}, 0, 0),
        (NOWHERE, {"wanted": "app.optional"}, 0, 0),
        (OF_OTHERS, {}, 0, 0),
        (OF_OTHERS, {"in_repository": True}, 1, 0),
        (OF_OTHERS, {"in_repository": True, "missing": "settings"}, 0, 0),
    ],
)
def test_what_a_failure_comes_to(
    base: Swallowed, changes: dict[str, object], fails: int, notes: int
) -> None:
    one = dataclasses.replace(base, **changes)  # type: ignore[arg-type]
    facts = Facts((dataclasses.replace(loaded("app.main"), swallowed=(one,)),) * 2)
    api = service(entrypoints=(ENTRYPOINT,), startup=Startup(optional=("app.optional",)))
    assert len([*hidden_failures.check(api, "", facts)]) == fails
    assert len([*hidden_failures.remarks(api, "", facts)]) == notes
    report = Startup(optional=("app.optional",), hidden_failures=Found.REPORT)
    api = service(entrypoints=(ENTRYPOINT,), startup=report)
    assert [*hidden_failures.check(api, "", facts)] == []
    assert len([*hidden_failures.remarks(api, "", facts)]) == fails + notes


def test_notes_in_words() -> None:
    seen = failed("app.main", Outcome(kind=OutcomeKind.FAILED))
    facts = Facts((dataclasses.replace(seen, swallowed=(NOWHERE,)),))
    startup = Startup(hidden_failures=Found.REPORT)
    api = service(entrypoints=(ENTRYPOINT,), startup=startup)
    assert [*hidden_failures.remarks(api, "", facts)] == [
        "/r/app/main.py:3: goes on without app.gone (ModuleNotFoundError: no x)",
        ("app.main does not start: what it would have passed over after that is not known"),
    ]


def test_an_item_only_where_something_starts() -> None:
    assert [*hidden_failures.demands(service(), ["app.main"])] == []
    (demand,) = hidden_failures.demands(service(entrypoints=(ENTRYPOINT,)), [])
    assert (demand.name, demand.targets[0].text) == ("hidden_failures", "app.main")
