"""Real servers that start, and that do not, for every reason there is; the texts at 80 columns."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

CONTRACT = """\
[services.api]
ships.files = ["app/**"]

[services.api.health]
command = "{command}"
url = "http://127.0.0.1:{{port}}{path}"
timeout = {timeout}
"""
SERVERS = {
    "uvicorn": "uvicorn app.main:app --port {port}",
    "gunicorn": "gunicorn app.main:app -k asgi -w 2 -b 127.0.0.1:{port}",
}
SOUND = """\
from contextlib import asynccontextmanager
from fastapi import FastAPI
from app import life, models


@asynccontextmanager
async def lifespan(app):
    life.begin()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health():
    return models.state()
"""
FILES = {
    "app/__init__.py": "",
    "app/main.py": SOUND,
    "app/life.py": "def begin():\n    pass\n",
    "app/models.py": "def state():\n    return 'fine'\n",
}
RULES = {
    "uvicorn": ["  rule   health (contracts.toml:5): uvicorn app.main:app --port {port}"],
    "gunicorn": [
        "  rule   health (contracts.toml:5): gunicorn app.main:app -k asgi -w 2 -b",
        "         127.0.0.1:{port}",
    ],
}
HEAD = "api does not come up with what ships (contracts.toml:2)"
_GUNICORN = [
    "  gunicorn ended with status 3 (a worker of gunicorn failed to boot) before it",
    "  was up",
]
# Where the second worker fails while gunicorn ends for the first.
OR_AS_WELL = ["  gunicorn ended with status 1 (gunicorn could not start) before it was up"]
IMPORTS = {
    "uvicorn": [
        "  uvicorn ended with status 1 (uvicorn could not import the application or",
        "  listen at its address) before it was up",
    ],
    "gunicorn": _GUNICORN,
}
BOOTS = {
    "uvicorn": [
        "  uvicorn ended with status 3 (uvicorn could not start the application) before",
        "  it was up",
    ],
    "gunicorn": _GUNICORN,
}
_RULE_OF_SOCKETS = {
    "uvicorn": ["  rule   health (contracts.toml:5): uvicorn app.main:app --uds socket #{port}"],
    "gunicorn": [
        "  rule   health (contracts.toml:5): gunicorn app.main:app -k asgi -w 2 -b",
        "         unix:socket #{port}",
    ],
}
BOTH = pytest.mark.parametrize("server", SERVERS)
PATIENT = 60  # seconds: what fails early is not waited for


def told(result: Any) -> list[str]:
    """The text of the one failure, without what was printed, and the count of its causes."""
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if re.match(r"_+ api health _+$", line)) + 1
    end = next(i for i, line in enumerate(lines) if line.startswith("-- ") or "Captured" in line)
    text = [re.sub(r"\d+ s\b|pid:\d+|127\.0\.0\.1:\d+", _plain, x) for x in lines[start:end] if x]
    if text[2:3] == OR_AS_WELL:
        text[2:3] = BOOTS["gunicorn"]
    return text


def _plain(found: re.Match[str]) -> str:
    return re.sub(r"\d+( s)?$", "N", found[0])


class Case:
    """One service that is started."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def start(self, server: str, changed: dict[str, str], **known: Any) -> Any:
        values = {"command": SERVERS[server], "path": "/health", "timeout": PATIENT, **known}
        contract = CONTRACT.format(**values).replace("{{port}}", "{port}")
        self._repository.write({**FILES, "contracts.toml": contract, **changed})
        return self._repository.pytest("--import-contracts", "-rA")


@pytest.fixture
def case(repository: Any) -> Case:
    return Case(repository)


@BOTH
def test_one_that_is_well(case: Case, server: str) -> None:
    result = case.start(server, {})
    assert "PASSED contracts.toml::api::health" in result.outlines, result.outlines


@BOTH
def test_a_module_that_does_not_ship(case: Case, server: str) -> None:
    files = {"app/models.py": "from lib import state\n", "lib.py": "state = str\n"}
    assert told(case.start(server, files)) == [
        HEAD,
        "  ModuleNotFoundError: No module named 'lib'",
        *IMPORTS[server],
        "  app/main.py:3     imports app.models",
        "  app/models.py:1   from lib import state",
        "  cause  lib.py is in this repository but ships.files (contracts.toml:2) does",
        "         not bring it into the image",
        *RULES[server],
        '  fix    ship it: add "lib.py" to ships.files (contracts.toml:2)',
    ]


@BOTH
def test_a_symbol_that_is_not_there(case: Case, server: str) -> None:
    files = {"app/models.py": "from app.life import beginning as state\n"}
    assert told(case.start(server, files)) == [
        HEAD,
        "  ImportError: cannot import name 'beginning' from 'app.life' (app/life.py)",
        *IMPORTS[server],
        "  app/main.py:3     imports app.models",
        "  app/models.py:1   from app.life import beginning as state",
        "  cause  app.life (app/life.py) has no beginning",
        *RULES[server],
        "  fix    define beginning in app.life, or remove what asks for it",
    ]


@BOTH
def test_an_application_of_another_name(case: Case, server: str) -> None:
    command = SERVERS[server].replace("main:app", "main:api")
    text = told(case.start(server, {}, command=command))
    assert text[1] == "  AttributeError: module 'app.main' has no attribute 'api'"
    assert "  cause  app.main (app/main.py) has no api" in text[:8]


