"""Reading source, against import-linter on the same files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
import time
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import codebase
from bench import CHECKOUT, HERE, WORKERS, Bench
from figures import Figure, in_rounds, interleaved, ratio, say, walls

# Equal rules in both languages: what `shop` may use, and who may reach `auth_service`.
CONTRACT = """\
[services.shop]
modules = ["shop.**"]
allowed_roots = ["shop", "shared"]

[[services.shop.integrations]]
name = "auth"
root = "auth_service"
through = ["{through}"]
"""
LINTER = """\
[importlinter]
root_packages =
    auth_service
    shared
    shop
exclude_type_checking_imports = True
unmatched_ignore_imports_alerting = none

[importlinter:contract:roots]
name = shop uses shop and shared
type = forbidden
source_modules = shop
forbidden_modules = auth_service
allow_indirect_imports = True
ignore_imports =
    {through} -> auth_service.**

[importlinter:contract:integration]
name = auth_service is reached only through the integration
type = forbidden
source_modules =
    shared
    shop
forbidden_modules = auth_service
allow_indirect_imports = True
ignore_imports =
    {through} -> auth_service.**
"""
TACH = """\
source_roots = ["."]

[[modules]]
path = "shop"
depends_on = ["shared", "{through}"]

[[modules]]
path = "{through}"
depends_on = ["auth_service", "shared", "shop"]

[[modules]]
path = "auth_service"

[[modules]]
path = "shared"
depends_on = ["shop", "{through}"]
"""
# Of other people's trees: one package, within which one part may not import another.
CONTRACT_OF_TREE = """\
[services.tree]
modules = ["{package}.**"]
allowed_roots = ["{package}"]
"""
LINTER_OF_TREE = """\
[importlinter]
root_package = {package}

[importlinter:contract:parts]
name = one part does not import another
type = forbidden
source_modules = {package}.{one}
forbidden_modules = {package}.{other}
allow_indirect_imports = True
"""
PARSE = """\
import ast, gc, pathlib, sys, warnings
warnings.simplefilter("ignore")
gc.disable()
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py"))[int(sys.argv[2])::int(sys.argv[3])]:
    ast.parse(path.read_bytes())
