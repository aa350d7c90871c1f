"""Extension points for other plugins and for a project's conftest.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from pytest_importcontract.checks.demand import Demand
    from pytest_importcontract.contract.model import Service

hookspec = pluggy.HookspecMarker("pytest")


@hookspec
def pytest_importcontract_demands(
    service: Service, modules: Sequence[str]
) -> Iterable[Demand] | None:
    """Further demands on a service, each an item of its own.

    A demand names the targets to observe and a function that turns the facts about them into
    violations; ``checks/startup.py`` is a short example. A violation says what is wrong in its
    `message` and how to mend it in its `fix`.

    Args:
        service: the contract of one service.
        modules: the modules that must import.
    """
    raise NotImplementedError
