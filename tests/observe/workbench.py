"""A repository with one service, and what is observed of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent

from pytest_importcontract.contract.loader import load
from pytest_importcontract.observe.durations import Durations
from pytest_importcontract.observe.facts import Link, Observation, Target, TargetKind
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.shipment.preparation import prepare
from pytest_importcontract.shipment.shipment import Shipment

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
IN_ENV = 'runtime.python = "env/bin/python"'  # of the fixture `site`


class Workbench:
    """Writes the service's files, runs what it is asked to, and cleans up.

    Attributes:
        root: the repository.
        caller: the environment that ``pass_env`` takes from.
    """

    def __init__(self, root: Path, cache: Path, bytecode: Path) -> None:
        self.root = root
        self.caller: dict[str, str] = {}
        self._cache = cache
        self._bytecode = bytecode
        self._runners: list[Runner] = []
        self._shipments: list[Shipment] = []

    def write(self, name: str, text: str = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def shipment(self, *lines: str) -> Shipment:
        """The service `s`, with these lines of contract besides."""
        text = "\n".join(["[services.s]", "may_be_empty = true", *lines])
        if "entrypoints" not in text:
            text += '\nmodules = ["**"]'
        contract = load(self.write("contracts.toml", text), "contracts.toml")
        (shipment,) = prepare(contract, "contracts.toml", self._cache, self.caller)
        self._shipments.append(shipment)
        return shipment

    def runner(
        self,
        *lines: str,
        jobs: int = 1,
        symbols: dict[Target, Sequence[str]] | None = None,
        durations: Durations | None = None,
    ) -> Runner:
        shipments = {"s": self.shipment(*lines)}
        runner = Runner(shipments, symbols or {}, self._bytecode, jobs, durations)
        self._runners.append(runner)
        return runner

    def load(self, module: str, *lines: str, symbols: Sequence[str] = ()) -> Observation:
        """Import a module."""
        target = module_target(module)
        return self.runner(*lines, symbols={target: symbols}).observe(target)

    def start(self, entrypoint: str, *lines: str) -> Observation:
        """Start an entrypoint."""
        runner = self.runner(f'entrypoints = ["{entrypoint}"]', *lines)
        return runner.observe(Target("s", TargetKind.ENTRYPOINT, entrypoint))

    def run(self, source: str, *lines: str) -> Observation:
        """Import a module `app` of this source."""
        self.write("app.py", source)
        return self.load("app", *lines)

    def said(self, source: str, *lines: str) -> list[str]:
        """What a module of this source prints, by line."""
        observation = self.run(source, *lines)
        assert observation.outcome.ok, observation.outcome
        return observation.stdout.splitlines()

    def plain(self, *command: str | Path, env: dict[str, str] | None = None) -> tuple[bool, str]:
        """What the same comes to without us: whether it ends well, and what it prints."""
        usual = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/", "PYTHONNOUSERSITE": "1"}
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**usual, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode == 0, done.stdout

    def clear(self) -> None:
        for runner in self._runners:
            runner.close()
        for shipment in self._shipments:
            shipment.release()


def module_target(name: str) -> Target:
    return Target("s", TargetKind.MODULE, name)


def outermost(observation: Observation) -> Link:
    assert observation.outcome.failure is not None, observation.outcome
    return observation.outcome.failure.outermost


def verdict(observation: Observation) -> tuple[bool, str]:
    """As `Workbench.plain` says it."""
    return observation.outcome.ok, observation.stdout


def run_by(python: Path) -> str:
    """The contract's line for that interpreter."""
    return f'runtime.python = "{python}"'


def running(mark: str) -> list[int]:
    """Processes that have `mark` in their command line or environment."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            if mark.encode() in text:
                found.append(int(process.name))
    return found


def eventually(holds: Callable[[], bool], patience: float = 10.0) -> bool:
    """Whether the condition comes true before patience ends."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
