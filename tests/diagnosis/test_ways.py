"""What is shown of imports that break a rule: how each is reached, who saw it, the way to it."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[..., str]

CONTRACT = """\
    [services.backend]
    entrypoints = ["app.main"]

    [[services.backend.integrations]]
    name = "auth"
    root = "auth"
    through = ["app.door"]
    """
FILES = {"auth/__init__.py": "", "auth/models.py": "User = 1\n", "app/door.py": "import auth\n"}


def test_the_one_conflict_among_forty_harmless_imports(told: Told) -> None:
    harmless = {f"app/m{number}.py": "from app import door\n" for number in range(40)}
    imports = "".join(f"from app import m{number}\n" for number in range(40))
    files = {
        **FILES,
        **harmless,
        "app/main.py": f"{imports}\ndef later():\n    from app import m17\n",
        "app/m17.py": "import json\nimport app.deep\n",
        "app/deep.py": """\
            def login():
                from auth.models import User
            """,
    }
    assert (
        told(files, CONTRACT, item="integration[auth]")
        == """
backend reaches auth past app.door

  app/main.py:18   imports app.m17
  app/m17.py:2     imports app.deep
  app/deep.py:2    from auth.models import User  [deferred, in the source]

  cause  1 direct import of auth past the integration
  rule   integration "auth": auth is reached only through app.door
         (contracts.toml:4)
  fix    import it through app.door
"""
    )


def test_every_kind(told: Told) -> None:
    main = """\
        import os
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import auth.models
        try:
            import auth.lost
        except ImportError:
            pass
        if os.environ.get("MODE") == "x":
            import auth
        if os.environ.get("MODE") != "x":
            import auth.models as models
        import importlib
        importlib.import_module("auth.models")

        def later():
            importlib.import_module("auth.models")

        exec("import auth")
        """
    contract = CONTRACT.replace(
        'entrypoints = ["app.main"]', 'entrypoints = ["app.main"]\n    typing_imports = "check"'
    )
    assert (
        told({**FILES, "app/main.py": main}, contract, item="integration[auth]")
        == """
backend reaches auth past app.door

  app/main.py:4    import auth.models  [typing, in the source]
  app/main.py:6    import auth.lost  [eager, guarded, seen by both]
  app/main.py:10   import auth  [conditional, in the source]
  app/main.py:12   import auth.models as models  [eager, seen by both]
  app/main.py:14   importlib.import_module("auth.models")  [eager, seen by both]
  app/main.py:17
      importlib.import_module("auth.models")  [deferred, in the source]
  app/main.py
      imports auth  (in text that it executes)  [eager, seen at runtime]

  cause  7 direct imports of auth past the integration
  rule   integration "auth": auth is reached only through app.door
         (contracts.toml:5)
  fix    import it through app.door
"""
    )


def test_the_nearest_three_with_their_ways_and_the_others_as_lines(told: Told) -> None:
    files = {
        **FILES,
        "app/main.py": """\
            import app.far

            def later():
                import app.jobs
            """,
        "app/far.py": "import app.further\n",
        "app/further.py": "import auth.models\nfrom auth import models\n",
        "app/jobs.py": "import auth\n",
        "app/lost.py": "import auth\n",
        "app/tools.py": "import auth\n",
        "app/tests/test_a.py": "import auth\n",
    }
    assert (
        told(files, CONTRACT, item="integration[auth]")
        == """
backend reaches auth past app.door

  app/main.py:1      imports app.far
  app/far.py:1       imports app.further
  app/further.py:1   import auth.models  [eager, seen by both]
  app/further.py:2   from auth import models  [eager, seen by both]

  app/main.py:4   imports app.jobs  [deferred]
  app/jobs.py:1   import auth  [eager, seen by both]

  no entrypoint reaches app.lost
  app/lost.py:1   import auth  [eager, seen by both]

  and 1 more import:
  app/tools.py:1   import auth  [eager, seen by both, reached by no entrypoint]

  cause  5 direct imports of auth past the integration
  rule   integration "auth": auth is reached only through app.door
         (contracts.toml:4)
  fix    import it through app.door
"""
    )


def test_a_service_without_entrypoints_has_no_ways(told: Told) -> None:
    contract = CONTRACT.replace('entrypoints = ["app.main"]', 'modules = ["app.**"]')
    assert (
        told({**FILES, "app/main.py": "import auth\n"}, contract, item="integration[auth]")
        == """
backend reaches auth past app.door

  app/main.py:1   import auth  [eager, seen by both]

  cause  1 direct import of auth past the integration
  rule   integration "auth": auth is reached only through app.door
         (contracts.toml:4)
  fix    import it through app.door
"""
    )


def test_a_way_that_leads_by_a_name(told: Told) -> None:
    files = {
        **FILES,
        "app/main.py": """\
            import app.settings

            def later():
                import app.loader
            """,
        "app/settings.py": 'ROOT_URLCONF = "app.shop"\nJOBS = ["auth.models"]\n',
        "app/shop.py": "import auth\n",
        "app/loader.py": "",
    }
    assert (
        told(files, CONTRACT, item="integration[auth]")
        == """
backend reaches auth past app.door

  app/main.py:1       imports app.settings
  app/settings.py:1   imports app.shop  [by name in ROOT_URLCONF]
  app/shop.py:1       import auth  [eager, seen by both]

  cause  1 direct import of auth past the integration
  rule   integration "auth": auth is reached only through app.door
         (contracts.toml:4)
  fix    import it through app.door
"""
    )
