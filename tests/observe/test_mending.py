"""No import sees what another did to the code."""

from __future__ import annotations

from workbench import Workbench, module_target

SHIPS = 'ships.files = ["app/**"]'
WRITES = "from pathlib import Path\nPath(__file__).with_name('victim.py').write_text('1/0')\n"
MAKES = "from pathlib import Path\nPath(__file__).with_name('missing.py').write_text('')\n"
SLEEPS = "import time\ntime.sleep(0.4)\n"


def test_a_rewritten_neighbour_is_whole_again(bench: Workbench) -> None:
    bench.write("app/first.py", WRITES)
    bench.write("app/victim.py")
    runner = bench.runner(SHIPS)
    assert runner.observe(module_target("app.first")).outcome.ok
    assert runner.observe(module_target("app.victim")).outcome.ok


def test_a_module_made_by_a_neighbour_is_missing_again(bench: Workbench) -> None:
    bench.write("app/first.py", MAKES)
    bench.write("app/needs.py", "import app.missing\n")
    runner = bench.runner(SHIPS)
    assert runner.observe(module_target("app.first")).outcome.ok
    assert not runner.observe(module_target("app.needs")).outcome.ok


def test_who_ran_beside_the_culprit_is_observed_once_more(bench: Workbench) -> None:
    runs = bench.root.parent / "runs"
    bench.write("app/first.py", f"import time\ntime.sleep(0.1)\n{WRITES}{SLEEPS}")
    bench.write(
        "app/beside.py", f"open({str(runs)!r}, 'a').write('x')\n{SLEEPS}import app.victim\n"
    )
    bench.write("app/victim.py")
    runner = bench.runner(SHIPS, jobs=2)
    runner.prefetch([module_target("app.first"), module_target("app.beside")])
    assert runner.observe(module_target("app.first")).outcome.ok
    assert runner.observe(module_target("app.beside")).outcome.ok
    assert runs.read_text() == "xx"
