"""Which effects break the contract and which are notes."""

from __future__ import annotations

import dataclasses

from facts import failed, loaded, service

from pytest_importcontract.checks import effects, startup
from pytest_importcontract.contract.model import Entrypoint, Startup
from pytest_importcontract.observe.facts import (
    Effect,
    EffectKind,
    Facts,
    Frame,
    Observation,
    Outcome,
    OutcomeKind,
    Place,
)

API = service(
    entrypoints=(Entrypoint(text="app.main", module="app.main"),),
    startup=Startup(forbid=("network", "thread")),
)


def effect(kind: EffectKind, line: int, *what: str, count: int = 1) -> Effect:
    """Of code of others that a line of app/db.py calls."""
    own = Frame(place=Place("/r/app/db.py", line), function="f", module="app.db", first_party=True)
    other = Frame(place=Place("/lib/other.py", 1), function="g", module="other")
    return Effect(kind=kind, what=what or ("acts",), count=count, frames=(own, other))


def having(*found: Effect) -> Observation:
    return dataclasses.replace(loaded("app.main"), effects=found)


CONNECT = effect(EffectKind.NETWORK, 3, "connects to db:1", "looks up db", count=9)
WRITE = effect(EffectKind.WRITE, 3, "opens log for writing")


def test_an_item_only_where_something_is_forbidden() -> None:
    (demand,) = effects.demands(API, [])
    assert demand.name == "effects"
    assert [target.text for target in demand.targets] == ["app.main"]
    assert [*effects.demands(service(entrypoints=API.entrypoints), [])] == []


def test_each_forbidden_line_once_however_many_entrypoints_meet_it() -> None:
    again = effect(EffectKind.NETWORK, 3, "connects to db:2")
    elsewhere = effect(EffectKind.NETWORK, 4)
    facts = Facts((having(CONNECT, WRITE), having(again, elsewhere)))
    assert [found.effect for found in effects.check(API, "", facts)] == [CONNECT, elsewhere]


def test_what_is_not_forbidden_is_a_note_at_startup() -> None:
    found = having(CONNECT, WRITE, *(effect(EffectKind.SIGNAL, n) for n in range(1, 25)))
    notes = [*startup.remarks(API, "app.main", Facts((found,)))]
    assert notes[0] == "/r/app/db.py:3: opens log for writing"
    assert notes[19:] == ["/r/app/db.py:19: acts", "and 5 more lines with effects"]
    assert [*startup.remarks(service(), "app.main", Facts((having(CONNECT),)))] == [
        "/r/app/db.py:3: connects to db:1; looks up db (and 7 times more)"
    ]


def test_what_a_start_that_ended_would_have_done_is_not_known() -> None:
    facts = Facts((failed("app.main", Outcome(kind=OutcomeKind.KILLED, detail="by SIGKILL")),))
    assert [*effects.check(API, "", facts)] == []
    assert [*effects.remarks(API, "", facts)] == [
        "app.main does not start (killed by SIGKILL): what it would do after that is not known"
    ]
