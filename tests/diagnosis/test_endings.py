from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Told = Callable[..., str]


def test_a_module_that_exits(told: Told) -> None:
    main = """\
        import sys

        sys.exit(3)
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  exited with status 3: SystemExit: 3

  app/main.py:3   sys.exit(3)

  cause  app/main.py:3 ends the process at import
  fix    let importing a module have no such effect
"""
    )


def test_a_module_that_exits_with_zero(told: Told) -> None:
    main = """\
        import sys

        sys.exit()
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  exited with status 0: SystemExit

  app/main.py:3   sys.exit()

  cause  app/main.py:3 ends the process at import
  fix    let importing a module have no such effect
"""
    )


def test_a_module_that_exits_with_a_message(told: Told) -> None:
    files = {
        "app/main.py": 'raise SystemExit("DATABASE_URL is required")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  exited with status 1: SystemExit: DATABASE_URL is required

  app/main.py:1   raise SystemExit("DATABASE_URL is required")

  cause  app/main.py:1 ends the process at import
  fix    let importing a module have no such effect
"""
    )


def test_an_exit_for_a_missing_module(told: Told) -> None:
    main = """\
        try:
            import shared
        except ImportError:
            raise SystemExit("install shared")
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared'
  exited with status 1: SystemExit: install shared

  app/main.py:2   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_function_that_exits(told: Told) -> None:
    main = """\
        from app import cli

        cli.main()
        """
    cli = """\
        import sys

        def main():
            sys.exit(2)
        """
    files = {
        "app/main.py": main,
        "app/cli.py": cli,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  exited with status 2: SystemExit: 2

  app/main.py:3   calls main()
  app/cli.py:4    sys.exit(2)

  cause  app/cli.py:4 ends the process at import
  fix    let importing a module have no such effect
"""
    )


def test_a_process_that_ends_without_a_word(told: Told) -> None:
    worker = """\
        import os


        os._exit(0)
        """
    files = {
        "app/main.py": "import app.worker\n",
        "app/worker.py": worker,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  exited with status 0 while importing app.worker

  app/main.py:1   import app.worker

  cause  importing app.worker ends the process at import
  fix    let importing a module have no such effect
"""
    )


def test_a_process_that_becomes_another(told: Told) -> None:
    main = """\
        import os

        os.execv("/bin/true", ["true"])
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  exited with status 0

  cause  app.main ends the process at import
  fix    let importing a module have no such effect
"""
    )


def test_a_crash(told: Told) -> None:
    native = """\
        import ctypes

        def read():
            ctypes.string_at(0)

        read()
        """
    files = {
        "app/main.py": "from app import native\n",
        "app/native.py": native,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  crashed with SIGSEGV while importing app.native

  app/main.py:1                imports app.native
  app/native.py:6              calls read()
  app/native.py:4              calls string_at()
  /python/ctypes/__init__.py   (a line of Python's)

  cause  the process does not survive app/native.py:4
"""
    )


def test_an_abort(told: Told) -> None:
    main = """\
        import os

        os.abort()
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  crashed with SIGABRT

  app/main.py:3   os.abort()

  cause  the process does not survive app/main.py:3
"""
    )


def test_a_kill(told: Told) -> None:
    worker = """\
        import os, signal

        os.kill(os.getpid(), signal.SIGKILL)
        """
    files = {
        "app/main.py": "import app.worker\n",
        "app/worker.py": worker,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  killed by SIGKILL while importing app.worker

  app/main.py:1   import app.worker

  cause  the process does not survive importing app.worker
"""
    )


def test_an_endless_loop(told: Told) -> None:
    worker = """\
        import time

        def wait():
            while True:
                time.sleep(0.01)

        wait()
        """
    files = {
        "app/main.py": "import app.worker\n",
        "app/worker.py": worker,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.timeout = 1
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  timed out after 1 s while importing app.worker

  app/main.py:1     imports app.worker
  app/worker.py:7   calls wait()
  app/worker.py:5   time.sleep(0.01)

  cause  app/worker.py:5 does not come to an end at import
  fix    do that work after startup, or raise runtime.timeout (contracts.toml:3)
"""
    )


def test_a_wait_without_an_end(told: Told) -> None:
    main = """\
        import socket

        a, b = socket.socketpair()
        a.recv(1)
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.timeout = 1
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  timed out after 1 s

  app/main.py:4   a.recv(1)

  cause  app/main.py:4 does not come to an end at import
  fix    do that work after startup, or raise runtime.timeout (contracts.toml:3)
"""
    )


def test_a_keyboard_interrupt(told: Told) -> None:
    files = {
        "app/main.py": "raise KeyboardInterrupt\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyboardInterrupt

  app/main.py:1   raise KeyboardInterrupt

  cause  app/main.py:1 raises KeyboardInterrupt at import
"""
    )


def test_an_attribute_that_is_absent(told: Told) -> None:
    main = """\
        application = object()
        ap = 1
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:app"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  AttributeError: module 'app.main' has no attribute 'app'

  contracts.toml:2   starts app.main:app

  cause  app.main (app/main.py) has no app; it has ap
  fix    did you mean ap?
"""
    )


