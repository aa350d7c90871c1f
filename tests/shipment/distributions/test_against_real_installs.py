"""The same commands in a real virtual environment install the same distributions.

The commands of each case run twice: as they are, and as the steps of a stage. What a developer's
interpreter has is more than any of them installs, so that a closure that is too wide shows.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from stages import Image

from pytest_importcontract.shipment.distributions.distributions import distributions
from pytest_importcontract.shipment.distributions.installed import read_installed
from pytest_importcontract.shipment.distributions.markers import image_environment

MAY_TAKE = 300
HERE = image_environment(sys.version_info[:3], os.uname().machine)

WHEELS = {
    "web": ["core>=1", "fast; extra == 'speed'", "never; python_version < '3'"],
    "core": ["base"],
    "base": [],
    "fast": ["base"],
    "check": ["core", "tool"],
    "tool": [],
    "docs": [],
}
BACKEND = '''\
import base64, hashlib, zipfile


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "app-1-py3-none-any.whl"
    files = {
        "app.py": "",
        "app-1.dist-info/METADATA": """Metadata-Version: 2.1
Name: app
Version: 1
Requires-Dist: web
Requires-Dist: docs; extra == "docs"
Provides-Extra: docs
""",
        "app-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n"
        "Tag: py3-none-any\\n",
    }
    record = "app-1.dist-info/RECORD"
    files[record] = "".join(f"{path},,\\n" for path in [*files, record])
    with zipfile.ZipFile(f"{folder}/{name}", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name
'''
PYPROJECT = """\
[project]
name = "app"
version = "1"
dependencies = ["web"]
[project.optional-dependencies]
docs = ["docs"]
[dependency-groups]
dev = ["check"]
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def make_wheel(folder, name, requires):
    info = f"{name}-1.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1"]
    lines += [f"Requires-Dist: {text}" for text in requires]
    lines += ["Provides-Extra: speed", ""]
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": "\n".join(lines),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def shell(command, folder, **env):
    done = subprocess.run(
        ["/bin/bash", "-ec", command],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not _ALTERS.match(name)}
        | {"HOME": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        | env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MAY_TAKE,
        check=False,
    )
    assert not done.returncode, f"{command}\n{done.stdout[-3000:]}"


_ALTERS = re.compile("VIRTUAL_ENV|PYTHON|UV_(?!.*INDEX)|POETRY_|PIP_(TARGET|PREFIX|USER)|XDG_")


def sites(prefix):
    return sorted(map(str, Path(prefix).glob("lib/python*/site-packages")))


def really_in(prefix):
    found = importlib.metadata.distributions(path=sites(prefix))
    return {str(canonicalize_name(one.metadata["Name"])) for one in found}


def told_of(image, developer, prefix):
    installation = read_installed(sites(developer), [".py"])
    told = distributions(
        image.stage(), Path("/nowhere"), installation, HERE, interpreter=f"{prefix}/bin/python"
    )
    assert told.opens == ()
    assert told.missing == {}
    return {*told.found, *(project.name for project in told.projects)}


def compare(folder, developer, stages, files, **env):
    """Run what each stage runs, and tell what its last one holds; both must be the same.

    The environment in question is `folder`/venv. Between stages everything is copied.
    """
    app = folder / "app"
    app.mkdir(exist_ok=True)
    for path, text in files.items():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).write_text(text)
    venv = folder / "venv"
    image = None
    path = f"{venv}/bin:{os.environ['PATH']}"
    for index, commands in enumerate(stages):
        previous, image = image, Image("debian:12", index=index, workdir=str(app))
        image.env_is(PATH=path, HOME=str(app), **env).folder(app, str(app))
        if previous is not None:
            image.copy(previous.stage(), str(folder))
        for command in commands:
            shell(command, app, **{**env, "PATH": path})
            image.run(command.replace("'", '"'))
    assert told_of(image, developer, venv) == really_in(venv)
    return really_in(venv)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    for name, requires in WHEELS.items():
        make_wheel(folder, name, requires)
    return folder


