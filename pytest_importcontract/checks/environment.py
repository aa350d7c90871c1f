"""What startup cannot do without is in the example of a deployment's variables, or in the image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_importcontract.checks.demand import Demand, entrypoint_targets
from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.contract.model import Service
from pytest_importcontract.observe.facts import Facts, Place, Variables

NAME = "environment"


def demands(service: Service, modules: Sequence[str]) -> Iterable[Demand]:  # noqa: ARG001
    """One where the contract names an example."""
    if service.runtime.env_example:
        yield Demand(
            check=NAME,
            keys=("runtime", "env_example"),
            targets=entrypoint_targets(service),
            verify=check,
            remark=remarks,
            variables=True,
        )


def check(service: Service, subject: str, facts: Facts) -> Iterable[Violation]:  # noqa: ARG001
    """One violation with every variable that is nowhere; one for each start that fails.

    Needed is what a line of the service asked for without a default and found, and what the source
    of reached modules asks for so whenever it runs. What the service sets itself is not.
    """
    known = _known(facts)
    found: dict[str, Place] = {}
    for observation in facts.observations:
        if not observation.outcome.ok:
            missing = next(iter(observation.missing.values()), None)
            yield Violation(check=NAME, subject=subject, observation=observation, missing=missing)
        for read in observation.reads:
            if read.first_party and read.needed and read.there:
                found.setdefault(read.name, read.place)
    added = {name for observation in facts.observations for name in observation.added}
    found = {**known.needed, **found}
    absent = sorted(found.keys() - known.given - added)
    if absent:
        variables = tuple((name, found[name]) for name in absent)
        yield Violation(check=NAME, subject=subject, variables=variables)


def remarks(service: Service, subject: str, facts: Facts) -> Iterable[str]:  # noqa: ARG001
    """Variables of the example that startup asks for and that are not set here."""
    example = _known(facts).example
    reads = [read for observation in facts.observations for read in observation.reads]
    there = {read.name for read in reads if read.there}
    idle = sorted({read.name for read in reads if not read.there and read.name in example} - there)
    if idle:
        verb = "is" if len(idle) == 1 else "are"
        names = ", ".join(idle)
        yield f"{names} of {service.runtime.env_example} {verb} asked for at startup and not set"


def _known(facts: Facts) -> Variables:
    if facts.variables is None:
        raise ValueError("nobody asked for the service's variables")
    return facts.variables
