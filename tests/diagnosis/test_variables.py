"""Variables that are missing, in every way in which services say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Told = Callable[..., str]
CONTRACT = """\
    [services.backend]
    entrypoints = ["app.main"]

    [services.backend.runtime]
    env = { APP_PORT = "high", APP_DATABASE__PORT = "1", NAME = "set" }
    """
SETTINGS = """\
    from pydantic import BaseModel, Field
    from pydantic_settings import BaseSettings, SettingsConfigDict


    class Database(BaseModel):
        host: str


    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="app_", env_nested_delimiter="__")
        url: str
        port: int = 1
        key: str = Field(validation_alias="SECRET_KEY")
        database: Database
        size: int = 1


    settings = Settings(size="passed, so no variable")
    """


def from_cause(text: str) -> str:
    """What is said below the chain, which leads through libraries."""
    return "\n  cause" + text.partition("\n  cause")[2]


def test_what_settings_lack_and_refuse(told: Told) -> None:
    text = told({"app/main.py": "import app.settings\n", "app/settings.py": SETTINGS}, CONTRACT)
    error, _, rest = text.partition("\n  app/main.py:1")
    assert (
        error
        == """
backend cannot start

  pydantic_core._pydantic_core.ValidationError: 5 validation errors for Settings
  url
    Field required [missing]
  port
    Input should be a valid integer, unable to parse string as an integer
  [int_parsing]
  SECRET_KEY
    Field required [missing]
  database.host
    Field required [missing]
  size
    Input should be a valid integer, unable to parse string as an integer
  [int_parsing]
"""
    )
    assert (
        from_cause(rest)
        == """
  cause  the settings refuse environment variable APP_PORT (Input should be a
         valid integer, unable to parse string as an integer); environment
         variables APP_DATABASE__HOST, APP_URL and SECRET_KEY are needed at
         import and not set
  fix    set them where the service runs and in runtime.env (contracts.toml:5):
         APP_DATABASE__HOST = "…", APP_URL = "…", SECRET_KEY = "…"; correct
         APP_PORT where the service runs and at contracts.toml:5
"""
    )


@pytest.mark.parametrize(
    ("library", "error"),
    [
        (
            "import environs as e\nenv = e.Env()\nenv.read_env()\nA, B = env('A'), env.int('B')\n",
            'environs.exceptions.EnvNotSetError: Environment variable "A" not set',
        ),
        (
            "from decouple import config\nA, B = config('A'), config('B', cast=int)\n",
            "decouple.UndefinedValueError: A not found. Declare it as envvar or define a",
        ),
        (
            "from environ import Env\nenv = Env()\nA, B = env.str('A'), env('B')\n",
            "KeyError: 'A'",
        ),
    ],
    ids=["environs", "decouple", "django-environ"],
)
def test_what_a_library_does_not_find(told: Told, library: str, error: str) -> None:
    main = "import app.settings\nimport app.keys\n"
    keys = "import os\n\nKEY = os.environ['SECRET_KEY']\n"
    text = told({"app/main.py": main, "app/settings.py": library, "app/keys.py": keys})
    assert error in text
    assert (
        from_cause(text)
        == """
  cause  environment variables A, B and SECRET_KEY are needed at import and not
         set
  fix    set them where the service runs and in runtime.env (contracts.toml:1):
         A = "…", B = "…", SECRET_KEY = "…"
  see    {line}
         app/keys.py:3 KEY = os.environ['SECRET_KEY']
""".replace("{line}", f"app/settings.py:{library.count(chr(10))} {library.splitlines()[-1]}")
    )


HELPER = """\
    import os

    def need(name):
        if not os.getenv(name):
            raise RuntimeError(name + " is required")

    need("NAME")
    need("DATABASE_URL")
    """
LIST = """\
    import os

    missing = [name for name in ("NAME", "HOST", "PORT") if name not in os.environ]
    if missing:
        raise SystemExit(f"set {missing} in the style of $NAME")
    """
UNNAMED = """\
    import os

    url = os.getenv("DATABASE_URL")
    if url is None:
        raise ValueError("no database")
    """
HIDDEN = """\
    import os

    try:
        os.environ["DATABASE_URL"]
    except KeyError:
        raise ValueError("no database") from None
    """
UNSET = "environment variable DATABASE_URL, which is not set, and raises"


@pytest.mark.parametrize(
    ("main", "cause"),
    [
        (HELPER, "environment variable DATABASE_URL is needed at import and not set"),
        (LIST, "environment variables HOST and PORT are needed at import and not set"),
        (UNNAMED, f"app/main.py:5 looks at {UNSET} ValueError"),
        (HIDDEN, f"app/main.py:6 looks at {UNSET} ValueError"),
        (
            "import os\nassert os.getenv('DATABASE_URL')\n",
            f"app/main.py:2 asks for {UNSET} AssertionError",
        ),
        (  # set meanwhile, so it is not missing any more
            "import os\nos.environ.setdefault('MODE', 'x')\nraise ValueError('MODE is wrong')\n",
            "app/main.py:3 raises ValueError at import",
        ),
        (  # nobody asked for it
            "raise ValueError('DATABASE_URL is wrong')\n",
            "app/main.py:1 raises ValueError at import",
        ),
        (  # it is asked for, and the failure is another's
            "import os\nint(os.getenv('SIZE', '1')) / 0\n",
            "app/main.py:2 raises ZeroDivisionError at import",
        ),
    ],
)
def test_what_services_say_themselves(told: Told, main: str, cause: str) -> None:
    text = from_cause(told({"app/main.py": main}, CONTRACT)).partition("\n  fix")[0]
    assert " ".join(text.split()) == f"cause {cause}"


def test_what_is_no_secret_may_stand_in_the_image(told: Told) -> None:
    contract = """\
        [services.backend]
        entrypoints = ["app.main"]
        ships.dockerfile = "Dockerfile"
        runtime.pass_env = ["API_KEY"]
        """
    dockerfile = """\
        FROM python:3.11
        WORKDIR /srv
        ENV HOST=0.0.0.0
        COPY app app
        CMD ["python", "-m", "app.main"]
        """
    main = "from os import environ as E\nE['HOST']\nE['API_KEY']\nE['MODE']\n"
    text = told({"app/main.py": main, "Dockerfile": dockerfile}, contract, caller=("MODE",))
    assert (
        from_cause(text)
        == """
  cause  environment variables API_KEY and MODE are needed at import; pass_env
         (contracts.toml:4) takes API_KEY from where pytest runs, but it is not
         set there; MODE is set where pytest runs, but the contract does not
         pass it on
  fix    set them where the service runs and in runtime.env (contracts.toml:4):
         API_KEY = "…", MODE = "…"
         or, what is the same everywhere, in Dockerfile: ENV MODE=…
         or add "MODE" to runtime.pass_env (contracts.toml:4)
  see    app/main.py:4 E['MODE']
"""
    )