@BOTH
def test_a_crash_in_its_lifespan(case: Case, server: str) -> None:
    files = {"app/life.py": "def begin():\n    raise OSError('no disk')\n"}
    assert told(case.start(server, files)) == [
        HEAD,
        "  OSError: no disk",
        *BOOTS[server],
        "  app/main.py:8   calls begin()",
        "  app/life.py:2   raise OSError('no disk')",
        "  cause  app/life.py:2 raises OSError when it starts",
        *RULES[server],
    ]


@BOTH
def test_a_lifespan_without_an_end(case: Case, server: str) -> None:
    files = {"app/life.py": "import time\n\n\ndef begin():\n    time.sleep(1000)\n"}
    text = told(case.start(server, files, timeout=25))
    assert [line for line in text if re.match(r"  (cause|fix|app/)", line)] == [
        "  app/main.py:8   calls begin()",
        "  app/life.py:5   time.sleep(1000)",
        "  cause  app/life.py:5 does not come to an end, so api never answers",
        "  fix    do that work later, or raise health.timeout (contracts.toml:7)",
    ]


@BOTH
def test_another_port(case: Case, server: str) -> None:
    command = SERVERS[server].replace("{port}", "0") + " #{port}"
    text = told(case.start(server, {}, command=command, timeout=25))
    assert text[:3] == [
        HEAD,
        "  http://127.0.0.1:N/health: connection refused for N",
        "  cause  it listens at 127.0.0.1:N, not where url asks",
    ]
    assert text[-2:] == [
        "  fix    let it listen at the port of health.url (contracts.toml:6); {port}",
        "         gives a free one to both",
    ]


@BOTH
def test_a_port_that_is_never_opened(case: Case, server: str) -> None:
    """Both run, and answer somewhere else than at a port."""
    command = SERVERS[server].replace("--port {port}", "--uds socket #{port}")
    command = command.replace("-b 127.0.0.1:{port}", "-b unix:socket #{port}")
    text = told(case.start(server, {}, command=command, timeout=20))
    assert text == [
        HEAD,
        "  http://127.0.0.1:N/health: connection refused for N",
        "  cause  it listens at unix:socket, not where url asks",
        *_RULE_OF_SOCKETS[server],
        "  fix    let it listen at the port of health.url (contracts.toml:6); {port}",
        "         gives a free one to both",
    ]


@BOTH
def test_a_worker_that_dies(case: Case, server: str) -> None:
    command = SERVERS[server] + (" --workers 2" if server == "uvicorn" else "")
    files = {"app/life.py": "import os\n\n\ndef begin():\n    os._exit(7)\n"}
    text = told(case.start(server, files, command=command, timeout=30))
    assert re.fullmatch(rf"  {server} runs, but a worker died \d+ times", text[1]), text
    assert text[2].startswith("  cause  its workers die and are started again")


@BOTH
def test_an_endpoint_that_fails(case: Case, server: str) -> None:
    files = {
        "app/models.py": "import os\n\n\ndef state():\n    return os.environ['DATABASE_URL']\n"
    }
    text = told(case.start(server, files, timeout=20))
    answered = "  http://127.0.0.1:N/health answered 500: Internal Server Error"
    if server == "gunicorn" and text[1] == answered:
        # Whether its ASGI worker tells of the exception depends on what else is installed.
        assert "  cause  the service is up and says that it is not well (500)" in text
        return
    assert text[1:3] == [
        "  KeyError: 'DATABASE_URL'",
        answered,
    ]
    said = "  cause  environment variable DATABASE_URL is needed when it is asked and not"
    assert said in text


def test_an_address_that_leads_elsewhere(case: Case) -> None:
    text = told(case.start("uvicorn", {}, path="/health/"))
    assert text[1].startswith("  http://127.0.0.1:N/health/ answered 307: to http://127.0.0.1:N")
    assert any("redirections are not followed" in line for line in text)


def test_an_address_that_is_not_there(case: Case) -> None:
    text = told(case.start("uvicorn", {}, path="/healthz", timeout=20))
    assert "  cause  the service is up and has nothing at this address" in text


def test_nothing_of_it_is_left(case: Case, tmp_path: Path) -> None:
    """Not what ignores SIGTERM, nor what has left the session, nor its children."""
    marker = tmp_path / "pids"
    stubborn = f"""\
    import os, signal, sys, time

    def stay():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open({str(marker)!r}, "a") as file:
            print(os.getpid(), file=file)

    stay()
    if not os.fork():
        os.setsid()
        if not os.fork():
            stay()
            time.sleep(600)
        stay()
        time.sleep(600)
    print("ready", flush=True)
    time.sleep(600)
    """
    contract = """\
    [services.api]
    ships.files = ["serve.py"]
    [services.api.health]
    command = "python serve.py"
    ready_log = "^ready$"
    """
    case._repository.write({"contracts.toml": contract, "serve.py": stubborn})
    result = case._repository.pytest("--import-contracts", "-rA")
    assert "PASSED contracts.toml::api::health" in result.outlines, result.outlines
    pids = marker.read_text().split()
    assert len(pids) == 3
    time.sleep(0.1)
    assert [pid for pid in pids if os.path.exists(f"/proc/{pid}")] == []
