"""Services whose Dockerfile says what ships, starts and is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

DOCKERFILE = """\
FROM python:3.11-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY app app
CMD ["uvicorn", "app.main:app"]
"""
CONTRACT = """\
[services.api]
ships.dockerfile = "Dockerfile"
"""


@pytest.fixture
def api(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, cache: Path) -> pytest.Pytester:
    """A service that starts, with helpers that nothing reaches."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p importcontract")
    for name, text in {
        "Dockerfile": DOCKERFILE,
        "contracts.toml": CONTRACT,
        "requirements.txt": "uvicorn\n",
        "app/__init__.py": "",
        "app/main.py": "import uvicorn\napp = 1\ndef later():\n    import app.later\n",
        "app/later.py": "",
        "app/helper.py": "import pytest\n",
        "app/docs.py": "import a_documentation_tool\n",
    }.items():
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return pytester


def test_the_dockerfile_says_what_starts(api: pytest.Pytester) -> None:
    result = api.runpytest_subprocess("--import-contracts", "-v")
    result.stdout.fnmatch_lines(
        [
            "contracts.toml::api::startup[[]app.main:app[]] PASSED*",
            "contracts.toml::api::import[[]app[]] PASSED*",
            "contracts.toml::api::import[[]app.docs[]] XFAIL*",
            "contracts.toml::api::import[[]app.helper[]] XFAIL*",
            "contracts.toml::api::import[[]app.later[]] PASSED*",
            "contracts.toml::api::import[[]app.main[]] PASSED*",
            "contracts.toml::api::deferred_imports PASSED*",
            "contracts.toml::api::hidden_failures PASSED*",
            "contracts.toml::api::declared_dependencies PASSED*",
        ]
    )
    result.assert_outcomes(passed=7, xfailed=2)


