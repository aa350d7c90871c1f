"""What documents claim, and what became of it."""

from __future__ import annotations

from typing import Any

import pytest
from facts import service

from pytest_importcontract.checks import documented
from pytest_importcontract.contract.model import Claim, Documented
from pytest_importcontract.observe.facts import (
    Answer,
    Facts,
    Failure,
    Link,
    Outcome,
    OutcomeKind,
)
from pytest_importcontract.observe.questions import Question, Statement

LOADED = Outcome(kind=OutcomeKind.LOADED)


def failed(stage: str = "import", kind: OutcomeKind = OutcomeKind.FAILED) -> Outcome:
    link = Link(type="ImportError", bases=("ImportError",), message="no")
    return Outcome(kind=kind, failure=Failure(stage=stage, links=(link,)))


def claim(line: int, *imported: str, **more: Any) -> Claim:
    imports = tuple((name, ()) for name in imported)
    return Claim(file="/r/a.md", line=line, text="…", imports=imports, **more)


def page(*claims: Claim, **more: Any) -> Any:
    return service(documented=(Documented(file="docs/a.md", claims=claims, **more),))


def verdicts(*claims: Claim, **outcomes: Outcome) -> list[int]:
    """Lines of the claims that are violations, where importing a module ends as given."""
    api = page(*claims)
    questions = list(documented.ask(api, "a.md", Facts()))
    answers = [Answer(question=q, outcome=outcomes[_name(q)]) for q in questions]
    found = list(documented.check(api, "a.md", Facts(answers=tuple(answers))))
    return [violation.claim.line for violation in found if violation.claim]


def _name(question: Question) -> str:
    return "_".join(statement.imported for statement in question.statements) or "nothing"


def test_an_item_for_each_file() -> None:
    api = service(documented=tuple(Documented(file=f) for f in ("a/x.md", "y.md", "b/x.md")))
    assert [(demand.name, demand.keys) for demand in documented.demands(api, [])] == [
        ("documented[a/x.md]", ("documented", 0)),
        ("documented[y.md]", ("documented", 1)),
        ("documented[b/x.md]", ("documented", 2)),
    ]


def test_each_distinct_statement_is_asked_where_it_stands_first() -> None:
    api = page(claim(3, "a", "b"), claim(5, "c"), claim(7, "c"), claim(9, fault="no"))
    first = Statement(imported="a", file="/r/a.md", line=3)
    second = Statement(imported="b", file="/r/a.md", line=3)
    assert list(documented.ask(api, "a.md", Facts())) == [
        Question(statements=(first, second)),
        Question(statements=(Statement(imported="c", file="/r/a.md", line=5),)),
    ]


def test_what_holds_and_does_not() -> None:
    claims = claim(1, "a"), claim(2, "b"), claim(3, "b"), claim(4, "c")
    assert verdicts(*claims, a=LOADED, b=failed(), c=failed("setup")) == [2, 3, 4]


def test_what_fails_and_does_not() -> None:
    claims = claim(1, "a", holds=False), claim(2, "b", holds=False)
    assert verdicts(*claims, nothing=LOADED, a=LOADED, b=failed()) == [1]


def test_one_statement_below_both() -> None:
    claims = claim(1, "a"), claim(2, "a", holds=False)
    assert verdicts(*claims, nothing=LOADED, a=LOADED) == [2]
    assert verdicts(*claims, nothing=LOADED, a=failed()) == [1]


@pytest.mark.parametrize("kind", [OutcomeKind.EXITED, OutcomeKind.CRASHED, OutcomeKind.KILLED])
def test_an_import_that_ends_the_process_fails(kind: OutcomeKind) -> None:
    ended = Outcome(kind=kind)
    assert verdicts(claim(1, "a", holds=False), nothing=LOADED, a=ended) == []
    assert verdicts(claim(1, "a"), a=ended) == [1]


@pytest.mark.parametrize(
    "outcome",
    [
        failed("setup"),
        failed("site", OutcomeKind.EXITED),
        Outcome(kind=OutcomeKind.TIMED_OUT),
        Outcome(kind=OutcomeKind.COULD_NOT_START),
    ],
)
def test_what_was_not_tried_has_not_failed(outcome: Outcome) -> None:
    assert verdicts(claim(1, "a", holds=False), nothing=LOADED, a=outcome) == [1]


def test_where_nothing_works_no_failure_is_believed() -> None:
    claims = claim(1, "a"), claim(2, "b", holds=False), claim(3, "c", holds=False)
    dead = Outcome(kind=OutcomeKind.EXITED)
    assert verdicts(*claims, nothing=dead, a=dead, b=dead, c=dead) == [2, 1]


def test_what_cannot_be_tried_is_a_violation_wherever_it_stands() -> None:
    claims = claim(1, fault="no"), claim(2, fault="no", holds=False)
    assert verdicts(*claims) == [1, 2]


def test_what_claims_nothing_is_told() -> None:
    why = "below no heading that a pattern matches, conditional, or with their failure caught"
    for count, text in (
        (0, []),
        (1, [f"1 import statement of docs/a.md claims nothing: {why}"]),
        (2, [f"2 import statements of docs/a.md claim nothing: {why}"]),
    ):
        assert list(documented.remarks(page(unclaimed=count), "a.md", Facts())) == text
