from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence

import pytest
from workbench import Workbench, module_target

from pytest_importcontract.observe.facts import Observation, OutcomeKind, Target, TargetKind
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.observe.warm import Warm

START = 'entrypoints = ["main"]\nmodules = ["**"]'


class Watched(Runner):
    """A runner that tells what it was asked for."""

    ran: list[str]

    def observe(self, target: Target) -> Observation:
        self.ran.append(described(target))
        return super().observe(target)

    def prefetch(self, targets: Iterable[Target]) -> None:
        targets = list(targets)
        self.ran += map(described, targets)
        super().prefetch(targets)


def described(target: Target) -> str:
    if target.question is None:
        return f"{target.kind} {target.text}".strip()
    (statement,) = target.question.statements
    return f"{statement.imported} in {target.text or 'nothing'}"


class Service:
    def __init__(
        self, bench: Workbench, *lines: str, symbols: dict[Target, Sequence[str]] | None = None
    ) -> None:
        runner = bench.runner(*(lines or (START,)), symbols=symbols)
        runner.__class__ = Watched
        assert isinstance(runner, Watched)
        runner.ran = self._ran = []
        services = {name: shipment.service for name, shipment in runner._shipments.items()}
        self.warm = Warm(runner, services, symbols or {})

    def load(self, module: str) -> Observation:
        return self.warm.observe(module_target(module))

    @property
    def ran(self) -> list[str]:
        return list(dict.fromkeys(self._ran))


def test_what_startup_loaded_is_not_run(bench: Workbench) -> None:
    bench.write("main.py", "import part")
    bench.write("part.py")
    service = Service(bench)
    assert service.load("part").outcome.ok
    assert service.load("main").outcome.ok
    assert service.ran == ["entrypoint main"]


def test_what_startup_keeps_from_being_imported_is_not_loaded(bench: Workbench) -> None:
    bench.write("main.py", "import sys\nsys.modules['part'] = None")
    bench.write("part.py")
    seen = Service(bench).load("part")
    assert seen.outcome.ok  # alone
    assert seen.beside is not None
    assert seen.beside.said.startswith("ModuleNotFoundError: import of part halted")


def test_what_it_did_not_load_is_run_in_a_fork_of_it(bench: Workbench) -> None:
    bench.write("main.py", "import os; os.environ['STARTED'] = '1'")
    bench.write("late.py", "import os; print(os.environ['STARTED'])")
    service = Service(bench)
    observation = service.load("late")
    assert observation.outcome.ok
    assert observation.stdout == "1\n"
    assert "late" in observation.loaded
    assert service.ran == ["entrypoint main", "late in main"]


def test_output_belongs_to_the_module_that_made_it(bench: Workbench) -> None:
    bench.write("main.py", "print('main')")
    for name in "abc":
        bench.write(f"{name}.py", f"import os; print('{name}', flush=True); os.write(2, b'{name}')")
    service = Service(bench)
    seen = {name: service.load(name) for name in "abc"}
    assert {name: (o.stdout, o.stderr) for name, o in seen.items()} == {
        name: (f"{name}\n", name) for name in "abc"
    }


