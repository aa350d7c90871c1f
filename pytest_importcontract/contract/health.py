"""How a contract wants its service started: read, with every mistake on the way."""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from pytest_importcontract.contract.language import shown
from pytest_importcontract.contract.model import PORT, Health
from pytest_importcontract.contract.positions import Keys

Report = Callable[[Keys, str, str], None]
_CRITERIA = ("url", "ready_log", "ready_after")
_WHEN = "url for HTTP, ready_log for a line that it prints, or ready_after for seconds to survive"
_BRACES = re.compile(r"\{[^{}]*\}")
_ANY_PORT = "65535"


class Table(Protocol):
    """A table of the contract."""

    @property
    def raw(self) -> Mapping[str, Any]:
        """Its keys."""

    @property
    def keys(self) -> Keys:
        """Its path below the contract's table."""


def read_health(
    table: Table, ships: Mapping[str, Any], report: Report, *, spotless: bool
) -> Health:
    """Read ``[services.NAME.health]``.

    Args:
        table: what stands there.
        ships: the service's ``ships`` table.
        report: takes a mistake: its keys, what is wrong, what to do.
        spotless: whether nothing in it was refused before, which may have been meant as a key.
    """
    raw, keys = table.raw, table.keys
    given = [name for name in _CRITERIA if name in raw]
    if not given and spotless:
        report(keys, "does not say when it is up", _WHEN)
    for name in given[1:]:
        report((*keys, name), f"cannot stand beside {given[0]}", "keep one of them")
    if given == ["ready_after"] and "timeout" in raw:
        report((*keys, "timeout"), "means nothing beside ready_after", "remove it")
    command, url = raw.get("command", ""), raw.get("url", "")
    if command or spotless:
        _check_command(command, keys, ships, report)
    if url:
        _check_url(url, (*keys, "url"), report)
        if command or spotless:
            _check_port(command, url, (*keys, "url"), report)
    if "ready_log" in raw:
        try:
            re.compile(raw["ready_log"])
        except (re.error, RecursionError, OverflowError) as error:
            what = f"{shown(raw['ready_log'])} is no regular expression: {error}"
            report((*keys, "ready_log"), what, "")
    return Health(**{name: raw[name] for name in (*_CRITERIA, "command", "timeout") if name in raw})


def _check_command(command: str, keys: Keys, ships: Mapping[str, Any], report: Report) -> None:
    if not command:
        if not ships.get("dockerfile"):
            what = "command is missing, and no Dockerfile says what is started"
            report(keys, what, "name the command line")
        return
    try:
        words = shlex.split(command)
    except ValueError as error:
        report((*keys, "command"), f"is no command line: {str(error).lower()}", "")
        return
    if not words:
        report((*keys, "command"), "is no command line: it is blank", "")
    for braces in _BRACES.findall(command):
        if braces != PORT and braces.casefold().replace(" ", "") == PORT:
            report((*keys, "command"), f"{braces} stands for nothing", f"did you mean {PORT}?")


def _check_url(url: str, keys: Keys, report: Report) -> None:
    try:
        parts = urlsplit(url.replace(PORT, _ANY_PORT))
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        report(keys, f"{shown(url)} is no address: {error}", "")
        return
    example = f"as in http://127.0.0.1:{PORT}/health"
    if parts.scheme != "http" or not host or parts.username is not None:
        report(keys, f"{shown(url)} is no http:// address", example)
    elif not url.isascii() or not url.isprintable() or " " in url:
        report(keys, f"{shown(url)} is no http:// address", "write other characters as %XX")
    elif not _is_loopback(host):
        report(keys, f"{host} may be another machine", f"only this machine is asked, {example}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_port(command: str, url: str, keys: Keys, report: Report) -> None:
    if PORT in url and PORT not in command:
        if command:
            report(keys, f"{PORT} is not in command, which would not listen there", "")
        else:
            what = f"{PORT} is a port that the image's own command does not know"
            report(keys, what, "write the port that it listens on, or give a command")
    elif PORT in command and PORT not in url:
        report(keys, f"command listens on {PORT}, which is not asked", "use it here as well")
