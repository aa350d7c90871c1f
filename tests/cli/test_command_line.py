"""``python -m pytest_importcontract``: what it refuses, how it prints."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Explain = Callable[..., str]
Repository = Callable[[Mapping[str, str]], Path]
COMMAND = [sys.executable, "-m", "pytest_importcontract"]
CONTRACT = """\
    [services.api]
    entrypoints = ["app.main"]

    [services.worker]
    entrypoints = ["app.main"]
    """
APP = {
    "app/__init__.py": "",
    "app/main.py": "import app.models\n",
    "app/models.py": "class User: ...\n",
}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["app.models"], "contracts.toml: name a service before the module: api, worker"),
        (
            ["wroker", "app.models"],
            "contracts.toml: no service is called wroker (did you mean worker?)",
        ),
        (
            ["billing", "app.models"],
            "contracts.toml: no service is called billing (there are api, worker)",
        ),
        (["api", "app.modles"], "no module is called app.modles (did you mean app.models?)"),
        (["api", "nowhere"], "no module is called nowhere"),
        (["api", "src/app"], "src/app: there is no such file"),
        (["api", "contracts.toml/"], "contracts.toml/: it is no module"),
        (["api", "app models"], "app models is no module, no file and no module:Name"),
        (["api", "app.models:"], "app.models: is not of the form module:Name"),
        (["api", "app/models.py:3"], "app/models.py:3 is not of the form module:Name"),
        (
            ["api", "tools"],
            'no module is called tools (add "lib" to runtime.paths (contracts.toml:1))',
        ),
        (
            ["api", "worker", "app.models"],
            "one service and one module are enough: api worker app.models",
        ),
        (["--file", "none.toml", "app"], "none.toml: cannot be read: No such file or directory"),
        (
            ["--path", "src", "api", "app"],
            "--path goes with --entrypoint; a contract says it itself",
        ),
        (
            ["--entrypoint", "app.main", "--file", "contracts.toml", "app"],
            "--file is of a contract, and --entrypoint is for where there is none",
        ),
        (
            ["--entrypoint", "app.main", "api", "app"],
            "the service api is of a contract, and --entrypoint is for where there is none",
        ),
        (
            ["--entrypoint", "app.mian", "app"],
            "--entrypoint: no module is called app.mian (did you mean app.main?)",
        ),
        (
            ["--entrypoint", "tools.main", "app"],
            "--entrypoint: no module is called tools.main (add --path lib)",
        ),
        (
            ["--entrypoint", "3", "app"],
            "--entrypoint 3 is no module, module:attribute, module:factory() or file.py",
        ),
        (["--entrypoint", "run.py", "app"], "--entrypoint run.py: there is no such file"),
        (
            ["--entrypoint", "app.main", "--path", "nowhere", "app"],
            "--path nowhere: there is no such folder",
        ),
        (
            ["--entrypoint", "app.main", "--python", "lib", "app"],
            "--python lib is a folder, not an interpreter",
        ),
    ],
)
def test_what_is_refused(
    explain: Explain, repository: Repository, arguments: list[str], said: str
) -> None:
    repository(
        {
            "contracts.toml": CONTRACT,
            "lib/tools/__init__.py": "",
            **APP,
        }
    )
    assert explain(*arguments) == f"2\n{said}\n"


def test_every_mistake_of_the_contract_is_told(explain: Explain, repository: Repository) -> None:
    repository({"contracts.toml": '[services.api]\nentrypoint = ["a"]\nmodulez = ["a"]\n'})
    told = explain("app").splitlines()
    assert told[0] == "2"
    assert [line.split(": ")[:2] for line in told[1:]] == [
        ["contracts.toml:2", "services.api.entrypoint"],
        ["contracts.toml:3", "services.api.modulez"],
    ]


def test_without_any_contract(explain: Explain, repository: Repository) -> None:
    repository(APP)
    assert explain("app.models") == (
        "2\nno contracts.toml and no [tool.importcontract] in pyproject.toml, here or in a folder "
        "above (name one by --file=PATH, or what is started by --entrypoint=MODULE)\n"
    )


def test_a_mistake_of_another_service_is_no_matter(
    explain: Explain, repository: Repository
) -> None:
    broken = '[services.broken]\nentrypoints = ["app.main"]\nruntime.paths = ["nowhere"]\n'
    repository({"contracts.toml": f'[services.api]\nentrypoints = ["app.main"]\n{broken}', **APP})
    assert explain("api", "app.models").startswith("\napp.models (first-party)\n")
    assert explain("broken", "app.models") == (
        "2\ncontracts.toml:5: services.broken.runtime.paths[0]: nowhere does not exist\n"
    )


def test_the_contract_of_the_nearest_folder_above(explain: Explain, repository: Repository) -> None:
    table = '[tool.importcontract.services.api]\nentrypoints = ["app.main"]\n'
    folder = repository({"pyproject.toml": table, "app/sub/__init__.py": "", **APP})
    told = explain("../models.py", at=folder / "app" / "sub")
    assert (
        told
        == """
