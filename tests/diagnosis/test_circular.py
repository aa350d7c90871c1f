"""Circles of imports, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]


def after_the_error(text: str) -> str:
    """Without the error, which each Python words in its own way."""
    return f"\n{text.partition('  cause')[2]}"


def test_two_modules_that_wait_for_each_other(told: Told) -> None:
    a = """\
        from app.b import B

        class A: ...
        """
    b = """\
        from app.a import A

        class B: ...
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": b,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'A' from partially initialized module 'app.a'
  (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import A

  cause  circular import: app.a → app.b → app.a; app.a has not come to A yet
  fix    move A to a module that imports neither
         or import it inside the function that needs it
"""
    )


def test_three_modules_that_wait_for_each_other(told: Told) -> None:
    a = """\
        from app.b import B

        class A: ...
        """
    b = """\
        from app.c import C

        class B: ...
        """
    c = """\
        from app.a import A

        class C: ...
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": b,
        "app/c.py": c,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'A' from partially initialized module 'app.a'
  (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      imports app.c
  app/c.py:1      from app.a import A

  cause  circular import: app.a → app.b → app.c → app.a; app.a has not come to A
         yet
  fix    move A to a module that imports none of them
         or import it inside the function that needs it
"""
    )


def test_a_circle_through_a_package(told: Told) -> None:
    init = """\
        from app.core.db import Session

        DEBUG = True
        """
    db = """\
        from app.core import DEBUG

        class Session: ...
        """
    files = {
        "app/main.py": "from app.core import Session\n",
        "app/core/__init__.py": init,
        "app/core/db.py": db,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'DEBUG' from partially initialized module
  'app.core' (most likely due to a circular import) (app/core/__init__.py)

  app/main.py:1            imports app.core
  app/core/__init__.py:1   imports app.core.db
  app/core/db.py:1         from app.core import DEBUG

  cause  circular import: app.core → app.core.db → app.core; app.core has not
         come to DEBUG yet
  fix    move DEBUG to a module that imports neither
         or import it inside the function that needs it
"""
    )


def test_a_circle_by_attribute(told: Told) -> None:
    a = """\
        import app.b

        X = 1
        """
    b = """\
        import app.a

        print(app.a.X)
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": b,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  AttributeError: cannot access submodule 'a' of module 'app' (most likely due
  to a circular import)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:3      print(app.a.X)

  cause  circular import: app.a → app.b → app.a; app.a has not run yet
  fix    move what is needed to a module that imports neither
         or import it inside the function that needs it
"""
    )


def test_a_circle_by_attribute_of_an_alias(told: Told) -> None:
    a = """\
        import b

        X = 1
        """
    b = """\
        import a

        a.X
        """
    files = {
        "main.py": "import a\n",
        "a.py": a,
        "b.py": b,
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        after_the_error(told(files, contract))
        == """
  circular import: a → b → a; a has not come to X yet
  fix    move X to a module that imports neither
         or import it inside the function that needs it
"""
    )


def test_a_circle_inside_a_function(told: Told) -> None:
    a = """\
        from app import b

        X = 1
        """
    b = """\
        def load():
            from app.a import X

        load()
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": b,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'X' from partially initialized module 'app.a'
  (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:4      calls load()
  app/b.py:2      from app.a import X

  cause  circular import: app.a → app.b → app.a; app.a has not come to X yet
  fix    move X to a module that imports neither
         or import it inside the function that needs it
"""
    )


def test_no_circle_where_the_name_is_nowhere(told: Told) -> None:
    a = """\
        import app.b

        class A: ...
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": "from app.a import Nothing\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Nothing' from partially initialized module
  'app.a' (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import Nothing

  cause  app.a (app/a.py) has no Nothing
  fix    define Nothing in app.a, or remove what asks for it
"""
    )