@pytest.fixture(scope="module")
def developer(tmp_path_factory, wheels):
    """An environment that has it all."""
    folder = tmp_path_factory.mktemp("developer")
    shell(f"{sys.executable} -m venv --without-pip {folder}/venv", folder)
    pip = f"{sys.executable} -m pip --python {folder}/venv/bin/python"
    names = " ".join(WHEELS)
    shell(f"{pip} install -q --no-index --find-links {wheels} {names}", folder)
    return folder / "venv"


MAKE = f"{sys.executable} -m venv --without-pip {{folder}}/venv"  # ensurepip takes seconds
PIP = f"{sys.executable} -m pip --python {{folder}}/venv/bin/python"
INSTALL = "install --no-index --find-links={wheels}"
WHEEL = f"{sys.executable} -m pip wheel --no-index --find-links={{wheels}} -w {{folder}}/house"
WITH_PIP = f"{sys.executable} -m venv {{folder}}/venv && . {{folder}}/venv/bin/activate"


@pytest.mark.parametrize(
    ("stages", "holds"),
    [
        ([[MAKE, f"{PIP} {INSTALL} --no-deps -r requirements.txt"]], "web"),
        (
            [[MAKE, f"{PIP} {INSTALL} 'web[speed]' && {PIP} uninstall -y core"]],
            "web base fast",
        ),
        ([[MAKE, f"{PIP} {INSTALL} './[docs]'"]], "app web core base docs"),
        ([[f"{WITH_PIP} && pip {INSTALL} -r requirements.txt"], []], "web core base pip"),
        ([[f"{WHEEL} web"], [MAKE, f"{PIP} install {{folder}}/house/*.whl"]], "web core base"),
        (
            [[f"{WHEEL} ."], [MAKE, f"{PIP} install --no-index -f {{folder}}/house app"]],
            "app web core base",
        ),
    ],
    ids=["no-deps", "extra", "project", "copied", "house", "house-project"],
)
def test_pip_without_a_network(tmp_path, wheels, developer, stages, holds):
    commands = [
        [command.format(folder=tmp_path, wheels=wheels) for command in stage] for stage in stages
    ]
    files = {"requirements.txt": "web\n", "pyproject.toml": PYPROJECT, "backend.py": BACKEND}
    found = compare(tmp_path, developer, commands, files)
    assert found - {"setuptools"} == set(holds.split())


