from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.diagnosis.bindings import imported_by, may_have
from pytest_importcontract.shipment.catalog import Catalog
from pytest_importcontract.shipment.interpreter import describe
from pytest_importcontract.shipment.modules import modules_below

BINDING = [
    "X = 1",
    "X: int = 1",
    "X += 1",
    "a, (b, *X) = VALUES",
    "class X: ...",
    "def X(): ...",
    "async def X(): ...",
    "import X",
    "import X.y",
    "import json as X",
    "from json import X",
    "from json import loads as X",
    "from json import *",
    "for X in (): pass",
    "with open('f') as X: pass",
    "if (X := 1): pass",
    "Y = [X := y for y in ()]",
    "print(X := 1)",
    "try:\n    X = 1\nexcept ValueError:\n    pass",
    "try:\n    pass\nexcept ImportError:\n    X = None",
    "try:\n    pass\nfinally:\n    X = None",
    "if VERSION > 3:\n    X = 1",
    "if TYPE_CHECKING:\n    pass\nelse:\n    X = 1",
    "while True:\n    X = 1",
    "match V:\n    case [X, *_]: pass",
    "match V:\n    case [*X]: pass",
    "match V:\n    case {**X}: pass",
    "match V:\n    case int() as X: pass",
    "def f():\n    global X\n    X = 1",
    "globals()['X'] = 1",
    "globals().update(VALUES)",
    "setattr(sys.modules[__name__], 'X', 1)",
    "exec('X = 1')",
    "def __getattr__(name): ...",
    "this is no python",
]
NOT_BINDING = [
    "",
    "Y = X",
    "X",
    "X: int",
    "X.y = 1",
    "X['y'] = 1",
    "'X = 1'",
    "# X = 1",
    "import y.X",
    "from json import X as Y",
    "def f():\n    X = 1",
    "def f(X): ...",
    "f = lambda X: X",
    "class C:\n    X = 1",
    "class C:\n    def X(self): ...",
    "class C:\n    def __getattr__(self, name): ...",
    "def f():\n    def __getattr__(name): ...",
    "Y = [X for X in ()]",
    "Y = {X: 1 for X in ()}",
    "if TYPE_CHECKING:\n    from json import X",
    "if typing.TYPE_CHECKING:\n    X = 1",
]


def catalog(root: Path, **sources: str) -> Catalog:
    for name, source in sources.items():
        path = root / f"{name.replace('__', '/')}.py"
        path = path.parent / "__init__.py" if path.name == "init.py" else path
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(source))
    interpreter = describe(Path(sys.executable))
    modules = modules_below([root], interpreter.suffixes)
    return Catalog(root, [root], modules, interpreter, interpreter.sites)


@pytest.mark.parametrize("source", BINDING)
def test_what_binds_a_name(tmp_path: Path, source: str) -> None:
    assert may_have(catalog(tmp_path, m=source), "m", "X")


@pytest.mark.parametrize("source", NOT_BINDING)
def test_what_does_not(tmp_path: Path, source: str) -> None:
    assert not may_have(catalog(tmp_path, m=source), "m", "X")


def test_a_module_that_is_not_there_could_have_anything(tmp_path: Path) -> None:
    assert may_have(catalog(tmp_path), "gone", "X")


def test_a_submodule_is_a_name_of_its_package(tmp_path: Path) -> None:
    known = catalog(tmp_path, app__init="", app__X="")
    assert may_have(known, "app", "X")
    assert not may_have(known, "app", "Y")


@pytest.mark.parametrize(
    "statement", ["from b import X", "from b import *", "from b import Y as X"]
)
def test_an_import_binds_what_the_other_module_has(tmp_path: Path, statement: str) -> None:
    assert may_have(catalog(tmp_path, a=statement, b="X = Y = 1"), "a", "X")
    assert not may_have(catalog(tmp_path, a=statement, b="Z = 1"), "a", "X")


@pytest.mark.parametrize(
    "statement", ["from .b import X", "from . import X", "from app.b import X"]
)
def test_relative_imports_are_resolved(tmp_path: Path, statement: str) -> None:
    known = catalog(tmp_path, app__init="from app.b import X", app__a=statement, app__b="X = 1")
    assert may_have(known, "app.a", "X")
    known = catalog(tmp_path, app__b="")
    assert not may_have(known, "app.a", "X")


def test_two_modules_that_take_a_name_from_each_other_do_not_have_it(tmp_path: Path) -> None:
    known = catalog(tmp_path, a="from b import X", b="from a import X")
    assert not may_have(known, "a", "X")
    assert not may_have(known, "b", "X")


def test_a_package_cannot_take_a_name_from_itself(tmp_path: Path) -> None:
    assert not may_have(catalog(tmp_path, app__init="from . import X"), "app", "X")


def test_code_of_others_takes_its_names_from_code_that_is_not_ours(tmp_path: Path) -> None:
    site = tmp_path / "site"
    known = catalog(tmp_path, json__init="", json__decoder="")
    foreign = Catalog(
        tmp_path,
        [tmp_path],
        known.shipped,
        known.interpreter,
        (str(site),),
    )
    path = site / "json" / "__init__.py"
    path.parent.mkdir(parents=True)
    path.write_text("from json.decoder import X\n")
    assert may_have(foreign, "json", "X", path)
    path.write_text("from json.decoder import Y\n")
    assert not may_have(foreign, "json", "X", path)


def test_a_file_that_cannot_be_read_could_have_anything(tmp_path: Path) -> None:
    assert may_have(catalog(tmp_path, app="Y = 1"), "app", "X", Path("/nowhere.py"))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import json.decoder, b as c", {"json.decoder", "b"}),
        ("from json import loads", {"json", "json.loads"}),
        ("from . import b", {"app", "app.b"}),
        ("from .b import X", {"app.b", "app.b.X"}),
        ("try:\n    import b\nexcept ImportError:\n    b = None", {"b"}),
        ("if TYPE_CHECKING:\n    import b", set()),
        ("def f():\n    import b", set()),
        ("this is no python", set()),
    ],
)
def test_what_a_module_imports_when_it_runs(tmp_path: Path, source: str, names: set[str]) -> None:
    assert imported_by(catalog(tmp_path, app__init="", app__a=source), "app.a") == names
