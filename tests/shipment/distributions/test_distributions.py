"""What the image installs for the service, told from the commands of its Dockerfile."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from stages import Image

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.distributions import distributions, listed
from pytest_importcontract.shipment.distributions.installed import Installation, Installed
from pytest_importcontract.shipment.distributions.markers import image_environment

REQUIRES = {
    "web": ["core>=1", "fast ; extra == 'speed'"],
    "core": ["base", "old ; python_version < '3.9'"],
    "fast": [],
    "base": [],
    "lib": ["base"],
    "test": ["core"],
    "solo": [],
}
INSTALLATION = Installation(
    {
        name: Installed(
            name=name, version="1", site=Path("/site"), requires=tuple(map(Requirement, requires))
        )
        for name, requires in REQUIRES.items()
    }
)
PYPROJECT = """\
[project]
name = "app"
version = "1"
dependencies = ["web"]
[project.optional-dependencies]
more = ["solo"]
[dependency-groups]
dev = ["test"]
docs = ["lib"]
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
POETRY = """\
[tool.poetry]
name = "app"
version = "1"
[tool.poetry.dependencies]
python = "^3.11"
web = "^1"
[tool.poetry.group.dev.dependencies]
test = "*"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
lib = "*"
"""


def told(image, version=(3, 12, 1), **others):
    environment = image_environment(version, "x86_64")
    return distributions(image.stage(), Path("/repo"), INSTALLATION, environment, **others)


def names(image, **others):
    return " ".join(sorted(told(image, **others).found))


def venv_first(image, prefix="/opt/venv"):
    return image.env_is(PATH=f"{prefix}/bin:/usr/local/bin:/usr/bin")


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("pip install web", "base core pip web"),
        ("pip install 'web[speed]'", "base core fast pip web"),
        ("pip install --no-deps web", "pip web"),
        ("pip install -r r.txt", "base core pip web"),
        ("pip install -r r.txt && pip uninstall -y core", "base pip web"),
        ("pip install \"solo ; python_version < '3'\"", "pip"),
        ("pip install --upgrade pip && pip install solo", "pip solo"),
        ("python3 -m pip install solo", "pip solo"),
        ("/usr/local/bin/pip install solo", "pip solo"),
        ("/opt/other/bin/pip install solo", "pip"),
        ("python -m venv /v && /v/bin/pip install solo", "pip"),
        ("uv venv /v && /v/bin/python -m pip install solo", "pip"),
        ("uv pip install --system solo", "pip solo"),
        ("UV_SYSTEM_PYTHON=1 uv pip install solo", "pip solo"),
        ("uv venv && uv pip install solo", "pip"),
        ("uv pip install --system web && uv pip sync --system s.txt", "pip solo"),
        ("pip install web && pip-sync s.txt", "pip solo"),
        ("pip install --target /deps solo", "pip"),
        ("pip install --target /usr/local/lib/python3.12/site-packages solo", "pip solo"),
        ("pip install --prefix /usr/local solo", "pip solo"),
        ("pip install --user solo", "pip solo"),
        ("pip download -d /w solo", "pip"),
        ("pip wheel -w /w web && pip install /w/*.whl", "base core pip web"),
        ("pip wheel -w /w web && pip install --no-index -f /w lib", "base lib pip"),
        ("uv tool install solo", "pip"),
        ("pipx install solo", "pip"),
        ("apt-get install -y python3-yaml python3-pip", "pip"),
        ("pip install ./wheels/solo-1.0-py3-none-any.whl", "pip solo"),
        ("pip install 'web @ https://example.org/web-1.zip'", "base core pip web"),
    ],
)
def test_pip_and_uv_in_an_official_image(commands, expected):
    image = Image().files({"r.txt": "web\n", "s.txt": "solo\n"}).run(commands)
    assert names(image) == expected


