"""What CMD and ENTRYPOINT lead to."""

import random

import pytest

from pytest_importcontract.shipment.image.image import read_image
from pytest_importcontract.shipment.image.model import Command, Kind, Line, Node, Stage
from pytest_importcontract.shipment.image.start import import_path
from pytest_importcontract.shipment.image.starts import starts

D = "Dockerfile"
ASK = "say with `entrypoints` what the container starts"


@pytest.fixture
def image(tmp_path):
    """Makes a stage: files by image path (None is unknown), ENTRYPOINT and CMD."""

    def make(cmd=None, *, entrypoint=None, files=None, env=None, workdir="/app", shell="/bin/sh"):
        tree = {workdir: Node(Kind.FOLDER)}
        for path, text in (files or {}).items():
            if text is None:
                tree[path] = Node(Kind.FILE)
            elif path.startswith("/app/"):
                source = tmp_path / path.removeprefix("/app/")
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_text(text)
                tree[path] = Node(Kind.FILE, source=source)
            else:
                tree[path] = Node(Kind.FILE, content=text.encode())
            for folder in list(map(str, __import__("pathlib").PurePosixPath(path).parents)):
                tree.setdefault(folder, Node(Kind.FOLDER))

        def command(name, words, number):
            if words is None:
                return None
            if isinstance(words, str):
                return Command((shell, "-c", words), Line(D, number, f"{name} {words}"))
            return Command(tuple(words), Line(D, number, f"{name} [...]"))

        return Stage(
            name="",
            index=0,
            base="python:3.12-slim",
            line=Line(D, 1, "FROM python:3.12-slim"),
            events=(),
            tree=tree,
            workdir=workdir,
            env=env or {},
            entrypoint=command("ENTRYPOINT", entrypoint, 8),
            cmd=command("CMD", cmd, 9),
        )

    return make


@pytest.fixture
def started(image, tmp_path):
    """What a stage starts, as a triple of entrypoint, path and interpreter, and the notes."""

    def start(cmd=None, *, scripts=None, **named):
        stage = image(cmd, **named)
        found = starts(stage, root=tmp_path, scripts=scripts)
        return (
            [(each.entrypoint, *import_path(stage, each)) for each in found.found],
            [f"{each.line}: {each.what}" for each in found.notes],
        )

    return start


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("uvicorn core.api:app --host 0.0.0.0 --port 80", [("core.api:app", "/app")]),
        ("uvicorn --workers 4 --reload --factory core.api:make", [("core.api:make()", "/app")]),
        ("uvicorn --app-dir src core.api:app", [("core.api:app", "/app/src")]),
        ("uvicorn core.api:app --app-dir=/srv", [("core.api:app", "/srv")]),
        ("python -m uvicorn core.api:app", [("core.api:app", "/app")]),
        ("python3.12 -P -m uvicorn --app-dir s core.api:app", [("core.api:app", "/app/s")]),
        ("gunicorn -w 4 -k uvicorn.workers.UvicornWorker core.api:app", [("core.api:app", "/app")]),
        ("gunicorn -b :80 --chdir src core.wsgi", [("core.wsgi:application", "/app/src", "/app")]),
        ("gunicorn 'core:make()' --preload", [("core:make()", "/app")]),
        ("gunicorn \"core:make('x', 1)\"", [("core:make", "/app")]),
        ("gunicorn --pythonpath a,b core:app", [("core:app", "/app/b", "/app/a", "/app")]),
        ("hypercorn core.api:app -b 0.0.0.0:80", [("core.api:app", "/app")]),
        ("hypercorn asgi:src/main.py:app", [("main:app", "/app/src")]),
        ("daphne -b 0.0.0.0 -p 80 core.asgi:application", [("core.asgi:application", "/app")]),
        ("granian --interface asgi core.api:app", [("core.api:app", "/app")]),
        ("celery -A core.tasks worker -l info -B", [("core.tasks", "/app")]),
        ("celery --app=core.tasks:app beat", [("core.tasks:app", "/app")]),
        ("celery --workdir /srv -A tasks worker", [("tasks", "/srv")]),
        ("flask --app core.web run -h 0.0.0.0", [("core.web", "/app")]),
        ("FLASK_APP=core.web:make() flask run", []),
        ("FLASK_APP='core.web:make()' flask run", [("core.web:make()", "/app")]),
        ("FLASK_APP=core.web python -m flask run", [("core.web", "/app")]),
        ("fastapi run --entrypoint core.api:app", [("core.api:app", "/app")]),
        ("arq core.work.Settings", [("core.work:Settings", "/app")]),
        ("dramatiq core.a core.b:broker -p 4", [("core.a", "/app"), ("core.b:broker", "/app")]),
        ("waitress-serve --port=80 --call core.web:make", [("core.web:make()", "/app")]),
        ("python -m core.main --flag", [("core.main", "/app")]),
        ("python -u -X dev -m core.main", [("core.main", "/app")]),
        ("python -I -m core.main", [("core.main",)]),
        ("PYTHONSAFEPATH=1 python -m core.main", [("core.main",)]),
        ("PYTHONPATH=lib:/x python -m core.main", [("core.main", "/app", "/app/lib", "/x")]),
        ("PYTHONPATH=: uvicorn --app-dir s a:b", [("a:b", "/app/s", "/app")]),
        ("PYTHONPATH=lib python -E -m core.main", [("core.main", "/app")]),
        ("cd src && exec uvicorn core.api:app", [("core.api:app", "/app/src")]),
        ("DJANGO_SETTINGS_MODULE=site.conf django-admin check", []),
        ("DJANGO_SETTINGS_MODULE=my.conf django-admin check", [("my.conf",)]),
        ("python -m debugpy --listen 0:1 -m uvicorn core.api:app", [("core.api:app", "/app")]),
        ("python -m venv /x && python -m pip list; uvicorn a:b", [("a:b", "/app")]),
    ],
)
def test_launchers(started, command, expected):
    assert started(command)[0] == expected


