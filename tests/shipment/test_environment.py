from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.contract.model import Runtime
from pytest_importcontract.shipment.environment import defaults, variables
from pytest_importcontract.shipment.interpreter import describe


def of(runtime: Runtime, root: Path = Path("/"), **caller: str) -> Mapping[str, str]:
    return variables(runtime, root, caller)


def from_file(root: Path, text: str | bytes) -> Mapping[str, str]:
    (root / ".env").write_bytes(text if isinstance(text, bytes) else text.encode())
    return of(Runtime(env_file=".env"), root, SECRET="caller's")


def refusal(root: Path, text: str | bytes) -> list[str]:
    with pytest.raises(MistakesError) as raised:
        from_file(root, text)
    return str(raised.value).splitlines()


def test_a_service_starts_with_what_every_image_sets() -> None:
    folder = Path(sys.executable).parent
    assert of(Runtime(), SECRET="1", PATH="/caller", LANG="de_DE") == {}
    assert defaults(describe(Path(sys.executable))) == {
        "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }


def test_declared_variables_win_over_everything(tmp_path: Path) -> None:
    (tmp_path / "e").write_text("A=file\nB=file\nLANG=file\n")
    runtime = Runtime(env={"A": "declared"}, env_file="e", pass_env=("A", "B", "C", "LANG"))
    found = of(runtime, tmp_path, A="caller", B="caller", C="caller", LANG="caller")
    assert {name: found[name] for name in ("A", "B", "C", "LANG")} == {
        "A": "declared",
        "B": "file",
        "C": "caller",
        "LANG": "file",
    }


def test_variables_to_pass_that_the_caller_lacks_are_absent() -> None:
    assert "C" not in of(Runtime(pass_env=("C",)))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("export A=1", "1"),
        ("A = 1 # comment", "1"),
        ("A='x y # z'", "x y # z"),
        ('A="two\\nlines"', "two\nlines"),
        ("A=", ""),
        ("A=${SECRET}", "${SECRET}"),
        ("A=$HOME", "$HOME"),
        ("A=a=b", "a=b"),
        ("A=1\nA=2", "2"),
        ("# comment\n\nA=ü", "ü"),
    ],
)
def test_lines_of_an_env_file(tmp_path: Path, line: str, value: str) -> None:
    assert from_file(tmp_path, line) == {"A": value}


def test_every_faulty_line_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, "A=1\n=2\nB\nC='open\n") == [
        ".env:2: is no NAME=value",
        ".env:3: B: has no value (write B= or add it to pass_env)",
        ".env:4: is no NAME=value",
    ]


def test_variables_that_move_the_interpreter_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "A=1\nPYTHONHOME=/x\nPYTHONPLATLIBDIR=lib64\nPYTHONPATH=x\n") == [
        f".env:{line}: {name}: would move the interpreter's standard library "
        "(name the interpreter with runtime.python)"
        for line, name in ((2, "PYTHONHOME"), (3, "PYTHONPLATLIBDIR"))
    ]


def test_a_null_character_is_no_value(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"A=1\nB=a\0b\n") == [".env:2: is no NAME=value"]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"A=\xff") == [".env: is not UTF-8"]


def test_a_folder_is_no_env_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(MistakesError, match=r"^folder: cannot be read: Is a directory$"):
        of(Runtime(env_file="folder"), tmp_path)