def test_python_older_than_3_12_comes_with_more():
    assert names(Image("python:3.11-slim"), version=(3, 11, 1)) == "pip setuptools wheel"
    assert names(Image("python:3.12-slim")) == "pip"
    image = venv_first(Image("debian:12").run("python3 -m venv /opt/venv"))
    assert names(image, version=(3, 11, 2)) == "pip setuptools"
    assert names(image) == "pip"


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("python -m venv /opt/venv && pip install solo", "pip solo"),
        ("uv venv /opt/venv && pip install solo", ""),  # there is no pip: the image's own is meant
        ("uv venv /opt/venv && python -m pip install solo", "solo"),
        ("uv venv --seed /opt/venv && pip install solo", "pip solo"),
        ("pip install virtualenv && virtualenv /opt/venv && pip install solo", "pip solo"),
        ("uv venv /opt/venv && VIRTUAL_ENV=/opt/venv uv pip install web", "base core web"),
        ("uv venv /opt/venv && uv pip install -p /opt/venv/bin/python web", "base core web"),
        ("uv venv /opt/venv && uv pip install --system web", ""),
        ("python -m venv /opt/venv && pip install solo && python -m venv /opt/venv", "pip solo"),
        ("uv venv --seed /opt/venv && pip install solo && uv venv /opt/venv", ""),
        (
            "python -m venv --system-site-packages /opt/venv && uv pip install --system solo",
            "pip solo",
        ),
    ],
)
def test_a_virtual_environment_first_on_path(commands, expected):
    image = venv_first(Image()).files({"r.txt": "web\n"}).run(commands)
    told_of = told(image)
    assert told_of.prefix == "/opt/venv"
    assert " ".join(sorted(told_of.found)) == expected


def test_an_activated_environment_counts_for_the_rest_of_its_run_only():
    image = Image().run("python -m venv /opt/venv && . /opt/venv/bin/activate && pip install web")
    image.run("pip install solo")
    assert names(image) == "pip solo"
    assert names(venv_first(image)) == "base core pip web"


def test_uv_pip_finds_the_nearest_environment():
    image = Image().run("uv venv /app/.venv && uv pip install web")
    assert names(image) == "pip"
    assert names(venv_first(image, "/app/.venv")) == "base core web"
    inner = Image(workdir="/app/inner").run("uv venv /app/.venv && uv pip install web")
    assert names(venv_first(inner, "/app/.venv")) == "base core web"


UV_LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "app"
version = "1"
source = { editable = "." }
dependencies = [{ name = "web" }]

[package.optional-dependencies]
more = [{ name = "solo" }]

[package.dev-dependencies]
dev = [{ name = "test" }]
docs = [{ name = "lib" }]

[[package]]
name = "web"
version = "1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "locked" }]

