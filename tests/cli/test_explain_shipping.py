"""What ``explain`` says of where modules are: in the image, in a distribution, or why not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]


def test_a_package_that_no_copy_brings(explain: Explain, outage: Path) -> None:
    assert (
        explain("backend", "auth_service", at=outage)
        == """
auth_service (first-party)
  file     auth_service/__init__.py
  ships    no: auth_service/ is in this repository but no COPY in
           dockerfiles/backend.Dockerfile brings it into the image
  rule     integration "auth": auth_service is reached only through
           backend.app.auth_integration.auth (backend talks to auth over HTTP,
           and one module owns that conversation) (contracts.toml:17)
           allowed_roots (contracts.toml:5): backend, shared; it is within none
           of them
  fix      import it through backend.app.auth_integration.auth
           or ship it: COPY auth_service/ /app/auth_service/ (after line 13),
           and add the modules that import it to exempt of integration "auth"
           (contracts.toml:17)

backend.app.main:app (dockerfiles/backend.Dockerfile:23) imports it at startup
  backend/app/main.py:5                imports backend.app.core.app_factory
  backend/app/core/app_factory.py:13   imports backend.app.routes.auth
  backend/app/routes/auth.py:5         imports backend.app.auth.models
  backend/app/auth/models.py:5
      from auth_service.auth_core.database.models import AuthUser

3 eager imports: run with the importing module
  backend/app/auth/models.py:5
      from auth_service.auth_core.database.models import AuthUser
      [breaks integration "auth"]
  backend/app/services/audit.py:3
      from auth_service.core.tokens import sign  [breaks integration "auth"]
  backend/app/services/session_cleanup.py:3
      from auth_service.auth_core.core.session_manager import SessionManager
      [breaks integration "auth"]

1 guarded import: run with the importing module, which catches their failure
  backend/app/services/passwords.py:4
      from auth_service.core.passwords import is_common
      [breaks integration "auth"]

1 deferred import: run later: inside functions, or lazily
  backend/app/routes/stream.py:25
      from auth_service.core.tokens import looks_signed
      [deferred in stream; breaks integration "auth"]

8 imports in tests
  backend/tests/test_current_user.py:3
      from auth_service.auth_core.database.models import AuthUser
  tests/conftest.py:11
      from auth_service.core.app_factory import create_app as create_auth
  tests/conftest.py:12
      from auth_service.core.settings import Settings as AuthSettings
  tests/test_auth_sessions.py:5
      from auth_service.auth_core.database.models import AuthUser
  tests/test_auth_sessions.py:6
      from auth_service.core.passwords import hash_password, verify_password
  tests/test_auth_sessions.py:7
      from auth_service.core.session_manager import SessionManager
  tests/test_auth_sessions.py:8
      from auth_service.core.tokens import TokenError, claims_of, sign
  tests/test_shared_settings.py:8
      from auth_service.core.settings import Settings as AuthSettings

  note     15 more imports of it stand in its own modules
"""
    )


def test_a_module_that_a_copy_brings(explain: Explain, outage: Path) -> None:
    assert (
        explain("backend", "shared/settings.py", at=outage)
        == """
shared.settings (first-party)
  file     shared/settings.py
  ships    as /app/shared/settings.py
  by       COPY shared/ /app/shared/ (dockerfiles/backend.Dockerfile:12)
  rule     allowed_roots (contracts.toml:5): backend, shared; it is within them

backend.app.main:app (dockerfiles/backend.Dockerfile:23) imports it at startup
  backend/app/main.py:6            imports backend.app.core.settings
  backend/app/core/settings.py:6
      from shared.settings import positive, required

1 eager import: run with the importing module
  backend/app/core/settings.py:6
      from shared.settings import positive, required

1 import in tests
  tests/test_shared_settings.py:11
      from shared.settings import SettingsError, positive

1 import in code that does not ship
  auth_service/core/settings.py:7
      from shared.settings import positive, required

  note     its own imports: 1 eager (--imports lists them)
"""
    )


def test_a_name_that_the_module_lacks(explain: Explain, outage: Path) -> None:
    asked = "auth_service.auth_core.core.session_manager:SessionManager"
    assert (
        explain("backend", asked, at=outage)
        == """
