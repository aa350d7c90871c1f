"""What is said where an object that is to be one is two, or is not there."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]

ITEM = "canonical[app.db:Manager]"
FILES = {"app/main.py": "import app.db\n", "app/db.py": "class Manager: pass\nLIMIT = (1, 2)\n"}
HOLDS = "\nit holds\n"


def contract(*aliases: str, symbol: str = "app.db:Manager", unique: bool = False) -> str:
    listed = ", ".join(f'"{alias}"' for alias in aliases)
    return f"""\
[services.backend]
entrypoints = ["app.main"]

[[services.backend.canonical]]
symbol = "{symbol}"
{f"aliases = [{listed}]" if aliases else ""}
{"unique = true" if unique else ""}
"""


def test_objects_that_are_one(told: Told) -> None:
    files = {
        **FILES,
        "app/api.py": "from app.db import Manager as Renamed, LIMIT\n",
        "app/lazy.py": "import app.db\ndef __getattr__(name): return getattr(app.db, name)\n",
        "app/outer.py": "import app.db\nclass Outer:\n    inner = app.db.Manager\n",
        "app/star.py": "from app.db import *\n",
    }
    aliases = ("app.api:Renamed", "app.lazy:Manager", "app.outer:Outer.inner", "app.star:Manager")
    assert told(files, contract(*aliases, unique=True), ITEM) == HOLDS
    text = contract("app.api:LIMIT", "app.lazy:LIMIT", symbol="app.db:LIMIT", unique=True)
    assert told(files, text, "canonical[app.db:LIMIT]") == HOLDS


def test_an_alias_with_a_class_of_its_own(told: Told) -> None:
    files = {
        **FILES,
        "app/old.py": "\nclass Manager: pass\n",
        "app/api.py": "import app.db\nfrom app.old import Manager\n",
        "app/user.py": "from app.api import Manager\n",
    }
    assert (
        told(files, contract("app.api:Manager"), ITEM)
        == """
app.api:Manager is not app.db:Manager in backend

  app/db.py:1     class Manager: pass
  app/user.py:1   from app.api import Manager
  app/api.py:2    from app.old import Manager
  app/old.py:2    class Manager: pass

  cause  app.api:Manager is the class Manager that app.old defines
  rule   canonical (contracts.toml:4): there is one Manager, and it is
         app.db:Manager
  fix    bind the same object: from app.db import Manager, and delete the other
         or rename one of the two
"""
    )


def test_an_alias_that_defines_it_anew(told: Told) -> None:
    files = {**FILES, "app/old.py": "\nclass Manager: pass\n"}
    assert (
        told(files, contract("app.old:Manager", unique=True), ITEM)
        == """
app.old:Manager is not app.db:Manager in backend

  app/db.py:1    class Manager: pass
  app/old.py:2   class Manager: pass

  cause  app.old:Manager is the class Manager that app.old defines
  rule   canonical (contracts.toml:4): there is one Manager, and it is
         app.db:Manager
  fix    bind the same object: from app.db import Manager, and delete the other
         or rename one of the two
"""
    )


def test_a_copy_that_a_decorator_made(told: Told) -> None:
    wrapped = """\
        import functools
        import app.work

        @functools.wraps(app.work.run)
        def run(): return app.work.run()
        """
    files = {**FILES, "app/work.py": "def run(): pass\n", "app/api.py": wrapped}
    text = contract("app.api:run", symbol="app.work:run")
    assert (
        told(files, text, "canonical[app.work:run]")
        == """
app.api:run is not app.work:run in backend

  app/work.py:1   def run(): pass
  app/api.py:5    def run(): return app.work.run()

  cause  app.api:run is a copy: another function that also calls itself
         app.work.run, as a decorator (functools.wraps) or a module that runs
         twice makes them
  rule   canonical (contracts.toml:4): there is one run, and it is app.work:run
  fix    bind the same object: from app.work import run