[[package]]
name = "locked"
version = "1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "solo"
version = "1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "test"
version = "1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "lib"
version = "1"
source = { registry = "https://pypi.org/simple" }
"""


@pytest.mark.parametrize(
    ("command", "expected", "projects"),
    [
        ("uv sync", "locked test web", "app"),
        ("uv sync --no-dev", "locked web", "app"),
        ("UV_NO_DEV=1 uv sync", "locked web", "app"),
        ("uv sync --group docs", "lib locked test web", "app"),
        ("uv sync --all-groups --no-group dev", "lib locked web", "app"),
        ("uv sync --no-default-groups", "locked web", "app"),
        ("uv sync --only-group docs", "lib", ""),
        ("uv sync --only-dev", "test", ""),
        ("uv sync --no-dev --extra more", "locked solo web", "app"),
        ("uv sync --no-dev --all-extras", "locked solo web", "app"),
        ("uv sync --no-dev --all-extras --no-extra more", "locked web", "app"),
        ("uv sync --no-dev --no-install-project", "locked web", ""),
        ("uv sync --no-dev --no-install-package locked", "web", "app"),
        ("uv sync && uv sync --no-dev", "locked web", "app"),
        ("uv sync && uv sync --no-dev --inexact", "locked test web", "app"),
        ("uv sync --no-dev && uv run true", "locked test web", "app"),
        ("uv sync --no-dev && uv run --no-sync true", "locked web", "app"),
        ("uv sync --no-dev && uv pip install base", "base locked web", "app"),
        ("uv sync --no-dev && uv run python -m pip install base", "base locked test web", "app"),
        (
            "uv export --no-dev --no-emit-project -o r.txt && uv venv && uv pip sync r.txt",
            "locked web",
            "",
        ),
    ],
)
def test_uv_projects(command, expected, projects):
    image = Image().files({"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK}).run(command)
    told_of = told(venv_first(image, "/app/.venv"))
    assert told_of.prefix == "/app/.venv"
    assert " ".join(sorted(told_of.found)) == expected
    assert " ".join(project.name for project in told_of.projects) == projects
    assert told_of.is_closed


def test_uv_syncs_an_environment_that_a_variable_names():
    files = {"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK}
    image = Image().files(files).env_is(UV_PROJECT_ENVIRONMENT="/usr/local")
    image.run("pip install lib && uv sync --no-dev")
    assert names(image) == "locked pip web"


def test_without_its_lock_a_project_is_followed_through_installed_metadata():
    image = Image().files({"pyproject.toml": PYPROJECT}).run("uv sync --no-dev")
    assert names(venv_first(image, "/app/.venv")) == "base core web"


def test_what_is_locked_and_not_in_the_interpreter_is_missing_there():
    image = Image().files({"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK}).run("uv sync")
    told_of = told(venv_first(image, "/app/.venv"))
    assert list(told_of.missing) == ["locked"]
    provenance = told_of.missing["locked"]
    assert str(provenance.root.line) == "/app/pyproject.toml:4"
    assert provenance.chain == ("web", "locked")


def test_a_group_that_is_left_out_is_told_with_its_line_and_the_command():
    image = Image().files({"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK})
    left = told(venv_first(image.run("uv sync --no-dev"), "/app/.venv")).left_out
    assert {
        name: (str(one.declared.line), one.declared.group, one.cause.text, str(one.cause.line))
        for name, one in left.items()
    } == {
        "solo": ("/app/pyproject.toml:6", "more", "uv sync --no-dev", "Dockerfile:2"),
        "test": ("/app/pyproject.toml:8", "dev", "uv sync --no-dev", "Dockerfile:2"),
        "lib": ("/app/pyproject.toml:9", "docs", "uv sync --no-dev", "Dockerfile:2"),
    }


def test_a_requirements_file_that_nothing_installs_is_told_too():
    image = Image().files({"requirements.txt": "web\n", "requirements-dev.txt": "\ntest\nbase\n"})
    left = told(image.run("pip install -r requirements.txt")).left_out
    assert [(name, str(one.declared.line), one.cause) for name, one in left.items()] == [
        ("test", "/app/requirements-dev.txt:2", None)
    ]


@pytest.mark.parametrize(
    ("command", "expected", "projects"),
    [
        ("poetry install", "base core test web", "app"),
        ("poetry install --only main", "base core web", "app"),
        ("poetry install --without dev --no-root", "base core web", ""),
        ("poetry install --with docs", "base core lib test web", "app"),
        ("poetry install --only docs --no-root", "base lib", ""),
        ("poetry install --no-dev", "base core web", "app"),
        ("poetry install --only-root", "", "app"),
        ("poetry install && poetry sync --only main", "base core web", "app"),
        ("poetry install && poetry install --only main", "base core test web", "app"),
        ("poetry install && poetry sync --only main --no-root", "base core web", "app"),
        ("pip install setuptools && poetry sync --only main", "base core web", "app"),
    ],
)
def test_poetry(command, expected, projects):
    image = (
        Image()
        .files({"pyproject.toml": POETRY})
        .run(f"poetry config virtualenvs.create false && {command}")
    )
    told_of = told(image)
    assert told_of.prefix == "/usr/local"
    assert " ".join(sorted(set(told_of.found) - {"pip"})) == expected
    assert " ".join(project.name for project in told_of.projects) == projects


def test_poetry_keeps_its_environment_where_it_is_told():
    files = {"pyproject.toml": POETRY}
    inside = Image().files(files).env_is(POETRY_VIRTUALENVS_IN_PROJECT="1")
    inside.run("poetry install --only main")
    assert names(inside) == "pip"
    assert names(venv_first(inside, "/app/.venv")) == "base core pip web"
    by_file = Image().files({**files, "poetry.toml": "[virtualenvs]\nin-project = true\n"})
    by_file.run("poetry install --only main")
    assert names(venv_first(by_file, "/app/.venv")) == "base core pip web"
    elsewhere = Image().files(files).run("poetry install --only main")
    assert names(elsewhere) == "pip"
    assert names(elsewhere, interpreter="poetry run") == "base core pip web"
    active = Image().files(files).run("python -m venv /opt/venv").env_is(VIRTUAL_ENV="/opt/venv")
    active.run("poetry install --only main")
    assert names(venv_first(active)) == "base core pip web"


def test_what_poetry_itself_brings_is_never_said_to_be_absent():
    told_of = told(Image().run("pip install poetry"))
    assert "requests" in told_of.found
    assert told_of.missing == {}


PIPFILE_LOCK = """{"_meta": {}, "default": {"web": {"version": "==1"}},
 "develop": {"test": {"version": "==1"}}}"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pipenv install --system --deploy", "pip web"),
        ("pipenv sync --system --dev", "pip test web"),
        ("pipenv requirements > r.txt && pip install -r r.txt", "pip web"),
        ("pipenv sync", "pip"),
    ],
)
def test_pipenv(command, expected):
    files = {"Pipfile": "", "Pipfile.lock": PIPFILE_LOCK}
    assert names(Image().files(files).run(command)) == expected


