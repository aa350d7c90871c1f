from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import (
    Contract,
    Entrypoint,
    Integration,
    Runtime,
    Service,
    Symbol,
    is_dotted_name,
    is_within,
)
from pytest_importcontract.contract.positions import Keys


def integration(name: str, root: str, through: str = "app.door") -> Integration:
    return Integration(name=name, root=root, through=Globs.parse((through,), "."))


@pytest.mark.parametrize("text", ["app", "app.core.db", "_app", "é.ü", "app.v2"])
def test_dotted_names(text: str) -> None:
    assert is_dotted_name(text)


@pytest.mark.parametrize("text", ["", ".", "app.", ".app", "a..b", "2app", "a-b", "a b", "a\n"])
def test_no_dotted_names(text: str) -> None:
    assert not is_dotted_name(text)


def test_a_name_lies_within_whole_components() -> None:
    assert is_within("app", "app")
    assert is_within("app.core", "app")
    assert not is_within("apple", "app")
    assert not is_within("app", "app.core")


def test_an_entrypoint_is_a_module() -> None:
    entrypoint = Entrypoint.parse("app.main")
    assert entrypoint == Entrypoint(text="app.main", module="app.main")
    assert entrypoint.package == "app"
    assert str(entrypoint) == "app.main"


def test_an_entrypoint_is_an_attribute() -> None:
    parsed = Entrypoint.parse("app.main:api.app")
    assert (parsed.module, parsed.attribute, parsed.calls) == ("app.main", "api.app", False)


def test_an_entrypoint_is_a_factory() -> None:
    parsed = Entrypoint.parse("app.main:create()")
    assert (parsed.module, parsed.attribute, parsed.calls) == ("app.main", "create", True)


def test_an_entrypoint_is_a_file() -> None:
    parsed = Entrypoint.parse("./app/main.py")
    assert parsed == Entrypoint(text="./app/main.py", file=PurePosixPath("app/main.py"))
    assert parsed.package == ""


@pytest.mark.parametrize(
    "text", ["", ".py", "app/.py", "app:", "app:create(1)", "app.main()", "app\\main.py", "a b"]
)
def test_what_is_no_entrypoint(text: str) -> None:
    with pytest.raises(ValueError, match="is no module, module:attribute, module:factory"):
        Entrypoint.parse(text)


@pytest.mark.parametrize("text", ["/app/main.py", "../main.py", "app/../../main.py"])
def test_no_entrypoint_leads_out(text: str) -> None:
    with pytest.raises(ValueError, match="is a file outside the contract's folder"):
        Entrypoint.parse(text)


def test_a_symbol_reads_as_written() -> None:
    symbol = Symbol.parse("app.db:Session.inner")
    assert symbol == Symbol(module="app.db", attribute="Session.inner")
    assert str(symbol) == "app.db:Session.inner"


@pytest.mark.parametrize("text", ["app.db", "app:", ":Name", "app:a:b", "app/db.py:Name"])
def test_what_is_no_symbol(text: str) -> None:
    with pytest.raises(ValueError, match="is not of the form module:Name"):
        Symbol.parse(text)


def test_undeclared_paths_are_the_contracts_folder() -> None:
    assert Runtime().paths is None
    assert Runtime().entries == (".",)


def test_declared_paths_are_the_entries() -> None:
    assert Runtime(paths=("src", ".")).entries == ("src", ".")


def test_the_root_itself_its_doors_and_the_exempt_are_permitted() -> None:
    rule = Integration(
        name="auth",
        root="auth",
        through=Globs.parse(("app.door",), "."),
        exempt=Globs.parse(("app.migrations.**",), "."),
    )
    permitted = ("auth.core", "app.door", "app.migrations.v1")
    assert all(map(rule.permits, permitted))
    assert not any(map(rule.permits, ("app", "app.doors", "app.door.inner", "authx")))


def test_doors_read_as_words() -> None:
    rule = Integration(name="auth", root="auth", through=Globs.parse(("a.b", "c.*"), "."))
    assert rule.doors == "a.b or c.*"


def test_of_nested_roots_the_innermost_rules() -> None:
    outer, inner = integration("outer", "auth"), integration("inner", "auth.core")
    service = Service(name="s", integrations=(outer, inner))
    assert service.integration_for("auth.api") == outer
    assert service.integration_for("auth.core.db") == inner
    assert service.integration_for("app") is None


def test_a_key_without_a_line_has_that_of_the_key_around_it() -> None:
    lines: dict[Keys, int] = {(): 1, ("runtime",): 4, ("runtime", "paths"): 5}
    service = Service(name="s", lines=lines)
    assert service.line("runtime", "paths", 0) == 5
    assert service.line("runtime", "timeout") == 4
    assert service.line("modules") == 1
    assert service.line() == 1
    assert Service(name="s").line("modules") == 0


def test_lines_do_not_tell_services_apart() -> None:
    assert Service(name="s", lines={(): 1}) == Service(name="s", lines={(): 2})


def test_the_contracts_folder_is_the_repository() -> None:
    assert Contract(path=Path("repo/contracts.toml"), services=()).root == Path("repo")


def test_contracts_are_values() -> None:
    runtime = Runtime(env={"A": "1"})
    service = Service(name="s", runtime=runtime, integrations=(integration("a", "b"),))
    assert len({service, Service(name="s", runtime=runtime)}) == 2
