# ruff: noqa: E501 - messages are compared whole, each on its line
from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from pytest_importcontract.contract.language import faults

Refusal = Callable[..., str]

MINIMAL = """\
[services.backend]
entrypoints = ["app.main:app"]
"""


def expected(text: str) -> str:
    return dedent(text).strip()


def test_what_fits_has_no_faults() -> None:
    assert faults({"services": {"a": {"modules": ["a"]}}}) == []


def test_no_services(refusal: Refusal) -> None:
    assert refusal("[services]") == "contracts.toml:1: services: is empty"


def test_unknown_keys(refusal: Refusal) -> None:
    text = """\
    service = 1
    entrypoints = []
    [services.backend]
    entrypoint = ["app"]
    timeout = 3
    dockerfile = "Dockerfile"
    [services.backend.ships]
    file = ["app"]
    doc_root = "Dockerfile"
    [services.backend.runtime]
    time_out = 3
    modules = ["app"]
    [[services.backend.integrations]]
    name = "auth"
    root = "auth"
    through = ["app"]
    thru = 1
    "a\\nb" = 1
    ü = 1
    """
    text = text.replace("ü", '"ü"')
    assert refusal(text) == expected("""
        contracts.toml:1: service: unknown key (did you mean services?)
        contracts.toml:2: entrypoints: unknown key (a key of services.NAME)
        contracts.toml:4: services.backend.entrypoint: unknown key (did you mean entrypoints?)
        contracts.toml:5: services.backend.timeout: unknown key (a key of services.NAME.runtime)
        contracts.toml:6: services.backend.dockerfile: unknown key (a key of services.NAME.ships)
        contracts.toml:7: services.backend.ships: has neither dockerfile nor files
        contracts.toml:8: services.backend.ships.file: unknown key (did you mean files?)
        contracts.toml:9: services.backend.ships.doc_root: unknown key (known: dockerfile, context, target, args, files, requirements, provides)
        contracts.toml:11: services.backend.runtime.time_out: unknown key (did you mean timeout?)
        contracts.toml:12: services.backend.runtime.modules: unknown key (a key of services.NAME)
        contracts.toml:17: services.backend.integrations[0].thru: unknown key (did you mean through?)
        contracts.toml:18: services.backend.integrations[0]."a\\nb": unknown key (known: name, root, through, exempt, reason, may_be_empty)
        contracts.toml:19: services.backend.integrations[0]."ü": unknown key (known: name, root, through, exempt, reason, may_be_empty)
    """)


def test_what_the_language_does_not_know_yet(refusal: Refusal) -> None:
    message = refusal(f"{MINIMAL}[services.backend.waivers]\n")
    assert message.startswith("contracts.toml:3: services.backend.waivers: unknown key (known: ")


def test_values_that_are_none(refusal: Refusal) -> None:
    text = MINIMAL + 'isolation = "hot"\nthird_party = "own"\ntyping_imports = "no"\n'
    assert refusal(text) == expected("""
        contracts.toml:3: services.backend.isolation: 'hot' is not a value of this key (one of warm, cold)
        contracts.toml:4: services.backend.third_party: 'own' is not a value of this key (one of declared, any, listed)
        contracts.toml:5: services.backend.typing_imports: 'no' is not a value of this key (one of allow, check)
    """)


def test_keys_that_need_a_dockerfile(refusal: Refusal) -> None:
    text = (
        MINIMAL
        + """\
    [services.backend.ships]
    files = ["app"]
    context = "."
    target = "runtime"
    args = { "1A" = "b", C = 3 }
    requirements = []
    provides = { "google.cloud" = "" , "a b" = "c" }
    """
    )
    assert refusal(text) == expected("""
        contracts.toml:5: services.backend.ships.context: means nothing without dockerfile
        contracts.toml:6: services.backend.ships.target: means nothing without dockerfile
        contracts.toml:7: services.backend.ships.args: means nothing without dockerfile
        contracts.toml:7: services.backend.ships.args.1A: is no usable name (a variable's name)
        contracts.toml:7: services.backend.ships.args.C: expected a string, got a number (put it in quotes)
        contracts.toml:8: services.backend.ships.requirements: is empty
        contracts.toml:9: services.backend.ships.provides."a b": is no usable name (a module's dotted name)
        contracts.toml:9: services.backend.ships.provides."google.cloud": is an empty string
    """)


def test_a_value_that_is_nearly_one(refusal: Refusal) -> None:
    assert refusal(MINIMAL + 'third_party = "list"') == expected("""
        contracts.toml:3: services.backend.third_party: 'list' is not a value of this key (did you mean listed?)
    """)


