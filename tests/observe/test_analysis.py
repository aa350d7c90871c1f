"""What the source of many modules comes to as facts, read here or by another interpreter."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.facts import (
    Condition,
    Guard,
    ImportEdge,
    ImportKind,
    Observer,
    Origin,
    Place,
    SyntaxFault,
)
from pytest_importcontract.observe.sources import Analysis, Binding, ModuleSource, Unread
from pytest_importcontract.shipment.interpreter import Interpreter, describe
from pytest_importcontract.shipment.modules import modules_below

OWN = describe(Path(sys.executable))
SUFFIXES = (".so", ".py")


def origin(module: str) -> Origin:
    top = module.partition(".")[0]
    if top == "shop":
        return Origin.FIRST_PARTY
    return Origin.STANDARD_LIBRARY if top in OWN.names else Origin.THIRD_PARTY


def analysed(folder: Path, files: Mapping[str, str], **more: Any) -> Analysis:
    """What is read of the files, which messages call by their path in the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    modules = modules_below([folder], SUFFIXES).values()
    options = {"interpreter": OWN, "origin": origin, **more}

    def to_repository(path: str) -> str:
        return os.path.relpath(path, folder)

    return analyse(modules, to_repository=to_repository, **options)


def edge(importer: str, file: str, line: int, imported: str, **more: Any) -> ImportEdge:
    return ImportEdge(
        importer=importer,
        place=Place(file, line),
        imported=imported,
        observer=Observer.SOURCE,
        **more,
    )


def told(analysis: Analysis) -> list[str]:
    return [
        f"{e.place.file}:{e.place.line} {e.kind} {e.imported}({','.join(e.names)})"
        for e in analysis.edges
    ]


def fault(file: str, message: str) -> SyntaxFault:
    return SyntaxFault(place=Place(file, 0), column=0, text="", message=message)


def test_rows_become_edges(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "from . import cart, VERSION\n",
        "shop/cart.py": """\
            import json
            try:
                import redis
            except ImportError:
                redis = None
            def pay():
                from shop.bank import transfer
            """,
        "shop/bank.py": "",
    }
    analysis = analysed(tmp_path, files)
    assert analysis.edges == (
        edge(
            "shop", "shop/__init__.py", 1, "shop", names=("cart", "VERSION"), submodules=("cart",)
        ),
        edge("shop.cart", "shop/cart.py", 1, "json", origin=Origin.STANDARD_LIBRARY),
        edge(
            "shop.cart",
            "shop/cart.py",
            3,
            "redis",
            origin=Origin.THIRD_PARTY,
            guard=Guard.ANY_FAILURE,
        ),
        edge(
            "shop.cart",
            "shop/cart.py",
            7,
            "shop.bank",
            names=("transfer",),
            kind=ImportKind.DEFERRED,
            scope="pay",
        ),
    )
    assert analysis.unread == ()


def test_an_import_that_must_fail_carries_its_error(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"shop.py": "from . import a\n", "other.py": "import shop\n"})
    (_, failing) = analysis.edges
    assert (failing.imported, failing.names) == (".", ("a",))
    assert failing.error == "ImportError: attempted relative import with no known parent package"


def test_conditions_are_those_of_the_platform_that_is_given(tmp_path: Path) -> None:
    text = "import sys\nif sys.platform == 'win32':\n    import winreg\n"
    windows = {"platform": "win32", "os": "nt", "version": [3, 11, 0], "implementation": "cpython"}
    there = analysed(tmp_path, {"shop.py": text}, platform=windows).edges[1]
    here = analysed(tmp_path, {}, platform={**windows, "platform": "linux"}).edges[1]
    assert (there.kind, there.condition) == (ImportKind.EAGER, Condition.TRUE)
    assert (here.kind, here.condition) == (ImportKind.NEVER, Condition.FALSE)


def test_the_version_is_that_of_the_interpreter(tmp_path: Path) -> None:
    text = "import sys\nif sys.version_info >= (3, 11, 77):\n    import a\n"
    newer = dataclasses.replace(OWN, version=(*OWN.version[:2], 99))
    older = dataclasses.replace(OWN, version=(3, 11, 76))
    kinds = [
        analysed(tmp_path, {"shop.py": text}, interpreter=python).edges[1].kind
        for python in (newer, older)
    ]
    assert kinds == [ImportKind.EAGER, ImportKind.NEVER]


