"""Node ids, their order, and that collecting runs no code of a service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

IDS = [
    "contracts.toml::backend::startup[shop.main:app]",
    "contracts.toml::backend::import[shop]",
    "contracts.toml::backend::import[shop.door]",
    "contracts.toml::backend::import[shop.fine]",
    "contracts.toml::backend::import[shop.main]",
    "contracts.toml::backend::required_symbol[shop.main:app]",
    "contracts.toml::backend::allowed_roots",
    "contracts.toml::backend::integration[auth]",
]
# Tells at the end what this process holds that it should not.
REPORTER = """
    import json
    import sys
    from pathlib import Path

    def pytest_unconfigure():
        tops = {"shop", "auth_service", "pkg"}
        held = sorted(name for name in sys.modules if name.partition(".")[0] in tops)
        Path("held.json").write_text(json.dumps(held))
"""


def held(folder: Path) -> Any:
    return json.loads((folder / "held.json").read_text("utf-8"))


def test_ids_are_those_of_the_contract_in_the_same_order_each_time(shop: Any) -> None:
    assert shop.collected("--import-contracts", "contracts.toml") == IDS
    assert shop.collected("--import-contracts", "contracts.toml") == IDS


def test_services_and_their_demands_keep_the_order_of_the_file(repository: Any) -> None:
    repository.write(
        {
            "contracts.toml": """
                [services.zebra]
                entrypoints = ["two:b", "one:a"]
                required_symbols = ["two:b", "one:a"]

                [services.api-v2]
                modules = ["two", "one"]
            """,
            "one.py": "a = 1",
            "two.py": "b = 1",
        }
    )
    assert repository.collected("--import-contracts") == [
        "contracts.toml::zebra::startup[two:b]",
        "contracts.toml::zebra::startup[one:a]",
        "contracts.toml::zebra::import[one]",
        "contracts.toml::zebra::import[two]",
        "contracts.toml::zebra::required_symbol[two:b]",
        "contracts.toml::zebra::required_symbol[one:a]",
        "contracts.toml::api-v2::import[one]",
        "contracts.toml::api-v2::import[two]",
    ]


def test_collecting_runs_no_code_of_a_service(shop: Any) -> None:
    mark = shop.folder / "imported"
    shop.write({"shop/__init__.py": f"open({str(mark)!r}, 'w')\n", "conftest.py": REPORTER})
    result = shop.pytest("--import-contracts", "--collect-only")
    result.stdout.fnmatch_lines(
        [
            "import contracts: contracts.toml (backend)",
            "collected 11 items",
            "<ContractFolder *>",
            "  <ContractFile contracts.toml>",
            "    <ServiceNode backend>",
            "      <ContractItem startup[[]shop.main:app[]]>",
            "*= 11 tests collected in *",
        ]
    )
    assert held(shop.folder) == []
    assert not mark.exists()


def test_running_keeps_the_service_out_of_pytest_and_pytest_out_of_the_service(shop: Any) -> None:
    mark = shop.folder / "imported"
    shop.write(
        {
            "conftest.py": REPORTER,
            "shop/__init__.py": f"""
                import sys
                assert "pytest" not in sys.modules
                open({str(mark)!r}, "w")
            """,
        }
    )
    verdicts = shop.verdicts("--import-contracts", "contracts.toml")
    assert verdicts[IDS[1]] == "PASSED"
    assert mark.exists()
    assert held(shop.folder) == []


def test_a_contract_inside_a_package_does_not_import_it(repository: Any) -> None:
    repository.write(
        {
            "conftest.py": REPORTER,
            "pkg/__init__.py": "raise RuntimeError('imported into pytest')",
            "pkg/contracts.toml": '[services.a]\nmodules = ["mod"]\n',
            "pkg/mod.py": "",
            "pkg/deploy/contracts.toml": '[services.b]\nmodules = ["mod"]\n',
            "pkg/deploy/mod.py": "",
        }
    )
    files = [
        "--import-contracts-file=pkg/contracts.toml",
        "--import-contracts-file=pkg/deploy/contracts.toml",
    ]
    everything = {
        "pkg/contracts.toml::a::import[mod]": "PASSED",
        "pkg/deploy/contracts.toml::b::import[mod]": "PASSED",
    }
    assert repository.verdicts(*files) == everything
    assert held(repository.folder) == []
    assert repository.verdicts(*files, ".") == everything
    assert held(repository.folder) == []


def test_what_cannot_ship_is_named_in_the_header(repository: Any) -> None:
    contract = '[services.s]\nentrypoints = ["app"]\nships.files = ["app/**"]\n'
    repository.write({"contracts.toml": contract, "app/__init__.py": ""})
    (repository.folder / "app" / "passwd").symlink_to("/etc/passwd")
    result = repository.pytest("--import-contracts")
    why = "no regular file, or a link that leads out of the repository"
    assert f"  'app/passwd' does not ship with s: {why}" in result.outlines
    assert result.ret == 0
