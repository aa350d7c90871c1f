"""Both observers of a service, each asked when it is needed."""

from __future__ import annotations

from workbench import Workbench

from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.observers import Observers

FAULT = "import json\n\n\ndef f():\n    x y\n"


def observers(bench: Workbench) -> Observers:
    runner = bench.runner('entrypoints = ["main"]')
    (shipment,) = runner._shipments.values()
    return Observers(shipment, runner, 1)


def test_what_was_loaded_is_not_parsed_once_more(bench: Workbench) -> None:
    bench.write("main.py", "import used\n")
    bench.write("used.py", "import json\n\n\ndef f():\n    x = y\n")
    bench.write("unused.py", FAULT)
    both = observers(bench)
    both.facts([Target("s", TargetKind.ENTRYPOINT, "main")])
    bench.write("used.py", FAULT)  # what would be found if it were
    source = both.source
    assert [one.module for one in source.unread] == ["unused"]
    assert [(edge.importer, edge.imported) for edge in source.edges] == [
        ("main", "used"),
        ("used", "json"),
    ]
