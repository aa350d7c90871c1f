"""What ``explain`` says of who imports a module: by which kinds of import, by which chains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]


def test_every_kind(
    explain: Explain, repository: Repository, every_kind: Mapping[str, str]
) -> None:
    repository(every_kind)
    assert (
        explain("--entrypoint", "app.main", "app.models")
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
  app/users.py:11
      return importlib.import_module("app.models").User
      [deferred in Users.all, by importlib.import_module]

1 typing import: run by type checkers alone
  app/main.py:9   from app.models import User

1 never import: never run where this service does
  app/main.py:13   import app.models as windows

1 string that names it: imports only where something reads the string as one
  app/settings.py:3
      INSTALLED_APPS = ["app.models"]  [by name in INSTALLED_APPS]

1 import in tests
  app/tests/test_models.py:3   from app.models import User
"""
    )


def test_a_name_of_a_module(
    explain: Explain, repository: Repository, every_kind: Mapping[str, str]
) -> None:
    repository(every_kind)
    assert (
        explain("--entrypoint", "app.main", "app.models:User")
        == """
app.models:User (first-party)
  file     app/models.py
  name     User is bound by
  app/models.py:1   class User: ...

app.main imports it at startup
  app/main.py:6    imports app.users
  app/users.py:4   from app import models  [guarded]

1 deferred import: run later: inside functions, or lazily
  app/main.py:17   from app.models import User  [deferred in serve]

1 typing import: run by type checkers alone
  app/main.py:9   from app.models import User

1 import in tests
  app/tests/test_models.py:3   from app.models import User

  note     3 modules import app.models as a whole, and may use User of it
"""
    )
    assert explain("--entrypoint", "app.main", "app.models.User") == explain(
        "--entrypoint", "app.main", "app/models.py:User"
    )


def test_a_package_is_imported_by_what_imports_below_it(
    explain: Explain, repository: Repository
) -> None:
    repository(
        {
            "app/__init__.py": "",
            "app/main.py": "from app.db.models import User\n",
            "app/db/__init__.py": "from app.db import models\n",
            "app/db/models.py": "from . import fields\n",
            "app/db/fields.py": "import app.main\n",
        }
    )
    assert (
        explain("--entrypoint", "app.main", "app.db")
        == """
app.db (first-party)
  file     app/db/__init__.py

app.main imports it at startup
  app/main.py:1   from app.db.models import User

1 eager import: run with the importing module
  app/main.py:1   from app.db.models import User

  note     2 more imports of it stand in its own modules
           its own imports: 1 eager (--imports lists them)
"""
    )


def test_the_way_goes_by_the_package_around_a_module(
    explain: Explain, repository: Repository
) -> None:
    repository(
        {
            "main.py": "import app.db.models\n",
            "app/__init__.py": "",
            "app/db/__init__.py": "import app.log\n",
            "app/db/models.py": "",
            "app/log.py": "",
        }
    )
    assert (
        explain("--entrypoint", "main.py", "app.log")
        == """
app.log (first-party)
  file     app/log.py

main.py imports it at startup
  main.py:1              imports app.db.models and so runs app.db
  app/db/__init__.py:1   import app.log

1 eager import: run with the importing module
  app/db/__init__.py:1   import app.log
"""
    )


def test_the_way_at_startup_is_preferred_though_longer(
    explain: Explain, repository: Repository
) -> None:
    repository(
        {
            "main.py": "import a\ndef f():\n    import c\n",
            "a.py": "import b\n",
            "b.py": "import c\n",
            "c.py": "",
        }
    )
    assert (
        explain("--entrypoint", "main", "c")
        == """
c (first-party)
  file     c.py

main imports it at startup
  main.py:1   imports a
  a.py:1      imports b
  b.py:1      import c

1 eager import: run with the importing module
  b.py:1   import c

1 deferred import: run later: inside functions, or lazily
  main.py:3   import c  [deferred in f]
"""
    )


def test_each_entrypoint_has_a_way_of_its_own(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "web.py": "import shop\n",
            "worker.py": "def work():\n    import shop\n",
            "tool.py": "",
            "shop.py": "",
        }
    )
    told = explain(
        *("--entrypoint", "web", "--entrypoint", "worker.py", "--entrypoint", "tool"),
        *("--entrypoint", "shop:app", "shop"),
    )
    assert (
        told
        == """
shop (first-party)
  file     shop.py

web imports it at startup
  web.py:1   import shop

worker.py can reach it, by an import that startup need not run
  worker.py:2   import shop  [deferred in work]

tool does not reach it

shop:app starts with it

1 eager import: run with the importing module
  web.py:1   import shop

1 deferred import: run later: inside functions, or lazily
  worker.py:2   import shop  [deferred in work]
"""
    )


