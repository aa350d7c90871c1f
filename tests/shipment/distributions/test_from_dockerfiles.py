"""Whole Dockerfiles of the shapes that people write, from the text to what is installed."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from pytest_importcontract.shipment.distributions.distributions import distributions
from pytest_importcontract.shipment.distributions.installed import Installation, Installed
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.image.image import read_image

REQUIRES = {"web": ["core"], "core": [], "test": [], "extra": []}
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
[dependency-groups]
dev = ["test"]
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
UV_LOCK = """\
version = 1
[[package]]
name = "app"
source = { editable = "." }
dependencies = [{ name = "web" }]
[package.dev-dependencies]
dev = [{ name = "test" }]
[[package]]
name = "core"
version = "1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "test"
version = "1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "web"
version = "1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "core" }]
"""
POETRY_LOCK = """\
[[package]]
name = "web"
version = "1"
optional = false
python-versions = "*"
files = []
[package.dependencies]
core = "*"
[[package]]
name = "core"
version = "1"
optional = false
python-versions = "*"
files = []
[metadata]
lock-version = "2.1"
python-versions = "*"
content-hash = "0"
"""
POETRY = """\
[tool.poetry]
name = "app"
version = "1"
[tool.poetry.dependencies]
web = "*"
[tool.poetry.group.dev.dependencies]
test = "*"
"""

DOCKERFILES = {
    "pip": (
        """
        FROM python:3.12-slim
        WORKDIR /app
        ENV PYTHONUNBUFFERED=1
        COPY requirements.txt .
        RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev && \\
            pip install --no-cache-dir --upgrade pip && \\
            pip install --no-cache-dir -r requirements.txt && \\
            rm -rf /var/lib/apt/lists/*
        COPY . .
        CMD ["uvicorn", "app:app"]
        """,
        "/usr/local: core pip web",
    ),
    "pip in the shell form with a cache mount": (
        """
        # syntax=docker/dockerfile:1
        FROM python:3.12
        RUN --mount=type=cache,target=/root/.cache/pip \\
            --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \\
            python -m pip install -r /tmp/requirements.txt
        CMD python app.py
        """,
        "/usr/local: core pip web",
    ),
    "venv by PATH": (
        """
        FROM python:3.12-slim AS builder
        ENV VIRTUAL_ENV=/opt/venv
        RUN python -m venv $VIRTUAL_ENV
        ENV PATH="$VIRTUAL_ENV/bin:$PATH"
        COPY requirements.txt .
        RUN pip install -r requirements.txt
        FROM python:3.12-slim
        ENV PATH="/opt/venv/bin:$PATH"
        COPY --from=builder /opt/venv /opt/venv
        CMD ["uvicorn", "app:app"]
        """,
        "/opt/venv: core pip web",
    ),
    "user site": (
        """
        FROM python:3.12-slim AS builder
        COPY requirements.txt .
        RUN pip install --user --no-warn-script-location -r requirements.txt
        FROM python:3.12-slim
        RUN useradd app
        COPY --from=builder --chown=app:app /root/.local /home/app/.local
        ENV PATH=/home/app/.local/bin:$PATH
        USER app
        CMD ["uvicorn", "app:app"]
        """,
        "/usr/local: core pip web",
    ),
    "wheelhouse": (
        """
        FROM python:3.12-slim AS builder
        WORKDIR /app
        COPY requirements.txt .
        RUN pip wheel --no-cache-dir --no-deps --wheel-dir /app/wheels -r requirements.txt
        FROM python:3.12-slim
        COPY --from=builder /app/wheels /wheels
        COPY --from=builder /app/requirements.txt .
        RUN pip install --no-cache /wheels/*
        """,
        "/usr/local: core pip web",
    ),
    "wheelhouse that is mounted": (
        """
        FROM python:3.12-slim AS builder
        COPY requirements.txt .
        RUN pip wheel --wheel-dir /wheels -r requirements.txt
        FROM python:3.12-slim
        RUN --mount=type=bind,from=builder,source=/wheels,target=/mnt/wheels \\
            pip install --no-index /mnt/wheels/*.whl
        """,
        "/usr/local: core pip web",
    ),
    "prefix": (
        """
        FROM python:3.12-slim AS builder
        COPY requirements.txt /requirements.txt
        RUN pip install --prefix=/install -r /requirements.txt
        FROM python:3.12-slim
        COPY --from=builder /install /usr/local
        """,
        "/usr/local: core pip web",
    ),
    "site-packages and bin": (
        """
        FROM python:3.12-slim AS builder
        COPY requirements.txt .
        RUN pip install -r requirements.txt
        FROM python:3.12-slim
        COPY --from=builder /usr/local/lib/python3.12/site-packages \\
             /usr/local/lib/python3.12/site-packages
        COPY --from=builder /usr/local/bin /usr/local/bin
        """,
        "/usr/local: core pip web",
    ),
    "uv in two layers": (
        """
        FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim AS builder
        ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
        WORKDIR /app
        RUN --mount=type=cache,target=/root/.cache/uv \\
            --mount=type=bind,source=uv.lock,target=uv.lock \\
            --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\
            uv sync --locked --no-install-project --no-dev
        COPY . /app
        RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev
        FROM python:3.12-slim-bookworm
        COPY --from=builder --chown=app:app /app /app
        ENV PATH="/app/.venv/bin:$PATH"
        CMD ["fastapi", "run"]
        """,
        "/app/.venv: core web + app",
    ),
    "uv copied in": (
        """
        FROM python:3.12-slim
        COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/
        WORKDIR /srv
        COPY pyproject.toml uv.lock ./
        RUN uv sync --frozen --no-dev --no-install-project
        CMD ["/srv/.venv/bin/uvicorn", "app:app"]
        """,
        "/srv/.venv: core web",
    ),
    "uv pip into the system": (
        """
        FROM python:3.12-slim
        ENV UV_SYSTEM_PYTHON=1
        RUN pip install uv
        COPY requirements.txt .
        RUN uv pip install -r requirements.txt
        """,
        "/usr/local: core pip uv web",
    ),
    "uv export": (
        """
        FROM python:3.12-slim AS requirements
        WORKDIR /tmp
        COPY pyproject.toml uv.lock ./
        RUN pip install uv && uv export --frozen --no-dev --no-emit-project > requirements.txt
        FROM python:3.12-slim
        COPY --from=requirements /tmp/requirements.txt .
        RUN pip install -r requirements.txt
        """,
        "/usr/local: core pip web",
    ),
    "uv export in a pipe": (
        """
        FROM python:3.12-slim
        COPY --from=ghcr.io/astral-sh/uv /uv /bin/uv
        COPY pyproject.toml uv.lock ./
        RUN uv export --no-dev --no-emit-project | uv pip install --system -r -
        """,
        "/usr/local: core pip web",
    ),
    "poetry": (
        """
        FROM python:3.12-slim AS builder
        ENV POETRY_VIRTUALENVS_IN_PROJECT=1 POETRY_NO_INTERACTION=1
        RUN python3 -m venv /opt/poetry && /opt/poetry/bin/pip install poetry==2.1
        WORKDIR /app
        COPY ["pyproject.toml", "poetry.lock", "./"]
        RUN /opt/poetry/bin/poetry install --only main --no-root
        FROM python:3.12-slim
        ENV PATH=/app/.venv/bin:$PATH
        COPY --from=builder /app/.venv /app/.venv
        """,
        "/app/.venv: core pip web",
    ),
    "two requirements files, one of them optional": (
        """
        FROM python:3.12-slim
        ARG DEV=
        WORKDIR /app
        COPY requirements.txt requirements-dev.txt ./
        RUN pip install -r requirements.txt
        RUN if [ -n "$DEV" ]; then pip install -r requirements-dev.txt; fi
        """,
        "/usr/local: core pip web",
    ),
    "system Python": (
        """
        FROM debian:bookworm-slim
        RUN apt-get update && apt-get install -y python3 python3-venv
        RUN python3 -m venv /venv && . /venv/bin/activate && pip install web
        CMD ["/venv/bin/python", "-m", "app"]
        """,
        "/venv: core pip web",
    ),
}


@pytest.mark.parametrize("shape", DOCKERFILES)
def test_what_a_dockerfile_installs(tmp_path, shape):
    text, expected = DOCKERFILES[shape]
    lines = [line.removeprefix(" " * 8) for line in text.strip("\n").splitlines()]
    pyproject = POETRY if shape == "poetry" else PYPROJECT
    for name, content in {
        "Dockerfile": "\n".join(lines) + "\n",
        "requirements.txt": "web==1\n",
        "requirements-dev.txt": "test\n",
        "pyproject.toml": pyproject,
        "uv.lock": UV_LOCK,
        "poetry.lock": POETRY_LOCK,
        "app.py": "",
    }.items():
        (tmp_path / name).write_text(content)
    image = read_image(tmp_path, tmp_path / "Dockerfile", context=tmp_path)
    command = image.stage.cmd
    word = command.argv[0] if command else ""
    told = distributions(
        image.stage,
        tmp_path,
        INSTALLATION,
        image_environment((3, 12, 1), "x86_64"),
        interpreter=word if word.startswith(("/srv", "/venv")) else "",
    )
    projects = "".join(f" + {project.name}" for project in told.projects)
    assert f"{told.prefix}: {' '.join(sorted(told.found))}{projects}" == expected
    assert told.opens == ()
    assert told.missing == {}
