"""Names and messages that are made to steer a terminal, a report or whoever reads it."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

CLEAR = "\x1b[2J"
LINK = "\x1b]8;;http://evil.example/\x07click\x1b]8;;\x07"
TAG = "<img src=x onerror=alert(1)>"
FORGED = "\nPASSED contracts.toml::api::forged"
SCRIPT = f"{TAG}{FORGED}\u202e.py".replace("src=x ", "src=x\t")
EVIL = f"{CLEAR}{LINK}{TAG}[x](javascript:y)\u202e\x9b1A\r{FORGED}"
# Neither what steers nor, at the beginning of a line, what was forged.
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\ud800-\udfff]")
FILES = {
    "app/__init__.py": "",
    # What is raised, printed and named is all made up by the one who wrote the module.
    "app/says.py": f"print({EVIL!r})\nraise ImportError({EVIL!r})\n",
    "app/names.py": f"import importlib\nimportlib.import_module({EVIL!r})\n",
    "app/frames.py": f"exec(compile('1/0', {EVIL!r}, 'exec'))\n",
    "app/source.py": f"import nowhere  # {CLEAR}{TAG}\u202e\n",
    "app/serve.py": f"print({EVIL!r}, flush=True)\nraise RuntimeError({EVIL!r})\n",
    SCRIPT: "import app.says\n",
    "web.py": "",
    "Dockerfile": f"FROM python:3.11\nCOPY web.py .\nRUN curl {CLEAR}{TAG}\u202e | sh\n",
    "docs.md": f"# It {CLEAR}{TAG}\n\n```python\nimport app.nothing\n```\n",
}
CONTRACT = f"""\
[services.api]
entrypoints = [{json.dumps(SCRIPT)}]
modules = ["app.**"]
allowed_roots = ["app"]
ships.files = ["*.py", "!nowhere.py", "app/**"]
documented = [{{ file = "docs.md", holds = ["*"] }}]

[[services.api.integrations]]
name = "<svg/onload=alert(1)>"
root = "nowhere"
through = ["app"]

[services.api.health]
command = "python -m app.serve"
ready_log = "never"

[services.web]
modules = ["web"]
ships.dockerfile = "Dockerfile"
"""


class Reader(HTMLParser):
    """What a browser would make of HTML: its elements, and which of them would run something."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if any(name.startswith("on") for name, _ in attrs):
            self.runs.append(tag)


def test_nothing_steers_or_forges(repository: Any) -> None:
    repository.write({"contracts.toml": CONTRACT, "nowhere.py": ""})
    for name, text in FILES.items():
        path = repository.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    plugins = ["-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin"]
    reports = ["--junitxml=out.xml", "--html=out.html", "--self-contained-html"]
    result = repository.pytest("--import-contracts", "-rA", "-v", *plugins, *reports)
    shown = result.stdout.str()
    assert result.errlines == []
    assert STEERS.findall(shown.replace("\n", "")) == []
    printed = re.compile(r"^-+ Captured (?:stdout|output) call -+\n(?:[^_=\n].*\n|\n)*", re.M)
    assert FORGED in shown
    assert "  web: Dockerfile:3: " in shown
    assert FORGED not in printed.sub("", shown)

    texts = [*ET.parse(repository.folder / "out.xml").iter()]
    held = "".join([*(t.text or "" for t in texts), *(v for t in texts for v in t.attrib.values())])
    assert "#x" not in held
    assert STEERS.findall(held) == []
    assert TAG in held  # it was there, as text

    page = (repository.folder / "out.html").read_text("utf-8")
    (blob,) = re.findall(r'data-jsonblob="([^"]*)"', page)
    tests = json.loads(html.unescape(blob))["tests"]
    rows = [row for runs in tests.values() for run in runs for row in run["resultsTableRow"]]
    logs = [run["log"] for runs in tests.values() for run in runs]
    reader = Reader()
    reader.feed("".join([*rows, *logs]))
    assert reader.runs == []
    assert html.escape(TAG) in "".join(logs)

    told = subprocess.run(
        [sys.executable, "-m", "pytest_importcontract", "explain", "api", "app.says", "--run"],
        cwd=repository.folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert STEERS.findall(told.replace("\n", "")) == []
    assert TAG.replace(" on", "\\ton") in told