def test_a_helper_that_something_reaches(api: pytest.Pytester) -> None:
    """A deferred import runs after startup: what it wants must be there."""
    (api.path / "app/later.py").write_text("import app.helper\n")
    result = api.runpytest_subprocess("--import-contracts", "-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=6, failed=2, xfailed=1)
    result.stdout.fnmatch_lines(
        [
            "api cannot import app.helper with what ships (Dockerfile)",
            "  ModuleNotFoundError: No module named 'pytest'",
            "  app/helper.py:1   import pytest",
            "  cause  nothing that Dockerfile installs brings pytest",
            "  fix    add pytest to requirements.txt",
        ],
        consecutive=False,
    )


def test_a_helper_that_the_contract_names(api: pytest.Pytester) -> None:
    contract = CONTRACT + 'modules = ["app.helper"]\n'
    (api.path / "contracts.toml").write_text(contract)
    result = api.runpytest_subprocess("--import-contracts", "-q")
    result.assert_outcomes(passed=4, failed=1)


def test_any_distribution_will_do(api: pytest.Pytester) -> None:
    (api.path / "contracts.toml").write_text(CONTRACT + 'third_party = "any"\n')
    result = api.runpytest_subprocess("--import-contracts", "-q", "-k", "not docs")
    result.assert_outcomes(passed=7, deselected=1)


def test_what_startup_imports_and_nothing_declares(api: pytest.Pytester) -> None:
    (api.path / "app/main.py").write_text("import click, uvicorn, pytest\napp = 1\n")
    result = api.runpytest_subprocess(
        "--import-contracts", "-q", "-k", "startup or declared", "-p", "no:cacheprovider", "-rN"
    )
    start = result.outlines.index("api cannot start with what ships (Dockerfile)")
    end = next(i for i, line in enumerate(result.outlines) if line.startswith("2 failed"))
    click = "click is there only because another distribution needs it (app.main:1)"
    assert result.outlines[start:end] == [
        "api cannot start with what ships (Dockerfile)",
        "",
        "  ModuleNotFoundError: No module named 'pytest'",
        "",
        "  app/main.py:1   import click, uvicorn, pytest",
        "",
        "  cause  nothing that Dockerfile installs brings pytest",
        "  fix    add pytest to requirements.txt",
        "__________________________ api declared_dependencies ___________________________",
        "api imports pytest, which the image does not declare",
        "",
        "  app/main.py:1   import click, uvicorn, pytest",
        "",
        "  cause  nothing that Dockerfile installs brings pytest",
        "  fix    add pytest to requirements.txt",
        "  note   imports that fail end their module: what it would import after them was",
        "         not seen",
        "----------------------------- Captured notes call ------------------------------",
        click,
        "=============================== import contracts ===============================",
        "api: 1 cause breaks startup and 1 rule",
        "  2 items    nothing that Dockerfile installs brings pytest",
        "             app/main.py:1",
    ]


@pytest.fixture
def lost(api: pytest.Pytester) -> pytest.Pytester:
    """The service lies deeper in the repository than its name says, and so does what it uses."""
    (api.path / "services/lib/shared").mkdir(parents=True)
    (api.path / "services/lib/shared/__init__.py").touch()
    (api.path / "app").rename(api.path / "services/app")
    (api.path / "services/app/main.py").write_text("import shared\napp = 1\n")
    contract = CONTRACT + 'allowed_roots = ["app", "shared"]\n'
    (api.path / "contracts.toml").write_text(contract)
    return api


def causes(pytester: pytest.Pytester, dockerfile: str) -> list[str]:
    """The last part of what is said about startup."""
    (pytester.path / "Dockerfile").write_text(dockerfile)
    arguments = ("--import-contracts", "-q", "-k", "startup", "-rN", "-p", "no:cacheprovider")
    lines = pytester.runpytest_subprocess(*arguments).outlines
    start = next(i for i, line in enumerate(lines) if line.startswith("  cause"))
    end = next(i for i, line in enumerate(lines) if "= import contracts =" in line)
    return lines[start:end]


def test_a_package_off_the_path_of_the_image(lost: pytest.Pytester) -> None:
    """The contract's roots are right: what has to change is the Dockerfile."""
    dockerfile = DOCKERFILE.replace("COPY app app", "COPY services/app app\nCOPY services/lib lib")
    assert causes(lost, dockerfile) == [
        "  cause  services/lib/shared/ is in this repository, but nothing that starts in",
        "         Dockerfile imports from it at /srv/lib",
        "  fix    add the folder to PYTHONPATH: ENV PYTHONPATH=/srv/lib",
    ]
    whole = dockerfile.replace("CMD", "ENV PYTHONPATH=/srv/lib\nCMD")
    (lost.path / "Dockerfile").write_text(whole)
    result = lost.runpytest_subprocess("--import-contracts", "-q", "-k", "startup")
    result.assert_outcomes(passed=1, deselected=9)


def test_a_package_that_lost_its_name(lost: pytest.Pytester) -> None:
    """COPY of a folder lays down what is in it, not the folder."""
    dockerfile = DOCKERFILE.replace("COPY app app", "COPY services/app .")
    assert causes(lost, dockerfile) == [
        "  cause  services/app/ ships as /srv/, which is not called app",
        "  fix    lay it where its name is app: COPY services/app/ /srv/app/",
    ]


def test_an_absolute_path_in_code(api: pytest.Pytester) -> None:
    """The one thing that a copy cannot give: it is told for what it is."""
    (api.path / "app/main.py").write_text("app = open('/srv/app/later.py').read()\n")
    result = api.runpytest_subprocess("--import-contracts", "-q", "-k", "startup", "-rN")
    start = result.outlines.index("api cannot start with what ships (Dockerfile)")
    assert result.outlines[start : start + 12] == [
        "api cannot start with what ships (Dockerfile)",
        "",
        "  FileNotFoundError: [Errno 2] No such file or directory: '/srv/app/later.py'",
        "",
        "  app/main.py:1   app = open('/srv/app/later.py').read()",
        "",
        "  cause  /srv/app/later.py is in the image, but what ships is run from a copy",
        "         that does not lie at /, so an absolute path in code does not lead there",
        "  fix    take the path from a variable that ENV or runtime.env sets, or from",
        "         __file__",
        "=============================== import contracts ===============================",
        "api: 1 cause breaks startup",
    ]


def test_a_variable_leads_to_a_file_of_the_image(api: pytest.Pytester) -> None:
    dockerfile = DOCKERFILE.replace("CMD", "ENV CONF=/srv/app/later.py\nCMD")
    (api.path / "Dockerfile").write_text(dockerfile)
    code = "import os\napp = open(os.environ['CONF']).read()\n"
    (api.path / "app/main.py").write_text(code)
    result = api.runpytest_subprocess("--import-contracts", "-q", "-k", "startup")
    result.assert_outcomes(passed=1, deselected=8)


def test_a_dockerfile_that_cannot_be_read(api: pytest.Pytester) -> None:
    (api.path / "Dockerfile").write_text("FROM python:3.11\nCOPY nothing /\nRUNN x\n")
    result = api.runpytest_subprocess("--import-contracts")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    what = "ERROR: Dockerfile:3: unknown instruction RUNN (did you mean RUN?)"
    assert what in result.errlines
