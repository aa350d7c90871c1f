"""What other programs read: JUnit XML, HTML, the reports of pytest's hooks."""

from __future__ import annotations

import html
import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

# Writes down where each report says that its item is.
LOCATIONS = """
    import json
    from pathlib import Path

    found = {}

    def pytest_runtest_logreport(report):
        found[report.nodeid] = report.location

    def pytest_unconfigure():
        Path("locations.json").write_text(json.dumps(found))
"""


def test_junit_names_classes_and_whole_texts(shop: Any) -> None:
    result = shop.pytest(
        "--import-contracts", "contracts.toml", "--junitxml=out.xml", "-o", "junit_family=xunit1"
    )
    shown = "\n".join(result.outlines)
    cases = list(ET.parse(shop.folder / "out.xml").iter("testcase"))
    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("contracts.toml.backend", "startup[shop.main:app]"),
        ("contracts.toml.backend", "import[shop]"),
        ("contracts.toml.backend", "import[shop.door]"),
        ("contracts.toml.backend", "import[shop.fine]"),
        ("contracts.toml.backend", "import[shop.main]"),
        ("contracts.toml.backend", "required_symbol[shop.main:app]"),
        ("contracts.toml.backend", "allowed_roots"),
        ("contracts.toml.backend", "integration[auth]"),
        ("contracts.toml.backend", "deferred_imports"),
        ("contracts.toml.backend", "hidden_failures"),
    ]
    assert {case.get("file") for case in cases} == {"contracts.toml"}
    assert [int(case.get("line", "")) + 1 for case in cases] == [2, 3, 3, 3, 3, 4, 5, 7, 2, 2]
    failures = [case.find("failure") for case in cases]
    texts = [failure.text or "" for failure in failures if failure is not None]
    messages = [failure.get("message") for failure in failures if failure is not None]
    missing = "ModuleNotFoundError: No module named 'auth_service'"
    assert messages == [
        missing,
        missing,
        missing,
        missing,
        "1 direct import of auth_service from outside allowed_roots",
        "1 direct import of auth_service past the integration",
    ]
    assert texts[0].startswith("backend cannot start with what ships (contracts.toml:13)\n")
    assert texts[0].endswith('exempt of integration "auth"\n         (contracts.toml:7)')
    assert [text for text in texts if text not in shown] == []


def test_each_item_lies_at_its_line_of_the_contract(shop: Any) -> None:
    shop.write({"conftest.py": LOCATIONS})
    shop.pytest("--import-contracts", "contracts.toml")
    found = json.loads((shop.folder / "locations.json").read_text("utf-8"))
    lines = (shop.folder / "contracts.toml").read_text("utf-8").split("\n")
    assert {
        nodeid.rpartition("::")[2]: (file, lines[line], name)
        for nodeid, (file, line, name) in found.items()
        if "import" not in nodeid
    } == {
        "startup[shop.main:app]": (
            "contracts.toml",
            'entrypoints = ["shop.main:app"]',
            "backend startup[shop.main:app]",
        ),
        "required_symbol[shop.main:app]": (
            "contracts.toml",
            'required_symbols = ["shop.main:app"]',
            "backend required_symbol[shop.main:app]",
        ),
        "allowed_roots": ("contracts.toml", 'allowed_roots = ["shop"]', "backend allowed_roots"),
        "integration[auth]": (
            "contracts.toml",
            "[[services.backend.integrations]]",
            "backend integration[auth]",
        ),
        "hidden_failures": (
            "contracts.toml",
            'entrypoints = ["shop.main:app"]',
            "backend hidden_failures",
        ),
    }


def test_html_holds_the_text(shop: Any) -> None:
    pytest.importorskip("pytest_html")
    plugins = ["-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin"]
    shop.pytest("--import-contracts", *plugins, "--html=out.html", "--self-contained-html")
    shown = html.unescape(html.unescape((shop.folder / "out.html").read_text("utf-8")))
    for text in (
        "contracts.toml::backend::startup[shop.main:app]",
        "backend cannot start with what ships (contracts.toml:13)",
        "cause  auth_service/ is in this repository but ships.files (contracts.toml:13)",
        "fix    import it through shop.door",
        "its cause is shown at contracts.toml::backend::startup[shop.main:app]",
    ):
        assert text in shown.replace('\\"', '"')
