"""What ``explain`` says of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]
CONTRACT = """\
    [services.api]
    entrypoints = ["app.main"]
    allowed_roots = ["app"]

    [[services.api.integrations]]
    name = "billing"
    root = "billing"
    through = ["app.door"]
    """


def test_who_may_import_and_who_does(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "contracts.toml": CONTRACT,
            "app/__init__.py": "",
            "app/main.py": """\
                import app.door
                from billing import prices


                def total():
                    import billing.tax
                """,
            "app/door.py": "import billing.prices\n",
            "billing/__init__.py": "",
            "billing/prices.py": "import billing\n",
            "billing/tax.py": "",
        }
    )
    assert (
        explain("billing")
        == """
billing (first-party)
  file     billing/__init__.py
  rule     integration "billing": billing is reached only through app.door
           (contracts.toml:5)
           allowed_roots (contracts.toml:3): app; it is within none of them

app.main (contracts.toml:2) imports it at startup
  app/main.py:2   from billing import prices

2 eager imports: run with the importing module
  app/door.py:1   import billing.prices
  app/main.py:2   from billing import prices  [breaks integration "billing"]

1 deferred import: run later: inside functions, or lazily
  app/main.py:6
      import billing.tax  [deferred in total; breaks integration "billing"]

  note     1 more import of it stands in its own modules
"""
    )


def test_what_is_no_allowed_root(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "contracts.toml": CONTRACT,
            "app/__init__.py": "",
            "app/main.py": "import app.door\nimport shop\n",
            "app/door.py": "import billing\n",
            "billing.py": "",
            "shop.py": "",
        }
    )
    assert (
        explain("shop")
        == """
shop (first-party)
  file     shop.py
  rule     allowed_roots (contracts.toml:3): app; it is within none of them

app.main (contracts.toml:2) imports it at startup
  app/main.py:2   import shop

1 eager import: run with the importing module
  app/main.py:2   import shop  [breaks allowed_roots]
"""
    )


def test_third_party_code_where_it_is_listed(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "contracts.toml": """\
                [services.api]
                entrypoints = ["main"]
                allowed_roots = ["main"]
                third_party = "listed"
                """,
            "main.py": "import packaging.version\n",
        }
    )
    assert (
        explain("packaging")
        == """
packaging (third-party)
  from     packaging, as installed in this Python
  rule     allowed_roots (contracts.toml:3): main; it is within none of them

main (contracts.toml:2) imports it at startup
  main.py:1   import packaging.version

1 eager import: run with the importing module
  main.py:1   import packaging.version  [breaks allowed_roots]
"""
    )