def test_an_attribute_that_is_absent_and_defined_elsewhere(told: Told) -> None:
    files = {
        "app/main.py": "",
        "app/factory.py": "app = object()\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:app"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  AttributeError: module 'app.main' has no attribute 'app'

  contracts.toml:2   starts app.main:app

  cause  app.main (app/main.py) has no app
  fix    import app from app.factory
  see    app/factory.py:1 defines app
"""
    )


def test_an_attribute_of_an_attribute(told: Told) -> None:
    main = """\
        class site:
            application = 1
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:site.app"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  AttributeError: type object 'site' has no attribute 'app'

  contracts.toml:2   starts app.main:site.app

  cause  app.main.site has no app
  fix    define app in app.main.site, or remove what asks for it
"""
    )


def test_an_attribute_of_an_object(told: Told) -> None:
    files = {
        "app/main.py": 'site = "text"\n',
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:site.app"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  AttributeError: 'str' object has no attribute 'app'

  contracts.toml:2   starts app.main:site.app

  cause  app.main.site has no app
  fix    define app in app.main.site, or remove what asks for it
"""
    )


def test_a_factory_that_raises(told: Told) -> None:
    main = """\
        def create():
            import shared_of_nobody
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:create()"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'shared_of_nobody'

  app/main.py:2   import shared_of_nobody

  cause  shared_of_nobody is neither in this repository nor installed in the
         Python that runs pytest
  fix    install the distribution that provides shared_of_nobody, or remove the
         import
"""
    )


def test_a_factory_that_is_none(told: Told) -> None:
    files = {
        "app/main.py": "create = None\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:create()"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  TypeError: 'NoneType' object is not callable

  contracts.toml:2   starts app.main:create()

  cause  calling app.main:create() as its server does raises TypeError
"""
    )


def test_a_factory_that_needs_an_argument(told: Told) -> None:
    files = {
        "app/main.py": "def create(settings): ...\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:create()"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  TypeError: create() missing 1 required positional argument: 'settings'

  contracts.toml:2   starts app.main:create()

  cause  calling app.main:create() as its server does raises TypeError
"""
    )


def test_a_factory_that_is_absent(told: Told) -> None:
    files = {
        "app/main.py": "def create_app(): ...\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main:create()"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  AttributeError: module 'app.main' has no attribute 'create'

  contracts.toml:2   starts app.main:create()

  cause  app.main (app/main.py) has no create; it has create_app
  fix    did you mean create_app?
"""
    )


def test_a_script(told: Told) -> None:
    main = """\
        import helpers
        import nowhere_of_ours
        """
    files = {
        "app/main.py": main,
        "app/helpers.py": "",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app/main.py"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'nowhere_of_ours'

  app/main.py:2   import nowhere_of_ours

  cause  nowhere_of_ours is neither in this repository nor installed in the
         Python that runs pytest
  fix    install the distribution that provides nowhere_of_ours, or remove the
         import
"""
    )


