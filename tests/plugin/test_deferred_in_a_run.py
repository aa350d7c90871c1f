"""Imports that startup does not run, as pytest shows them."""

from __future__ import annotations

from typing import Any

CONTRACT = """\
[services.shop]
entrypoints = ["shop.main:create()"]
runtime.timeout = 5
ships.files = ["shop/**", "routes/**"]
"""
# Each works only, or fails only, in the service as its entrypoint leaves it.
WORKS = """
    import sys
    from shop import lazy, registry

    registry.plugin = object()
    made = type(sys)("shop.made")
    sys.modules["shop.made"] = made

    def create():
        import shop.made
        from shop.registry import plugin
        from shop.lazy import whatever
        from shop import folder, part as again
        from shop.folder import inner
        import shop.folder.inner as alias
        import shop.first
        return shop, plugin, whatever, folder, again, inner, alias
"""
FAILS = """
    import os, sys
    from shop import hooks, settings

    if os.environ.get("FEATURE") == "search":
        import gone.feature

    if sys.platform == "win32":
        def windows():
            import gone.windows

    if not sys.flags.quiet:
        @hooks.route("/")
        def handler():
            import gone.handler

    class Api:
        @hooks.route("/api")
        def get(self):
            from shop import parts

    def create():
        def work():
            try:
                import gone.optional
            except ImportError:
                pass
            __import__("shop.stuck")
        return work

    def nobody():
        import gone.nobody
"""
FILES = {
    "contracts.toml": CONTRACT,
    "shop/__init__.py": "",
    "shop/lazy.py": "def __getattr__(name):\n    return name\n",
    "shop/registry.py": "",
    "shop/hooks.py": "def route(path):\n    return lambda function: function\n",
    "shop/part.py": "here = 1\n",
    "shop/folder/__init__.py": "",
    "shop/folder/inner.py": "",
    "shop/first.py": "from shop.second import Second\nFirst = 1\n",
    "shop/second.py": "from shop.registry import plugin\nSecond = plugin\n",
    "shop/stuck.py": "import time\nwhile True:\n    time.sleep(1)\n",
    "shop/settings.py": 'ROOT_URLCONF = "routes.urls"\nJOBS = ["routes.jobs"]\n',
    "routes/urls.py": "import lost.urls\n",
    "routes/jobs.py": "import lost.jobs\n",
    "shop/unreached.py": "def f():\n    import gone.unreached\nf\n",
}


def test_what_works_once_the_service_has_started(repository: Any) -> None:
    repository.write({**FILES, "shop/main.py": WORKS})
    result = repository.pytest("--import-contracts", "-k", "deferred_imports", "-rA")
    result.assert_outcomes(passed=1)
    assert "notes" not in result.stdout.str()


def test_what_the_service_will_meet_and_what_it_will_not(repository: Any) -> None:
    repository.write({**FILES, "shop/main.py": FAILS})
    result = repository.pytest("--import-contracts", "-k", "deferred_imports")
    result.assert_outcomes(failed=1)
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if "_ shop deferred_imports _" in line)
    end = next(i for i, line in enumerate(lines) if "= import contracts =" in line)
    assert "\n".join([*lines[start + 1 : end], ""]) == (
        """\
shop cannot import gone.handler after startup with what ships (contracts.toml:4)

  ModuleNotFoundError: No module named 'gone'

  shop/main.py:15   import gone.handler  [deferred]

  cause  gone is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides gone, or remove the import

shop cannot import parts from shop after startup with what ships
(contracts.toml:4)

  ImportError: cannot import name 'parts' from 'shop' (shop/__init__.py)

  shop/main.py:20   from shop import parts  [deferred]

  cause  shop (shop/__init__.py) has no parts
  fix    define parts in shop, or remove what asks for it

shop cannot import shop.stuck after startup with what ships (contracts.toml:4)

  timed out after 5 s while importing shop.stuck

  shop/main.py:28   __import__("shop.stuck")  [deferred]
  shop/stuck.py:3   time.sleep(1)

  cause  shop/stuck.py:3 does not come to an end at import
  fix    do that work after startup, or raise runtime.timeout (contracts.toml:3)

shop cannot import routes.urls after startup with what ships (contracts.toml:4)

  ModuleNotFoundError: No module named 'lost'

  shop/main.py:3       imports shop.settings
  shop/settings.py:1   ROOT_URLCONF = "routes.urls"  [by name in ROOT_URLCONF]
  routes/urls.py:1     import lost.urls

  cause  lost is neither in this repository nor installed in the Python that
         runs pytest
  fix    install the distribution that provides lost, or remove the import
----------------------------- Captured notes call ------------------------------
shop/main.py:6: import gone.feature does not resolve; startup did not take that \
branch
shop/main.py:32: import gone.nobody does not resolve; nothing that is reached \
mentions nobody
1 import under conditions that are false on the service's platform: not tried
"""
    )


def test_what_a_program_serves_by_name(repository: Any) -> None:
    files = {
        "contracts.toml": (
            '[services.program]\nentrypoints = ["serve.py"]\n'
            '[services.imported]\nentrypoints = ["serve:run"]\n'
        ),
        "uvicorn.py": "def run(app):\n    pass\n",
        "serve.py": 'from uvicorn import run\n\nif __name__ == "__main__":\n    run("web:app")\n',
        "web.py": "import gone\n",
    }
    repository.write(files)
    result = repository.pytest("--import-contracts", "-k", "deferred_imports", "-q")
    result.assert_outcomes(failed=1, passed=1)
    assert 'serve.py:4   run("web:app")  [conditional]' in result.stdout.str()
    assert "program: 1 cause breaks deferred imports" in result.outlines
