"""Other people's code is read to its end: nothing crashes, nothing is dropped."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pytest_importcontract.observe.analysis import analyse
from pytest_importcontract.observe.facts import Origin
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.shipment.interpreter import describe
from pytest_importcontract.shipment.modules import modules_below

PACKAGES = ("email", "encodings", "importlib", "lib2to3", "multiprocessing", "unittest", "xml")


def test_every_file_of_the_standard_library_is_analysed_or_listed(tmp_path: Path) -> None:
    modules = modules_below([Path(os.__file__).parent], (".py",), below=PACKAGES)
    sources = {module.name for module in modules.values() if not module.is_namespace}
    assert len(sources) > 200
    own = describe(Path(sys.executable))
    cache = SourceCache(tmp_path)
    first = analyse(modules.values(), own, lambda _: Origin.FIRST_PARTY, cache=cache)
    unread = {one.module for one in first.unread}
    assert first.modules.keys() | unread == sources
    assert not first.modules.keys() & unread
    # Broken on purpose; nothing else may fail to parse.
    assert [name for name in sorted(unread) if not name.startswith("lib2to3.tests.")] == []
    assert analyse(modules.values(), own, lambda _: Origin.FIRST_PARTY, cache=cache) == first
    ran = {source.file for source in first.modules.values()}
    assert analyse(modules.values(), own, lambda _: Origin.FIRST_PARTY, ran=ran) == first
