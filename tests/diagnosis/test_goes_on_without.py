"""Failed imports that were caught, told with who caught them."""

from __future__ import annotations

from collections.abc import Callable

CONTRACT = """\
[services.backend]
entrypoints = ["app.main"]
ships.files = ["app/**"]

[services.backend.startup]
optional = ["app.extras"]
"""


def test_who_caught_it_and_what_is_missing(told: Callable[..., str]) -> None:
    main = """\
        import contextlib
        from app.loader import load

        try:
            import app.features
        except RuntimeError as error:
            print(error)
        try:
            from auth.models import User
        except ImportError:
            User = None
        load("app.wrong")
        with contextlib.suppress(ImportError):
            from app.models import Account
        try:
            import app.extras.speech
        except ImportError:
            pass
        """
    loader = """\
        import importlib

        def load(name):
            try:
                return importlib.import_module(name)
            except Exception:
                return None
        """
    features = """\
        try:
            import auth
        except ImportError as error:
            raise RuntimeError("no accounts") from error
        """
    files = {
        "app/main.py": main,
        "app/loader.py": loader,
        "app/features.py": features,
        "app/wrong.py": "LIMIT = int('many')\n",
        "app/models.py": "class Accounts: ...\n",
        "auth/__init__.py": "",
        "auth/models.py": "",
    }
    assert (
        told(files, CONTRACT, "hidden_failures")
        == """
backend starts without app.features, and 1 more import fails with what ships
(contracts.toml:3)

  ModuleNotFoundError: No module named 'auth'
  raised as RuntimeError: no accounts

  app/main.py:5       imports app.features
  app/features.py:2   import auth
  app/main.py:6       goes on: except RuntimeError as error

  app/main.py:9    from auth.models import User
  app/main.py:10   goes on: except ImportError

  cause  auth/ is in this repository but ships.files (contracts.toml:3) does not
         bring it into the image
  fix    ship it: add "auth/**" to ships.files (contracts.toml:3)
         or if it may be absent, add "auth" to startup.optional
         (contracts.toml:5)

backend starts without app.wrong with what ships (contracts.toml:3)

  ValueError: invalid literal for int() with base 10: 'many'

  app/loader.py:5   imports app.wrong
  app/wrong.py:1    LIMIT = int('many')
  app/loader.py:6   goes on: except Exception

  cause  app/wrong.py:1 raises ValueError at import
  fix    if it may be absent, add "app.wrong" to startup.optional
         (contracts.toml:5)

backend starts without app.models.Account with what ships (contracts.toml:3)

  ImportError: cannot import name 'Account' from 'app.models'

  app/main.py:14   from app.models import Account
  app/main.py:13   goes on: with contextlib.suppress(ImportError)

  cause  app.models (app/models.py) has no Account; it has Accounts
  fix    did you mean Accounts?
         or if it may be absent, add "app.models.Account" to startup.optional
         (contracts.toml:5)
"""
    )
