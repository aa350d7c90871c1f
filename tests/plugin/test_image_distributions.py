"""Whole runs for services whose image lacks distributions that they import, and their twins."""

from __future__ import annotations

from typing import Any

UV_DOCKERFILE = """\
    FROM PYTHON
    COPY --from=ghcr.io/astral-sh/uv:0.8 /uv /bin/uv
    WORKDIR /app
    COPY pyproject.toml uv.lock ./
    RUN uv sync --frozen --no-dev
    COPY shop shop
    CMD ["uv", "run", "--no-sync", "uvicorn", "shop.main:app"]
    """
PYPROJECT = """\
    [project]
    name = "shop"
    version = "1"
    dependencies = [
        "uvicorn",
    ]

    [dependency-groups]
    dev = [
        "faker",
    ]
    """
LOCK = """\
    version = 1

    [[package]]
    name = "shop"
    version = "1"
    source = { virtual = "." }
    dependencies = [{ name = "uvicorn" }]

    [package.dev-dependencies]
    dev = [{ name = "faker" }]

    [[package]]
    name = "uvicorn"
    version = "1"
    source = { registry = "https://pypi.org/simple" }
    dependencies = [{ name = "h11" }]

    [[package]]
    name = "h11"
    version = "1"
    source = { registry = "https://pypi.org/simple" }

    [[package]]
    name = "faker"
    version = "1"
    source = { registry = "https://pypi.org/simple" }
    """
DEV_GROUP = {
    "Dockerfile": UV_DOCKERFILE,
    "pyproject.toml": PYPROJECT,
    "uv.lock": LOCK,
    "shop/main.py": "from shop import people\n\napp = people\n",
    "shop/people.py": "import faker\n",
}


def test_a_package_that_only_the_dev_group_declares(images: Any) -> None:
    assert (
        images.fails(DEV_GROUP)
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'faker'

  shop/main.py:1     imports shop.people
  shop/people.py:1   import faker

  cause  faker is declared only in group dev (pyproject.toml:10), which
         Dockerfile:5 leaves out: uv sync --frozen --no-dev
  fix    move faker to the dependencies that are always installed
         (pyproject.toml)
         or install group dev (Dockerfile:5)
__________________________ api declared_dependencies ___________________________
api imports faker, which the image does not declare

  shop/people.py:1   import faker

  cause  faker is declared only in group dev (pyproject.toml:10), which
         Dockerfile:5 leaves out: uv sync --frozen --no-dev
  fix    move faker to the dependencies that are always installed
         (pyproject.toml)
         or install group dev (Dockerfile:5)
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    faker is declared only in group dev (pyproject.toml:10), which
             Dockerfile:5 leaves out: uv sync --frozen --no-dev
             shop/people.py:1
2 failed, 4 deselected
"""
    )


def test_a_package_that_moved_to_the_dependencies(images: Any) -> None:
    moved = PYPROJECT.replace('"uvicorn",', '"uvicorn", "faker",').replace(
        '    "faker",\n    ]\n', "]\n"
    )
    lock = LOCK.replace('[{ name = "uvicorn" }]', '[{ name = "uvicorn" }, { name = "faker" }]')
    lock = lock.replace('dev = [{ name = "faker" }]', "dev = []")
    assert images.told({**DEV_GROUP, "pyproject.toml": moved, "uv.lock": lock}) == "6 passed\n"


def test_a_package_that_no_group_declares(images: Any) -> None:
    assert (
        images.fails({**DEV_GROUP, "shop/people.py": "import yaml\n"})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'yaml'

  shop/main.py:1     imports shop.people
  shop/people.py:1   import yaml

  cause  yaml is part of pyyaml: nothing that Dockerfile installs brings pyyaml
  fix    add pyyaml to pyproject.toml
__________________________ api declared_dependencies ___________________________
api imports yaml, which the image does not declare

  shop/people.py:1   import yaml

  cause  yaml is part of pyyaml: nothing that Dockerfile installs brings pyyaml
  fix    add pyyaml to pyproject.toml
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    yaml is part of pyyaml: nothing that Dockerfile installs brings
             pyyaml
             shop/people.py:1
2 failed, 4 deselected
"""
    )