def test_many_importers_are_counted(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "main.py": "".join(f"import m{number}\n" for number in range(12)),
            **{f"m{number}.py": "import shop\n" for number in range(12)},
            "shop.py": "",
        }
    )
    assert (
        explain("--entrypoint", "main", "shop")
        == """
shop (first-party)
  file     shop.py

main imports it at startup
  main.py:1   imports m0
  m0.py:1     import shop

12 eager imports: run with the importing module
  m0.py:1    import shop
  m1.py:1    import shop
  m10.py:1   import shop
  m11.py:1   import shop
  m2.py:1    import shop
  m3.py:1    import shop
  m4.py:1    import shop
  m5.py:1    import shop
  m6.py:1    import shop
  m7.py:1    import shop
  … and 2 more (--all lists them)
"""
    )
    every = explain("--entrypoint", "main", "shop", "--all")
    assert ["more" in every, *(f"m{number}.py:1" in every for number in range(12))] == [
        False,
        *[True] * 12,
    ]


def test_what_it_imports_itself(
    explain: Explain, repository: Repository, every_kind: Mapping[str, str]
) -> None:
    repository(every_kind)
    assert (
        explain("--entrypoint", "app.main", "app.users", "--imports")
        == """
app.users (first-party)
  file     app/users.py

app.main imports it at startup
  app/main.py:6   import app.users

1 eager import: run with the importing module
  app/main.py:6   import app.users

3 imports of its own
  app/users.py:1    import importlib
  app/users.py:4    from app import models  [guarded]
  app/users.py:11
      return importlib.import_module("app.models").User
      [deferred in Users.all, by importlib.import_module]
"""
    )


def test_a_module_that_is_nowhere_and_still_imported(
    explain: Explain, repository: Repository
) -> None:
    repository(
        {
            "app/__init__.py": "",
            "app/main.py": "from app.databse import Session\n",
            "app/database.py": "class Session: ...\n",
        }
    )
    assert (
        explain("--entrypoint", "app.main", "app.databse")
        == """
app.databse (nowhere)
  cause    app has no module databse; the nearest is app.database
           (app/database.py)
  fix      import app.database

app.main imports it at startup
  app/main.py:1   from app.databse import Session

1 eager import: run with the importing module
  app/main.py:1   from app.databse import Session
"""
    )
    assert (
        explain("--entrypoint", "app.main", "app.databse:Session")
        == """
app.databse:Session (nowhere)
  cause    app has no module databse; the nearest is app.database
           (app/database.py)
  fix      import app.database

app.main imports it at startup
  app/main.py:1   from app.databse import Session

1 eager import: run with the importing module
  app/main.py:1   from app.databse import Session
"""
    )


def test_files_that_cannot_be_read(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "main.py": "import shop\nimport broken\n",
            "shop.py": "",
            "broken.py": "import shop\ndef f(:\n",
        }
    )
    assert (
        explain("--entrypoint", "main", "shop")
        == """
shop (first-party)
  file     shop.py

main imports it at startup
  main.py:1   import shop

1 eager import: run with the importing module
  main.py:1   import shop

  note     what these files import is not known, as they cannot be read:
           broken.py
"""
    )
    assert (
        explain("--entrypoint", "main", "broken")
        == """
broken (first-party)
  file     broken.py

main imports it at startup
  main.py:2   import broken

1 eager import: run with the importing module
  main.py:2   import broken

  note     broken.py:2 cannot be read: invalid syntax, so what it imports is not
           known
"""
    )


def test_names_beyond_ascii_and_files_in_other_encodings(
    explain: Explain, repository: Repository
) -> None:
    folder = repository({"main.py": "import caf\u00e9\n", "caf\u00e9.py": ""})
    latin = "# coding: latin-1\nS = '\u00e9'\nimport caf\u00e9\n"
    (folder / "other.py").write_bytes(latin.encode("latin-1"))
    assert (
        explain("--entrypoint", "main", "caf\u00e9")
        == """
café (first-party)
  file     café.py

main imports it at startup
  main.py:1   import café

2 eager imports: run with the importing module
  main.py:1    import café
  other.py:3   import café  [no entrypoint reaches it]
"""
    )
