from __future__ import annotations

import importlib.machinery
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_importcontract.shipment.distributions.closure import Provenance, closure
from pytest_importcontract.shipment.distributions.declared import Declared
from pytest_importcontract.shipment.distributions.installed import (
    Installation,
    InstalledGraph,
    install_command,
    read_installed,
)
from pytest_importcontract.shipment.distributions.markers import image_environment
from pytest_importcontract.shipment.image.model import Line
from pytest_importcontract.shipment.interpreter import describe

SUFFIXES = [
    *importlib.machinery.EXTENSION_SUFFIXES,
    *importlib.machinery.SOURCE_SUFFIXES,
    *importlib.machinery.BYTECODE_SUFFIXES,
]
NATIVE = importlib.machinery.EXTENSION_SUFFIXES[0]
LINUX = image_environment((3, 12, 1), "x86_64")


def install(site: Path, name: str, *files: str, requires: str = "", folder: str = "") -> Path:
    info = site / (folder or f"{name.replace('-', '_')}-1.0.dist-info")
    info.mkdir(parents=True)
    needed = "".join(f"Requires-Dist: {line}\n" for line in requires.splitlines() if line)
    header = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needed}"
    (info / "METADATA").write_text(f"{header}\nA description.\nName: other\n")
    if files:
        recorded = [*files, f"{info.name}/METADATA"]
        lines = [f'"{f}",,' if "," in f else f"{f},sha256=x,1" for f in recorded]
        (info / "RECORD").write_text("\n".join(lines))
    return info


def read(site: Path, **provides: str) -> Installation:
    return read_installed([site], SUFFIXES, provides)


def test_modules_are_of_those_whose_files_they_are(tmp_path: Path) -> None:
    install(tmp_path, "PyYAML", "yaml/__init__.py", "yaml/cyaml.py", f"yaml/_yaml{NATIVE}")
    install(tmp_path, "Six.More", "six.py", "__pycache__/six.cpython-311.pyc", "../../bin/six")
    install(tmp_path, "odd", "odd-name/a.py", "data/x.txt", "a,b/c.py", "/usr/lib/d.py", "w\\i.py")
    found = read(tmp_path)
    assert found.distributions.keys() == {"pyyaml", "six-more", "odd"}
    assert found.distributions["pyyaml"].modules == {"yaml", "yaml.cyaml", "yaml._yaml"}
    assert found.distributions["six-more"].modules == {"six"}
    assert found.distributions["odd"].modules == {"w.i"}
    assert found.owners("yaml") == found.owners("yaml.cyaml") == ("pyyaml",)
    assert found.owners("six.moves.urllib") == ("six-more",)
    assert found.import_names("pyyaml") == ("yaml",)
    assert found.faults == ()


def test_names_are_never_compared_with_those_of_distributions(tmp_path: Path) -> None:
    install(tmp_path, "slugify", "something_else.py")
    found = read(tmp_path)
    assert found.owners("slugify") == ()
    assert found.owners("something_else") == ("slugify",)


def test_namespace_packages_are_told_apart(tmp_path: Path) -> None:
    install(tmp_path, "google-cloud-storage", "google/cloud/storage/__init__.py")
    install(tmp_path, "google-cloud-pubsub", "google/cloud/pubsub/__init__.py")
    install(tmp_path, "protobuf", "google/protobuf/message.py")
    found = read(tmp_path)
    assert found.owners("google.cloud.storage.blob") == ("google-cloud-storage",)
    assert found.owners("google.cloud") == ("google-cloud-pubsub", "google-cloud-storage")
    assert found.owners("google") == ("google-cloud-pubsub", "google-cloud-storage", "protobuf")
    assert found.owners("google.cloud.bigquery") == ()
    assert found.owners("google.protobuf.message") == ("protobuf",)
    assert found.import_names("google-cloud-pubsub") == ("google.cloud.pubsub",)


def test_one_module_of_two_distributions(tmp_path: Path) -> None:
    install(tmp_path, "opencv-python", "cv2/__init__.py")
    install(tmp_path, "opencv-python-headless", "cv2/__init__.py")
    assert read(tmp_path).owners("cv2.aruco") == ("opencv-python", "opencv-python-headless")


def test_the_user_knows_better(tmp_path: Path) -> None:
    install(tmp_path, "guess", "google/cloud/storage/__init__.py")
    provides = {"google.cloud.storage": "Google_Cloud.Storage", "nowhere": "no-where"}
    found = read_installed([tmp_path], SUFFIXES, provides)
    assert found.owners("google.cloud.storage.blob") == ("google-cloud-storage",)
    assert found.owners("google.cloud") == ("guess",)
    assert found.owners("nowhere.inside") == ("no-where",)
    assert found.import_names("no-where") == ("nowhere",)


def test_the_first_site_wins(tmp_path: Path) -> None:
    install(tmp_path / "one", "a", "one.py")
    install(tmp_path / "two", "A", "two.py")
    sites = [tmp_path / "one", tmp_path / "two", tmp_path / "none"]
    assert read_installed(sites, SUFFIXES).distributions["a"].modules == {"one"}


def test_what_old_setuptools_left(tmp_path: Path) -> None:
    old = tmp_path / "old-1.0.egg-info"
    old.mkdir()
    (old / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")
    (old / "installed-files.txt").write_text("../old/__init__.py\n../old/x.py\nPKG-INFO\n")
    (old / "requires.txt").write_text("click\n\n[web]\nuvicorn\n")
    single = tmp_path / "single.egg-info"
    single.write_text("Metadata-Version: 1.0\nName: single\nVersion: 2\n")
    found = read(tmp_path).distributions
    assert found["old"].modules == {"old", "old.x"}
    assert list(map(str, found["old"].requires)) == ["click", 'uvicorn; extra == "web"']
    assert (found["single"].version, found["single"].files, found["single"].modules) == (
        "2",
        None,
        None,
    )


def test_a_list_of_top_level_names_where_no_files_are_recorded(tmp_path: Path) -> None:
    info = install(tmp_path, "debian")
    (info / "top_level.txt").write_text("pack\nalone\nshared\ngone\n")
    (info / "namespace_packages.txt").write_text("shared\n")
    (tmp_path / "pack/inner").mkdir(parents=True)
    (tmp_path / "shared/theirs").mkdir(parents=True)
    for name in ("pack/__init__", "pack/inner/x", "alone", "shared/theirs/__init__"):
        (tmp_path / f"{name}.py").touch()
    found = read(tmp_path).distributions["debian"]
    assert found.files is None
    assert found.modules == {"pack", "pack.inner.x", "alone"}


def test_an_editable_install(tmp_path: Path) -> None:
    info = install(tmp_path, "mine", "__editable__.mine.pth")
    (info / "direct_url.json").write_text(
        '{"url": "file:///src/mine", "dir_info": {"editable": true}}'
    )
    plain = install(tmp_path, "plain", "plain.py")
    (plain / "direct_url.json").write_text('{"url": "file:///src/plain", "dir_info": {}}')
    found = read(tmp_path).distributions
    assert (found["mine"].editable, found["mine"].modules) == ("/src/mine", frozenset())
    assert found["plain"].editable == ""


def test_broken_metadata_is_told_and_refuses_nothing(tmp_path: Path) -> None:
    install(tmp_path, "good", "good.py", requires="fine>=1\nnot a requirement\nold>=1.0.*")
    (tmp_path / "empty-1.dist-info").mkdir()
    (tmp_path / "file-1.dist-info").touch()
    (tmp_path / "~ood-1.dist-info").mkdir()
    latin = install(tmp_path, "latin", "l.py")
    (latin / "METADATA").write_bytes(b"Name: latin\nAuthor: Andr\xe9\nRequires-Dist: good\n\n\xe9")
    record = install(tmp_path, "record", "x.py")
    (record / "RECORD").write_bytes(b'\xff\xfe,,\n"x\0.py,,\ny.py,,\n')
    url = install(tmp_path, "url", "u.py")
    (url / "direct_url.json").write_text("[" * 100_000)
    found = read(tmp_path)
    assert found.distributions.keys() == {"good", "latin", "record", "url"}
    assert found.distributions["good"].faults == ('"not a requirement" is no requirement',)
    assert list(map(str, found.distributions["good"].requires)) == ["fine>=1", "old"]
    assert list(map(str, found.distributions["latin"].requires)) == ["good"]
    assert found.faults == (
        f"{tmp_path}/empty-1.dist-info names no distribution",
        f"{tmp_path}/file-1.dist-info names no distribution",
    )


def roots(*texts: str) -> list[Declared]:
    return [Declared(Requirement(text), Line("r.txt", i)) for i, text in enumerate(texts, 1)]


def test_closure_over_metadata(tmp_path: Path) -> None:
    install(tmp_path, "Web.App", "w.py", requires="core[fast]\nwin; sys_platform == 'win32'")
    install(
        tmp_path,
        "core",
        "c.py",
        requires="base\nspeed; extra == 'Fast'\ncore[fast]; extra == 'all'\nlost; extra == 'all'",
    )
    install(tmp_path, "base", "b.py", requires="core\nfar @ https://h/far.zip")
    install(tmp_path, "speed", "s.py")
    install(tmp_path, "far", "f.py")
    graph = InstalledGraph(read(tmp_path), LINUX)
    found = closure(roots("web_app"), graph)
    assert {name: " ".join(one.chain) for name, one in found.found.items()} == {
        "web-app": "web-app",
        "core": "web-app core",
        "base": "web-app core base",
        "speed": "web-app core speed",
        "far": "web-app core base far",
    }
    assert found.missing == {}
    found = closure(roots("core[all]"), graph)
    assert found.found.keys() == {"core", "base", "speed", "far"}
    assert found.missing["lost"].chain == ("core", "lost")


def test_the_command_that_installs_what_is_missing() -> None:
    first, second = roots("A[x]>=1,<2 ; python_version > '3'", "b")
    missing = {"a": Provenance(first, ("a",)), "lost": Provenance(second, ("b", "lost"))}
    assert install_command(".venv/bin/python", missing) == (
        ".venv/bin/python -m pip install 'A[x]<2,>=1' lost"
    )


def test_this_very_environment(request: pytest.FixtureRequest) -> None:
    """What pip lists is what is found, and all that a distribution needs is found with it."""
    listed = subprocess.check_output(
        [sys.executable, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        text=True,
    )
    interpreter = describe(Path(sys.executable))
    found = read_installed(interpreter.sites, interpreter.suffixes)
    names = {canonicalize_name(line.partition("==")[0]) for line in listed.split()}
    assert found.distributions.keys() == names
    assert found.owners("_pytest.config") == ("pytest",)
    environment = image_environment(interpreter.version, "x86_64")
    closed = closure(roots("hypothesis", "pytest-xdist"), InstalledGraph(found, environment))
    assert closed.missing == {}
    assert {"hypothesis", "sortedcontainers", "execnet", "pytest", "pluggy"} <= closed.found.keys()
    assert "pip" not in closed.found
