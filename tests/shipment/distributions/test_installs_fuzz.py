"""Whatever a Dockerfile runs over whatever files: distributions or mistakes with their place."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from stages import Image
from test_distributions import INSTALLATION, POETRY, PYPROJECT, UV_LOCK

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.distributions import distributions
from pytest_importcontract.shipment.distributions.markers import image_environment

ENVIRONMENT = image_environment((3, 12, 1), "x86_64")
SITE = "/usr/local/lib/python3.12/site-packages"
PATHS = """/ /app /app/.venv /opt/venv /usr/local /wheels /root/.local .. /usr/local/lib /x/*.whl ~
/app/r.txt // /app/pyproject.toml""".splitlines()
PATHS = [*" ".join(PATHS).split(" "), "", SITE, f"{SITE}/web"]
COMMANDS = """\
pip install
pip install -r
pip install --target
pip install --prefix
pip install --user
pip install -f /wheels
pip wheel -w /wheels
pip uninstall
python -m venv
uv sync
uv sync --package
uv pip install
uv pip sync
uv venv
uv run
uv export -o
uv export
uv add
uv build -o
poetry install
poetry export -o
poetry config virtualenvs.create
poetry run
poetry build
pdm sync
pipenv sync --system
pipenv requirements
.
sh
make
python setup.py install
pip-sync
pipx install
virtualenv
apt-get install python3-yaml
conda install
env -C / pip install -e""".splitlines()
TEXTS = st.sampled_from([PYPROJECT, POETRY, UV_LOCK, "web\n-r r.txt\n", "-e .\n", "[", "{}", "\0"])
FILES = st.dictionaries(
    st.sampled_from(
        ["pyproject.toml", "uv.lock", "poetry.lock", "r.txt", "Pipfile.lock", "setup.py", "x.sh",
         "Makefile", "poetry.toml", "a/pyproject.toml", "dist/app-1-py3-none-any.whl"]
    ),
    TEXTS | st.text(max_size=60) | st.binary(max_size=20) | st.none(),
    max_size=6,
)  # fmt: skip
ARGUMENTS = st.sampled_from(
    [*PATHS, ".", "./a[x]", "web", "r.txt", "x.sh", "false", "-", "$X", "**"]
)
STEPS = st.lists(
    st.tuples(st.sampled_from(COMMANDS), st.lists(ARGUMENTS | st.text(max_size=5), max_size=3)),
    max_size=5,
)
VARIABLES = st.dictionaries(
    st.sampled_from(
        ["PATH", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "HOME", "UV_PYTHON", "PYTHONPATH",
         "POETRY_VIRTUALENVS_IN_PROJECT", "PIP_TARGET", "UV_PROJECT", "PIPENV_PIPFILE"]
    ),
    st.sampled_from([*PATHS, "1", "/app/.venv/bin:/usr/local/bin", ":", "::/bin"]),
    max_size=3,
)  # fmt: skip


@settings(deadline=4000)
@given(
    st.sampled_from(["python:3.12", "odd/base", "debian", ""]),
    st.lists(
        st.tuples(FILES, VARIABLES, STEPS, st.lists(st.sampled_from(PATHS))), min_size=1, max_size=3
    ),
    st.sampled_from(
        ["", "uv run", "poetry run", "/opt/venv/bin/python", "'", "hatch run", "a b/c"]
    ),
)
def test_no_build_is_too_odd(base, stages, interpreter):
    origin = base
    made = []
    for index, (files, variables, steps, copied) in enumerate(stages):
        image = Image(origin if index % 2 else base, index=index, env=variables).files(files)
        for previous in made:
            for path in copied:
                image.copy(previous, path, path[::-1] if index == 2 else path)
        for command, arguments in steps:
            words = [*command.split(), *arguments]
            image.words(words)
        origin = image.stage()
        made.append(origin)
    mistakes, told = [], None
    try:
        told = distributions(
            origin, Path("/repo"), INSTALLATION, ENVIRONMENT, interpreter=interpreter
        )
    except MistakesError as error:
        mistakes = error.mistakes
    assert all(mistake.file and mistake.what for mistake in mistakes)
    if told is not None:
        assert not {*told.left_out} & {*told.found}
        assert {*told.missing} <= {*told.found}
