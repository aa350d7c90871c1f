"""What startup imports because a string says so: the string's line is the cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Told = Callable[..., str]

CONTRACT = """\
[services.backend]
entrypoints = ["shop.main"]
modules = ["shop.main"]

[services.backend.ships]
files = ["shop/**"]

[services.backend.runtime]
python = ".venv/bin/python"
"""
LOADER = """\
from importlib import import_module

def populate(settings):
    for entry in settings.INSTALLED_APPS:
        import_module(entry)

def import_string(path):
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)

def include(module):
    return import_module(module)
"""
SITE = {"loader.py": LOADER}


@pytest.fixture
def shop(told: Told, bare: Path) -> Callable[..., str]:
    """What is told of a repository whose installed library imports by name."""

    def shop(main: str, settings: str = "", **more: str) -> str:
        files = {"shop/__init__.py": "", "shop/main.py": main, "shop/settings.py": settings}
        files.update({f"shop/{name}.py": text for name, text in more.items()})
        return told(files, CONTRACT, venv=bare, site=SITE)

    return shop


POPULATES = "import loader\n\nfrom shop import settings\n\nloader.populate(settings)\n"


def test_an_entry_of_a_list_of_settings(shop: Callable[..., str]) -> None:
    settings = """\
        INSTALLED_APPS = [
            "shop.orders",
            "shop.biling",
        ]
        """
    assert (
        shop(POPULATES, settings, orders="", billing="")
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'shop.biling'

  shop/main.py:5                                  calls populate()
  .venv/lib/python3.x/site-packages/loader.py:5   import_module(entry)
  shop/settings.py:3
      "shop.biling" in INSTALLED_APPS

  cause  "shop.biling" in INSTALLED_APPS (shop/settings.py:3) names what is not
         found: shop has no module biling; the nearest is shop.billing
         (shop/billing.py)
  fix    write shop.billing
"""
    )


def test_an_entry_of_a_sum_of_tuples(shop: Callable[..., str]) -> None:
    settings = """\
        BASE = ("shop.orders",)
        INSTALLED_APPS = BASE + (
            "corsheaders",
        )
        """
    assert (
        shop(POPULATES, settings, orders="")
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'corsheaders'

  shop/main.py:5                                  calls populate()
  .venv/lib/python3.x/site-packages/loader.py:5   import_module(entry)
  shop/settings.py:3
      "corsheaders" in INSTALLED_APPS

  cause  "corsheaders" in INSTALLED_APPS (shop/settings.py:3) names what is not
         found: corsheaders is neither in this repository nor installed in
         .venv/bin/python
  fix    install the distribution that provides corsheaders, or remove the entry
"""
    )


def test_an_attribute_that_the_module_lacks(shop: Callable[..., str]) -> None:
    main = """\
        import loader

        from shop import settings

        for path in settings.MIDDLEWARE:
            loader.import_string(path)
        """
    settings = 'MIDDLEWARE = ["shop.middleware.Sesion"]\n'
    assert (
        shop(main, settings, middleware="class Session: ...\n")
        == """
backend cannot start with what ships (contracts.toml:6)

  AttributeError: module 'shop.middleware' has no attribute 'Sesion'

  shop/main.py:6                                  calls import_string()
  .venv/lib/python3.x/site-packages/loader.py:9
      return getattr(import_module(module), name)
  shop/settings.py:1
      "shop.middleware.Sesion" in MIDDLEWARE

  cause  "shop.middleware.Sesion" in MIDDLEWARE (shop/settings.py:1) names what
         is not found: shop.middleware (shop/middleware.py) has no Sesion
  fix    define Sesion in shop.middleware, or remove what asks for it
"""
    )


def test_a_class_in_a_module_that_is_not_there(shop: Callable[..., str]) -> None:
    main = """\
        import loader

        from shop import settings

        for path in settings.MIDDLEWARE:
            loader.import_string(path)
        """
    settings = 'MIDDLEWARE = ["shop.middleware.Session"]\n'
    assert (
        shop(main, settings)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'shop.middleware'

  shop/main.py:6                                  calls import_string()
  .venv/lib/python3.x/site-packages/loader.py:9
      return getattr(import_module(module), name)
  shop/settings.py:1
      "shop.middleware.Session" in MIDDLEWARE

  cause  "shop.middleware.Session" in MIDDLEWARE (shop/settings.py:1) names what
         is not found: shop has no module middleware, and no other module of
         this repository is called that
  fix    correct the name, or remove the entry
"""
    )