def test_an_install_by_name(images: Any) -> None:
    dockerfile = """\
        FROM PYTHON
        RUN pip install uvicorn
        WORKDIR /app
        COPY shop shop
        CMD ["uvicorn", "shop.main:app"]
        """
    files = {"Dockerfile": dockerfile, "shop/main.py": "import yaml\n\napp = yaml\n"}
    assert (
        images.fails(files)
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'yaml'

  shop/main.py:1   import yaml

  cause  yaml is part of pyyaml: nothing that Dockerfile installs brings pyyaml
  fix    add pyyaml to Dockerfile:2
__________________________ api declared_dependencies ___________________________
api imports yaml, which the image does not declare

  shop/main.py:1   import yaml

  cause  yaml is part of pyyaml: nothing that Dockerfile installs brings pyyaml
  fix    add pyyaml to Dockerfile:2
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    yaml is part of pyyaml: nothing that Dockerfile installs brings
             pyyaml
             shop/main.py:1
2 failed, 3 deselected
"""
    )
    files["Dockerfile"] = dockerfile.replace("uvicorn\n", "uvicorn pyyaml\n", 1)
    assert images.told(files) == "5 passed\n"


PIP = {
    "Dockerfile": """\
        FROM PYTHON
        WORKDIR /app
        COPY requirements.txt .
        RUN pip install -r requirements.txt
        COPY shop shop
        CMD ["uvicorn", "shop.main:app"]
        """,
    "requirements.txt": "uvicorn\n",
    "shop/main.py": "from shop import settings\n\napp = settings\n",
}


def test_a_package_of_a_requirements_file_for_tests(images: Any) -> None:
    files = {
        "requirements-dev.txt": "-r requirements.txt\nfaker\n",
        "Dockerfile": PIP["Dockerfile"].replace("requirements.txt .", "requirements*.txt ./"),
        "shop/settings.py": "import faker\n",
    }
    assert (
        images.fails({**PIP, **files})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'faker'

  shop/main.py:1       imports shop.settings
  shop/settings.py:1   import faker

  cause  faker is declared (requirements-dev.txt:2), which nothing in Dockerfile
         installs
  fix    add faker to requirements.txt
         or install requirements-dev.txt as well
__________________________ api declared_dependencies ___________________________
api imports faker, which the image does not declare

  shop/settings.py:1   import faker

  cause  faker is declared (requirements-dev.txt:2), which nothing in Dockerfile
         installs
  fix    add faker to requirements.txt
         or install requirements-dev.txt as well
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    faker is declared (requirements-dev.txt:2), which nothing in
             Dockerfile installs
             shop/settings.py:1
2 failed, 4 deselected
"""
    )


def test_a_requirements_file_for_tests_that_is_installed(images: Any) -> None:
    files = {
        "requirements-dev.txt": "-r requirements.txt\nfaker\n",
        "Dockerfile": PIP["Dockerfile"]
        .replace("requirements.txt .", "requirements*.txt ./")
        .replace("-r requirements.txt", "-r requirements-dev.txt"),
        "shop/settings.py": "import faker\n",
    }
    assert images.told({**PIP, **files}) == "6 passed\n"


