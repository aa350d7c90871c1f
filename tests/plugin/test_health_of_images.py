"""What an image starts, started for real: its ENTRYPOINT and CMD, through scripts and wrappers."""

from __future__ import annotations

import re
import socket
import sys
from typing import Any

PYTHON = f"python:{sys.version_info[0]}.{sys.version_info[1]}-slim"
APPLICATION = """\
import os

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    fine = scope["path"] == "/health" and os.environ["STAGE"] == "live"
    await send({"type": "http.response.start", "status": 200 if fine else 500, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
"""
START = """\
#!/bin/sh
set -e
echo "migrating in $STAGE"
exec "$@"
"""
# A script behind a wrapper gets the words of CMD; a shell's text is CMD alone.
SCRIPTED = f"""\
FROM {PYTHON}
WORKDIR /srv
RUN pip install uvicorn
COPY app ./app
COPY --chmod=755 start.sh /usr/local/bin/start
ENV STAGE=live
ENTRYPOINT ["tini", "--", "/usr/local/bin/start"]
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "PORT"]
"""
TEXT = f"""\
FROM {PYTHON}
WORKDIR /app
RUN pip install gunicorn
COPY app app
ENV STAGE=live PORT=PORT
CMD exec gunicorn app.main:app -k asgi -w 2 -b 127.0.0.1:${{PORT}}
"""
# One worker: where two fail, gunicorn may end for the first, or trip over the second.
WITHOUT_ALL = TEXT.replace("COPY app app", "COPY app/main.py app/").replace("-w 2", "-w 1")


def ports(count: int) -> list[str]:
    """Free ports of this machine."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [str(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return found


def test_what_the_image_starts_is_started(repository: Any) -> None:
    names = ("scripted", "text", "without")
    files = dict(zip(names, (SCRIPTED, TEXT, WITHOUT_ALL), strict=True))
    free = dict(zip(names, ports(3), strict=True))
    contract = "".join(
        f"""\
[services.{name}]
ships.dockerfile = "{name}.Dockerfile"
health = {{ url = "http://127.0.0.1:{free[name]}/health", timeout = 60 }}
"""
        for name in names
    )
    repository.write(
        {
            "contracts.toml": contract,
            "app/__init__.py": "",
            "app/main.py": f"import app.settings\n{APPLICATION}",
            "app/settings.py": "",
            "start.sh": START,
            **{
                f"{name}.Dockerfile": re.sub(r"\bPORT\b(?!=|\})", free[name], text)
                for name, text in files.items()
            },
        }
    )
    result = repository.pytest("--import-contracts", "-rA", "-k", "health")
    verdicts = [line for line in result.outlines if re.match("(PASSED|FAILED) ", line)]
    assert [line.partition(" - ")[0] for line in verdicts] == [
        "PASSED contracts.toml::scripted::health",
        "PASSED contracts.toml::text::health",
        "FAILED contracts.toml::without::health",
    ]
    assert "migrating in live" in result.outlines
    shown = result.stdout.str()
    (failure,) = re.findall(r"_ without health _+\n(.*?)\n-+ Captured", shown, re.DOTALL)
    assert (
        failure
        == """\
without does not come up with what ships (without.Dockerfile)

  ModuleNotFoundError: No module named 'app.settings'
  gunicorn ended with status 3 (a worker of gunicorn failed to boot) before it
  was up

  app/main.py:1   import app.settings

  cause  app/settings.py is in this repository but no COPY in without.Dockerfile
         brings it into the image
  rule   health (contracts.toml:9): exec gunicorn app.main:app -k asgi -w 1 -b
         127.0.0.1:${PORT}
  fix    ship it: COPY app/settings.py /app/app/settings.py (after line 4)"""
    )
