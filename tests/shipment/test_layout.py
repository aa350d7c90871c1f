from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from pytest_importcontract.shipment.files import ShippedFile
from pytest_importcontract.shipment.layout import Layout

ROOT = Path("/repo")


def layout(**files: str) -> Layout:
    """Image paths by repository path, both with / as __ in keys."""
    return Layout(
        ShippedFile(ROOT / source, PurePosixPath(target)) for target, source in files.items()
    )


@pytest.fixture
def api() -> Layout:
    return layout(
        **{
            "srv/main.py": "apps/api/src/main.py",
            "srv/core/db.py": "apps/api/src/core/db.py",
            "srv/core/deep/er.py": "apps/api/src/core/deep/er.py",
            "etc/conf.yml": "deploy/prod.yml",
            "copy/main.py": "apps/api/src/main.py",
        }
    )


def test_a_file(api: Layout) -> None:
    assert api.source("srv/core/db.py") == ROOT / "apps/api/src/core/db.py"
    assert api.source("etc/conf.yml") == ROOT / "deploy/prod.yml"
    assert api.targets(ROOT / "apps/api/src/main.py") == ("copy/main.py", "srv/main.py")


def test_what_does_not_exist_is_named_by_the_folder_around_it(api: Layout) -> None:
    assert api.source("srv/core/config.yml") == ROOT / "apps/api/src/core/config.yml"
    assert api.source("srv/new/config.yml") == ROOT / "apps/api/src/new/config.yml"
    assert api.source("srv") == ROOT / "apps/api/src"
    assert api.source("usr/lib/x.py") is None


def test_a_folder(api: Layout) -> None:
    assert api.targets(ROOT / "apps/api/src/core") == ("srv/core",)
    assert api.targets(ROOT / "apps/api/src") == ("copy", "srv")
    assert api.targets(ROOT / "apps/web") == ()
    assert api.targets(ROOT / "apps/api/src/absent.py") == ()


def test_names_that_go_on_alike_are_followed_up() -> None:
    found = layout(**{"app/pkg/sub/mod.py": "pkg/sub/mod.py"})
    assert found.source("app/pkg") == ROOT / "pkg"
    assert found.source("app/pkg/other.py") == ROOT / "pkg/other.py"
    assert found.source("app") == ROOT
    assert found.source("app/else.py") == ROOT / "else.py"
    assert found.source("else.py") is None


def test_the_same_layout() -> None:
    found = Layout.same(ROOT, [ShippedFile(ROOT / "a/b.py", PurePosixPath("a/b.py"))])
    assert found.source("a/b.py") == ROOT / "a/b.py"
    assert found.source("never/there.txt") == ROOT / "never/there.txt"
    assert found.source(".") == ROOT
    assert found.targets(ROOT / "a") == ("a",)
    assert found.targets(ROOT / "c.py") == ()
