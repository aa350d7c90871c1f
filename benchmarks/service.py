"""Services to measure with, and the tools that say whether their modules import."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import tree
from bench import WORKERS, Bench, emptied
from memory import Peak

CONTRACT = """\
[services.it]
entrypoints = {entrypoints}
modules = {modules}
isolation = "{isolation}"

[services.it.ships]
files = ["{package}/**"]

[services.it.runtime]
env = {{ BENCHMARK_ROUND = "{label}" }}
"""
TELL = "-rA"
_ITEM = re.compile(r"(PASSED|FAILED) contracts\.toml::it::import\[([^\]]+)\]( - .*)?")
_ORDER = re.compile(
    r"_+ it import\[([^\]]+)\] _+\n(?:(?!_{3,} ).*\n)*?depends on the order of imports: (.*)"
)


@dataclass(frozen=True, kw_only=True)
class Service:
    """Code of which every module is imported.

    Attributes:
        bench: runs it.
        folder: where its package lies.
        package: the package's name.
        modules: its modules' names, sorted.
        entrypoint: what starts it.
    """

    bench: Bench
    folder: Path
    package: str
    modules: tuple[str, ...]
    entrypoint: str

    @classmethod
    def generated(cls, bench: Bench, size: int) -> Service:
        """One of that many modules."""
        folder = emptied(bench.work / f"service-{size}")
        folder.joinpath("pytest.ini").write_text("[pytest]\n", "utf-8")
        modules = tree.generate(folder, size=size)
        return cls(
            bench=bench,
            folder=folder,
            package=tree.PACKAGE,
            modules=modules,
            entrypoint=tree.MAIN,
        )

    @classmethod
    def application(cls, bench: Bench) -> Service:
        """ansible-core, as it is installed: a copy beside a contract."""
        bench.install_application()
        folder = emptied(bench.work / "application")
        folder.joinpath("pytest.ini").write_text("[pytest]\n", "utf-8")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(bench.site / "ansible", folder / "ansible", ignore=ignored)
        files = (path.relative_to(folder) for path in folder.rglob("*.py"))
        names = (".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files)
        modules = tuple(sorted(name for name in names if _is_module(name)))
        return cls(
            bench=bench,
            folder=folder,
            package="ansible",
            modules=modules,
            entrypoint="ansible.cli.adhoc",
        )

    def started_by(self, entrypoint: str) -> Service:
        """The same service, with another start."""
        return dataclasses.replace(self, entrypoint=entrypoint)

    def loaded(self) -> int:
        """How many of its modules its start loads."""
        code = f"import sys, {self.entrypoint}; print(*sys.modules)"
        return len({*self.bench.run(["-c", code], self.folder).split()} & {*self.modules})

    def portion(self, number: int, of: int) -> tuple[str, ...]:
        """Every so manieth module; together, the portions are all of them."""
        return self.modules[number % of :: of]

    def loop(self, modules: Sequence[str]) -> dict[str, bool]:
        """Whether each module imports, in an interpreter of its own, without any plugin."""

        def imports(module: str) -> bool:
            return self.bench.succeeds(f"import {module}", self.folder)

        with ThreadPoolExecutor(WORKERS) as workers:
            return dict(zip(modules, workers.map(imports, modules), strict=True))

    def import_check(self, look: Callable[[Peak], None] | None = None) -> None:
        """Run pytest-import-check, which imports all into one process."""
        options = ("-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:importcontract")
        command = ["-m", "pytest", "--import-check", "-p", "no:python", *options, self.package]
        self.bench.run(command, self.folder, statuses=(0, 1), look=look)

    def contracts(
        self,
        label: str,
        *,
        isolation: str = "warm",
        modules: Sequence[str] = (),
        only: str = "",
        options: Sequence[str] = (),
        remembered: bool = False,
        look: Callable[[Peak], None] | None = None,
    ) -> str:
        """What pytest says of the contract.

        Args:
            label: where it is another than before, nothing known of the service holds any more.
            isolation: as the contract has it.
            modules: those to import, in processes of their own and without a start; else all, and
                the entrypoint.
            only: the one module to import besides the start.
            options: more of pytest's.
            remembered: whether verdicts of earlier runs count.
            look: given how much memory it took.
        """
        text = CONTRACT.format(
            entrypoints=json.dumps([] if modules else [self.entrypoint]),
            modules=json.dumps(
                [only] if only else list(modules) or [f"{self.package}.**", "!**.__main__"]
            ),
            isolation=isolation,
            package=self.package,
            label=label,
        )
        self.folder.joinpath("contracts.toml").write_text(text, "utf-8")
        options = ("-q", "--tb=no", f"--import-contracts-jobs={WORKERS}", *options)
        if not remembered:
            options = (*options, "-p", "no:cacheprovider")
            if self.bench.remembers:
                options = (*options, "--import-contracts-cache=off")
        command = ["-m", "pytest", "--import-contracts", "contracts.toml", "-p", "no:import-check"]
        said = self.bench.run([*command, *options], self.folder, statuses=(0, 1), look=look)
        counts = re.findall(r"(\d+) (?:passed|failed)", said.rstrip().rpartition("\n")[2])
        # Besides the modules: the deferred imports; the start, and what failed in it unheard of.
        expected = 1 if only else len(modules or self.modules)
        expected += 1 if modules else 3
        if sum(map(int, counts)) != expected:
            sys.exit(f"expected {expected} items:\n{said[-3000:]}")
        return said

    def edit(self, module: str, text: str) -> None:
        """Add a line to a module."""
        with self.folder.joinpath(*module.split(".")).with_suffix(".py").open("a") as file:
            file.write(f"{text}\n")


def verdicts(said: str) -> dict[str, bool]:
    """Whether each module imports, by what pytest said with the option `TELL`."""
    found = map(_ITEM.fullmatch, said.splitlines())
    return {match[2]: match[1] == "PASSED" for match in found if match}


def by_order(said: str) -> dict[str, str]:
    """The modules that depend on the order of imports, each with how, by what pytest said."""
    return dict(_ORDER.findall(said))


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split(".")) and not name.endswith("__main__")


def differences(ours: Mapping[str, bool], theirs: Mapping[str, bool]) -> list[str]:
    """The modules of which we say another thing."""
    return [name for name, imports in theirs.items() if ours.get(name) is not imports]
