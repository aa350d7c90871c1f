"""Failed imports that somebody caught: which are a hidden failure, which a note, which neither."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from workbench import IN_ENV, Workbench, run_by

from pytest_importcontract.checks import hidden_failures
from pytest_importcontract.contract.model import Entrypoint, Service, Startup
from pytest_importcontract.observe.facts import Facts, Swallowed

SHIPS = 'ships.files = ["app/**", "!app/left_out.py"]'
API = Service(
    name="s",
    entrypoints=(Entrypoint(text="app.main", module="app.main"),),
    startup=Startup(optional=("app.optional",)),
)

# Each import that fails is followed by what it comes to: F for a failure, N for a note.
MAIN = """\
import contextlib
import importlib
import importlib.util
import others
from app import pure

# Code of ours that was found and failed.
try:
    import app.needs_absent  # F
except Exception:
    pass
try:
    from app.wrong import value  # F
except LookupError:
    from app.pure import value
with contextlib.suppress(Exception):
    import app.unreadable  # F
others.load("app.wrong")  # F
others.scan(["app.needs_redis"])  # N

# It was not found, though the repository has it.
try:
    from auth import User  # F
except ImportError:
    User = None
try:
    import auth.tokens  # F
except ModuleNotFoundError as error:
    class Token: ...
try:
    from auth.tokens import Token
except ImportError:
    from app.pure import Token
try:
    from app import left_out  # F
except ImportError:
    left_out = object()

# It is nowhere.
try:
    from app.models import Renamed  # F
except ImportError:
    Renamed = None
try:
    from app.removed import thing  # F
except ImportError:
    pass
def deferred():
    try:
        import app.never
        return app.never
    except ImportError:
        return None
deferred()  # at the import: F 50
try:
    from app.models import New
except ImportError:
    from app.models import Old as New
try:
    from app._speedups import fast
except ImportError:
    from app.pure import fast
from app.pure import quick
try:
    from app._speedups import quick
except ImportError:
    pass
try:
    from app._version import version
except ImportError:
    version = "unknown"
try:
    from app.local_settings import *
except ImportError:
    pass
for part in ("a", "b"):
    with contextlib.suppress(ImportError):
        importlib.import_module(f"app.plugins.{part}")
with contextlib.suppress(ImportError):
    importlib.import_module("app.plugins.c")  # F
others.load("app.tasks")
others.load("app.left_out")  # F
importlib.util.find_spec("app.anything")
with contextlib.suppress(ModuleNotFoundError):
    importlib.util.find_spec("app.left_out.inner")

# It is none of ours.
try:
    import redis
except ImportError:
    redis = None
try:
    from others import Absent
except ImportError:
    Absent = None
try:
    import app.needs_redis  # N
except ImportError:
    pass
try:
    import app.refuses  # N
except ImportError:
    pass
try:
    import uvloop_of_ours  # nobody's: its name is none of the repository's
except ImportError:
    pass

# It may be absent.
try:
    import app.optional.inner
except ImportError:
    pass
"""
FILES = {
    "app/__init__.py": "",
    "app/pure.py": "value = Token = 1\ndef fast(): ...\ndef quick(): ...\n",
    "app/models.py": "Old = 1\n",
    "app/wrong.py": "import app.pure\nvalue = {}['no such key']\n",
    "app/unreadable.py": "def (:\n",
    "app/needs_absent.py": "import app.deeper\n",
    "app/deeper.py": "try:\n    import auth\nexcept ImportError:\n    import ast\n    raise\n",
    "app/needs_redis.py": "try:\n    import redis\nexcept ImportError as e:\n"
    "    raise ImportError('install redis') from e\n",
    "app/refuses.py": "raise ImportError('for Windows only')\n",
    "app/left_out.py": "",
    "auth/__init__.py": "class User: ...\n",
    "auth/tokens.py": "",
}
OTHERS = """\
import importlib
def load(name):
    try:
        importlib.import_module(name)
    except Exception:
        pass
def scan(names):
    for name in names:
        load(name)
"""


def marked(mark: str, main: str) -> set[str]:
    """The lines that have the mark."""
    found = set()
    for number, line in enumerate(main.splitlines(), 1):
        if match := re.search(rf"# (?:at the import: )?{mark}(?: (\d+))?$", line):
            found.add(f"app/main.py:{match[1] or number}")
    return found


@pytest.mark.parametrize("version", ["", "3.8", "3.13"])
def test_what_each_failure_comes_to(bench: Workbench, site: Path, version: str) -> None:
    main, by = MAIN, IN_ENV
    if version:
        python = next((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"), None)
        if python is None:
            pytest.skip(f"no Python {version} here")
        # It has no such distribution.
        main = "\n".join("pass" if "others." in line else line for line in MAIN.split("\n"))
        main, by = main.replace("import others", "others = None"), run_by(python)
    (site / "others.py").write_text(OTHERS)
    for name, text in {**FILES, "app/main.py": main}.items():
        bench.write(name, text)
    seen = bench.start("app.main", SHIPS, by)
    assert seen.outcome.ok, seen.outcome.said
    failed = [each.swallowed for each in hidden_failures.check(API, "", Facts((seen,)))]
    assert {_line(bench, each) for each in failed if each} == marked("F", main)
    notes = [*hidden_failures.remarks(API, "", Facts((seen,)))]
    assert len(notes) == len(marked("N", main))


def _line(bench: Workbench, swallowed: Swallowed) -> str:
    place = (swallowed.led or swallowed.by).place
    return f"{Path(place.file).relative_to(bench.root)}:{place.line}"