"""
    )


def test_equal_objects_are_two(told: Told) -> None:
    files = {**FILES, "app/api.py": "LIMIT = tuple([1, 2])\n"}
    text = contract("app.api:LIMIT", symbol="app.db:LIMIT")
    assert (
        told(files, text, "canonical[app.db:LIMIT]")
        == """
app.api:LIMIT is not app.db:LIMIT in backend

  app/db.py:2    LIMIT = (1, 2)
  app/api.py:1   LIMIT = tuple([1, 2])

  cause  app.api:LIMIT is another object, of type tuple
  rule   canonical (contracts.toml:4): there is one LIMIT, and it is
         app.db:LIMIT
  fix    bind the same object: from app.db import LIMIT
"""
    )


def test_another_kind_of_object(told: Told) -> None:
    files = {**FILES, "app/api.py": "from app.db import Manager as Class\nManager = Class()\n"}
    assert (
        told(files, contract("app.api:Manager"), ITEM)
        == """
app.api:Manager is not app.db:Manager in backend

  app/db.py:1    class Manager: pass
  app/api.py:1   from app.db import Manager as Class
  app/api.py:2   Manager = Class()

  cause  app.api:Manager is another object, of type Manager, not type
  rule   canonical (contracts.toml:4): there is one Manager, and it is
         app.db:Manager
  fix    bind the same object: from app.db import Manager
"""
    )


def test_bound_methods_are_never_one(told: Told) -> None:
    manager = "class Manager:\n    def get(self): pass\nmanager = Manager()\nget = manager.get\n"
    files = {"app/main.py": "", "app/db.py": manager}
    text = contract("app.db:get", symbol="app.db:manager.get")
    assert (
        told(files, text, "canonical[app.db:manager.get]")
        == """
app.db:get is not app.db:manager.get in backend

  app/db.py:3   manager = Manager()
  app/db.py:4   get = manager.get

  cause  a bound method is made anew each time that it is looked up, so it never
         is one
  rule   canonical (contracts.toml:4): there is one manager.get, and it is
         app.db:manager.get
  fix    name the object that it is bound to
"""
    )
    text = contract("app.api:get", symbol="app.db:Manager.get")
    files["app/api.py"] = "from app.db import Manager\nget = Manager.get\n"
    assert told(files, text, "canonical[app.db:Manager.get]") == HOLDS


def test_an_alias_that_is_not_there(told: Told) -> None:
    files = {**FILES, "app/api.py": "from app.db import Manager as Managers\n"}
    assert (
        told(files, contract("app.api:Manager"), ITEM)
        == """
backend does not have app.api:Manager, an alias of app.db:Manager

  AttributeError: app.api has no attribute 'Manager'

  app/api.py   is app.api

  cause  app.api (app/api.py) has no Manager; it has Managers
  rule   canonical (contracts.toml:4): there is one Manager, and it is
         app.db:Manager
  fix    import Manager from app.db
         or did you mean Managers?
  see    app/db.py:1 defines Manager
"""
    )


def test_an_alias_whose_module_does_not_import(told: Told) -> None:
    files = {**FILES, "app/api.py": "import app.gone\nfrom app.db import Manager\n"}
    assert (
        told(files, contract("app.api:Manager"), ITEM)
        == """
backend does not have app.api:Manager, an alias of app.db:Manager

  ModuleNotFoundError: No module named 'app.gone'

  app/api.py:1   import app.gone

  cause  app has no module gone, and no other module of this repository is
         called that
  rule   canonical (contracts.toml:4): there is one Manager, and it is
         app.db:Manager
  fix    correct the name, or remove the import
"""
    )


def test_an_object_that_is_not_there(told: Told) -> None:
    files = {"app/main.py": "", "app/db.py": "", "app/new.py": "class Manager: pass\n"}
    assert (
        told(files, contract("app.new:Manager", unique=True), ITEM)
        == """
backend does not have app.db:Manager, which is to be the only one

  AttributeError: app.db has no attribute 'Manager'

  app/db.py   is app.db

  cause  app.db (app/db.py) has no Manager
  rule   canonical (contracts.toml:4): there is one Manager, and it is
         app.db:Manager
  fix    import Manager from app.new
  see    app/new.py:1 defines Manager
