from __future__ import annotations

import dataclasses
import json

from pytest_importcontract.diagnosis.model import Cause, Diagnosis, Hop

LEAST = Diagnosis(
    service="backend",
    check="import",
    subject="app.main",
    headline="backend cannot import app.main",
    cause=Cause(key=("missing", "auth"), text="auth is nowhere"),
)
MOST = Diagnosis(
    service="backend",
    check="import",
    subject="app.main",
    headline="backend cannot import app.main",
    setting="with what ships (contracts.toml:8)",
    error="ModuleNotFoundError: caf\udce9 \x1b[31m\n",
    led_to=("raised as RuntimeError", "raised as ValueError"),
    hops=(
        Hop(text="imports auth", file="/app/main.py", line=3),
        Hop(text="… 2 steps …", label="deferred", begins=True),
    ),
    cause=Cause(key=("missing", "auth"), text="auth is nowhere"),
    rules=("allowed_roots",),
    fixes=("ship it", "or leave it"),
    related=(Hop(text="defines auth", file="/lib/auth.py", line=1),),
    notes=("not all was seen",),
)


def test_a_diagnosis_survives_json() -> None:
    for diagnosis in (LEAST, MOST):
        data = json.loads(json.dumps(diagnosis.to_data()))
        assert Diagnosis.from_data(data) == diagnosis
        assert hash(Diagnosis.from_data(data)) == hash(diagnosis)


def test_a_diagnosis_survives_without_json() -> None:
    assert Diagnosis.from_data(MOST.to_data()) == MOST


def test_its_place_is_the_last_line_that_has_one() -> None:
    assert MOST.place == MOST.hops[0]
    assert LEAST.place is None


def test_its_place_is_the_services_own_where_the_last_line_is_not() -> None:
    own = Hop(text="calls read_text()", file="/app/main.py", line=2)
    others = Hop(text="return io.open(…)", file="/python/pathlib.py", line=1044, foreign=True)
    assert dataclasses.replace(LEAST, hops=(own, others)).place == own
    assert dataclasses.replace(LEAST, hops=(others,)).place == others


def test_the_place_of_several_chains_is_where_the_first_ends() -> None:
    hops = (
        Hop(text="imports a", file="/main.py", line=1, begins=True),
        Hop(text="import auth", file="/a.py", line=2),
        Hop(text="no entrypoint reaches b", begins=True),
        Hop(text="import auth", file="/b.py", line=3),
    )
    place = dataclasses.replace(LEAST, hops=hops).place
    assert place is not None
    assert (place.file, place.line) == ("/a.py", 2)
