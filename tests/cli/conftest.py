"""The command line, told what to explain in little repositories."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.cli import main

TOP = Path(__file__).resolve().parents[2]
Explain = Callable[..., str]


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, away from the project's own configuration."""
    place = tmp_path_factory.mktemp("outage")
    shutil.copytree(TOP / "examples" / "outage", place, dirs_exist_ok=True)
    return place


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Writes files into an empty folder and says where that is."""

    def repository(files: Mapping[str, str]) -> Path:
        (tmp_path / ".git").mkdir(exist_ok=True)
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), "utf-8")
        return tmp_path

    return repository


@pytest.fixture
def every_kind() -> Mapping[str, str]:
    """A package that imports one of its modules in every way."""
    return {
        "app/__init__.py": "",
        "app/models.py": "class User: ...\n",
        "app/main.py": """\
            import os
            import sys
            from typing import TYPE_CHECKING

            import app.settings
            import app.users

            if TYPE_CHECKING:
                from app.models import User
            if os.environ.get("MODELS"):
                import app.models
            if sys.platform == "win32":
                import app.models as windows


            def serve(request):
                from app.models import User
            """,
        "app/settings.py": """\
            import logging

            INSTALLED_APPS = ["app.models"]
            log = logging.getLogger("app.models")
            """,
        "app/users.py": """\
            import importlib

            try:
                from app import models
            except ImportError:
                models = None


            class Users:
                def all(self):
                    return importlib.import_module("app.models").User
            """,
        "app/idle.py": "import app.models\n",
        "app/tests/__init__.py": "",
        "app/tests/test_models.py": """\
            from unittest import mock

            from app.models import User

            with mock.patch("app.models.User"):
                NAMES = ["app.models"]
            """,
    }


@pytest.fixture
def explain(
    tmp_path: Path,
    cache_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Explain:
    """What ``explain`` prints, below its exit status where that is not 0."""

    def explain(*arguments: str, at: Path = tmp_path, columns: int = 80) -> str:
        monkeypatch.chdir(at)
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))
        monkeypatch.setenv("COLUMNS", str(columns))
        status = main(["explain", *arguments])
        printed = capsys.readouterr()
        if status:
            assert printed.out == ""
            return f"{status}\n{printed.err}"
        assert printed.err == ""
        return f"\n{printed.out}"

    return explain
