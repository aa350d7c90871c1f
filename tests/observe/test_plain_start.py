"""A service finds its process as a plain start of its interpreter leaves it, on every version."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from workbench import IN_ENV, Workbench, outermost, run_by, verdict

PYTHON = Path(sys.executable)
# Measures how deep a function can go from where this is put.
DEPTH = """\
import sys
def depth():
    reached = 0
    def deeper():
        nonlocal reached
        reached += 1
        deeper()
    try:
        deeper()
    except RecursionError:
        pass
    return reached
"""
SETS_LIMITS = """\
sys.setrecursionlimit(300)
print(sys.getrecursionlimit(), depth())
import inner
sys.setrecursionlimit(2**31 - 1)
print(sys.getrecursionlimit())
for wrong in (0, -1, "1", 2**31, 1.5):
    try:
        sys.setrecursionlimit(wrong)
    except Exception as error:
        print(type(error).__name__, error)
"""


# What is loaded


def test_no_other_modules_are_loaded(bench: Workbench, python: Path) -> None:
    bench.write(
        "app.py",
        """\
        import sys
        names = [n for n in sys.modules if not n.startswith("encodings.")]
        print(sorted(names), sys.modules["site"].ENABLE_USER_SITE)
        """,
    )
    bench.write("run.py", "import app")
    assert verdict(bench.load("app", run_by(python))) == bench.plain(python, "run.py")


NAMES = [
    *("__future__", "_json", "ast", "collections", "dataclasses", "enum", "faulthandler"),
    *("fcntl", "functools", "importlib", "json", "keyword", "operator", "re", "resource", "types"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", ["class Mine: pass", "raise SystemError"])
def test_files_that_are_called_as_the_standard_library_are_those_that_are_read(
    bench: Workbench, name: str, body: str
) -> None:
    bench.write(f"{name}.py", body)
    bench.write("app.py", f"from {name} import Mine")
    assert verdict(bench.load("app")) == bench.plain(PYTHON, "-c", "import app")


def test_what_the_probe_had_loaded_can_be_loaded_again(bench: Workbench, python: Path) -> None:
    source = """\
    import faulthandler, importlib.util, json, re, types
    assert json.loads(json.dumps({"a": [1.5, None, "é"]})) == {"a": [1.5, None, "é"]}
    assert isinstance(json, types.ModuleType)
    assert importlib.import_module("json.decoder") is json.decoder
    assert not hasattr(re, "nothing") and re.compile("a", re.IGNORECASE).match("A")
    faulthandler.disable()
    faulthandler.enable()
    """
    assert bench.run(source, run_by(python)).outcome.ok


def test_the_standard_library_counts_as_loaded_when_it_is_asked_for(bench: Workbench) -> None:
    loaded = bench.run("import json, os").loaded
    assert {"json", "os"} <= loaded
    assert not {"site", "faulthandler", "io", "__future__"} & loaded


# The functions that imports go through


@pytest.mark.parametrize(
    "expression",
    [
        "pickle.loads(pickle.dumps(__import__)) is __import__",
        "pickle.loads(pickle.dumps(importlib.import_module)) is importlib.import_module",
        "(__import__.__module__, __import__.__qualname__) == ('builtins', '__import__')",
        "importlib.import_module.__module__ == 'importlib'",
        "__import__(name='json', globals=globals(), locals=None, fromlist=['x'], level=0)",
        "pickle.loads(pickle.dumps(sys.setrecursionlimit)) is sys.setrecursionlimit",
    ],
)
def test_replaced_functions_behave_as_the_originals(
    bench: Workbench, python: Path, expression: str
) -> None:
    source = f"import importlib, pickle, sys\nassert {expression}"
    assert bench.run(source, run_by(python)).outcome.ok


def test_whoever_walks_the_frames_sees_the_import_system(bench: Workbench, python: Path) -> None:
    bench.write(
        "lib.py",
        """\
        import sys
        frame = sys._getframe(1)
        names = []
        while frame.f_globals["__name__"] != "app":
            names.append((frame.f_globals["__name__"], frame.f_code.co_filename))
            frame = frame.f_back
        print(sorted(set(names)))
        """,
    )
    bench.write("app.py", "import lib")
    bench.write("run.py", "import app")
    assert verdict(bench.load("app", run_by(python))) == bench.plain(python, "run.py")


def test_imports_by_name_are_trimmed_from_tracebacks(bench: Workbench) -> None:
    bench.write("pkg/__init__.py")
    bench.write("pkg/b.py", "1 / 0")
    frames = outermost(bench.run("import importlib\n\nimportlib.import_module('pkg.b')")).frames
    assert [(Path(f.place.file).name, f.place.line) for f in frames] == [("app.py", 3), ("b.py", 1)]


# The recursion limit


def test_a_function_goes_exactly_as_deep_as_in_production(bench: Workbench, python: Path) -> None:
    source = f"{DEPTH}print(sys.getrecursionlimit(), depth())\ndef create(): print(depth())\n"
    bench.write("app.py", source)
    ours = verdict(bench.start("app:create()", run_by(python)))
    assert ours == bench.plain(python, "-c", "import app; app.create()")
    bench.write("run.py", source)
    assert verdict(bench.start("run.py", run_by(python))) == bench.plain(python, "run.py")


def test_a_limit_that_the_service_sets_holds_exactly(bench: Workbench, python: Path) -> None:
    bench.write("inner.py", f"{DEPTH}print(depth())\nsys.setrecursionlimit(250)\nprint(depth())\n")
    bench.write("app.py", DEPTH + SETS_LIMITS)
    assert verdict(bench.load("app", run_by(python))) == bench.plain(python, "-c", "import app")


@pytest.mark.parametrize("form", ["import m{}", "import importlib; importlib.import_module('m{}')"])
def test_nested_imports_go_as_deep_as_in_production(
    bench: Workbench, python: Path, form: str
) -> None:
    for number in range(200):
        bench.write(f"m{number}.py", f"print({number})\n{form.format(number + 1)}")
    bench.write("m200.py")
    ours = bench.load("m0", run_by(python)).stdout.split()
    plain = bench.plain(python, "-c", "import m0")[1].split()
    assert abs(len(ours) - len(plain)) <= 1
    assert len(plain) < 200


def test_the_depth_at_the_end_of_a_chain_is_that_of_production(
    bench: Workbench, python: Path
) -> None:
    bench.write("pkg/__init__.py")
    for number in range(60):
        form = "from pkg import m{}" if number % 2 else "from . import m{}"
        bench.write(f"pkg/m{number}.py", form.format(number + 1))
    bench.write("pkg/m60.py", f"{DEPTH}print(depth())")
    bench.write("app.py", "import pkg.m0")
    assert verdict(bench.load("app", run_by(python))) == bench.plain(python, "-c", "import app")


def test_chains_of_installed_code_go_as_deep(bench: Workbench, site: Path) -> None:
    (site / "pkg").mkdir()
    (site / "pkg" / "__init__.py").touch()
    for number in range(60):
        form = "from pkg import m{}" if number % 2 else "from . import m{}"
        (site / "pkg" / f"m{number}.py").write_text(form.format(number + 1))
    (site / "pkg" / "m60.py").write_text(f"{DEPTH}print(depth())")
    bench.write("app.py", "import pkg.m0")
    python = bench.root / "env" / "bin" / "python"
    assert verdict(bench.load("app", IN_ENV)) == bench.plain(python, "-c", "import app")
