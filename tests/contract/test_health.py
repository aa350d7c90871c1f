# ruff: noqa: E501 - messages are compared whole, each on its line
from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from pytest_importcontract.contract.model import Contract, Health

Read = Callable[..., Contract]
Refusal = Callable[..., str]
IMAGE = '[services.a]\nships.dockerfile = "Dockerfile"\n'
COMMAND = 'command = "serve --port {port}"\n'


def expected(text: str) -> str:
    return dedent(text).strip()


def health(read: Read, text: str) -> Health | None:
    return read(f"[services.a.health]\n{text}").services[0].health


def test_a_service_may_do_nothing_but_start(read: Read) -> None:
    url = "http://localhost:{port}/health?deep=1"
    assert health(read, f'{COMMAND}url = "{url}"\ntimeout = 5.5\n') == Health(
        command="serve --port {port}", url=url, timeout=5.5
    )


def test_what_shows_that_it_is_up(read: Read) -> None:
    assert health(read, 'command = "worker"\nready_log = "ready|up"\n') == Health(
        command="worker", ready_log="ready|up"
    )
    found = health(read, 'command = "worker"\nready_after = 2\n')
    assert found == Health(command="worker", ready_after=2)
    assert health(read, f'{COMMAND}ready_log = "up"\n') is not None


def test_the_image_says_what_is_started(read: Read) -> None:
    text = f'{IMAGE}[services.a.health]\nurl = "http://[::1]:8000/"\n'
    assert read(text).services[0].health == Health(url="http://[::1]:8000/")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://127.9.9.9:{port}/x", "http://[::1]"])
def test_this_machine_has_many_addresses(read: Read, url: str) -> None:
    port = " {port}" if "{port}" in url else ""
    assert health(read, f'command = "serve{port}"\nurl = "{url}"\n') is not None


def test_nothing_says_when_it_is_up(refusal: Refusal) -> None:
    assert refusal("[services.a.health]\n") == expected("""
        contracts.toml:1: services.a.health: command is missing, and no Dockerfile says what is started (name the command line)
        contracts.toml:1: services.a.health: does not say when it is up (url for HTTP, ready_log for a line that it prints, or ready_after for seconds to survive)
    """)


def test_what_cannot_stand_together(refusal: Refusal) -> None:
    text = f"""\
    [services.a.health]
    {COMMAND}
    url = "http://127.0.0.1:{{port}}/"
    ready_log = "up"
    ready_after = 1
    [services.b.health]
    command = "serve"
    ready_after = 1
    timeout = 2
    """
    assert refusal(text) == expected("""
        contracts.toml:5: services.a.health.ready_log: cannot stand beside url (keep one of them)
        contracts.toml:6: services.a.health.ready_after: cannot stand beside url (keep one of them)
        contracts.toml:10: services.b.health.timeout: means nothing beside ready_after (remove it)
    """)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "https://127.0.0.1:{port}/",
            "'https://127.0.0.1:{port}/' is no http:// address (as in http://127.0.0.1:{port}/health)",
        ),
        (
            "127.0.0.1:{port}/health",
            "'127.0.0.1:{port}/health' is no http:// address (as in http://127.0.0.1:{port}/health)",
        ),
        (
            "http://example.org:{port}/",
            "example.org may be another machine (only this machine is asked, as in http://127.0.0.1:{port}/health)",
        ),
        (
            "http://127.0.0.1.example.org:{port}/",
            "127.0.0.1.example.org may be another machine (only this machine is asked, as in http://127.0.0.1:{port}/health)",
        ),
        (
            "http://0.0.0.0:{port}/",
            "0.0.0.0 may be another machine (only this machine is asked, as in http://127.0.0.1:{port}/health)",
        ),
        (
            "http://me@127.0.0.1:{port}/",
            "'http://me@127.0.0.1:{port}/' is no http:// address (as in http://127.0.0.1:{port}/health)",
        ),
        (
            "http://127.0.0.1:{port}/ä b",
            "'http://127.0.0.1:{port}/ä b' is no http:// address (write other characters as %XX)",
        ),
        (
            "http://127.0.0.1:{port}{port}/",
            "'http://127.0.0.1:{port}{port}/' is no address: Port out of range 0-65535",
        ),
        (
            "http://[::1:{port}/",
            "'http://[::1:{port}/' is no address: Invalid IPv6 URL",
        ),
        ("http://127.0.0.1:8000/", "command listens on {port}, which is not asked (use it here as well)"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(refusal: Refusal, url: str, said: str) -> None:
    text = f'[services.a.health]\n{COMMAND}url = "{url}"\n'
    assert refusal(text) == f"contracts.toml:3: services.a.health.url: {said}"


def test_ports_that_nobody_listens_on(refusal: Refusal) -> None:
    text = f"""\
    [services.a.health]
    command = "serve"
    url = "http://127.0.0.1:{{port}}/"
    {IMAGE.replace("services.a", "services.b")}
    [services.b.health]
    url = "http://127.0.0.1:{{port}}/"
    """
    assert refusal(text) == expected("""
        contracts.toml:3: services.a.health.url: {port} is not in command, which would not listen there
        contracts.toml:8: services.b.health.url: {port} is a port that the image's own command does not know (write the port that it listens on, or give a command)
    """)


def test_command_lines_and_expressions_that_are_none(refusal: Refusal) -> None:
    text = """\
    [services.a.health]
    command = "serve 'app"
    ready_log = "(up"
    [services.b.health]
    command = "serve {PORT}"
    ready_after = 0
    [services.c.health]
    command = " "
    url = 3
    [services.d.health]
    comand = "x"
    """
    assert refusal(text) == expected("""
        contracts.toml:2: services.a.health.command: is no command line: no closing quotation
        contracts.toml:3: services.a.health.ready_log: '(up' is no regular expression: missing ), unterminated subpattern at position 0
        contracts.toml:5: services.b.health.command: {PORT} stands for nothing (did you mean {port}?)
        contracts.toml:6: services.b.health.ready_after: must be above 0 and at most 86400
        contracts.toml:8: services.c.health.command: is no command line: it is blank
        contracts.toml:9: services.c.health.url: expected a string, got a number (put it in quotes)
        contracts.toml:11: services.d.health.comand: unknown key (did you mean command?)
    """)


def test_a_key_of_it_that_stands_elsewhere(refusal: Refusal) -> None:
    text = '[services.a]\nentrypoints = ["app"]\nready_log = "up"\n'
    assert refusal(text) == expected("""
        contracts.toml:3: services.a.ready_log: unknown key (a key of services.NAME.health)
    """)
