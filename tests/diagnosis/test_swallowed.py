"""Imports that failed, were swallowed, and are why something is missing after them."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]


def test_a_name_that_a_swallowed_import_would_have_bound(told: Told) -> None:
    main = """\
        try:
            import shared
        except ImportError:
            pass

        shared.connect()
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'shared' is not defined

  app/main.py:6   shared.connect()

  cause  likely the import at app/main.py:2, which failed and was swallowed
         (ModuleNotFoundError: No module named 'shared'): shared.py is in this
         repository but ships.files (contracts.toml:5) does not bring it into
         the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
  see    app/main.py:2 import shared
"""
    )


def test_a_module_of_ours_whose_own_import_failed(told: Told) -> None:
    main = """\
        try:
            from app import cache
        except ImportError:
            pass

        def start():
            return cache.connect()

        start()
        """
    files = {
        "app/main.py": main,
        "app/cache.py": "import shared\n",
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'cache' is not defined

  app/main.py:9   calls start()
  app/main.py:7   return cache.connect()

  cause  likely the import at app/main.py:2, which failed and was swallowed
         (ModuleNotFoundError: No module named 'shared'): shared.py is in this
         repository but ships.files (contracts.toml:5) does not bring it into
         the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
  see    app/main.py:2 from app import cache
         app/cache.py:1 import shared
"""
    )


def test_a_module_under_another_name(told: Told) -> None:
    main = """\
        try:
            import gone as quick
        except ImportError:
            pass

        quick.start()
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'quick' is not defined

  app/main.py:6   quick.start()

  cause  likely the import at app/main.py:2, which failed and was swallowed
         (ModuleNotFoundError: No module named 'gone'): gone is neither in this
         repository nor installed in the Python that runs pytest
  fix    install the distribution that provides gone, or remove the import
  see    app/main.py:2 import gone as quick
"""
    )


def test_a_module_by_name(told: Told) -> None:
    main = """\
        import importlib

        try:
            quick = importlib.import_module("gone")
        except ImportError:
            pass

        quick.start()
        """
    files = {
        "app/main.py": main,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'quick' is not defined

  app/main.py:8   quick.start()

  cause  likely the import at app/main.py:4, which failed and was swallowed
         (ModuleNotFoundError: No module named 'gone'): gone is neither in this
         repository nor installed in the Python that runs pytest
  fix    install the distribution that provides gone, or remove the import
  see    app/main.py:4 quick = importlib.import_module("gone")
"""
    )


def test_a_swallowed_error_of_another_kind(told: Told) -> None:
    main = """\
        try:
            from app import cache
        except Exception:
            pass

        cache.connect()
        """
    files = {
        "app/main.py": main,
        "app/cache.py": "1 / 0\n",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'cache' is not defined

  app/main.py:6   cache.connect()

  cause  likely the import at app/main.py:2, which failed and was swallowed
         (ZeroDivisionError: division by zero)
  see    app/main.py:2 from app import cache
"""
    )


def test_a_swallowed_circle(told: Told) -> None:
    a = """\
        from app.b import B
        A = 1
        """
    b = """\
        try:
            from app.a import A
        except ImportError:
            pass

        B = A
        """
    files = {
        "app/main.py": "from app import a\n",
        "app/a.py": a,
        "app/b.py": b,
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'A' is not defined

  app/main.py:1   imports app.a
  app/a.py:1      imports app.b
  app/b.py:6      B = A

  cause  likely the import at app/b.py:2, which failed and was swallowed
         (ImportError: cannot import name 'A' from 'app.a'): circular import:
         app.a → app.b → app.a; app.a has not come to A yet
  fix    move A to a module that imports neither
         or import it inside the function that needs it
  see    app/b.py:2 from app.a import A
"""
    )


def test_a_name_that_is_not_there_to_import(told: Told) -> None:
    compat = """\
        try:
            import shared
        except ImportError:
            pass
        """
    files = {
        "app/main.py": "from app.compat import shared\n",
        "app/compat.py": compat,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  ImportError: cannot import name 'shared' from 'app.compat' (app/compat.py)

  app/main.py:1   from app.compat import shared

  cause  likely the import at app/compat.py:2, which failed and was swallowed
         (ModuleNotFoundError: No module named 'shared'): shared.py is in this
         repository but ships.files (contracts.toml:5) does not bring it into
         the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
  see    app/compat.py:2 import shared
"""
    )


