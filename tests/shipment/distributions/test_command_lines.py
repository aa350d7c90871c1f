"""What command lines of a build ask, tool by tool."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_importcontract.shipment.distributions.asks import (
    Activate,
    Collect,
    Configure,
    Create,
    Export,
    Inside,
    Install,
    Place,
    Selection,
    Sync,
    System,
    Target,
    Uninstall,
    Unread,
    Where,
)
from pytest_importcontract.shipment.distributions.command_lines import asks

PIP = Place(Where.PROGRAM, "pip")
UV = Place(Where.UV, folder="/app")
POETRY = Place(Where.POETRY, folder="/app")
PDM = Place(Where.PDM, folder="/app")
PIPENV = Place(Where.PIPENV, folder="/app")


def install(*texts, place=PIP, folder="/app", **others):
    return Install(place=place, folder=folder, targets=tuple(map(Target, texts)), **others)


def project(tool, place, **others):
    return Sync(tool=tool, place=place, **others)


def collected(folder, path):
    inner = install(path, place=Place(Where.TARGET, folder), deps=False)
    return Collect(folder, inner, projects=True)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("pip install --no-cache-dir -r r.txt", [install(files=("r.txt",))]),
        ("pip --no-cache-dir install -rr.txt", [install(files=("r.txt",))]),
        ("pip install --timeout 60 a 'b[c]>=1'", [install("a", "b[c]>=1")]),
        ("pip install -qU -c c.txt a", [install("a")]),
        ("pip install --trusted-host pypi.org --no-dep a", [install("a", deps=False)]),
        ("PIP_NO_DEPS=1 pip install a", [install("a", deps=False)]),
        ("pip install --dry-run a", []),
        ("pip list", []),
        ("pip", []),
        ("pip config set global.index-url x", []),
        ("pip install --group dev", [install(groups=("dev",))]),
        (
            "python3 -I -m pip install a",
            [install("a", place=Place(Where.PROGRAM, "python3"))],
        ),
        (
            "/v/bin/python -W ignore -m pip install a",
            [install("a", place=Place(Where.PROGRAM, "/v/bin/python"))],
        ),
        (
            "pip --python /v install a",
            [install("a", place=Place(Where.PREFIX, "/v"))],
        ),
        (
            "pip install --prefix=/install a",
            [install("a", place=Place(Where.PREFIX, "/install"))],
        ),
        ("pip install -t deps a", [install("a", place=Place(Where.TARGET, "/app/deps"))]),
        ("pip install --user a", [install("a", place=Place(Where.USER))]),
        (
            "pip install --no-index --find-links=/w --find-links /x a",
            [install("a", links=("/w", "/x"), local=True)],
        ),
        (
            "pip install . -e ./lib[web]",
            [Install(place=PIP, folder="/app", targets=(Target("."), Target("./lib[web]", True)))],
        ),
        ("pip uninstall -y a b", [Uninstall(PIP, "/app", ("a", "b"))]),
        ("pip wheel -w /wheels -r r.txt", [Collect("/wheels", install(files=("r.txt",)))]),
        ("pip wheel .", [Collect("/app", install("."))]),
        ("pip download -d w a", [Collect("/app/w", install("a"))]),
        (
            "pip install --never-heard-of a",
            [install("a"), Unread("it has options that are not known: --never-heard-of", PIP)],
        ),
        (
            "pip install a $MORE",
            [install("a", "$MORE"), Unread("the value of $MORE is not known", PIP)],
        ),
        ("pip install --extra-index-url https://$TOKEN@host/simple a", [install("a")]),
        ("pip install -i '$(cat /run/secrets/index)' a", [install("a")]),
        (
            "pip install -r $FILE",
            [install(files=("$FILE",)), Unread("the value of $FILE is not known", PIP)],
        ),
        (
            "pip-sync a.txt b.txt",
            [
                install(
                    place=Place(Where.PROGRAM, "python"),
                    files=("a.txt", "b.txt"),
                    deps=False,
                    exact=True,
                )
            ],
        ),
        (
            "pip-compile a.in -o b.txt",
            [Export("/app/b.txt", install(files=("a.in",), place=Place(Where.TARGET, "/app")))],
        ),
        ("sudo -H env A=b pip install a", [install("a")]),
        ("timeout 60 nice -n 5 pip install a", [install("a")]),
        (
            "python setup.py develop",
            [
                Install(
                    place=Place(Where.PROGRAM, "python"),
                    folder="/app",
                    targets=(Target("/app", True),),
                )
            ],
        ),
        ("python -m build --wheel --outdir /out", [collected("/out", "/app")]),
        ("python manage.py install", []),
        ("python", []),
        ("python -m venv /opt/venv", [Create("/opt/venv", "venv", True, False, "python")]),
        ("python3 -m venv --without-pip v", [Create("/app/v", "venv", False, False, "python3")]),
        (
            "virtualenv -p python3.11 --system-site-packages v",
            [Create("/app/v", "virtualenv", True, True, "python3.11")],
        ),
        (". /opt/venv/bin/activate", [Activate("/opt/venv")]),
        ("source .venv/bin/activate", [Activate("/app/.venv")]),
        (". ./env.sh", []),
        ("apt-get install -y python3-yaml python3-dev gcc", [System(("python3-yaml",))]),
        ("apk add --no-cache py3-numpy=1.2", [System(("py3-numpy",))]),
        ("apt-get update", []),
        ("conda install -y numpy", [Unread("conda is not modelled")]),
        ("", []),
    ],
)
def test_pip_and_its_kin(line, asked):
    assert list(asks(shlex.split(line), "/app", {})) == asked


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("uv sync", [project("uv", UV, exact=True)]),
        (
            "uv sync --frozen --no-dev --no-install-project -p 3.12",
            [project("uv", UV, selection=Selection(without=("dev",)), install=False, exact=True)],
        ),
        (
            "UV_NO_DEV=1 uv sync --locked",
            [project("uv", UV, selection=Selection(without=("dev",)), exact=True)],
        ),
        (
            "uv sync --only-group web",
            [
                project(
                    "uv",
                    UV,
                    selection=Selection(main=False, defaults=False, groups=("web",)),
                    install=False,
                    exact=True,
                )
            ],
        ),
        (
            "uv sync --no-default-groups --group a --no-group b --extra c --all-groups",
            [
                project(
                    "uv",
                    UV,
                    selection=Selection(
                        defaults=False,
                        groups=("a",),
                        without=("b",),
                        extras=("c",),
                        all_groups=True,
                    ),
                    exact=True,
                )
            ],
        ),
        (
            "uv sync --inexact --no-editable --package api --no-install-package lib",
            [project("uv", UV, package=("api",), without=("lib",), editable=False)],
        ),
        (
            "uv sync --no-install-workspace",
            [project("uv", UV, install=False, members=False, exact=True)],
        ),
        (
            "UV_PROJECT_ENVIRONMENT=/opt/venv uv --directory /srv sync --project api",
            [project("uv", Place(Where.UV, "/opt/venv", "/srv/api"), exact=True)],
        ),
        (
            "VIRTUAL_ENV=/v uv sync --active",
            [project("uv", Place(Where.PREFIX, "/v", "/app"), exact=True)],
        ),
        ("uv sync --dry-run", []),
        ("uv pip install a", [install("a", place=Place(Where.UV_PIP, folder="/app"))]),
        ("uv pip install --system a", [install("a", place=Place(Where.SYSTEM))]),
        ("UV_SYSTEM_PYTHON=1 uv pip install a", [install("a", place=Place(Where.SYSTEM))]),
        (
            "UV_PYTHON=3.12 uv pip install a",
            [install("a", place=Place(Where.UV_PIP, folder="/app"))],
        ),
        (
            "uv pip install -p /v/bin/python a",
            [install("a", place=Place(Where.PROGRAM, "/v/bin/python"))],
        ),
        (
            "uv pip install --python v -r pyproject.toml --extra web",
            [
                install(
                    place=Place(Where.PREFIX, "/app/v"),
                    files=("pyproject.toml",),
                    selection=Selection(extras=("web",)),
                )
            ],
        ),
        (
            "uv pip sync --system r.txt",
            [install(place=Place(Where.SYSTEM), files=("r.txt",), deps=False, exact=True)],
        ),
        (
            "uv pip uninstall --system a",
            [Uninstall(Place(Where.SYSTEM), "/app", ("a",))],
        ),
        ("uv pip list", []),
        ("uv venv", [Create("/app/.venv", "uv", False)]),
        ("uv venv -p 3.12 --seed /v", [Create("/v", "uv", True, False, "3.12")]),
        (
            "uv export --no-dev -o r.txt --no-emit-project",
            [
                Export(
                    "/app/r.txt",
                    project(
                        "uv", UV, selection=Selection(without=("dev",)), install=False, exact=True
                    ),
                )
            ],
        ),
        ("uv export", [Export("", project("uv", UV, exact=True))]),
        ("uv build --wheel", [collected("/app/dist", "/app")]),
        ("uv add a", [install("a", place=UV), project("uv", UV)]),
        ("uv tool install ruff", []),
        ("uv run --no-sync python x.py", []),
        ("uv run -m pytest", [project("uv", UV)]),
        (
            "uv run --no-dev pip install a",
            [
                project("uv", UV, selection=Selection(without=("dev",))),
                Inside(UV, (install("a"),)),
            ],
        ),
        (
            "uv run --no-sync pip install $A",
            [Inside(UV, (install("$A"), Unread("the value of $A is not known", PIP)))],
        ),
        ("uv", []),
    ],
)
def test_uv(line, asked):
    assert list(asks(shlex.split(line), "/app", {})) == asked


MAIN_ALONE = Selection(defaults=False)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("poetry install", [project("poetry", POETRY)]),
        (
            "poetry -n install --only main --no-root --no-ansi -vv",
            [project("poetry", POETRY, selection=MAIN_ALONE, install=False)],
        ),
        (
            "poetry install --only=web,db",
            [
                project(
                    "poetry",
                    POETRY,
                    selection=Selection(main=False, defaults=False, groups=("web", "db")),
                )
            ],
        ),
        (
            "poetry sync --without dev --with docs -E 'a b'",
            [
                project(
                    "poetry",
                    POETRY,
                    selection=Selection(groups=("docs",), without=("dev",), extras=("a", "b")),
                    exact=True,
                )
            ],
        ),
        (
            "poetry install --no-dev",
            [project("poetry", POETRY, selection=Selection(without=("dev",)))],
        ),
        (
            "poetry -C api install --only-root",
            [
                project(
                    "poetry",
                    Place(Where.POETRY, folder="/app/api"),
                    selection=Selection(main=False, defaults=False),
                )
            ],
        ),
        (
            "poetry export -f requirements.txt --without-hashes -o r.txt",
            [Export("/app/r.txt", project("poetry", POETRY, selection=MAIN_ALONE, install=False))],
        ),
        (
            "poetry config virtualenvs.create false",
            [Configure("poetry", "virtualenvs.create", "false")],
        ),
        ("poetry config --list", []),
        (
            "poetry add 'a@^1' b",
            [install("a", "b", place=POETRY), project("poetry", POETRY)],
        ),
        ("poetry run pip install a", [Inside(POETRY, (install("a"),))]),
        ("poetry run python x.py", []),
        ("poetry build", [collected("/app/dist", "/app")]),
        ("poetry lock", []),
        ("python -m poetry install", [project("poetry", POETRY)]),
        (
            "pdm sync --prod --no-editable --no-self",
            [project("pdm", PDM, selection=MAIN_ALONE, install=False, editable=False)],
        ),
        (
            "pdm install -G :all --without docs -p api",
            [
                project(
                    "pdm",
                    Place(Where.PDM, folder="/app/api"),
                    selection=Selection(
                        all_groups=True,
                        all_extras=True,
                        without=("docs",),
                        without_extras=("docs",),
                    ),
                )
            ],
        ),
        (
            "pdm export --prod -o r.txt",
            [Export("/app/r.txt", project("pdm", PDM, selection=MAIN_ALONE, install=False))],
        ),
        (
            "pipenv install --system --deploy --ignore-pipfile",
            [
                project(
                    "pipenv",
                    Place(Where.PROGRAM, "python", "/app"),
                    selection=MAIN_ALONE,
                    install=False,
                )
            ],
        ),
        (
            "pipenv sync --dev",
            [
                project(
                    "pipenv",
                    PIPENV,
                    selection=Selection(defaults=False, groups=("dev-packages",)),
                    install=False,
                )
            ],
        ),
        (
            "pipenv requirements",
            [Export("", project("pipenv", PIPENV, selection=MAIN_ALONE, install=False))],
        ),
        ("pipenv --version", []),
    ],
)
def test_poetry_pdm_and_pipenv(line, asked):
    assert list(asks(shlex.split(line), "/app", {})) == asked


WORDS = st.sampled_from(
    shlex.split(
        "pip pip3 install -r -e . uv sync run poetry add export --only -m python -- - -o env sudo "
        "venv pdm pipenv --group --extra ./a[b] a==1 $X ${Y} -W -X source activate apt-get = A=b "
        "python3-x --directory --project --python --prefix timeout nice build tool config"
    )
)


@given(
    st.lists(WORDS | st.text(max_size=8), max_size=12),
    st.dictionaries(
        st.sampled_from(["UV_PROJECT", "UV_NO_DEV", "PIP_TARGET", "UV_PYTHON", "VIRTUAL_ENV"]),
        st.text(max_size=5),
    ),
)
def test_no_command_line_is_too_odd(argv, env):
    assert isinstance(asks(argv, "/app", env), tuple)
