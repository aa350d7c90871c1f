"""The folders that launchers put on the import path: asked of the launchers themselves.

Run with ``pytest -m real``. Each command is started in a folder laid out as an image is, with an
application that writes down its own name and ``sys.path`` and ends. What is predicted for the same
command in a Dockerfile must be what was written down: the same module, and below the image's folder
the same entries in the same order (arq and waitress put theirs behind everything else).
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from pytest_importcontract.shipment.image.model import Command, Kind, Line, Node, Stage
from pytest_importcontract.shipment.image.start import import_path
from pytest_importcontract.shipment.image.starts import starts

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
APPLICATION = """
import json, os, sys
with open(os.environ["TOLD"], "a") as told:
    spec = globals().get("__spec__")
    name = __file__ if spec is None or spec.name == "__main__" else spec.name
    told.write(json.dumps([name, [os.path.abspath(each) for each in sys.path]]) + "\\n")
os._exit(0)
"""
PATHS = (
    *("core/api.py", "core/sub/api.py", "src/inner/api.py", "src/main.py", "main.py", "app.py"),
    *("inner/__main__.py", "work/celery.py"),
)
PACKAGES = ("core", "core/sub", "work")
COMMANDS = (
    "uvicorn core.api:app",
    "uvicorn --factory core.api:app --workers 1",
    "uvicorn --app-dir src inner.api:app",
    "python -m uvicorn --app-dir src inner.api:app",
    "python -P -m uvicorn core.api:app",
    "PYTHONSAFEPATH=1 uvicorn core.api:app",
    "PYTHONPATH=src: uvicorn --app-dir core api:app",
    "UVICORN_APP=core.api:app uvicorn",
    "UVICORN_APP_DIR=src uvicorn inner.api:app",
    "gunicorn core.api:app",
    "gunicorn core.api",
    "gunicorn --chdir src inner.api:app",
    "gunicorn --pythonpath src,core inner.api:app",
    "gunicorn --chdir src --pythonpath inner api:app",
    "python -m gunicorn --chdir src inner.api:app",
    "GUNICORN_CMD_ARGS='--chdir src' gunicorn inner.api:app",
    "gunicorn -c conf.py",
    "hypercorn core.api:app",
    "hypercorn src/main:app",
    "hypercorn src/inner/api.py:app",
    "daphne -p 8765 core.api:app",
    "python -m daphne core.api:app",
    "granian --interface asgi core.api:app",
    "granian --interface asgi --working-dir src inner.api:app",
    "celery -A core.api worker",
    "celery --workdir src -A inner.api worker",
    "celery -A work worker",
    "python -m celery -A core.api worker",
    "flask --app core.api run",
    "flask --app src/main run",
    "flask --app core/sub/api.py run",
    "FLASK_APP=core.api:app flask run",
    "flask run",
    "python -m flask --app core.api run",
    "fastapi run core/api.py",
    "fastapi run src/inner/api.py",
    "fastapi run",
    "fastapi run --entrypoint core.sub.api:app",
    "arq core.api.Settings",
    "dramatiq core.api",
    "dramatiq inner.api --path src",
    "waitress-serve core.api:app",
    "PYTHONPATH=. DJANGO_SETTINGS_MODULE=core.api django-admin check",
    "python core/api.py",
    "python -P core/api.py",
    "python -I core/api.py",
    "python inner",
    "python -m inner",
    "python -m core.api",
    "PYTHONPATH=core:/nowhere::src python -m core.api",
    "PYTHONPATH=core python -E -m core.api",
    "cd src && exec python -u inner/api.py",
    "env -C src PYTHONPATH=.. uvicorn inner.api:app",
    "sh -c 'exec timeout 20 nice uvicorn core.api:app'",
)


@pytest.fixture
def laid_out(tmp_path):
    folder = (tmp_path / "image").resolve()
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(APPLICATION)
    for path in PACKAGES:
        (folder / path / "__init__.py").write_text("")
    (folder / "conf.py").write_text('wsgi_app = "inner.api:app"\nchdir = "src"\n')
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_the_launcher_itself_agrees(command, laid_out, environment, tmp_path):
    bin_folder = environment(HERE / "launchers" / "requirements.txt").parent
    told = tmp_path / "told"
    env = {"PATH": f"{bin_folder}:/usr/bin:/bin", "HOME": str(tmp_path), "TOLD": str(told)}
    done = subprocess.run(
        ["timeout", "-k", "1", "20", "sh", "-c", command],
        cwd=laid_out,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert told.exists(), done.stdout
    name, entries = json.loads(told.read_text().splitlines()[0])
    below = [each for each in entries if f"{each}/".startswith(f"{laid_out}/")]

    (start,) = starts(stage_of(laid_out, command), root=laid_out).found
    assert start.entrypoint.partition(":")[0] == name.removeprefix(f"{laid_out}/")
    assert not start.script or start.script == name
    path = import_path(stage_of(laid_out, command), start)
    assert [each for each in path if each.startswith(str(laid_out))] == list(dict.fromkeys(below))


def stage_of(folder, command):
    tree = {}
    for base, folders, files in os.walk(folder):
        tree |= {f"{base}/{name}": Node(Kind.FOLDER) for name in folders}
        tree |= {f"{base}/{name}": Node(Kind.FILE, source=Path(base, name)) for name in files}
    return Stage(
        name="",
        index=0,
        base="python",
        line=Line("Dockerfile", 1),
        events=(),
        tree=tree,
        workdir=str(folder),
        env={},
        cmd=Command(("/bin/sh", "-c", command), Line("Dockerfile", 2, f"CMD {command}")),
    )
