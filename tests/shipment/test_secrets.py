from __future__ import annotations

import json
import re

import pytest
from pydantic import BaseModel, ValidationError

from pytest_importcontract.shipment.secrets import Secrets

RANDOM = "q7Zp3xV9kLm2Rt8WyB4nC6"


def of(*modules: str, **env: str) -> Secrets:
    return Secrets(env, lambda word: word in modules)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", "swordfish"),
        ("dbPassword", "hunter2"),
        ("PGPASSWORD", "hunter2"),
        ("STRIPE_SECRET_1", "s3cr"),
        ("PIN_OTP", "493817"),
        ("SENTRY_DSN", "https://f00d@o1.ingest.example/42"),
        ("SLACK_WEBHOOK_URL", "https://hooks.example/services/T0/B0/x"),
        ("SECRET_KEY", "two words, and a ünicode 'quote'"),
        ("SIGNING_KEY", "ab+cd/ef=="),
        ("BROKER", f"amqp://{RANDOM}"),
        ("REVISION", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
        ("ANYTHING", RANDOM),
        ("DATABASE_URL", "postgres://app:pa55word@db:5432/app"),
        ("CONNECTION", "host=db password=pa55word dbname=app"),
    ],
)
def test_what_names_or_looks_give_away_is_masked_in_every_form(name: str, value: str) -> None:
    hide = of(**{name: value}).hide
    whole = "***" if name != "BROKER" else "amqp://***"
    assert hide(f"cannot use {value}: no") == f"cannot use {whole}: no"
    assert hide(f"cannot use {value!r}") == f"cannot use {repr(value)[0]}{whole}{repr(value)[-1]}"
    assert hide(json.dumps({"x": value})) == json.dumps({"x": whole})
    if "pa55word" in value:
        assert hide("refused: pa55word") == "refused: ***"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "1"),
        ("SECRET_KEY", "changeme"),
        ("AUTH_TOKEN_ENABLED", "enforced"),
        ("DB_PASSWORD", "5432"),
        ("ENVIRONMENT", "development"),
        ("KEY_FILE", "keys/private-2024"),
        ("PRIVATE_KEY", "/run/secrets/private_key"),
        ("AUTH_URL", "http://auth:8000/login"),
        ("JWT_KEY", "https://issuer.example/keys"),
        ("AUTH_KEYS", "backend.auth.keys"),
        ("DB_PASSWORD", "backend"),
        ("REDIS_URL", "redis://redis:6379/0"),
        ("HOST", "db-prod-1.eu-west-1.rds.example.com"),
        ("IMAGE", "my-service-production-2024-01"),
        ("PATH", "/app/.venv/bin:/usr/local/lib/python3"),
        ("FEATURES", "ThisIsALongNameOfNothing"),
    ],
)
def test_what_hides_nothing_stays(name: str, value: str) -> None:
    text = f"No module named 'backend.development' ({value}), line 5432 of 1"
    assert of("backend", **{name: value}).hide(text) == text


def test_a_short_secret_is_no_part_of_a_word() -> None:
    hide = of(TOKEN_A="cart", TOKEN_B="shopping-basket").hide
    assert hide("cart, carton, de_cart and xshopping-basketx") == "***, carton, de_cart and x***x"


def test_a_password_in_any_address_is_masked_whoever_set_it() -> None:
    text = "redis://:s3@cache, http://me:you@host/a:b@c, http://host:80/@x, 12:30@noon"
    shown = "redis://:***@cache, http://me:***@host/a:b@c, http://host:80/@x, 12:30@noon"
    assert of().hide(text) == shown
    assert of(A=f"x://u:{RANDOM}%2F@h").hide(f"password {RANDOM}/ of u") == "password *** of u"


def test_each_line_of_a_key_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSj\n-----END KEY-----"
    shown = of(PRIVATE_KEY=key).hide("line 2: MIIEvQIBADANBgkqhkiG9w0B is no base64")
    assert shown == "line 2: *** is no base64"


def test_what_is_left_of_a_secret_where_a_text_was_cut_is_masked() -> None:
    class Settings(BaseModel):
        first: int
        second: int

    hide = of(A_KEY="correct-horse-battery-staple", B_KEY="purple-monkey-dishwasher").hide
    given = {"x": "correct-horse-battery-staple", "y": "purple-monkey-dishwasher"}
    with pytest.raises(ValidationError) as raised:
        Settings.model_validate(given)
    assert "monkey-dishwasher'}" in str(raised.value)
    left = re.findall(r"input_value=\{(.*)\}, input_type=dict", hide(str(raised.value)))
    assert {re.sub(r"[ *.',:]", "", found) for found in left} == {"x"}
    assert hide("'correct-horse-b...rple...le-monkey-dishwasher'") == "'***...***...***'"
    text = "… 12 bytes left out …\nstaple! But purple-mon … [99 characters] … dishwasher, "
    assert hide(f"correct-h\n{text}purple-mo") == (
        "***\n… 12 bytes left out …\n***! But *** … [99 characters] … ***, ***"
    )
    assert hide("loading… a staple is not apple... and so on") == (
        "loading… a staple is not apple... and so on"
    )
