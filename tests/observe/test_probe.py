"""What a service finds in its process, and what is seen of its imports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workbench import IN_ENV, VERSIONS, Workbench, module_target, outermost, run_by

from pytest_importcontract.observe.facts import (
    Frame,
    ImportEdge,
    ImportKind,
    Observation,
    Origin,
    OutcomeKind,
    Place,
)


def edge(observation: Observation, imported: str) -> ImportEdge:
    (found,) = (e for e in observation.edges if e.imported == imported)
    return found


# The process


def test_the_import_path_is_clean(bench: Workbench) -> None:
    path = json.loads(bench.said("import json, sys; print(json.dumps(sys.path))")[0])
    assert path[0] == str(bench.root)
    assert "" not in path
    assert not [entry for entry in path if "pytest_importcontract" in entry or "observe" in entry]
    assert [entry for entry in path if entry.endswith("site-packages")]


def test_the_main_module_is_clean(bench: Workbench) -> None:
    source = "import __main__\nprint(sorted(vars(__main__)))"
    names = bench.said(source)[0]
    assert "__file__" not in names
    assert "main" not in names.replace("__main__", "")


def test_arguments_of_a_module_are_those_of_a_command(bench: Workbench) -> None:
    assert bench.said("import sys; print(sys.argv)") == ["['-c']"]


def test_arguments_of_an_entrypoint_are_its_name(bench: Workbench) -> None:
    bench.write("app.py", "import sys; print(sys.argv)")
    assert bench.start("app").stdout == "['app']\n"


def test_what_site_adds_to_the_builtins_is_there(bench: Workbench) -> None:
    assert bench.said("exit, quit, help, copyright, credits, license\nprint(exit)") == [
        "Use exit() or Ctrl-D (i.e. EOF) to exit"
    ]


def test_modules_that_the_probe_loaded_do_not_count_unless_asked_for(bench: Workbench) -> None:
    loaded = bench.run("import json").loaded
    assert "json" in loaded
    assert "resource" not in loaded
    assert "faulthandler" not in loaded


def test_no_variable_of_the_caller_gets_in(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLERS_SECRET", "secret")
    source = """\
    import os, pathlib
    print(sorted(os.environ))
    print(pathlib.Path("/proc/self/environ").read_bytes())
    print(pathlib.Path(f"/proc/{os.getppid()}/cmdline").read_bytes())
    """
    names, raw, parent = bench.said(source)
    assert names == "['HOME', 'LANG', 'PATH', 'PYTHONPYCACHEPREFIX']"
    assert "CALLERS_SECRET" not in raw + parent


def test_home_is_a_private_folder(bench: Workbench, tmp_path: Path) -> None:
    bench.write("app.py", "import pathlib; h = pathlib.Path.home(); print(h, list(h.iterdir()))")
    bench.write("dirty.py", "import pathlib; (pathlib.Path.home() / 'x').touch()")
    runner = bench.runner()
    assert runner.observe(module_target("dirty")).outcome.ok
    home, _, inside = runner.observe(module_target("app")).stdout.strip().partition(" ")
    assert inside == "[]"
    assert home != str(Path.home())


def test_variables_to_pass_are_passed(bench: Workbench) -> None:
    bench.caller = {"TOKEN": "t", "OTHER": "o"}
    source = "import os; print(os.environ['TOKEN'], 'OTHER' in os.environ)"
    assert bench.said(source, 'runtime.pass_env = ["TOKEN"]') == ["t False"]


@pytest.mark.parametrize(
    ("variable", "expression", "value"),
    [
        ("PYTHONHASHSEED='0'", "sys.flags.hash_randomization", "0"),
        ("PYTHONOPTIMIZE='2'", "sys.flags.optimize, __debug__", "2 False"),
        ("PYTHONWARNINGS='error'", "sys.warnoptions", "['error']"),
        ("PYTHONUTF8='1'", "sys.flags.utf8_mode", "1"),
        ("PYTHONPATH='lib:/nowhere'", "[p for p in sys.path if 'nowhere' in p]", "['/nowhere']"),
        ("PYTHONPATH='lib'", "__import__('inlib').__name__", "inlib"),
        ("PYTHONINSPECT='1'", "os.environ['PYTHONINSPECT']", "1"),
    ],
)
def test_pythons_own_variables_take_effect(
    bench: Workbench, variable: str, expression: str, value: str
) -> None:
    bench.write("lib/inlib.py")
    source = f"import os, sys\nprint({expression})"
    assert bench.said(source, f"runtime.env.{variable}") == [value]


def test_nothing_is_left_to_read_from_standard_input(bench: Workbench) -> None:
    assert bench.said("import sys; print(repr(sys.stdin.read()))") == ["''"]


def test_compiled_copies_stay_out_of_the_repository(bench: Workbench) -> None:
    bench.write("other.py")
    source = """\
    import other, os, subprocess, sys
    subprocess.run([sys.executable, "-c", "import other"], check=True)
    subprocess.run([sys.executable, "-c", "import other"], env={**os.environ, "A": ""}, check=True)
    """
    bench.said(source)
    assert not list(bench.root.rglob("*.pyc"))


def test_a_copy_has_declared_variables_alone(bench: Workbench) -> None:
    source = "import os; print(sorted(os.environ))"
    assert bench.said(source, 'ships.files = ["app.py"]') == ["['HOME', 'LANG', 'PATH']"]


# Virtual environments and what site does there


def test_a_virtual_environments_prefix(bench: Workbench, site: Path) -> None:
    source = "import sys; print(sys.prefix, sys.exec_prefix, sys.base_prefix == sys.prefix)"
    env = bench.root / "env"
    assert bench.said(source, IN_ENV) == [f"{env} {env} False"]


def test_only_its_own_distributions_are_there(bench: Workbench, site: Path) -> None:
    (site / "mine.py").touch()
    assert bench.said("import mine", IN_ENV) == []
    assert outermost(bench.run("import pytest", IN_ENV)).name == "pytest"


def test_import_lines_run(bench: Workbench, site: Path) -> None:
    (site / "legacy-nspkg.pth").write_text("import sys; sys.legacy = 'ran'\n")
    (site / "broken.pth").write_text("import absent_module\n")
    (site / ".hidden.pth").write_text("import sys; sys.legacy = 'hidden'\n")
    assert bench.said("import sys; print(sys.legacy)", IN_ENV) == ["ran"]


def test_a_name_that_only_sounds_like_coverage_runs(bench: Workbench, site: Path) -> None:
    (site / "discovery.pth").write_text("import sys; sys.discovery = 'ran'\n")
    assert bench.said("import sys; print(sys.discovery)", IN_ENV) == ["ran"]


@pytest.mark.parametrize(
    "name",
    [
        "__editable__.thing-1.pth",
        "_virtualenv.pth",
        "a1_coverage.pth",
        "coverage.pth",
        "coverage_enable_subprocess.pth",
        "init_cov_core.pth",
        "pytest-cov.pth",
    ],
)
def test_tools_of_the_developers_machine_do_not_run(
    bench: Workbench, site: Path, name: str
) -> None:
    (site / name).write_text("import sys; sys.tool = 'ran'\n")
    assert bench.said("import sys; print(hasattr(sys, 'tool'))", IN_ENV) == ["False"]


@pytest.mark.parametrize(
    "name",
    [
        "distutils-precedence.pth",
        "my_editable_widgets.pth",
        "cov_core_users.pth",
        "virtualenvs.pth",
    ],
)
def test_names_that_only_sound_like_those_run(bench: Workbench, site: Path, name: str) -> None:
    (site / name).write_text("import sys; sys.tool = 'ran'\n")
    assert bench.said("import sys; print(hasattr(sys, 'tool'))", IN_ENV) == ["True"]


def test_editable_installs_do_not_run_whatever_they_are_called(
    bench: Workbench, site: Path
) -> None:
    (site / "thing.pth").write_text("import sys; sys.tool = 'ran'\n")
    info = site / "thing-1.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("thing.pth,,\n")
    (info / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}')
    assert bench.said("import sys; print(hasattr(sys, 'tool'))", IN_ENV) == ["False"]


def test_sitecustomize_runs(bench: Workbench, site: Path) -> None:
    (site / "sitecustomize.py").write_text("import sys; sys.customized = True")
    assert bench.said("import sys; print(sys.customized)", IN_ENV) == ["True"]


@pytest.mark.parametrize("fault", ["1 / 0", "import absent_module"])
def test_a_sitecustomize_that_fails_stops_nothing(bench: Workbench, site: Path, fault: str) -> None:
    (site / "sitecustomize.py").write_text(fault)
    observation = bench.run("", IN_ENV)
    assert observation.outcome.ok
    assert observation.stderr.startswith("Error in sitecustomize; ")


def test_code_of_an_environment_inside_the_repository_is_not_first_party(
    bench: Workbench, site: Path
) -> None:
    (site / "lib.py").write_text("import helper\nraise ValueError")
    bench.write("helper.py")
    observation = bench.run("import lib", IN_ENV)
    assert edge(observation, "lib").origin is Origin.THIRD_PARTY
    assert not edge(observation, "helper").importer_is_first_party
    assert [f.first_party for f in outermost(observation).frames] == [True, False]


def test_code_of_a_repository_inside_an_environment_is_first_party(
    bench: Workbench, environment: Path, tmp_path: Path
) -> None:
    shutil.copytree(environment, tmp_path / "prefix", symlinks=True)
    bench.root = tmp_path / "prefix" / "src" / "app"
    bench.root.mkdir(parents=True)
    source = "import time\ntime.sleep(60)"
    lines = (f'runtime.python = "{tmp_path}/prefix/bin/python"', "runtime.timeout = 0.5")
    outcome = bench.run(source, *lines).outcome
    assert outcome.standing == (
        Frame(place=Place(f"{bench.root}/app.py", 2), function="<module>", first_party=True),
    )


# What is started


def test_setup_runs_before_modules_and_not_before_entrypoints(bench: Workbench) -> None:
    bench.write("conf.py", "def setup(): print('set up')")
    bench.write("app.py", "print('app')")
    assert bench.load("app", 'runtime.setup = "conf:setup"').stdout == "set up\napp\n"
    assert bench.start("app", 'runtime.setup = "conf:setup"').stdout == "app\n"


def test_a_setup_that_fails_says_so(bench: Workbench) -> None:
    bench.write("conf.py", "def setup(): raise LookupError('no settings')")
    failure = bench.run("", 'runtime.setup = "conf:setup"').outcome.failure
    assert failure is not None
    assert (failure.stage, failure.outermost.type) == ("setup", "LookupError")


def test_an_entrypoints_attribute_is_looked_up(bench: Workbench) -> None:
    bench.write("app.py", "class web: server = 1")
    assert bench.start("app:web.server").outcome.ok


def test_an_entrypoints_attribute_that_is_missing(bench: Workbench) -> None:
    bench.write("app.py", "applicatoin = 1")
    observation = bench.start("app:application")
    assert observation.outcome.failure is not None
    assert observation.outcome.failure.stage == "attribute"
    missing = observation.missing["application"]
    assert (missing.missing, missing.owner) == ("application", "")
    assert "applicatoin" in missing.names


def test_a_factory_is_called(bench: Workbench) -> None:
    bench.write("app.py", "def create():\n    print('called')\n    raise OSError('no database')")
    observation = bench.start("app:create()")
    assert observation.stdout == "called\n"
    assert observation.outcome.failure is not None
    assert observation.outcome.failure.stage == "call"
    assert [frame.place.line for frame in outermost(observation).frames] == [3]
    assert bench.start("app:create").outcome.ok


def test_symbols_are_looked_up(bench: Workbench) -> None:
    bench.write(
        "app.py",
        """\
        class Outer:
            inner = 1
        def __getattr__(name):
            if name == "broken":
                raise RuntimeError("cannot say")
            raise AttributeError(name)
        """,
    )
    symbols = ["Outer.inner", "Outer.gone", "Gone", "broken"]
    missing = bench.load("app", symbols=symbols).missing
    assert set(missing) == {"Outer.gone", "Gone", "broken"}
    assert (missing["Outer.gone"].missing, missing["Outer.gone"].owner) == ("gone", "Outer")
    assert "inner" in missing["Outer.gone"].names
    assert "Outer" in missing["Gone"].names
    assert missing["Gone"].failure is None
    assert missing["broken"].failure is not None
    assert missing["broken"].failure.outermost.message == "cannot say"


def test_a_scripts_folder_comes_first_and_the_working_folder_not_at_all(bench: Workbench) -> None:
    bench.write("tools/run.py", "import sys, beside; print(sys.path[0], sys.argv, __file__)")
    bench.write("tools/beside.py")
    path = bench.root / "tools" / "run.py"
    assert bench.start("tools/run.py").stdout == f"{path.parent} ['{path}'] {path}\n"
    bench.write("tools/run.py", "import top")
    bench.write("top.py")
    assert outermost(bench.start("tools/run.py")).name == "top"
    assert bench.start("tools/run.py", 'runtime.paths = ["."]').outcome.ok


def test_staged_files_bear_their_names_in_the_repository(bench: Workbench) -> None:
    bench.write("app.py", "import gone, __file__")
    bench.write("gone.py")
    observation = bench.load("app", 'ships.files = ["app.py"]')
    assert outermost(observation).frames[0].place == Place(f"{bench.root}/app.py", 1)
    assert edge(observation, "gone").place.file == f"{bench.root}/app.py"


# Imports


def test_an_import_statement_is_an_edge(bench: Workbench) -> None:
    bench.write("pkg/__init__.py", "x = 1")
    bench.write("pkg/sub.py")
    observation = bench.run("import json\n\nfrom pkg import sub, x")
    assert edge(observation, "pkg") == ImportEdge(
        importer="app",
        place=Place(str(bench.root / "app.py"), 3),
        imported="pkg",
        names=("sub", "x"),
        submodules=("sub",),
    )
    assert edge(observation, "json").origin is Origin.STANDARD_LIBRARY


def test_an_import_inside_a_function_is_deferred(bench: Workbench) -> None:
    source = "def f():\n    import json\nf()\nclass C:\n    import csv"
    observation = bench.run(source)
    assert edge(observation, "json").kind is ImportKind.DEFERRED
    assert edge(observation, "csv").kind is ImportKind.EAGER


def test_relative_imports_are_resolved(bench: Workbench) -> None:
    bench.write("pkg/__init__.py", "from . import a\nfrom .sub import c")
    bench.write("pkg/a.py")
    bench.write("pkg/sub/__init__.py", "from ..a import *\nfrom . import c")
    bench.write("pkg/sub/c.py")
    edges = {(e.importer, e.imported, e.reached) for e in bench.load("pkg").edges}
    assert edges >= {
        ("pkg", "pkg", ("pkg.a",)),
        ("pkg", "pkg.sub", ("pkg.sub.c",)),
        ("pkg.sub", "pkg.a", ("pkg.a",)),
        ("pkg.sub", "pkg.sub", ("pkg.sub.c",)),
    }


def test_imports_by_name_are_edges(bench: Workbench) -> None:
    bench.write("pkg/__init__.py", "import importlib\nimportlib.import_module('.a', 'pkg')")
    bench.write("pkg/a.py")
    bench.write("b.py")
    observation = bench.run("import importlib\nimportlib.import_module(name='b')\nimport pkg")
    assert edge(observation, "b").importer == "app"
    assert edge(observation, "pkg.a").importer == "pkg"


def test_imports_by_name_fail_as_without_us(bench: Workbench) -> None:
    source = "import importlib\nimportlib.import_module('.a')"
    assert outermost(bench.run(source)).type == "TypeError"


def test_a_swallowed_failure_is_an_edge(bench: Workbench) -> None:
    source = "try:\n    import gone\nexcept ImportError:\n    pass\nimport json"
    observation = bench.run(source)
    assert observation.outcome.ok
    assert edge(observation, "gone").error == "ModuleNotFoundError: No module named 'gone'"
    assert edge(observation, "json").error == ""


def test_a_missing_name_is_a_failing_edge(bench: Workbench) -> None:
    bench.write("m.py", "near = 1")
    observation = bench.run("from m import neer")
    assert edge(observation, "m").error == "ImportError: cannot import name 'neer' from 'm'"
    link = outermost(observation)
    assert (link.name, link.path, link.initializing) == ("m", str(bench.root / "m.py"), False)
    assert "near" in link.names


def test_a_module_that_makes_up_names_is_not_accused(bench: Workbench) -> None:
    bench.write("m.py", "def __getattr__(name): return 1")
    observation = bench.run("from m import anything")
    assert observation.outcome.ok
    assert edge(observation, "m").error == ""


def test_a_circular_import_is_flagged(bench: Workbench) -> None:
    bench.write("a.py", "early = 1\nfrom b import y\nx = 1")
    bench.write("b.py", "from a import x\ny = 1")
    link = outermost(bench.load("a"))
    assert (link.name, link.initializing) == ("a", True)
    assert "early" in link.names
    assert [Path(frame.place.file).name for frame in link.frames] == ["a.py", "b.py"]


def test_third_party_code_that_imports_first_party_code_is_an_edge(
    bench: Workbench, site: Path
) -> None:
    (site / "framework.py").write_text("import json, importlib\nimportlib.import_module('plugin')")
    bench.write("plugin.py")
    observation = bench.run("import framework", IN_ENV)
    found = edge(observation, "plugin")
    assert (found.importer, found.importer_is_first_party) == ("framework", False)
    assert found.origin is Origin.FIRST_PARTY
    assert "json" not in {e.imported for e in observation.edges}


def test_the_chain_of_exceptions_is_kept(bench: Workbench) -> None:
    source = """\
    try:
        import gone
    except ImportError as error:
        raise RuntimeError("no backend") from error
    """
    failure = bench.run(source).outcome.failure
    assert failure is not None
    assert [(link.type, link.relation) for link in failure.links] == [
        ("RuntimeError", ""),
        ("ModuleNotFoundError", "cause"),
    ]
    assert failure.links[1].is_a("ImportError")


def test_the_members_of_a_group_are_told(bench: Workbench) -> None:
    backport = """\
    class BaseExceptionGroup(BaseException):
        def __init__(self, *members):
            self._exceptions = members

    raise BaseExceptionGroup(KeyError("x"), 3)
    """
    nested = 'raise ExceptionGroup("a", [ExceptionGroup("b", [KeyError("x")])])'
    (member,) = outermost(bench.run(backport)).members
    assert (member[0].type, member[0].key) == ("KeyError", "x")
    ((group,),) = outermost(bench.run(nested)).members
    assert [[link.key for link in links] for links in group.members] == [["x"]]


@pytest.mark.parametrize(
    ("source", "attribute", "value"),
    [
        ("import os; os.environ['DATABASE_URL']", "key", "DATABASE_URL"),
        ("open('settings.json')", "filename", "settings.json"),
        ("import gone.sub", "name", "gone"),
    ],
)
def test_what_an_exception_is_about(
    bench: Workbench, source: str, attribute: str, value: str
) -> None:
    assert getattr(outermost(bench.run(source)), attribute) == value


def test_where_a_file_is_no_python(bench: Workbench) -> None:
    bench.write("bad.py", "x = 1\ndef (:\n")
    fault = outermost(bench.run("import bad")).syntax
    assert fault is not None
    assert fault.place == Place(str(bench.root / "bad.py"), 2)
    assert fault.text.strip() == "def (:"


def test_an_exception_that_cannot_speak_is_described(bench: Workbench) -> None:
    source = "class E(Exception):\n    def __str__(self): raise E\nraise E"
    link = outermost(bench.run(source))
    assert (link.type, link.message) == ("app.E", "<its __str__ raises>")


def test_tracebacks_hide_our_frames(bench: Workbench) -> None:
    bench.write("pkg/__init__.py", "from . import a")
    bench.write("pkg/a.py", "import b")
    bench.write("b.py", "1 / 0")
    frames = outermost(bench.run("import pkg")).frames
    assert [Path(frame.place.file).name for frame in frames] == [
        "app.py",
        "__init__.py",
        "a.py",
        "b.py",
    ]


def test_a_printed_traceback_names_no_file_of_ours(bench: Workbench) -> None:
    bench.write("a.py", "import gone")
    source = "import traceback\ntry:\n    import a\nexcept ImportError:\n    traceback.print_exc()"
    path = bench.write("app.py", source)
    plain = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    ours = [line for line in bench.load("app").stderr.splitlines() if "importlib" not in line]
    assert ours == plain.stderr.splitlines()


def test_warnings_at_import_point_at_the_importer(bench: Workbench) -> None:
    bench.write("old.py", "import warnings\nwarnings.warn('old', UserWarning, stacklevel=2)")
    assert bench.run("\n\nimport old").stderr.startswith(f"{bench.root}/app.py:3: UserWarning: old")


# Every interpreter


def test_every_interpreter_sees_the_same(bench: Workbench, python: Path) -> None:
    bench.write("pkg/__init__.py", "from . import a\nfrom .a import gone")
    bench.write("pkg/a.py", "def f():\n    import csv\nf()\nhere = 1")
    bench.write("swallows.py", "try:\n    import gone\nexcept ImportError: pass\nprint(exit)")
    bench.write("exits.py", "import sys; sys.exit(3)")
    bench.write("dies.py", "import os; os.kill(os.getpid(), 9)")
    bench.write("bad.py", "def (:")
    runner = bench.runner(run_by(python), "runtime.timeout = 15", jobs=2)
    seen = {
        n: runner.observe(module_target(n)) for n in ("pkg", "swallows", "exits", "dies", "bad")
    }
    kinds = {name: observation.outcome.kind for name, observation in seen.items()}
    assert kinds == {
        "pkg": OutcomeKind.FAILED,
        "swallows": OutcomeKind.LOADED,
        "exits": OutcomeKind.EXITED,
        "dies": OutcomeKind.KILLED,
        "bad": OutcomeKind.FAILED,
    }
    assert outermost(seen["pkg"]).name == "pkg.a"
    assert "here" in outermost(seen["pkg"]).names
    assert [f.place.line for f in outermost(seen["pkg"]).frames] == [2]
    assert edge(seen["pkg"], "csv").kind is ImportKind.DEFERRED
    assert edge(seen["swallows"], "gone").error.startswith("ModuleNotFoundError")
    assert outermost(seen["bad"]).syntax is not None


@pytest.mark.parametrize("python", [VERSIONS[0], VERSIONS[-1]], indirect=True)
def test_the_oldest_and_the_newest_interpreter_say_where_they_hang(
    bench: Workbench, python: Path
) -> None:
    outcome = bench.run(
        "import time\ntime.sleep(60)", run_by(python), "runtime.timeout = 1"
    ).outcome
    assert outcome.kind is OutcomeKind.TIMED_OUT
    assert outcome.standing[-1].place == Place(f"{bench.root}/app.py", 2)


def test_text_that_is_executed_belongs_to_who_executes_it(bench: Workbench) -> None:
    """Text of that name that is not ours imported something first."""
    bench.write("shared.py")
    bench.write("other.py", "exec('import shared')")
    foreign = "exec('import json', {'__name__': 'collections'})"
    bench.write("app.py", f"import collections\n{foreign}\nimport other\n")
    edges = {e.importer: e for e in bench.load("app").edges if e.imported == "shared"}
    assert edges["other"].importer_is_first_party
