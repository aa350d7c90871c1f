"""Real applications: every verdict is that of a plain interpreter, warm and cold.

Run with ``pytest -m real``; the first run installs the applications from PyPI (see conftest.py).
Cold takes as long as plain interpreters do, which run once for both: ``-k "not cold"`` leaves it
out.
Each folder beside this file is one application: ``requirements.txt`` pins all its distributions,
``contracts.toml`` names its modules, and whatever else is there is the service's own code. An item
``import[M]`` must pass where ``python -c "import M"`` exits with status 0 in the same environment,
folder and variables (after the contract's ``setup`` has been called), and fail where it does not,
naming the same exception, or the exit status of a module that ends the process. An item
``startup[M:A]`` must do as ``from M import A``, without setup.

The modules to compare are found by walking the packages' folders on disk, not by asking the plugin:
every Python file, every extension module and every folder above one. Left out are

- ``__main__``, which a contract's globs match only where it is written out;
- files that no import statement can name, such as migrations (``0001_initial.py``);
- what the contract excludes, stated once more in `APPLICATIONS`: django CMS ships the projects
  that its own tests run on, 198 modules that no site loads.

Tests and conftest modules count: only a contract's *default* modules leave them out.
"""

from __future__ import annotations

import functools
import importlib.machinery
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pytest
import tomli

HERE = Path(__file__).parent
SUFFIXES = (*importlib.machinery.EXTENSION_SUFFIXES, ".py")
WORKERS = 2
IMPORT_MAY_TAKE = 60
BY_ORDER = re.compile(
    r"(?m)^_+ \w+ import\[(.+)\] _+\n(?:(?!_{3,} ).*\n)*?depends on the order of imports: "
)
RUN_MAY_TAKE = 600


@dataclass(frozen=True, kw_only=True)
class Application:
    """What is compared of one application.

    Attributes:
        folder: where its files are.
        packages: its packages, wherever they lie on the import path.
        left_out: packages below those that its contract excludes.
        at_least: how many modules there are at the least; guards against comparing nothing.
        broken: modules known not to import; guards against comparing passes alone.
        by_order: modules of which warm says that they depend on the order of imports, all of them.
    """

    folder: str
    packages: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    at_least: int
    broken: tuple[str, ...] = ()
    by_order: tuple[str, ...] = ()


APPLICATIONS = (
    Application(
        folder="datasette",
        packages=("datasette",),
        at_least=100,
        broken=("datasette.vendored.pint.matplotlib", "datasette.vendored.pint.pint_convert"),
    ),
    Application(
        folder="django_project",
        packages=("mysite", "cms", "menus"),
        left_out=("cms.test_utils",),
        at_least=200,
        broken=("cms.tests.settings", "cms.tests.test_static_analysis"),
    ),
    Application(
        folder="flower",
        packages=("flower", "celery"),
        at_least=180,
        broken=("celery.backends.redis", "celery.contrib.django.task", "celery.security"),
    ),
)


Plain = Callable[[Application], Mapping[str, str]]


