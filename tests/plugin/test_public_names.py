"""The names that the package offers."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import pytest_importcontract


def test_every_name_exists_and_is_at_home_in_the_package() -> None:
    scope: dict[str, Any] = {}
    exec("from pytest_importcontract import *", scope)
    scope.pop("__builtins__")
    assert sorted(scope) == pytest_importcontract.__all__
    homes = {value.__module__.partition(".")[0] for value in scope.values()}
    assert homes == {"pytest_importcontract"}
    assert {name: value.__name__ for name, value in scope.items()} == {n: n for n in scope}


def test_dir_lists_them() -> None:
    assert dir(pytest_importcontract) == pytest_importcontract.__all__


def test_every_name_says_what_it_is() -> None:
    undocumented = [
        n for n in dir(pytest_importcontract) if not getattr(pytest_importcontract, n).__doc__
    ]
    assert undocumented == []


def test_other_names_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="module 'pytest_importcontract' has no attribute 'x'"):
        pytest_importcontract.x  # noqa: B018


def test_the_library_works_without_pytest() -> None:
    code = "import sys; from pytest_importcontract import *; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