app.models (first-party)
  file     app/models.py

app.main (../../pyproject.toml:2) imports it at startup
  ../main.py:1   import app.models

1 eager import: run with the importing module
  ../main.py:1   import app.models
"""
    )


def test_both_contracts_of_a_folder(explain: Explain, repository: Repository) -> None:
    table = '[tool.importcontract.services.{}]\nentrypoints = ["app.main"]\n'
    folder = repository({"contracts.toml": CONTRACT, **APP})
    (folder / "pyproject.toml").write_text(table.format("tool"))
    assert explain("tool", "app.models").startswith("\napp.models (first-party)\n")
    (folder / "pyproject.toml").write_text(table.format("api"))
    assert explain("api", "app.models") == (
        "2\ncontracts.toml and pyproject.toml both have a service api (name one by --file=PATH)\n"
    )
    told = explain("--file", "pyproject.toml", "app.models")
    assert told.startswith("\napp.models (first-party)\n")


def test_for_machines(explain: Explain, repository: Repository) -> None:
    repository({"contracts.toml": CONTRACT, **APP})
    told = json.loads(explain("worker", "app.models:User", "--json"))
    way = {
        "importer": "app.main",
        "imported": "app.models",
        "names": [],
        "group": "eager",
        "kind": "eager",
        "is_guarded": False,
        "how": "",
        "observer": "source",
        "reached": True,
        "breaks": [],
        "file": "app/main.py",
        "line": 1,
        "text": "import app.models",
    }
    assert told == {
        "service": "worker",
        "subject": "app.models:User",
        "module": "app.models",
        "name": "User",
        "whereabouts": {
            "origin": "first-party",
            "file": "app/models.py",
            "ships": True,
            "places": [],
            "brought": "",
            "why": "",
            "fixes": [],
        },
        "lacks": "",
        "bound": [{"file": "app/models.py", "line": 1, "text": "class User: ..."}],
        "rules": [],
        "entrypoints": [
            {
                "entrypoint": "app.main",
                "at": "contracts.toml:5",
                "missing": False,
                "reached": True,
                "at_startup": True,
                "ended": "",
                "chain": [way],
            }
        ],
        "importers": [],
        "importers_inside": 0,
        "importers_of_the_whole": 1,
        "imports": [],
        "notes": [],
    }


def environment(cache_home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "XDG_CACHE_HOME": str(cache_home), "COLUMNS": "80", **more}


def run(folder: Path, cache_home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(cache_home),
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_command(tmp_path: Path, cache_home: Path) -> None:
    done = run(tmp_path, cache_home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "python -m pytest_importcontract: error: the following arguments are required: COMMAND"
    )


def test_help_says_how(tmp_path: Path, cache_home: Path) -> None:
    done = run(tmp_path, cache_home, "explain", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    usage = "usage: python -m pytest_importcontract explain [options] [SERVICE] MODULE\n"
    assert done.stdout.startswith(usage)


def test_options_stand_anywhere(repository: Repository, cache_home: Path) -> None:
    folder = repository({"contracts.toml": CONTRACT, **APP})
    done = run(folder, cache_home, "explain", "api", "--file", "contracts.toml", "app.models")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("app.models (first-party)\n")


def test_pytest_has_no_part_in_it(repository: Repository, cache_home: Path) -> None:
    folder = repository(APP)
    script = (
        "import sys; from pytest_importcontract.cli import main\n"
        "main(['explain', '--entrypoint', 'app.main', 'app.models', '--run'])\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('pytest', '_pytest')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(cache_home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.stdout.splitlines()[-1]) == ("", "[]")


def test_who_has_read_enough_is_not_troubled(repository: Repository, cache_home: Path) -> None:
    folder = repository(APP)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "explain", "--entrypoint", "app.main", "app.models"],
        cwd=folder,
        env=environment(cache_home),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_interrupt_is_quiet(repository: Repository, cache_home: Path) -> None:
    folder = repository(
        {
            "app/__init__.py": "",
            "app/main.py": "import time\nopen('started', 'w').close()\ntime.sleep(60)\n",
        }
    )
    command = [*COMMAND, "explain", "--entrypoint", "app.main", "app.main", "--run"]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(cache_home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        deadline = time.monotonic() + 30
        while not (folder / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_on_a_terminal(
    repository: Repository, cache_home: Path, variables: Mapping[str, str], coloured: bool
) -> None:
    folder = repository(APP)
    ours, theirs = pty.openpty()
    subprocess.run(
        [*COMMAND, "explain", "--entrypoint", "app.main", "app.models"],
        cwd=folder,
        env=environment(cache_home, **variables),
        stdout=theirs,
        check=True,
    )
    os.close(theirs)
    printed = os.read(ours, 10_000).decode()
    os.close(ours)
    first = printed.split("\r\n")[0]
    bold = "\x1b[1mapp.models (first-party)\x1b[0m"
    assert first == (bold if coloured else "app.models (first-party)")
    assert ("\x1b[36mapp/main.py:1\x1b[0m" in printed) is coloured
