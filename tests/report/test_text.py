"""The layout of a failure at several widths."""

# ruff: noqa: E501 (what is printed is compared whole)

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_importcontract.diagnosis.model import Cause, Diagnosis, Hop
from pytest_importcontract.report.text import (
    located,
    plain,
    render,
    render_known,
    render_short,
    safe,
    safe_line,
)

BASE = Path("/r")
OUTAGE = Diagnosis(
    service="backend",
    check="startup",
    subject="backend.main:app",
    headline="backend cannot start",
    setting="with what ships (contracts.toml:8)",
    error="ModuleNotFoundError: No module named 'auth_service'",
    led_to=("raised as RuntimeError: no routes",),
    hops=(
        Hop(file="/r/backend/main.py", line=41, text="imports backend.core.app_factory"),
        Hop(text="… 12 steps in django …"),
        Hop(
            file="/r/backend/auth/models.py",
            line=22,
            text="from auth_service.auth_core.database.models import AuthUser",
        ),
    ),
    cause=Cause(
        key=("does not ship", "auth_service"),
        text="auth_service/ is in this repository but ships.files (contracts.toml:8) does not "
        "bring it into the image",
    ),
    rules=('integration "auth": auth_service is reached only through backend.auth.door',),
    fixes=(
        "import it through backend.auth.door",
        'or ship it: add "auth_service/**" to ships.files',
    ),
    related=(Hop(file="/r/other.py", line=3, text="defines AuthUser"),),
    notes=("one more thing",),
)


def test_at_80_columns() -> None:
    assert (
        plain(render(OUTAGE, 80, BASE))
        == """\
backend cannot start with what ships (contracts.toml:8)

  ModuleNotFoundError: No module named 'auth_service'
  raised as RuntimeError: no routes

  backend/main.py:41          imports backend.core.app_factory
  … 12 steps in django …
  backend/auth/models.py:22
      from auth_service.auth_core.database.models import AuthUser

  cause  auth_service/ is in this repository but ships.files (contracts.toml:8)
         does not bring it into the image
  rule   integration "auth": auth_service is reached only through
         backend.auth.door
  fix    import it through backend.auth.door
         or ship it: add "auth_service/**" to ships.files
  see    other.py:3 defines AuthUser
  note   one more thing"""
    )


def test_at_160_columns() -> None:
    assert (
        plain(render(OUTAGE, 160, BASE))
        == """\
backend cannot start with what ships (contracts.toml:8)

  ModuleNotFoundError: No module named 'auth_service'
  raised as RuntimeError: no routes

  backend/main.py:41          imports backend.core.app_factory
  … 12 steps in django …
  backend/auth/models.py:22   from auth_service.auth_core.database.models import AuthUser

  cause  auth_service/ is in this repository but ships.files (contracts.toml:8) does not bring it into the image
  rule   integration "auth": auth_service is reached only through backend.auth.door
  fix    import it through backend.auth.door
         or ship it: add "auth_service/**" to ships.files
  see    other.py:3 defines AuthUser
  note   one more thing"""
    )


def test_at_40_columns_no_word_is_lost() -> None:
    text = plain(render(OUTAGE, 40, BASE))
    assert text.split() == plain(render(OUTAGE, 160, BASE)).split()


@pytest.mark.parametrize("width", [1, 10, 20])
def test_a_terminal_without_room_is_no_reason_to_fail(width: int) -> None:
    assert "auth_service" in plain(render(OUTAGE, width, BASE))


def test_the_short_form() -> None:
    assert (
        plain(render_short(OUTAGE, 80, BASE))
        == """\
backend cannot start with what ships (contracts.toml:8)
  ModuleNotFoundError: No module named 'auth_service'
  raised as RuntimeError: no routes
  backend/auth/models.py:22
      from auth_service.auth_core.database.models import AuthUser
  cause  auth_service/ is in this repository but ships.files (contracts.toml:8)
         does not bring it into the image
  fix    import it through backend.auth.door"""
    )


def test_a_known_cause_is_one_line() -> None:
    assert plain(render_known(OUTAGE, "contracts.toml::backend::startup[x]")) == (
        "backend cannot start: ModuleNotFoundError: No module named 'auth_service'; its cause is "
        "shown at contracts.toml::backend::startup[x]"
    )


def test_places_are_relative_where_that_is_shorter() -> None:
    assert located(Hop(file="/r/a/b.py", line=3, text=""), Path("/r/a")) == "b.py:3"
    assert located(Hop(file="/usr/lib/x.py", text=""), Path("/r/a/b/c/d/e/f")) == "/usr/lib/x.py"
    assert located(Hop(text="no place"), BASE) == ""


def test_places_far_apart_do_not_push_each_other_away() -> None:
    long = f"/r/{'very_long_folder/' * 5}module.py"
    hops = (Hop(file="/r/a.py", line=1, text="imports b"), Hop(file=long, line=2, text="imports c"))
    diagnosis = Diagnosis(
        service="s",
        check="import",
        subject="a",
        headline="h",
        hops=hops,
        cause=Cause(key=(), text="c"),
    )
    assert (
        plain(render(diagnosis, 80, BASE))
        == f"""\
h

  a.py:1   imports b
  {long.removeprefix("/r/")}:2
      imports c

  cause  c"""
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\x00", "a\\rb\\x00"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202eevil\u2028", "\\u202eevil\\u2028"),
        ("\ud800", "\\ud800"),
        ("a\u200bb\u2060\ufeff\U000e0041", "a\\u200bb\\u2060\\ufeff\\U000e0041"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("naïve → 漢字", "naïve → 漢字"),
    ],
)
def test_no_text_can_steer_a_terminal(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_a_name_stays_on_its_line() -> None:
    assert safe_line("a\n\tb\r\x1bc.py") == "a\\n\\tb\\r\\x1bc.py"
    place = Hop(file="/r/a\n  cause  forged.py", line=1, text="imports b\n  fix    forged")
    diagnosis = Diagnosis(
        service="s",
        check="import",
        subject="a",
        headline="h\nPASSED",
        error="E: first\nsecond",
        hops=(place,),
        cause=Cause(key=(), text="c\n  fix    forged"),
    )
    assert (
        plain(render(diagnosis, 160, BASE))
        == """\
h\\nPASSED

  E: first
  second

  a\\n  cause  forged.py:1   imports b\\n  fix    forged

  cause  c\\n  fix    forged"""
    )