def test_pdm():
    image = Image().files({"pyproject.toml": PYPROJECT}).run("pdm sync --prod --no-self")
    assert names(venv_first(image, "/app/.venv")) == "base core web"
    image = Image().files({"pyproject.toml": PYPROJECT}).run("pdm install -G more")
    assert names(venv_first(image, "/app/.venv")) == "base core lib solo test web"


@pytest.mark.parametrize(
    ("command", "editable"),
    [("pip install .", False), ("pip install -e '.[more]'", True), ("pip install ./", False)],
)
def test_a_project_is_installed_with_what_it_requires(command, editable):
    told_of = told(Image().files({"pyproject.toml": PYPROJECT}).run(command))
    assert [(one.path, one.name, one.editable) for one in told_of.projects] == [
        ("/app", "app", editable)
    ]
    assert sorted(told_of.found) == sorted(
        ["base", "core", "pip", "web", *(["solo"] if editable else [])]
    )
    assert told_of.projects[0].extras == ({"more"} if editable else set())


SETUP = """from setuptools import setup
setup(
    name="old",
    install_requires=["web", "base"],
    extras_require={"more": ["solo"]},
)
"""


@pytest.mark.parametrize(
    ("files", "name", "expected"),
    [
        ({"setup.py": SETUP}, "old", "base core pip solo web"),
        ({"setup.py": SETUP, "pyproject.toml": "[build-system]\nrequires = []\n"}, "old",
         "base core pip solo web"),
        (
            {
                "setup.py": "import setuptools\nsetuptools.setup()\n",
                "setup.cfg": "[metadata]\nname = older\n[options]\ninstall_requires =\n  lib\n"
                "[options.extras_require]\nmore = solo\n",
            },
            "older",
            "base lib pip solo",
        ),
        ({"setup.py": SETUP, "pyproject.toml": PYPROJECT}, "app", "base core pip solo web"),
    ],
)  # fmt: skip
def test_a_project_of_the_time_before_pyproject(files, name, expected):
    told_of = told(Image().files(files).run("pip install '.[more]'"))
    assert [project.name for project in told_of.projects] == [name]
    assert " ".join(sorted(told_of.found)) == expected
    assert told_of.is_closed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "setup(name='a', install_requires=read('r.txt'))",
            "its install_requires in /app/setup.py",
        ),
        ("setup(**everything)", "its requirements in /app/setup.py"),
        ("setup(", "its requirements in /app/setup.py"),
        ("", "its requirements in /app/setup.py"),
    ],
)
def test_a_setup_script_that_computes_leaves_the_environment_open(text, reason):
    told_of = told(Image().files({"setup.py": text}).run("pip install ."))
    assert [(str(note.line), note.what) for note in told_of.opens] == [("/app/setup.py:1", reason)]


def test_a_project_of_which_nothing_is_known_leaves_the_environment_open():
    told_of = told(Image().run("pip install ."))
    assert [(str(note.line), note.what) for note in told_of.opens] == [
        ("Dockerfile:2", "what the project in /app requires: nothing there says it")
    ]


PYLOCK = """\
lock-version = "1.0"
created-by = "test"
[[packages]]
name = "web"
version = "1"
[[packages.wheels]]
url = "https://example.org/web-1-py3-none-any.whl"
hashes = { sha256 = "0" }
[[packages]]
name = "old"
version = "1"
marker = "python_version < '3.9'"
[[packages.wheels]]
url = "https://example.org/old-1-py3-none-any.whl"
hashes = { sha256 = "0" }
"""


