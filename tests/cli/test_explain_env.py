"""What ``explain --env`` tells of a start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]
FILES = {
    "contracts.toml": """\
        [services.shop]
        entrypoints = ["shop.main", "shop.broken"]
        runtime.env = { API_KEY = "swordfish" }
        runtime.env_file = ".env"
        runtime.python = "env/bin/python"
        """,
    ".env": "DATABASE_URL=hunter2\n",
    "shop/__init__.py": "",
    "shop/main.py": """\
        import os, library

        os.environ["API_KEY"], os.environ["DATABASE_URL"], os.environ["HOME"]
        os.getenv("MODE"), os.environ.get("API_KEY"), dict(os.environ)
        os.environ["OWN"] = "1"
        os.environ["OWN"]
    """,
    "shop/broken.py": "import os\nos.environ['PORT']\nos.environ['LATER']\n",
}


def test_what_a_start_asks_for(explain: Explain, repository: Repository) -> None:
    folder = repository(FILES)
    command = [sys.executable, "-I", "-m", "venv", "--without-pip", folder / "env"]
    subprocess.run(command, check=True, env={})
    (site,) = folder.glob("env/lib/python*/site-packages")
    (site / "library.py").write_text("import os\nos.environ.get('OTHERS')\n")
    assert (
        explain("--env", "shop")
        == """
6 variables that shop cannot start without
  shop/main.py:3     API_KEY  [runtime.env (contracts.toml:3)]
  shop/main.py:3     DATABASE_URL  [.env]
  shop/main.py:3     HOME  [every image]
  shop/broken.py:3   LATER  [not set]
  shop/main.py:6     OWN  [shop itself]
  shop/broken.py:2   PORT  [not set]

1 variable that shop asks for and can do without
  shop/main.py:4   MODE  [not set]

  others   code of others asks for OTHERS (library)

  start    shop.broken does not start, so this is not all: KeyError: 'PORT'
"""
    )
    data = json.loads(explain("--env", "--json"))
    assert data["failed"] == {"shop.broken": "KeyError: 'PORT'"}
    assert data["variables"][0] == {
        "name": "API_KEY",
        "needed": True,
        "set_by": "runtime.env (contracts.toml:3)",
        "file": "shop/main.py",
        "line": 3,
        "reader": "shop.main",
        "first_party": True,
    }
    assert [value for value in ("swordfish", "hunter2") if value in json.dumps(data)] == []


def test_what_is_asked_in_a_wrong_way(explain: Explain, repository: Repository) -> None:
    repository({"contracts.toml": '[services.a]\nmodules = ["a"]\n', "a.py": ""})
    refused = "2\n--env takes a service and no module, nor --run, --imports, --all\n"
    assert explain("--env", "a", "b") == explain("--env", "--run") == refused
    assert explain("--env", "a") == "2\na has no entrypoints\n"