def test_no_circle_where_the_name_is_nowhere_and_each_takes_it_from_the_other(told: Told) -> None:
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": "from app.b import Nothing\n",
        "app/b.py": "from app.a import Nothing\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Nothing' from partially initialized module
  'app.a' (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import Nothing

  cause  app.a (app/a.py) has no Nothing
  fix    define Nothing in app.a, or remove what asks for it
"""
    )


def test_no_circle_by_attribute_where_the_name_is_nowhere(told: Told) -> None:
    a = """\
        import b

        X = 1
        """
    b = """\
        import a

        a.Y
        """
    files = {
        "main.py": "import a\n",
        "a.py": a,
        "b.py": b,
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        after_the_error(told(files, contract))
        == """
  a (a.py) has no Y
  fix    define Y in a, or remove what asks for it
"""
    )


def test_no_circle_where_the_name_is_local_to_a_function(told: Told) -> None:
    a = """\
        import app.b

        def work(helper=None):
            helper = 1
            def inner(): ...
            return helper
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": "from app.a import helper\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'helper' from partially initialized module
  'app.a' (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import helper

  cause  app.a (app/a.py) has no helper
  fix    define helper in app.a, or remove what asks for it
"""
    )


def test_no_circle_where_the_name_is_a_method(told: Told) -> None:
    a = """\
        import app.b

        class A:
            helper = 1
            def helper2(self): ...
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": "from app.a import helper2\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'helper2' from partially initialized module
  'app.a' (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import helper2

  cause  app.a (app/a.py) has no helper2
  fix    define helper2 in app.a, or remove what asks for it
"""
    )


def test_no_circle_where_the_name_is_imported_for_typing_alone(told: Told) -> None:
    a = """\
        import app.b
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from app.c import C
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": "from app.a import C\n",
        "app/c.py": "class C: ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'C' from partially initialized module 'app.a'
  (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import C

  cause  app.a (app/a.py) has no C
  fix    import C from app.c
  see    app/c.py:1 defines C
"""
    )


def test_no_circle_where_the_name_is_declared_without_a_value(told: Told) -> None:
    a = """\
        import app.b

        limit: int
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": "from app.a import limit\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'limit' from partially initialized module
  'app.a' (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import limit

  cause  app.a (app/a.py) has no limit
  fix    define limit in app.a, or remove what asks for it
"""
    )


def test_no_circle_where_the_name_is_in_a_comprehension(told: Told) -> None:
    a = """\
        import app.b

        X = [item for item in ()]
        """
    files = {
        "app/main.py": "import app.a\n",
        "app/a.py": a,
        "app/b.py": "from app.a import item\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'item' from partially initialized module
  'app.a' (most likely due to a circular import) (app/a.py)

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:1      from app.a import item

  cause  app.a (app/a.py) has no item
  fix    define item in app.a, or remove what asks for it
"""
    )


def test_no_circle_where_a_package_takes_a_missing_submodule_from_itself(told: Told) -> None:
    files = {
        "app/main.py": "import app.core\n",
        "app/core/__init__.py": "from app.core import db\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'db' from partially initialized module
  'app.core' (most likely due to a circular import) (app/core/__init__.py)

  app/main.py:1            imports app.core
  app/core/__init__.py:1   from app.core import db

  cause  app.core (app/core/__init__.py) has no db
  fix    define db in app.core, or remove what asks for it
"""
    )


def test_no_circle_where_a_package_takes_a_missing_submodule_from_a_dot(told: Told) -> None:
    files = {
        "app/main.py": "import app.core\n",
        "app/core/__init__.py": "from . import db\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'db' from partially initialized module
  'app.core' (most likely due to a circular import) (app/core/__init__.py)

  app/main.py:1            imports app.core
  app/core/__init__.py:1   from . import db

  cause  app.core (app/core/__init__.py) has no db
  fix    define db in app.core, or remove what asks for it
"""
    )


def test_no_circle_where_a_package_takes_a_submodule_that_does_not_ship(told: Told) -> None:
    files = {
        "app/main.py": "import app.core\n",
        "app/core/__init__.py": "from . import db\n",
        "app/core/db.py": "",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["app/**", "!app/core/db.py"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  ImportError: cannot import name 'db' from partially initialized module
  'app.core' (most likely due to a circular import) (app/core/__init__.py)

  app/main.py:1            imports app.core
  app/core/__init__.py:1   from . import db

  cause  app/core/db.py is in this repository but "!app/core/db.py"
         (contracts.toml:3) takes it out of what ships
  fix    narrow "!app/core/db.py" (contracts.toml:3), so that app/core/db.py
         ships
"""
    )


def test_no_circle_where_somebody_else_says_so(told: Told) -> None:
    source = """\
        said = "cannot import name 'x' from partially initialized module 'app.main'"
        raise ImportError(f"{said} (most likely due to a circular import)")
        """
    files = {"app/main.py": source}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'x' from partially initialized module
  'app.main' (most likely due to a circular import)

  app/main.py:2
      raise ImportError(f"{said} (most likely due to a circular import)")

  cause  app.main (app/main.py) has no x
  fix    define x in app.main, or remove what asks for it
"""
    )