"""


@dataclass(frozen=True, kw_only=True)
class StaticSize:
    """How much is read.

    Attributes:
        modules: of the tree that is compared on.
        grown: sizes of the trees that growth is seen in, in order.
        rounds: of each comparison.
        trees: whether other people's trees are read as well.
    """

    modules: int
    grown: tuple[int, ...]
    rounds: int
    trees: bool


STATIC_FULL = StaticSize(modules=2000, grown=(500, 1000, 2000, 4000), rounds=3, trees=True)
STATIC_QUICK = StaticSize(modules=100, grown=(50, 100), rounds=1, trees=False)


class LinterRefusedError(Exception):
    """import-linter ended without a verdict; the message is what it said last."""


class StaticBench:
    """Trees of source, and both tools to read them with."""

    def __init__(self, work: Path, bench: Bench) -> None:
        self._work = work / "static"
        self._bench = bench
        self._linter = work / "linter"
        self._told: dict[str, Any] = {}

    def prepare(self) -> None:
        """Install import-linter, in an environment of its own."""
        self._work.mkdir(parents=True, exist_ok=True)
        if not (self._linter / "bin" / "python").exists():
            venv.create(self._linter, with_pip=True, clear=True)
        options = ("--quiet", "--disable-pip-version-check")
        requirements = str(HERE / "requirements-linter.txt")
        command = [self._linter / "bin" / "python", "-m", "pip", "install", *options]
        subprocess.run([*command, "-r", requirements], check=True)

    def generate(self, size: int) -> Path:
        """A tree of that many modules, with both contracts beside it."""
        folder = self._work / f"tree-{size}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        codebase.generate(folder, size=size)
        self._rules(folder, CONTRACT, LINTER, through=codebase.THROUGH)
        folder.joinpath("tach.toml").write_text(TACH.format(through=codebase.THROUGH), "utf-8")
        return folder

    def standard_library(self) -> Path:
        """A copy of this Python's standard library, as one package."""
        folder = self._work / "standard library"
        shutil.rmtree(folder, ignore_errors=True)
        ignored = shutil.ignore_patterns("site-packages", "__pycache__", "*.so", "*.a")
        source = sysconfig.get_paths()["stdlib"]
        shutil.copytree(source, folder / "stdlib", ignore=ignored)
        folder.joinpath("stdlib", "__init__.py").touch()
        names = {"package": "stdlib", "one": "json", "other": "tkinter"}
        self._rules(folder, CONTRACT_OF_TREE, LINTER_OF_TREE, **names)
        return folder

    def django(self) -> Path:
        """Django's source, in the version that tests/real pins."""
        folder = self._work / "Django"
        pinned = CHECKOUT / "tests" / "real" / "django_project" / "requirements.txt"
        (wanted,) = re.findall(r"(?m)^Django==.*$", pinned.read_text("utf-8"))
        if not (folder / "django").exists():
            options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile")
            command = [self._bench.python, "-m", "pip", "install", *options]
            subprocess.run([*command, "--target", folder, wanted], check=True)
        names = {"package": "django", "one": "db", "other": "http"}
        self._rules(folder, CONTRACT_OF_TREE, LINTER_OF_TREE, **names)
        return folder

    def _rules(self, folder: Path, contract: str, linter: str, **names: str) -> None:
        folder.joinpath("contracts.toml").write_text(contract.format(**names), "utf-8")
        folder.joinpath("linter.ini").write_text(linter.format(**names), "utf-8")

    def ours(
        self, folder: Path, packages: Sequence[str], *, cached: bool, ran: bool = False
    ) -> float:
        """Seconds that our static part takes."""
        cache = folder / "our cache"
        if not cached:
            shutil.rmtree(cache, ignore_errors=True)
        asked = {
            "folder": str(folder),
            "packages": list(packages),
            "contract": str(folder / "contracts.toml"),
            "starts": self._starts(folder, packages),
            "cache": str(cache),
            "ran": ran,
            "jobs": WORKERS,
        }
        said = self._bench.run([str(HERE / "static_part.py"), json.dumps(asked)], folder)
        self._told = json.loads(said)
        seconds: float = self._told["seconds"]
        return seconds

    def _starts(self, folder: Path, packages: Sequence[str]) -> list[str]:
        """What a service of the packages would start with: the last module of the last."""
        last = max(folder.joinpath(packages[-1]).rglob("*.py"))
        return [".".join(last.relative_to(folder).with_suffix("").parts)]

    @property
    def told(self) -> Mapping[str, Any]:
        """What our last run said."""
        return self._told

    def linter(self, folder: Path, *, cached: bool) -> float:
        """Seconds that a run of import-linter takes.

        Raises:
            LinterRefusedError: it did not judge.
        """
        if not cached:
            shutil.rmtree(folder / ".import_linter_cache", ignore_errors=True)
        start = time.perf_counter()
        done = subprocess.run(
            [self._linter / "bin" / "lint-imports", "--no-logo", "linter.ini"],
            cwd=folder,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "COLUMNS": "999"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        seconds = time.perf_counter() - start
        if "Contracts: " not in done.stdout:
            output = (done.stdout + done.stderr).replace(f"{folder}/", "")
            said = [line for line in output.splitlines() if line.strip()]
            raise LinterRefusedError(said[-1] if said else f"status {done.returncode}")
        return seconds

    def tach(self, folder: Path) -> float:
        """Seconds that a run of tach takes, which remembers nothing."""
        start = time.perf_counter()
        done = subprocess.run(
            [self._linter / "bin" / "tach", "check", "--dependencies"],
            cwd=folder,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self._work)},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        seconds = time.perf_counter() - start
        if done.returncode or "validated" not in f"{done.stdout}{done.stderr}":
            raise SystemExit(f"tach: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return seconds

    def parse(self, folder: Path) -> None:
        """Make a tree of every file and do nothing with it, in as many processes as we use."""
        command = [str(self._bench.python), "-I", "-S", "-c", PARSE, str(folder)]
        runs = [
            subprocess.Popen([*command, str(number), str(WORKERS)]) for number in range(WORKERS)
        ]
        if any([run.wait() for run in runs]):  # noqa: C419 (all of them are waited for)
            raise SystemExit("a generated file does not parse")

    def versions(self) -> str:
        """The linter's version."""
        said = subprocess.run(
            [self._linter / "bin" / "python", "-m", "pip", "list", "--format=freeze"],
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        found = re.findall(r"(?m)^(?:grimp|import-linter|tach)==.*$", said)
        return ", ".join(line.replace("==", " ") for line in sorted(found, reverse=True))


def against_linter(bench: StaticBench, size: StaticSize) -> list[Figure]:
    """Both tools on one tree, cold and with their caches."""
    say(f"generating {size.modules} modules to read")
    folder = bench.generate(size.modules)
    bench.ours(folder, codebase.ROOTS, cached=False)
    told = bench.told
    if told["violations"] or told["unread"] or told["files"] != size.modules:
        raise SystemExit(f"the generated tree is not what it should be: {told}")
    cold, ran, cached, theirs_cold, theirs_cached, tach, parsing = interleaved(
        size.rounds,
        [
            lambda _: bench.ours(folder, codebase.ROOTS, cached=False),
            lambda _: bench.ours(folder, codebase.ROOTS, cached=False, ran=True),
            lambda _: bench.ours(folder, codebase.ROOTS, cached=True),
            lambda _: bench.linter(folder, cached=False),
            lambda _: bench.linter(folder, cached=True),
            lambda _: bench.tach(folder),
            lambda _: bench.parse(folder),
        ],
        "our static part cold, after a run, cached; import-linter cold, cached; tach; ast.parse",
    )
    what = f"{told['files']} files, {told['megabytes']:.0f} MB"
    return [
        in_rounds(f"static part, {what}, no cache", walls(cold)),
        in_rounds("… where the service has run them", walls(ran)),
        in_rounds("… with the cache", walls(cached)),
        in_rounds("import-linter, whole run, no cache", walls(theirs_cold)),
        in_rounds("… with its cache", walls(theirs_cached)),
        in_rounds("tach, whole run, which has no cache", walls(tach)),
        in_rounds(f"`ast.parse` of the files alone, {WORKERS} processes", walls(parsing)),
        ratio("ratio without caches", walls(cold), walls(theirs_cold), limit=1),
        ratio("… where the service has run them", walls(ran), walls(theirs_cold), limit=1),
        ratio("ratio with caches", walls(cached), walls(theirs_cached), limit=1),
        ratio("ratio to tach without our cache", walls(cold), walls(tach)),
        ratio("… with it", walls(cached), walls(tach)),
        ratio("ratio of `ast.parse` alone to import-linter", walls(parsing), walls(theirs_cold)),
    ]


def growth(bench: StaticBench, size: StaticSize) -> list[Figure]:
    """Milliseconds a file, in trees of several sizes."""
    folders = {grown: bench.generate(grown) for grown in size.grown}
    per_file: dict[tuple[int, bool], list[float]] = {}
    for cached in (False, True):
        taken = interleaved(
            size.rounds,
            [
                lambda _, folder=folder, cached=cached: bench.ours(  # type: ignore[misc]
                    folder, codebase.ROOTS, cached=cached
                )
                for folder in folders.values()
            ],
            f"trees of {', '.join(map(str, folders))} files, {'' if cached else 'not '}cached",
        )
        for grown, one in zip(folders, taken, strict=True):
            per_file[grown, cached] = [1000 * seconds / grown for seconds in walls(one)]
    figures = []
    for cached in (False, True):
        with_cache = "with the cache" if cached else "no cache"
        for grown in size.grown:
            what = f"for each of {grown} files, {with_cache}"
            figures.append(in_rounds(what, per_file[grown, cached], unit=" ms"))
        least, most = size.grown[0], size.grown[-1]
        what = f"ratio of a file's time at {most} to that at {least}"
        figures.append(ratio(what, per_file[most, cached], per_file[least, cached], limit=1.25))
    return figures


def trees(bench: StaticBench, rounds: int) -> tuple[list[Figure], list[str]]:
    """Other people's trees: figures, and what is to be said besides."""
    figures: list[Figure] = []
    remarks: list[str] = []
    for folder, package in ((bench.standard_library(), "stdlib"), (bench.django(), "django")):
        name = folder.name
        bench.ours(folder, [package], cached=False)
        told = bench.told
        remarks.append(
            f"{name}: {told['files']} files, {told['megabytes']:.1f} MB, {told['imports']} imports;"
            f" {len(told['unread'])} files do not parse and are listed."
        )
        try:
            bench.linter(folder, cached=False)
        except LinterRefusedError as error:
            remarks.append(
                f"{name}: import-linter ends without a verdict ({error}); it is timed on the files"
                " that parse, ours on all."
            )
        bare = _without(folder, told["unread"])
        try:
            bench.linter(bare, cached=False)
        except LinterRefusedError as error:
            remarks.append(f"{name}: on the others as well ({error}); it has no time.")
            bare = None
        actions = [
            lambda _, f=folder, p=package: bench.ours(f, [p], cached=False),
            lambda _, f=folder, p=package: bench.ours(f, [p], cached=True),
        ]
        if bare is not None:
            actions += [
                lambda _, f=bare: bench.linter(f, cached=False),
                lambda _, f=bare: bench.linter(f, cached=True),
            ]
        taken = interleaved(rounds, actions, f"{name}: ours cold, cached; import-linter likewise")
        labels = (
            *(f"static part, {name}, no cache", "… with the cache"),
            *(f"import-linter, {name}, no cache", "… with its cache"),
        )
        figures += [in_rounds(label, walls(one)) for label, one in zip(labels, taken, strict=False)]
    return figures, remarks


def _without(folder: Path, files: Sequence[str]) -> Path:
    """A copy of a tree that lacks some of its files."""
    if not files:
        return folder
    copy = folder.with_name(f"{folder.name}, parsable")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(
        folder, copy, ignore=shutil.ignore_patterns("our cache", ".import_linter_cache")
    )
    for file in files:
        (copy / Path(file).relative_to(folder)).unlink()
    return copy