REAL_PYPROJECT = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.9"
dependencies = ["httpx==0.28.1", "click>=8"]
[project.optional-dependencies]
brotli = ["httpx[http2]"]
[dependency-groups]
dev = ["pytest>=8"]
docs = ["jinja2"]
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[tool.hatch.build.targets.wheel]
only-include = ["app.py"]
"""
REAL_POETRY = """\
[tool.poetry]
name = "app"
version = "1"
description = ""
authors = []
[tool.poetry.dependencies]
python = ">=3.9"
httpx = { version = "^0.28", extras = ["http2"] }
attrs = { version = "*", markers = "sys_platform == 'win32'" }
jinja2 = { version = "^3", optional = true }
[tool.poetry.extras]
pages = ["jinja2"]
[tool.poetry.group.dev.dependencies]
pytest = "^8"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
markupsafe = "*"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
[[tool.poetry.source]]
name = "simple"
url = "https://pypi.org/simple/"
priority = "primary"
"""
EVERYTHING = "httpx[http2]==0.28.1 click pytest jinja2 packaging attrs idna"
LOCK = "{tools}/bin/uv lock --quiet"
UV = "{tools}/bin/uv"
POETRY = "{tools}/bin/poetry"


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """uv and Poetry, in an environment of their own."""
    folder = tmp_path_factory.mktemp("tools")
    shell(f"{sys.executable} -m venv {folder}/venv", folder)
    shell("venv/bin/pip install -q uv poetry poetry-plugin-export", folder)
    return folder / "venv"


@pytest.fixture(scope="module")
def real_developer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real-developer")
    shell(f"{sys.executable} -m venv {folder}/venv", folder)
    shell(f"venv/bin/pip install -q {EVERYTHING}", folder)
    return folder / "venv"


@pytest.mark.real
@pytest.mark.parametrize(
    ("before", "stages", "holds", "lacks"),
    [
        ("", [[f"{WITH_PIP} && pip install -r requirements.txt"]], "httpx h11 attrs pip", "click"),
        ("", [[f"{WITH_PIP} && pip install '.[brotli]'"]], "app click h2", "pytest"),
        (LOCK, [[f"{UV} sync --frozen --no-dev"]], "app click httpx", "pytest h2 pip"),
        (LOCK, [[f"{UV} sync --no-dev --extra brotli --group docs"]], "app h2 jinja2", "pytest"),
        (LOCK, [[f"{UV} sync --only-group docs"]], "jinja2 markupsafe", "app httpx"),
        (LOCK, [[f"{UV} sync", f"{UV} sync --no-dev --no-install-project"]], "httpx", "app pytest"),
        (LOCK, [[f"{UV} sync --no-dev", f"{UV} run --frozen true"]], "app httpx pytest", "jinja2"),
        (
            LOCK,
            [
                [
                    f"{UV} export -q --no-dev --no-emit-project -o r.txt",
                    f"{WITH_PIP} && pip install -r r.txt",
                ]
            ],
            "httpx click",
            "app pytest",
        ),
        (
            LOCK,
            [[f"{UV} venv {{folder}}/venv && {UV} pip install -r pyproject.toml --group docs"]],
            "httpx click jinja2",
            "app pytest pip",
        ),
        ("poetry", [[f"{POETRY} install --only main"]], "app h2", "pytest attrs jinja2"),
        ("poetry", [[f"{POETRY} install --no-root --with docs -E pages"]], "jinja2 pytest", "app"),
        (
            "poetry",
            [[f"{POETRY} install", f"{POETRY} sync --without dev --no-root"]],
            "h2",
            "pytest",
        ),
        (
            "",
            [[f"{WITH_PIP} && pip install -r requirements.txt"], []],
            "httpx h11 attrs pip",
            "click",
        ),
        (
            "",
            [
                [f"{sys.executable} -m pip wheel -q -w {{folder}}/house -r requirements.txt"],
                [f"{WITH_PIP} && pip install --no-index {{folder}}/house/*.whl"],
            ],
            "httpx h11 attrs pip",
            "click",
        ),
    ],
)
def test_real_tools_and_packages(tmp_path, tools, real_developer, before, stages, holds, lacks):
    app = tmp_path / "app"
    app.mkdir()
    places = {"folder": tmp_path, "tools": tools}
    (app / "app.py").write_text("")
    (app / "requirements.txt").write_text("httpx==0.28.1 # via app\nattrs; python_version > '3'\n")
    (app / "pyproject.toml").write_text(REAL_POETRY if before == "poetry" else REAL_PYPROJECT)
    env = {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "venv"), "UV_PYTHON": sys.executable}
    if before == "poetry":
        shell(f"{tools}/bin/poetry lock -q", app)
        stages = [[f"{sys.executable} -m venv {{folder}}/venv"], *stages]
        env = {"VIRTUAL_ENV": str(tmp_path / "venv")}
    elif before:
        shell(before.format(**places), app, **env)
    if any("uv pip" in command for stage in stages for command in stage):
        env = {"VIRTUAL_ENV": str(tmp_path / "venv")}  # UV_PYTHON would mean another environment
    commands = [[command.format(**places) for command in stage] for stage in stages]
    found = compare(tmp_path, real_developer, commands, {}, **env)
    assert set(holds.split()) <= found
    assert not set(lacks.split()) & found
