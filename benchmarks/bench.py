"""A working folder with an environment, and what is run there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from figures import say
from memory import Peak

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
WORKERS = 2
SHOWN_VERSIONS = (
    *("pytest-importcontract", "pytest", "pytest-import-check", "fastapi", "pydantic"),
    *("sqlalchemy", "boto3", "ansible-core"),  # the last where it is installed
)
TIME_IMPORT = """\
import time
import pytest
start = time.perf_counter()
import pytest_importcontract.plugin
print((time.perf_counter() - start) * 1000)
"""
TELL_VERSIONS = """\
import importlib.metadata, json, sys
found = {each.metadata["Name"].lower(): each.version for each in importlib.metadata.distributions()}
print(json.dumps({name: found[name] for name in sys.argv[1:] if name in found}))
"""


class Bench:
    """A working folder with an environment and what is run in it."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self._environment = work / "venv"
        self._suite = work / "suite"
        self._variables = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(work / "home"),
            "LANG": "C.UTF-8",
            "XDG_CACHE_HOME": str(work / "cache"),
        }
        self._remembers: bool | None = None

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self._environment / "bin" / "python"

    @property
    def site(self) -> Path:
        """Where its distributions lie."""
        (found,) = self._environment.glob("lib/python*/site-packages")
        return found

    def install(self) -> None:
        """Make the environment, with this checkout in it."""
        for variable in ("HOME", "XDG_CACHE_HOME"):
            Path(self._variables[variable]).mkdir(parents=True, exist_ok=True)
        if not self.python.exists():
            say("creating the environment")
            venv.create(self._environment, with_pip=True, clear=True)
        say("installing")
        self._pip("-r", str(HERE / "requirements.txt"), str(CHECKOUT))
        self._suite.mkdir(exist_ok=True)
        self._suite.joinpath("pytest.ini").write_text("[pytest]\n", "utf-8")

    def install_application(self) -> None:
        """Install the application, too."""
        self._pip("-r", str(HERE / "requirements-application.txt"))

    def _pip(self, *arguments: str) -> None:
        options = ("--quiet", "--disable-pip-version-check")
        # The caller's own environment: it knows how to reach a package index.
        subprocess.run([self.python, "-m", "pip", "install", *options, *arguments], check=True)

    @property
    def remembers(self) -> bool:
        """Whether this checkout remembers verdicts from run to run."""
        if self._remembers is None:
            said = self.run(["-m", "pytest", "--help"], self._suite)
            self._remembers = "--import-contracts-cache" in said
        return self._remembers

    def suite(self, tests: int, *, with_plugin: bool) -> None:
        """Run pytest on so many empty tests, without asking for contracts."""
        file = self._suite / f"test_{tests}.py"
        if not file.exists():
            lines = (f"def test_{number}():\n    pass\n" for number in range(tests))
            file.write_text("\n".join(lines), "utf-8")
        without = () if with_plugin else ("-p", "no:importcontract")
        options = ("-q", "-p", "no:cacheprovider", "-p", "no:import-check", *without)
        self.run(["-m", "pytest", *options, file.name], self._suite)

    def plugin_import(self) -> float:
        """Milliseconds that importing the plugin takes after pytest."""
        return float(self.run(["-c", TIME_IMPORT], self._suite))

    def versions(self) -> str:
        """Versions of the distributions that the figures depend on."""
        said = self.run(["-c", TELL_VERSIONS, *SHOWN_VERSIONS], self._suite)
        return ", ".join(f"{name} {version}" for name, version in json.loads(said).items())

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        statuses: Sequence[int] = (0,),
        stdin: str = "",
        look: Callable[[Peak], None] | None = None,
    ) -> str:
        """What the environment's Python prints, run with arguments in a folder.

        Args:
            arguments: of Python.
            folder: the working folder.
            statuses: the exit statuses that are no mistake.
            stdin: what it reads there.
            look: given how much memory it took, where that is to be measured.
        """
        started = subprocess.Popen(
            [self.python, *arguments],
            cwd=folder,
            env=self._variables,
            stdin=subprocess.PIPE,
            # Linux shares a busy processor out by session, and contracts import in one for each.
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        if look is None:
            out, err = started.communicate(stdin)
        else:
            with Peak(started.pid) as peak:
                out, err = started.communicate(stdin)
            look(peak)
        if started.returncode not in statuses:
            command = " ".join(arguments)
            sys.exit(
                f"python {command}\nended with {started.returncode}:\n{out[-3000:]}{err[-3000:]}"
            )
        return out

    def succeeds(self, code: str, folder: Path) -> bool:
        """Whether the environment's Python runs `code` to the exit status 0, within a minute."""
        try:
            done = subprocess.run(
                [self.python, "-c", code],
                cwd=folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                capture_output=True,
                timeout=60,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
