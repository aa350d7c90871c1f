"""What is said of claims about imports that are not true."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]

CONTRACT = """\
[services.backend]
entrypoints = ["app.main"]
ships.files = ["app/**", "!app/left_out.py"]

[[services.backend.documented]]
file = "docs/IMPORTS.md"
fails = ["*BROKEN*"]
"""
ITEM = "documented[IMPORTS.md]"


def page(*imports: str, heading: str = "# Verified") -> dict[str, str]:
    text = "\n".join([heading, "```python", *imports, "```", "# BROKEN", "```python"])
    return {
        "docs/IMPORTS.md": f"{text}\nimport nowhere\n```\n",
        "app/main.py": "",
        "app/db.py": "class SessionManager: pass\nlimit = 3\n",
    }


def test_what_is_true(told: Told) -> None:
    files = page(
        "from app.db import (", "  SessionManager,", "  limit as most)", "import app.db as d"
    )
    assert told(files, CONTRACT, ITEM) == "\nit holds\n"


def test_a_name_that_is_defined_elsewhere(told: Told) -> None:
    files = page("import app", "from app.main import (", "    SessionManager as Manager", ")")
    files["app/tests/test_db.py"] = "class SessionManager: pass\n"
    assert (
        told(files, CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it works, and backend cannot run it with
what ships (contracts.toml:3)

  ImportError: cannot import name 'SessionManager' from 'app.main' (app/main.py)

  docs/IMPORTS.md:4   from app.main import SessionManager as Manager

  cause  app.main (app/main.py) has no SessionManager
  rule   documented (contracts.toml:5): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
  fix    write: from app.db import SessionManager
         or take it out of docs/IMPORTS.md
  see    app/db.py:1 defines SessionManager
         app/tests/test_db.py:1 defines SessionManager
"""
    )


