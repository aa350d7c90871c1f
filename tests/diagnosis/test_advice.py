"""Fixes are possible, and leave nothing red that they do not mention."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]
RULES = """\
[services.backend]
entrypoints = ["app.main"]
allowed_roots = ["app"]

[services.backend.ships]
files = ["app/**", "shared/**"]

[[services.backend.integrations]]
name = "auth"
root = "auth"
through = ["app.door"]
"""
SHARED = """\
[services.backend]
entrypoints = ["app.main"]

[services.backend.ships]
files = ["app/**", "shared/**"]
"""


def test_the_package_is_in_a_folder_off_the_path(told: Told) -> None:
    files = {
        "app/main.py": "import shared.util\n",
        "shared/data.txt": "",
        "lib/shared/util.py": "",
    }
    assert (
        told(files, SHARED)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared.util'

  app/main.py:1   import shared.util

  cause  shared has no module util here: lib/shared/ is in this repository, but
         no entry of runtime.paths leads to it, and it does not ship
  fix    add "lib" to runtime.paths (contracts.toml:1) and "lib/shared/**" to
         ships.files (contracts.toml:5)
"""
    )


def test_a_package_that_comes_first_hides_one_off_the_path(told: Told) -> None:
    files = {
        "app/main.py": "import shared.util\n",
        "shared/__init__.py": "",
        "lib/shared/util.py": "",
    }
    assert (
        told(files, SHARED)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared.util'

  app/main.py:1   import shared.util

  cause  shared has no module util; a module of that name is lib.shared.util
         (lib/shared/util.py, does not ship)
  fix    import lib.shared.util, and ship it: add "lib/**" to ships.files
         (contracts.toml:5)
"""
    )


def test_what_ships_comes_before_what_does_not(told: Told) -> None:
    files = {
        "app/main.py": "import app.session\n",
        "aaa/__init__.py": "",
        "aaa/session.py": "",
        "shared/__init__.py": "",
        "shared/session.py": "",
    }
    assert (
        told(files, SHARED)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.session'

  app/main.py:1   import app.session

  cause  app has no module session; a module of that name is shared.session
         (shared/session.py)
  fix    import shared.session
"""
    )


def test_a_module_is_not_told_to_import_itself(told: Told) -> None:
    files = {
        "app/main.py": "from app import auth\n",
        "app/auth.py": "import app.core.auth\n",
        "app/core/__init__.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.core.auth'

  app/main.py:1   imports app.auth
  app/auth.py:1   import app.core.auth

  cause  app.core has no module auth
  fix    correct the name, or remove the import
"""
    )


def test_nor_is_one_that_is_alike(told: Told) -> None:
    files = {
        "app/main.py": "from app import plugin1\n",
        "app/plugin1.py": "import app.plugin2\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.plugin2'

  app/main.py:1      imports app.plugin1
  app/plugin1.py:1   import app.plugin2

  cause  app has no module plugin2
  fix    correct the name, or remove the import
"""
    )


def test_nor_to_take_from_itself_what_it_defines(told: Told) -> None:
    a = """\
        from app.b import Name

        class Name: ...
        """
    files = {
        "app/main.py": "from app import a\n",
        "app/a.py": a,
        "app/b.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'Name' from 'app.b' (app/b.py)

  app/main.py:1   imports app.a
  app/a.py:1      from app.b import Name

  cause  app.b (app/b.py) has no Name
  fix    define Name in app.b, or remove what asks for it
  see    app/a.py:3 defines Name
"""
    )


def test_a_module_behind_an_integration_is_not_advised(told: Told) -> None:
    files = {
        "app/door.py": "",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import app.session\n",
        "auth/session.py": "",
    }
    assert (
        told(files, RULES)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'app.session'

  app/main.py:1   import app.session

  cause  app has no module session; a module of that name is auth.session
         (auth/session.py, does not ship)
  fix    correct the name, or remove the import
"""
    )


