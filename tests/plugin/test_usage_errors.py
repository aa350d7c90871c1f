"""What a person did wrong ends the run with status 4 before anything is imported."""

from __future__ import annotations

from typing import Any

import pytest


def refused(repository: Any, *arguments: str) -> list[str]:
    """What pytest says on standard error when it refuses to run."""
    mark = repository.folder / "imported"
    repository.write({"shop.py": f"open({str(mark)!r}, 'w')\n"})
    result = repository.pytest(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.outlines == []
    assert "Traceback" not in "\n".join(result.errlines)
    assert not mark.exists()
    lines: list[str] = result.errlines
    return lines


def test_all_mistakes_of_two_files_at_once(repository: Any) -> None:
    repository.write(
        {
            "a.toml": """\
                [services.a]
                module = ["shop"]
                entrypoints = ["shop main"]
                required_symbols = ["shop"]
            """,
            "deploy/b.toml": """\
                [services.b]
                modules = ["shop"]
                allowed_root = ["shop"]

                [services.b.runtime]
                timeout = "long"
            """,
        }
    )
    files = ["--import-contracts-file=a.toml", "--import-contracts-file=deploy/b.toml"]
    assert refused(repository, *files) == [
        "ERROR: a.toml:2: services.a.module: unknown key (did you mean modules?)",
        (
            "a.toml:3: services.a.entrypoints[0]: 'shop main' is no module, module:attribute, "
            "module:factory() or file.py"
        ),
        "a.toml:4: services.a.required_symbols[0]: 'shop' is not of the form module:Name",
        "deploy/b.toml:3: services.b.allowed_root: unknown key (did you mean allowed_roots?)",
        "deploy/b.toml:6: services.b.runtime.timeout: expected a number, got a string",
        "",
    ]


def test_what_does_not_fit_the_repository(repository: Any) -> None:
    repository.write(
        {
            "contracts.toml": """\
                [services.a]
                modules = ["shop"]

                [services.a.runtime]
                python = ".venv/bin/python"
                paths = ["src"]

                [services.b]
                modules = ["nowhere.**"]

                [services.c]
                modules = ["shop"]
                runtime.env_file = ".env"
            """,
        }
    )
    assert refused(repository, "--import-contracts") == [
        (
            "ERROR: contracts.toml:5: services.a.runtime.python: .venv/bin/python does not exist "
            "(create it with: python3 -m venv .venv)"
        ),
        "contracts.toml:6: services.a.runtime.paths[0]: src does not exist",
        (
            "contracts.toml:9: services.b.modules[0]: 'nowhere.**' matches no module that ships "
            "(or set may_be_empty = true)"
        ),
        "contracts.toml:13: services.c.runtime.env_file: .env does not exist",
        "",
    ]


def test_one_name_for_services_of_two_files(repository: Any) -> None:
    repository.write(
        {
            "contracts.toml": '[services.a]\nmodules = ["shop"]\n',
            "pyproject.toml": '[tool.importcontract.services.a]\nmodules = ["shop"]\n',
        }
    )
    assert refused(repository, "--import-contracts") == [
        (
            "ERROR: pyproject.toml:1: services.a: contracts.toml has a service of this name "
            "(rename one of them)"
        ),
        "",
    ]


def test_toml_that_is_none(repository: Any) -> None:
    repository.write({"contracts.toml": '[services.a]\nmodules = ["shop"\n'})
    assert refused(repository, "--import-contracts") == [
        "ERROR: contracts.toml:3: unclosed array (column 1)",
        "",
    ]


def test_a_file_that_is_missing_or_a_folder(repository: Any) -> None:
    repository.write({"deploy/b.toml": ""})
    files = ["--import-contracts-file=a.toml", "--import-contracts-file=deploy"]
    assert refused(repository, *files) == [
        "ERROR: a.toml: cannot be read: No such file or directory",
        "deploy: cannot be read: Is a directory",
        "",
    ]


def test_an_argument_that_is_no_contract(repository: Any) -> None:
    repository.write(
        {
            "pyproject.toml": "[project]\nname = 'shop'\n",
            "contracts.toml": '[services.a]\nmodules = ["shop"]\n',
            "ruff.toml": "line-length = 100\n",
        }
    )
    assert refused(repository, "--import-contracts", "pyproject.toml", "ruff.toml") == [
        "ERROR: pyproject.toml: has no [tool.importcontract] table",
        "ruff.toml: services is missing",
        "ruff.toml:1: line-length: unknown key (known: services)",
        "",
    ]


@pytest.mark.parametrize("jobs", ["0", "x"])
def test_jobs_that_are_no_number_of_processes(sound: Any, jobs: str) -> None:
    lines = refused(sound, "--import-contracts", f"--import-contracts-jobs={jobs}")
    complaint = f"argument --import-contracts-jobs: {jobs!r} is no number of at least 1"
    assert lines[1].endswith(f": error: {complaint}")


def test_files_of_impossible_names(repository: Any) -> None:
    (repository.folder / "loop.toml").symlink_to("loop.toml")
    long = "a" * 300 + ".toml"
    files = [f"--import-contracts-file={name}" for name in ("loop.toml", long, "x\ny.toml")]
    assert refused(repository, *files) == [
        "ERROR: loop.toml: cannot be read: Too many levels of symbolic links",
        f"{long}: cannot be read: File name too long",
        r"x\ny.toml: cannot be read: No such file or directory",
        "",
    ]


def test_an_interpreter_in_the_home_of_nobody(repository: Any) -> None:
    contract = '[services.a]\nmodules = ["shop"]\nruntime.python = "~nobodyx/x"\n'
    repository.write({"contracts.toml": contract})
    assert refused(repository, "--import-contracts") == [
        (
            "ERROR: contracts.toml:3: services.a.runtime.python: ~nobodyx/x does not exist (name "
            "the interpreter that has the service's distributions)"
        ),
        "",
    ]


def test_links_that_lead_out_of_the_repository(repository: Any) -> None:
    """A contract that somebody sends shows nothing of this machine, nor runs what lies there."""
    outside = repository.folder.parent / f"{repository.folder.name}-outside"
    outside.mkdir()
    (outside / "lib").mkdir()
    (outside / "lib" / "loose.py").touch()
    (outside / "notes").write_text("root:x:0:0\n[oh]\n\n# Notes\n```python\nimport loose\n```\n")
    repository.write(
        {
            "contracts.toml": """
                [services.a]
                entrypoints = ["linked/run.py"]
                modules = ["loose"]
                runtime.paths = ["lib", "linked/lib"]
                runtime.env_file = ".env"
                documented = [{ file = "NOTES.md" }]
                [services.b]
                modules = ["c"]
                ships.dockerfile = "Dockerfile"
                ships.context = "linked"
                ships.requirements = ["requirements.txt"]
            """,
            "lib/c.py": "",
        }
    )
    (repository.folder / "linked").symlink_to(outside)
    for name in (".env", "NOTES.md", "Dockerfile", "requirements.txt"):
        (repository.folder / name).symlink_to(outside / "notes")
    fix = "(--import-contracts-outside=FOLDER allows links to a folder)"
    leads = "leads out of the repository by a link"
    assert refused(repository, "--import-contracts") == [
        f"ERROR: contracts.toml:3: services.a.entrypoints[0]: linked/run.py {leads} {fix}",
        f"contracts.toml:5: services.a.runtime.paths[1]: linked/lib {leads} {fix}",
        f"contracts.toml:6: services.a.runtime.env_file: .env {leads} {fix}",
        f"contracts.toml:7: services.a.documented[0].file: NOTES.md {leads} {fix}",
        f"contracts.toml:10: services.b.ships.dockerfile: Dockerfile {leads} {fix}",
        f"contracts.toml:11: services.b.ships.context: linked {leads} {fix}",
        f"contracts.toml:12: services.b.ships.requirements[0]: requirements.txt {leads} {fix}",
        "",
    ]


def test_links_that_the_user_lets_lead_out(repository: Any) -> None:
    outside = repository.folder.parent / f"{repository.folder.name}-shared"
    outside.mkdir()
    (outside / "loose.py").touch()
    contract = '[services.a]\nmodules = ["loose"]\nruntime.paths = ["lib"]\n'
    repository.write({"contracts.toml": contract})
    (repository.folder / "lib").symlink_to(outside)
    allowed = f"--import-contracts-outside=../{outside.name}"
    result = repository.pytest("--import-contracts", allowed, "-p", "xdist", "-n1")
    result.assert_outcomes(passed=2)
    assert refused(repository, "--import-contracts", "--import-contracts-outside=lib/x") != []
