"""A worker of Celery that names tasks which do not ship.

Run with ``pytest -m real``, in the environment of flower (see conftest.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "pytest.ini": "[pytest]\n",
    "contracts.toml": """\
[services.worker]
entrypoints = ["shop.worker:app.loader.import_default_modules()"]
ships.files = ["shop/**"]
runtime.python = PYTHON
health = { command = "celery -A shop.worker worker --pool solo -l INFO", ready_log = " ready" }
""",
    "shop/__init__.py": "",
    "shop/tasks.py": "from shop.worker import app\n\n@app.task\ndef one():\n    return 1\n",
    "shop/worker.py": """\
from celery import Celery

app = Celery("shop", broker="memory://", include=["shop.tasks"])
app.conf.imports = [
    "jobs.nightly",
]
""",
    "jobs/__init__.py": "",
    "jobs/nightly.py": "",
}
TOLD = """\
  shop/worker.py:5   "jobs.nightly" in imports

  cause  "jobs.nightly" in imports (shop/worker.py:5) names what is not found:
         jobs/ is in this repository but ships.files (contracts.toml:3) does not
         bring it into the image
"""


@pytest.mark.real
def test_the_string_is_told(environment: Callable[[Path], Path], tmp_path: Path) -> None:
    python = environment(Path(__file__).parent / "flower" / "requirements.txt")
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.replace("PYTHON", json.dumps(str(python))), "utf-8")
    for item in ("startup", "health"):
        output = run(tmp_path, "-k", item)
        assert TOLD in output, output
        assert output.splitlines()[-1].startswith("1 failed"), output

    contract = tmp_path / "contracts.toml"
    shipped = contract.read_text("utf-8").replace('["shop/**"]', '["shop/**", "jobs/**"]')
    contract.write_text(shipped, "utf-8")
    assert "failed" not in run(tmp_path).splitlines()[-1]


def run(folder: Path, *more: str) -> str:
    variables = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--import-contracts", "contracts.toml", "-q"),
            *("-c", "pytest.ini", "-p", "no:cacheprovider", "-r", "N", *more),
        ],
        cwd=folder,
        env={**variables, "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout
