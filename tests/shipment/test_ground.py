"""Services made ready from a Dockerfile; none of their code runs here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.contract.loader import load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.preparation import prepare
from pytest_importcontract.shipment.shipment import Shipment

Ready = Callable[..., Shipment]
DOCKERFILE = f"""\
FROM python:3.{sys.version_info[1]}-slim
WORKDIR /srv
COPY apps/api/src/ /srv/
COPY deploy/conf.yml /etc/api/conf.yml
RUN echo 1.2 > /srv/VERSION
ENV API_CONF=/etc/api/conf.yml PATH=/opt/bin:$PATH MODE=image PYTHONPATH=/srv/lib:extra
CMD ["uvicorn", "core.main:app"]
"""
FILES = (
    "apps/api/src/core/__init__.py",
    "apps/api/src/core/main.py",
    "apps/api/src/lib/helper.py",
    "apps/api/src/jobs/run.py",
    "deploy/conf.yml",
    "apps/web/index.py",
)
CONTRACT = '[services.api]\nships.dockerfile = "Dockerfile"\nthird_party = "any"\n'


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[Ready]:
    """Makes a service ready in a repository of FILES and a Dockerfile."""
    opened: list[Shipment] = []
    root = tmp_path / "r"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()

    def ready(contract: str = CONTRACT, dockerfile: str = DOCKERFILE, more: str = "") -> Shipment:
        (root / "Dockerfile").write_text(dockerfile)
        path = root / "contracts.toml"
        path.write_text(dedent(contract + more))
        found = prepare(load(path, "contracts.toml"), "contracts.toml", tmp_path / "cache", {})
        opened.extend(found)
        return found[0]

    yield ready
    for shipment in opened:
        shipment.release()


def inside(shipment: Shipment, paths: tuple[Path, ...]) -> list[str]:
    assert shipment.tree is not None
    return [f"/{path.relative_to(shipment.tree)}" for path in paths]


def refusal(ready: Ready, **given: str) -> list[str]:
    with pytest.raises(MistakesError) as raised:
        ready(**given)
    return str(raised.value).splitlines()


def test_the_image_s_layout_is_staged(ready: Ready, tmp_path: Path) -> None:
    found = ready()
    assert found.tree is not None
    staged = sorted(
        str(path.relative_to(found.tree)) for path in found.tree.rglob("*") if path.is_file()
    )
    assert staged == [
        "etc/api/conf.yml",
        "srv/VERSION",
        "srv/core/__init__.py",
        "srv/core/main.py",
        "srv/jobs/run.py",
        "srv/lib/helper.py",
    ]
    assert (found.tree / "srv/VERSION").read_text() == "1.2\n"
    source = tmp_path / "r/apps/api/src/core/main.py"
    assert found.to_repository(str(found.tree / "srv/core/main.py")) == str(source)
    assert found.to_repository(str(found.tree / "srv/core/new.py")) == str(
        source.with_name("new.py")
    )
    assert found.to_repository(str(found.tree / "usr/x.py")) == "/usr/x.py"
    assert found.told(f"in {found.tree}/srv/core/main.py") == "in /srv/core/main.py"


def test_what_starts_and_from_where(ready: Ready) -> None:
    found = ready()
    assert [entrypoint.text for entrypoint in found.service.entrypoints] == ["core.main:app"]
    process = found.processes["core.main:app"]
    assert inside(found, (process.cwd,)) == ["/srv"]
    assert inside(found, process.front) == ["/srv"]
    assert inside(found, process.entries) == ["/srv/lib", "/srv/extra"]
    assert found.ground.starts["core.main:app"].line == 7
    assert set(found.modules) == {"core", "core.main"}
    assert "helper" in found.catalog.shipped


def test_variables_that_name_paths_lead_to_where_these_lie_here(ready: Ready) -> None:
    found = ready()
    env = found.process.env
    assert env["API_CONF"] == f"{found.tree}/etc/api/conf.yml"
    assert env["PYTHONPATH"] == f"{found.tree}/srv/lib:extra"
    assert env["MODE"] == "image"
    assert "PATH" not in env


def test_the_contract_s_own_entrypoints(ready: Ready) -> None:
    found = ready(more='entrypoints = ["core.main:other", "apps/api/src/jobs/run.py"]\n')
    assert inside(found, found.processes["core.main:other"].front) == ["/srv"]
    script = found.processes["apps/api/src/jobs/run.py"]
    assert script.script is not None
    assert inside(found, (script.script, *script.front)) == ["/srv/jobs/run.py", "/srv/jobs"]
    assert inside(found, (script.cwd, *script.entries)) == ["/srv", "/srv/lib", "/srv/extra"]


def test_another_entrypoint_than_the_image_s_is_said(ready: Ready) -> None:
    found = ready(more='entrypoints = ["lib.helper"]\n')
    said = [f"{note.line}: {note.what}" for note in found.ground.notes]
    assert said == ["Dockerfile:7: the image starts core.main:app, no entrypoint of the contract"]


def test_declared_paths_are_the_repository_s(ready: Ready) -> None:
    found = ready(more='runtime.paths = ["apps/api/src/lib", "apps/api/src"]\n')
    process = found.processes["core.main:app"]
    assert inside(found, (process.cwd,)) == ["/srv/lib"]
    assert inside(found, process.path) == ["/srv/lib", "/srv"]


def test_files_that_ship_besides(ready: Ready) -> None:
    found = ready(more='ships.files = ["apps/web/**"]\n')
    assert found.tree is not None
    assert (found.tree / "srv/apps/web/index.py").is_file()
    assert (found.tree / "srv/core/main.py").is_file()


def test_another_python_is_said(ready: Ready) -> None:
    found = ready(dockerfile=DOCKERFILE.replace(f"3.{sys.version_info[1]}", "3.8"))
    label = found.interpreter.label
    assert [str(note.what) for note in found.ground.notes] == [
        f"the image runs Python 3.8, the service is run here by {label}"
    ]


def test_what_the_interpreter_lacks_stops_the_run(ready: Ready, tmp_path: Path) -> None:
    (tmp_path / "r/requirements.txt").write_text(
        "idna\nno-such-one>=2\nnor-this; python_version<'3'\n"
    )
    dockerfile = "FROM python:3.11\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    contract = '[services.api]\nmodules = ["core"]\nships.dockerfile = "Dockerfile"\n'
    what = "the image installs what python does not have: no-such-one"
    command = "python -m pip install 'no-such-one>=2'"
    assert refusal(ready, contract=contract, dockerfile=dockerfile) == [
        f"requirements.txt:2: api: {what} ({command})"
    ]


def test_what_is_not_known_leaves_everything_visible(ready: Ready) -> None:
    contract = '[services.api]\nships.dockerfile = "Dockerfile"\n'
    dockerfile = DOCKERFILE.replace(
        f"python:3.{sys.version_info[1]}-slim", "registry.example/base:1"
    )
    found = ready(contract, dockerfile)
    assert found.ground.holdings is None
    assert found.sites == found.interpreter.sites
    assert any("no distribution counts as absent" in note.what for note in found.ground.notes)


def test_an_image_that_starts_nothing(ready: Ready) -> None:
    dockerfile = DOCKERFILE.rpartition("CMD")[0]
    image = f"python:3.{sys.version_info[1]}-slim"
    what = f"neither CMD nor ENTRYPOINT is set, and what {image} starts is not known here"
    assert refusal(ready, dockerfile=dockerfile) == [
        f"Dockerfile:1: api: {what}: say with `entrypoints` what the container starts"
    ]


def test_a_dockerfile_or_a_context_that_is_not_there(ready: Ready) -> None:
    what = "deploy/Dockrfile does not exist (did you mean Dockerfile?)"
    assert refusal(ready, contract=CONTRACT.replace("Dockerfile", "deploy/Dockrfile")) == [
        f"contracts.toml:2: services.api.ships.dockerfile: {what}"
    ]
    assert refusal(ready, more='ships.context = "app"\n') == [
        "contracts.toml:4: services.api.ships.context: app is no folder"
    ]


@pytest.mark.parametrize(
    ("dockerfile", "mistake"),
    [
        ("FROM scratch\nCOPY gone /\n", "Dockerfile:2: "),
        ("FROM scratch\nCOPY --from=nobody /a /b\nCOPY x\n", "Dockerfile:3: "),
    ],
)
def test_mistakes_of_the_dockerfile(ready: Ready, dockerfile: str, mistake: str) -> None:
    assert refusal(ready, dockerfile=dockerfile)[0].startswith(mistake)
