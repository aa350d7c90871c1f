"""Where contracts come from, and how they meet the arguments of pytest."""

from __future__ import annotations

from typing import Any

import pytest

ITEM = "contracts.toml::sound::import[sound]"
OWN = "tests/test_own.py::test_own"
PYPROJECT = """
    [tool.importcontract.services.table]
    modules = ["sound"]
"""
SUITE = {"tests/test_own.py": "def test_own():\n    pass\n"}


def test_contracts_toml_at_the_rootdir(sound: Any) -> None:
    result = sound.pytest("--import-contracts", "-v")
    result.stdout.fnmatch_lines(
        ["import contracts: contracts.toml (sound)", f"{ITEM.replace('[', '[[]')} PASSED*"]
    )
    assert result.ret == 0


def test_a_table_in_pyproject(sound: Any) -> None:
    sound.write({"pyproject.toml": PYPROJECT})
    (sound.folder / "contracts.toml").unlink()
    assert sound.verdicts("--import-contracts") == {
        "pyproject.toml::table::import[sound]": "PASSED"
    }


def test_both(sound: Any) -> None:
    sound.write({"pyproject.toml": PYPROJECT})
    result = sound.pytest("--import-contracts", "-rA")
    result.stdout.fnmatch_lines(
        [
            "import contracts: contracts.toml (sound)",
            "import contracts: pyproject.toml (table)",
            "PASSED contracts.toml::sound::import[[]sound[]]",
            "PASSED pyproject.toml::table::import[[]sound[]]",
        ]
    )


def test_neither(repository: Any) -> None:
    repository.write({**SUITE, "pyproject.toml": "[tool.pytest.ini_options]\n"})
    result = repository.pytest("--import-contracts")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [
        (
            "ERROR: --import-contracts: no contracts.toml and no [tool.importcontract] in "
            f"pyproject.toml at {repository.folder} (name one by --import-contracts-file=PATH)"
        ),
        "",
    ]
    repository.write({"pytest.ini": "[pytest]\nimport_contracts = true\n"})
    result = repository.pytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [
        (
            "ERROR: import_contracts = true: no contracts.toml and no [tool.importcontract] in "
            f"pyproject.toml at {repository.folder}"
        ),
        "",
    ]