def test_a_standard_lock_file_is_all_that_is_installed():
    image = Image().files({"pylock.toml": PYLOCK}).run("uv pip sync --system pylock.toml")
    assert names(image) == "pip web"


MEMBER = """\
[project]
name = "{name}"
version = "1"
dependencies = {needs}
[build-system]
requires = ["hatchling"]
[tool.uv.sources]
lib-of-ours = {{ workspace = true }}
"""
WORKSPACE = {
    "pyproject.toml": '[project]\nname = "all"\nversion = "1"\ndependencies = ["solo"]\n'
    '[tool.uv.workspace]\nmembers = ["packages/*"]\nexclude = ["packages/old"]\n',
    "packages/api/pyproject.toml": MEMBER.format(name="api", needs='["web", "lib-of-ours"]'),
    "packages/ours/pyproject.toml": MEMBER.format(name="lib-of-ours", needs='["lib"]'),
    "packages/old/pyproject.toml": MEMBER.format(name="old", needs='["test"]'),
}
WORKSPACE_LOCK = """\
version = 1
[[package]]
name = "all"
source = { virtual = "." }
dependencies = [{ name = "solo" }]
[[package]]
name = "api"
source = { editable = "packages/api" }
dependencies = [{ name = "web" }, { name = "lib-of-ours" }]
[[package]]
name = "lib-of-ours"
source = { editable = "packages/ours" }
dependencies = [{ name = "lib" }]
[[package]]
name = "lib"
version = "1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "solo"
version = "1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "web"
version = "1"
source = { registry = "https://pypi.org/simple" }
"""


@pytest.mark.parametrize("lock", [{}, {"uv.lock": WORKSPACE_LOCK}], ids=["unlocked", "locked"])
@pytest.mark.parametrize(
    ("command", "distributions", "projects"),
    [
        ("uv sync", "solo", ""),
        ("uv sync --package api", "lib web", "api lib-of-ours"),
        ("uv sync --package api --no-install-project", "lib web", "lib-of-ours"),
        ("uv sync --package api --no-install-workspace", "lib web", ""),
        ("uv sync --all-packages", "lib solo web", "api lib-of-ours"),
        ("uv --directory packages/api sync", "lib web", "api lib-of-ours"),
        ("uv sync --project packages/ours", "lib", "lib-of-ours"),
    ],
)
def test_a_workspace(command, distributions, projects, lock):
    told_of = told(venv_first(Image().files({**WORKSPACE, **lock}).run(command), "/app/.venv"))
    found = set(told_of.found) - {"core", "base"}  # by metadata, where there is no lock
    assert " ".join(sorted(found)) == distributions
    assert " ".join(sorted(project.name for project in told_of.projects)) == projects
    assert told_of.is_closed


def test_a_stage_goes_on_from_another():
    first = Image(name="base").run("pip install web").stage()
    assert names(Image(first, index=1).run("pip uninstall -y web")) == "base core pip"
    assert names(Image(first, index=2)) == "base core pip web"


SITE = "/usr/local/lib/python3.12/site-packages"
SOLO_IN = "python -m venv {0} && {0}/bin/pip install solo"


@pytest.mark.parametrize(
    ("command", "source", "target", "venv", "expected"),
    [
        (SOLO_IN.format("/opt/venv"), "/opt/venv", "/opt/venv", "/opt/venv", "pip solo"),
        (SOLO_IN.format("/opt/venv"), "/opt/venv", "/venv", "/venv", "pip solo"),
        (SOLO_IN.format("/app/.venv"), "/app", "/app", "/app/.venv", "pip solo"),
        (SOLO_IN.format("/app/.venv"), "/app", "/", "/.venv", "pip solo"),
        ("pip install web", "/usr/local", "/usr/local", "", "base core pip web"),
        ("pip install web", SITE, SITE, "", "base core pip web"),
        ("pip install web", "/usr/local/lib", "/usr/local/lib", "", "base core pip web"),
        (
            "pip install web",
            "/usr/local/lib/python3.12",
            "/usr/local/lib/python3.12",
            "",
            "base core pip web",
        ),
        ("pip install web", "/usr/local/bin", "/usr/local/bin", "", "pip"),
        ("pip install web", "/usr/local/lib/libpq.so", "/usr/local/lib/libpq.so", "", "pip"),
        ("pip install --prefix=/install web", "/install", "/usr/local", "", "base core pip web"),
        ("pip install --user web", "/root/.local", "/root/.local", "", "base core pip web"),
        ("pip install --user web", "/root/.local", "/home/app/.local", "", "base core pip web"),
        ("pip install --target=/deps web", "/deps", SITE, "", "base core pip web"),
        ("pip install web", "/", "/", "", "base core pip web"),
        ("pip install web", "/app", "/app", "", "pip"),
        (
            "pip install web && pip uninstall -y core",
            "/usr/local",
            "/usr/local",
            "",
            "base pip web",
        ),
    ],
)
def test_a_copy_carries_what_the_other_stage_installed(command, source, target, venv, expected):
    builder = Image(name="builder").run(command).stage()
    final = Image(index=1).copy(builder, source, target)
    told_of = told(venv_first(final, venv) if venv else final)
    assert " ".join(sorted(told_of.found)) == expected
    assert told_of.is_closed


