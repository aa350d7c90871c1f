"""Exceptions that lead to others, and where the trouble began."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Told = Callable[..., str]


def test_an_error_raised_from_a_missing_module(told: Told) -> None:
    cache = """\
        try:
            import shared
        except ImportError as error:
            raise RuntimeError("install the cache extra") from error
        """
    files = {
        "app/main.py": "from app import cache\n",
        "app/cache.py": cache,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared'
  raised as RuntimeError: install the cache extra

  app/main.py:1    imports app.cache
  app/cache.py:2   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_an_error_raised_on_the_spot_for_a_missing_module(told: Told) -> None:
    cache = """\
        try:
            import shared
        except ImportError:
            raise RuntimeError("install the cache extra")
        """
    files = {
        "app/main.py": "from app import cache\n",
        "app/cache.py": cache,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared'
  raised as RuntimeError: install the cache extra

  app/main.py:1    imports app.cache
  app/cache.py:2   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_an_error_raised_from_none_for_a_missing_module(told: Told) -> None:
    main = """\
        try:
            import shared
        except ImportError:
            raise RuntimeError("install the cache extra") from None
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  RuntimeError: install the cache extra

  app/main.py:4   raise RuntimeError("install the cache extra") from None

  cause  likely the import at app/main.py:2, which failed and was swallowed
         (ModuleNotFoundError: No module named 'shared'): shared.py is in this
         repository but ships.files (contracts.toml:5) does not bring it into
         the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
  see    app/main.py:2 import shared
"""
    )


def test_a_second_choice_that_is_missing_too(told: Told) -> None:
    main = """\
        try:
            import fast_json_of_ours
        except ImportError:
            import shared
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

  app/main.py:4   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_second_choice_whose_own_import_is_missing(told: Told) -> None:
    main = """\
        try:
            import fast_json_of_ours
        except ImportError:
            from app import slow
        """
    files = {
        "app/main.py": main,
        "app/slow.py": "import shared\n",
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared'

  app/main.py:4   imports app.slow
  app/slow.py:1   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_an_error_of_the_handlers_own(told: Told) -> None:
    main = """\
        try:
            import fast_json_of_ours
        except ImportError:
            FALLBACK = 1 / 0
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ZeroDivisionError: division by zero

  app/main.py:4   FALLBACK = 1 / 0

  cause  app/main.py:4 raises ZeroDivisionError at import
"""
    )


def test_an_error_in_what_the_handler_calls(told: Told) -> None:
    main = """\
        def fall_back():
            raise ValueError("no fallback")

        try:
            import fast_json_of_ours
        except ImportError:
            fall_back()
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: no fallback

  app/main.py:7   calls fall_back()
  app/main.py:2   raise ValueError("no fallback")

  cause  app/main.py:2 raises ValueError at import
"""
    )


def test_a_swallowed_import_is_not_blamed(told: Told) -> None:
    main = """\
        try:
            import fast_json_of_ours
        except ImportError:
            pass

        import shared
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

  app/main.py:6   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_swallowed_import_is_not_blamed_for_an_error_after_it(told: Told) -> None:
    main = """\
        try:
            import fast_json_of_ours
        except ImportError:
            fast = None

        fast.dumps({})
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  AttributeError: 'NoneType' object has no attribute 'dumps'

  app/main.py:6   fast.dumps({})

  cause  app/main.py:6 raises AttributeError at import
