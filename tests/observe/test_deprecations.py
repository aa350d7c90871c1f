"""What a service uses that is deprecated, seen without changing what it meets."""

from __future__ import annotations

import subprocess
from pathlib import Path

from workbench import IN_ENV, Workbench, verdict

from pytest_importcontract.observe.facts import Target, TargetKind

MAIN = """\
import warnings
import lib
warnings.warn("plain", DeprecationWarning)
lib.old()
lib.old()
lib.theirs()
lib.soon()
warnings.warn("not yet", PendingDeprecationWarning)
warnings.warn("no deprecation", UserWarning)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    warnings.warn("hidden by us", DeprecationWarning)
with warnings.catch_warnings(record=True) as caught:
    warnings.warn("recorded", DeprecationWarning)
print(len(caught))
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        warnings.warn("an error", DeprecationWarning)
    except DeprecationWarning:
        print("raised")
def late():
    lib.old()
late()
import imports_old
import datetime, sys
if sys.version_info >= (3, 12):
    datetime.datetime.utcnow()
"""
FILES = {
    "app.py": MAIN,
    "imports_old.py": "import gone_soon\n",
    "SITE/lib.py": """\
import warnings

class LibraryWarning(DeprecationWarning):
    pass

def old():
    warnings.warn("old is old", LibraryWarning, stacklevel=2)

def theirs():
    warnings.warn("theirs", DeprecationWarning)

def soon():
    warnings.warn("soon", FutureWarning, 2)
""",
    "SITE/gone_soon.py": """\
import warnings
warnings.warn("the module is old", DeprecationWarning, stacklevel=2)
""",
}
SEEN = [
    ("DeprecationWarning", "plain", 3),
    ("lib.LibraryWarning", "old is old", 4),
    ("lib.LibraryWarning", "old is old", 5),
    ("FutureWarning", "soon", 7),
    ("PendingDeprecationWarning", "not yet", 8),
    ("DeprecationWarning", "recorded", 14),
    ("lib.LibraryWarning", "old is old", 23),
    ("DeprecationWarning", "the module is old", 1),
]


def test_what_first_party_lines_cause(bench: Workbench, python: Path) -> None:
    environment = bench.root / "env"
    subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    for name, text in FILES.items():
        bench.write(name.replace("SITE", str(site.relative_to(bench.root))), text)
    runner = bench.runner('entrypoints = ["app"]', IN_ENV)
    started = runner.observe(Target("s", TargetKind.ENTRYPOINT, "app"))
    assert started.outcome.ok, started.outcome
    assert started.cost is not None
    seen = [(each.category, each.message, each.place.line) for each in started.cost.deprecations]
    in_c = [each for each in seen if each not in SEEN]
    assert [each for each in seen if each in SEEN] == SEEN
    version = tuple(map(int, site.parent.name.removeprefix("python").split(".")))
    assert [line for _, _, line in in_c] == ([28] if version >= (3, 12) else [])
    assert verdict(started) == bench.plain(environment / "bin/python", "-c", "import app")