def test_nor_is_a_name_from_there(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app"]

        [services.backend.ships]
        files = ["app/**", "shared/**", "auth/**"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth"
        through = ["app.door"]
        """
    files = {
        "app/door.py": "",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "from app.session import Session\n",
        "app/session.py": "",
        "auth/session.py": "Session = 1\n",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:6)

  ImportError: cannot import name 'Session' from 'app.session' (app/session.py)

  app/main.py:1   from app.session import Session

  cause  app.session (app/session.py) has no Session
  fix    define Session in app.session, or remove what asks for it
  see    auth/session.py:1 defines Session
"""
    )


def test_a_root_that_is_not_allowed_is_not_advised(told: Told) -> None:
    files = {
        "app/door.py": "",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import biling\n",
        "billing/__init__.py": "",
    }
    assert (
        told(files, RULES)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'biling'

  app/main.py:1   import biling

  cause  biling is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides biling, or remove the import
"""
    )


def test_an_allowed_root_that_does_not_ship(told: Told) -> None:
    files = {
        "app/door.py": "",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import billing\n",
        "billing/__init__.py": "",
    }
    assert (
        told(files, RULES, item="allowed_roots")
        == """
backend uses billing, which is no allowed root

  app/main.py:1   import billing  [eager, seen by both]

  cause  1 direct import of billing from outside allowed_roots
  rule   allowed_roots (contracts.toml:3): app
  fix    do not import it
         or add "billing" to allowed_roots (contracts.toml:3), and ship it: add
         "billing/**" to ships.files (contracts.toml:6)
"""
    )


def test_past_an_integration_to_what_ships_not(told: Told) -> None:
    files = {
        "app/door.py": "",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import auth\n",
    }
    assert (
        told(files, RULES, item="allowed_roots")
        == """
backend uses auth, which is no allowed root

  app/main.py:1   import auth  [eager, seen by both]

  cause  1 direct import of auth from outside allowed_roots
  rule   allowed_roots (contracts.toml:3): app
         integration "auth": auth is reached only through app.door
  fix    import it through app.door
         or add these modules to exempt of integration "auth"
         (contracts.toml:8), and ship it: add "auth/**" to ships.files
         (contracts.toml:6)
"""
    )


def test_a_door_that_needs_no_root(told: Told) -> None:
    files = {
        "app/door.py": "",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import auth\n",
    }
    assert (
        told(files, RULES)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'auth'

  app/main.py:1   import auth

  cause  auth/ is in this repository but ships.files (contracts.toml:6) does not
         bring it into the image
  rule   integration "auth": auth is reached only through app.door
  fix    import it through app.door
         or ship it: add "auth/**" to ships.files (contracts.toml:6), and add
         the modules that import it to exempt of integration "auth"
         (contracts.toml:8)
"""
    )


def test_a_door_that_needs_the_root(told: Told) -> None:
    files = {
        "app/door.py": "from auth import session\n",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import auth\n",
    }
    assert (
        told(files, RULES)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'auth'

  app/main.py:1   import auth

  cause  auth/ is in this repository but ships.files (contracts.toml:6) does not
         bring it into the image
  rule   integration "auth": auth is reached only through app.door
  fix    import it through app.door, and ship it: add "auth/**" to ships.files
         (contracts.toml:6)
         or ship it: add "auth/**" to ships.files (contracts.toml:6), and add
         the modules that import it to exempt of integration "auth"
         (contracts.toml:8)
"""
    )


def test_a_door_that_needs_it_by_a_relative_name(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app"]

        [services.backend.ships]
        files = ["app/**", "!app/auth.py", "shared/**"]

        [[services.backend.integrations]]
        name = "auth"
        root = "app.auth"
        through = ["app.door"]
        """
    files = {
        "app/door.py": "from . import auth\n",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import app.auth\n",
        "app/auth.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'app.auth'

  app/main.py:1   import app.auth

  cause  app/auth.py is in this repository but "!app/auth.py" (contracts.toml:6)
         takes it out of what ships
  rule   integration "auth": app.auth is reached only through app.door
  fix    import it through app.door, and narrow "!app/auth.py"
         (contracts.toml:6), so that app/auth.py ships
         or narrow "!app/auth.py" (contracts.toml:6), so that app/auth.py ships,
         and add the modules that import it to exempt of integration "auth"
         (contracts.toml:8)
"""
    )


def test_a_package_taken_out_by_a_pattern_and_not_allowed(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app"]

        [services.backend.ships]
        files = ["app/**", "shared/**", "leg*/**", "!legacy/**"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth"
        through = ["app.door"]
        """
    files = {
        "app/door.py": "",
        "auth/__init__.py": "",
        "shared/__init__.py": "",
        "app/main.py": "import legacy\n",
        "legacy/__init__.py": "",
        "legs/x.txt": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'legacy'

  app/main.py:1   import legacy

  cause  legacy/ is in this repository but "!legacy/**" (contracts.toml:6) takes
         it out of what ships
  rule   allowed_roots (contracts.toml:3): app
  fix    do not import legacy: it is no allowed root of backend
         or narrow "!legacy/**" (contracts.toml:6), so that legacy/ ships, and
         add "legacy" to allowed_roots (contracts.toml:3)
"""
    )