"""
    )


def test_an_error_raised_from_another_that_was_raised_from_a_third(told: Told) -> None:
    a = """\
        try:
            from app import b
        except Exception as error:
            raise RuntimeError("a") from error
        """
    b = """\
        try:
            import shared
        except ImportError as error:
            raise ValueError("b") from error
        """
    files = {
        "app/main.py": "from app import a\n",
        "app/a.py": a,
        "app/b.py": b,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'shared'
  raised as ValueError: b
  raised as RuntimeError: a

  app/main.py:1   imports app.a
  app/a.py:2      imports app.b
  app/b.py:2      import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_function_called_at_import(told: Told) -> None:
    main = """\
        def connect():
            return load()

        def load():
            import shared

        connect()
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

  app/main.py:7   calls connect()
  app/main.py:2   calls load()
  app/main.py:5   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_a_decorator(told: Told) -> None:
    main = """\
        from app.routes import route

        @route("/")
        def index(): ...
        """
    routes = """\
        def route(path):
            def decorate(function):
                raise ValueError(f"{path} is taken")
            return decorate
        """
    files = {
        "app/main.py": main,
        "app/routes.py": routes,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: / is taken

  app/main.py:3     calls decorate()
  app/routes.py:3   raise ValueError(f"{path} is taken")

  cause  app/routes.py:3 raises ValueError at import
"""
    )


def test_a_metaclass(told: Told) -> None:
    main = """\
        class Meta(type):
            def __new__(mcs, name, bases, namespace):
                raise TypeError(f"{name} is abstract")

        class Model(metaclass=Meta):
            pass
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  TypeError: Model is abstract

  app/main.py:5   calls __new__()
  app/main.py:3   raise TypeError(f"{name} is abstract")

  cause  app/main.py:3 raises TypeError at import
"""
    )


def test_a_class_body(told: Told) -> None:
    main = """\
        class Settings:
            debug = False
            level = LEVEL
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'LEVEL' is not defined

  app/main.py:1   runs the body of class Settings
  app/main.py:3   level = LEVEL

  cause  app/main.py:3 raises NameError at import
"""
    )


def test_a_lambda_and_a_comprehension(told: Told) -> None:
    main = """\
        check = lambda x: 1 / x
        results = list(map(check, [0]))
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ZeroDivisionError: division by zero

  app/main.py:2   calls a lambda
  app/main.py:1   check = lambda x: 1 / x

  cause  app/main.py:1 raises ZeroDivisionError at import
"""
    )


def test_a_generator(told: Told) -> None:
    main = """\
        def numbers():
            yield 1 / 0

        list(numbers())
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ZeroDivisionError: division by zero

  app/main.py:4   calls numbers()
  app/main.py:2   yield 1 / 0

  cause  app/main.py:2 raises ZeroDivisionError at import
"""
    )


def test_steps_through_an_installed_package(told: Told, bare: Path) -> None:
    main = """\
        import framework

        framework.load("app.plugin")
        """
    files = {
        "app/main.py": main,
        "app/plugin.py": "import nowhere_at_all\n",
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.python = ".venv/bin/python"
        """
    loader = """\
        import importlib

        def load(name):
            return inner(name)

        def inner(name):
            return importlib.import_module(name)
        """
    site = {"framework/__init__.py": "from framework.loader import load\n"}
    site["framework/loader.py"] = loader
    assert (
        told(files, contract, venv=bare, site=site)
        == """
backend cannot start

  ModuleNotFoundError: No module named 'nowhere_at_all'

  app/main.py:3     calls load()
  … 2 steps in framework …
  app/plugin.py:1   import nowhere_at_all

  cause  nowhere_at_all is neither in this repository nor installed in
         .venv/bin/python
  fix    install the distribution that provides nowhere_at_all, or remove the
         import
"""
    )


def test_steps_through_an_installed_package_that_raises(told: Told, bare: Path) -> None:
    main = """\
        import framework

        framework.check("bad")
        """
    files = {
        "app/main.py": main,
    }
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        runtime.python = ".venv/bin/python"
        """
    framework = """\
        def check(value):
            return inner(value)

        def inner(value):
            raise ValueError(value)
        """
    site = {"framework.py": framework}
    assert (
        told(files, contract, venv=bare, site=site)
        == """
backend cannot start

  ValueError: bad

  app/main.py:3                                      calls check()
  … 1 step in framework …
  .venv/lib/python3.x/site-packages/framework.py:5   raise ValueError(value)

  cause  app/main.py:3 calls framework.check(), which raises ValueError at
         import
"""
    )


def test_a_group_of_errors(told: Told) -> None:
    source = """\
        errors = [ValueError("one"), TypeError("two")]
        raise ExceptionGroup("two things", errors)
        """
    files = {"app/main.py": source}
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: one
  raised in ExceptionGroup: two things (2 sub-exceptions)

  app/main.py:2   raise ExceptionGroup("two things", errors)

  cause  app/main.py:2 raises ValueError at import

backend cannot start with what ships (contracts.toml:5)

  TypeError: two
  raised in ExceptionGroup: two things (2 sub-exceptions)

  app/main.py:2   raise ExceptionGroup("two things", errors)

  cause  app/main.py:2 raises TypeError at import
"""
    )


def test_a_group_of_one_missing_module(told: Told) -> None:
    main = """\
        errors = []
        try:
            import shared
        except ImportError as error:
            errors.append(error)
        raise ExceptionGroup("plugins", errors)
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
  raised in ExceptionGroup: plugins (1 sub-exception)

  app/main.py:3   import shared

  cause  shared.py is in this repository but ships.files (contracts.toml:5) does
         not bring it into the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
"""
    )


