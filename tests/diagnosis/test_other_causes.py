from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Told = Callable[..., str]


def test_a_variable_that_is_not_set(told: Told) -> None:
    main = """\
        import os

        URL = os.environ["DATABASE_URL"]
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'DATABASE_URL'

  app/main.py:3   URL = os.environ["DATABASE_URL"]

  cause  environment variable DATABASE_URL is needed at import and not set
  fix    set it where the service runs and in runtime.env (contracts.toml:1):
         DATABASE_URL = "…"
"""
    )


def test_a_variable_that_a_helper_asks_for(told: Told) -> None:
    main = """\
        import os

        def need(name):
            return os.environ[name]

        need("DATABASE_URL")
        """
    files = {
        ".env": "A=1\n",
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.env_file = ".env"
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  KeyError: 'DATABASE_URL'

  app/main.py:6   calls need()
  app/main.py:4   return os.environ[name]

  cause  environment variable DATABASE_URL is needed at import and not set
  fix    set it where the service runs and in runtime.env (contracts.toml:3):
         DATABASE_URL = "…"
         or in .env
"""
    )


def test_a_variable_that_is_declared(told: Told) -> None:
    main = """\
        import os

        URL = os.environ["DATABASE_URL"]
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.env = { DATABASE_URL = "x" }
        """
    assert (
        told(files, contract)
        == """
it holds
"""
    )


def test_a_variable_turned_into_another_error(told: Told) -> None:
    main = """\
        import os

        try:
            URL = os.environ["DATABASE_URL"]
        except KeyError as error:
            raise RuntimeError("no database") from error
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'DATABASE_URL'
  raised as RuntimeError: no database

  app/main.py:4   URL = os.environ["DATABASE_URL"]

  cause  environment variable DATABASE_URL is needed at import and not set
  fix    set it where the service runs and in runtime.env (contracts.toml:1):
         DATABASE_URL = "…"
"""
    )


def test_a_variable_turned_into_another_error_on_the_spot(told: Told) -> None:
    main = """\
        import os

        try:
            URL = os.environ["DATABASE_URL"]
        except KeyError:
            raise RuntimeError("no database")
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'DATABASE_URL'
  raised as RuntimeError: no database

  app/main.py:4   URL = os.environ["DATABASE_URL"]

  cause  environment variable DATABASE_URL is needed at import and not set
  fix    set it where the service runs and in runtime.env (contracts.toml:1):
         DATABASE_URL = "…"
"""
    )


def test_a_key_of_a_plain_dictionary(told: Told) -> None:
    main = """\
        SETTINGS = {}
        URL = SETTINGS["DATABASE_URL"]
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'DATABASE_URL'

  app/main.py:2   URL = SETTINGS["DATABASE_URL"]

  cause  app/main.py:2 raises KeyError at import
"""
    )


def test_a_key_of_a_class_in_a_file_called_os(told: Told) -> None:
    os = """\
        class Box:
            def __getitem__(self, key):
                raise KeyError(key)
        """
    main = """\
        from app.os import Box

        Box()["DATABASE_URL"]
        """
    files = {
        "app/os.py": os,
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'DATABASE_URL'

  app/main.py:3   calls __getitem__()
  app/os.py:3     raise KeyError(key)

  cause  app/os.py:3 raises KeyError at import
"""
    )


def test_a_key_that_a_copy_of_the_environment_lacks(told: Told) -> None:
    main = """\
        import os

        dict(os.environ)["DATABASE_URL"]
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'DATABASE_URL'

  app/main.py:3   dict(os.environ)["DATABASE_URL"]

  cause  app/main.py:3 raises KeyError at import
"""
    )


def test_a_variable_to_be_deleted(told: Told) -> None:
    main = """\
        import os

        del os.environ["DATABASE_URL"]
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'DATABASE_URL'

  app/main.py:3   del os.environ["DATABASE_URL"]

  cause  environment variable DATABASE_URL is needed at import and not set
  fix    set it where the service runs and in runtime.env (contracts.toml:1):
         DATABASE_URL = "…"
"""
    )


def test_a_variable_that_is_none(told: Told) -> None:
    main = """\
        import os

        PORT = int(os.environ.get("PORT"))
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  TypeError: int() argument must be a string, a bytes-like object or a real
  number, not 'NoneType'

  app/main.py:3   PORT = int(os.environ.get("PORT"))

  cause  app/main.py:3 asks for environment variable PORT, which is not set, and
         raises TypeError
  fix    set it where the service runs and in runtime.env (contracts.toml:1):
         PORT = "…"
"""
    )