def test_named_files_instead_of_the_default(sound: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sound.write(
        {
            "deploy/a.toml": '[services.a]\nmodules = ["one"]\n',
            "deploy/one.py": "",
            "b.toml": '[services.b]\nmodules = ["sound"]\n',
        }
    )
    (sound.folder / "tests").mkdir()
    monkeypatch.chdir(sound.folder / "tests")
    arguments = [
        "--import-contracts-file=../deploy/a.toml",
        f"--import-contracts-file={sound.folder / 'b.toml'}",
        "--import-contracts-file=../b.toml",
        f"--rootdir={sound.folder}",
    ]
    assert sound.collected(*arguments) == [
        "deploy/a.toml::a::import[one]",
        "b.toml::b::import[sound]",
    ]


def test_the_ini_key_adds_contracts_to_a_whole_run_only(sound: Any) -> None:
    sound.write({**SUITE, "pytest.ini": "[pytest]\nimport_contracts = true\n"})
    assert sound.collected() == [ITEM, OWN]
    assert sound.collected("tests") == [OWN]
    assert sound.collected(".") == [ITEM, OWN]
    assert sound.collected("contracts.toml") == [ITEM]
    assert sound.collected("--import-contracts", "tests/test_own.py") == [ITEM, OWN]


def test_the_ini_key_costs_nothing_where_a_test_file_is_named(sound: Any) -> None:
    sound.write(
        {
            **SUITE,
            "pytest.ini": "[pytest]\nimport_contracts = true\n",
            "contracts.toml": "not even TOML",
        }
    )
    result = sound.pytest("tests/test_own.py")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*import contracts*")


def test_a_contract_or_a_part_of_one_as_argument(sound: Any) -> None:
    sound.write(
        {
            **SUITE,
            "contracts.toml": """
                [services.a]
                modules = ["sound"]
                allowed_roots = ["sound"]

                [services.b]
                modules = ["sound"]
            """,
        }
    )
    a, roots, b = (
        "contracts.toml::a::import[sound]",
        "contracts.toml::a::allowed_roots",
        "contracts.toml::b::import[sound]",
    )
    assert sound.collected("--import-contracts", "contracts.toml") == [a, roots, b]
    assert sound.collected("--import-contracts", "contracts.toml::a") == [a, roots]
    assert sound.collected("--import-contracts", f"{sound.folder}/{b}", "tests") == [b, OWN]
    result = sound.pytest("--import-contracts", "contracts.toml::c")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines[0] == f"ERROR: not found: {sound.folder}/contracts.toml::c"


def test_beside_a_suite_whose_testpaths_are_elsewhere(sound: Any) -> None:
    sound.write({**SUITE, "pytest.ini": "[pytest]\ntestpaths = tests\n"})
    assert sound.verdicts("--import-contracts") == {OWN: "PASSED", ITEM: "PASSED"}


def test_from_another_folder(sound: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sound.write({**SUITE, "pytest.ini": "[pytest]\n"})
    monkeypatch.chdir(sound.folder / "tests")
    assert sound.collected("--import-contracts") == [ITEM, OWN]
    assert sound.collected("--import-contracts", f"../{ITEM}") == [ITEM]


def test_a_rootdir_elsewhere(sound: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place = sound.folder / "elsewhere"
    place.mkdir()
    monkeypatch.chdir(place)
    assert sound.collected("--import-contracts", f"--rootdir={sound.folder}", str(place)) == [ITEM]


def test_a_contract_outside_the_rootdir(sound: Any) -> None:
    sound.write({"app/pytest.ini": "[pytest]\n"})
    arguments = ["--rootdir=app", "-c", "app/pytest.ini", "--import-contracts-file=contracts.toml"]
    ident = "../contracts.toml::sound::import[sound]"
    assert sound.collected(*arguments) == [ident]
    assert sound.verdicts(*arguments) == {f"app/{ident}": "PASSED"}  # as pytest shows it from here
    named = ["--rootdir=app", "-c", "app/pytest.ini", "--import-contracts", "contracts.toml"]
    assert sound.collected(*named) == [ident]


def test_a_contract_above_is_called_as_it_is_reached(
    sound: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound.write({**SUITE, "pytest.ini": "[pytest]\n", "sound.py": "import gone\n"})
    monkeypatch.chdir(sound.folder / "tests")
    result = sound.pytest("--import-contracts", "--tb=no")
    assert "import contracts: ../contracts.toml (sound)" in result.outlines
    sound.write({"contracts.toml": "[services.sound]\nmodule = 1\n"})
    result = sound.pytest("--import-contracts")
    assert result.errlines[0].startswith("ERROR: ../contracts.toml:2: services.sound.module: ")


def test_mistakes_of_every_kind_in_all_files_at_once(sound: Any) -> None:
    sound.write(
        {
            "a.toml": "[services.a]\nmodules = 1\n",
            "b.toml": '[services.b]\nmodules = ["gone.**"]\n',
        }
    )
    files = ["--import-contracts-file=a.toml", "--import-contracts-file=b.toml"]
    result = sound.pytest(*files)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    places = [line.removeprefix("ERROR: ").split(" ")[0] for line in result.errlines if line]
    assert places == ["a.toml:2:", "b.toml:2:"]


@pytest.mark.parametrize(
    "twice",
    [
        (".", "contracts.toml"),
        ("contracts.toml", "."),
        ("contracts.toml", "./contracts.toml", "--import-contracts-file=contracts.toml"),
        ("contracts.toml::sound", "contracts.toml"),
    ],
)
def test_a_file_reached_twice_is_collected_once(sound: Any, twice: tuple[str, ...]) -> None:
    assert sound.collected("--import-contracts", *twice) == [ITEM]


def test_a_link_to_a_contract_is_that_contract(sound: Any) -> None:
    (sound.folder / "link.toml").symlink_to("contracts.toml")
    assert sound.collected("--import-contracts-file=link.toml") == [ITEM]
