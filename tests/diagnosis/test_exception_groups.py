"""Groups of exceptions: each member has a cause of its own."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]


def test_each_cause_is_told_once(told: Told) -> None:
    plugins = """\
        errors = []
        for name in ("shared", "gone", "shared.more"):
            try:
                __import__(name)
            except ImportError as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup("plugins", errors)
        """
    files = {
        "app/main.py": "from app import plugins\n",
        "app/plugins.py": plugins,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared'
  raised in ExceptionGroup: plugins (3 sub-exceptions)

  app/main.py:1      imports app.plugins
  app/plugins.py:4   __import__(name)

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)

backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'gone'
  raised in ExceptionGroup: plugins (3 sub-exceptions)

  app/main.py:1      imports app.plugins
  app/plugins.py:4   __import__(name)

  cause  gone is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides gone, or remove the import
"""
    )


def test_a_task_group(told: Told) -> None:
    main = """\
        import asyncio

        async def load():
            import shared

        async def start():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(load())

        asyncio.run(start())
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
  raised in ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)

  app/main.py:4   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_group_in_a_group(told: Told) -> None:
    main = """\
        inner = ExceptionGroup("inner", [KeyError("x")])
        raise ExceptionGroup("outer", [inner, ValueError("y")])
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  KeyError: 'x'
  raised in ExceptionGroup: inner (1 sub-exception)
  raised in ExceptionGroup: outer (2 sub-exceptions)

  app/main.py:2   raise ExceptionGroup("outer", [inner, ValueError("y")])

  cause  app/main.py:2 raises KeyError at import

backend cannot start with what ships (contracts.toml:5)

  ValueError: y
  raised in ExceptionGroup: outer (2 sub-exceptions)

  app/main.py:2   raise ExceptionGroup("outer", [inner, ValueError("y")])

  cause  app/main.py:2 raises ValueError at import
"""
    )


def test_a_group_that_an_error_was_raised_from(told: Told) -> None:
    plugins = """\
        try:
            raise ExceptionGroup("plugins", [ImportError("no plugin")])
        except ExceptionGroup as group:
            raise RuntimeError("not started") from group
        """
    files = {
        "app/main.py": "from app import plugins\n",
        "app/plugins.py": plugins,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: no plugin
  raised in ExceptionGroup: plugins (1 sub-exception)
  raised as RuntimeError: not started

  app/main.py:1      imports app.plugins
  app/plugins.py:2   raise ExceptionGroup("plugins", [ImportError("no plugin")])

  cause  app/plugins.py:2 raises ImportError at import
"""
    )
