"""What ``explain`` shows on a wide terminal."""

# ruff: noqa: E501 (a wide terminal has longer lines than source)

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]


def test_every_kind_on_a_wide_terminal(
    explain: Explain, repository: Repository, every_kind: Mapping[str, str]
) -> None:
    repository(every_kind)
    assert (
        explain("--entrypoint", "app.main", "app.models", columns=160)
        == """
app.models (first-party)
  file     app/models.py

app.main imports it at startup
  app/main.py:6    imports app.users
  app/users.py:4   from app import models  [guarded]

1 eager import: run with the importing module
  app/idle.py:1   import app.models  [no entrypoint reaches it]

1 guarded import: run with the importing module, which catches their failure
  app/users.py:4   from app import models

1 conditional import: run where a condition lets them
  app/main.py:11   import app.models

2 deferred imports: run later: inside functions, or lazily
  app/main.py:17    from app.models import User  [deferred in serve]
  app/users.py:11   return importlib.import_module("app.models").User  [deferred in Users.all, by importlib.import_module]

1 typing import: run by type checkers alone
  app/main.py:9   from app.models import User

1 never import: never run where this service does
  app/main.py:13   import app.models as windows

1 string that names it: imports only where something reads the string as one
  app/settings.py:3   INSTALLED_APPS = ["app.models"]  [by name in INSTALLED_APPS]

1 import in tests
  app/tests/test_models.py:3   from app.models import User
"""
    )


def test_what_does_not_ship_on_a_wide_terminal(explain: Explain, outage: Path) -> None:
    assert (
        explain("backend", "auth_service", at=outage, columns=160)
        == """
auth_service (first-party)
  file     auth_service/__init__.py
  ships    no: auth_service/ is in this repository but no COPY in dockerfiles/backend.Dockerfile brings it into the image
  rule     integration "auth": auth_service is reached only through backend.app.auth_integration.auth (backend talks to auth over HTTP, and one module owns that
           conversation) (contracts.toml:17)
           allowed_roots (contracts.toml:5): backend, shared; it is within none of them
  fix      import it through backend.app.auth_integration.auth
           or ship it: COPY auth_service/ /app/auth_service/ (after line 13), and add the modules that import it to exempt of integration "auth"
           (contracts.toml:17)

backend.app.main:app (dockerfiles/backend.Dockerfile:23) imports it at startup
  backend/app/main.py:5                imports backend.app.core.app_factory
  backend/app/core/app_factory.py:13   imports backend.app.routes.auth
  backend/app/routes/auth.py:5         imports backend.app.auth.models
  backend/app/auth/models.py:5         from auth_service.auth_core.database.models import AuthUser

3 eager imports: run with the importing module
  backend/app/auth/models.py:5                from auth_service.auth_core.database.models import AuthUser  [breaks integration "auth"]
  backend/app/services/audit.py:3             from auth_service.core.tokens import sign  [breaks integration "auth"]
  backend/app/services/session_cleanup.py:3   from auth_service.auth_core.core.session_manager import SessionManager  [breaks integration "auth"]

1 guarded import: run with the importing module, which catches their failure
  backend/app/services/passwords.py:4   from auth_service.core.passwords import is_common  [breaks integration "auth"]

1 deferred import: run later: inside functions, or lazily
  backend/app/routes/stream.py:25   from auth_service.core.tokens import looks_signed  [deferred in stream; breaks integration "auth"]

8 imports in tests
  backend/tests/test_current_user.py:3   from auth_service.auth_core.database.models import AuthUser
  tests/conftest.py:11                   from auth_service.core.app_factory import create_app as create_auth
  tests/conftest.py:12                   from auth_service.core.settings import Settings as AuthSettings
  tests/test_auth_sessions.py:5          from auth_service.auth_core.database.models import AuthUser
  tests/test_auth_sessions.py:6          from auth_service.core.passwords import hash_password, verify_password
  tests/test_auth_sessions.py:7          from auth_service.core.session_manager import SessionManager
  tests/test_auth_sessions.py:8          from auth_service.core.tokens import TokenError, claims_of, sign
  tests/test_shared_settings.py:8        from auth_service.core.settings import Settings as AuthSettings

  note     15 more imports of it stand in its own modules
"""
    )