def test_what_fails_in_a_fork_is_run_alone(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("late.py", "import nowhere")
    service = Service(bench)
    observation = service.load("late")
    assert observation.outcome.kind is OutcomeKind.FAILED
    assert observation.beside is None
    assert observation.target == module_target("late")
    assert service.ran[-1] == "module late"


def test_a_circle_that_depends_on_who_comes_first(bench: Workbench) -> None:
    """`b` alone works: it is what imports `a`, whose import of it then finds a name."""
    bench.write("main.py", "import sys; sys.started = True")
    bench.write("late.py", "import sys\nif hasattr(sys, 'started'): raise ImportError('too late')")
    observation = Service(bench).load("late")
    assert observation.outcome.ok
    assert observation.beside is not None
    assert observation.beside.kind is OutcomeKind.FAILED


def test_the_same_end_in_a_fork_and_alone_is_no_matter_of_order(bench: Workbench) -> None:
    """Whatever it takes from the fork to tell its end: descriptors, modules, the program itself."""
    bench.write("main.py")
    bench.write("late/closes.py", "import os, time\nos.closerange(0, 999)\ntime.sleep(0.3)")
    bench.write("late/clears.py", "import sys\nsys.modules.clear()")
    bench.write(
        "late/becomes.py", "import os\nos.execv('/bin/sh', ['sh', '-c', 'sleep 0.3; exit 3'])"
    )
    service = Service(bench)
    seen = {name: service.load(f"late.{name}") for name in ("closes", "clears", "becomes")}
    assert {name: (each.outcome.kind, each.beside) for name, each in seen.items()} == {
        "closes": (OutcomeKind.LOADED, None),
        "clears": (OutcomeKind.FAILED, None),
        "becomes": (OutcomeKind.EXITED, None),
    }


def test_a_fork_has_one_deadline_also_when_it_can_tell_nothing(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("late.py", "import os, time\nos.closerange(0, 999)\ntime.sleep(60)")
    observation = Service(bench, START, "runtime.timeout = 1").load("late")
    assert (observation.outcome.kind, observation.beside) == (OutcomeKind.TIMED_OUT, None)


def test_alike_failures_are_confirmed_once(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("broken.py", "import nowhere")
    for name in "abc":
        bench.write(f"{name}.py", "import broken")
    service = Service(bench)
    for name in "abc":
        assert service.load(name).outcome.kind is OutcomeKind.FAILED
    assert [each for each in service.ran if each.startswith("module")] == ["module a"]


def test_an_equal_message_from_another_line_is_confirmed_by_itself(bench: Workbench) -> None:
    bench.write("main.py", "import os\nPID = os.getpid()")
    bench.write("a.py", "raise ImportError('no')")
    bench.write("b.py", "import main, os\nif os.getpid() != main.PID: raise ImportError('no')")
    service = Service(bench)
    assert not service.load("a").outcome.ok
    assert service.load("b").outcome.ok


def test_an_entrypoint_that_fails_takes_no_module_with_it(bench: Workbench) -> None:
    bench.write("main.py", "import good\nimport nowhere")
    bench.write("good.py")
    bench.write("also.py", "import good")
    service = Service(bench)
    assert service.load("good").outcome.ok
    assert service.load("also").outcome.ok
    assert not service.load("main").outcome.ok
    assert service.ran[1:3] == ["good in nothing", "also in nothing"]


def test_without_entrypoints_every_module_is_the_first(bench: Workbench) -> None:
    bench.write("a.py", "import sys; assert 'b' not in sys.modules")
    bench.write("b.py", "import sys; assert 'a' not in sys.modules")
    service = Service(bench, "")
    assert service.load("a").outcome.ok
    assert service.load("b").outcome.ok
    assert service.ran == ["nothing", "a in nothing", "b in nothing"]


def test_setup_comes_before_modules_also_where_an_entrypoint_starts(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("conf.py", "ready = False\ndef setup():\n    global ready\n    ready = True")
    bench.write("late.py", "import conf\nassert conf.ready")
    service = Service(bench, START, 'runtime.setup = "conf:setup"')
    assert service.load("late").outcome.ok
    assert service.ran == ["entrypoint main", "late in nothing"]


def test_setup_that_fails_is_told_for_each_module(bench: Workbench) -> None:
    bench.write("conf.py", "def setup(): 1 / 0")
    bench.write("late.py")
    observation = Service(bench, 'runtime.setup = "conf:setup"').load("late")
    assert observation.outcome.failure is not None
    assert observation.outcome.failure.stage == "setup"


def test_cold_services_fork_nothing(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("late.py")
    service = Service(bench, START, 'isolation = "cold"')
    assert service.load("late").outcome.ok
    assert service.load("main").outcome.ok
    assert service.ran == ["module late", "module main"]


def test_each_module_is_asked_of_the_entrypoint_of_its_package(bench: Workbench) -> None:
    for name in ("web", "worker"):
        bench.write(f"{name}/__init__.py")
        bench.write(f"{name}/app.py", f"import os; os.environ['WHO'] = '{name}'")
        bench.write(f"{name}/late.py", "import os; print(os.environ['WHO'])")
    service = Service(bench, 'entrypoints = ["web.app", "worker.app"]')
    assert service.load("web.late").stdout == "web\n"
    assert service.load("worker.late").stdout == "worker\n"


def test_of_several_entrypoints_one_that_starts_is_enough(bench: Workbench) -> None:
    bench.write("broken.py", "import nowhere")
    bench.write("main.py", "import part")
    bench.write("part.py")
    bench.write("late.py")
    service = Service(bench, 'entrypoints = ["broken", "main"]\nmodules = ["**"]')
    assert service.load("part").outcome.ok
    assert service.load("late").outcome.ok
    assert service.ran == ["entrypoint broken", "entrypoint main", "late in main"]


def test_symbols_are_looked_up(bench: Workbench) -> None:
    bench.write("main.py", "import part")
    bench.write("part.py", "here = 1")
    target = module_target("part")
    service = Service(bench, symbols={target: ["here", "gone"]})
    observation = service.load("part")
    assert observation.outcome.ok
    assert {symbol: lost.missing for symbol, lost in observation.missing.items()} == {
        "gone": "gone"
    }
    assert service.ran == ["entrypoint main", "part in main", "module part"]


def test_prefetched_modules_wait_for_startup(bench: Workbench) -> None:
    bench.write("main.py", "import part")
    bench.write("part.py")
    bench.write("late.py")
    bench.write("bad.py", "import nowhere")
    service = Service(bench)
    names = ("part", "late", "bad")
    service.warm.prefetch(map(module_target, names))
    assert [service.load(name).outcome.ok for name in names] == [True, True, False]
    assert service.ran[:3] == ["entrypoint main", "late in main", "bad in main"]
    assert set(service.ran[3:]) == {"module bad"}


@pytest.mark.parametrize("lines", [START, ""])
def test_what_a_fork_writes_is_no_news_to_others(bench: Workbench, lines: str) -> None:
    bench.write("main.py")
    for name in "abcdef":
        bench.write(
            f"pkg/{name}.py",
            """
            from pathlib import Path
            mark = Path(__file__).with_name("written.txt")
            assert not mark.exists()
            mark.write_text("x")
            """,
        )
    service = Service(bench, lines, 'ships.files = ["**/*.py"]')
    service.warm.prefetch(module_target(f"pkg.{name}") for name in "abcdef")
    observations = [service.load(f"pkg.{name}") for name in "abcdef"]
    assert [o.outcome.kind for o in observations] == [OutcomeKind.LOADED] * 6


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
    return number


def test_a_started_service_that_holds_a_port(bench: Workbench, port: int) -> None:
    bench.write("main.py", "import serve")
    bench.write("serve.py", f"import socket\nS = socket.create_server(('127.0.0.1', {port}))")
    bench.write("late.py", "import serve\nimport nowhere")
    observation = Service(bench).load("late")
    assert observation.outcome.failure is not None
    assert observation.outcome.failure.outermost.message == "No module named 'nowhere'"
    assert observation.beside is not None  # "Address already in use", which is no fault of late's


def test_a_service_that_can_only_be_started_once(bench: Workbench, port: int) -> None:
    bench.write("main.py", "import serve")
    bench.write("serve.py", f"import socket\nS = socket.create_server(('127.0.0.1', {port}))")
    names = [f"late{number}" for number in range(300)]
    for name in names:
        bench.write(f"{name}.py", "import serve, time; time.sleep(0.01)")
    runner = bench.runner(START, jobs=3)
    services = {name: shipment.service for name, shipment in runner._shipments.items()}
    warm = Warm(runner, services, {})
    warm.prefetch(map(module_target, names))
    assert {warm.observe(module_target(name)).outcome.kind for name in names} == {
        OutcomeKind.LOADED
    }


def test_kinds_of_targets_other_than_modules_pass_through(bench: Workbench) -> None:
    bench.write("main.py")
    service = Service(bench)
    assert service.warm.observe(Target("s", TargetKind.ENTRYPOINT, "main")).outcome.ok
    with pytest.raises(ValueError, match="no service is called 'other'"):
        service.warm.observe(Target("other", TargetKind.MODULE, "main"))
