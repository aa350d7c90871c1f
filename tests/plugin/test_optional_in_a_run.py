"""What a service may do without, in whole runs as pytest shows them."""

from __future__ import annotations

from typing import Any

FILES = {
    "contracts.toml": (
        '[services.shop]\nentrypoints = ["shop.main:create"]\nships.files = ["shop/**"]\n'
    ),
    "auth_service/__init__.py": "",
    "shop/__init__.py": "",
    "shop/main.py": """
        from shop import compat, jobs

        try:
            from shop import private, search
        except ImportError:
            private = search = None

        def create(kind=""):
            from shop import cache
            from shop import cloud
            from shop import frames
            import profiles.flame
            import sheets
            return cache, cloud, frames, sheets, search, private

        if __name__ == "__main__":
            from shop import devserver
    """,
    "shop/compat.py": """
        try:
            import keyvalue
        except ImportError:
            keyvalue = None

        import os
        from importlib.util import find_spec

        HAS_FRAMES = find_spec("frames") is not None
        if os.environ.get("PROFILE"):
            import profiles
    """,
    "shop/devserver.py": "import reloader\n",
    "shop/frames.py": "import frames\n",
    "shop/cache.py": "from keyvalue import Client\n",
    "shop/cloud.py": """
        try:
            import buckets
        except ImportError:
            raise RuntimeError("pip install buckets") from None
    """,
    # The startup of a worker imports this; nothing here does.
    "shop/jobs.py": 'JOBS = ["shop.heavy", "shop.heavier:run"]\n',
    "shop/heavy.py": "import tensors\n",
    "shop/heavier.py": "import tensors\n",
    # A guard that nothing reaches shows nothing, and what is forgotten to ship is never optional.
    "shop/unused.py": "try:\n    import sheets\nexcept ImportError:\n    sheets = None\n",
    "shop/private.py": "import auth_service\n",
    "shop/search.py": "import auth_service.search\n",
}


def test_what_code_can_do_without_and_what_it_cannot(repository: Any) -> None:
    repository.write(FILES)
    result = repository.pytest("--import-contracts", "-rxf", "-q")
    ends = [line for line in result.outlines if line.startswith(("XFAIL", "FAILED"))]
    text = "\n".join([*ends, ""]).replace("contracts.toml::shop::", "")
    assert text.replace("the Python that runs pytest", "PYTHON") == (
        """\
XFAIL import[shop.cache] - optional, as shop/compat.py:3 does without keyvalue: \
keyvalue is neither in this repository nor installed in PYTHON
XFAIL import[shop.cloud] - optional, as shop/cloud.py:3 has words of its own for \
want of buckets: likely the import at shop/cloud.py:3, which failed and \
was swallowed (ModuleNotFoundError: No module named 'buckets'): buckets is \
neither in this repository nor installed in PYTHON
XFAIL import[shop.devserver] - not reachable from any entrypoint: reloader is \
neither in this repository nor installed in PYTHON
XFAIL import[shop.frames] - optional, as shop/compat.py:10 asks whether there is \
frames: frames is neither a top-level module of this repository nor installed in \
PYTHON
XFAIL import[shop.heavier] - not reachable from any entrypoint: tensors is \
neither in this repository nor installed in PYTHON
XFAIL import[shop.heavy] - not reachable from any entrypoint: tensors is neither \
in this repository nor installed in PYTHON
FAILED import[shop.private] - ModuleNotFoundError: No m...
FAILED import[shop.search] - ModuleNotFoundError: No mo...
FAILED deferred_imports - ModuleNotFoundError: No modul...
FAILED hidden_failures - ModuleNotFoundError: No module...
"""
    )
    notes = [line for line in result.outlines if " does not resolve; " in line]
    assert "\n".join([*notes, ""]) == (
        """\
shop/compat.py:12: import profiles does not resolve; startup did not take that \
branch
shop/main.py:10: from shop import cache does not resolve; shop/compat.py:3 does \
without keyvalue
shop/main.py:11: from shop import cloud does not resolve; shop/cloud.py:3 has \
words of its own for want of buckets
shop/main.py:12: from shop import frames does not resolve; shop/compat.py:10 asks \
whether there is frames
shop/main.py:13: import profiles.flame does not resolve; shop/compat.py:12 imports \
profiles in a branch that startup did not take
shop/main.py:18: from shop import devserver does not resolve; startup did not take \
that branch
"""
    )
    failed = [line for line in result.outlines if line.endswith("[deferred]")]
    assert failed == ["  shop/main.py:14   import sheets  [deferred]"]
