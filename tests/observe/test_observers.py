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


def test_what_ran_is_not_parsed_once_more(bench: Workbench) -> None:
    lazy = """\
        import importlib.util, sys
        import used
        spec = importlib.util.find_spec("loaded")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        sys.modules["loaded"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["loaded"])
        """
    bench.write("main.py", lazy)
    bench.write("used.py", "import json\n\n\ndef f():\n    x = y\n")
    bench.write("loaded.py", FAULT)  # it is in sys.modules, and nobody has looked at it
    bench.write("unused.py", FAULT)
    both = observers(bench)
    both.facts([Target("s", TargetKind.ENTRYPOINT, "main")])
    bench.write("used.py", FAULT)  # what would be found if it were
    source = both.source
    assert [one.module for one in source.unread] == ["loaded", "unused"]
    imports = [(edge.importer, edge.imported) for edge in source.edges]
    assert imports == [
        ("main", "importlib.util"),
        ("main", "sys"),
        ("main", "used"),
        ("used", "json"),
    ]
