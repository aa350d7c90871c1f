from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.contract.loader import load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.preparation import prepare
from pytest_importcontract.shipment.shipment import Shipment

PYPROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "shop"
version = "1.0"
[project.scripts]
sell = "shop.cli:main"
"""
SHOP = {"pyproject.toml": PYPROJECT, "src/shop/cli.py": "def main(): ...\n"}
MADE = "FROM python:3.11\nWORKDIR /app\nCOPY . .\n"


class Images:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.opened: list[Shipment] = []

    def __call__(self, dockerfile: str, files: dict[str, str] | None = None) -> Shipment:
        """The service whose image the Dockerfile makes of the files."""
        contract = '[services.app.ships]\ndockerfile = "Dockerfile"\n'
        written = {"contracts.toml": contract, "Dockerfile": dockerfile, **(files or SHOP)}
        for name, text in written.items():
            path = self._folder / "r" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        found = load(self._folder / "r/contracts.toml", "contracts.toml")
        self.opened += prepare(found, "contracts.toml", self._folder / "cache", {})
        return self.opened[-1]

    def refused(self, dockerfile: str, files: dict[str, str] | None = None) -> list[str]:
        with pytest.raises(MistakesError) as raised:
            self(dockerfile, files)
        return str(raised.value).splitlines()


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Images]:
    images = Images(tmp_path)
    yield images
    for shipment in images.opened:
        shipment.release()


@pytest.mark.parametrize(
    "start",
    [
        'CMD ["/opt/venv/bin/python", "-m", "shop.cli"]',
        'CMD ["/opt/venv/bin/sell"]',
        'ENV PATH="/opt/venv/bin:$PATH"\nCMD ["sell"]',
    ],
)
def test_a_project_lies_in_the_environment_that_starts(image: Images, start: str) -> None:
    made = MADE + "RUN python -m venv /opt/venv && /opt/venv/bin/pip install .\n"
    found = image(made + start)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert found.ground.first_sites == (f"/opt/venv/lib/{version}/site-packages",)
    assert found.catalog.shipped["shop.cli"].path.name == "cli.py"


def test_a_project_in_another_environment_is_not_found(image: Images) -> None:
    made = MADE + "RUN python -m venv /opt/venv && /opt/venv/bin/pip install .\n"
    found = image(made + 'CMD ["/usr/local/bin/python", "-m", "shop.cli"]')
    assert found.ground.first_sites == ()
    assert found.catalog.shipped.get("shop.cli") is None


def test_a_start_that_cannot_be_followed_is_told_with_its_line(image: Images) -> None:
    files = {"start.sh": "exec python -m app\n", "app.py": ""}
    ask = "say with `entrypoints` what the container starts"
    assert image.refused("FROM python:3.11\nCOPY app.py /\nCMD /start.sh\n", files) == [
        f"Dockerfile:3: app: no line of Dockerfile brings or writes /start.sh: {ask}"
    ]
    nothing = "neither CMD nor ENTRYPOINT is set, and what elsewhere/image starts is not known here"
    assert image.refused("FROM elsewhere/image\nCOPY app.py /\n", files) == [
        f"Dockerfile:1: app: {nothing}: {ask}"
    ]


def test_a_server_that_nothing_installs_cannot_start(image: Images) -> None:
    files = {"app.py": "app = 1\n", "requirements.txt": "packaging\n"}
    made = "FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\n"
    what = "starts uvicorn, which nothing in Dockerfile installs"
    fix = "(add it to requirements.txt)"
    assert image.refused(made + "CMD uvicorn app:app\n", files) == [
        f"Dockerfile:4: app: {what} {fix}"
    ]
    assert image.refused(made + "CMD python -m uvicorn app:app\n", files) == [
        f"Dockerfile:4: app: {what} {fix}"
    ]


def test_a_server_of_an_image_of_which_little_is_known_may_be_there(image: Images) -> None:
    found = image("FROM company/base\nCOPY . .\nCMD uvicorn app:app\n", {"app.py": "app = 1\n"})
    assert [str(entrypoint) for entrypoint in found.service.entrypoints] == ["app:app"]


def test_a_script_that_the_image_writes_is_started(image: Images) -> None:
    made = "FROM python:3.11\nCOPY <<EOF /srv/run.py\nimport json\nEOF\n"
    found = image(made + 'CMD ["python", "/srv/run.py"]\n', {"app.py": ""})
    assert [str(entrypoint) for entrypoint in found.service.entrypoints] == ["srv/run.py"]
    assert found.tree is not None
    assert (found.tree / "srv/run.py").read_text() == "import json\n"
