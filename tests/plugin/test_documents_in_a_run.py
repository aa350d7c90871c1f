"""Documents whose imports are claims, as pytest shows them."""

from __future__ import annotations

from typing import Any

import pytest

CONTRACT = """\
[services.shop]
entrypoints = ["shop.main"]
runtime.setup = "shop.conf:setup"

[[services.shop.documented]]
file = "docs/IMPORTS.md"
holds = ["*VERIFIED*"]
fails = ["*BROKEN*"]

[[services.shop.documented]]
file = "README.md"
"""
IMPORTS = """\
# VERIFIED

```python
from shop.models import Order
from shop.late import ready
from shop import lazy
from shop.vanished import Order
```

## BROKEN

```python
import shop.vanished
from shop.models import Order, Cart
import shop.models
```

# Notes

```python
import whatever
```
"""
README = """\
# Shop

```pycon
>>> from shop.models import *
>>> import shop.extra, shop.extra as again
```
"""
FILES = {
    "contracts.toml": CONTRACT,
    "docs/IMPORTS.md": IMPORTS,
    "README.md": README,
    "shop/__init__.py": """
        def __getattr__(name):
            if name == "lazy":
                return object()
            raise AttributeError(name)
    """,
    "shop/conf.py": "def setup(): pass\n",
    "shop/main.py": "import shop.models\nshop.models.registered = True\n",
    "shop/models.py": "class Order: pass\n",
    "shop/late.py": "import shop.models\nready = shop.models.registered\n",
    "shop/extra.py": "",
}
PREFIX = "contracts.toml::shop::"


@pytest.fixture
def documents(repository: Any) -> Any:
    repository.write(FILES)
    return repository


def test_each_file_is_an_item_and_each_false_claim_is_shown(documents: Any) -> None:
    result = documents.pytest("--import-contracts", "-k", "documented", "-rA", "-v")
    result.assert_outcomes(passed=1, failed=1)
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if "shop documented[IMPORTS.md]" in line)
    end = next(i for i, line in enumerate(lines) if "= import contracts =" in line)
    assert "\n".join([*lines[start + 1 : end], ""]) == (
        """\
docs/IMPORTS.md says of an import that it works, and shop cannot run it

  ModuleNotFoundError: No module named 'shop.vanished'

  docs/IMPORTS.md:7   from shop.vanished import Order

  cause  shop has no module vanished, and no other module of this repository is
         called that
  rule   "VERIFIED" (docs/IMPORTS.md:1) is a heading of holds
         (contracts.toml:7): imports below it work
  fix    write: from shop.models import Order
         or take it out of docs/IMPORTS.md

docs/IMPORTS.md says of an import that it fails, and shop can run it

  docs/IMPORTS.md:15   import shop.models

  cause  the import works, every name of it
  rule   "BROKEN" (docs/IMPORTS.md:10) is a heading of fails (contracts.toml:8):
         imports below it fail
  fix    correct what the document says of it
         or remove what it imports
----------------------------- Captured notes call ------------------------------
1 import statement of docs/IMPORTS.md claims nothing: below no heading that a \
pattern matches, conditional, or with their failure caught
==================================== PASSES ====================================
"""
    )


def test_documents_and_services_may_be_all_there_is(repository: Any) -> None:
    text = '[[services.only.documented]]\nfile = "a.md"\n'
    page = "```py\nimport only\nfrom only import x\n```\n"
    repository.write({"contracts.toml": text, "a.md": page, "only.py": "x = 1\n"})
    assert repository.verdicts("--import-contracts") == {
        "contracts.toml::only::documented[a.md]": "PASSED"
    }


def test_mistakes_of_contract_and_documents_together(documents: Any) -> None:
    contract = CONTRACT.replace('["*VERIFIED*"]', '["VERIFED"]').replace("README", "REDME")
    documents.write({"contracts.toml": contract + "\n[services.shop.ships]\nfiles = ['x/**']\n"})
    result = documents.pytest("--import-contracts")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [
        (
            "ERROR: contracts.toml:7: services.shop.documented[0].holds[0]: 'VERIFED' matches no "
            "heading of docs/IMPORTS.md (did you mean 'VERIFIED'?)"
        ),
        (
            "contracts.toml:11: services.shop.documented[1].file: REDME.md does not exist "
            "(did you mean README.md?)"
        ),
        (
            "contracts.toml:14: services.shop.ships.files[0]: 'x/**' matches no file "
            "(or set may_be_empty = true)"
        ),
        "",
    ]


def test_without_markdown_it(documents: Any) -> None:
    documents.write({"markdown_it.py": "raise ModuleNotFoundError('no', name='markdown_it')\n"})
    result = documents.pytest("--import-contracts")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lacks = "needs markdown-it-py, which is not installed here"
    install = "(pip install 'pytest-importcontract[documented]')"
    assert result.errlines == [
        f"ERROR: contracts.toml:5: services.shop.documented[0]: {lacks} {install}",
        f"contracts.toml:10: services.shop.documented[1]: {lacks} {install}",
        "",
    ]
