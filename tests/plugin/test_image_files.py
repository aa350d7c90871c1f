"""Whole runs for services whose Dockerfile does not bring what they import, and their twins."""

from __future__ import annotations

from typing import Any

IGNORED = {
    "Dockerfile": """\
        FROM PYTHON
        RUN pip install uvicorn
        WORKDIR /srv
        COPY . .
        CMD ["uvicorn", "api.main:app"]
        """,
    ".dockerignore": """\
        # what the service does not need
        .git
        .venv
        **/cloud*
        docs
        """,
    "api/main.py": "from api.cloud_storage import bucket\n\napp = bucket\n",
    "api/cloud_storage.py": "bucket = object()\n",
}


def test_an_ignore_pattern_that_is_too_wide(images: Any) -> None:
    assert (
        images.fails(IGNORED)
        == """\
=================================== FAILURES ===================================
__________________________ api startup[api.main:app] ___________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'api.cloud_storage'

  api/main.py:1   from api.cloud_storage import bucket

  cause  api/cloud_storage.py is in this repository but .dockerignore:4:
         **/cloud* strips it from the build context
  fix    ship it: !api/cloud_storage.py (after line 4 of .dockerignore)
=============================== import contracts ===============================
api: 1 cause breaks startup
  1 item     api/cloud_storage.py is in this repository but .dockerignore:4:
             **/cloud* strips it from the build context
             api/main.py:1
1 failed, 1 passed, 3 deselected
"""
    )


def test_an_ignore_pattern_that_is_anchored(images: Any) -> None:
    ignore = IGNORED[".dockerignore"].replace("**/cloud*", "cloud*")
    assert images.told({**IGNORED, ".dockerignore": ignore}) == "6 passed\n"


LAYOUT = {
    "Dockerfile": """\
        FROM PYTHON
        RUN pip install uvicorn
        COPY apps/api/src/shop/ /srv/shop/
        WORKDIR /srv
        CMD ["uvicorn", "shop.main:app"]
        """,
    "apps/api/src/shop/__init__.py": "",
    "apps/api/src/shop/main.py": "from shop import orders\n\napp = orders\n",
    "apps/api/src/shop/orders.py": "from pricing.rules import price\n",
    "apps/api/src/pricing/__init__.py": "",
    "apps/api/src/pricing/rules.py": "price = 1\n",
}


def test_an_image_with_a_layout_of_its_own(images: Any) -> None:
    assert (
        images.fails(LAYOUT)
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'pricing'

  apps/api/src/shop/main.py:1     imports shop.orders
  apps/api/src/shop/orders.py:1   from pricing.rules import price

  cause  apps/api/src/pricing/ is in this repository but no COPY in Dockerfile
         brings it into the image
  fix    ship it: COPY apps/api/src/pricing/ /srv/pricing/ (after line 3)
=============================== import contracts ===============================
api: 1 cause breaks startup
  1 item     apps/api/src/pricing/ is in this repository but no COPY in
             Dockerfile brings it into the image
             apps/api/src/shop/orders.py:1
1 failed, 1 passed, 5 deselected
"""
    )


def test_a_layout_of_its_own_with_all_that_it_needs(images: Any) -> None:
    dockerfile = LAYOUT["Dockerfile"].replace("src/shop/ /srv/shop/", "src/ /srv/")
    assert images.told({**LAYOUT, "Dockerfile": dockerfile}) == "7 passed\n"


STAGES = {
    "Dockerfile": """\
        FROM PYTHON AS builder
        WORKDIR /build
        COPY . .
        RUN python -m compileall -q shop

        FROM PYTHON
        RUN pip install uvicorn
        WORKDIR /app
        COPY --from=builder /build/shop shop
        CMD ["uvicorn", "shop.main:app"]
        """,
    ".dockerignore": ".venv\n",
    "shop/main.py": "import common.clock\n\napp = common\n",
    "common/clock.py": "",
}


def test_a_folder_that_only_the_builder_has(images: Any) -> None:
    assert (
        images.fails(STAGES)
        == """\
=================================== FAILURES ===================================
__________________________ api startup[shop.main:app] __________________________
api cannot start with what ships (Dockerfile)

  ModuleNotFoundError: No module named 'common'

  shop/main.py:1   import common.clock

  cause  common/ is in this repository but only stage builder has it
         (Dockerfile:3: COPY . .), and no COPY brings it from there
  fix    ship it: COPY --from=builder /build/common/ /app/common/ (after line 9)
=============================== import contracts ===============================
api: 1 cause breaks startup
  1 item     common/ is in this repository but only stage builder has it
             (Dockerfile:3: COPY . .), and no COPY brings it from there
             shop/main.py:1
1 failed, 1 passed, 3 deselected
"""
    )


def test_a_folder_that_the_builder_hands_on(images: Any) -> None:
    dockerfile = STAGES["Dockerfile"].replace(
        "        CMD", "        COPY --from=builder /build/common common\n        CMD"
    )
    assert images.told({**STAGES, "Dockerfile": dockerfile}) == "5 passed\n"
