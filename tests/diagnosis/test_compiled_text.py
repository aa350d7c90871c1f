"""Code that lies in no file, because the service compiles it itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_importcontract.checks.violation import Violation
from pytest_importcontract.diagnosis.diagnose import diagnose
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import ImportEdge, Place

Told = Callable[..., str]


def test_an_import_in_text_that_is_executed(told: Told) -> None:
    a = """\
        x = 1
        exec("import gone")
        """
    files = {
        "app/main.py": "from app import a\n",
        "app/a.py": a,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'gone'

  app/main.py:1   imports app.a
  app/a.py:2      exec("import gone")
  <string>:1      (text that is compiled and executed)

  cause  gone is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides gone, or remove the import
"""
    )


def test_text_whose_code_stands_elsewhere(told: Told) -> None:
    main = """\
        TEXT = "import gone"
        exec(TEXT, {})
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'gone'

  app/main.py:2   exec(TEXT, {})
  <string>:1      (text that is compiled and executed)

  cause  gone is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides gone, or remove the import
"""
    )


def test_text_on_the_way_to_an_import_that_fails(told: Told) -> None:
    files = {
        "app/main.py": 'exec("from app import a")\n',
        "app/a.py": "import gone\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'gone'

  app/main.py:1   exec("from app import a")
  <string>:1      imports app.a
  app/a.py:1      import gone

  cause  gone is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides gone, or remove the import
"""
    )


def test_an_error_in_text(told: Told) -> None:
    files = {
        "app/main.py": 'exec("1 / 0")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ZeroDivisionError: division by zero

  app/main.py:1   exec("1 / 0")
  <string>:1      (text that is compiled and executed)

  cause  app/main.py:1 raises ZeroDivisionError at import
"""
    )


def test_text_that_is_no_python(told: Told) -> None:
    files = {
        "app/main.py": 'exec("x = (")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  SyntaxError: '(' was never closed

  app/main.py:1   exec("x = (")
  <string>:1      x = (

  cause  Python 3.x cannot read the text that is compiled as <string>:1: '(' was
         never closed
"""
    )


def test_a_name_that_text_lacks(told: Told) -> None:
    files = {
        "app/main.py": 'exec("from app import nothing")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'nothing' from 'app' (app/__init__.py)

  app/main.py:1   exec("from app import nothing")
  <string>:1      (text that is compiled and executed)

  cause  app (app/__init__.py) has no nothing
  fix    define nothing in app, or remove what asks for it
"""
    )


def test_a_function_that_a_library_writes_is_no_step(told: Told) -> None:
    main = """\
        from dataclasses import dataclass

        @dataclass
        class Price:
            amount: int

            def __post_init__(self):
                raise ValueError("no price")

        Price(1)
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: no price

  app/main.py:10   calls __post_init__()
  app/main.py:8    raise ValueError("no price")

  cause  app/main.py:8 raises ValueError at import
"""
    )


def test_text_that_breaks_a_rule_shows_whose_it_is(
    scene: Callable[..., Scene], tmp_path: Path
) -> None:
    contract = '[services.backend]\nentrypoints = ["app.main"]\nallowed_roots = ["app"]\n'
    files = {"app/main.py": 'exec("import shared")\n', "shared.py": ""}
    edge = ImportEdge(importer="app.main", place=Place("<string>", 1), imported="shared")
    violation = Violation(check="allowed_roots", subject="", root="shared", edges=(edge,))
    (diagnosis,) = diagnose(scene(files, contract), violation)
    (hop,) = diagnosis.hops
    text = "imports shared  (in text that it executes)"
    assert hop == Hop(file=str(tmp_path / "app/main.py"), line=0, text=text)