@pytest.mark.parametrize(
    "before",
    [
        ["tini", "--"],
        ["/usr/bin/tini", "-g", "--"],
        ["dumb-init"],
        ["dumb-init", "-c", "--"],
        ["gosu", "app:app"],
        ["su-exec", "app"],
        ["env", "-u", "B", "A=1"],
        ["nice", "-n", "5"],
        ["timeout", "-k", "5", "60"],
        ["uv", "run", "--no-sync", "--frozen"],
        ["uv", "run", "--extra", "x", "--"],
        ["poetry", "run"],
        ["pdm", "run"],
        ["pipenv", "run"],
        ["hatch", "run"],
        ["opentelemetry-instrument", "--service_name", "x"],
        ["ddtrace-run"],
        ["newrelic-admin", "run-program"],
        ["doppler", "run", "--"],
        ["wait-for-it.sh", "db:5432", "--"],
        ["busybox", "env"],
        ["tini", "--", "gosu", "me", "uv", "run", "env", "X=1", "nice"],
    ],
)
def test_programs_that_start_programs(started, before):
    assert started([*before, "uvicorn", "core.api:app"])[0] == [("core.api:app", "/app")]
    assert started(["uvicorn", "core.api:app"], entrypoint=before)[0] == [("core.api:app", "/app")]


def test_which_environment_it_runs_in(image, tmp_path):
    def interpreter(cmd):
        return [each.interpreter for each in starts(image(cmd), root=tmp_path).found]

    assert interpreter("/opt/venv/bin/uvicorn a:b") == ["/opt/venv/bin/uvicorn"]
    assert interpreter("/opt/venv/bin/python -m a") == ["/opt/venv/bin/python"]
    assert interpreter("uv run uvicorn a:b") == ["uv run"]
    assert interpreter("uv run -m a") == ["uv run -m"]
    assert interpreter("uv run --no-dev --extra x uvicorn a:b") == ["uv run --no-dev --extra x"]
    assert interpreter("poetry run python -m a") == ["poetry run"]
    assert interpreter("conda run -n web uvicorn a:b") == ["conda run --name web"]


def test_everything_that_is_known_of_a_start(image, tmp_path):
    stage = image("export A=1; B=2 exec uvicorn core.api:app --port ${PORT:-80}", env={"C": "3"})
    (start,) = starts(stage, root=tmp_path).found
    assert (start.env, start.cwd, start.command, start.sure) == (
        {"A": "1", "B": "2"},
        "/app",
        "uvicorn core.api:app --port 80",
        True,
    )
    assert str(start.line) == "Dockerfile:9"


