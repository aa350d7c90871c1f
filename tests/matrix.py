"""Contracts beside the plugins that suites have, on every Python and pytest that is promised.

Run as ``python tests/matrix.py [PYTHON …]``, by default with all from 3.11 to 3.13 that are found.
Each gets an environment with all plugins together: the oldest Python the oldest version of every
dependency that pyproject.toml allows, the next pytest 8, the others what is newest. In each a suite
with contracts runs in one process and in two workers, and says the same of every item.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13")
PLUGINS = (
    "pytest-asyncio",
    "pytest-cov",
    "pytest-html",
    "pytest-randomly",
    "pytest-rerunfailures",
    "pytest-timeout",
    "pytest-xdist",
)
FILES = {
    "pytest.ini": """\
[pytest]
filterwarnings = error
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
""",
    "contracts.toml": """\
[services.shop]
entrypoints = ["shop.main:app"]
modules = ["shop.**"]
required_symbols = ["shop.main:app"]
allowed_roots = ["shop"]
ships.files = ["shop/**"]

[services.shop.health]
command = "python -m shop.serve"
ready_log = "^ready$"

[services.slow]
modules = ["slow"]
ships.files = ["slow.py"]
runtime.timeout = 20
""",
    "lib.py": "",
    "slow.py": "import time\ntime.sleep(600)\n",
    "shop/__init__.py": "",
    "shop/broken.py": "import lib\n",
    # No plugin of pytest has touched the code of a service, nor is in its process.
    "shop/main.py": """\
import sys
def app():
    assert app
ours = "@pytest_ar" in globals() or "@pytest_ar" in app.__code__.co_names
print("assertions rewritten:", ours)
print("pytest in the process:", [n for n in sys.modules if "pytest" in n or n == "coverage"])
""",
    "shop/serve.py": """\
import time
print("ready", flush=True)
if __name__ == "__main__":
    time.sleep(600)
""",
    "test_own.py": """\
import pytest
calls = []
async def test_async():
    pass
def test_flaky():
    calls.append(1)
    assert len(calls) == 2
def test_rewritten():
    with pytest.raises(AssertionError, match="assert 1 == 2"):
        one = 1
        assert one == 2
""",
}
EXPECTED = {
    "contracts.toml::shop::startup[shop.main:app]": "PASSED",
    "contracts.toml::shop::import[shop]": "PASSED",
    "contracts.toml::shop::import[shop.broken]": "FAILED",
    "contracts.toml::shop::import[shop.main]": "PASSED",
    "contracts.toml::shop::import[shop.serve]": "PASSED",
    "contracts.toml::shop::required_symbol[shop.main:app]": "PASSED",
    "contracts.toml::shop::allowed_roots": "FAILED",
    "contracts.toml::shop::deferred_imports": "PASSED",
    "contracts.toml::shop::hidden_failures": "PASSED",
    "contracts.toml::shop::health": "PASSED",
    "test_own.py::test_async": "PASSED",
    "test_own.py::test_flaky": "PASSED",
    "test_own.py::test_rewritten": "PASSED",
}
SLOW = "contracts.toml::slow::import[slow]"
# Once more for what fails; each in its order, which pytest-randomly changes.
ALL = ("--import-contracts", "--reruns=1", "--timeout=120", "--cov=.", "--html=out.html")
RUNS = {
    "in one process": (*ALL, "--deselect=contracts.toml::slow"),
    "in two workers": (*ALL, "--deselect=contracts.toml::slow", "-n2", "--dist=loadgroup"),
}
# Reported once, with totals that count each item once, however often it ran.
SUMMARY = "shop: 1 cause breaks 1 of 4 modules and 1 rule"
RERUN = {
    "contracts.toml::shop::import[shop.broken]",
    "contracts.toml::shop::allowed_roots",
    "test_own.py::test_flaky",
}


def main(pythons: list[str]) -> int:
    """Try all; the exit status."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        work = Path(folder)
        for python in pythons or found():
            wrong += row(python, work)
    print("\n".join(wrong) or "All say the same.")
    return 1 if wrong else 0


def found() -> list[str]:
    """The interpreters of the versions promised that this machine has."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    interpreters = []
    for version in VERSIONS:
        known = [str(path) for path in sorted(home.glob(f"{version}.*/bin/python"))]
        known += filter(None, [shutil.which(f"python{version}")])
        works = (p for p in known if not subprocess.run([p, "-c", ""], check=False).returncode)
        if python := next(works, None):
            interpreters.append(python)
        else:
            print(f"Python {version} is not on this machine: not tried")
    return interpreters


def row(python: str, work: Path) -> list[str]:
    """What is wrong in one environment."""
    began = time.monotonic()
    version = told(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    environment = work / version
    told(python, "-m", "venv", str(environment))
    ours = str(environment / "bin" / "python")
    bounds = work / f"{version}.txt"
    bounds.write_text("\n".join(constraints(version)))
    asked = [f"{ROOT}[documented]", *PLUGINS]
    told(ours, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-c", bounds, *asked)
    pytest = told(ours, "-c", "import pytest; print(pytest.__version__)").strip()
    wrong = []
    for name, options in RUNS.items():
        wrong += faults(run(ours, work / f"{version} {name}", *options))
    late = run(ours, work / f"{version} late", "--import-contracts", "-kslow", "--timeout=3")
    wrong += faults_of_a_timeout(late)
    seconds = time.monotonic() - began
    print(f"Python {version}, pytest {pytest}: {len(wrong)} wrong, {seconds:.0f} s", flush=True)
    return [f"Python {version}, pytest {pytest}: {each}" for each in wrong]


def constraints(version: str) -> list[str]:
    """What an environment may hold."""
    if version == VERSIONS[0]:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        declared = [*project["dependencies"], *project["optional-dependencies"]["documented"]]
        return [re.sub(r">=([\d.]+).*", r"==\1", requirement) for requirement in declared]
    return ["pytest<9"] if version == VERSIONS[1] else []


def told(*command: str | Path) -> str:
    """What a command prints; it must end well."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def run(python: str, folder: Path, *options: str) -> str:
    """What pytest prints of the suite."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    kept = {"HOME", "LANG", "PATH", "XDG_CACHE_HOME"}
    done = subprocess.run(
        [python, "-m", "pytest", "-rAR", *options],
        cwd=folder,
        env={**{k: v for k, v in os.environ.items() if k in kept}, "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    return done.stdout


def faults(output: str) -> list[str]:
    """What a run says that it should not, or not in these words."""
    said = re.findall(r"(?m)^(PASSED|FAILED|ERROR|RERUN) (\S+)", output)
    wrong = []
    if {name: verdict for verdict, name in said if verdict != "RERUN"} != EXPECTED:
        wrong.append("other verdicts")
    if {name for verdict, name in said if verdict == "RERUN"} != RERUN:
        wrong.append("other reruns")
    if output.count(SUMMARY) != 1:
        wrong.append(f"no line {SUMMARY!r}")
    told_by_the_service = ("assertions rewritten: False", "pytest in the process: []")
    wrong += [f"no line {line!r}" for line in told_by_the_service if line not in output]
    wrong += [word for word in ("INTERNALERROR", "Traceback", " warning") if word in output]
    return [f"{each}\n{output}" for each in wrong[:1]]


def faults_of_a_timeout(output: str) -> Iterator[str]:
    """What is wrong with a run that pytest-timeout ends one item of."""
    if f"FAILED {SLOW} - Failed: Timeout" not in output or "1 failed" not in output:
        yield f"pytest-timeout does not end an item\n{output}"
    if "INTERNALERROR" in output:
        yield f"an error of ours after a timeout\n{output}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
