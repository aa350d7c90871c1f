from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_importcontract.shipment import interpreter
from pytest_importcontract.shipment.interpreter import (
    Interpreter,
    InterpreterError,
    describe,
    locate,
)

INSTALLED = Path.home() / ".pyenv" / "versions"


def installed(version: str) -> Path:
    """A CPython of that version: pyenv's, else the one on PATH."""
    for path in sorted(INSTALLED.glob(f"{version}.*/bin/python")):
        return path
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"no Python {version} here")
    return Path(found)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def environment(path: Path, *options: str) -> Interpreter:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", *options, path], check=True)
    return describe(path / "bin" / "python")


def refusal(path: Path) -> str:
    with pytest.raises(InterpreterError) as raised:
        describe(path)
    return str(raised.value)


def test_no_name_means_the_interpreter_that_runs_pytest(tmp_path: Path) -> None:
    assert locate("", tmp_path) == Path(sys.executable)


def test_pytests_own_interpreter_describes_itself() -> None:
    own = describe(Path(sys.executable))
    assert own.version == sys.version_info[:3]
    assert own.prefix == sys.prefix
    assert own.label == f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    assert own.names == sys.stdlib_module_names
    assert any(path.endswith("site-packages") for path in own.sites)


def test_the_standard_library_lies_where_json_lies() -> None:
    import json

    own = describe(Path(sys.executable))
    assert str(Path(json.__file__).parent.parent) in own.stdlib


def test_no_path_entry_is_the_folder_of_our_script() -> None:
    folder = str(Path(interpreter.__file__).parent)
    assert folder not in describe(Path(sys.executable)).stdlib


def test_a_virtual_environment_has_only_its_own_site_packages(tmp_path: Path) -> None:
    found = environment(tmp_path / "env")
    assert found.prefix == str(tmp_path / "env")
    assert [Path(site).is_relative_to(tmp_path) for site in found.sites] == [True]


def test_a_virtual_environment_may_see_the_systems_site_packages(tmp_path: Path) -> None:
    found = environment(tmp_path / "env", "--system-site-packages")
    own = [Path(site).is_relative_to(tmp_path / "env") for site in found.sites]
    assert own[0]
    assert False in own


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"])
def test_every_supported_version_describes_itself(version: str) -> None:
    found = describe(installed(version))
    assert found.label == f"Python {version}"
    assert {"json", "os", "sys", "_thread"} <= found.names
    assert "pytest" not in found.names
    assert ".py" in found.suffixes


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7"])
def test_versions_too_old_are_refused(version: str) -> None:
    assert f"is Python {version}." in refusal(installed(version))
    assert refusal(installed(version)).endswith("the oldest supported is 3.8")


def test_an_answer_is_kept_until_the_file_changes(tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    assert describe(link) is describe(link)


def test_a_missing_file_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match=r"^python9 does not exist$") as raised:
        locate("python9", tmp_path)
    assert raised.value.suggestion == "name the interpreter that has the service's distributions"


def test_a_missing_environment_says_how_to_create_it(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match=r"^\.venv/bin/python does not exist$") as raised:
        locate(".venv/bin/python", tmp_path)
    assert raised.value.suggestion == "create it with: python3 -m venv .venv"


def test_a_folder_is_no_interpreter(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with pytest.raises(InterpreterError, match=r"^place is a folder, not an interp") as raised:
        locate("place", tmp_path)
    assert raised.value.suggestion == ""


def test_an_environments_folder_leads_to_its_interpreter(tmp_path: Path) -> None:
    environment(tmp_path / "env")
    with pytest.raises(InterpreterError) as raised:
        locate("env/", tmp_path)
    assert raised.value.suggestion == "did you mean env/bin/python?"


def test_links_are_kept_because_environments_are_found_by_them(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)
    assert locate("./python", tmp_path) == tmp_path / "python"


def test_a_bare_name_is_looked_up_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = script(tmp_path / "service-python", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert locate("service-python", Path("/")) == found


def test_a_file_beside_the_contract_comes_before_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "path").mkdir()
    script(tmp_path / "path" / "python", "exit 0")
    beside = script(tmp_path / "python", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert locate("python", tmp_path) == beside


def test_a_file_that_is_gone_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / "python") == "cannot be read: No such file or directory"


def test_a_text_file_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("not a program")
    assert refusal(tmp_path / "python") == "does not start: Permission denied"


def test_garbage_is_no_answer(tmp_path: Path) -> None:
    path = script(tmp_path / "python", "echo garbage; echo 'no idea' >&2; exit 3")
    assert refusal(path) == "is no Python that answers (exit status 3: no idea)"


def test_silence_is_no_answer(tmp_path: Path) -> None:
    path = script(tmp_path / "python", "exit 0")
    assert refusal(path) == "is no Python that answers (exit status 0: it said nothing)"


@pytest.mark.parametrize("answer", ["[]", "1", "null", "{}", '{"version": []}', '"version"'])
def test_json_of_another_kind_is_no_answer(tmp_path: Path, answer: str) -> None:
    path = script(tmp_path / "python", f"echo '{answer}'")
    assert refusal(path).startswith("is no Python that answers")


def test_another_implementation_is_named(tmp_path: Path) -> None:
    keys = ("prefix", "stdlib", "sites", "suffixes", "names", "editable")
    answer = ", ".join(f'"{key}": ""' for key in keys)
    text = f'{{"implementation": "pypy", "version": [3, 10, 1], {answer}}}'
    path = script(tmp_path / "python", f"echo '{text}'")
    assert refusal(path) == "is pypy, only CPython is supported"


def test_a_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_PATIENCE", 0.2)
    path = script(tmp_path / "python", "exec sleep 60")
    assert refusal(path) == "did not say within 0 s which Python it is"


def test_editable_installs_are_recognised_by_their_record(tmp_path: Path) -> None:
    found = environment(tmp_path / "env")
    info = Path(found.sites[0]) / "thing-1.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}')
    (info / "RECORD").write_text("_thing.pth,,\nthing/__init__.py,,\nsub/other.pth,,\n")
    (Path(found.sites[0]) / "broken-1.dist-info").mkdir()
    (tmp_path / "again").symlink_to(tmp_path / "env")
    assert describe(tmp_path / "again" / "bin" / "python").editable == ("_thing.pth",)