def test_how_entrypoint_and_cmd_go_together(started):
    a, b = ("a:x", "/app"), ("b:x", "/app")
    assert started(["b:x"], entrypoint=["uvicorn"])[0] == [b]
    assert started(["b:x"], entrypoint="uvicorn a:x")[0] == [a]
    assert started(["uvicorn", "b:x"], entrypoint=["sh", "-c", 'exec "$@"', "-"])[0] == [b]
    assert started(None, entrypoint=["uvicorn", "a:x"])[0] == [a]
    unset = "neither CMD nor ENTRYPOINT is set"
    assert started(None) == (
        [],
        [f"Dockerfile:1: {unset}, and what python:3.12-slim starts is not known here: {ASK}"],
    )


def test_images_that_start_the_interpreter(tmp_path):
    """Distroless images of Python have it as ENTRYPOINT, which ``ENTRYPOINT []`` takes away."""

    def found(base, *lines):
        text = "\n".join([f"FROM {base}", "WORKDIR /srv", "COPY main.py .", *lines])
        (tmp_path / "main.py").touch()
        (tmp_path / "Dockerfile").write_text(f"{text}\n")
        stage = read_image(tmp_path, tmp_path / "Dockerfile", context=tmp_path).stage
        return [start.entrypoint for start in starts(stage, root=tmp_path).found]

    script, module = 'CMD ["main.py"]', 'CMD ["-m", "uvicorn", "main:app"]'
    for base in ("gcr.io/distroless/python3-debian12", "cgr.dev/chainguard/python:latest"):
        assert found(base, script) == ["main.py"]
        assert found(base, module) == ["main:app"]
        assert found(base, "ENTRYPOINT []", 'CMD ["python3", "main.py"]') == ["main.py"]
    assert found("python:3.11", module) == []


def test_scripts_start_from_their_own_folder(started):
    files = {"/app/scripts/serve.py": "", "/app/core/__main__.py": "", "/app/core/__init__.py": ""}
    serve = ("scripts/serve.py", "/app/scripts")
    assert started("python scripts/serve.py", files=files)[0] == [serve]
    assert started(["uv", "run", "scripts/serve.py"], files=files)[0] == [serve]
    assert started("python -P scripts/serve.py", files=files)[0] == [("scripts/serve.py",)]
    assert started("python core", files=files)[0] == [("core/__main__.py", "/app/core")]
    assert started("python -m core", files=files)[0] == [("core.__main__", "/app")]
    assert started("python -m part", files={"/app/part/__main__.py": ""})[0] == [
        ("part.__main__", "/app")
    ]
    assert started("python -m celery -A core worker", files=files)[0] == [("core", "/app")]
    assert started("python scripts/gone.py", files=files) == (
        [],
        [f"Dockerfile:9: no line of Dockerfile brings or writes /app/scripts/gone.py: {ASK}"],
    )


def test_console_scripts_have_no_folder_of_their_own(started):
    files = {"/app/src/back/cli.py": 'import uvicorn\nuvicorn.run("back.api:app")\n'}
    assert started("serve --x", scripts={"serve": "back.cli:main"}, files=files)[0] == [
        ("back.cli:main",),
        ("back.api:app",),
    ]
    found = started(
        "/app/.venv/bin/serve", scripts={"serve": "back.cli:main"}, env={"PYTHONPATH": "/l"}
    )
    assert found[0] == [("back.cli:main", "/l")]


def test_what_a_script_names_starts_too(started):
    source = (
        "import uvicorn as server\nimport subprocess, sys, os\n"
        "from uvicorn import run\n"
        'name = "not.this:app"\nprint("nor.this:app")\n'
        'server.run("core.api:app", port=80)\n'
        'run(app="core.two:make", factory=True, app_dir="lib")\n'
        "run(application)\n"
        'subprocess.run(["celery", "-A", "core.tasks", "worker"])\n'
        'subprocess.run([sys.executable, "-m", "core.jobs"])\n'
        'subprocess.run(["git", "status"])\n'
        'os.execvp("gunicorn", ["gunicorn", "core.wsgi:app"])\n'
    )
    found, notes = started("python run.py", files={"/app/run.py": source})
    assert found == [
        ("run.py", "/app"),
        ("core.api:app", "/app"),
        ("core.two:make()", "/app/lib", "/app"),
        ("core.tasks", "/app"),
        ("core.jobs", "/app"),
        ("core.wsgi:app", "/app"),
    ]
    assert notes == []