def test_an_absent_distribution(images: Any) -> None:
    files = {"shop/settings.py": "import os\n\nimport yaml\n"}
    assert (
        images.fails({**PIP, **files})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'yaml'

  shop/main.py:1       imports shop.settings
  shop/settings.py:3   import yaml

  cause  yaml is part of pyyaml: nothing that Dockerfile installs brings pyyaml
  fix    add pyyaml to requirements.txt
__________________________ api declared_dependencies ___________________________
api imports yaml, which the image does not declare

  shop/settings.py:3   import yaml

  cause  yaml is part of pyyaml: nothing that Dockerfile installs brings pyyaml
  fix    add pyyaml to requirements.txt
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    yaml is part of pyyaml: nothing that Dockerfile installs brings
             pyyaml
             shop/settings.py:3
2 failed, 4 deselected
"""
    )


def test_a_distribution_that_is_asked_for(images: Any) -> None:
    files = {
        "requirements.txt": "uvicorn\npyyaml\n",
        "shop/settings.py": "import os\n\nimport yaml\n",
    }
    assert images.told({**PIP, **files}) == "6 passed\n"


def test_a_guarded_import_of_an_absent_distribution(images: Any) -> None:
    text = "try:\n    import yaml\nexcept ImportError:\n    yaml = None\n"
    assert images.told({**PIP, "shop/settings.py": text}) == "6 passed\n"


def test_what_is_there_only_because_another_needs_it(images: Any) -> None:
    files = {"shop/settings.py": "import h11\n"}
    assert (
        images.fails({**PIP, **files}, "-rP")
        == """\
==================================== PASSES ====================================
__________________________ api declared_dependencies ___________________________
----------------------------- Captured notes call ------------------------------
h11 is there only because another distribution needs it (shop.settings:1)
2 passed, 4 deselected
"""
    )


def test_what_may_not_merely_come_along(images: Any) -> None:
    contract = """\
        [services.api]
        third_party = "listed"
        allowed_roots = ["shop", "h11"]
        ships = { dockerfile = "Dockerfile" }
        runtime = { python = ".venv/bin/python" }
        """
    files = {"shop/settings.py": "import h11\n", "contracts.toml": contract}
    assert (
        images.fails({**PIP, **files})
        == """\
=================================== FAILURES ===================================
__________________________ api declared_dependencies ___________________________
api imports h11, which the image does not declare

  shop/settings.py:1   import h11

  cause  h11 is installed only because uvicorn needs it (requirements.txt:1)
  fix    add h11 to requirements.txt
=============================== import contracts ===============================
api: 1 cause breaks 1 rule
  1 item     h11 is installed only because uvicorn needs it (requirements.txt:1)
             shop/settings.py:1
1 failed, 1 passed, 5 deselected
"""
    )
    files["requirements.txt"] = "uvicorn\nh11\n"
    assert images.told({**PIP, **files}) == "7 passed\n"


def test_a_namespace_that_distributions_share(images: Any) -> None:
    files = {
        "requirements.txt": "uvicorn\ngoogle-cloud-storage\n",
        "shop/settings.py": "import google.cloud.storage\nimport google.cloud.pubsub\n",
    }
    assert (
        images.fails({**PIP, **files})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'google.cloud.pubsub'

  shop/main.py:1       imports shop.settings
  shop/settings.py:2   import google.cloud.pubsub

  cause  google.cloud.pubsub is part of google-cloud-pubsub: nothing that
         Dockerfile installs brings google-cloud-pubsub
  fix    add google-cloud-pubsub to requirements.txt
__________________________ api declared_dependencies ___________________________
api imports google.cloud.pubsub, which the image does not declare

  shop/settings.py:2   import google.cloud.pubsub

  cause  google.cloud.pubsub is part of google-cloud-pubsub: nothing that
         Dockerfile installs brings google-cloud-pubsub
  fix    add google-cloud-pubsub to requirements.txt
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    google.cloud.pubsub is part of google-cloud-pubsub: nothing that
             Dockerfile installs brings google-cloud-pubsub
             shop/settings.py:2
2 failed, 4 deselected
"""
    )
    files["requirements.txt"] += "google-cloud-pubsub\n"
    assert images.told({**PIP, **files}) == "6 passed\n"


PROVIDES = """\
    [services.api.ships]
    dockerfile = "Dockerfile"
    provides = { "yaml" = "acme-yaml" }

    [services.api.runtime]
    python = ".venv/bin/python"
    """