@pytest.fixture(scope="session")
def plain(environment: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Plain:
    """Gives what plain interpreters die of, by item; asked once for each application."""

    @functools.cache
    def plain(application: Application) -> Mapping[str, str]:
        python = environment(HERE / application.folder / "requirements.txt")
        folder = tmp_path_factory.mktemp("plain") / application.folder
        return plain_faults(application, python, copied(application, python, folder))

    return plain


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which nothing is known of earlier runs but what is compiled."""
    folder, usual = tmp_path_factory.mktemp("cache"), platformdirs.user_cache_path()
    for cache in (folder, usual):
        cache.joinpath("pytest-importcontract").mkdir(parents=True, exist_ok=True)
    compiled = Path("pytest-importcontract", "bytecode")
    folder.joinpath(compiled).symlink_to(usual / compiled)
    usual.joinpath(compiled).mkdir(exist_ok=True)
    return folder


@pytest.mark.real
@pytest.mark.parametrize("isolation", ["warm", "cold"])
@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda application: application.folder)
def test_every_verdict_is_that_of_a_plain_interpreter(
    application: Application,
    isolation: str,
    plain: Plain,
    environment: Callable[[Path], Path],
    cache: Path,
    tmp_path: Path,
) -> None:
    expected = plain(application)
    assert len(expected) >= application.at_least
    assert all(expected[f"import[{module}]"] for module in application.broken)

    python = environment(HERE / application.folder / "requirements.txt")
    folder = copied(application, python, tmp_path / "contract")
    contract = folder / "contracts.toml"
    text = contract.read_text("utf-8")
    contract.write_text(text.replace("\nmodules", f'\nisolation = "{isolation}"\nmodules'), "utf-8")
    found, by_order = contract_faults(folder, cache)
    differences = [
        f"{item}\n  plain     {said(item, expected)}\n  contract  {said(item, found)}"
        for item in sorted(expected.keys() | found.keys())
        if not agree(expected.get(item), found.get(item))
    ]
    assert not differences, "\n".join(differences)
    assert by_order == (application.by_order if isolation == "warm" else ())


def copied(application: Application, python: Path, folder: Path) -> Path:
    """A copy of the application's folder, its contract filled in."""
    shutil.copytree(HERE / application.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    contract = folder / "contracts.toml"
    text = contract.read_text("utf-8")
    contract.write_text(text.replace('"@PYTHON@"', json.dumps(str(python))), "utf-8")
    return folder


def plain_faults(application: Application, python: Path, folder: Path) -> Mapping[str, str]:
    """What a plain interpreter dies of, by item; empty where it lives."""
    contract = tomli.loads(folder.joinpath("contracts.toml").read_text("utf-8"))
    (service,) = contract["services"].values()
    runtime = service["runtime"]
    setup_module, _, setup = runtime.get("setup", "").partition(":")
    prepare = f"import {setup_module}; {setup_module}.{setup}(); " if setup else ""

    found = {
        module
        for root in {folder, *site_packages(python)}
        for package in application.packages
        for module in modules(root, package)
    }
    statements = {
        f"import[{module}]": f"{prepare}import {module}"
        for module in sorted(found)
        if not any(f"{module}.".startswith(f"{package}.") for package in application.left_out)
    }
    for entrypoint in service["entrypoints"]:
        module, _, attribute = entrypoint.partition(":")
        statements[f"startup[{entrypoint}]"] = f"from {module} import {attribute}"

    def fault(statement: str) -> str:
        return plain_fault([str(python), "-c", statement], runtime.get("env", {}), folder)

    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip(statements, pool.map(fault, statements.values()), strict=True))


def site_packages(python: Path) -> Iterator[Path]:
    code = "import sysconfig; print(*map(sysconfig.get_path, ('purelib', 'platlib')), sep='\\n')"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    yield from map(Path, done.stdout.splitlines())


def modules(root: Path, package: str) -> Iterator[str]:
    """Every module of `package` below the import path entry `root`, some more than once."""
    for path in root.joinpath(package).rglob("*"):
        suffix = next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), None)
        if suffix is None or not path.is_file():
            continue
        *folders, name = path.relative_to(root).parts
        name = name.removesuffix(suffix)
        parts = folders if name in ("__init__", "__main__") else [*folders, name]
        if all(part.isidentifier() for part in parts):
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def plain_fault(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> str:
    """The exception and the first line of its message, or the exit status; empty for success."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=IMPORT_MAY_TAKE,
        check=False,
    )
    if done.returncode == 0:
        return ""
    _, found, trace = done.stderr.rpartition("Traceback (most recent call last):\n")
    raised = [line for line in trace.splitlines() if line and not line.startswith(" ")]
    if not found or not raised:
        return f"exited with status {done.returncode}"
    exception = re.sub(r"^(\w+\.)*(?=\w+(:|$))", "", raised[0])
    return re.sub(r"\. Did you (mean|forget)\b.*\?$", "", exception)


def contract_faults(folder: Path, cache: Path) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """What pytest says of each item, empty where it passed; what the order of imports decides."""
    folder.joinpath("pytest.ini").write_text("[pytest]\n", "utf-8")
    junit = folder.with_name("junit.xml")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--import-contracts", "contracts.toml", "-q"),
            *("-c", "pytest.ini", "-p", "no:cacheprovider", "-rP", f"--junitxml={junit}"),
        ],
        cwd=folder,
        env={**variables, "XDG_CACHE_HOME": str(cache)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_MAY_TAKE,
        check=False,
    )
    assert junit.exists(), f"pytest ended with {done.returncode}:\n{done.stdout[-5000:]}"
    return dict(results(junit)), tuple(sorted(BY_ORDER.findall(done.stdout)))


def results(junit: Path) -> Iterator[tuple[str, str]]:
    """Each item that imports something, and each other one that failed, with what it says."""
    for case in ET.parse(junit).iter("testcase"):
        faults = [fault for kind in ("failure", "error", "skipped") for fault in case.iter(kind)]
        text = "\n".join(
            f"{fault.tag}: {fault.get('message', '')}\n{fault.text or ''}" for fault in faults
        )
        name = case.get("name", "")
        item = re.search(r"\b(import|startup)\[.+\]", name)
        if item or text:
            yield (item[0] if item else name), text


def agree(plain: str | None, contract: str | None) -> bool:
    if plain is None or contract is None:
        return False
    return bool(plain) == bool(contract) and " ".join(plain.split()) in " ".join(contract.split())


def said(item: str, faults: Mapping[str, str]) -> str:
    if item not in faults:
        return "knows no such module"
    return faults[item].strip().replace("\n", "\n            ")[:2000] or "imports it"