def test_manage_names_its_settings(started):
    source = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "my.settings")\n'
    files = {"/app/manage.py": source}
    expected = [("manage.py", "/app"), ("my.settings", "/app")]
    assert started("python manage.py runserver", files=files)[0] == expected
    expected[1] = ("other.settings", "/app")
    env = {"DJANGO_SETTINGS_MODULE": "other.settings"}
    assert started("python manage.py migrate", files=files, env=env)[0] == expected


def test_several_programs_are_several_starts(started):
    files = {"/app/scripts/migrate.py": ""}
    command = "python scripts/migrate.py && exec uvicorn core.api:app"
    expected = [("scripts/migrate.py", "/app/scripts"), ("core.api:app", "/app")]
    assert started(["sh", "-c", command], files=files)[0] == expected
    assert started(["bash", "-lc", command], files=files)[0] == expected
    assert started(["/bin/bash", "-o", "pipefail", "-ec", command], files=files)[0] == expected


SCRIPT = """#!/bin/bash
set -euo pipefail
cd "$(dirname "$0")/.."
until pg_isready -h "$DB"; do sleep 1; done
if [ "${MIGRATE:-1}" = "1" ]; then
    python scripts/migrate.py
fi
exec "$@"
"""


def test_shipped_shell_scripts_are_followed(image, started, tmp_path):
    files = {"/app/bin/start.sh": SCRIPT, "/app/scripts/migrate.py": ""}
    named = {"files": files, "workdir": "/", "entrypoint": ["tini", "--", "/app/bin/start.sh"]}
    found, notes = started(["uvicorn", "core.api:app"], **named)
    assert found == [("scripts/migrate.py", "/app/scripts"), ("core.api:app", "/app")]
    assert notes == []
    stage = image(["uvicorn", "core.api:app"], **named)
    assert [str(each.line) for each in starts(stage, root=tmp_path).found] == [
        "bin/start.sh:6",
        "bin/start.sh:8",
    ]
    assert started(["a.b:c"], **{**named, "env": {"MIGRATE": "0"}})[0] == []


def test_a_script_that_the_dockerfile_writes(started):
    files = {"/start.sh": "#!/bin/sh\nexec gunicorn core.wsgi:app\n"}
    assert started(["/start.sh"], files=files)[0] == [("core.wsgi:app", "/app")]
    assert started("sh /start.sh", files=files)[0] == [("core.wsgi:app", "/app")]
    assert started("start.sh", files=files, env={"PATH": "/"})[0] == [("core.wsgi:app", "/app")]


def test_files_that_are_executed_say_by_what(started):
    files = {
        "/app/a": "#!/usr/bin/env python3\n",
        "/app/b": "#!/usr/bin/env -S uv run\nimport core\n",
        "/app/c": "uvicorn core.api:app\n",
    }
    assert started("./a", files=files)[0] == [("a", "/app")]
    assert started("./c", files=files)[0] == [("core.api:app", "/app")]


def test_branches_of_a_script_are_not_sure(image, tmp_path):
    text = 'case "$MODE" in web) exec uvicorn a:b;; *) exec celery -A c worker;; esac'
    stage = image(text)
    found = [(each.entrypoint, each.sure) for each in starts(stage, root=tmp_path).found]
    assert found == [("a:b", False), ("c", False)]
    found = starts(image(text, env={"MODE": "web"}), root=tmp_path).found
    assert [(each.entrypoint, each.sure) for each in found] == [("a:b", True)]


def test_gunicorn_reads_its_settings(started):
    files = {"/app/gunicorn.conf.py": 'wsgi_app = "core:app"\nchdir = "/srv"\npythonpath = "x"\n'}
    assert started("gunicorn", files=files)[0] == [("core:app", "/srv/x", "/srv", "/app")]
    env = {"GUNICORN_CMD_ARGS": "--chdir /z"}
    assert started("gunicorn", files=files, env=env)[0] == [("core:app", "/z/x", "/z", "/app")]


def test_files_are_taken_from_the_top_of_their_package(started):
    files = {"/app/src/core/__init__.py": "", "/app/src/core/api.py": "", "/app/main.py": ""}
    assert started("fastapi run src/core/api.py", files=files)[0] == [("core.api", "/app/src")]
    assert started("fastapi run --app x", files=files)[0] == [("main:x", "/app")]
    assert started("flask --app src/core/api.py:x run", files=files)[0] == [
        ("core.api:x", "/app/src")
    ]