def test_whose_a_module_is_by_the_contract(images: Any) -> None:
    files = {"contracts.toml": PROVIDES, "shop/settings.py": "import yaml\n"}
    assert (
        images.fails({**PIP, **files})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'yaml'

  shop/main.py:1       imports shop.settings
  shop/settings.py:1   import yaml

  cause  yaml is part of acme-yaml: nothing that Dockerfile installs brings
         acme-yaml
  fix    add acme-yaml to requirements.txt
__________________________ api declared_dependencies ___________________________
api imports yaml, which the image does not declare

  shop/settings.py:1   import yaml

  cause  yaml is part of acme-yaml: nothing that Dockerfile installs brings
         acme-yaml
  fix    add acme-yaml to requirements.txt
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    yaml is part of acme-yaml: nothing that Dockerfile installs brings
             acme-yaml
             shop/settings.py:1
2 failed, 4 deselected
"""
    )


REQUIREMENTS = """\
    [services.api.ships]
    dockerfile = "Dockerfile"
    requirements = ["requirements-image.txt"]

    [services.api.runtime]
    python = ".venv/bin/python"
    """


def test_requirements_that_the_contract_names(images: Any) -> None:
    files = {
        "contracts.toml": REQUIREMENTS,
        "requirements.txt": "uvicorn\npyyaml\n",
        "requirements-image.txt": "uvicorn\n",
        "shop/settings.py": "import yaml\n",
    }
    assert (
        images.fails({**PIP, **files})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'yaml'

  shop/main.py:1       imports shop.settings
  shop/settings.py:1   import yaml

  cause  yaml is part of pyyaml: nothing that ships.requirements
         (contracts.toml:3) names brings pyyaml
  fix    add pyyaml to requirements-image.txt
__________________________ api declared_dependencies ___________________________
api imports yaml, which the image does not declare

  shop/settings.py:1   import yaml

  cause  yaml is part of pyyaml: nothing that ships.requirements
         (contracts.toml:3) names brings pyyaml
  fix    add pyyaml to requirements-image.txt
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    yaml is part of pyyaml: nothing that ships.requirements
             (contracts.toml:3) names brings pyyaml
             shop/settings.py:1
2 failed, 4 deselected
"""
    )
    files["requirements-image.txt"] = "uvicorn\npyyaml\n"
    assert images.told({**PIP, **files}) == "6 passed\n"


def test_a_lock_that_the_contract_names(images: Any) -> None:
    contract = REQUIREMENTS.replace("requirements-image.txt", "uv.lock")
    files = {"contracts.toml": contract, "uv.lock": LOCK, "pyproject.toml": PYPROJECT}
    assert (
        images.fails({**PIP, **files, "shop/settings.py": "import faker\n"})
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'faker'

  shop/main.py:1       imports shop.settings
  shop/settings.py:1   import faker

  cause  nothing that ships.requirements (contracts.toml:3) names brings faker
  fix    add faker to pyproject.toml
__________________________ api declared_dependencies ___________________________
api imports faker, which the image does not declare

  shop/settings.py:1   import faker

  cause  nothing that ships.requirements (contracts.toml:3) names brings faker
  fix    add faker to pyproject.toml
  note   imports that fail end their module: what it would import after them was
         not seen
=============================== import contracts ===============================
api: 1 cause breaks startup and 1 rule
  2 items    nothing that ships.requirements (contracts.toml:3) names brings
             faker
             shop/settings.py:1
2 failed, 4 deselected
"""
    )
    assert images.told({**PIP, **files, "shop/settings.py": "import h11\n"}) == "6 passed\n"


def test_what_the_developers_python_lacks(images: Any) -> None:
    files = {"requirements.txt": "uvicorn\nhttpx>=0.27\n", "shop/settings.py": ""}
    assert images.fails({**PIP, **files}) == (
        "ERROR: requirements.txt:2: api: the image installs what .venv/bin/python does not have: "
        "httpx (.venv/bin/python -m pip install 'httpx>=0.27')\n"
    )
    files["requirements.txt"] = "uvicorn\n"
    assert images.told({**PIP, **files}) == "6 passed\n"


UNKNOWN = {
    "Dockerfile": """\
        FROM registry.example.com/platform/python-base:7
        WORKDIR /app
        COPY shop shop
        CMD ["uvicorn", "shop.main:app"]
        """,
    "shop/main.py": "import yaml\n\napp = yaml\n",
}


def test_a_base_image_that_nobody_knows(images: Any) -> None:
    assert images.told(UNKNOWN) == (
        "  api: Dockerfile:1: not known: which distributions the image "
        "registry.example.com/platform/python-base:7 holds; so no distribution counts as absent\n"
        "4 passed\n"
    )


def test_a_base_image_that_is_known(images: Any) -> None:
    dockerfile = UNKNOWN["Dockerfile"].replace(
        "registry.example.com/platform/python-base:7",
        "PYTHON\n        RUN pip install uvicorn pyyaml",
    )
    assert images.told({**UNKNOWN, "Dockerfile": dockerfile}) == "5 passed\n"
