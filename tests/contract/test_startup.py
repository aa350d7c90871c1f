# ruff: noqa: E501 - messages are compared whole, each on its line
from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

from pytest_importcontract.contract.model import Contract, Found, Startup

Read = Callable[..., Contract]
Refusal = Callable[..., str]
SERVICE = '[services.a]\nentrypoints = ["a"]\n'


def test_nothing_is_asked_of_startup(read: Read) -> None:
    assert read(SERVICE).services[0].startup == Startup(
        hidden_failures=Found.FAIL, deprecations=Found.REPORT
    )


def test_all_that_can_be_asked(read: Read) -> None:
    text = f"""{SERVICE}[services.a.startup]
forbid = ["network", "write", "signal"]
hidden_failures = "report"
optional = ["uvloop"]
never_loads = ["torch", "a.tests"]
max_modules = 2500
max_seconds = 1.5
max_memory = 300
optimized = true
deprecations = "fail"
"""
    startup = read(text).services[0].startup
    assert startup == Startup(
        forbid=("network", "write", "signal"),
        hidden_failures=Found.REPORT,
        optional=("uvloop",),
        never_loads=("torch", "a.tests"),
        max_modules=2500,
        max_seconds=1.5,
        max_memory=300,
        optimized=True,
        deprecations=Found.FAIL,
    )
    assert startup.may_lack("uvloop.loop")
    assert not startup.may_lack("uvloops")


def test_the_image_starts_it(read: Read) -> None:
    text = '[services.a]\nships.dockerfile = "Dockerfile"\nstartup.max_modules = 5\n'
    assert read(text).services[0].startup.max_modules == 5


def test_every_mistake(refusal: Refusal) -> None:
    text = f"""{SERVICE}[services.a.startup]
forbid = ["netwrk", "files"]
hidden_failures = "warn"
optional = ["uvloop", "a.x"]
never_loads = ["torch.**", "a-b", "uvloop.loop"]
max_modules = 1.5
max_seconds = 0
max_memory = true
deprecations = "error"
max_module = 3
"""
    assert (
        refusal(text)
        == dedent("""
        contracts.toml:4: services.a.startup.forbid[0]: 'netwrk' is not a value of this key (did you mean network?)
        contracts.toml:4: services.a.startup.forbid[1]: 'files' is not a value of this key (one of network, subprocess, write, thread, path, signal)
        contracts.toml:5: services.a.startup.hidden_failures: 'warn' is not a value of this key (one of fail, report)
        contracts.toml:7: services.a.startup.never_loads[0]: 'torch.**' is no dotted name (did you mean torch? what lies below it is meant too)
        contracts.toml:7: services.a.startup.never_loads[1]: 'a-b' is no dotted name
        contracts.toml:7: services.a.startup.never_loads[2]: uvloop.loop is in optional as well (it is either needed or forbidden)
        contracts.toml:8: services.a.startup.max_modules: expected a whole number, got a number
        contracts.toml:9: services.a.startup.max_seconds: must be above 0 and at most 86400
        contracts.toml:10: services.a.startup.max_memory: expected a number, got a boolean
        contracts.toml:11: services.a.startup.deprecations: 'error' is not a value of this key (one of fail, report)
        contracts.toml:12: services.a.startup.max_module: unknown key (did you mean max_modules?)
    """).strip()
    )


def test_nothing_starts(refusal: Refusal) -> None:
    text = '[services.a]\nmodules = ["a"]\nstartup.forbid = ["network"]\n'
    assert refusal(text) == (
        "contracts.toml:3: services.a.startup: means nothing without entrypoints"
        " (name what the container starts)"
    )


def test_what_was_meant_as_a_start_is_no_second_mistake(refusal: Refusal) -> None:
    text = '[services.a]\nentrypoint = ["a"]\nstartup.forbid = ["network"]\n'
    assert refusal(text) == (
        "contracts.toml:2: services.a.entrypoint: unknown key (did you mean entrypoints?)"
    )


def test_one_interpreter_or_several(read: Read) -> None:
    one = read(f'{SERVICE}runtime.python = "v/bin/python"\n').services[0].runtime
    assert (one.python, one.pythons) == ("v/bin/python", ())
    several = read(f'{SERVICE}runtime.python = ["v/bin/python", "w/bin/python"]\n')
    runtime = several.services[0].runtime
    assert (runtime.python, runtime.pythons) == ("v/bin/python", ("v/bin/python", "w/bin/python"))
    assert several.services[0].line("runtime", "python", 1) == 3


def test_mistakes_in_interpreters(refusal: Refusal) -> None:
    def refused(value: str) -> str:
        return refusal(f"{SERVICE}runtime.python = {value}\n").strip()

    start = "contracts.toml:3: services.a.runtime.python"
    assert refused("3.11") == (
        f"{start}: expected a string or a list, got a number (put it in quotes)"
    )
    assert refused("[]") == f"{start}: is empty"
    assert refused('""') == f"{start}: is an empty string"
    assert refused('["v", "v"]') == f"{start}[1]: 'v' is listed twice"
    assert refused('["v", 3]') == f"{start}[1]: expected a string, got a number (put it in quotes)"
