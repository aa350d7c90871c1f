"""The example of a deployment's variables, held against what startup needs; at 80 columns."""

from __future__ import annotations

from typing import Any

CONTRACT = """\
[services.backend]
ships.dockerfile = "Dockerfile"

[services.backend.runtime]
env_example = ".env.example"
env = { DATABASE_URL = "x", APP_TOKEN = "swordfish", MODE = "y", BROKER = "z", CACHE = "c" }
"""
FILES = {
    "contracts.toml": CONTRACT,
    "Dockerfile": """\
        FROM python:3.11
        WORKDIR /srv
        ENV HOST=0.0.0.0
        COPY app app
        RUN pip install pydantic-settings
        CMD ["python", "-m", "app.main"]
    """,
    ".env.example": "# of a deployment\nDATABASE_URL=\nPORT\nexport TUNING=1\n",
    "app/__init__.py": "",
    "app/main.py": """\
        import os
        from app import queue
        from app.settings import settings

        os.environ["OWN"] = "1"
        os.environ["OWN"], os.environ["HOST"], os.environ["DATABASE_URL"], os.environ["HOME"]
        os.environ.get("TUNING"), os.getenv("PORT"), os.environ.get("MODE")
        if os.environ.get("CACHE"):
            os.environ["CACHE"]
    """,
    "app/queue.py": "import os\n\n\nclass Queue:\n    broker = os.environ['BROKER']\n",
    "app/settings.py": """\
        from pydantic_settings import BaseSettings


        class Settings(BaseSettings):
            model_config = {"env_prefix": "app_"}
            token: str
            size: int = 1


        settings = Settings()
    """,
}
SOUND = "DATABASE_URL=\nAPP_TOKEN=\nBROKER=\nCACHE=\n"


def test_the_example_lacks_what_startup_needs(repository: Any) -> None:
    repository.write(FILES)
    arguments = ("--import-contracts", "-q", "-k", "environment", "-r", "N")
    result = repository.pytest(*arguments)
    assert (
        result.outlines[3:-1]
        == """\
backend needs 3 variables that .env.example does not name

  app/settings.py
  app/queue.py:5    broker = os.environ['BROKER']
  app/main.py:9     os.environ["CACHE"]

  cause  neither .env.example nor ENV in Dockerfile has APP_TOKEN, BROKER and
         CACHE, which backend needs to start
  rule   runtime.env_example (contracts.toml:5)
  fix    add to .env.example: APP_TOKEN= BROKER= CACHE=
         or, what is the same everywhere, in Dockerfile: ENV BROKER=… CACHE=…
----------------------------- Captured notes call ------------------------------
PORT, TUNING of .env.example are asked for at startup and not set
=============================== import contracts ===============================
backend: 1 cause breaks 1 rule
  1 item     neither .env.example nor ENV in Dockerfile has APP_TOKEN, BROKER
             and CACHE, which backend needs to start
             app/main.py:9
""".splitlines()
    )
    (repository.folder / ".env.example").write_text(SOUND)
    assert repository.pytest(*arguments).ret == 0


def test_a_start_that_fails_says_nothing_of_the_example(repository: Any) -> None:
    repository.write({**FILES, "app/main.py": "import os\n\nos.environ['PORT']\n"})
    result = repository.pytest("--import-contracts", "-q", "-k", "environment", "-r", "N")
    assert (
        result.outlines[3:-1]
        == """\
backend cannot start with what ships (Dockerfile)

  KeyError: 'PORT'

  app/main.py:3   os.environ['PORT']

  cause  environment variable PORT is needed at import and not set
  fix    set it where the service runs and in runtime.env (contracts.toml:6):
         PORT = "…"
         or start with what .env.example has: make it runtime.env_file
         or, what is the same everywhere, in Dockerfile: ENV PORT=…
----------------------------- Captured notes call ------------------------------
PORT of .env.example is asked for at startup and not set
=============================== import contracts ===============================
backend: 1 cause breaks 1 rule
  1 item     environment variable PORT is needed at import and not set
             app/main.py:3
""".splitlines()
    )


def test_an_example_that_cannot_be_used_is_a_mistake(repository: Any) -> None:
    contract = CONTRACT.replace('ships.dockerfile = "Dockerfile"', 'modules = ["app.queue"]')
    repository.write({**FILES, "contracts.toml": contract, ".env.example": "A=1\n= ?\n"})
    example = repository.folder / ".env.example"
    told = [repository.pytest("--import-contracts").errlines]
    example.write_text("A=1\n")
    told.append(repository.pytest("--import-contracts").errlines)
    example.unlink()
    told.append(repository.pytest("--import-contracts").errlines)
    at = "ERROR: contracts.toml:5: services.backend.runtime.env_example:"
    assert told == [
        ["ERROR: .env.example:2: is no NAME=value", ""],
        [f"{at} means nothing without entrypoints (name what the container starts)", ""],
        [f"{at} .env.example does not exist", ""],
    ]


def test_what_a_started_service_prints_names_variables_too(repository: Any) -> None:
    health = """\
        [services.backend]
        ships.files = ["app/**"]

        [services.backend.health]
        command = "python -m app.serve"
        ready_after = 20
    """
    serve = """\
        import os


        def need(name):
            if not os.getenv(name):
                raise RuntimeError(f"{name} is required, as the README says")


        need("HOME")
        need("README_URL")
    """
    repository.write({"contracts.toml": health, "app/__init__.py": "", "app/serve.py": serve})
    result = repository.pytest("--import-contracts", "-q", "-r", "N")
    end = next(i for i, line in enumerate(result.outlines) if "Captured" in line)
    assert (
        result.outlines[3:end]
        == """\
backend does not come up with what ships (contracts.toml:2)

  RuntimeError: README_URL is required, as the README says
  app ended with status 1 before it was up

  app/serve.py:10   calls need()
  app/serve.py:6
      raise RuntimeError(f"{name} is required, as the README says")

  cause  environment variable README_URL is needed when it starts and not set
  rule   health (contracts.toml:5): python -m app.serve
  fix    set it where the service runs and in runtime.env (contracts.toml:1):
         README_URL = "…"
""".splitlines()
    )
