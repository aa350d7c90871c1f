"""No import sees what another did to the code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from workbench import Workbench, module_target

from pytest_importcontract.observe.facts import OutcomeKind

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


LEAVES = "from pathlib import Path\nPath(__file__).with_name('flag').write_text('x')\n"
NEEDS = "from pathlib import Path\nPath(__file__).with_name('flag').read_text()\n"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_a_neighbour_left_is_not_found(bench: Workbench, jobs: int) -> None:
    bench.write("app/first.py", f"{LEAVES}{SLEEPS}")
    bench.write("app/needs.py", f"import time\ntime.sleep(0.2)\n{NEEDS}")
    bench.write("app/itself.py", f"{LEAVES}{NEEDS}")
    targets = [module_target(f"app.{name}") for name in ("first", "needs", "itself")]
    runner = bench.runner(SHIPS, jobs=jobs)
    runner.prefetch(targets)
    assert [runner.observe(target).outcome.ok for target in targets] == [True, False, True]


def test_a_neighbour_that_tidies_up_does_not_take_ours(bench: Workbench) -> None:
    bench.write("app/slow.py", f"{LEAVES}{SLEEPS}{NEEDS}")
    bench.write("app/quick.py", "import time\ntime.sleep(0.2)\n")
    targets = [module_target("app.slow"), module_target("app.quick")]
    runner = bench.runner(SHIPS, jobs=2)
    runner.prefetch(targets)
    assert all(runner.observe(target).outcome.ok for target in targets)


def test_an_unshipped_module_behind_a_link_is_missing_again(bench: Workbench) -> None:
    bench.write("app/core/__init__.py")
    bench.write("app/core/secret.py")
    bench.write("app/needs.py", "import app.core.secret\n")
    bench.write(
        "app/first.py",
        f"""\
        import os, shutil
        shutil.rmtree("app/core")
        os.symlink({str(bench.root / "app/core")!r}, "app/core")
        """,
    )
    runner = bench.runner('ships.files = ["app/**", "!app/core/secret.py"]')
    assert runner.observe(module_target("app.first")).outcome.ok
    assert not runner.observe(module_target("app.needs")).outcome.ok


def test_a_folder_that_became_a_file_is_a_folder_again(bench: Workbench) -> None:
    bench.write("app/first.py", "import shutil\nshutil.rmtree('app')\nopen('app', 'w').close()\n")
    bench.write("app/second.py")
    runner = bench.runner(SHIPS)
    assert runner.observe(module_target("app.first")).outcome.ok
    assert runner.observe(module_target("app.second")).outcome.ok


def test_a_tree_that_cannot_be_mended_is_an_observation(bench: Workbench) -> None:
    bench.write("app/log.txt", "old")
    bench.write("app/first.py", "open('app/log.txt', 'w').close()\n")
    bench.write("app/second.py")
    runner = bench.runner(SHIPS)
    (bench.root / "app/log.txt").unlink()
    why = (
        "the copy of what ships cannot be put right: No such file or directory: "
        f"{bench.root}/app/log.txt"
    )
    for name in ("app.first", "app.second"):
        outcome = runner.observe(module_target(name)).outcome
        assert (outcome.kind, outcome.detail) == (OutcomeKind.COULD_NOT_START, why)


@pytest.mark.parametrize("ships", ["", SHIPS])
def test_an_edit_that_keeps_size_and_time_is_what_runs(tmp_path: Path, ships: str) -> None:
    (tmp_path / "r").mkdir()
    bench = Workbench(tmp_path / "r", tmp_path / "cache", tmp_path / "cache" / "bytecode")
    for value in (1, 2, 1):
        path = bench.write("app/__init__.py", f"print({value})\n")
        os.utime(path, (1_000_000_000, 1_000_000_000))
        assert bench.load("app", ships).stdout == f"{value}\n"
        bench.clear()