def test_an_entrypoint_that_is_not_there(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main:shared"]

        [services.backend.ships]
        files = ["app/**"]
        """
    main = """\
        try:
            import shared
        except ImportError:
            pass
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files, contract)
        == """
backend cannot start with what ships (contracts.toml:5)

  AttributeError: module 'app.main' has no attribute 'shared'

  contracts.toml:2   starts app.main:shared

  cause  likely the import at app/main.py:2, which failed and was swallowed
         (ModuleNotFoundError: No module named 'shared'): shared.py is in this
         repository but ships.files (contracts.toml:5) does not bring it into
         the image
  fix    ship it: add "shared.py" to ships.files (contracts.toml:5)
  see    app/main.py:2 import shared
"""
    )


def test_a_required_symbol_that_is_not_there(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        required_symbols = ["app.main:shared"]

        [services.backend.ships]
        files = ["app/**"]
        """
    main = """\
        try:
            import shared
        except ImportError:
            pass
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files, contract, item="required_symbol[app.main:shared]")
        == """
backend does not have app.main:shared with what ships (contracts.toml:6)

  AttributeError: app.main has no attribute 'shared'

  app/main.py   is app.main

  cause  likely the import at app/main.py:2, which failed and was swallowed
         (ModuleNotFoundError: No module named 'shared'): shared.py is in this
         repository but ships.files (contracts.toml:6) does not bring it into
         the image
  rule   required_symbols (contracts.toml:3)
  fix    ship it: add "shared.py" to ships.files (contracts.toml:6)
  see    app/main.py:2 import shared
"""
    )


def test_a_name_that_another_import_would_have_bound(told: Told) -> None:
    main = """\
        try:
            import gone
        except ImportError:
            pass

        shared.connect()
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'shared' is not defined

  app/main.py:6   shared.connect()

  cause  app/main.py:6 raises NameError at import
"""
    )


def test_a_name_that_another_module_lost(told: Told) -> None:
    main = """\
        from app import compat

        shared.connect()
        """
    compat = """\
        try:
            import shared
        except ImportError:
            pass
        """
    files = {
        "app/main.py": main,
        "app/compat.py": compat,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  NameError: name 'shared' is not defined

  app/main.py:3   shared.connect()

  cause  app/main.py:3 raises NameError at import
"""
    )


def test_an_error_that_hides_its_context(told: Told) -> None:
    main = """\
        try:
            from app import cache
        except ImportError:
            raise RuntimeError("install the cache extra") from None
        """
    files = {
        "app/main.py": main,
        "app/cache.py": "import shared\n",
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
  see    app/main.py:2 from app import cache
         app/cache.py:1 import shared
"""
    )


def test_an_error_that_hides_another_context(told: Told) -> None:
    main = """\
        try:
            import shared
        except ImportError:
            pass

        try:
            int("x")
        except ValueError:
            raise RuntimeError("no number") from None
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  RuntimeError: no number

  app/main.py:9   raise RuntimeError("no number") from None

  cause  app/main.py:9 raises RuntimeError at import
"""
    )


def test_an_error_after_the_handler(told: Told) -> None:
    main = """\
        try:
            import shared
        except ImportError:
            shared = None

        if shared is None:
            raise RuntimeError("no cache")
        """
    files = {
        "app/main.py": main,
        "shared.py": "",
    }
    assert (
        told(files)
        == """
backend cannot start with what ships (contracts.toml:5)

  RuntimeError: no cache

  app/main.py:7   raise RuntimeError("no cache")

  cause  app/main.py:7 raises RuntimeError at import
"""
    )