def test_strings_are_imports_where_they_name_modules(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/apps.py": "class ShopConfig: pass\n",
        "shop/settings.py": """\
            INSTALLED_APPS = ["shop", "shop.apps.ShopConfig", "shop.gone", "shop.nothing", "json"]
            HERE = "shop.settings"
            run("shop.apps:ShopConfig.x()", "shop.apps.Missing", "shop.apps", "a.b")
            """,
    }
    analysis = analysed(tmp_path, files, known={"shop.gone"})
    kind = ImportKind.BY_NAME
    file, module = "shop/settings.py", "shop.settings"
    assert sorted(analysis.edges, key=lambda e: (e.place, e.imported, e.names)) == [
        edge(module, file, 1, "shop", kind=kind, by_name="INSTALLED_APPS"),
        edge(
            module, file, 1, "shop.apps", kind=kind, names=("ShopConfig",), by_name="INSTALLED_APPS"
        ),
        edge(module, file, 1, "shop.gone", kind=kind, by_name="INSTALLED_APPS"),
        edge(module, file, 3, "shop.apps", kind=kind, by_name="run()"),
        edge(module, file, 3, "shop.apps", kind=kind, names=("ShopConfig",), by_name="run()"),
    ]


def test_what_modules_bind(tmp_path: Path) -> None:
    files = {
        "shop/names.py": """\
            import a.b as c, d.e
            from f import *
            import typing
            if typing.TYPE_CHECKING:
                from g import OnlyTyped
            __all__ = ["One"]
            __all__ += ["two"]
            __all__.append("three")
            class One: pass
            def two():
                global three
                three = local = 1
            if x:
                four: int = 1
                not_bound: int
            for five, (six, *seven) in y: pass
            with open(z) as eight: pass
            if (nine := 9): pass
            [ten for ten in [(eleven := 11)]]
            def gone(): pass
            del gone
            """,
        "shop/open.py": "from importlib import import_module\nimport_module(x)\n"
        "globals()['a'] = 1\n__all__ = names()\n",
    }
    modules = analysed(tmp_path, files).modules
    names, is_open = modules["shop.names"], modules["shop.open"]
    assert [(binding.name, binding.line, binding.how) for binding in names.bound] == [
        ("c", 1, "import"),
        ("d", 1, "import"),
        ("typing", 3, "import"),
        ("__all__", 6, "value"),
        ("One", 9, "class"),
        ("two", 10, "function"),
        ("three", 12, "value"),
        ("four", 14, "value"),
        ("five", 16, "value"),
        ("seven", 16, "value"),
        ("six", 16, "value"),
        ("eight", 17, "value"),
        ("nine", 18, "value"),
        ("eleven", 19, "value"),
    ]
    assert (names.is_open, names.exports, names.exports_are_all) == (
        False,
        ("One", "two", "three"),
        True,
    )
    assert is_open == ModuleSource(
        module="shop.open",
        file="shop/open.py",
        bound=(
            Binding(name="import_module", line=1, how="import"),
            Binding(name="__all__", line=4, how="value"),
        ),
        is_open=True,
        exports=(),
        exports_are_all=False,
        unknown=((Place("shop/open.py", 2), "importlib.import_module"),),
    )


def test_what_cannot_be_read_is_listed(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "import a\n",
        "shop/broken.py": "import b\nx = = 1\n",
        "shop/native.so": "",
        "shop/closed.py": "",
    }
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "zeros.py").write_bytes(b"import c\n\0\n")
    (tmp_path / "shop" / "letters.py").write_bytes(b"# coding: no-such\n")
    analysis = analysed(tmp_path, files)
    assert told(analysis) == ["shop/__init__.py:1 eager a()"]
    found = {unread.module: unread for unread in analysis.unread}
    assert found["shop.broken"] == Unread(
        module="shop.broken",
        fault=SyntaxFault(
            place=Place("shop/broken.py", 2), column=5, text="x = = 1", message="invalid syntax"
        ),
    )
    assert found["shop.native"] == Unread(
        module="shop.native", fault=fault("shop/native.so", "it has no source")
    )
    assert "null bytes" in found["shop.zeros"].fault.message
    assert "no-such" in found["shop.letters"].fault.message
    assert found.keys() == {"shop.broken", "shop.native", "shop.zeros", "shop.letters"}