def test_wrong_types(refusal: Refusal) -> None:
    text = """\
    [[services.many]]
    modules = ["a"]
    [services.backend]
    description = 1979-05-27
    entrypoints = "app"
    modules = ["app", 1, true]
    required_symbols = [["a:b"]]
    may_be_empty = "yes"
    isolation = 1
    integrations = { name = "x" }
    ships = 1
    [services.backend.runtime]
    env = { A = 1, B = false, C = [] }
    timeout = "1"
    [services]
    other = []
    """
    assert refusal(text) == expected("""
        contracts.toml:1: services.many: expected a table, got a list (single brackets make a table)
        contracts.toml:4: services.backend.description: expected a string, got a date or time (put it in quotes)
        contracts.toml:5: services.backend.entrypoints: expected a list, got a string (write ["app"])
        contracts.toml:6: services.backend.modules[1]: expected a string, got a number (put it in quotes)
        contracts.toml:6: services.backend.modules[2]: expected a string, got a boolean (put it in quotes)
        contracts.toml:7: services.backend.required_symbols[0]: expected a string, got a list
        contracts.toml:8: services.backend.may_be_empty: expected true or false, got a string
        contracts.toml:9: services.backend.isolation: 1 is not a value of this key (one of warm, cold)
        contracts.toml:10: services.backend.integrations: expected a list, got a table (double the brackets of its header)
        contracts.toml:11: services.backend.ships: expected a table, got a number
        contracts.toml:13: services.backend.runtime.env.A: expected a string, got a number (put it in quotes)
        contracts.toml:13: services.backend.runtime.env.B: expected a string, got a boolean (put it in quotes)
        contracts.toml:13: services.backend.runtime.env.C: expected a string, got a list
        contracts.toml:14: services.backend.runtime.timeout: expected a number, got a string
        contracts.toml:16: services.other: expected a table, got a list
    """)


@pytest.mark.parametrize(
    "number", ["0", "-1", "nan", "-nan", "inf", "-inf", "1e999", "86401", "0x1" + "0" * 5000]
)
def test_numbers_out_of_range(refusal: Refusal, number: str) -> None:
    assert refusal(f"{MINIMAL}runtime.timeout = {number}") == (
        "contracts.toml:3: services.backend.runtime.timeout: must be above 0 and at most 86400"
    )


def test_huge_numbers_are_numbers(refusal: Refusal) -> None:
    assert refusal(f"{MINIMAL}description = 0x1{'0' * 5000}") == (
        "contracts.toml:3: services.backend.description:"
        " expected a string, got a number (put it in quotes)"
    )


@pytest.mark.parametrize("deep", ["[" * 350 + "]" * 350, "{a=" * 350 + "1" + "}" * 350])
def test_deep_nesting_is_a_mistake_at_its_top(refusal: Refusal, deep: str) -> None:
    kind = "list" if deep.startswith("[") else "table"
    text = f"{MINIMAL}unknown = {deep}\ndescription = {deep}\nruntime.env.A = {deep}\n"
    assert "\n".join(refusal(text).splitlines()[1:]) == expected(f"""
        contracts.toml:4: services.backend.description: expected a string, got a {kind}
        contracts.toml:5: services.backend.runtime.env.A: expected a string, got a {kind}
    """)


def test_deep_keys_are_a_mistake_at_their_top(refusal: Refusal) -> None:
    deep = ".".join("a" * 900)
    message = refusal(f"{MINIMAL}{deep} = {{ {deep} = {{ {deep} = 1 }} }}\n")
    assert message.startswith("contracts.toml:3: services.backend.a: unknown key (")


def test_long_values_are_shown_in_part(refusal: Refusal) -> None:
    message = refusal(f"{MINIMAL}isolation = '{'x' * 100_000}'")
    assert message == (
        f"contracts.toml:3: services.backend.isolation: '{'x' * 96}..."
        " is not a value of this key (one of warm, cold)"
    )


def test_nul_characters(refusal: Refusal) -> None:
    text = """\
    [services.backend]
    description = "a\\u0000"
    entrypoints = ["a\\u0000.py"]
    unknown = ["a\\u0000"]
    [services.backend.runtime]
    paths = [".", "a\\u0000"]
    env = { "A\\u0000" = "x", B = "a\\u0000" }
    """
    message = refusal(text).replace(refusal(text).splitlines()[2] + "\n", "")
    assert message == expected("""
        contracts.toml:2: services.backend.description: holds a NUL character
        contracts.toml:3: services.backend.entrypoints[0]: holds a NUL character
        contracts.toml:6: services.backend.runtime.paths[1]: holds a NUL character
        contracts.toml:7: services.backend.runtime.env."A\\u0000": is no usable name (a variable's name, without '=')
        contracts.toml:7: services.backend.runtime.env.B: holds a NUL character
    """)


