"""Values of variables in everything that a run shows and writes."""

from __future__ import annotations

from typing import Any

CONTRACT = """\
[services.backend]
entrypoints = ["shop.main", "shop.other"]
modules = ["shop.jobs", "shop.broken"]
required_symbols = ["shop.jobs:start"]

[services.backend.runtime]
env = { DB_PASSWORD = "swordfish", DATABASE_URL = "postgres://app:pa55word@db/app", MODE = "dark" }
env_file = ".env"
pass_env = ["PASSED_TOKEN"]

[services.backend.health]
command = "python shop/serve.py --token $API_KEY"
ready_after = 5
"""
SETTINGS = """\
import os

print("settings:", dict(os.environ))
url = os.environ["DATABASE_URL"]
"""
FILES = {
    "contracts.toml": CONTRACT,
    ".env": "API_KEY='tr0ub4dor&3'\n",
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/main.py": "from shop import settings\n\nraise ValueError(f'bad url {settings.url}')\n",
    "shop/other.py": """\
        import os

        import shop.jobs

        try:
            import nothing
        except ImportError as error:
            raise ImportError(f"with {os.environ['API_KEY']}") from error
    """,
    "shop/jobs.py": "import os\n\nstop = os.environ['PASSED_TOKEN']\n",
    "shop/broken.py": "import os\n\nexec(\"x = '%s\" % os.environ['DB_PASSWORD'])\n",
    "shop/serve.py": """\
        import os
        import sys

        print("serving with", sys.argv, os.environ, flush=True)
        raise SystemExit("cannot reach " + os.environ["DATABASE_URL"])
    """,
}
SECRETS = ("swordfish", "pa55word", "tr0ub4dor", "correct-horse")


def test_no_secret_is_shown_or_written_anywhere(repository: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PASSED_TOKEN", "correct-horse-battery")
    repository.write(FILES)
    arguments = ("--junitxml=out.xml", "-o", "junit_logging=all", "-rA", "-vv")
    result = repository.pytest("--import-contracts", *arguments)
    shown = "\n".join([*result.outlines, *result.errlines])
    written = (repository.folder / "out.xml").read_text("utf-8")
    result.assert_outcomes(failed=5, passed=3)
    assert [word for word in SECRETS if word in shown + written] == []
    assert "ValueError: bad url ***" in shown
    assert "ImportError: with ***" in shown
    assert "'MODE': 'dark'" in shown
    assert "'DB_PASSWORD': '***'" in shown
    assert "'DATABASE_URL': '***'" in written
    assert "health (contracts.toml:12): python shop/serve.py --token $API_KEY" in shown
    assert "python says: cannot reach ***" in " ".join(shown.split())
