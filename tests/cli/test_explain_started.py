"""What ``explain --run`` adds: entrypoints that were started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]


def test_a_plugin_that_only_a_start_shows(explain: Explain, repository: Repository) -> None:
    repository(
        {
            "main.py": """\
                import importlib

                for name in ("first", "second"):
                    importlib.import_module(f"plugin_{name}")
                """,
            "plugin_first.py": "",
            "plugin_second.py": "",
        }
    )
    assert (
        explain("--entrypoint", "main", "plugin_first")
        == """
plugin_first (first-party)
  file     plugin_first.py

main does not reach it

no code of this repository imports it

  note     what these lines import, only a run can tell: main.py:4
           nothing was started: what distributions import by themselves, as
           plugins or settings make them, is seen with --run
"""
    )
    assert (
        explain("--entrypoint", "main", "plugin_first", "--run")
        == """
plugin_first (first-party)
  file     plugin_first.py

main imports it at startup
  main.py:4   importlib.import_module(f"plugin_{name}")

1 eager import: run with the importing module
  main.py:4   importlib.import_module(f"plugin_{name}")
"""
    )


def test_a_start_that_fails(explain: Explain, repository: Repository) -> None:
    repository({"main.py": "import nowhere\nimport shop\n", "shop.py": ""})
    assert (
        explain("--entrypoint", "main", "shop", "--run")
        == """
shop (first-party)
  file     shop.py

main imports it at startup
  main.py:2   import shop
  start    failed: ModuleNotFoundError: No module named 'nowhere'

1 eager import: run with the importing module
  main.py:2   import shop
"""
    )


def test_nothing_is_run_unasked(explain: Explain, repository: Repository) -> None:
    folder = repository(
        {
            "main.py": "import shop\nopen('ran', 'w').close()\n",
            "shop.py": "open('ran', 'w').close()\n",
        }
    )
    explain("--entrypoint", "main", "shop")
    assert not (folder / "ran").exists()
    explain("--entrypoint", "main", "shop", "--run")
    assert (folder / "ran").exists()