def test_a_file_that_is_gone_is_listed(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("import a\n")
    modules = list(modules_below([tmp_path], SUFFIXES).values())
    (tmp_path / "shop.py").unlink()
    (unread,) = analyse(modules, OWN, origin).unread
    assert unread.fault == fault(str(tmp_path / "shop.py"), "No such file or directory")


# Other interpreters


def pythons(version: str) -> Interpreter:
    found = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    path = shutil.which(f"python{version}")
    if not found and not path:
        pytest.skip(f"no Python {version} here")
    return describe(found[-1] if found else Path(str(path)))


def other_version() -> str:
    return "3.12" if sys.version_info[:2] == (3, 13) else "3.13"


def test_the_interpreter_of_the_service_reads_its_own_language(tmp_path: Path) -> None:
    newest = pythons("3.13")
    text = "type X = int\ndef f[T = int]():\n    import a\n"
    analysis = analysed(tmp_path, {"shop.py": text}, interpreter=newest)
    assert told(analysis) == ["shop.py:3 deferred a()"]
    assert analysis.unread == ()


def test_what_the_service_cannot_read_is_listed_and_its_imports_are_known(tmp_path: Path) -> None:
    text = "match x:\n    case 1:\n        import a\n"
    files = {"shop.py": text, "fine.py": "import b\n", "broken.py": "import c\nx = = 1\n"}
    analysis = analysed(tmp_path, files, interpreter=pythons("3.8"))
    assert told(analysis) == ["fine.py:1 eager b()", "shop.py:3 conditional a()"]
    listed = [(u.module, u.fault.place.line, u.read_otherwise) for u in analysis.unread]
    assert listed == [("broken", 2, False), ("shop", 1, True)]


def test_many_files_are_read_by_processes_and_come_out_the_same(tmp_path: Path) -> None:
    files = {
        f"shop/m{n}.py": f"import a{n}\ndef f():\n    from . import m{n + 1}\n" for n in range(250)
    }
    by_processes = analysed(tmp_path, files)
    few = [m for m in modules_below([tmp_path], SUFFIXES).values() if m.name.startswith("shop.m1")]
    here = analyse(few, OWN, origin, to_repository=lambda path: os.path.relpath(path, tmp_path))
    assert len(by_processes.edges) == 500
    assert by_processes.modules.keys() == {f"shop.m{n}" for n in range(250)}
    of_few = {e for e in by_processes.edges if e.importer.startswith("shop.m1")}
    assert {(e.importer, e.place, e.imported, e.names, e.kind) for e in here.edges} == {
        (e.importer, e.place, e.imported, e.names, e.kind) for e in of_few
    }


def test_paths_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff\xe9 a\nb")
    analysis = analysed(folder, {"é.py": "import ü\n"}, interpreter=pythons(other_version()))
    assert told(analysis) == ["é.py:1 eager ü()"]


def standing_in(tmp_path: Path, script: str) -> Interpreter:
    """Another version's interpreter, with a script of ours in front of it."""
    real = pythons(other_version())
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script.format(python=real.executable)}\n", "utf-8")
    path.chmod(0o755)
    return dataclasses.replace(real, executable=path)


def test_a_file_that_ends_the_interpreter_costs_no_other(tmp_path: Path) -> None:
    python = standing_in(tmp_path, "sed '/killer/,$d' | '{python}' \"$@\"\nexit 9")
    names = ("a", "b", "killer", "m", "z")
    analysis = analysed(
        tmp_path / "code", {f"{n}.py": "import x\n" for n in names}, interpreter=python, jobs=1
    )
    assert told(analysis) == [f"{n}.py:1 eager x()" for n in names if n != "killer"]
    why = f"{python.label} ended with status 9 while reading it"
    assert analysis.unread == (Unread(module="killer", fault=fault("killer.py", why)),)


def test_an_interpreter_that_does_not_start_is_said_of_every_file(tmp_path: Path) -> None:
    python = dataclasses.replace(standing_in(tmp_path, ""), executable=tmp_path / "none")
    analysis = analysed(tmp_path / "code", {"a.py": "", "b.py": "", "c.py": ""}, interpreter=python)
    why = f"{python.label} does not start: No such file or directory"
    assert [unread.fault for unread in analysis.unread] == [
        fault(f"{name}.py", why) for name in "abc"
    ]
