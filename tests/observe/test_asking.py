from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from workbench import Workbench, run_by

from pytest_importcontract.observe.facts import Answer, Facts, Observation, OutcomeKind, Target
from pytest_importcontract.observe.observers import Observers
from pytest_importcontract.observe.questions import Question, Statement

START = ('entrypoints = ["main"]',)


class Asked:
    """A service that is asked; counts how often it was started."""

    def __init__(self, bench: Workbench, *lines: str, jobs: int = 1) -> None:
        self._runner = bench.runner(*(lines or START), jobs=jobs)
        (shipment,) = self._runner._shipments.values()
        self.observed: list[Target] = []
        self._observers = Observers(shipment, self, jobs)

    def prefetch(self, targets: Iterable[Target]) -> None:
        self._runner.prefetch(targets)

    def observe(self, target: Target) -> Observation:
        if target not in self.observed:
            self.observed.append(target)
        return self._runner.observe(target)

    @property
    def processes(self) -> list[str]:
        """What was started: bases, and what answered alone."""
        started = [t for t in self.observed if t.question is None or not t.forks]
        return [f"{t.kind} {t.text}".strip() + " alone" * (not t.forks) for t in started]

    def __call__(self, *questions: Question) -> tuple[Answer, ...]:
        return self._observers.asked(Facts(), questions).answers

    def one(self, imported: str, *names: str, **more) -> Answer:  # type: ignore[no-untyped-def]
        (answer,) = self(statement(imported, *names, **more))
        return answer


def statement(imported: str, *names: str, **more) -> Question:  # type: ignore[no-untyped-def]
    return Question(statements=(Statement(imported=imported, names=names, **more),))


def same(*symbols: str) -> Question:
    pairs = [symbol.partition(":") for symbol in symbols]
    return Question(symbols=tuple((module, attribute) for module, _, attribute in pairs))


def message(answer: Answer) -> str:
    assert answer.outcome.failure is not None, answer.outcome
    first = answer.outcome.failure.outermost
    return f"{first.type}: {first.message}"