def test_a_data_file_that_does_not_ship(told: Told) -> None:
    files = {
        "app/main.py": 'SETTINGS = open("config/settings.json")\n',
        "config/settings.json": "{}",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  FileNotFoundError: [Errno 2] No such file or directory: 'config/settings.json'

  app/main.py:1   SETTINGS = open("config/settings.json")

  cause  config/settings.json is in this repository but ships.files
         (contracts.toml:5) does not bring it into the image
  fix    ship it: add "config/settings.json" to ships.files (contracts.toml:5)
"""
    )


def test_a_data_file_that_does_not_ship_by_its_full_path(told: Told) -> None:
    main = """\
        from pathlib import Path

        open(Path(__file__).parent.parent / "config" / "settings.json")
        """
    files = {
        "app/main.py": main,
        "config/settings.json": "{}",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  FileNotFoundError: [Errno 2] No such file or directory: 'config/settings.json'

  app/main.py:3
      open(Path(__file__).parent.parent / "config" / "settings.json")

  cause  config/settings.json is in this repository but ships.files
         (contracts.toml:5) does not bring it into the image
  fix    ship it: add "config/settings.json" to ships.files (contracts.toml:5)
"""
    )


def test_a_data_file_that_a_pattern_takes_out(told: Told) -> None:
    files = {
        "app/main.py": 'open("app/settings.json")\n',
        "app/settings.json": "{}",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["**", "!**/*.json"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  FileNotFoundError: [Errno 2] No such file or directory: 'app/settings.json'

  app/main.py:1   open("app/settings.json")

  cause  app/settings.json is in this repository but "!**/*.json"
         (contracts.toml:3) takes it out of what ships
  fix    narrow "!**/*.json" (contracts.toml:3), so that app/settings.json ships
"""
    )


def test_a_data_file_that_is_nowhere(told: Told) -> None:
    files = {
        "app/main.py": 'open("config/settings.json")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  FileNotFoundError: [Errno 2] No such file or directory: 'config/settings.json'

  app/main.py:1   open("config/settings.json")

  cause  app/main.py:1 raises FileNotFoundError at import
"""
    )


def test_a_data_file_outside_the_repository(told: Told) -> None:
    files = {
        "app/main.py": 'open("/nowhere/settings.json")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  FileNotFoundError: [Errno 2] No such file or directory:
  '/nowhere/settings.json'

  app/main.py:1   open("/nowhere/settings.json")

  cause  app/main.py:1 raises FileNotFoundError at import
"""
    )


def test_a_folder_of_data_that_does_not_ship(told: Told) -> None:
    main = """\
        import os

        os.listdir("templates")
        """
    files = {
        "app/main.py": main,
        "templates/a.html": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  FileNotFoundError: [Errno 2] No such file or directory: 'templates'

  app/main.py:3   os.listdir("templates")

  cause  templates/ is in this repository but ships.files (contracts.toml:5)
         does not bring it into the image
  fix    ship it: add "templates/**" to ships.files (contracts.toml:5)
"""
    )


def test_a_data_file_relative_to_where_the_service_runs(told: Told) -> None:
    files = {
        "services/web/main.py": 'open("settings.json")\n',
        "services/web/settings.json": "{}",
        "settings.json": "{}",
    }
    contract = """\
        [services.backend]
        entrypoints = ["main"]
        runtime.paths = ["services/web"]
        ships.files = ["services/web/*.py"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:4)

  FileNotFoundError: [Errno 2] No such file or directory: 'settings.json'

  services/web/main.py:1   open("settings.json")

  cause  services/web/settings.json is in this repository but ships.files
         (contracts.toml:4) does not bring it into the image
  fix    ship it: add "services/web/settings.json" to ships.files
         (contracts.toml:4)
"""
    )