def test_a_copy_of_a_part_of_site_packages_leaves_the_environment_open():
    builder = Image(name="builder").run("pip install web").stage()
    source = "/usr/local/lib/python3.12/site-packages/web"
    told_of = told(Image(index=1).copy(builder, source))
    assert [(str(note.line), note.what) for note in told_of.opens] == [
        ("Dockerfile:2", f"which distributions {source} is a part of")
    ]


def test_archives_and_requirements_travel_between_stages():
    builder = Image(name="builder").files({"pyproject.toml": POETRY})
    builder.run("poetry export -o /tmp/r.txt && pip wheel -w /wheels web")
    stage = builder.stage()
    wheels = Image(index=1).copy(stage, "/wheels", "/w").run("pip install --no-cache-dir /w/*")
    assert names(wheels) == "base core pip web"
    exported = Image(index=1).copy(stage, "/tmp/r.txt", "/app/requirements.txt")
    assert names(exported.run("pip install -r requirements.txt")) == "base core pip web"


def test_a_built_project_is_installed_from_its_wheel():
    builder = Image(name="builder").files({"pyproject.toml": PYPROJECT}).run("uv build --wheel")
    final = Image(index=1).copy(builder.stage(), "/app/dist", "/dist")
    told_of = told(final.run("pip install /dist/*.whl"))
    assert [project.name for project in told_of.projects] == ["app"]
    assert " ".join(sorted(told_of.found)) == "base core pip web"
    by_name = Image(index=1).copy(builder.stage(), "/app/dist", "/dist")
    told_of = told(by_name.run("pip install --find-links /dist app"))
    assert [project.name for project in told_of.projects] == ["app"]
    assert told_of.missing == {}


def test_modules_in_a_folder_count_where_the_import_path_leads_there():
    image = Image().run("pip install --target /deps solo")
    assert names(image) == "pip"
    assert names(image, path=["/deps"]) == "pip solo"
    assert names(image, env={"PYTHONPATH": "/other:/deps"}) == "pip solo"
    assert names(image.env_is(PYTHONPATH="../deps")) == "pip solo"


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        ("example.org/team/base:1", "which distributions the image example.org/team/base:1 holds"),
        ("${BASE}", "which distributions the image ${BASE} holds"),
    ],
)
def test_an_unknown_base_is_open_and_said_once(base, reason):
    told_of = told(Image(base).run("pip install solo").run("pip install lib"))
    assert [(str(note.line), note.what) for note in told_of.opens] == [("Dockerfile:1", reason)]
    assert {"solo", "lib"} <= set(told_of.found)


@pytest.mark.parametrize(
    "base",
    [
        "python", "python:3", "docker.io/library/python:3.12-alpine@sha256:abc",
        "mirror.example.org/library/python:3.12", "debian:bookworm-slim", "ubuntu:24.04", "alpine",
        "ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "ghcr.io/astral-sh/uv:debian-slim",
        "gcr.io/distroless/python3-debian12", "scratch",
    ],
)  # fmt: skip
def test_known_bases_are_closed(base):
    assert told(Image(base)).is_closed


def test_packages_of_the_system_that_are_known():
    told_of = told(Image("debian").run("apt-get install -y python3-pip python3-dev gcc"))
    assert {"pip", "setuptools", "wheel"} <= set(told_of.found)
    assert told_of.is_closed
    told_of = told(Image("debian").run("apt-get install -y python3-pip python3-yaml"))
    assert [note.what for note in told_of.opens] == [
        "what python3-yaml of the system's packages bring"
    ]


