"""What a start loads, by whom, how long it takes and how much it holds."""

from __future__ import annotations

from pathlib import Path

from workbench import Workbench, run_by

from pytest_importcontract.observe.facts import Cost, Frame, Observation, Place, Target, TargetKind

WATCHED = ["gone", "flaky", "heavy", "threaded", "forged", "byhand", "named", "sys", "absent"]
STANDARD = frozenset({"_frozen_importlib", "importlib", "sys", "threading", "types", "os"})
MAIN = """\
import app.shop.cart.lines
try:
    import gone.away
except ImportError:
    pass
try:
    import flaky
except ImportError:
    from app import late
late.again()
import threading
thread = threading.Thread(target=late.elsewhere)
thread.start()
thread.join()
import sys, types
sys.modules["forged"] = types.ModuleType("forged")
import importlib, importlib.util
importlib.import_module("named.below")
spec = importlib.util.spec_from_file_location("byhand", "app/byhand.py")
module = importlib.util.module_from_spec(spec)
sys.modules["byhand"] = module
spec.loader.exec_module(module)
much = b"x" * 64_000_000
del much
import _frozen_importlib
one = _frozen_importlib._ModuleLockManager("one")
two = _frozen_importlib._ModuleLockManager("two")
one.__enter__()
two.__enter__()
one.__exit__(None, None, None)  # as greenlets would
two.__exit__(None, None, None)
from app import last
"""
FILES = {
    "app/__init__.py": "",
    "app/main.py": MAIN,
    "app/byhand.py": "",
    "app/late.py": "def again():\n    import flaky\n\ndef elsewhere():\n    import threaded\n",
    "app/shop/__init__.py": "import app.light\n",
    "app/light.py": "",
    "app/shop/cart/__init__.py": "",
    "app/shop/cart/lines.py": "import app.light\nfrom heavy import part, other\n",
    "heavy/__init__.py": "",
    "heavy/part.py": "",
    "heavy/other.py": "import app.shop\n",
    "gone/__init__.py": "raise ImportError('not today')\n",
    "flaky.py": "import os\nif os.environ.setdefault('TRIED', '') == '':\n"
    "    os.environ['TRIED'] = 'yes'\n    raise ImportError('try again')\n",
    "threaded.py": "",
    "named/__init__.py": "",
    "app/last.py": "",
    "named/below.py": "",
}


def cost(observation: Observation) -> Cost:
    assert observation.outcome.ok, observation.outcome
    assert observation.cost is not None
    return observation.cost


def steps(way: tuple[Frame, ...] | None, root: Path) -> list[str] | None:
    if way is None:
        return None
    places = [(Path(frame.place.file), frame.place.line, frame) for frame in way]
    return [
        f"{file.relative_to(root)}:{line} {frame.function}"
        for file, line, frame in places
        if frame.first_party
    ]


def test_what_a_start_loads_and_who_asked_for_it(bench: Workbench, python: Path) -> None:
    for name, text in FILES.items():
        bench.write(name, text)
    lines = ['entrypoints = ["app.main"]', run_by(python), f"startup.never_loads = {WATCHED}"]
    runner = bench.runner(*lines)
    started = runner.observe(Target("s", TargetKind.ENTRYPOINT, "app.main"))
    found = cost(started)
    ways = {module: steps(way, bench.root) for module, way in found.ways.items()}
    assert ways == {
        "sys": None,
        "flaky": ["app/main.py:10 <module>", "app/late.py:2 again"],
        "heavy": ["app/main.py:1 <module>", "app/shop/cart/lines.py:2 <module>"],
        "threaded": ["app/late.py:5 elsewhere"],
        "forged": [],
        "byhand": [],
        "named": ["app/main.py:18 <module>"],
    }
    asked = [(load.module, load.place) for load in found.loads if not load.importer]
    assert asked[-2:] == [("app.main", Place("", 0)), ("app", Place("", 0))]
    loads = {
        load.module: (load.importer, load.place.line, load.modules)
        for load in found.loads
        if load.importer_is_first_party and load.module.partition(".")[0] not in STANDARD
    }
    assert loads == {
        "app.shop": ("app.main", 1, 2),
        "app.light": ("app.shop", 1, 1),
        "app.shop.cart": ("app.main", 1, 1),
        "app.shop.cart.lines": ("app.main", 1, 4),
        "heavy": ("app.shop.cart.lines", 2, 1),
        "heavy.part": ("app.shop.cart.lines", 2, 1),
        "heavy.other": ("app.shop.cart.lines", 2, 1),
        "app.late": ("app.main", 9, 1),
        "flaky": ("app.late", 2, 1),
        "threaded": ("app.late", 5, 1),
        "named": ("app.main", 18, 1),
        "named.below": ("app.main", 18, 1),
        "one": ("app.main", 28, 2),
        "two": ("app.main", 29, 1),
        "app.last": ("app.main", 32, 1),
    }


def test_times_and_memory_add_up(bench: Workbench) -> None:
    for name, text in FILES.items():
        bench.write(name, text)
    runner = bench.runner('entrypoints = ["app.main"]')
    started = runner.observe(Target("s", TargetKind.ENTRYPOINT, "app.main"))
    bare = runner.observe(Target("s", TargetKind.BARE, ""))
    found = cost(started)
    assert sum(load.own_seconds for load in found.loads) < started.seconds
    assert all(0 <= load.own_seconds <= load.seconds for load in found.loads)
    assert cost(bare).modules == 0
    assert cost(bare).loads == ()
    held = found.memory - cost(bare).memory
    assert 64_000_000 <= held < 100_000_000
