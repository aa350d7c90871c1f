"""Nothing that pytest was started with can be read by a service, wherever it looks."""

from __future__ import annotations

import sys
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes in /proc"
)

SECRETS = (
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "CI_JOB_TOKEN",
    "DATABASE_URL",
    "GITHUB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "NPM_TOKEN",
    "PIP_INDEX_URL",
    "PYTHONPATH",
    "SSH_AUTH_SOCK",
    "TWINE_PASSWORD",
)
# Looks through itself, what it starts, and every process from itself up to pytest, and below that.
LOOK = """
    import os, subprocess, sys
    from pathlib import Path

    HERE = "import os; print(os.environ, open('/proc/self/environ').read())"

    def parents():
        found = {}
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                try:
                    text = (process / "stat").read_text()
                except OSError:
                    continue
                found[int(process.name)] = int(text.rpartition(")")[2].split()[1])
        return found

    def look(where):
        up, own = parents(), os.getpid()
        above = [own]
        while above[-1] in up:
            above.append(up[above[-1]])
        top = next(p for p in above if b"pytest\\0-p" in Path(f"/proc/{p}/cmdline").read_bytes())
        found = [str(os.environ), subprocess.check_output([sys.executable, "-c", HERE], text=True)]
        looked = 0
        for pid in up:
            way = pid
            while way in up and way != top:
                way = up[way]
            if way == top and pid != top:
                try:
                    found.append(Path(f"/proc/{pid}/environ").read_text())
                    found.append(Path(f"/proc/{pid}/cmdline").read_text())
                except OSError:  # it has just ended
                    continue
                looked += pid in above
        secret = [line for line in found if "do-not-tell" in line]
        print(where, "looked at", looked, "processes up to pytest and found", secret, flush=True)
"""


def test_no_secret_is_readable(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, f"do-not-tell-{name}")
    repository.write(
        {
            "contracts.toml": """
                [services.api]
                entrypoints = ["app.main"]
                modules = ["app.other"]
                ships.files = ["app/**"]
                [services.api.health]
                command = "python -m app.serve"
                ready_log = "^serve looked"
            """,
            "app/__init__.py": "",
            "app/look.py": LOOK,
            "app/main.py": "from app.look import look\nlook('startup')\n",
            "app/other.py": "from app.look import look\nlook('fork')\n",
            "app/serve.py": "import app.look, time\napp.look.look('serve')\ntime.sleep(60)\n",
        }
    )
    result = repository.pytest("--import-contracts", "-rA")
    result.assert_outcomes(passed=5)
    said = sorted({line for line in result.outlines if " looked at " in line})
    found = "processes up to pytest and found []"
    assert said == [
        f"fork looked at 3 {found}",  # itself, what it was forked from, the supervisor
        f"serve looked at 2 {found}",  # itself, what watches it
        f"startup looked at 2 {found}",
    ]
    assert "do-not-tell" not in result.stdout.str() + result.stderr.str()