def test_an_environment_of_an_unknown_base_is_known_if_the_dockerfile_makes_it():
    image = Image("example.org/base").run(SOLO_IN.format("/opt/venv"))
    told_of = told(venv_first(image))
    assert " ".join(sorted(told_of.found)) == "pip solo"
    assert told_of.is_closed


NOBODY = "and nobody knows what it says"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("pip install $A b", "what `pip install $A b` installs: the value of $A is not known"),
        (
            "pip install --odd solo",
            "what `pip install --odd solo` installs: it has options that are not known: --odd",
        ),
        ("conda install solo", "what `conda install solo` installs: conda is not modelled"),
        (
            "pip install -r gone.txt",
            f"what /app/gone.txt requires: it does not lie there, {NOBODY}",
        ),
        (
            "pip install -r blank.txt",
            f"what /app/blank.txt requires: it is in the image, {NOBODY}",
        ),
        ("python install.py", "what /app/install.py installs"),
        ("make deps", "what /app/Makefile installs"),
        ("pip install /w/*.whl", "which distributions lie at /w/*.whl"),
        ("npm install", None),
        ("./harmless.sh", None),
    ],
)
def test_what_cannot_be_told_leaves_the_environment_open(command, reason):
    files = {
        "blank.txt": None,
        "install.py": "os.system('pip install web')\n",
        "harmless.sh": "echo pip\n",
        "Makefile": "deps:\n\tuv sync\n",
    }
    told_of = told(Image().files(files).run(command))
    assert [note.what for note in told_of.opens] == ([reason] if reason else [])


@pytest.mark.parametrize("command", ["./install.sh", "sh -e install.sh", "bash /app/install.sh"])
def test_a_shell_script_is_followed(command):
    script = """#!/bin/sh
set -e
python -m venv /opt/venv
. /opt/venv/bin/activate
cd requirements
pip install -r base.txt
"""
    files = {"install.sh": script, "requirements/base.txt": "web\n"}
    told_of = told(venv_first(Image().files(files).run(command)))
    assert " ".join(sorted(told_of.found)) == "base core pip web"
    assert told_of.is_closed


def test_what_a_script_installs_in_a_loop_leaves_the_environment_open():
    files = {"loop.sh": "for p in $LIST; do pip install $p; done\n"}
    assert [note.what for note in told(Image().files(files).run("sh loop.sh")).opens] == [
        "whether `pip install $p` runs",
        "what `pip install $p` installs: the value of $p is not known",
    ]


def test_what_may_not_run_is_neither_absent_nor_missing():
    told_of = told(Image().run("pip install unheard", sure=False))
    assert "unheard" in told_of.found
    assert told_of.missing == {}
    assert [note.what for note in told_of.opens] == ["whether `pip install unheard` runs"]


def test_an_environment_that_nothing_makes_is_open():
    told_of = told(venv_first(Image(), "/srv/venv"))
    assert [note.what for note in told_of.opens] == [
        "which distributions /srv/venv holds: no command that is understood makes it"
    ]
    builder = Image(name="builder").run("./make-venv").stage()
    told_of = told(venv_first(Image(index=1).copy(builder, "/opt/stuff"), "/opt/stuff"))
    assert [(str(note.line), note.what) for note in told_of.opens] == [
        ("Dockerfile:2", "which distributions /opt/stuff holds")
    ]


def test_programs_from_other_images_change_nothing():
    image = Image().copy("ghcr.io/astral-sh/uv:0.9", "/uv", "/bin/uv")
    told_of = told(image.run("uv pip install --system solo"))
    assert " ".join(sorted(told_of.found)) == "pip solo"
    assert told_of.is_closed


