"""What is said of a start that loads what it must not, or takes too much."""

from __future__ import annotations

import re
from collections.abc import Callable

Told = Callable[..., str]
ONE_SERVICE = """\
[services.backend]
entrypoints = ["app.main"]

[services.backend.ships]
files = ["app/**"]

"""

CONTRACT = """\
[services.backend]
entrypoints = ["app.main"]
ships.files = ["app/**", "lib/**"]

[services.backend.startup]
never_loads = ["app.tests", "wave", "lib.late", "sys", "forged"]
max_modules = 3
max_seconds = 0.001
max_memory = 1
"""
FILES = {
    "app/main.py": """\
        import sys, types
        import lib.heavy
        from app import models
        sys.modules["forged"] = types.ModuleType("forged")
        models.connect()
    """,
    "app/models.py": """\
        import app.tests.helper
        def connect():
            import lib.late
    """,
    "app/tests/__init__.py": "",
    "app/tests/helper.py": "",
    "lib/heavy.py": "import wave\n",
    "lib/late.py": "",
}


def test_what_must_not_be_loaded(told: Told) -> None:
    assert (
        told(FILES, CONTRACT, "never_loads[app.tests]")
        == """
starting backend loads app.tests

  app/main.py:3     imports app.models
  app/models.py:1   import app.tests.helper

  cause  app/models.py:1 imports app.tests while the service starts
  rule   never_loads (contracts.toml:6): app.tests
  fix    import app.tests in the function that needs it
         or take app.tests out of never_loads (contracts.toml:6)
"""
    )
    assert (
        told(FILES, CONTRACT, "never_loads[lib.late]")
        == """
starting backend loads lib.late

  app/main.py:5     calls connect()
  app/models.py:3   import lib.late

  cause  app/models.py:3 imports lib.late while the service starts
  rule   never_loads (contracts.toml:6): lib.late
  fix    call connect() when the service has started
         or take lib.late out of never_loads (contracts.toml:6)
"""
    )
    assert (
        told(FILES, CONTRACT, "never_loads[sys]")
        == """
starting backend loads sys

  cause  the interpreter loads sys itself, before any code of backend
  rule   never_loads (contracts.toml:6): sys
  fix    take sys out of never_loads (contracts.toml:6)
"""
    )
    assert (
        told(FILES, CONTRACT, "never_loads[forged]")
        == """
starting backend loads forged

  cause  forged is loaded by what no line of backend asks for
  rule   never_loads (contracts.toml:6): forged
  fix    find out what loads forged
         or take forged out of never_loads (contracts.toml:6)
"""
    )


def test_budgets(told: Told) -> None:
    def shown(item: str) -> str:
        """The text with N for what was measured, and the cause on one line."""
        text = told(files, CONTRACT, item)
        head, cause, rest = re.split(r"(?s)  cause  (.*?)(?=\n  rule)", text)
        text = f"{head}  cause  {' '.join(cause.split())}{rest}"
        return re.sub(
            r"\d[\d.]*(?= (modules[],]|modules that|s[],]|MB,|s more|MB more|s of|MB of))",
            "N",
            text,
        )

    files = FILES
    assert (
        shown("budget[max_modules]")
        == """
starting backend loads N modules, and 3 modules are allowed

  lib/heavy.py:1     import wave  [N modules]
  contracts.toml:2   starts app.main  [N modules]
  app/main.py:2      import lib.heavy  [N modules]
  app/models.py:1    import app.tests.helper  [N modules]

  cause  startup loads N modules that the bare interpreter does not load
  rule   max_modules (contracts.toml:7): 3
  fix    import what is not needed to start in the functions that need it
         or raise max_modules (contracts.toml:7)
"""
    )
    files = {**FILES, "lib/heavy.py": "import time\nmuch = 'x' * 9_000_000\ntime.sleep(1)\n"}
    files["app/models.py"] = "def connect():\n    pass\n"
    assert (
        shown("budget[max_seconds]")
        == """
starting backend takes N s, and 0.001 s are allowed

  app/main.py:2   import lib.heavy  [N s]

  cause  startup takes N s more than the N s of the bare interpreter
  rule   max_seconds (contracts.toml:8): 0.001
  fix    import what is not needed to start in the functions that need it
         or raise max_seconds (contracts.toml:8)
"""
    )
    assert (
        shown("budget[max_memory]")
        == """
starting backend holds N MB, and 1.0 MB are allowed

  cause  startup holds N MB more than the N MB of the bare interpreter at its peak
  rule   max_memory (contracts.toml:9): 1
  fix    import what is not needed to start in the functions that need it
         or raise max_memory (contracts.toml:9)
"""
    )


def test_a_service_that_does_not_start(told: Told) -> None:
    files = {**FILES, "app/models.py": "import lib.gone\n"}
    assert (
        told(files, CONTRACT, "budget[max_modules]")
        == """
backend cannot start with what ships (contracts.toml:3)

  ModuleNotFoundError: No module named 'lib.gone'

  app/main.py:3     imports app.models
  app/models.py:1   import lib.gone

  cause  lib has no module gone, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )


def test_what_is_deprecated(told: Told) -> None:
    contract = ONE_SERVICE + '[services.backend.startup]\ndeprecations = "fail"\n'
    files = {
        "app/main.py": """\
            from app import models
            from app.olden import old

            old()
            models.use(old)
        """,
        "app/olden.py": """\
            import warnings

            def old():
                warnings.warn("old() goes with version 3", DeprecationWarning, 2)
        """,
        "app/models.py": """\
            def use(old):
                old()
        """,
    }
    assert (
        told(files, contract, "deprecations")
        == """
starting backend uses what is deprecated

  app/main.py:4     old()
  app/models.py:2   old()

  cause  DeprecationWarning: old() goes with version 3
  rule   deprecations (contracts.toml:8): "fail"
  fix    do as the warning says
         or set deprecations = "report" (contracts.toml:8)
"""
    )
    files["app/main.py"] = "import warnings\nimport app.gone\n"
    assert (
        told(files, contract, "deprecations")
        == """
backend cannot start with what ships (contracts.toml:5)

  ModuleNotFoundError: No module named 'app.gone'

  app/main.py:2   import app.gone

  cause  app has no module gone, and no other module of this repository is
         called that
  fix    correct the name, or remove the import
"""
    )
