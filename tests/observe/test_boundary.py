"""The repository does not get in by what is installed on the developer's machine."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from workbench import IN_ENV, Workbench, outermost, verdict

SHIPS = 'ships.files = ["app/**"]'
# The repository is `bench.root`; the service ships app/ alone.
WAYS: dict[str, Callable[[Path, Path], object]] = {
    "a linked package": lambda root, site: (site / "auth").symlink_to(root / "auth"),
    "a linked file": lambda root, site: (site / "auth.py").symlink_to(root / "auth/__init__.py"),
    "a linked folder without __init__": lambda root, site: (site / "auth").symlink_to(root / "ns"),
    "a package of linked files": lambda root, site: (
        (site / "auth").mkdir(),
        (site / "auth" / "__init__.py").symlink_to(root / "auth" / "__init__.py"),
    ),
    "a path line": lambda root, site: (site / "x.pth").write_text(f"{root}\n"),
    "a path line to a linked folder": lambda root, site: (
        (site / "src").symlink_to(root),
        (site / "x.pth").write_text("src\n"),
    ),
    "a path line that goes up": lambda root, site: (site / "x.pth").write_text("../../../..\n"),
    "an import line": lambda root, site: (site / "x.pth").write_text(
        f"import sys; sys.path.append({str(root)!r})\n"
    ),
    "an import line for site": lambda root, site: (site / "x.pth").write_text(
        f"import site; site.addsitedir({str(root)!r})\n"
    ),
    "an import line that puts it first": lambda root, site: (site / "x.pth").write_text(
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
    ),
    "sitecustomize": lambda root, site: (site / "sitecustomize.py").write_text(
        f"import sys; sys.path.append({str(root)!r})\n"
    ),
}


@pytest.fixture
def repository(bench: Workbench) -> Path:
    bench.write("app/__init__.py", "import auth")
    bench.write("auth/__init__.py")
    bench.write("ns/inner.py")
    return bench.root


@pytest.mark.parametrize("way", WAYS)
def test_what_does_not_ship_is_not_found(
    bench: Workbench, repository: Path, site: Path, way: str
) -> None:
    WAYS[way](repository, site)
    failed = bench.load("app", SHIPS, IN_ENV)
    assert outermost(failed).message == "No module named 'auth'"


def test_the_next_place_is_looked_at(bench: Workbench, repository: Path, site: Path) -> None:
    (site / "linked").mkdir()
    (site / "linked" / "auth").symlink_to(repository / "auth")
    (site / "real" / "auth").mkdir(parents=True)
    (site / "real" / "auth" / "__init__.py").write_text("print(__file__)")
    (site / "x.pth").write_text("linked\nreal\n")
    observation = bench.load("app", SHIPS, IN_ENV)
    assert observation.stdout == f"{site}/real/auth/__init__.py\n"


def test_code_that_names_the_repository_does_not_reach_it(
    bench: Workbench, repository: Path
) -> None:
    bench.write(
        "app/__init__.py", f"import sys; sys.path.insert(0, {str(repository)!r})\nimport auth"
    )
    assert outermost(bench.load("app", SHIPS)).name == "auth"


def test_an_environment_inside_the_repository_may_hold_links(
    bench: Workbench, repository: Path, site: Path
) -> None:
    (site / "store" / "auth").mkdir(parents=True)
    (site / "store" / "auth" / "__init__.py").touch()
    (site / "auth").symlink_to("store/auth")
    assert bench.load("app", SHIPS, IN_ENV).outcome.ok


def test_a_link_to_outside_of_the_repository_holds(
    bench: Workbench, repository: Path, site: Path, tmp_path: Path
) -> None:
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "__init__.py").touch()
    (site / "auth").symlink_to(tmp_path / "auth")
    assert bench.load("app", SHIPS, IN_ENV).outcome.ok


def test_a_service_that_runs_in_place_may_be_linked_to(
    bench: Workbench, repository: Path, site: Path
) -> None:
    bench.write("src/backend.py", "import auth")
    (site / "auth").symlink_to(repository / "auth")
    assert bench.load("backend", 'runtime.paths = ["src"]', IN_ENV).outcome.ok


def test_in_place_path_lines_lead_nowhere_else(
    bench: Workbench, repository: Path, site: Path
) -> None:
    bench.write("src/backend.py", "import auth")
    (site / "x.pth").write_text(f"{repository}\n")
    failed = bench.load("backend", 'runtime.paths = ["src"]', IN_ENV)
    assert outermost(failed).name == "auth"


# What .pth files add that an image may have


def test_path_lines_count(bench: Workbench, site: Path, tmp_path: Path) -> None:
    (site / "inner").mkdir()
    (tmp_path / "shared").mkdir()
    with zipfile.ZipFile(site / "thing-1.egg", "w") as egg:
        egg.writestr("thing.py", "")
    (site / "x.pth").write_text(f"# comment\n\ninner\n{tmp_path}/shared\n./thing-1.egg\nabsent\n")
    (site / "y.pth").write_text("inner\n")
    python = bench.root / "env" / "bin" / "python"
    index = f"sys.path.index({str(site)!r})"
    bench.write("app.py", f"import sys, thing\nprint(sys.path[{index} + 1:])")
    ours = verdict(bench.load("app", IN_ENV))
    assert ours == bench.plain(python, "-c", "import app")
    assert ours[1] == f"{[f'{site}/inner', f'{tmp_path}/shared', f'{site}/thing-1.egg']}\n"


def test_a_line_that_fails_is_told_and_ends_its_file(bench: Workbench, site: Path) -> None:
    (site / "inner").mkdir()
    (site / "x.pth").write_text("import absent_module\ninner\n")
    observation = bench.run("import sys; print([p for p in sys.path if 'inner' in p])", IN_ENV)
    assert observation.stdout == "[]\n"
    assert observation.stderr == (
        f"Error processing line 1 of {site}/x.pth: "
        "ModuleNotFoundError: No module named 'absent_module'\n"
    )


# sitecustomize


SITE = "import sys\nprint(getattr(sys, 'customized', 'no'))"
CUSTOM = "import sys; sys.customized = 'yes'"


def test_a_sitecustomize_where_it_runs_is_not_looked_at(bench: Workbench, site: Path) -> None:
    bench.write("sitecustomize.py", CUSTOM)
    bench.write("app.py", SITE)
    bench.write("run.py", SITE)
    python = bench.root / "env" / "bin" / "python"
    assert verdict(bench.load("app", IN_ENV)) == (True, "no\n")
    assert verdict(bench.load("app", IN_ENV)) == bench.plain(python, "-c", "import app")
    assert verdict(bench.start("run.py", IN_ENV)) == bench.plain(python, "run.py")


@pytest.mark.parametrize("path", [".", "lib", ":nowhere"])
def test_a_sitecustomize_on_pythonpath_runs(bench: Workbench, site: Path, path: str) -> None:
    bench.write("lib/sitecustomize.py", CUSTOM)
    bench.write("sitecustomize.py", CUSTOM)
    bench.write("app.py", SITE)
    python = bench.root / "env" / "bin" / "python"
    ours = verdict(bench.load("app", IN_ENV, f'runtime.env.PYTHONPATH = "{path}"'))
    assert ours == bench.plain(python, "-c", "import app", env={"PYTHONPATH": path})
    assert ours == (True, "yes\n")


def test_usercustomize_does_not_run_where_there_is_no_users_folder(
    bench: Workbench, site: Path
) -> None:
    (site / "usercustomize.py").write_text(CUSTOM)
    bench.write("app.py", SITE)
    python = bench.root / "env" / "bin" / "python"
    assert verdict(bench.load("app", IN_ENV)) == bench.plain(python, "-c", "import app")


@pytest.mark.parametrize("file", ["sitecustomize.py", "x.pth"])
def test_an_end_before_the_service_is_not_the_services(
    bench: Workbench, site: Path, file: str
) -> None:
    (site / file).write_text("import sys; sys.exit(3)\n")
    outcome = bench.run("", IN_ENV).outcome
    assert (str(outcome.kind), outcome.detail) == ("exited", "with status 3")
    assert outcome.failure is not None
    assert outcome.failure.stage == "site"
