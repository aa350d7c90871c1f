"""What a Markdown file says about imports is true of the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from pytest_importcontract.checks.demand import Demand
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Claim, Documented, Service
from pytest_importcontract.observe.facts import (
    Answer,
    Facts,
    OutcomeKind,
)
from pytest_importcontract.observe.questions import Question, Statement

NAME = "documented"
Imports = tuple[tuple[str, tuple[str, ...]], ...]
# What an import statement that fails may come to; another outcome says nothing of it.
_FAILURES = frozenset(
    {OutcomeKind.FAILED, OutcomeKind.EXITED, OutcomeKind.CRASHED, OutcomeKind.KILLED}
)
_NOTHING: Imports = ()  # that nothing at all goes wrong tells what fails from what was never tried


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One for each file."""
    for index, subject in enumerate(_subjects(service)):
        yield Demand(
            check=NAME,
            subject=subject,
            keys=("documented", index),
            targets=(),
            ask=ask,
            verify=check,
            remark=remarks,
        )


def ask(service: Service, subject: str, facts: Facts) -> Iterable[Question]:  # noqa: ARG001
    """Each distinct statement, as if it stood where it is claimed first."""
    claims = _testable(_documented(service, subject))
    if not all(claim.holds for claim in claims):
        yield Question()
    first: dict[Imports, Claim] = {}
    for claim in claims:
        first.setdefault(claim.imports, claim)
    for claim in first.values():
        yield Question(
            statements=tuple(
                Statement(imported=module, names=names, file=claim.file, line=claim.line)
                for module, names in claim.imports
            )
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:
    """A violation for each claim that is false, or that nobody can try."""
    answers = {_asked(answer.question): answer for answer in facts.answers}
    claims = _documented(service, subject).claims
    idle = _NOTHING in answers and not answers[_NOTHING].outcome.ok
    if idle:
        first = next(claim for claim in _testable(_documented(service, subject)) if not claim.holds)
        yield _violation(service, subject, first, answers[_NOTHING])
    for claim in claims:
        if claim.fault:
            yield Violation(check=NAME, subject=subject, claim=claim)
        elif claim.holds or not idle:
            answer = answers[claim.imports]
            if not _is_true(claim, answer):
                yield _violation(service, subject, claim, answer)


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """How much of the file claims nothing."""
    documented = _documented(service, subject)
    if documented.unclaimed:
        count = documented.unclaimed
        which = "1 import statement of" if count == 1 else f"{count} import statements of"
        claims = "claims" if count == 1 else "claim"
        why = "below no heading that a pattern matches, conditional, or with their failure caught"
        yield f"{which} {documented.file} {claims} nothing: {why}"


def _subjects(service: Service) -> Iterator[str]:
    """Of each file its name; its path, where two bear the same name."""
    names = Counter(PurePosixPath(each.file).name for each in service.documented)
    for each in service.documented:
        name = PurePosixPath(each.file).name
        yield name if names[name] == 1 else each.file


def _documented(service: Service, subject: str) -> Documented:
    return service.documented[list(_subjects(service)).index(subject)]


def _testable(documented: Documented) -> Sequence[Claim]:
    return [claim for claim in documented.claims if not claim.fault]


def _asked(question: Question) -> Imports:
    return tuple((statement.imported, statement.names) for statement in question.statements)


def _is_true(claim: Claim, answer: Answer) -> bool:
    outcome = answer.outcome
    if claim.holds or outcome.ok:
        return claim.holds and outcome.ok
    began = outcome.failure is None or outcome.failure.stage == "import"
    return outcome.kind in _FAILURES and began


def _violation(service: Service, subject: str, claim: Claim, answer: Answer) -> Violation:
    seen = answer.as_observation(service.name)
    return Violation(check=NAME, subject=subject, claim=claim, observation=seen)
