from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_importcontract.shipment.distributions.view import open_view

PUBSUB = (
    "google/cloud/pubsub/__init__.py",
    "google/cloud/pubsub/data.json",
    "google_cloud_pubsub-1.0.dist-info/METADATA",
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two distributions that share google.cloud, one beside them, two single files."""
    folder = tmp_path / "lib/site-packages"
    write(
        folder,
        {
            "google/cloud/storage/__init__.py": "WHO = 'storage'",
            "google/cloud/storage/__pycache__/__init__.cpython-311.pyc": "",
            "google/cloud/pubsub/__init__.py": "WHO = 'pubsub'",
            "google/cloud/pubsub/data.json": "{}",
            "google_cloud_storage-1.0.dist-info/METADATA": "Name: google-cloud-storage\nVersion: 1",
            "google_cloud_pubsub-1.0.dist-info/METADATA": "Name: google-cloud-pubsub\nVersion: 1",
            "six.py": "",
            "requests/__init__.py": "",
            "loose.py": "",
        },
    )
    return folder


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def files(view: Path) -> list[str]:
    found = []
    for place, _, names in os.walk(view, followlinks=True):
        found += [os.path.relpath(os.path.join(place, name), view) for name in names]
    return sorted(name for name in found if "__pycache__" not in name)


def test_nothing_to_hide(site: Path, tmp_path: Path) -> None:
    assert open_view(tmp_path / "views", site, []) == site
    assert open_view(tmp_path / "views", site, ["never/there.py", "../../bin/tool"]) == site
    assert not (tmp_path / "views").exists()


def test_a_namespace_is_shared(site: Path, tmp_path: Path) -> None:
    before = files(site)
    view = open_view(tmp_path / "views", site, PUBSUB)
    assert files(view) == [name for name in before if name not in PUBSUB]
    assert not (view / "google/cloud/pubsub").exists()
    assert files(site) == before


def test_what_python_sees(site: Path, tmp_path: Path) -> None:
    view = open_view(tmp_path / "views", site, [*PUBSUB, "six.py"])
    script = f"""
import importlib, importlib.metadata
for name in ("google.cloud.storage", "google.cloud.pubsub", "six", "loose"):
    try:
        importlib.import_module(name)
        print(name, "is there")
    except ImportError as error:
        print(type(error).__name__, error)
print(sorted(d.metadata["Name"] for d in importlib.metadata.distributions(path=[{str(view)!r}])))
"""
    env = {"PYTHONPATH": str(view), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "google.cloud.storage is there",
        "ModuleNotFoundError No module named 'google.cloud.pubsub'",
        "ModuleNotFoundError No module named 'six'",
        "loose is there",
        "['google-cloud-storage']",
    ]


def test_a_folder_that_compiled_copies_would_keep_alive(site: Path, tmp_path: Path) -> None:
    view = open_view(tmp_path / "views", site, ["google/cloud/storage/__init__.py"])
    assert not (view / "google/cloud/storage").exists()


def test_a_view_stays_where_it_is(site: Path, tmp_path: Path) -> None:
    first = open_view(tmp_path / "views", site, PUBSUB)
    assert open_view(tmp_path / "views", site, reversed(PUBSUB)) == first
    assert open_view(tmp_path / "views", site, ["six.py"]) != first


def test_what_is_installed_later_is_seen(site: Path, tmp_path: Path) -> None:
    first = open_view(tmp_path / "views", site, PUBSUB)
    for name in ("new.py", "google/cloud/tasks/__init__.py"):
        time.sleep(0.01)  # file systems count time in coarse ticks
        write(site, {name: ""})
        view = open_view(tmp_path / "views", site, PUBSUB)
        assert name in files(view)
        assert view != first
    write(site, {"requests/sessions.py": ""})  # in a folder that is linked as a whole
    assert "requests/sessions.py" in files(open_view(tmp_path / "views", site, PUBSUB))


def test_old_views_are_swept(site: Path, tmp_path: Path) -> None:
    views = tmp_path / "views"
    old = open_view(views, site, PUBSUB).parent
    used = open_view(views, site, ["loose.py"]).parent
    long_ago = time.time() - 30 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    os.utime(used, (long_ago, long_ago))
    open_view(views, site, ["loose.py"])
    open_view(views, site, ["six.py"])
    assert not old.exists()
    assert used.exists()


def test_a_real_environment(tmp_path: Path) -> None:
    """Hide a dependency of pytest from a view of this very environment."""
    pluggy = importlib.metadata.distribution("pluggy")
    site = Path(str(pluggy.locate_file("")))
    hidden = [str(file) for file in pluggy.files or ()]
    view = open_view(tmp_path / "views", site, hidden)
    names = {found.name for found in importlib.metadata.distributions(path=[str(view)])}
    everything = {found.name for found in importlib.metadata.distributions(path=[str(site)])}
    assert everything - names == {"pluggy"}
    assert not (view / "pluggy").exists()
    assert (view / "pytest").is_symlink()
