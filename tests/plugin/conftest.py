"""Small repositories, and pytest run in them as a person would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from image_repository import ImageRepository, fill

CONTRACT = """\
[services.backend]
entrypoints = ["shop.main:app"]
modules = ["shop.**"]
required_symbols = ["shop.main:app"]
allowed_roots = ["shop"]

[[services.backend.integrations]]
name = "auth"
root = "auth_service"
through = ["shop.door"]

[services.backend.ships]
files = ["shop/**"]
"""
# The day of an outage: auth_service/ is in the repository, but not in the image.
SHOP = {
    "contracts.toml": CONTRACT,
    "auth_service/__init__.py": "",
    "shop/__init__.py": "",
    "shop/door.py": "import shop.main\n",
    "shop/fine.py": "print('fine says hello')\n",
    "shop/main.py": "print('main says hello')\nimport auth_service\n\napp = object()\n",
    "tests/test_own.py": "def test_own():\n    pass\n",
}
SOUND = {
    "contracts.toml": '[services.sound]\nmodules = ["sound"]\n',
    "sound.py": "",
}
# Items that every service has: left out of what is compared where they have nothing to tell.
EVERYWHERE = ("::deferred_imports", "::hidden_failures")
_SUMMARY = re.compile(r"(PASSED|FAILED|ERROR|XFAIL|XPASS|SKIPPED) (\S+)( - .*)?")


class Repository:
    """A folder and pytest in it, without plugins of others."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.folder = pytester.path

    def write(self, files: Mapping[str, str]) -> None:
        """Files by path; their text may be indented."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), "utf-8")

    def pytest(self, *arguments: str) -> pytest.RunResult:
        """Run it in the current folder."""
        command = [sys.executable, "-m", "pytest", "-p", "importcontract", *arguments]
        return self._pytester.run(*command, timeout=60)

    def collected(self, *arguments: str) -> list[str]:
        """The node ids that pytest would run."""
        result = self.pytest("--collect-only", "-q", *arguments)
        assert result.ret == 0, result.outlines + result.errlines
        found = result.outlines[: result.outlines.index("")]
        return [name for name in found if not name.endswith(EVERYWHERE)]

    def verdicts(self, *arguments: str) -> dict[str, str]:
        """What came of each item, in the order of the summary."""
        return verdicts(self.pytest("-rA", *arguments))


def verdicts(result: pytest.RunResult) -> dict[str, str]:
    """What the short summary (``-rA``) of a run says about each item."""
    found = [_SUMMARY.fullmatch(line) for line in result.outlines]
    named = {match[2]: match[1] for match in found if match}
    return {
        name: verdict
        for name, verdict in named.items()
        if verdict != "PASSED" or not name.endswith(EVERYWHERE)
    }


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def repository(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> Repository:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("BUILD_NUMBER", "CI", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    return Repository(pytester)


@pytest.fixture
def shop(repository: Repository) -> Repository:
    repository.write(SHOP)
    return repository


@pytest.fixture
def sound(repository: Repository) -> Repository:
    repository.write(SOUND)
    return repository


@pytest.fixture(scope="session")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with all that any of the services could use, and more."""
    folder = tmp_path_factory.mktemp("developer") / "venv"
    command = [sys.executable, "-I", "-m", "venv", "--without-pip", folder]
    subprocess.run(command, check=True, env={})
    fill(folder)
    return folder


@pytest.fixture
def images(repository: Repository, developer: Path) -> ImageRepository:
    return ImageRepository(repository, developer)
