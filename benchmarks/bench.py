"""A generated service, an environment to run it in, and what is run there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree
from figures import say

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
WORKERS = 2
SHOWN_VERSIONS = ("pytest-importcontract", "pytest", "fastapi", "pydantic", "sqlalchemy")

# Each round has an environment of its own, which no remembered verdict can answer for.
CONTRACT = """\
[services.shop]
modules = ["{package}.**"]
isolation = "cold"

[services.shop.ships]
files = ["{package}/**"]

[services.shop.runtime]
env = {{ BENCHMARK_ROUND = "{round}" }}
"""
TIME_IMPORT = """\
import time
import pytest
start = time.perf_counter()
import pytest_importcontract.plugin
print((time.perf_counter() - start) * 1000)
"""
TELL_VERSIONS = """\
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


class Bench:
    """A working folder with an environment and what is run in it."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._environment = work / "venv"
        self._service = work / "service"
        self._suite = work / "suite"
        self._modules: tuple[str, ...] = ()
        self._variables = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(work / "home"),
            "XDG_CACHE_HOME": str(work / "cache"),
        }

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self._environment / "bin" / "python"

    def install(self) -> None:
        """Make the environment, with this checkout in it."""
        for variable in ("HOME", "XDG_CACHE_HOME"):
            Path(self._variables[variable]).mkdir(parents=True, exist_ok=True)
        if not self.python.exists():
            say("creating the environment")
            venv.create(self._environment, with_pip=True, clear=True)
        say("installing")
        self._pip("-r", str(HERE / "requirements.txt"), str(CHECKOUT))
        self._pip("--no-deps", "--force-reinstall", str(CHECKOUT))

    def prepare(self, modules: int) -> None:
        """Generate that many, and run everything once so that caches are warm."""
        say(f"generating {modules} modules")
        for folder in (self._service, self._suite):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            folder.joinpath("pytest.ini").write_text("[pytest]\n", "utf-8")
        self._modules = tree.generate(self._service, size=modules)
        self._suite.joinpath("test_empty.py").write_text("def test_empty():\n    pass\n", "utf-8")

        say("warming up")
        self.bare_loop()
        self.contracts("warm-up")
        self.empty_suite(with_plugin=True)
        self.empty_suite(with_plugin=False)

    def _pip(self, *arguments: str) -> None:
        options = ("--quiet", "--disable-pip-version-check")
        # The caller's own environment: it knows how to reach a package index.
        subprocess.run([self.python, "-m", "pip", "install", *options, *arguments], check=True)

    def bare_loop(self) -> None:
        """Import each module in an interpreter of its own, without any plugin."""

        def load(module: str) -> None:
            self.run(["-c", f"import {module}"], self._service)

        with ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(load, self._modules))

    def contracts(self, label: str) -> None:
        """Run the contracts of the generated service, in the round called `label`."""
        text = CONTRACT.format(package=tree.PACKAGE, round=label)
        self._service.joinpath("contracts.toml").write_text(text, "utf-8")
        options = ("-q", "-p", "no:cacheprovider", f"--import-contracts-jobs={WORKERS}")
        said = self.run(
            ["-m", "pytest", "--import-contracts", "contracts.toml", *options], self._service
        )
        passed = re.search(r"(\d+) passed", said)
        expected = len(self._modules) + 1  # that of the deferred imports
        if passed is None or int(passed[1]) != expected:
            sys.exit(f"expected {expected} items to pass:\n{said[-3000:]}")

    def empty_suite(self, *, with_plugin: bool) -> None:
        """Run pytest on one empty test, without asking for contracts."""
        without = () if with_plugin else ("-p", "no:importcontract")
        options = ("-q", "-p", "no:cacheprovider", *without)
        self.run(["-m", "pytest", *options, "test_empty.py"], self._suite)

    def plugin_import(self) -> float:
        """Milliseconds that importing the plugin takes after pytest."""
        return float(self.run(["-c", TIME_IMPORT], self._suite))

    def versions(self) -> str:
        """Versions of the distributions that the figures depend on."""
        said = self.run(["-c", TELL_VERSIONS, *SHOWN_VERSIONS], self._suite)
        return ", ".join(f"{name} {version}" for name, version in json.loads(said).items())

    def run(self, arguments: Sequence[str], folder: Path) -> str:
        """What the environment's Python prints, run with arguments in a folder."""
        done = subprocess.run(
            [self.python, *arguments],
            cwd=folder,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            # Linux shares a busy processor out by session, and contracts import in one for each.
            start_new_session=True,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            command = " ".join(arguments)
            said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
            sys.exit(f"python {command}\nended with {done.returncode}:\n{said}")
        return done.stdout
