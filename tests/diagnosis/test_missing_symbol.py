from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Told = Callable[..., str]


def after_the_error(text: str) -> str:
    """Without the error, which each Python words in its own way."""
    return f"\n{text.partition('  cause')[2]}"


def test_a_renamed_symbol(told: Told) -> None:
    session = """\
        class SessionManager: ...
        class SessionStore: ...
        """
    files = {
        "app/main.py": "from app.session import SessionManger\n",
        "app/session.py": session,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'SessionManger' from 'app.session'
  (app/session.py)

  app/main.py:1   from app.session import SessionManger

  cause  app.session (app/session.py) has no SessionManger; it has
         SessionManager
  fix    did you mean SessionManager?
"""
    )


def test_a_symbol_that_moved(told: Told) -> None:
    manager = """\
        import os


        class SessionManager: ...
        """
    files = {
        "app/main.py": "from app.session import SessionManager\n",
        "app/session.py": "",
        "app/core/__init__.py": "",
        "app/core/manager.py": manager,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'SessionManager' from 'app.session'
  (app/session.py)

  app/main.py:1   from app.session import SessionManager

  cause  app.session (app/session.py) has no SessionManager
  fix    import SessionManager from app.core.manager
  see    app/core/manager.py:4 defines SessionManager
"""
    )


def test_a_symbol_that_is_defined_where_it_does_not_ship_too(told: Told) -> None:
    files = {
        "app/main.py": "from app.session import SessionManager\n",
        "app/session.py": "",
        "app/zeta.py": "class SessionManager: ...\n",
        "alpha/__init__.py": "",
        "alpha/manager.py": "class SessionManager: ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'SessionManager' from 'app.session'
  (app/session.py)

  app/main.py:1   from app.session import SessionManager

  cause  app.session (app/session.py) has no SessionManager
  fix    import SessionManager from app.zeta
  see    app/zeta.py:1 defines SessionManager
         alpha/manager.py:1 defines SessionManager (does not ship)
"""
    )


def test_a_symbol_that_is_defined_only_where_it_does_not_ship(told: Told) -> None:
    files = {
        "app/main.py": "from app.session import SessionManager\n",
        "app/session.py": "",
        "alpha/__init__.py": "",
        "alpha/manager.py": "class SessionManager: ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'SessionManager' from 'app.session'
  (app/session.py)

  app/main.py:1   from app.session import SessionManager

  cause  app.session (app/session.py) has no SessionManager
  fix    define SessionManager in app.session, or remove what asks for it
  see    alpha/manager.py:1 defines SessionManager (does not ship)
"""
    )


