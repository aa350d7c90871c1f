"""Real applications with default settings: nothing fails that holds, and what fails is explained.

Run with ``pytest -m real``, as test_real.py. What a contract says here is what a user would write
on the first day: what starts, its own packages as allowed roots, perhaps an integration that the
code keeps. No module is named: those that no entrypoint reaches may fail without failing the run.

The applications are installed, as their users have them, and then once more copied into the
repository, so that rules about code and deferred imports hold for all of their source. What is
reported there is listed in `COPIED`, with the reason.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RUN_MAY_TAKE = 600


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a run with default settings comes to.

    Attributes:
        rules: what is added to the service's table.
        integration: its integrations.
        at_least: how many items pass at the least; guards against a run of nothing.
        unreached: modules that fail and that no entrypoint reaches, all of them.
    """

    rules: str
    integration: str = ""
    at_least: int
    unreached: tuple[str, ...] = ()


APPLICATIONS = {
    "datasette": Expected(
        rules='allowed_roots = ["datasette"]',
        integration='root = "janus"\nthrough = ["datasette.database"]',
        at_least=100,
        unreached=("datasette.vendored.pint.matplotlib", "datasette.vendored.pint.pint_convert"),
    ),
    "django_project": Expected(rules='allowed_roots = ["mysite"]', at_least=5),
    "flower": Expected(
        rules='allowed_roots = ["flower", "celery"]',
        at_least=170,
        unreached=(
            "celery.backends.azureblockblob",
            "celery.backends.database",
            "celery.backends.database.models",
            "celery.backends.database.session",
            "celery.backends.redis",
            "celery.concurrency.eventlet",
            "celery.contrib.django.task",
            "celery.contrib.pytest",
            "celery.contrib.sphinx",
            "celery.security",
            "celery.security.certificate",
            "celery.security.key",
            "celery.security.serialization",
            "celery.security.utils",
        ),
    ),
}


@pytest.mark.real
@pytest.mark.parametrize("name", APPLICATIONS)
def test_nothing_fails_of_an_application_that_is_installed(
    name: str, environment: Callable[[Path], Path], tmp_path: Path
) -> None:
    expected = APPLICATIONS[name]
    folder = copied(name, environment, tmp_path)
    contract = folder / "contracts.toml"
    text = re.sub(
        r"^modules = .*\n", f"{expected.rules}\n", contract.read_text("utf-8"), flags=re.M
    )
    if expected.integration:
        service = text.partition(".")[2].partition("]")[0]
        text += f'\n[[services.{service}.integrations]]\nname = "one"\n{expected.integration}\n'
    contract.write_text(text, "utf-8")
    output = run(folder, "-rxfEX")
    ended = re.fullmatch(r"(\d+) passed(, \d+ xfailed)? in .+", output.splitlines()[-1])
    assert ended, output
    assert int(ended[1]) >= expected.at_least, output
    assert tuple(sorted(re.findall(r"^XFAIL .*import\[(.+)\] - not reach", output, re.M))) == (
        expected.unreached
    )


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What a run over a copy in the repository comes to.

    Attributes:
        packages: what is copied.
        at_least: how many items pass at the least.
        expected: modules that are expected to fail, as many.
        finds: the last hop of each failing import, once.
    """

    packages: tuple[str, ...]
    at_least: int
    expected: int
    finds: tuple[str, ...] = ()


COPIED = {
    "datasette": Copied(
        packages=("datasette",),
        at_least=100,
        expected=1,
        finds=(
            # A true one: formatting a measurement as LaTeX raises ImportError.
            "datasette/vendored/pint/facets/measurement/objects.py:114",
            # A method that only users of the vendored library would call.
            "datasette/vendored/pint/matplotlib.py:14",
        ),
    ),
    "flower": Copied(
        packages=("flower", "celery"),
        at_least=170,
        expected=14,
        # Run for -P eventlet, which no code says may fail.
        finds=("celery/__init__.py:104",),
    ),
}


@pytest.mark.real
@pytest.mark.parametrize("name", COPIED)
def test_nothing_unexplained_fails_of_an_application_that_is_copied(
    name: str, environment: Callable[[Path], Path], tmp_path: Path
) -> None:
    expected = COPIED[name]
    folder = copied(name, environment, tmp_path)
    python = environment(HERE / name / "requirements.txt")
    (site,) = (python.parent.parent / "lib").glob("python3*/site-packages")
    for package in expected.packages:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(site / package, folder / package, ignore=ignored)
    contract = folder / "contracts.toml"
    roots = f"allowed_roots = {json.dumps(expected.packages)}"
    text = re.sub(r"^modules = .*\n", f"{roots}\n", contract.read_text("utf-8"), flags=re.M)
    contract.write_text(text, "utf-8")
    output = run(folder, "-rN")
    ended = re.fullmatch(
        r"(\d+ failed, )?(\d+) passed, (\d+) xfailed in .+", output.splitlines()[-1]
    )
    assert ended, output
    assert int(ended[2]) >= expected.at_least, output
    assert int(ended[3]) == expected.expected, output
    summary = output.partition("= import contracts =")[2]
    assert tuple(sorted(re.findall(r"^ {13}(\S+:\d+)$", summary, re.M))) == expected.finds, output


BROKEN = {
    "an application": (
        ("settings.py", '"menus",', '"menuz",'),
        """\
  mysite/settings.py:20   "menuz" in INSTALLED_APPS

  cause  "menuz" in INSTALLED_APPS (mysite/settings.py:20) names what is not
         found: menuz is neither in this repository nor installed in PYTHON
