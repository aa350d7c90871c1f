"""What reading source and judging it takes: `python static_part.py REQUEST`.

REQUEST is a JSON object: ``folder`` (where the packages lie), ``packages`` (their names),
``contract`` (a file with one service), ``starts`` (the modules that it starts with), ``cache`` (a
folder), ``ran`` (whether the service counts as having run every file, so that none need be parsed
to know that it can be), ``jobs``. One JSON object is printed: ``seconds``, ``files``,
``megabytes``, ``imports``, ``unread`` (files that do not parse), ``violations``.

Finding the modules, reading them, the ways to them and the checks count; starting Python and
loading ours does not: pytest is running anyway.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from pytest_importcontract.checks import allowed_roots, integration
from pytest_importcontract.contract.loader import load
from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.facts import Facts, Origin
from pytest_importcontract.observe.routes import routes
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.shipment.interpreter import describe
from pytest_importcontract.shipment.modules import modules_below


def main() -> None:
    """Answer the request."""
    asked = json.loads(sys.argv[1])
    (service,) = load(Path(asked["contract"]), asked["contract"]).services
    interpreter = describe(Path(sys.executable))
    first_party = frozenset(asked["packages"])

    def origin(module: str) -> Origin:
        top = module.partition(".")[0]
        if top in first_party:
            return Origin.FIRST_PARTY
        return Origin.STANDARD_LIBRARY if top in interpreter.names else Origin.THIRD_PARTY

    start = time.perf_counter()
    modules = modules_below([Path(asked["folder"])], (".py",), below=asked["packages"])
    analysis = analyse(
        modules.values(),
        interpreter,
        origin,
        jobs=asked["jobs"],
        cache=SourceCache(Path(asked["cache"])),
        ran={str(module.path) for module in modules.values()} if asked["ran"] else (),
    )
    starts = {name: name for name in asked["starts"]}
    facts = Facts(source=analysis, routes=routes(analysis.edges, starts))
    violations = [*allowed_roots.check(service, "", facts)]
    for one in service.integrations:
        violations += integration.check(service, one.name, facts)
    seconds = time.perf_counter() - start

    files = [module.path for module in modules.values() if not module.is_namespace]
    told = {
        "seconds": seconds,
        "files": len(files),
        "megabytes": sum(path.stat().st_size for path in files) / 1e6,
        "imports": len(analysis.edges),
        "unread": [one.fault.place.file for one in analysis.unread],
        "violations": len(violations),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
