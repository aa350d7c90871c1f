"""Whole runs for services that images start in their own ways, and their twins."""

from __future__ import annotations

from typing import Any

WHEEL = {
    "Dockerfile": """\
        FROM PYTHON
        WORKDIR /app
        COPY pyproject.toml ./
        COPY src src
        RUN pip install .
        CMD ["uvicorn", "shop.main:app"]
        """,
    "pyproject.toml": """\
        [project]
        name = "shop"
        version = "1"
        dependencies = ["uvicorn"]

        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"

        [tool.hatch.build.targets.wheel]
        packages = ["src/shop"]
        """,
    "src/shop/__init__.py": "",
    "src/shop/main.py": "from shop import orders\n\napp = orders\n",
    "src/shop/orders.py": "import pricing\n",
    "src/pricing/__init__.py": "",
}


def test_a_wheel_that_leaves_a_package_out(images: Any) -> None:
    assert (
        images.fails(WHEEL)
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'pricing'

  src/shop/main.py:1     imports shop.orders
  src/shop/orders.py:1   import pricing

  cause  src/pricing/ is in this repository, but no part of shop as Dockerfile:5
         installs it
  fix    make it part of shop before Dockerfile:5 installs it, or add the folder
         to PYTHONPATH: ENV PYTHONPATH=/app/src
=============================== import contracts ===============================
api: 1 cause breaks startup
  1 item     src/pricing/ is in this repository, but no part of shop as
             Dockerfile:5 installs it
             src/shop/orders.py:1
1 failed, 1 passed, 5 deselected
"""
    )


def test_a_wheel_that_has_all(images: Any) -> None:
    pyproject = WHEEL["pyproject.toml"].replace('"src/shop"', '"src/shop", "src/pricing"')
    assert images.told({**WHEEL, "pyproject.toml": pyproject}) == "7 passed\n"


def test_a_copied_source_folder_is_not_on_the_path(images: Any) -> None:
    dockerfile = WHEEL["Dockerfile"].replace("RUN pip install .", "RUN pip install uvicorn")
    assert (
        images.fails({**WHEEL, "Dockerfile": dockerfile})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'shop'

  Dockerfile:6   starts shop.main:app

  cause  src/shop/ is in this repository, but nothing that starts in Dockerfile
         imports from it at /app/src
  fix    add the folder to PYTHONPATH: ENV PYTHONPATH=/app/src
=============================== import contracts ===============================
api: 1 cause breaks startup
  1 item     src/shop/ is in this repository, but nothing that starts in
             Dockerfile imports from it at /app/src
             Dockerfile:6
1 failed, 1 passed, 2 deselected
"""
    )
    dockerfile = dockerfile.replace("CMD", "ENV PYTHONPATH=/app/src\n        CMD")
    assert images.told({**WHEEL, "Dockerfile": dockerfile}) == "7 passed\n"


SCRIPT = {
    "Dockerfile": """\
        FROM PYTHON
        RUN apt-get update && apt-get install -y tini
        WORKDIR /app
        COPY pyproject.toml ./
        COPY shop shop
        RUN pip install -e .
        COPY scripts scripts
        COPY plugins plugins
        COPY manage.py entrypoint.sh ./
        ENTRYPOINT ["tini", "--", "./entrypoint.sh"]
        """,
    "entrypoint.sh": """\
        #!/bin/sh
        set -e
        python manage.py migrate
        exec shop-serve --port 8000
        """,
    "pyproject.toml": """\
        [project]
        name = "shop"
        version = "1"

        [project.scripts]
        shop-serve = "shop.cli:main"

        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"

        [tool.hatch.build.targets.wheel]
        packages = ["shop", "plugins"]
        [tool.hatch.build]
        dev-mode-exact = true
        """,
    "manage.py": "import plugins.migrations\n",
    "scripts/nothing.py": "",
    "shop/__init__.py": "",
    "shop/cli.py": "import plugins.registry\n\ndef main():\n    pass\n",
    "plugins/__init__.py": "",
    "plugins/migrations.py": "",
    "plugins/registry.py": "",
}


def test_a_console_script_does_not_see_what_was_copied_after_the_install(images: Any) -> None:
    assert (
        images.fails(SCRIPT)
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.cli:main] __________________________
api cannot start shop.cli:main with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'plugins'

  shop/cli.py:1   import plugins.registry

  cause  plugins/ ships in /app, from which shop.cli:main, as entrypoint.sh:4
         starts it, does not import
  fix    make it part of shop before Dockerfile:6 installs it, or add the folder
         to PYTHONPATH: ENV PYTHONPATH=/app
=============================== import contracts ===============================
api: 1 cause breaks startup
  1 item     plugins/ ships in /app, from which shop.cli:main, as
             entrypoint.sh:4 starts it, does not import
             shop/cli.py:1
1 failed, 2 passed, 4 deselected
"""
    )


def test_a_console_script_sees_what_was_there_at_the_install(images: Any) -> None:
    dockerfile = (
        SCRIPT["Dockerfile"]
        .replace("        COPY plugins plugins\n", "")
        .replace("COPY shop shop", "COPY shop shop\n        COPY plugins plugins")
    )
    assert images.told({**SCRIPT, "Dockerfile": dockerfile}) == "7 passed\n"


MIGRATES = {
    "Dockerfile": """\
        FROM PYTHON
        RUN pip install uvicorn
        WORKDIR /app
        COPY scripts scripts
        COPY shop shop
        CMD ["sh", "-c", "python scripts/migrate.py && exec uvicorn shop.main:app"]
        """,
    "scripts/migrate.py": "",
    "shop/main.py": "def app():\n    import shop.report\n",
    "shop/report.py": "import totals\n",
}


def test_modules_are_imported_where_a_script_starts_first(images: Any) -> None:
    assert (
        images.told(MIGRATES, "-k", "report")
        == """\
=================================== FAILURES ===================================
___________________________ api import[shop.report] ____________________________
api cannot import shop.report with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'totals'

  shop/report.py:1   import totals

  cause  totals is neither in this repository nor installed in .venv/bin/python
  fix    install the distribution that provides totals, or remove the import
=============================== import contracts ===============================
api: 1 cause breaks 1 of 1 module
  1 item     totals is neither in this repository nor installed in
             .venv/bin/python
             shop/report.py:1
1 failed, 6 deselected
"""
    )


def test_modules_that_all_import_where_a_script_starts_first(images: Any) -> None:
    assert images.told({**MIGRATES, "shop/report.py": "import shop.main\n"}) == "7 passed\n"


OTHER = {
    "contracts.toml": """\
        [services.api]
        entrypoints = ["shop.worker"]
        ships = { dockerfile = "Dockerfile" }
        runtime = { python = ".venv/bin/python" }
        """,
    "Dockerfile": """\
        FROM PYTHON
        RUN pip install uvicorn
        WORKDIR /app
        COPY shop shop
        CMD ["uvicorn", "shop.main:app"]
        """,
    "shop/main.py": "app = object()\n",
    "shop/worker.py": "",
}


def test_other_entrypoints_than_the_images(images: Any) -> None:
    assert (
        images.fails(OTHER)
        == """\
  api: Dockerfile:5: the image starts shop.main:app, no entrypoint of the contract
2 passed, 4 deselected
"""
    )
    contract = OTHER["contracts.toml"].replace("shop.worker", "shop.main:app")
    assert images.told({**OTHER, "contracts.toml": contract}) == "6 passed\n"
