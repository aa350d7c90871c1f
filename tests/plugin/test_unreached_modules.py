"""Modules that ship, fail, and are reached by no entrypoint."""

from __future__ import annotations

from typing import Any

FILES = {
    "contracts.toml": """\
        [services.api]
        entrypoints = ["app.main"]
        """,
    "app/__init__.py": "",
    "app/main.py": "def later():\n    import app.later\n",
    "app/later.py": "",
    "app/lost.py": "import app.gone\n",
    "app/raises.py": "raise RuntimeError('no settings')\n",
}


def test_they_are_expected_to_fail_whatever_the_reason_and_are_counted(repository: Any) -> None:
    repository.write(FILES)
    result = repository.pytest("--import-contracts", "-r", "x")
    result.assert_outcomes(passed=6, xfailed=2)
    text = result.stdout.str()
    assert "not reachable from any entrypoint: app has no module gone" in text
    assert "not reachable from any entrypoint: app/raises.py:1 raises RuntimeError" in text
    assert "api: 2 modules that no entrypoint reaches do not import" in text


def test_one_that_a_deferred_import_reaches_must_import(repository: Any) -> None:
    repository.write({**FILES, "app/later.py": "import app.lost\n"})
    result = repository.pytest("--import-contracts")
    result.assert_outcomes(passed=5, failed=2, xfailed=1)
    assert "api: 1 module that no entrypoint reaches does not import" in result.stdout.str()


def test_those_that_the_contract_names_must_import(repository: Any) -> None:
    named = FILES["contracts.toml"] + '        modules = ["app.**"]\n'
    repository.write({**FILES, "contracts.toml": named})
    result = repository.pytest("--import-contracts")
    result.assert_outcomes(passed=6, failed=2)
    assert "no entrypoint reaches" not in result.stdout.str()


def test_what_a_failing_entrypoint_would_reach_is_reached(repository: Any) -> None:
    main = "import app.nowhere\nimport app.lost\n"
    repository.write({**FILES, "app/main.py": main})
    result = repository.pytest("--import-contracts", "-q")
    text = result.stdout.str()
    assert "api cannot import app.lost" in text
    result.assert_outcomes(passed=4, failed=3, xfailed=1)


def test_a_stale_rule_is_a_note_of_an_item_that_passes(repository: Any) -> None:
    contract = """\
        [services.api]
        entrypoints = ["app.main"]
        allowed_roots = ["app", "shared"]
        """
    files = {"contracts.toml": contract, "app/main.py": "", "app/__init__.py": ""}
    repository.write({**files, "shared.py": ""})
    result = repository.pytest("--import-contracts", "-k", "allowed_roots", "-r", "P")
    result.assert_outcomes(passed=1, deselected=5)
    assert "allowed_roots (line 3): nothing imports shared" in result.stdout.str()