def test_celery_finds_its_application_in_a_package(started):
    files = {"/app/core/__init__.py": "", "/app/core/celery.py": "", "/app/tasks.py": ""}
    assert started("celery -A core worker", files=files)[0] == [("core.celery", "/app")]
    assert started("celery -A tasks.app worker", files=files)[0] == [("tasks:app", "/app")]


def test_a_worker_of_celery_imports_its_tasks(started):
    text = "import celery\nother = Celery()\napp = celery.Celery(include=['core.tasks'])\n"
    files = {"/app/core/__init__.py": "", "/app/core/celery.py": text}
    imports = "loader.import_default_modules()"

    def entrypoint(command):
        return started(command, files=files)[0][0][0]

    assert entrypoint("celery -A core worker -l info") == f"core.celery:app.{imports}"
    assert entrypoint("celery -A core.celery:other beat") == f"core.celery:other.{imports}"
    assert entrypoint("celery -A core.celery:made worker") == "core.celery:made"
    assert entrypoint("celery -A core flower") == "core.celery"


def test_text_given_to_the_interpreter(started):
    files = {"/app/core/main.py": ""}
    command = ["python", "-c", "import os, json; from core.main import run; run()"]
    assert started(command, files=files)[0] == [("core.main", "/app")]


@pytest.mark.parametrize(
    ("command", "note"),
    [
        ("npm start", "what npm starts is not known here"),
        ("/app/start.sh", "no line of Dockerfile brings or writes /app/start.sh"),
        ("bash start.sh", "no line of Dockerfile brings or writes /app/start.sh"),
        ("$CMD x", "what $CMD stands for is not known"),
        ("supervisord -n", "supervisord starts what its configuration names, which is not read"),
        ("uvicorn $APP", "the application of uvicorn is $APP, which cannot be known here"),
        ("gunicorn -w 4", "gunicorn names no application, which cannot be known here"),
        ("sleep 5", "/bin/sh -c 'sleep 5' starts no Python program that is known here"),
        ('"open', 'the shell text cannot be read (" is missing)'),
        ("cd $X && uvicorn a:b", "the folder that uvicorn runs in is not known"),
        ("rq worker high", "the jobs of rq are named in its queue, which cannot be known here"),
        ("/etc/x", "what /etc/x holds is not known"),
    ],
)
def test_what_cannot_be_followed_is_said(started, command, note):
    assert started(command, files={"/etc/x": None}) == ([], [f"Dockerfile:9: {note}: {ASK}"])


def test_a_script_that_starts_itself_comes_to_an_end(started):
    found, notes = started("/app/s.sh", files={"/app/s.sh": "/app/s.sh\n/app/s.sh\n"})
    assert found == []
    assert notes == [
        f"s.sh:{line}: /app/s.sh leads too far to be followed: {ASK}" for line in (1, 2)
    ]


WORDS = [
    *(
        "uvicorn",
        "gunicorn",
        "python",
        "-m",
        "-c",
        "a:b",
        "a.b:c()",
        "--",
        "sh",
        "-c",
        "-lc",
        "tini",
    ),
    *("env", "A=", "=", "", "-", "--app-dir", "uv", "run", "celery", "-A", "flask", "--app", "$X"),
    *(
        "/app/s.sh",
        "s.py",
        "su",
        "timeout",
        "fastapi",
        "hypercorn",
        ":",
        "..:x",
        "a/../b:c",
        "dramatiq",
    ),
    *(
        "-P",
        "\0",
        "é:ü",
        "exec x; 'y",
        '"$@"',
        "debugpy",
        "arq",
        ".",
        "granian",
        "--chdir",
        "-x" * 50,
    ),
]


def test_any_words_give_starts_or_notes(image, tmp_path):
    pick = random.Random(4)
    files = {
        "/app/s.sh": 'exec "$@"',
        "/app/s.py": "import subprocess\nsubprocess.run(['s.sh', x])",
    }
    for _ in range(400):
        words = [pick.choice(WORDS) for _ in range(pick.randrange(1, 8))]
        cmd = " ".join(words) if pick.random() < 0.4 else words
        entrypoint = [pick.choice(WORDS)] if pick.random() < 0.3 else None
        stage = image(cmd, entrypoint=entrypoint, files=files, env={"X": "uvicorn y:z"})
        found = starts(stage, root=tmp_path)
        assert found.found or found.notes, words
        for each in found.found:
            assert each.entrypoint, words
            assert all(path.startswith("/") for path in import_path(stage, each))