def test_an_endless_recursion(told: Told) -> None:
    main = """\
        def f():
            return f()

        f()
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  RecursionError: maximum recursion depth exceeded

  app/main.py:4   calls f()
  app/main.py:2   calls f()
  … again and again …
  app/main.py:2   return f()

  cause  app/main.py:2 raises RecursionError at import
"""
    )


def test_an_exception_without_a_message(told: Told) -> None:
    files = {
        "app/main.py": "raise ValueError\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError

  app/main.py:1   raise ValueError

  cause  app/main.py:1 raises ValueError at import
"""
    )


def test_an_assertion(told: Told) -> None:
    files = {
        "app/main.py": 'assert 1 > 2, "arithmetic"\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  AssertionError: arithmetic

  app/main.py:1   assert 1 > 2, "arithmetic"

  cause  app/main.py:1 raises AssertionError at import
"""
    )


def test_an_exception_of_the_services_own(told: Told) -> None:
    main = """\
        class ConfigError(Exception):
            pass

        raise ConfigError("no config")
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  app.main.ConfigError: no config

  app/main.py:4   raise ConfigError("no config")

  cause  app/main.py:4 raises ConfigError at import
"""
    )


def test_an_import_error_of_the_services_own(told: Told) -> None:
    main = """\
        class PluginMissing(ImportError):
            pass

        raise PluginMissing("no plugin")
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  app.main.PluginMissing: no plugin

  app/main.py:4   raise PluginMissing("no plugin")

  cause  app/main.py:4 raises PluginMissing at import
"""
    )


def test_a_message_that_steers_the_terminal(told: Told) -> None:
    files = {
        "app/main.py": 'raise ValueError("\\x1b[31mred\\x1b[0m \\x07 \\u202e backwards")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: \\x1b[31mred\\x1b[0m \\x07 \\u202e backwards

  app/main.py:1   raise ValueError("\\x1b[31mred\\x1b[0m \\x07 \\u202e backwards")

  cause  app/main.py:1 raises ValueError at import
"""
    )


def test_a_message_of_many_lines(told: Told) -> None:
    files = {
        "app/main.py": 'raise ValueError("\\n".join(f"line {n}" for n in range(40)))\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: line 0
  line 1
  line 2
  line 3
  line 4
  line 5
  line 6
  line 7
  line 8
  line 9
  line 10
  line 11
  line 12
  line 13
  line 14
  … 25 more lines

  app/main.py:1   raise ValueError("\\n".join(f"line {n}" for n in range(40)))

  cause  app/main.py:1 raises ValueError at import
"""
    )


def test_a_message_without_an_end(told: Told) -> None:
    files = {
        "app/main.py": 'raise ValueError("x" * 10_000)\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError:
  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  …

  app/main.py:1   raise ValueError("x" * 10_000)

  cause  app/main.py:1 raises ValueError at import
"""
    )


def test_a_message_without_an_end_of_words(told: Told) -> None:
    files = {
        "app/main.py": 'raise ValueError("word " * 2_000)\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word word word word word word word word word word word word word word
  word word  …

  app/main.py:1   raise ValueError("word " * 2_000)

  cause  app/main.py:1 raises ValueError at import
"""
    )


def test_a_message_that_is_no_unicode(told: Told) -> None:
    files = {
        "app/main.py": 'raise ValueError("caf\\udce9")\n',
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: caf\\udce9

  app/main.py:1   raise ValueError("caf\\udce9")

  cause  app/main.py:1 raises ValueError at import
"""
    )


def test_a_message_that_cannot_be_said(told: Told) -> None:
    main = """\
        class Mute(Exception):
            def __str__(self):
                raise RuntimeError

        raise Mute
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  app.main.Mute: <its __str__ raises>

  app/main.py:5   raise Mute

  cause  app/main.py:5 raises Mute at import
"""
    )


def test_a_statement_over_many_lines(told: Told) -> None:
    main = """\
        VALUE = int(
            "a",  # no number
        )
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: invalid literal for int() with base 10: 'a'

  app/main.py:1   VALUE = int("a")

  cause  app/main.py:1 raises ValueError at import
"""
    )


def test_a_statement_with_a_lone_parenthesis(told: Told) -> None:
    main = """\
        raise ValueError("(")
        never = 1
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ValueError: (

  app/main.py:1   raise ValueError("(")

  cause  app/main.py:1 raises ValueError at import
"""
    )