def test_one_of_two_entrypoints(told: Told) -> None:
    files = {
        "app/main.py": "",
        "app/worker.py": "raise ValueError('no queue')\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main", "app.worker"]
        """
    assert (
        told(files, contract, item="startup[app.worker]")
        == """
backend cannot start app.worker

  ValueError: no queue

  app/worker.py:1   raise ValueError('no queue')

  cause  app/worker.py:1 raises ValueError at import
"""
    )


def test_a_setup_that_fails(told: Told) -> None:
    main = """\
        def setup():
            raise RuntimeError("no settings")
        """
    files = {
        "app/main.py": main,
        "app/models.py": "",
    }
    contract = """\
        [services.backend]
        modules = ["app.models"]
        runtime.setup = "app.main:setup"
        """
    assert (
        told(files, contract)
        == """
backend cannot import app.models

  RuntimeError: no settings

  runtime.setup (contracts.toml:3) calls app.main:setup
  app/main.py:2   raise RuntimeError("no settings")

  cause  app/main.py:2 raises RuntimeError at import
"""
    )


def test_a_setup_that_is_absent(told: Told) -> None:
    files = {
        "app/main.py": "def setup_all(): ...\n",
        "app/models.py": "",
    }
    contract = """\
        [services.backend]
        modules = ["app.models"]
        runtime.setup = "app.main:setup"
        """
    assert (
        told(files, contract)
        == """
backend cannot import app.models

  AttributeError: module 'app.main' has no attribute 'setup'

  runtime.setup (contracts.toml:3) calls app.main:setup

  cause  app.main (app/main.py) has no setup
  fix    define setup in app.main, or remove what asks for it
"""
    )


def test_a_module_of_a_setup_that_is_absent(told: Told) -> None:
    files = {
        "app/main.py": "",
        "app/models.py": "",
    }
    contract = """\
        [services.backend]
        modules = ["app.models"]
        runtime.setup = "app.gone:setup"
        """
    assert (
        told(files, contract)
        == """
backend cannot import app.models

  ModuleNotFoundError: No module named 'app.gone'

  runtime.setup (contracts.toml:3) calls app.gone:setup

  cause  app has no module gone, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )


def test_a_required_symbol_that_is_absent(told: Told) -> None:
    files = {
        "app/main.py": "class SessionManger: ...\n",
        "app/core.py": "class SessionManager: ...\n",
    }
    contract = """\
        [services.backend]
        modules = ["app.main"]
        required_symbols = ["app.main:SessionManager"]
        """
    assert (
        told(files, contract, item="required_symbol[app.main:SessionManager]")
        == """
backend does not have app.main:SessionManager

  AttributeError: app.main has no attribute 'SessionManager'

  app/main.py   is app.main

  cause  app.main (app/main.py) has no SessionManager; it has SessionManger
  rule   required_symbols (contracts.toml:3)
  fix    import SessionManager from app.core
         or did you mean SessionManger?
  see    app/core.py:1 defines SessionManager
"""
    )


def test_a_required_symbol_of_a_class(told: Told) -> None:
    main = """\
        class Session:
            def closed(self): ...
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        modules = ["app.main"]
        required_symbols = ["app.main:Session.close"]
        """
    assert (
        told(files, contract, item="required_symbol[app.main:Session.close]")
        == """
backend does not have app.main:Session.close

  AttributeError: app.main.Session has no attribute 'close'

  app/main.py   is app.main

  cause  app.main.Session has no close; it has closed
  rule   required_symbols (contracts.toml:3)
  fix    did you mean closed?
"""
    )