def test_an_argument_of_a_call(shop: Callable[..., str]) -> None:
    main = """\
        from loader import include

        patterns = [
            include("shop.urls"),
        ]
        """
    assert (
        shop(main, 'OTHER = ["shop.urls"]\n')
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'shop.urls'

  shop/main.py:4                                   calls include()
  .venv/lib/python3.x/site-packages/loader.py:12   return import_module(module)
  shop/main.py:4
      "shop.urls" given to include()

  cause  "shop.urls" given to include() (shop/main.py:4) names what is not
         found: shop has no module urls, and no other module of this repository
         is called that
  fix    correct the name, or remove the call
"""
    )


def test_what_a_loader_of_our_own_is_told(shop: Callable[..., str]) -> None:
    main = """\
        import importlib

        def load(text):
            module, _, name = text.partition(":")
            return getattr(importlib.import_module(module), name)

        load("shop.web:app")
        """
    assert (
        shop(main)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'shop.web'

  shop/main.py:7   calls load()
  shop/main.py:5   return getattr(importlib.import_module(module), name)
  shop/main.py:7   "shop.web:app" given to load()

  cause  "shop.web:app" given to load() (shop/main.py:7) names what is not
         found: shop has no module web, and no other module of this repository
         is called that
  fix    correct the name, or remove the call
"""
    )


def test_two_places_that_may_be_meant(shop: Callable[..., str]) -> None:
    main = """\
        import loader

        from shop import more, settings

        loader.populate(settings)
        """
    settings = "from shop.more import APPS\n\nINSTALLED_APPS = APPS\n"
    more = 'APPS = ["shop.billing"]\nTASKS = ["shop.billing"]\n'
    assert (
        shop(main, settings, more=more)
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'shop.billing'

  shop/main.py:5                                  calls populate()
  .venv/lib/python3.x/site-packages/loader.py:5   import_module(entry)

  cause  "shop.billing" in APPS (shop/more.py:1) and "shop.billing" in TASKS
         (shop/more.py:2) name what is not found: shop has no module billing,
         and no other module of this repository is called that
  fix    correct the name, or remove the entry
  see    shop/more.py:1 "shop.billing" in APPS
         shop/more.py:2 "shop.billing" in TASKS
"""
    )


SILENT = {
    "an f-string": 'NAME = "shop"\nINSTALLED_APPS = [f"{NAME}.billing"]\n',
    "a logger's name": """\
        import logging

        log = logging.getLogger("shop.billing")
        INSTALLED_APPS = [".".join(["shop", "billing"])]
        """,
    "a logger in a configuration": """\
        LOGGING = {"loggers": {"shop.billing": {}}}
        INSTALLED_APPS = [".".join(["shop", "billing"])]
        """,
    "a docstring": '"shop.billing"\nINSTALLED_APPS = [".".join(["shop", "billing"])]\n',
    "a longer name": """\
        TASKS = ["shop.billings.run"]
        INSTALLED_APPS = [".".join(["shop", "billing"])]
        """,
    "a word": 'TITLE = "billing"\nINSTALLED_APPS = ["bill" + "ing"]\n',
}


@pytest.mark.parametrize("settings", SILENT.values(), ids=SILENT.keys())
def test_no_string_is_blamed(shop: Callable[..., str], settings: str) -> None:
    text = shop(POPULATES, settings)
    assert "No module named" in text
    assert "names what is not found" not in text
    assert "settings.py" not in text


def test_nor_one_in_a_module_that_was_not_loaded(shop: Callable[..., str]) -> None:
    settings = 'INSTALLED_APPS = [".".join(["shop", "billing"])]\n'
    text = shop(POPULATES, settings, unread='APPS = ["shop.billing"]\n')
    assert "No module named" in text
    assert "unread.py" not in text


def test_nor_where_a_statement_imports_it(shop: Callable[..., str]) -> None:
    settings = 'INSTALLED_APPS = ["shop.orders", "shop.billing"]\n'
    assert (
        shop(POPULATES, settings, orders="import shop.billing\n")
        == """
backend cannot start with what ships (contracts.toml:6)

  ModuleNotFoundError: No module named 'shop.billing'

  shop/main.py:5     calls populate()
  … 1 step in loader …
  shop/orders.py:1   import shop.billing

  cause  shop has no module billing, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )
