"""What ``explain --time`` tells of a start."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]
FILES = {
    "contracts.toml": """\
        [services.shop]
        entrypoints = ["shop.main", "shop.broken"]
        """,
    "shop/__init__.py": "",
    "shop/main.py": "from shop.pages import first\nimport shop.quick\n",
    "shop/pages/__init__.py": "",
    "shop/pages/first.py": "import time\nimport shop.slow\ntime.sleep(0.1)\n",
    "shop/slow.py": "import time\ntime.sleep(0.2)\n",
    "shop/quick.py": "",
    "shop/broken.py": "import shop.slow\nimport shop.gone\n",
}


def test_all_of_them_as_data(explain: Explain, repository: Repository) -> None:
    repository(FILES)
    text = explain("--time", "shop", "--all")
    assert re.match(r"\nshop\.main takes [\d.]+ ms more than the [\d.]+ ms of the bare ", text)
    assert re.search(r"\n +\d+\.\d ms +\d+\.\d ms +1      shop\.slow +shop/pages/first", text)
    main, broken = json.loads(explain("--time", "--json"))["entrypoints"]
    assert (main["entrypoint"], main["fails"], main["starts"]) == ("shop.main", False, 3)
    assert broken["ended"] == "ModuleNotFoundError: No module named 'shop.gone'"
    loads = {load["module"]: load for load in main["loads"]}
    slow, first = loads["shop.slow"], loads["shop.pages.first"]
    assert {**slow, "seconds": 0, "own_seconds": 0} == {
        "module": "shop.slow",
        "within": "shop.pages.first",
        "importer": "shop.pages.first",
        "file": "shop/pages/first.py",
        "line": 2,
        "seconds": 0,
        "own_seconds": 0,
        "modules": 1,
    }
    assert slow["seconds"] == slow["own_seconds"] >= 0.2
    assert first["own_seconds"] >= 0.1
    assert first["seconds"] >= first["own_seconds"] + slow["seconds"]
    assert main["seconds"] >= 0.3  # what it sleeps


def test_what_is_asked_in_a_wrong_way(explain: Explain, repository: Repository) -> None:
    repository({"contracts.toml": '[services.a]\nmodules = ["a"]\n', "a.py": ""})
    assert explain("--time", "a", "b") == (
        "2\n--time takes a service and no module, neither --run nor --imports\n"
    )
    assert explain("--time", "a") == "2\na has no entrypoints\n"
    assert explain() == "2\nwhich module? (or --time for imports, --env for variables)\n"
