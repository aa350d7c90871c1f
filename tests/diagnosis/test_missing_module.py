from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_importcontract.diagnosis.model import Diagnosis

Told = Callable[..., str]


def test_a_package_that_does_not_ship(told: Told) -> None:
    assert (
        told(
            {
                "app/main.py": "from app import models\n",
                "app/models.py": "import os\n\nfrom auth_service.database import AuthUser\n",
                "auth_service/__init__.py": "",
                "auth_service/database.py": "class AuthUser: ...\n",
            }
        )
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'auth_service'

  app/main.py:1     imports app.models
  app/models.py:3   from auth_service.database import AuthUser

  cause  auth_service/ is in this repository but ships.files (contracts.toml:5)
         does not bring it into the image
  fix    ship it: add "auth_service/**" to ships.files (contracts.toml:5)
"""
    )


def test_a_module_that_does_not_ship(told: Told) -> None:
    assert (
        told({"app/main.py": "import tools\n", "tools.py": ""})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'tools'

  app/main.py:1   import tools

  cause  tools.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "tools.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_package_that_ships_off_the_import_path(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]

        [services.backend.ships]
        files = ["app/**", "libs/**"]
        """
    files = {"app/main.py": "import billing\n", "libs/billing/__init__.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'billing'

  app/main.py:1   import billing

  cause  libs/billing/ is in this repository, but no entry of runtime.paths
         leads to it
  fix    add "libs" to runtime.paths (contracts.toml:1)
"""
    )


def test_a_package_off_the_import_path_where_nothing_is_said_to_ship(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        """
    files = {"app/main.py": "import billing\n", "libs/billing/__init__.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'billing'

  app/main.py:1   import billing

  cause  libs/billing/ is in this repository, but no entry of runtime.paths
         leads to it
  fix    add "libs" to runtime.paths (contracts.toml:1)
"""
    )


def test_a_package_off_the_import_path_that_does_not_ship_either(told: Told) -> None:
    files = {"app/main.py": "import billing\n", "libs/billing/__init__.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'billing'

  app/main.py:1   import billing

  cause  libs/billing/ is in this repository, but no entry of runtime.paths
         leads to it, and it does not ship
  fix    add "libs" to runtime.paths (contracts.toml:1) and "libs/billing/**" to
         ships.files (contracts.toml:5)
"""
    )


def test_a_folder_of_data_off_the_import_path_is_no_module(told: Told) -> None:
    files = {"app/main.py": "import billing\n", "docs/billing/notes.txt": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'billing'

  app/main.py:1   import billing

  cause  billing is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides billing, or remove the import
"""
    )


def test_a_submodule_of_that_name_elsewhere_is_no_top_level_module(told: Told) -> None:
    files = {
        "app/main.py": "import utils\n",
        "web/__init__.py": "",
        "web/utils.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'utils'

  app/main.py:1   import utils

  cause  utils is neither a top-level module of this repository nor installed in
         the Python that runs pytest
  fix    import web.utils (web/utils.py, does not ship), if that is meant, and
         ship it: add "web/**" to ships.files (contracts.toml:5)
         or install the distribution that provides utils, or remove the import
"""
    )


def test_a_sibling_imported_as_if_it_were_a_script(told: Told) -> None:
    files = {"app/main.py": "import helpers\n", "app/helpers.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'helpers'

  app/main.py:1   import helpers

  cause  helpers is neither a top-level module of this repository nor installed
         in the Python that runs pytest
  fix    import app.helpers (app/helpers.py), if that is meant
         or install the distribution that provides helpers, or remove the import
"""
    )


def test_a_package_that_another_service_has_on_its_path(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]

        [services.auth]
        entrypoints = ["auth_service.main"]
        runtime.paths = ["services/auth"]
        """
    files = {
        "app/main.py": "import auth_service\n",
        "services/auth/auth_service/__init__.py": "",
        "services/auth/auth_service/main.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'auth_service'

  app/main.py:1   import auth_service

  cause  services/auth/auth_service/ is in this repository, but no entry of
         runtime.paths leads to it
  fix    add "services/auth" to runtime.paths (contracts.toml:1)
"""
    )


def test_a_package_below_a_nested_root_that_does_not_ship(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["app/**"]

        [services.auth]
        entrypoints = ["auth_service.main"]
        runtime.paths = ["services/auth"]
        """
    files = {
        "app/main.py": "import auth_service\n",
        "services/auth/auth_service/__init__.py": "",
        "services/auth/auth_service/main.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'auth_service'

  app/main.py:1   import auth_service

  cause  services/auth/auth_service/ is in this repository but ships.files
         (contracts.toml:3) does not bring it into the image
  fix    ship it: add "services/auth/auth_service/**" to ships.files
         (contracts.toml:3)
"""
    )


def test_a_package_taken_out_by_a_pattern(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]

        [services.backend.ships]
        files = [
            "**",
            "!legacy/**",
        ]
        """
    files = {"app/main.py": "import legacy\n", "legacy/__init__.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'legacy'

  app/main.py:1   import legacy

  cause  legacy/ is in this repository but "!legacy/**" (contracts.toml:7) takes
         it out of what ships
  fix    narrow "!legacy/**" (contracts.toml:7), so that legacy/ ships
"""
    )


def test_a_package_taken_out_and_brought_back_in_part(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]

        [services.backend.ships]
        files = [
            "**",
            "!legacy/**",
            "legacy/__init__.py",
        ]
        """
    files = {
        "app/main.py": "import legacy.orders\n",
        "legacy/__init__.py": "",
        "legacy/orders.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'legacy.orders'

  app/main.py:1   import legacy.orders

  cause  legacy/orders.py is in this repository but "!legacy/**"
         (contracts.toml:7) takes it out of what ships
  fix    narrow "!legacy/**" (contracts.toml:7), so that legacy/orders.py ships
"""
    )


def test_a_submodule_that_does_not_ship(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["app/*.py"]
        """
    files = {
        "app/main.py": "import app.core.db\n",
        "app/core/__init__.py": "",
        "app/core/db.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'app.core'

  app/main.py:1   import app.core.db

  cause  app/core/ is in this repository but ships.files (contracts.toml:3) does
         not bring it into the image
  fix    ship it: add "app/core/**" to ships.files (contracts.toml:3)
"""
    )


def test_a_submodule_that_does_not_ship_taken_from_its_package(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["app/*.py"]
        """
    files = {"app/main.py": "from app import core\n", "app/core/__init__.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  ImportError: cannot import name 'core' from 'app' (app/__init__.py)

  app/main.py:1   from app import core

  cause  app/core/ is in this repository but ships.files (contracts.toml:3) does
         not bring it into the image
  fix    ship it: add "app/core/**" to ships.files (contracts.toml:3)
"""
    )


def test_a_distribution_that_is_installed_for_pytest_alone(told: Told, bare: Path) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["app/**"]
        runtime.python = ".venv/bin/python"
        """
    files = {"app/main.py": "import _pytest\n"}
    assert (
        told(files, contract, venv=bare)
        == """
backend cannot start with what ships (contracts.toml:3)

  ModuleNotFoundError: No module named '_pytest'

  app/main.py:1   import _pytest

  cause  distribution pytest provides _pytest and is not installed in
         .venv/bin/python
  fix    install it: .venv/bin/python -m pip install pytest
"""
    )


def test_a_distribution_that_is_installed_nowhere(told: Told) -> None:
    assert (
        told({"app/main.py": "import flask_sqlalchemy_of_ours\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'flask_sqlalchemy_of_ours'

  app/main.py:1   import flask_sqlalchemy_of_ours

  cause  flask_sqlalchemy_of_ours is neither in this repository nor installed in
         the Python that runs pytest
  fix    install the distribution that provides flask_sqlalchemy_of_ours, or
         remove the import
"""
    )


def test_a_misspelt_package(told: Told) -> None:
    assert (
        told({"app/main.py": "import aap\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'aap'

  app/main.py:1   import aap

  cause  aap is neither in this repository nor installed in the Python that runs
         pytest
  fix    install the distribution that provides aap, or remove the import
"""
    )


def test_a_misspelt_package_of_ours_that_does_not_ship(told: Told) -> None:
    files = {"app/main.py": "import biling\n", "billing/__init__.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'biling'

  app/main.py:1   import biling

  cause  biling is neither in this repository nor installed in the Python that
         runs pytest
  fix    import billing (billing/__init__.py, does not ship), if that is meant,
         and ship it: add "billing/**" to ships.files (contracts.toml:5)
         or install the distribution that provides biling, or remove the import
"""
    )


def test_a_misspelt_submodule(told: Told) -> None:
    files = {"app/main.py": "import app.databse\n", "app/database.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.databse'

  app/main.py:1   import app.databse

  cause  app has no module databse; the nearest is app.database
         (app/database.py)
  fix    import app.database
"""
    )


def test_a_submodule_that_moved(told: Told) -> None:
    files = {
        "app/main.py": "from app.session import Session\n",
        "app/core/__init__.py": "",
        "app/core/session.py": "class Session: ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.session'

  app/main.py:1   from app.session import Session

  cause  app has no module session; a module of that name is app.core.session
         (app/core/session.py)
  fix    import app.core.session
"""
    )


def test_a_submodule_that_moved_to_what_does_not_ship(told: Told) -> None:
    files = {
        "app/main.py": "from app.session import Session\n",
        "shared/__init__.py": "",
        "shared/session.py": "class Session: ...\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.session'

  app/main.py:1   from app.session import Session

  cause  app has no module session; a module of that name is shared.session
         (shared/session.py, does not ship)
  fix    import shared.session, and ship it: add "shared/**" to ships.files
         (contracts.toml:5)
"""
    )


def test_a_submodule_that_is_nowhere(told: Told) -> None:
    assert (
        told({"app/main.py": "import app.gone\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.gone'

  app/main.py:1   import app.gone

  cause  app has no module gone, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )


def test_a_submodule_of_a_package_that_is_nowhere(told: Told) -> None:
    assert (
        told({"app/main.py": "import app.gone.deeper\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.gone'

  app/main.py:1   import app.gone.deeper

  cause  app has no module gone, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )


def test_a_name_below_a_module(told: Told) -> None:
    files = {"app/main.py": "import app.settings.local\n", "app/settings.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.settings.local'; 'app.settings' is
  not a package

  app/main.py:1   import app.settings.local

  cause  app.settings is a module (app/settings.py), so no module lies below it
  fix    correct the name, or remove the import
"""
    )


def test_a_name_below_a_module_whose_folder_is_hidden(told: Told) -> None:
    files = {
        "app/main.py": "import app.settings.local\n",
        "app/settings.py": "",
        "app/settings/local.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.settings.local'; 'app.settings' is
  not a package

  app/main.py:1   import app.settings.local

  cause  app/settings.py hides app/settings/: a module comes before a folder
         without __init__.py
  fix    rename app/settings.py or app/settings/
"""
    )


def test_a_name_below_a_module_of_the_standard_library(told: Told) -> None:
    assert (
        told({"app/main.py": "import json.nothing\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'json.nothing'

  app/main.py:1   import json.nothing

  cause  the standard library of Python 3.x has no module json.nothing
  fix    correct the name, or remove the import
"""
    )


def test_another_letter_case(told: Told) -> None:
    files = {"app/main.py": "import app.Database\n", "app/database.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.Database'

  app/main.py:1   import app.Database

  cause  the module is called app.database (app/database.py): the names differ
         by letter case, which matters where the service runs
  fix    write app.database
"""
    )


def test_another_letter_case_of_a_package(told: Told) -> None:
    files = {"App/__init__.py": "", "app/main.py": "import APP.main\n"}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'APP'

  app/main.py:1   import APP.main

  cause  the module is called App (App/__init__.py, does not ship): the names
         differ by letter case, which matters where the service runs
  fix    write App, and ship it: add "App/**" to ships.files (contracts.toml:5)
"""
    )


def test_another_letter_case_of_what_does_not_ship(told: Told) -> None:
    files = {"app/main.py": "import Billing\n", "billing/__init__.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'Billing'

  app/main.py:1   import Billing

  cause  the module is called billing (billing/__init__.py, does not ship): the
         names differ by letter case, which matters where the service runs
  fix    write billing, and ship it: add "billing/**" to ships.files
         (contracts.toml:5)
"""
    )


def test_a_module_that_hides_the_standard_library(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    files = {"main.py": "import email.message\n", "email.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'email.message'; 'email' is not a package

  main.py:1   import email.message

  cause  email.py hides the standard library's email: it comes first on the
         import path
  fix    rename email.py
"""
    )


def test_a_folder_that_hides_an_installed_package(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    files = {"main.py": "import pluggy._manager\n", "pluggy/__init__.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'pluggy._manager'

  main.py:1   import pluggy._manager

  cause  pluggy/ hides the installed pluggy: it comes first on the import path
  fix    rename pluggy/
"""
    )


def test_a_module_that_is_missing_in_the_installed_version(told: Told) -> None:
    assert (
        told({"app/main.py": "import pluggy.callers\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'pluggy.callers'

  app/main.py:1   import pluggy.callers

  cause  the pluggy that is installed in the Python that runs pytest has no
         module pluggy.callers
  fix    check which version of pluggy the code was written for
"""
    )


def test_a_module_that_an_older_standard_library_lacks(told: Told, old: Path) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.python = ".venv/bin/python"
        """
    assert (
        told({"app/main.py": "import tomllib\n"}, contract, venv=old)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'tomllib'

  app/main.py:1   import tomllib

  cause  tomllib is in the standard library of Python 3.x but not of Python 3.8,
         which runs backend
  fix    run backend on a Python that has tomllib
"""
    )


def test_a_module_that_is_behind_an_integration(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app"]
        ships.files = ["app/**"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth_service"
        through = ["app.auth_integration"]
        reason = "backend talks to auth over HTTP"
        """
    files = {
        "app/main.py": "import auth_service\n",
        "app/auth_integration.py": "",
        "auth_service/__init__.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:4)

  ModuleNotFoundError: No module named 'auth_service'

  app/main.py:1   import auth_service

  cause  auth_service/ is in this repository but ships.files (contracts.toml:4)
         does not bring it into the image
  rule   integration "auth": auth_service is reached only through
         app.auth_integration (backend talks to auth over HTTP)
  fix    import it through app.auth_integration
         or ship it: add "auth_service/**" to ships.files (contracts.toml:4),
         and add the modules that import it to exempt of integration "auth"
         (contracts.toml:6)
"""
    )


def test_the_door_of_an_integration_may_import_what_lies_behind(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app"]
        ships.files = ["app/**"]

        [[services.backend.integrations]]
        name = "auth"
        root = "auth_service"
        through = ["app.auth_integration"]
        """
    files = {
        "app/main.py": "import app.auth_integration\n",
        "app/auth_integration.py": "import auth_service\n",
        "auth_service/__init__.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:4)

  ModuleNotFoundError: No module named 'auth_service'

  app/main.py:1               imports app.auth_integration
  app/auth_integration.py:1   import auth_service

  cause  auth_service/ is in this repository but ships.files (contracts.toml:4)
         does not bring it into the image
  rule   integration "auth": auth_service is reached only through
         app.auth_integration
  fix    ship it: add "auth_service/**" to ships.files (contracts.toml:4)
"""
    )


def test_a_module_of_no_allowed_root(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        allowed_roots = ["app"]
        ships.files = ["app/**"]
        """
    files = {"app/main.py": "import shared.db\n", "shared/__init__.py": "", "shared/db.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:4)

  ModuleNotFoundError: No module named 'shared'

  app/main.py:1   import shared.db

  cause  shared/ is in this repository but ships.files (contracts.toml:4) does
         not bring it into the image
  rule   allowed_roots (contracts.toml:3): app
  fix    do not import shared: it is no allowed root of backend
         or ship it: add "shared/**" to ships.files (contracts.toml:4), and add
         "shared" to allowed_roots (contracts.toml:3)
"""
    )


def test_the_entrypoint_itself_does_not_ship(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["web.main"]
        ships.files = ["app/**"]
        """
    assert (
        told({"web/__init__.py": "", "web/main.py": ""}, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'web'

  contracts.toml:2   starts web.main

  cause  web/ is in this repository but ships.files (contracts.toml:3) does not
         bring it into the image
  fix    ship it: add "web/**" to ships.files (contracts.toml:3)
"""
    )


def test_an_import_by_name(told: Told) -> None:
    source = """\
        from importlib import import_module

        def load(name):
            return import_module(name)

        load("plugins.auth")
        """
    files = {"app/main.py": source, "plugins/__init__.py": "", "plugins/auth.py": ""}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'plugins'

  app/main.py:6   calls load()
  app/main.py:4   return import_module(name)
  app/main.py:6   "plugins.auth" given to load()

  cause  "plugins.auth" given to load() (app/main.py:6) names what is not found:
         plugins/ is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "plugins/**" to ships.files (contracts.toml:5)
"""
    )


def test_a_relative_import_beyond_the_top(told: Told) -> None:
    assert (
        told({"app/main.py": "from ... import shared\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: attempted relative import beyond top-level package

  app/main.py:1   from ... import shared

  cause  app/main.py:1 raises ImportError at import
"""
    )


def test_a_module_set_to_none(told: Told) -> None:
    source = """\
        import sys

        sys.modules["json"] = None
        import json
        """
    assert (
        told({"app/main.py": source})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: import of json halted; None in sys.modules

  app/main.py:4   import json

  cause  json is there in the Python that runs pytest: code that ran before has
         changed sys.path, sys.meta_path or sys.modules so that it is not found,
         or raised this itself
"""
    )


def test_modules_that_are_kept_from_being_found(told: Told) -> None:
    source = """\
        import sys

        sys.path.clear()
        import tools
        """
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        """
    assert (
        told({"app/main.py": source, "tools.py": ""}, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'tools'

  app/main.py:4   import tools

  cause  tools is there (tools.py): code that ran before has changed sys.path,
         sys.meta_path or sys.modules so that it is not found, or raised this
         itself
"""
    )


def test_a_package_that_only_bears_the_name_of_a_standard_module(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        """
    files = {"main.py": "import email.gone\n", "email/__init__.py": ""}
    assert (
        told(files, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'email.gone'

  main.py:1   import email.gone

  cause  email has no module gone, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )


def test_a_distribution_that_bears_the_name_of_a_stray_file(told: Told, bare: Path) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.python = ".venv/bin/python"
        """
    files = {"app/main.py": "import pluggy\n", "docs/pluggy.py": ""}
    assert (
        told(files, contract, venv=bare)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'pluggy'

  app/main.py:1   import pluggy

  cause  distribution pluggy provides pluggy and is not installed in
         .venv/bin/python
  fix    install it: .venv/bin/python -m pip install pluggy
         or add "docs" to runtime.paths (contracts.toml:3)
"""
    )


def test_a_module_missed_by_an_installed_package(told: Told, bare: Path) -> None:
    site = {
        "framework/__init__.py": "import framework.core\n",
        "framework/core.py": "import engine\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.python = ".venv/bin/python"
        """
    assert (
        told({"app/main.py": "import framework\n"}, contract, venv=bare, site=site)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'engine'

  app/main.py:1
      imports framework
  … 1 step in framework …
  .venv/lib/python3.x/site-packages/framework/core.py:1
      import engine

  cause  engine, which framework.core imports, is not installed in
         .venv/bin/python
  fix    install the distribution that provides engine
"""
    )


def test_one_cause_for_two_modules_of_a_package(
    diagnoses: Callable[..., tuple[Diagnosis, ...]],
) -> None:
    files = {
        "app/main.py": "",
        "app/a.py": "import auth.models\n",
        "app/b.py": "import auth.routes\n",
        "auth/__init__.py": "",
        "auth/models.py": "",
        "auth/routes.py": "",
    }
    one, two = (diagnoses(files, item=f"import[app.{name}]")[0] for name in "ab")
    assert one.cause == two.cause
    assert one.hops != two.hops


def test_a_package_behind_a_link_out_of_the_repository(
    told: Told, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "auth").mkdir()
    (elsewhere / "auth" / "__init__.py").touch()
    (tmp_path / "vend").symlink_to(elsewhere)
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]

        [services.backend.ships]
        files = ["app/**", "vend/**"]
        """
    assert (
        told({"app/main.py": "import vend.auth\n"}, contract)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'vend'

  app/main.py:1   import vend.auth

  cause  vend/ does not ship: it is a link that leads out of the repository
  fix    put a copy into the repository in place of vend
"""
    )


def test_a_module_that_is_a_link_out_of_the_repository(
    told: Told, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "auth.py"
    elsewhere.touch()
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "auth.py").symlink_to(elsewhere)
    (tmp_path / "app" / "pipe").symlink_to("nowhere")
    assert (
        told({"app/main.py": "import app.auth\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.auth'

  app/main.py:1   import app.auth

  cause  app/auth.py does not ship: it is a link that leads out of the
         repository
  fix    put a copy into the repository in place of app/auth.py
"""
    )


def test_a_module_of_a_name_that_no_file_can_have(told: Told) -> None:
    name = "a" * 300
    said = told({"app/main.py": f"import json.{name}\n"})
    assert f"has no module json.{name}" in said.replace("\n         ", " ")


def test_a_package_that_is_installed_as_a_link_to_the_repository(
    told: Told, diagnoses: Callable[..., object], bare: Path, tmp_path: Path
) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["app/**"]
        runtime.python = ".venv/bin/python"
        """
    files = {"app/main.py": "import shared\n", "shared/__init__.py": ""}
    diagnoses(files, contract, venv=bare)
    (site,) = tmp_path.glob(".venv/lib/python3.*/site-packages")
    (site / "shared").symlink_to(tmp_path / "shared")
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'shared'

  app/main.py:1   import shared

  cause  shared/ is in this repository but ships.files (contracts.toml:3) does
         not bring it into the image
  fix    ship it: add "shared/**" to ships.files (contracts.toml:3)
"""
    )
