from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]


def test_no_allowed_root(told: Told) -> None:
    main = """\
        import auth
        from shared import models, db

        def later():
            from auth.models import (
                User,
            )

        later()
        """
    files = {
        "shared/__init__.py": "",
        "shared/models.py": "",
        "shared/db.py": "X = 1\n",
        "auth/__init__.py": "",
        "auth/models.py": "User = 1\n",
        "app/door.py": "",
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app", "shared.models"]
        """
    assert (
        told(files, contract, item="allowed_roots")
        == """
backend uses auth, which is no allowed root

  app/main.py:1   import auth  [eager, seen by both]
  app/main.py:5   from auth.models import (User)  [deferred, seen by both]

  cause  2 direct imports of auth from outside allowed_roots
  rule   allowed_roots (contracts.toml:3): app, shared.models
  fix    do not import it
         or add "auth" to allowed_roots (contracts.toml:3)

backend uses shared.db, which is no allowed root

  app/main.py:2   from shared import models, db  [eager, seen by both]

  cause  1 direct import of shared.db from outside allowed_roots
  rule   allowed_roots (contracts.toml:3): app, shared.models
  fix    do not import it
         or add "shared.db" to allowed_roots (contracts.toml:3)
"""
    )


def test_a_root_behind_an_integration(told: Told) -> None:
    main = """\
        import auth.models
        from app import door
        """
    files = {
        "shared/__init__.py": "",
        "shared/models.py": "",
        "shared/db.py": "X = 1\n",
        "auth/__init__.py": "",
        "auth/models.py": "User = 1\n",
        "app/door.py": "from auth.models import User\n",
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app", "shared.models"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth"
        through = ["app.door"]
        reason = "auth is reached over HTTP"
        """
    assert (
        told(files, contract, item="allowed_roots")
        == """
backend uses auth, which is no allowed root

  app/main.py:1   import auth.models  [eager, seen by both]

  cause  1 direct import of auth from outside allowed_roots
  rule   allowed_roots (contracts.toml:3): app, shared.models
         integration "auth": auth is reached only through app.door (auth is
         reached over HTTP)
  fix    import it through app.door
         or add these modules to exempt of integration "auth" (contracts.toml:5)
"""
    )


def test_past_an_integration(told: Told) -> None:
    main = """\
        import auth.models
        from app import door

        def later():
            import auth

        later()
        """
    files = {
        "shared/__init__.py": "",
        "shared/models.py": "",
        "shared/db.py": "X = 1\n",
        "auth/__init__.py": "",
        "auth/models.py": "User = 1\n",
        "app/door.py": "from auth.models import User\n",
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app", "shared.models"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth"
        through = ["app.door"]
        reason = "auth is reached over HTTP"
        """
    assert (
        told(files, contract, item="integration[auth]")
        == """
backend reaches auth past app.door

  app/main.py:1   import auth.models  [eager, seen by both]
  app/main.py:5   import auth  [deferred, seen by both]

  cause  2 direct imports of auth past the integration
  rule   integration "auth": auth is reached only through app.door (auth is
         reached over HTTP) (contracts.toml:5)
  fix    import it through app.door
"""
    )


def test_past_an_integration_to_what_does_not_ship(told: Told) -> None:
    files = {
        "shared/__init__.py": "",
        "shared/models.py": "",
        "shared/db.py": "X = 1\n",
        "auth/__init__.py": "",
        "auth/models.py": "User = 1\n",
        "app/door.py": "from auth.models import User\n",
        "app/main.py": "from auth.models import User\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app", "shared.models"]
        ships.files = ["app/**", "shared/**"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth"
        through = ["app.door"]
        reason = "auth is reached over HTTP"
        """
    assert (
        told(files, contract, item="integration[auth]")
        == """
backend reaches auth past app.door

  app/main.py:1   from auth.models import User  [eager, seen by both]

  cause  1 direct import of auth past the integration
  rule   integration "auth": auth is reached only through app.door (auth is
         reached over HTTP) (contracts.toml:6)
  fix    import it through app.door, and ship it: add "auth/**" to ships.files
         (contracts.toml:4)
"""
    )


def test_through_the_door(told: Told) -> None:
    files = {
        "shared/__init__.py": "",
        "shared/models.py": "",
        "shared/db.py": "X = 1\n",
        "auth/__init__.py": "",
        "auth/models.py": "User = 1\n",
        "app/door.py": "from auth.models import User\n",
        "app/main.py": "from app.door import User\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app", "shared.models"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth"
        through = ["app.door"]
        reason = "auth is reached over HTTP"
        """
    assert (
        told(files, contract, item="integration[auth]")
        == """
it holds
"""
    )


def test_a_root_that_is_not_allowed_and_does_not_ship_is_one_cause(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app"]
        ships.files = ["app/**"]
        """
    files = {"app/main.py": "import billing\n", "billing/__init__.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:4)

  ModuleNotFoundError: No module named 'billing'

  app/main.py:1   import billing

  cause  billing/ is in this repository but ships.files (contracts.toml:4) does
         not bring it into the image
  rule   allowed_roots (contracts.toml:3): app
  fix    do not import billing: it is no allowed root of backend
         or ship it: add "billing/**" to ships.files (contracts.toml:4), and add
         "billing" to allowed_roots (contracts.toml:3)
"""
    )
