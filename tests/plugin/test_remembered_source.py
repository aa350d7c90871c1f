"""What one run reads of source, the next one finds."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import platformdirs

CONFTEST = """
    from pytest_importcontract import Demand, Target, TargetKind, Violation


    def no_imports(service, subject, facts):
        for edge in (e for e in facts.source.edges if e.importer == "sound"):
            message = f"{edge.importer} imports {edge.imported}"
            yield Violation(check="no_imports", subject=subject, message=message)


    def pytest_importcontract_demands(service, modules):
        targets = tuple(Target(service.name, TargetKind.MODULE, name) for name in modules)
        yield Demand(
            check="no_imports", keys=("modules",), targets=targets, verify=no_imports, reads=True
        )
"""
ITEM = "contracts.toml::sound::no_imports"


def remembered() -> int:
    (file,) = platformdirs.user_cache_path("pytest-importcontract").glob("source.sqlite")
    with sqlite3.connect(file) as database:
        ((number,),) = database.execute("SELECT count(*) FROM answers")
    database.close()
    return int(number)


def test_a_run_remembers_source_by_its_content(sound: Any) -> None:
    sound.write({"conftest.py": CONFTEST})
    assert sound.verdicts("--import-contracts")[ITEM] == "PASSED"
    known = remembered()
    assert known > 0
    assert sound.verdicts("--import-contracts")[ITEM] == "PASSED"
    assert remembered() == known
    sound.write({"sound.py": "def later():\n    import json\n"})
    result = sound.pytest("--import-contracts", "-rA")
    result.stdout.fnmatch_lines([f"FAILED {ITEM} - sound imports json"])
    assert remembered() == known + 1


def test_a_damaged_memory_changes_no_verdict(sound: Any) -> None:
    sound.write({"conftest.py": CONFTEST, "sound.py": "import json\n"})
    assert sound.verdicts("--import-contracts")[ITEM] == "FAILED"
    file = Path(platformdirs.user_cache_path("pytest-importcontract"), "source.sqlite")
    file.write_bytes(b"damaged" * 1000)
    result = sound.pytest("--import-contracts", "-rA")
    result.stdout.fnmatch_lines([f"FAILED {ITEM} - sound imports json"])
    assert remembered() > 0