def test_a_folder_to_write_to_that_does_not_ship(told: Told) -> None:
    files = {
        "app/main.py": 'open("logs/app.log", "w")\n',
        "logs/.gitkeep": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  FileNotFoundError: [Errno 2] No such file or directory: 'logs/app.log'

  app/main.py:1   open("logs/app.log", "w")

  cause  app/main.py:1 raises FileNotFoundError at import
"""
    )


def test_a_line_that_is_no_python(told: Told) -> None:
    models = """\
        import os

        def f(:
            pass
        """
    files = {
        "app/main.py": "from app import models\n",
        "app/models.py": models,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  SyntaxError: invalid syntax

  app/main.py:1     from app import models
  app/models.py:3   def f(:

  cause  Python 3.x cannot read app/models.py:3: invalid syntax
  fix    correct app/models.py:3
"""
    )


def test_a_line_that_is_indented_wrongly(told: Told) -> None:
    models = """\
        def f():
        return 1
        """
    files = {
        "app/main.py": "from app import models\n",
        "app/models.py": models,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  IndentationError: expected an indented block after function definition on line
  1

  app/main.py:1     from app import models
  app/models.py:2   return 1

  cause  Python 3.x cannot read app/models.py:2: expected an indented block
         after function definition on line 1
  fix    correct app/models.py:2
"""
    )


def test_a_file_with_null_bytes(told: Told) -> None:
    files = {
        "app/main.py": "from app import models\n",
        "app/models.py": b"x = 1\x00\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  SyntaxError: source code string cannot contain null bytes

  app/main.py:1   from app import models

  cause  app/main.py:1 raises SyntaxError at import
"""
    )


def test_syntax_newer_than_the_services_python(told: Told, old: Path) -> None:
    models = """\
        def kind(x):
            match x:
                case 1:
                    return 2
        """
    files = {
        "app/main.py": "from app import models\n",
        "app/models.py": models,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.python = ".venv/bin/python"
        """
    assert (
        told(files, contract, venv=old)
        == """
backend cannot start

  SyntaxError: invalid syntax

  app/main.py:1     from app import models
  app/models.py:2   match x:

  cause  app/models.py:2 is written in a newer Python than Python 3.8, which
         runs backend
  fix    write it so that the older Python can read it, or run the service on a
         newer one
"""
    )


def test_syntax_of_a_dependency(told: Told, bare: Path) -> None:
    files = {
        "app/main.py": "import framework\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.python = ".venv/bin/python"
        """
    site = {"framework/__init__.py": "print 1\n"}
    assert (
        told(files, contract, venv=bare, site=site)
        == """
backend cannot start

  SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?

  app/main.py:1
      import framework
  .venv/lib/python3.x/site-packages/framework/__init__.py:1
      print 1

  cause  Python 3.x cannot read
         .venv/lib/python3.x/site-packages/framework/__init__.py:1: Missing
         parentheses in call to 'print'. Did you mean print(...)?
  fix    install a version of framework that is made for Python 3.x
"""
    )


def test_source_given_to_compile(told: Told) -> None:
    files = {
        "app/main.py": 'compile("a b", "<rules>", "exec")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  SyntaxError: invalid syntax

  app/main.py:1   compile("a b", "<rules>", "exec")
  <rules>:1       a b

  cause  Python 3.x cannot read the text that is compiled as <rules>:1: invalid
         syntax
"""
    )


def test_source_given_to_eval(told: Told) -> None:
    files = {
        "app/main.py": 'eval("1 +")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  SyntaxError: invalid syntax

  app/main.py:1   eval("1 +")
  <string>:1      1 +

  cause  Python 3.x cannot read the text that is compiled as <string>:1: invalid
         syntax
"""
    )


def test_a_system_library_that_is_not_there(told: Told) -> None:
    main = """\
        import ctypes

        ctypes.CDLL("libnowhere.so.7")
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  OSError: libnowhere.so.7: cannot open shared object file: No such file or
  directory

  app/main.py:3                calls __init__()
  /python/ctypes/__init__.py   (a line of Python's)

  cause  the system library libnowhere.so.7 is not there
  fix    install the package that holds libnowhere.so.7
"""
    )


def test_a_compiled_module_that_is_none(told: Told) -> None:
    files = {
        "app/main.py": "import app._speed\n",
        "app/_speed.abi3.so": "not a library\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  ImportError: app/_speed.abi3.so: file too short

  app/main.py:1   import app._speed

  cause  a compiled module does not fit Python 3.x (the Python that runs pytest)
         or the system's libraries
  fix    install a build made for this interpreter and system
"""
    )


def test_a_message_that_only_mentions_a_library(told: Told) -> None:
    files = {
        "app/main.py": 'raise ImportError("no app.so.config here")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: no app.so.config here

  app/main.py:1   raise ImportError("no app.so.config here")

  cause  app/main.py:1 raises ImportError at import
"""
    )


def test_a_data_file_behind_a_link_out_of_the_repository(
    told: Told, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "x.yml").touch()
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "config").symlink_to(elsewhere)
    assert (
        told({"app/main.py": "open('app/config/x.yml')\n"})
        == """
backend cannot start with what ships (contracts.toml:5)

  FileNotFoundError: [Errno 2] No such file or directory: 'app/config/x.yml'

  app/main.py:1   open('app/config/x.yml')

  cause  app/config/x.yml does not ship: app/config is a link that leads out of
         the repository
  fix    put a copy into the repository in place of app/config
"""
    )


def test_a_variable_that_the_caller_has(told: Told) -> None:
    files = {"app/main.py": "import os\nURL = os.environ['URL']\n"}
    assert (
        told(files, caller=("URL",))
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'URL'

  app/main.py:2   URL = os.environ['URL']

  cause  environment variable URL is needed at import; it is set where pytest
         runs, but the contract does not pass it on
  fix    set it where the service runs and in runtime.env (contracts.toml:1):
         URL = "…"
         or add "URL" to runtime.pass_env (contracts.toml:1)
"""
    )


def test_a_variable_that_the_caller_was_to_have(told: Told) -> None:
    files = {"app/main.py": "import os\nURL = os.environ['URL']\n"}
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.pass_env = ["URL"]
        """
    assert (
        told(files, contract, caller=("HOME",))
        == """
backend cannot start

  KeyError: 'URL'

  app/main.py:2   URL = os.environ['URL']

  cause  environment variable URL is needed at import; pass_env
         (contracts.toml:3) takes it from where pytest runs, but it is not set
         there
  fix    set it where the service runs and in runtime.env (contracts.toml:3):
         URL = "…"
"""
    )


def test_a_data_file_of_a_name_that_no_file_can_have(told: Told) -> None:
    main = "raise FileNotFoundError(2, 'No such file or directory', 'a' * 300)\n"
    assert "FileNotFoundError: [Errno 2] No such file or directory" in told({"app/main.py": main})