def test_an_import_of_what_is_there(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("late.py", "X = 1")
    answer = Asked(bench).one("late", "X")
    assert answer.outcome.ok
    assert not answer.alone
    assert "late" in answer.loaded


def test_it_runs_in_what_startup_made(bench: Workbench) -> None:
    bench.write("main.py", "import registry; registry.ready = True")
    bench.write("registry.py", "ready = False")
    bench.write("late.py", "import registry\nassert registry.ready")
    asked = Asked(bench)
    assert asked.one("late").outcome.ok
    assert asked.processes == ["entrypoint main"]


def test_one_question_sees_nothing_of_another(bench: Workbench) -> None:
    bench.write("main.py", "import registry")
    bench.write("registry.py", "seen = []")
    for name in ("a", "b"):
        bench.write(f"{name}.py", "import registry\nassert not registry.seen\nregistry.seen += 'x'")
    answers = Asked(bench)(statement("a"), statement("b"), statement("a"))
    assert [answer.outcome.ok for answer in answers] == [True, True]


def test_the_failing_line_is_where_the_statement_stands(bench: Workbench) -> None:
    main = bench.write("main.py", "def work():\n    from other import thing\n")
    bench.write("other.py")
    answer = Asked(bench).one(
        "other", "thing", file=str(main), line=2, importer="main", function="work"
    )
    assert message(answer).startswith("ImportError: cannot import name 'thing' from 'other' (")
    assert answer.outcome.failure is not None
    (frame,) = answer.outcome.failure.outermost.frames
    assert (frame.place.file, frame.place.line) == (str(main), 2)
    assert (frame.function, frame.module, frame.first_party) == ("work", "main", True)
    assert answer.alone


def test_frames_go_on_into_what_it_imports(bench: Workbench) -> None:
    main = bench.write("main.py", "\n\nimport os\n")
    late = bench.write("pkg/late.py", "\nimport nowhere\n")
    bench.write("pkg/__init__.py")
    answer = Asked(bench).one("pkg.late", file=str(main), line=3)
    assert message(answer) == "ModuleNotFoundError: No module named 'nowhere'"
    assert answer.outcome.failure is not None
    places = [frame.place for frame in answer.outcome.failure.outermost.frames]
    assert [(place.file, place.line) for place in places] == [(str(main), 3), (str(late), 2)]
    assert [edge.imported for edge in answer.edges if edge.error] == ["nowhere", "pkg.late"]


def test_an_importer_that_fails_is_told_from_the_statement(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("broken.py", "1 / 0")
    bench.write("late.py")
    answer = Asked(bench).one("late", importer="broken", file="/broken.py", line=9)
    assert answer.outcome.failure is not None
    assert answer.outcome.failure.stage == "importer"


def test_a_submodule_taken_from_its_package(bench: Workbench) -> None:
    bench.write("main.py", "import pkg")
    bench.write("pkg/__init__.py")
    bench.write("pkg/sub.py", "import sys; sys.modules['main'].seen = 1")
    asked = Asked(bench)
    assert asked.one("pkg", "sub").outcome.ok
    assert not asked.one("pkg", "other").outcome.ok


def test_names_that_no_statement_could_name(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("versions/__init__.py")
    bench.write("versions/0001_first.py", "X = 1")
    asked = Asked(bench)
    assert asked.one("versions.0001_first").outcome.ok
    assert message(asked.one("versions.0002_next")) == (
        "ModuleNotFoundError: No module named 'versions.0002_next'"
    )


def test_a_star_takes_what_all_names(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("good.py", "__all__ = ['a']\na = 1")
    bench.write("bad.py", "__all__ = ['a']")
    asked = Asked(bench)
    assert asked.one("good", "*").outcome.ok
    assert message(asked.one("bad", "*")) == "AttributeError: module 'bad' has no attribute 'a'"


def test_several_statements_in_one_process(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("a.py", "import sys; sys.marked = True")
    bench.write("b.py", "import sys; sys.marked")
    both = Question(statements=(Statement(imported="a"), Statement(imported="b")))
    answers = Asked(bench)(both, statement("b"))
    assert [answer.outcome.ok for answer in answers] == [True, False]


# Objects


def test_one_object_under_two_names(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("home.py", "class Manager: pass\nEQUAL = (1, 2)")
    bench.write("door.py", "from home import Manager\nEQUAL = tuple([1, 2])")
    bench.write("copy.py", "class Manager: pass\nManager.__module__ = 'home'")
    (answer,) = Asked(bench)(
        same("home:Manager", "door:Manager", "copy:Manager", "home:EQUAL", "door:EQUAL")
    )
    identities = [found.identity for found in answer.found]
    assert identities == [1, 1, 3, 4, 5]
    assert [found.type for found in answer.found] == ["type", "type", "type", "tuple", "tuple"]
    assert answer.found[2].home == ("home", "Manager")
    assert answer.found[3].home == ("", "")


def test_a_symbol_that_is_not_there(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("home.py", "class Outer: inner = 1")
    (answer,) = Asked(bench)(same("home:Outer.inner", "home:Outer.other", "home:Outer"))
    assert answer.outcome.ok
    assert [found.identity for found in answer.found] == [1, 0, 2]
    missing = answer.found[1].missing
    assert missing is not None
    assert (missing.missing, missing.owner) == ("other", "Outer")


def test_a_symbol_whose_module_does_not_import(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("home.py", "X = 1")
    (answer,) = Asked(bench)(same("home:X", "nowhere:X"))
    assert message(answer) == "ModuleNotFoundError: No module named 'nowhere'"
    assert len(answer.found) == 1


# Where it is asked


def test_without_entrypoints_setup_comes_before(bench: Workbench) -> None:
    bench.write("conf.py", "ready = False\ndef setup():\n    global ready\n    ready = True")
    bench.write("late.py", "import conf\nassert conf.ready")
    asked = Asked(bench, 'runtime.setup = "conf:setup"')
    assert asked.one("late").outcome.ok
    assert asked.processes == ["nothing"]


def test_a_service_that_does_not_start_answers_all_the_same(bench: Workbench) -> None:
    bench.write("main.py", "import nowhere")
    bench.write("good.py")
    asked = Asked(bench)
    answers = asked(statement("good"), statement("nowhere"))
    assert [answer.outcome.ok for answer in answers] == [True, False]
    assert asked.processes == ["entrypoint main", "nothing", "nothing alone"]


def test_setup_that_fails_is_the_answer_to_everything(bench: Workbench) -> None:
    bench.write("conf.py", "def setup(): 1 / 0")
    asked = Asked(bench, 'runtime.setup = "conf:setup"')
    answers = asked(statement("os"), statement("json"))
    assert {message(answer) for answer in answers} == {"ZeroDivisionError: division by zero"}
    assert asked.processes == ["nothing"]


def test_each_entrypoint_is_asked_for_what_it_reaches(bench: Workbench) -> None:
    for name in ("web", "worker"):
        bench.write(f"{name}.py", f"import os, late_{name}\nos.environ['WHO'] = '{name}'")
        bench.write(f"late_{name}.py", "def f():\n    import who")
    bench.write("who.py", "import os; print(os.environ['WHO'])")
    asked = Asked(bench, 'entrypoints = ["web", "worker"]')
    questions = [
        statement("who", importer=f"late_{name}", file=f"/{name}") for name in ("web", "worker")
    ]
    assert all(answer.outcome.ok for answer in asked(*questions))
    assert asked.processes == ["entrypoint web", "entrypoint worker"]


def test_a_script_is_not_imported_again(bench: Workbench) -> None:
    script = bench.write("run.py", "print('started')\ndef f():\n    import late")
    bench.write("late.py")
    asked = Asked(bench, 'entrypoints = ["run.py"]')
    observation = asked.one("late", importer="run", file=str(script), line=3)
    assert observation.outcome.ok
    assert "run" not in observation.loaded


def test_many_questions_are_shared_out(bench: Workbench) -> None:
    bench.write("main.py")
    names = [f"late{number}" for number in range(101)]
    for name in names:
        bench.write(f"{name}.py")
    asked = Asked(bench, *START, jobs=2)
    answers = asked(*map(statement, names))
    assert all(answer.outcome.ok for answer in answers)
    assert [answer.question.statements[0].imported for answer in answers] == names


# Forks that fail


def test_equal_failures_are_confirmed_once(bench: Workbench) -> None:
    bench.write("main.py")
    asked = Asked(bench)
    answers = asked(*(statement("nowhere", name) for name in "abcd"))
    assert {message(answer) for answer in answers} == {
        "ModuleNotFoundError: No module named 'nowhere'"
    }
    assert asked.processes == ["entrypoint main", "entrypoint main alone"]


def test_what_only_a_fork_cannot_do_is_no_failure(bench: Workbench) -> None:
    bench.write("main.py", "import os\nPID = os.getpid()")
    late = "import main, os\nif os.getpid() != main.PID: raise ImportError('a fork')"
    for name in "ab":
        bench.write(f"{name}.py", late)
    answers = Asked(bench)(statement("a"), statement("b"))
    assert all(answer.outcome.ok for answer in answers)
    for answer in answers:
        assert answer.alone
        assert answer.beside is not None
        assert answer.beside.kind is OutcomeKind.FAILED


def test_a_lock_that_a_thread_holds(bench: Workbench) -> None:
    bench.write(
        "main.py",
        """
        import threading, time
        lock = threading.Lock()
        def hold():
            while True:
                with lock:
                    time.sleep(0.05)
        threading.Thread(target=hold, daemon=True).start()
        time.sleep(0.02)
        """,
    )
    for name in "abcd":
        bench.write(f"{name}.py", "import main\nmain.lock.acquire()")
    asked = Asked(bench, *START, "runtime.timeout = 2")
    answers = asked(*map(statement, "abcd"))
    assert all(answer.outcome.ok for answer in answers)


@pytest.mark.parametrize(
    ("source", "kind", "detail"),
    [
        ("import os; os._exit(0)", OutcomeKind.EXITED, "with status 0"),
        ("import sys; sys.exit(3)", OutcomeKind.EXITED, "with status 3"),
        ("import os; os.kill(os.getpid(), 11)", OutcomeKind.CRASHED, "with SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", OutcomeKind.KILLED, "by SIGKILL"),
        ("import time\nwhile True: time.sleep(1)", OutcomeKind.TIMED_OUT, "after 1 s"),
        ("import os\nif os.fork(): os._exit(0)", OutcomeKind.EXITED, "with status 0"),
    ],
)
def test_imports_that_end_the_process(
    bench: Workbench, source: str, kind: OutcomeKind, detail: str
) -> None:
    bench.write("main.py")
    bench.write("late.py", source)
    bench.write("good.py")
    answers = Asked(bench, *START, "runtime.timeout = 1")(
        statement("good"), statement("late"), statement("good", "__name__")
    )
    assert [answer.outcome.kind for answer in answers] == [
        OutcomeKind.LOADED,
        kind,
        OutcomeKind.LOADED,
    ]
    assert answers[1].outcome.detail == detail
    assert answers[1].alone


def test_where_a_hanging_import_stands(bench: Workbench) -> None:
    bench.write("main.py")
    late = bench.write("late.py", "import time\n\nwhile True: time.sleep(1)\n")
    answer = Asked(bench, *START, "runtime.timeout = 1").one("late", file="/r/doc.py", line=4)
    assert [(f.place.file, f.place.line) for f in answer.outcome.standing] == [
        ("/r/doc.py", 4),
        (str(late), 3),
    ]


def test_what_a_fork_starts_ends_with_it(bench: Workbench) -> None:
    bench.write("main.py")
    bench.write("late.py", "import os\nif not os.fork():\n    import time; time.sleep(600)")
    asked = Asked(bench)
    assert asked.one("late").outcome.ok


def test_a_service_that_waits_for_all_children(bench: Workbench) -> None:
    bench.write(
        "main.py",
        """
        import os, signal
        def reap(*_):
            try:
                while os.waitpid(-1, os.WNOHANG)[0]: pass
            except ChildProcessError: pass
        signal.signal(signal.SIGCHLD, reap)
        """,
    )
    bench.write("good.py")
    asked = Asked(bench)
    answers = asked(statement("good"), statement("nowhere"), statement("good", "__name__"))
    assert [answer.outcome.ok for answer in answers] == [True, False, True]


def test_a_service_that_replaces_what_forking_takes(bench: Workbench) -> None:
    bench.write(
        "main.py",
        """
        import os, time, select, gc
        for module, name in ((os, "fork"), (os, "waitpid"), (time, "sleep"), (select, "select"),
                             (os, "pipe"), (os, "kill"), (gc, "freeze"), (time, "monotonic")):
            setattr(module, name, None)
        """,
    )
    bench.write("good.py")
    asked = Asked(bench)
    assert asked.one("good").outcome.ok
    assert asked.processes == ["entrypoint main"]


def test_a_service_with_few_descriptors(bench: Workbench) -> None:
    bench.write("main.py", "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))")
    bench.write("good.py")
    assert Asked(bench).one("good").outcome.ok


def test_threads_and_warnings_as_errors(bench: Workbench, python: Path) -> None:
    bench.write(
        "main.py",
        """
        import threading, time, warnings
        warnings.simplefilter("error")
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        """,
    )
    bench.write(
        "late.py",
        """
        import warnings
        try:
            warnings.warn("old", DeprecationWarning)
        except DeprecationWarning:
            pass
        else:
            raise AssertionError
        """,
    )
    asked = Asked(bench, *START, run_by(python), 'runtime.env = { PYTHONWARNINGS = "error" }')
    answer = asked.one("late")
    assert answer.outcome.ok, answer.outcome
    assert asked.processes == ["entrypoint main"]


def test_every_python_answers(bench: Workbench, python: Path) -> None:
    main = bench.write("main.py", "def work():\n    from other import thing\n")
    bench.write("other.py")
    asked = Asked(bench, *START, run_by(python))
    answers = asked(
        statement("other", file=str(main), line=2),
        statement("other", "thing", file=str(main), line=2, function="work"),
        same("os:path", "posixpath:join", "os.path:join"),
    )
    assert [answer.outcome.ok for answer in answers] == [True, False, True]
    assert [found.identity for found in answers[2].found] == [1, 2, 2]
    assert answers[1].outcome.failure is not None
    (frame,) = answers[1].outcome.failure.outermost.frames
    assert (frame.place.line, frame.function) == (2, "work")


def test_what_is_loaded_needs_no_fork(bench: Workbench) -> None:
    bench.write("main.py", "import os, part\nos.register_at_fork(before=lambda: print('forked'))")
    bench.write("part.py", "here = 1")
    asked = Asked(bench)
    answers = asked(statement("part"), statement("part", "here"), statement("os.path", "join"))
    assert all(answer.outcome.ok for answer in answers)
    outputs = {target: asked.observe(target).stdout for target in asked.observed}
    assert "forked" not in "".join(outputs.values())
    assert message(asked.one("part", "gone")).startswith("ImportError: cannot import name 'gone'")