""",
    ),
    "a module of middleware": (
        ("settings.py", "cms.middleware.page.", "cms.middleware.pages."),
        """\
  mysite/settings.py:31
      "cms.middleware.pages.CurrentPageMiddleware" in MIDDLEWARE

  cause  "cms.middleware.pages.CurrentPageMiddleware" in MIDDLEWARE
         (mysite/settings.py:31) names what is not found: the cms that is
         installed in PYTHON has no module cms.middleware.pages
""",
    ),
    "a class of middleware": (
        ("settings.py", "page.CurrentPageMiddleware", "page.PageMiddleware"),
        """\
  mysite/settings.py:31
      "cms.middleware.page.PageMiddleware" in MIDDLEWARE

  cause  "cms.middleware.page.PageMiddleware" in MIDDLEWARE
         (mysite/settings.py:31) names what is not found: cms.middleware.page
         (SITE/cms/middleware/page.py) has no PageMiddleware
""",
    ),
    "an included module": (
        ("urls.py", '"cms.urls"', '"mysite.pages"'),
        """\
  mysite/urls.py:4   "mysite.pages" given to include()

  cause  "mysite.pages" given to include() (mysite/urls.py:4) names what is not
         found: mysite has no module pages, and no other module of this
         repository is called that
""",
    ),
    "the module of urls": (
        ("settings.py", 'ROOT_URLCONF = "mysite.urls"', 'ROOT_URLCONF = "mysite.routes"'),
        """\
  mysite/settings.py:2   "mysite.routes" in ROOT_URLCONF

  cause  "mysite.routes" in ROOT_URLCONF (mysite/settings.py:2) names what is not
         found: mysite has no module routes; the nearest is mysite.urls
         (mysite/urls.py)
""",
    ),
}


@pytest.mark.real
@pytest.mark.parametrize(("change", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_django_dies_on_a_string(
    change: tuple[str, str, str],
    told: str,
    environment: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    folder = copied("django_project", environment, tmp_path)
    file, old, new = change
    source = folder / "mysite" / file
    text = source.read_text("utf-8")
    assert text.count(old) == 1
    source.write_text(text.replace(old, new), "utf-8")
    with (folder / "mysite" / "wsgi.py").open("a", encoding="utf-8") as wsgi:
        wsgi.write("\nfrom django.urls import get_resolver\n\nget_resolver().url_patterns\n")
    # Paths of any length would break the lines in other places.
    site = re.escape(str(environment(HERE / "django_project" / "requirements.txt").parent.parent))
    output = run(folder, "-k", "startup")
    output = re.sub(rf"{site}/lib/[\w.]+/site-packages", "SITE", output)
    output = re.sub(rf"{site}/bin/python", "PYTHON", output)
    assert " ".join(told.split()) in " ".join(output.split()), output
    assert output.splitlines()[-1].startswith("1 failed"), output


def copied(name: str, environment: Callable[[Path], Path], folder: Path) -> Path:
    python = environment(HERE / name / "requirements.txt")
    folder /= name
    shutil.copytree(HERE / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
    contract = folder / "contracts.toml"
    text = contract.read_text("utf-8").replace('"@PYTHON@"', json.dumps(str(python)))
    contract.write_text(text, "utf-8")
    folder.joinpath("pytest.ini").write_text("[pytest]\n", "utf-8")
    return folder


def run(folder: Path, *more: str) -> str:
    variables = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--import-contracts", "contracts.toml", "-q"),
            *("-c", "pytest.ini", "-p", "no:cacheprovider", *more),
        ],
        cwd=folder,
        env={**variables, "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_MAY_TAKE,
        check=False,
    )
    return done.stdout
