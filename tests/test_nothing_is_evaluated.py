"""Nothing that comes from a service, a repository or a cache is unpickled, evaluated or a shell's.

What runs in pytest reads JSON, TOML and text. Only scripts that run in the service's own process
load code, the service's, and what pytest itself wrote for them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_importcontract

PACKAGE = Path(pytest_importcontract.__file__).parent
IN_THE_SERVICE = {"observe/probe.py", "observe/health/python_start.py"}
# Modules whose loading runs what the bytes say, or that send pickles between processes.
LOADERS = {
    *("_pickle", "cloudpickle", "code", "codeop", "copyreg", "dbm", "dill", "jinja2", "joblib"),
    *("multiprocessing", "pickle", "runpy", "shelve", "yaml"),
}
BUILTINS = {"__import__", "compile", "eval", "exec"}
ATTRIBUTES = {
    *(("builtins", name) for name in BUILTINS),
    *(("marshal", name) for name in ("load", "loads")),
    *(("os", name) for name in ("popen", "system")),
    *(("subprocess", name) for name in ("getoutput", "getstatusoutput")),
    ("concurrent.futures", "ProcessPoolExecutor"),
}
STARTS = {"Popen", "call", "check_call", "check_output", "run"}


def found(source: str) -> Iterator[str]:
    """What in a source could run what it is given."""
    names: dict[str, str] = {}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    names[alias.asname or alias.name] = alias.name
                    if alias.name.partition(".")[0] in LOADERS:
                        yield alias.name
            case ast.ImportFrom(module=str(module)):
                if module.partition(".")[0] in LOADERS:
                    yield module
                for alias in node.names:
                    if (module, alias.name) in ATTRIBUTES:
                        yield f"{module}.{alias.name}"
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in BUILTINS:
                yield name
            case ast.Attribute(value=place, attr=name):
                module = names.get(ast.unparse(place), ast.unparse(place))
                if (module, name) in ATTRIBUTES:
                    yield f"{module}.{name}"
            case ast.Call(keywords=given) if ast.unparse(node.func).split(".")[-1] in STARTS:
                shells = [each.value for each in given if each.arg == "shell"]
                yield from ("shell" for value in shells if ast.unparse(value) != "False")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pickle", ["pickle"]),
        ("def f():\n    from pickle import loads as parse", ["pickle"]),
        ("import multiprocessing.connection as m", ["multiprocessing.connection"]),
        ("read = eval", ["eval"]),
        ("import builtins as b\nb.exec(x)", ["builtins.exec"]),
        ("import marshal as m\nm.loads(x)", ["marshal.loads"]),
        ("from marshal import loads", ["marshal.loads"]),
        ("import os\nos.system(x)", ["os.system"]),
        ("import subprocess\nsubprocess.run(x, shell=wanted)", ["shell"]),
        ("import concurrent.futures\nconcurrent.futures.ProcessPoolExecutor", [None]),
        ("import ast, json, re\nast.literal_eval(x)\njson.loads(x)\nre.compile(x)", []),
    ],
)
def test_the_search_finds_them(source: str, expected: list[str | None]) -> None:
    assert [*found(source)] == [
        each or "concurrent.futures.ProcessPoolExecutor" for each in expected
    ]


def test_what_runs_in_pytest_has_none_of_them() -> None:
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    assert files.keys() > IN_THE_SERVICE
    using = {name: [*found(path.read_text("utf-8"))] for name, path in files.items()}
    assert {name: uses for name, uses in using.items() if uses and name not in IN_THE_SERVICE} == {}
    assert {use for name in IN_THE_SERVICE for use in using[name]} == {
        "builtins.__import__",
        "compile",
        "exec",
        "marshal.loads",
    }