auth_service.auth_core.core.session_manager:SessionManager (first-party)
  file     auth_service/auth_core/core/session_manager.py
  ships    no: auth_service/ is in this repository but no COPY in
           dockerfiles/backend.Dockerfile brings it into the image
  rule     integration "auth": auth_service is reached only through
           backend.app.auth_integration.auth (backend talks to auth over HTTP,
           and one module owns that conversation) (contracts.toml:17)
           allowed_roots (contracts.toml:5): backend, shared; it is within none
           of them
  fix      import it through backend.app.auth_integration.auth
           or ship it: COPY auth_service/ /app/auth_service/ (after line 13),
           and add the modules that import it to exempt of integration "auth"
           (contracts.toml:17)
  name     auth_service.auth_core.core.session_manager
           (auth_service/auth_core/core/session_manager.py) has no
           SessionManager
  backend/app/database/session_manager.py:10   defines SessionManager
  backend/app/services/presence.py:6           defines SessionManager
  auth_service/core/session_manager.py:12
      defines SessionManager (does not ship)

backend.app.main:app (dockerfiles/backend.Dockerfile:23) can reach it, by an
import that startup need not run
  backend/app/main.py:5
      imports backend.app.core.app_factory
  backend/app/core/app_factory.py:13          imports backend.app.routes.admin
  backend/app/routes/admin.py:17
      imports backend.app.services.session_cleanup
      [deferred in expire_sessions]
  backend/app/services/session_cleanup.py:3
      from auth_service.auth_core.core.session_manager import SessionManager

1 eager import: run with the importing module
  backend/app/services/session_cleanup.py:3
      from auth_service.auth_core.core.session_manager import SessionManager
      [breaks integration "auth"]

1 import in code that does not ship
  auth_service/jobs/expire_sessions.py:3
      from auth_service.auth_core.core.session_manager import SessionManager

  note     nothing was started: what distributions import by themselves, as
           plugins or settings make them, is seen with --run
"""
    )


def test_a_distribution_that_the_image_declares(explain: Explain, outage: Path) -> None:
    assert (
        explain("auth", "pydantic", at=outage)
        == """
pydantic (third-party)
  from     pydantic (requirements/shared.txt:2)

auth_service.main:app (dockerfiles/auth.Dockerfile:14) imports it at startup
  auth_service/main.py:5
      imports auth_service.core.app_factory
  auth_service/core/app_factory.py:8
      imports auth_service.auth_core.database.users
  auth_service/auth_core/database/users.py:7   imports shared.models
  shared/models.py:3
      from pydantic import BaseModel, ConfigDict, Field

1 eager import: run with the importing module
  shared/models.py:3   from pydantic import BaseModel, ConfigDict, Field

6 imports in code that does not ship
  backend/app/auth/models.py:3         from pydantic import BaseModel
  backend/app/database/messages.py:6   from pydantic import BaseModel
  backend/app/database/rooms.py:5      from pydantic import BaseModel
  backend/app/routes/messages.py:7     from pydantic import BaseModel, Field
  backend/app/routes/rooms.py:4        from pydantic import BaseModel, Field
  backend/app/services/digest.py:3     from pydantic import BaseModel
"""
    )


def test_a_distribution_that_another_one_needs(explain: Explain, outage: Path) -> None:
    assert (
        explain("backend", "starlette.routing", at=outage)
        == """
starlette.routing (third-party)
  from     starlette, which fastapi needs (requirements/shared.txt:1)

backend.app.main:app (dockerfiles/backend.Dockerfile:23) does not reach it by
code of its own

no code of this repository imports it

  note     nothing was started: what distributions import by themselves, as
           plugins or settings make them, is seen with --run
"""
    )


def test_a_distribution_that_the_image_does_not_install(
    explain: Explain, repository: Repository
) -> None:
    repository(
        {
            "contracts.toml": """\
                [services.api]
                ships = { dockerfile = "Dockerfile" }
                """,
            "Dockerfile": """\
                FROM python:3.12-slim
                WORKDIR /app
                COPY app/ app/
                CMD ["python", "-m", "app.main"]
                """,
            "requirements.txt": "packaging\n",
            "app/__init__.py": "",
            "app/main.py": """\
                def version(text):
                    from packaging.version import Version

                    return Version(text)
                """,
        }
    )
    assert (
        explain("packaging")
        == """
packaging (third-party)
  ships    no: nothing that Dockerfile installs brings packaging
  fix      install packaging in Dockerfile

app.main (Dockerfile:4) can reach it, by an import that startup need not run
  app/main.py:2   from packaging.version import Version  [deferred in version]