"""
    )


def test_a_second_class(told: Told) -> None:
    files = {
        "app/main.py": "import app.db, app.views\n",
        "app/db.py": "import functools\n\nclass Manager: pass\n",
        "app/views.py": "def view():\n    from app.legacy import Manager\n",
        "app/legacy.py": "\n\nclass Manager(\n    object\n): pass\n",
        "app/tests/fakes.py": "class Manager: pass\n",
        "app/idle.py": "from app.legacy import Manager as Old\n",
    }
    assert (
        told(files, contract(unique=True), ITEM)
        == """
backend has a second Manager beside app.db:Manager

  app/db.py:3       class Manager: pass
  app/idle.py:1     from app.legacy import Manager as Old
  app/views.py:2    from app.legacy import Manager
  app/legacy.py:3   class Manager(object): pass

  cause  app.legacy defines a Manager of its own, which 2 lines import
  rule   canonical (contracts.toml:4): no other module defines a class or
         function Manager
  fix    import Manager from app.db, and delete the other
         or rename one of the two
"""
    )


def test_a_second_function_that_nobody_uses(told: Told) -> None:
    files = {**FILES, "app/old.py": "async def Manager(): pass\n"}
    assert (
        told(files, contract(unique=True), ITEM)
        == """
backend has a second Manager beside app.db:Manager

  app/db.py:1    class Manager: pass
  app/old.py:1   async def Manager(): pass

  cause  app.old defines a Manager of its own, which nothing imports
  rule   canonical (contracts.toml:4): no other module defines a class or
         function Manager
  fix    import Manager from app.db, and delete the other
         or rename one of the two
  note   no entrypoint reaches app.old
"""
    )


def test_decorated_functions_are_known_by_what_they_are(told: Told) -> None:
    files = {
        "app/main.py": "import app.api\n",
        "app/impl.py": "import functools\n\n@functools.lru_cache\ndef load(): pass\n",
        "app/api.py": "from app.impl import load\n",
    }
    text = contract(symbol="app.api:load", unique=True)
    assert told(files, text, "canonical[app.api:load]") == HOLDS


def test_one_file_under_two_names(told: Told) -> None:
    text = contract(unique=True).replace("\n\n", '\nruntime.paths = ["src", "."]\n\n', 1)
    files = {
        "src/app/__init__.py": "",
        "src/app/main.py": "import app.db\nfrom app import other\n",
        "src/app/db.py": "class Manager: pass\n",
        "src/app/other.py": "",
    }
    assert told(files, text, ITEM) == HOLDS
    files["src/app/other.py"] = "from src.app.db import Manager\n"
    assert (
        told(files, text, ITEM)
        == """
backend has a second Manager beside app.db:Manager

  src/app/other.py:1   from src.app.db import Manager
  src/app/db.py:1      class Manager: pass

  cause  src/app/db.py runs twice, as app.db and as src.app.db, and each time
         makes a Manager
  rule   canonical (contracts.toml:5): no other module defines a class or
         function Manager
  fix    import it as app.db everywhere
"""
    )


def test_an_alias_that_loads_the_file_again(told: Told) -> None:
    text = contract("src.app.db:Manager").replace("\n\n", '\nruntime.paths = ["src", "."]\n\n', 1)
    files = {
        "src/app/__init__.py": "",
        "src/app/main.py": "import app.db\n",
        "src/app/db.py": "class Manager: pass\n",
    }
    assert (
        told(files, text, ITEM)
        == """
src.app.db:Manager is not app.db:Manager in backend

  src/app/db.py:1   class Manager: pass

  cause  src/app/db.py runs twice, as app.db and as src.app.db, and each time
         makes a Manager
  rule   canonical (contracts.toml:5): there is one Manager, and it is
         app.db:Manager
  fix    import it as app.db everywhere
"""
    )
