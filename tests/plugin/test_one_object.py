"""Canonical objects, as pytest shows them."""

from __future__ import annotations

from typing import Any

CONTRACT = """\
[services.shop]
entrypoints = ["shop.main"]

[[services.shop.canonical]]
symbol = "shop.db:Session"
aliases = ["shop:Session", "shop.lazy:Session"]
unique = true

[[services.shop.canonical]]
symbol = "shop.db:LIMITS"
aliases = ["shop.settings:LIMITS"]
"""
FILES = {
    "contracts.toml": CONTRACT,
    "shop/__init__.py": "from shop.db import Session\n",
    "shop/main.py": "import shop.settings\n",
    "shop/db.py": "class Session: pass\nLIMITS = [1, 2]\n",
    "shop/lazy.py": "import shop.db\ndef __getattr__(name): return getattr(shop.db, name)\n",
    "shop/settings.py": "from shop.db import LIMITS\n",
    "shop/typed.py": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            class Session: pass
        else:
            from shop.db import Session
    """,
    "shop/tests/fakes.py": "class Session: pass\n",
    "billing/db.py": "class Session: pass\n",
    "billing/main.py": "import billing.db\n",
}
PREFIX = "contracts.toml::shop::"


def test_one_object_and_what_ships_beside_the_service(repository: Any) -> None:
    repository.write(FILES)
    result = repository.pytest("--import-contracts", "-k", "canonical", "-rA")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            (
                "billing.db:Session (billing.db:1) ships as well, in code that is not shop's "
                "and that no entrypoint reaches"
            ),
            f"PASSED {PREFIX}canonical[[]shop.db:Session[]]",
            f"PASSED {PREFIX}canonical[[]shop.db:LIMITS[]]",
        ]
    )


def test_what_the_service_reaches_is_its_own(repository: Any) -> None:
    settings = "import billing.main\nfrom shop.db import LIMITS as given\nLIMITS = list(given)\n"
    repository.write({**FILES, "shop/settings.py": settings})
    result = repository.pytest("--import-contracts", "-k", "canonical", "-rA")
    result.assert_outcomes(failed=2)
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if "shop canonical[shop.db:Session]" in line)
    end = next(i for i, line in enumerate(lines) if "= import contracts =" in line)
    assert "\n".join([*lines[start:end], ""]) == (
        """\
_______________________ shop canonical[shop.db:Session] ________________________
shop has a second Session beside shop.db:Session

  shop/db.py:1        class Session: pass
  billing/main.py:1   import billing.db
  billing/db.py:1     class Session: pass

  cause  billing.db defines a Session of its own, which 1 line imports
  rule   canonical (contracts.toml:4): no other module defines a class or
         function Session
  fix    import Session from shop.db, and delete the other
         or rename one of the two
________________________ shop canonical[shop.db:LIMITS] ________________________
shop.settings:LIMITS is not shop.db:LIMITS in shop

  shop/db.py:2         LIMITS = [1, 2]
  shop/main.py:1       import shop.settings
  shop/settings.py:2   from shop.db import LIMITS as given
  shop/settings.py:3   LIMITS = list(given)

  cause  shop.settings:LIMITS is another object, of type list
  rule   canonical (contracts.toml:9): there is one LIMITS, and it is
         shop.db:LIMITS
  fix    bind the same object: from shop.db import LIMITS
"""
    )
