"""What took long begins first in the next run."""

from __future__ import annotations

from pathlib import Path

from workbench import Workbench, eventually, module_target

from pytest_importcontract.observe.durations import Durations
from pytest_importcontract.observe.facts import Target, TargetKind
from pytest_importcontract.observe.questions import Question, Statement
from pytest_importcontract.observe.source_cache import SourceCache

A, B, C, D = TARGETS = [*map(module_target, "abcd")]


def durations(folder: Path, root: str = "/r") -> Durations:
    return Durations(SourceCache(folder), {"s": Path(root)})


def in_main(name: str) -> Target:
    question = Question(statements=(Statement(imported=name),))
    return Target("s", TargetKind.ENTRYPOINT, "main", question)


def learnt(folder: Path, **seconds: float) -> None:
    one = durations(folder)
    for name, taken in seconds.items():
        one.learn(module_target(name), taken)
    one.keep()


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    assert durations(tmp_path).longest_first(TARGETS) == TARGETS


def test_what_took_long_comes_first_and_the_others_keep_their_order(tmp_path: Path) -> None:
    learnt(tmp_path, a=0.1, b=2.0, c=0.4, d=3.0)
    assert durations(tmp_path).longest_first(TARGETS) == [D, B, A, C]


def test_in_a_fork_it_is_the_same_module_but_not_the_same_entrypoint(tmp_path: Path) -> None:
    learnt(tmp_path, a=0.1, main=9.0, d=3.0)
    forks = [in_main("a"), Target("s", TargetKind.ENTRYPOINT, "main"), in_main("d")]
    assert durations(tmp_path).longest_first(forks) == [forks[2], *forks[:2]]


def test_what_is_quick_now_is_no_longer_long_and_what_did_not_run_is(tmp_path: Path) -> None:
    learnt(tmp_path, b=2.0, c=3.0, d=4.0)
    learnt(tmp_path, c=0.1, b=5.0)
    assert durations(tmp_path).longest_first(TARGETS) == [B, D, A, C]


def test_another_repository_has_times_of_its_own(tmp_path: Path) -> None:
    learnt(tmp_path, d=3.0)
    assert durations(tmp_path, "/other").longest_first(TARGETS) == TARGETS


def test_a_damaged_file_is_as_none_and_holds_again_later(tmp_path: Path) -> None:
    learnt(tmp_path, d=3.0)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"x" * 5000)
    assert durations(tmp_path).longest_first(TARGETS) == TARGETS
    learnt(tmp_path, d=3.0)
    assert durations(tmp_path).longest_first(TARGETS) == [D, A, B, C]


def test_a_second_run_begins_with_what_took_long_in_the_first(
    bench: Workbench, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    for name, seconds in (("a", 0), ("b", 0.6), ("c", 0), ("d", 1.1)):
        bench.write(
            f"{name}.py",
            f"import time\nwith open({str(log)!r}, 'a') as log: log.write('{name}')\n"
            f"time.sleep({seconds})",
        )
    began = []
    for _ in range(2):
        runner = bench.runner(durations=durations(tmp_path / "cache"))
        runner.prefetch(TARGETS)
        # Whoever observes a target urges it.
        assert eventually(lambda: log.exists() and len(log.read_text()) == len(TARGETS))
        assert all(runner.observe(target).outcome.ok for target in TARGETS)
        runner.close()
        began.append(log.read_text())
        log.unlink()
    assert began == ["abcd", "dbac"]
