"""What is told of imports that startup does not run."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]
HOLDS = "\nit holds\n"
SERVICE = """\
[services.backend]
entrypoints = ["app.main"]

[services.backend.ships]
files = ["app/**"]
"""


def later(told: Told, files: dict[str, str], contract: str = SERVICE) -> str:
    return told(files, contract, item="deferred_imports")


def test_a_module_that_does_not_ship(told: Told) -> None:
    files = {
        "auth/__init__.py": "",
        "auth/models.py": "User = 1\n",
        "app/main.py": "from app import views\n",
        "app/views.py": "def login():\n    from auth.models import User\n    return User\nlogin\n",
    }
    assert (
        later(told, files)
        == """
backend cannot import auth.models after startup with what ships
(contracts.toml:5)

  ModuleNotFoundError: No module named 'auth'

  app/main.py:1    imports app.views
  app/views.py:2   from auth.models import User  [deferred]

  cause  auth/ is in this repository but ships.files (contracts.toml:5) does not
         bring it into the image
  fix    ship it: add "auth/**" to ships.files (contracts.toml:5)
"""
    )


def test_a_symbol_that_is_not_there_and_where_else_it_is_wanted(told: Told) -> None:
    files = {
        "app/main.py": """\
            from app import store
            def first():
                from app.store import Store
            class View:
                def get(self):
                    from app.store import Store
            print(first, View)
            """,
        "app/store.py": "class Storage: pass\n",
    }
    assert (
        later(told, files)
        == """
backend cannot import Store from app.store after startup with what ships
(contracts.toml:5)

  ImportError: cannot import name 'Store' from 'app.store' (app/store.py)

  app/main.py:3   from app.store import Store  [deferred]

  and 1 more line has it:
  app/main.py:6   from app.store import Store  [deferred]

  cause  app.store (app/store.py) has no Store; it has Storage
  fix    did you mean Storage?
"""
    )


def test_a_failure_below_the_module_that_is_imported(told: Told) -> None:
    files = {
        "app/main.py": "def f():\n    import app.late\nf\n",
        "app/late.py": "from app import deeper\n",
        "app/deeper.py": "\n1 / 0\n",
    }
    assert (
        later(told, files)
        == """
backend cannot import app.late after startup with what ships (contracts.toml:5)

  ZeroDivisionError: division by zero

  app/main.py:2     import app.late  [deferred]
  app/late.py:1     imports app.deeper
  app/deeper.py:2   1 / 0

  cause  app/deeper.py:2 raises ZeroDivisionError at import
"""
    )


def test_imports_of_one_cause_are_told_together(told: Told) -> None:
    files = {
        "auth/__init__.py": "",
        "auth/a.py": "",
        "auth/b.py": "",
        "app/main.py": "import app.one, app.two\n",
        "app/one.py": "def f():\n    import auth.a\nf\n",
        "app/two.py": "def g():\n    import auth.b\ng\n",
    }
    assert (
        later(told, files)
        == """
backend cannot import auth.a after startup, and 1 more import fails with what
ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'auth'

  app/main.py:1   imports app.one
  app/one.py:2    import auth.a  [deferred]

  app/main.py:1   imports app.two
  app/two.py:2    import auth.b  [deferred]

  cause  auth/ is in this repository but ships.files (contracts.toml:5) does not
         bring it into the image
  fix    ship it: add "auth/**" to ships.files (contracts.toml:5)
"""
    )


def test_an_import_that_ends_the_process(told: Told) -> None:
    files = {
        "app/main.py": "def f():\n    import app.late\nf\n",
        "app/late.py": "import os\nos._exit(3)\n",
    }
    assert "exited with status 3 while importing app.late" in later(told, files)


def test_by_name(told: Told) -> None:
    files = {
        "app/main.py": """\
            import importlib
            def f():
                return importlib.import_module("app.gone")
            f
            """,
    }
    shown = later(told, files)
    assert "ModuleNotFoundError: No module named 'app.gone'" in shown
    assert 'return importlib.import_module("app.gone")' in shown


def test_what_is_no_failure(told: Told) -> None:
    main = """\
        import sys
        from typing import TYPE_CHECKING
        from app import late, registry
        import app.lazy
        registry.plugin = 1
        if TYPE_CHECKING:
            import nowhere.one
        if sys.platform == "win32":
            def w():
                import nowhere.two
        def started():
            from app.registry import plugin
            import app.late as alias, app.folder
            from app import folder as sub
            from app.folder import inner
            from app.lazy import anything
            try:
                import nowhere.three
            except ImportError:
                pass
            try:
                import nowhere.four
            except ModuleNotFoundError:
                pass
            if TYPE_CHECKING:
                import nowhere.five
        started
        def never_called():
            import nowhere.six
        """
    files = {
        "app/main.py": main,
        "app/late.py": "from app import registry\n",
        "app/registry.py": "",
        "app/folder/__init__.py": "",
        "app/folder/inner.py": "",
        "app/lazy.py": "def __getattr__(name):\n    return name\n",
        "app/tests/test_it.py": "def f():\n    import nowhere.seven\nf\n",
        "app/unreached.py": "def f():\n    import nowhere.eight\nf\n",
    }
    assert later(told, files) == HOLDS


def test_a_guard_for_missing_modules_is_none_for_missing_names(told: Told) -> None:
    main = """\
        from app import store
        def f():
            try:
                from app.store import Gone
            except ModuleNotFoundError:
                pass
        f
        """
    shown = later(told, {"app/main.py": main, "app/store.py": ""})
    assert "cannot import name 'Gone'" in shown


def test_a_circle_that_only_the_first_importer_meets(told: Told) -> None:
    """In the started service, both are there."""
    files = {
        "app/main.py": "import app.a\ndef f():\n    from app.b import B\nf\n",
        "app/a.py": "from app.b import B\nA = 1\n",
        "app/b.py": "import app.a\nB = 1\nassert app.a\n",
    }
    assert later(told, files) == HOLDS