def test_a_name_that_is_spelled_otherwise(told: Told) -> None:
    assert (
        told(page("from app.db import SesionManager, limit"), CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it works, and backend cannot run it with
what ships (contracts.toml:3)

  ImportError: cannot import name 'SesionManager' from 'app.db' (app/db.py)

  docs/IMPORTS.md:3   from app.db import SesionManager, limit

  cause  app.db (app/db.py) has no SesionManager; it has SessionManager
  rule   documented (contracts.toml:5): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
  fix    write: from app.db import SessionManager
         or take it out of docs/IMPORTS.md
"""
    )


def test_a_module_that_moved(told: Told) -> None:
    files = page("from app.database.db import limit")
    assert (
        told(files, CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it works, and backend cannot run it with
what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'app.database'

  docs/IMPORTS.md:3   from app.database.db import limit

  cause  app has no module database, and no other module of this repository is
         called that
  rule   documented (contracts.toml:5): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
  fix    write: from app.db import limit
         or take it out of docs/IMPORTS.md
"""
    )


def test_a_module_that_does_not_ship(told: Told) -> None:
    files = {**page("import app.left_out"), "app/left_out.py": ""}
    assert (
        told(files, CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it works, and backend cannot run it with
what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'app.left_out'

  docs/IMPORTS.md:3   import app.left_out

  cause  app/left_out.py is in this repository but "!app/left_out.py"
         (contracts.toml:3) takes it out of what ships
  rule   documented (contracts.toml:5): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
  fix    narrow "!app/left_out.py" (contracts.toml:3), so that app/left_out.py
         ships
         or take it out of docs/IMPORTS.md
"""
    )


def test_the_right_import_is_one_that_the_rules_allow(told: Told) -> None:
    contract = (
        CONTRACT
        + """\

[[services.backend.integrations]]
name = "db"
root = "app.db"
through = ["app.door"]
"""
    )
    files = {**page("from app.main import SessionManager"), "app/door.py": "import app.db\n"}
    shown = told(files, contract, ITEM)
    assert "write:" not in shown
    assert "see    app/db.py:1 defines SessionManager" in shown


def test_a_failure_behind_the_import(told: Told) -> None:
    files = {**page("import app.late"), "app/late.py": "\nimport nowhere_at_all\n"}
    assert (
        told(files, CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it works, and backend cannot run it with
what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'nowhere_at_all'

  docs/IMPORTS.md:3   import app.late
  app/late.py:2       import nowhere_at_all

  cause  nowhere_at_all is neither in this repository nor installed in the
         Python that runs pytest
  rule   documented (contracts.toml:5): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
  fix    install the distribution that provides nowhere_at_all, or remove the
         import
         or take it out of docs/IMPORTS.md
"""
    )


def test_an_import_that_ends_the_process(told: Told) -> None:
    files = {**page("import app.late"), "app/late.py": "import os\nos._exit(3)\n"}
    assert (
        told(files, CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it works, and backend cannot run it with
what ships (contracts.toml:3)

  exited with status 3 while importing app.late

  docs/IMPORTS.md:3   import app.late

  cause  importing app.late ends the process at import
  rule   documented (contracts.toml:5): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
  fix    let importing a module have no such effect
         or take it out of docs/IMPORTS.md
"""
    )


def test_an_import_that_works_and_should_not(told: Told) -> None:
    files = page("from app.db import limit", heading="## Long BROKEN")
    assert (
        told(files, CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it fails, and backend can run it with
what ships (contracts.toml:3)

  docs/IMPORTS.md:3   from app.db import limit

  cause  the import works, every name of it
  rule   "Long BROKEN" (docs/IMPORTS.md:1) is a heading of fails
         (contracts.toml:7): imports below it fail
  fix    correct what the document says of it
         or remove what it imports
"""
    )


def test_one_name_that_is_missing_is_enough_to_fail(told: Told) -> None:
    files = page("from app.db import limit, gone", "import app.db, gone", heading="# BROKEN too")
    assert told(files, CONTRACT, ITEM) == "\nit holds\n"


def test_what_nobody_can_try(told: Told) -> None:
    assert (
        told(page("from .db import limit"), CONTRACT, ITEM)
        == """
docs/IMPORTS.md has an import that nobody can try

  docs/IMPORTS.md:3   from .db import limit

  cause  it is relative, and a document belongs to no package
  rule   documented (contracts.toml:5): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
  fix    write it out, or mark its block as another language than Python
"""
    )


def test_a_failure_that_cannot_be_tried(told: Told) -> None:
    contract = CONTRACT.replace("[[", 'runtime.setup = "app.conf:setup"\n\n[[', 1)
    files = {**page("import app"), "app/conf.py": "def setup(): 1 / 0\n"}
    assert (
        told(files, contract.replace('entrypoints = ["app.main"]', 'modules = ["app"]'), ITEM)
        == """
docs/IMPORTS.md says of an import that it fails, which cannot be tried with what
ships (contracts.toml:3)

  ZeroDivisionError: division by zero

  docs/IMPORTS.md:7   import nowhere
  runtime.setup (contracts.toml:5) calls app.conf:setup
  app/conf.py:1       def setup(): 1 / 0

  cause  app/conf.py:1 raises ZeroDivisionError at import
  rule   "BROKEN" (docs/IMPORTS.md:5) is a heading of fails (contracts.toml:9):
         imports below it fail

docs/IMPORTS.md says of an import that it works, and backend cannot run it with
what ships (contracts.toml:3)

  ZeroDivisionError: division by zero

  docs/IMPORTS.md:3   import app
  runtime.setup (contracts.toml:5) calls app.conf:setup
  app/conf.py:1       def setup(): 1 / 0

  cause  app/conf.py:1 raises ZeroDivisionError at import
  rule   documented (contracts.toml:7): the imports of docs/IMPORTS.md work,
         save those below a heading of fails
"""
    )


def test_a_failure_that_is_shown(told: Told) -> None:
    prompts = [">>> import app.db", "Traceback (most recent call last):", "ImportError"]
    assert (
        told(page(*prompts), CONTRACT, ITEM)
        == """
docs/IMPORTS.md says of an import that it fails, and backend can run it with
what ships (contracts.toml:3)

  docs/IMPORTS.md:3   import app.db

  cause  the import works, every name of it
  rule   documented (contracts.toml:5): the traceback shown below it says that
         it fails
  fix    correct what the document says of it
         or remove what it imports
"""
    )