def test_names_that_cannot_be_used(refusal: Refusal) -> None:
    text = """\
    [services."my service"]
    modules = ["a"]
    [services."b\\n"]
    modules = ["a"]
    [services.""]
    modules = ["a"]
    [services.c]
    modules = ["a"]
    runtime.env = { "" = "x", "A=B" = "y" }
    runtime.pass_env = ["A=B"]
    [[services.c.integrations]]
    name = "a b"
    root = "auth"
    through = ["a"]
    [[services.c.integrations]]
    name = "x\\n"
    root = "other"
    through = ["a"]
    """
    letters = "letters, digits, '.', '_' and '-'"
    rule = "Name of the rule, used in the item's id, without blanks and brackets"
    assert refusal(text) == expected(f"""
        contracts.toml:1: services."my service": is no usable name ({letters})
        contracts.toml:3: services."b\\n": is no usable name ({letters})
        contracts.toml:5: services."": is no usable name ({letters})
        contracts.toml:9: services.c.runtime.env."": is no usable name (a variable's name, without '=')
        contracts.toml:9: services.c.runtime.env."A=B": is no usable name (a variable's name, without '=')
        contracts.toml:10: services.c.runtime.pass_env[0]: 'A=B' is no usable name (a variable's name, without '=')
        contracts.toml:12: services.c.integrations[0].name: 'a b' is no usable name ({rule})
        contracts.toml:16: services.c.integrations[1].name: 'x\\n' is no usable name ({rule})
    """)


def test_what_is_empty(refusal: Refusal) -> None:
    text = """\
    [services.a]
    [services.b]
    entrypoints = []
    [services.c]
    modules = []
    [services.d]
    entrypoints = [""]
    [services.e]
    entrypoints = ["app"]
    ships.files = []
    runtime = { python = "", paths = [], env_file = "", setup = "" }
    [[services.e.integrations]]
    name = ""
    root = ""
    through = []
    """
    nothing = "names no entrypoints, modules or required_symbols, so nothing is imported"
    rule = "Name of the rule, used in the item's id, without blanks and brackets"
    assert refusal(text) == expected(f"""
        contracts.toml:1: services.a: {nothing}
        contracts.toml:2: services.b: {nothing}
        contracts.toml:5: services.c.modules: is empty
        contracts.toml:7: services.d.entrypoints[0]: is an empty string
        contracts.toml:10: services.e.ships.files: is empty
        contracts.toml:11: services.e.runtime.env_file: is an empty string
        contracts.toml:11: services.e.runtime.paths: is empty
        contracts.toml:11: services.e.runtime.python: is an empty string
        contracts.toml:11: services.e.runtime.setup: '' is not of the form module:Name
        contracts.toml:13: services.e.integrations[0].name: '' is no usable name ({rule})
        contracts.toml:14: services.e.integrations[0].root: '' is no dotted name
        contracts.toml:15: services.e.integrations[0].through: is empty
    """)


def test_what_is_listed_twice(refusal: Refusal) -> None:
    text = """\
    [services.a]
    entrypoints = ["app", "other", "app", "app"]
    required_symbols = ["app:A", 1, true, "app:A"]
    [[services.a.integrations]]
    name = "auth"
    root = "auth"
    through = ["app", "app"]
    [[services.a.integrations]]
    name = "auth"
    root = "auth"
    through = ["app"]
    [[services.a.integrations]]
    name = "third"
    root = "auth"
    through = ["app"]
    """
    assert refusal(text) == expected("""
        contracts.toml:2: services.a.entrypoints[2]: 'app' is listed twice
        contracts.toml:2: services.a.entrypoints[3]: 'app' is listed twice
        contracts.toml:3: services.a.required_symbols[1]: expected a string, got a number (put it in quotes)
        contracts.toml:3: services.a.required_symbols[2]: expected a string, got a boolean (put it in quotes)
        contracts.toml:3: services.a.required_symbols[3]: 'app:A' is listed twice
        contracts.toml:7: services.a.integrations[0].through[1]: 'app' is listed twice
        contracts.toml:9: services.a.integrations[1].name: a second integration named 'auth'
        contracts.toml:10: services.a.integrations[1].root: auth is guarded by integration 'auth' already (list all its doors there)
        contracts.toml:14: services.a.integrations[2].root: auth is guarded by integration 'auth' already (list all its doors there)
    """)