def test_a_required_symbol_of_a_module_that_is_nowhere(told: Told) -> None:
    files = {
        "app/main.py": "",
    }
    contract = """\
        [services.backend]
        modules = ["app.main"]
        required_symbols = ["app.gone:X"]
        """
    assert (
        told(files, contract, item="required_symbol[app.gone:X]")
        == """
backend does not have app.gone:X

  ModuleNotFoundError: No module named 'app.gone'

  cause  app has no module gone, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )


def test_a_required_symbol_that_raises(told: Told) -> None:
    main = """\
        def __getattr__(name):
            import shared_of_nobody
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        modules = ["app.main"]
        required_symbols = ["app.main:X"]
        """
    assert (
        told(files, contract, item="required_symbol[app.main:X]")
        == """
backend does not have app.main:X

  ModuleNotFoundError: No module named 'shared_of_nobody'

  app/main.py:2   import shared_of_nobody

  cause  shared_of_nobody is neither in this repository nor installed in the
         Python that runs pytest
  fix    install the distribution that provides shared_of_nobody, or remove the
         import
"""
    )


def test_a_required_symbol_of_a_module_that_fails(told: Told) -> None:
    files = {
        "app/main.py": "X = 1 / 0\n",
    }
    contract = """\
        [services.backend]
        modules = ["app.main"]
        required_symbols = ["app.main:X"]
        """
    assert (
        told(files, contract, item="required_symbol[app.main:X]")
        == """
backend does not have app.main:X

  ZeroDivisionError: division by zero

  app/main.py:1   X = 1 / 0

  cause  app/main.py:1 raises ZeroDivisionError at import
"""
    )


def test_a_submodule_as_an_attribute_that_does_not_ship(told: Told) -> None:
    files = {
        "app/main.py": "",
        "app/core.py": "",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app:core"]
        ships.files = ["app/main.py", "app/__init__.py"]
        """
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:3)

  AttributeError: module 'app' has no attribute 'core'

  contracts.toml:2   starts app:core

  cause  app/core.py is in this repository but ships.files (contracts.toml:3)
         does not bring it into the image
  fix    ship it: add "app/core.py" to ships.files (contracts.toml:3)
"""
    )


def test_a_required_submodule_that_nothing_imported(told: Told) -> None:
    files = {
        "app/main.py": "",
        "app/core.py": "",
    }
    contract = """\
        [services.backend]
        modules = ["app.main"]
        required_symbols = ["app:core"]
        """
    assert (
        told(files, contract, item="required_symbol[app:core]")
        == """
backend does not have app:core

  AttributeError: app has no attribute 'core'

  app/__init__.py   is app

  cause  app.core is a module (app/core.py) that nothing has imported by then
  rule   required_symbols (contracts.toml:3)
  fix    import app.core
"""
    )


@pytest.mark.parametrize(
    ("file", "shown", "cause"),
    [
        (
            "sitecustomize.py",
            "sitecustomize.py:1\n      import sys; sys.exit(3)",
            "sitecustomize.py:1 ends the process\n         before any code of backend runs",
        ),
        (
            "thing.pth",
            "thing.pth:1   import sys; sys.exit(3)",
            "thing.pth:1 ends the process before\n         any code of backend runs",
        ),
    ],
)
def test_an_end_before_the_service_runs(
    told: Told, bare: Path, file: str, shown: str, cause: str
) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.files = ["app/**"]
        runtime.python = ".venv/bin/python"
        """
    site = {file: "import sys; sys.exit(3)\n"}
    assert (
        told({"app/main.py": ""}, contract, venv=bare, site=site)
        == f"""
backend cannot start with what ships (contracts.toml:3)

  exited with status 3: SystemExit: 3

  .venv/lib/python3.x/site-packages/{shown}

  cause  .venv/lib/python3.x/site-packages/{cause}
  fix    let it end nothing, or take it out of .venv/bin/python
"""
    )


def test_a_process_that_is_killed_with_its_watcher(told: Told) -> None:
    files = {"app/main.py": "import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)\n"}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  killed with the process that watched it, which was ended by SIGKILL

  cause  the process does not survive app.main
"""
    )
