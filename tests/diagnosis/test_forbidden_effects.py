"""What startup does against its contract, told from the entrypoint on."""

from __future__ import annotations

from collections.abc import Callable

CONTRACT = """\
[services.backend]
entrypoints = ["app.main"]

[services.backend.startup]
forbid = ["network", "write", "path", "thread"]
"""


def test_the_way_to_each_forbidden_effect(told: Callable[..., str]) -> None:
    db = """\
        import logging
        import sys
        import urllib.request

        sys.path.append("/srv/more")

        def settings():
            try:
                return urllib.request.urlopen("http://config.invalid")
            except OSError:
                return None

        SETTINGS = settings()
        logging.basicConfig(filename="service.log")
        """
    files = {"app/main.py": "from app import db\n", "app/db.py": db}
    text = told(files, CONTRACT, "effects")
    # How many steps others take differs between versions of Python.
    text = "\n".join(line for line in text.split("\n") if not line.startswith("  … "))
    assert (
        text
        == """
backend changes the import path while it starts

  app/main.py:1   imports app.db
  app/db.py:5     sys.path.append("/srv/more")

  cause  app/db.py:5 puts /srv/more onto sys.path
  rule   startup.forbid (contracts.toml:5): network, write, path, thread
  fix    name the folder in PYTHONPATH or runtime.paths instead
         or take "path" out of startup.forbid (contracts.toml:5)

backend uses the network while it starts

  app/main.py:1   imports app.db
  app/db.py:13    calls settings()
  app/db.py:9     return urllib.request.urlopen("http://config.invalid")

  cause  app/db.py:9 looks up config.invalid
  rule   startup.forbid (contracts.toml:5): network, write, path, thread
  fix    connect when the first request needs it, or in the server's startup
         hook
         or take "network" out of startup.forbid (contracts.toml:5)
  note   it was refused: the call raised PermissionError

backend writes files while it starts

  app/main.py:1   imports app.db
  app/db.py:14    logging.basicConfig(filename="service.log")

  cause  app/db.py:14 opens service.log for writing
  rule   startup.forbid (contracts.toml:5): network, write, path, thread
  fix    write when there is something to write, or in the server's startup hook
         or take "write" out of startup.forbid (contracts.toml:5)
"""
    )