@pytest.mark.parametrize(
    ("interpreter", "prefix"),
    [
        ("/opt/venv/bin/python", "/opt/venv"),
        ("python", "/usr/local"),
        ("", "/usr/local"),
        ("uv run --no-sync", "/app/.venv"),
        ("/opt/venv/bin/uvicorn", "/opt/venv"),
    ],
)
def test_the_start_says_which_environment_is_the_service_s(interpreter, prefix):
    image = Image().files({"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK})
    image.run("python -m venv /opt/venv && uv sync --no-dev")
    assert told(image, interpreter=interpreter).prefix == prefix


def test_the_environment_of_a_program_that_is_not_modelled_is_open():
    told_of = told(Image(), interpreter="hatch run")
    assert [note.what for note in told_of.opens] == [
        "which distributions `hatch run` finds: it is not modelled"
    ]


def test_uv_run_brings_the_default_groups_along_when_the_container_starts():
    image = Image().files({"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK}).run("uv sync --no-dev")
    assert names(image, interpreter="uv run") == "locked test web"
    assert names(image, interpreter="uv run --no-dev") == "locked web"
    assert names(image, interpreter="uv run --no-sync") == "locked web"
    assert names(image, interpreter="uv run", env={"UV_NO_SYNC": "1"}) == "locked web"


def test_mistakes_in_manifests_are_told_all_at_once():
    image = Image().files({"a.txt": "=x\n", "b.txt": "ok\n???\n"})
    with pytest.raises(MistakesError) as caught:
        told(image.run("pip install -r a.txt && pip install -r b.txt"))
    assert [(mistake.file, mistake.line) for mistake in caught.value.mistakes] == [
        ("/app/a.txt", 1),
        ("/app/b.txt", 2),
    ]


def test_named_requirements_stand_for_the_image(tmp_path):
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "web.txt").write_text("-r base.txt\nweb\ngone\n")
    (tmp_path / "requirements" / "base.txt").write_text("solo\n")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    environment = image_environment((3, 12, 1), "x86_64")
    told_of = listed(["requirements/web.txt"], tmp_path, INSTALLATION, environment)
    assert " ".join(sorted(told_of.found)) == "base core gone solo web"
    assert list(told_of.missing) == ["gone"]
    assert str(told_of.found["solo"].root.line) == "requirements/base.txt:1"
    told_of = listed(["pyproject.toml"], tmp_path, INSTALLATION, environment)
    assert " ".join(sorted(told_of.found)) == "base core web"
    with pytest.raises(MistakesError, match=r"nowhere\.txt"):
        listed(["nowhere.txt"], tmp_path, INSTALLATION, environment)


LOCKS = {
    "uv.lock": """\
version = 1
[[package]]
name = "app"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "web" }]
[package.dev-dependencies]
dev = [{ name = "solo" }]
[[package]]
name = "web"
version = "1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "core" }]
[[package]]
name = "core"
version = "1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "solo"
version = "1"
source = { registry = "https://pypi.org/simple" }
""",
    "Pipfile.lock": """\
{"_meta": {"sources": []},
 "default": {"web": {"version": "==1"}, "core": {"version": "==1"}},
 "develop": {"solo": {"version": "==1"}}}
""",
    "pylock.toml": """\
lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "web"
version = "1"
wheels = [{ url = "https://example.com/web-1-py3-none-any.whl", hashes = { sha256 = "0" } }]
[[packages]]
name = "core"
version = "1"
wheels = [{ url = "https://example.com/core-1-py3-none-any.whl", hashes = { sha256 = "0" } }]
""",
}
NAMES_WEB = {
    "uv.lock": '[project]\nname = "app"\nversion = "1"\ndependencies = ["web"]\n'
    '[dependency-groups]\ndev = ["solo"]\n',
    "Pipfile.lock": "",
    "pylock.toml": "",
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_named_lock_is_installed_without_groups_for_development(tmp_path, name):
    folder = tmp_path / "services" / "api"
    folder.mkdir(parents=True)
    (folder / name).write_text(LOCKS[name])
    if NAMES_WEB[name]:
        (folder / "pyproject.toml").write_text(NAMES_WEB[name])
    if name == "Pipfile.lock":
        (folder / "Pipfile").write_text('[packages]\nweb = "*"\n[dev-packages]\nsolo = "*"\n')
    environment = image_environment((3, 12, 1), "x86_64")
    told_of = listed([f"services/api/{name}"], tmp_path, INSTALLATION, environment)
    assert (sorted({*told_of.found} - {"pip"}), told_of.opens) == (["core", "web"], ())
    with pytest.raises(MistakesError, match=rf"nowhere/{name}: does not exist"):
        listed([f"nowhere/{name}"], tmp_path, INSTALLATION, environment)