def test_a_symbol_that_is_nowhere(told: Told) -> None:
    files = {
        "app/main.py": "from app.session import Nothing\n",
        "app/session.py": "X = 1\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Nothing' from 'app.session' (app/session.py)

  app/main.py:1   from app.session import Nothing

  cause  app.session (app/session.py) has no Nothing
  fix    define Nothing in app.session, or remove what asks for it
"""
    )


def test_a_symbol_of_an_installed_package(told: Told, bare: Path) -> None:
    files = {
        "main.py": "from framework import Engine\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        runtime.python = ".venv/bin/python"
        """
    site = {"framework/__init__.py": "class Engines: ...\n"}
    assert (
        told(files, contract, venv=bare, site=site)
        == """
backend cannot start

  ImportError: cannot import name 'Engine' from 'framework'
  (.venv/lib/python3.x/site-packages/framework/__init__.py)

  main.py:1   from framework import Engine

  cause  framework (.venv/lib/python3.x/site-packages/framework/__init__.py) has
         no Engine; it has Engines
  fix    did you mean Engines?
"""
    )


def test_a_symbol_of_the_standard_library(told: Told) -> None:
    files = {
        "app/main.py": "from json import loadz\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'loadz' from 'json' (/python/json/__init__.py)

  app/main.py:1   from json import loadz

  cause  json (/python/json/__init__.py) has no loadz; it has load, loads
  fix    did you mean load?
"""
    )


def test_a_module_that_hides_the_standard_library(told: Told) -> None:
    files = {
        "main.py": "from colorsys import hls_to_rgb\n",
        "colorsys.py": "X = 1\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  ImportError: cannot import name 'hls_to_rgb' from 'colorsys' (colorsys.py)

  main.py:1   from colorsys import hls_to_rgb

  cause  colorsys.py hides the standard library's colorsys: it comes first on
         the import path
  fix    rename colorsys.py
"""
    )


def test_a_module_that_hides_the_standard_library_from_an_attribute(told: Told) -> None:
    main = """\
        import colorsys

        colorsys.hls_to_rgb(0, 0, 0)
        """
    files = {
        "main.py": main,
        "colorsys.py": "X = 1\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        after_the_error(told(files, contract))
        == """
  colorsys.py hides the standard library's colorsys: it comes first on
         the import path
  fix    rename colorsys.py
"""
    )


def test_a_module_that_hides_the_standard_library_from_itself(told: Told) -> None:
    colorsys = """\
        import colorsys

        colorsys.hls_to_rgb(0, 0, 0)
        """
    files = {
        "main.py": "import colorsys\n",
        "colorsys.py": colorsys,
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        after_the_error(told(files, contract))
        == """
  colorsys.py hides the standard library's colorsys: it comes first on
         the import path
  fix    rename colorsys.py
"""
    )


def test_a_module_that_only_bears_the_name_of_a_standard_module(told: Told) -> None:
    files = {
        "main.py": "from colorsys import paint\n",
        "colorsys.py": "X = 1\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  ImportError: cannot import name 'paint' from 'colorsys' (colorsys.py)

  main.py:1   from colorsys import paint

  cause  colorsys (colorsys.py) has no paint
  fix    define paint in colorsys, or remove what asks for it
"""
    )


def test_an_attribute_that_only_a_module_of_a_standard_name_could_have(told: Told) -> None:
    main = """\
        import colorsys

        colorsys.paint()
        """
    files = {
        "main.py": main,
        "colorsys.py": "X = 1\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        after_the_error(told(files, contract))
        == """
  colorsys (colorsys.py) has no paint
  fix    define paint in colorsys, or remove what asks for it
"""
    )


def test_a_module_that_hides_an_installed_package(told: Told, bare: Path) -> None:
    files = {
        "main.py": "from framework import Engine\n",
        "framework.py": "",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        runtime.python = ".venv/bin/python"
        """
    site = {"framework/__init__.py": "class Engine: ...\n"}
    assert (
        told(files, contract, venv=bare, site=site)
        == """
backend cannot start

  ImportError: cannot import name 'Engine' from 'framework' (framework.py)

  main.py:1   from framework import Engine

  cause  framework.py hides the installed framework: it comes first on the
         import path
  fix    rename framework.py
"""
    )


def test_a_module_that_nothing_has_imported(told: Told) -> None:
    main = """\
        import app

        app.database.connect()
        """
    files = {
        "app/main.py": main,
        "app/database.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  AttributeError: module 'app' has no attribute 'database'

  app/main.py:3   app.database.connect()

  cause  app.database is a module (app/database.py) that nothing has imported by
         then
  fix    import app.database
"""
    )


def test_a_module_of_the_standard_library_that_nothing_has_imported(told: Told) -> None:
    main = """\
        import xml

        xml.dom.minidom
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  AttributeError: module 'xml' has no attribute 'dom'

  app/main.py:3   xml.dom.minidom

  cause  xml.dom is a module that nothing has imported by then
  fix    import xml.dom
"""
    )


def test_an_attribute_that_a_module_of_ours_lacks(told: Told) -> None:
    main = """\
        from app import database

        database.connect()
        """
    files = {
        "app/main.py": main,
        "app/database.py": "",
        "app/core.py": "def connect(): ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  AttributeError: module 'app.database' has no attribute 'connect'

  app/main.py:3   database.connect()

  cause  app.database (app/database.py) has no connect
  fix    import connect from app.core
  see    app/core.py:1 defines connect
"""
    )


def test_an_attribute_of_an_object(told: Told) -> None:
    files = {
        "app/main.py": "(1).nothing\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  AttributeError: 'int' object has no attribute 'nothing'

  app/main.py:1   (1).nothing

  cause  app/main.py:1 raises AttributeError at import
"""
    )


def test_a_folder_without_init_in_place_of_a_package(told: Told) -> None:
    files = {
        "main.py": "from auth import User\n",
        "auth/__init__.py": "class User: ...\n",
        "auth/models.py": "",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        ships.files = ["main.py", "auth/models.py"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  ImportError: cannot import name 'User' from 'auth' (unknown location)

  main.py:1   from auth import User

  cause  auth/ has no __init__.py where the service runs, so auth is a namespace
         package without User
  fix    ship auth/__init__.py
"""
    )


def test_a_folder_without_init(told: Told) -> None:
    files = {
        "main.py": "from auth import User\n",
        "auth/models.py": "",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  ImportError: cannot import name 'User' from 'auth' (unknown location)

  main.py:1   from auth import User

  cause  auth/ has no __init__.py where the service runs, so auth is a namespace
         package without User
  fix    give it an __init__.py that has User, or remove the import
"""
    )


def test_a_module_level_getattr_that_refuses(told: Told) -> None:
    lazy = """\
        def __getattr__(name):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        """
    files = {
        "app/main.py": "from app.lazy import Missing\n",
        "app/lazy.py": lazy,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Missing' from 'app.lazy' (app/lazy.py)

  app/main.py:1   from app.lazy import Missing

  cause  app.lazy (app/lazy.py) has no Missing
  fix    define Missing in app.lazy, or remove what asks for it
"""
    )


def test_a_module_level_getattr_that_fails_itself(told: Told) -> None:
    lazy = """\
        def __getattr__(name):
            import shared
        """
    files = {
        "app/main.py": "from app.lazy import Missing\n",
        "app/lazy.py": lazy,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared'

  app/main.py:1   calls __getattr__()
  app/lazy.py:2   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_name_taken_from_what_is_no_module(told: Told) -> None:
    main = """\
        import sys

        sys.modules['app.fake'] = object()
        from app.fake import thing
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'thing' from '<unknown module name>' (unknown
  location)

  app/main.py:4   from app.fake import thing

  cause  what app.main takes thing from is no module and has no thing
"""
    )


def test_a_symbol_deleted_again(told: Told) -> None:
    session = """\
        class Session: ...
        del Session
        """
    files = {
        "app/main.py": "from app.session import Session\n",
        "app/session.py": session,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Session' from 'app.session' (app/session.py)

  app/main.py:1   from app.session import Session

  cause  app.session (app/session.py) has no Session
  fix    define Session in app.session, or remove what asks for it
  see    app/session.py:1 defines Session, but not when it ran here
"""
    )


def test_an_import_over_many_lines(told: Told) -> None:
    main = """\
        import os
        from app.session import (
            Session,  # the one
            Manager as M,
        )
        """
    files = {
        "app/main.py": main,
        "app/session.py": "class Session: ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Manager' from 'app.session' (app/session.py)

  app/main.py:2   from app.session import (Session, Manager as M)

  cause  app.session (app/session.py) has no Manager
  fix    define Manager in app.session, or remove what asks for it
"""
    )


def test_an_import_over_many_lines_by_backslash(told: Told) -> None:
    files = {
        "app/main.py": b"from app.session import Session, \\\n    Manager\n",
        "app/session.py": "class Session: ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Manager' from 'app.session' (app/session.py)

  app/main.py:1   from app.session import Session, Manager

  cause  app.session (app/session.py) has no Manager
  fix    define Manager in app.session, or remove what asks for it
"""
    )


def test_a_symbol_that_got_a_longer_name(told: Told) -> None:
    files = {
        "app/main.py": "from app.client import charge\n",
        "app/client.py": "def charge_card(): ...\n",
    }
    text = told(files)
    assert "app.client (app/client.py) has no charge; it has charge_card" in text
    assert "fix    did you mean charge_card?" in text