1 deferred import: run later: inside functions, or lazily
  app/main.py:2   from packaging.version import Version  [deferred in version]

  note     nothing was started: what distributions import by themselves, as
           plugins or settings make them, is seen with --run
"""
    )


def test_what_an_ignore_file_strips(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "contracts.toml": """\
                [services.api]
                ships = { dockerfile = "Dockerfile" }
                """,
            ".dockerignore": "app/local.py\n",
            "Dockerfile": """\
                FROM python:3.12-slim
                WORKDIR /app
                COPY . .
                CMD ["python", "-m", "app.main"]
                """,
            "app/__init__.py": "",
            "app/main.py": "try:\n    import app.local\nexcept ImportError:\n    pass\n",
            "app/local.py": "",
        }
    )
    assert (
        explain("app.local")
        == """
app.local (first-party)
  file     app/local.py
  ships    no: app/local.py is in this repository but .dockerignore:1:
           app/local.py strips it from the build context
  fix      ship it: !app/local.py (after line 1 of .dockerignore)

app.main (Dockerfile:4) imports it at startup
  app/main.py:2   import app.local  [guarded]

1 guarded import: run with the importing module, which catches their failure
  app/main.py:2   import app.local
"""
    )


def test_what_file_patterns_bring_and_strip(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "contracts.toml": """\
                [services.api]
                entrypoints = ["app.main"]
                [services.api.ships]
                files = [
                    "app/**",
                    "!app/local.py",
                ]
                """,
            "app/__init__.py": "",
            "app/main.py": "import app.local\n",
            "app/local.py": "",
        }
    )
    assert (
        explain("app.local")
        == """
app.local (first-party)
  file     app/local.py
  ships    no: app/local.py is in this repository but "!app/local.py"
           (contracts.toml:6) takes it out of what ships
  fix      narrow "!app/local.py" (contracts.toml:6), so that app/local.py ships

app.main (contracts.toml:2) imports it at startup
  app/main.py:1   import app.local

1 eager import: run with the importing module
  app/main.py:1   import app.local
"""
    )
    assert (
        explain("app.main")
        == """
app.main (first-party)
  file     app/main.py
  by       "app/**" of ships.files (contracts.toml:5)

app.main (contracts.toml:2) starts with it

no code of this repository imports it

  note     its own imports: 1 eager (--imports lists them)
"""
    )


def test_the_standard_library(explain: Explain, outage: Path) -> None:
    assert (
        explain("backend", "os.path", at=outage).replace(PYTHON, "Python 3.x")
        == """
os.path (standard library)
  from     the standard library of Python 3.x

backend.app.main:app (dockerfiles/backend.Dockerfile:23) does not reach it by
code of its own

no code of this repository imports it

  note     nothing was started: what distributions import by themselves, as
           plugins or settings make them, is seen with --run
"""
    )


def test_a_module_that_lies_beside_the_path(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "contracts.toml": """\
                [services.api]
                entrypoints = ["app.main"]
                [services.api.runtime]
                paths = ["src"]
                """,
            "src/app/__init__.py": "",
            "src/app/main.py": "import tools\n",
            "tools/__init__.py": "",
        }
    )
    assert (
        explain("tools")
        == """
tools (first-party)
  file     tools/__init__.py
  ships    no: tools/ is in this repository, but no entry of runtime.paths leads
           to it
  fix      add "." to runtime.paths (contracts.toml:4)

app.main (contracts.toml:2) imports it at startup
  src/app/main.py:1   import tools

1 eager import: run with the importing module
  src/app/main.py:1   import tools
"""
    )


def test_an_entrypoint_that_does_not_ship(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "contracts.toml": """\
                [services.api]
                entrypoints = ["app.main", "app.worker", "tool.py"]
                ships.files = ["app/worker.py", "app/__init__.py"]
                """,
            "tool.py": "import app.worker\n",
            "app/__init__.py": "",
            "app/main.py": "import app.worker\n",
            "app/worker.py": "",
        }
    )
    assert (
        explain("app.worker")
        == """
app.worker (first-party)
  file     app/worker.py
  by       "app/worker.py" of ships.files (contracts.toml:3)

app.main (contracts.toml:2) does not exist where the service runs

app.worker (contracts.toml:2) starts with it

tool.py (contracts.toml:2) does not exist where the service runs

2 imports in code that does not ship
  app/main.py:1   import app.worker
  tool.py:1       import app.worker
"""
    )
