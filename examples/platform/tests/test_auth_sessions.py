"""Tokens, passwords and sessions of the auth service."""

import pytest

from auth_service.core.passwords import hash_password, verify_password
from auth_service.core.session_manager import SessionManager
from auth_service.core.tokens import TokenError, claims_of, sign
from auth_service.database.models import AuthUser

ADA = AuthUser(id=1, name="ada", password_hash="", roles=("member",))


def test_a_token_carries_its_claims():
    assert claims_of(sign({"a": 1}, "secret"), "secret") == {"a": 1}


@pytest.mark.parametrize("token", ["", "a.b", "é.é", sign({"a": 1}, "another secret")])
def test_a_token_of_another_signer_is_refused(token):
    with pytest.raises(TokenError):
        claims_of(token, "secret")


def test_a_password_is_recognised_by_its_hash():
    stored = hash_password("correct horse")
    assert verify_password("correct horse", stored)
    assert not verify_password("battery staple", stored)


def test_a_session_ends_with_its_time():
    now = 0.0
    manager = SessionManager("secret", 60.0, clock=lambda: now)
    token = manager.open(ADA).access_token
    assert manager.identity(token) == ADA.identity
    now = 60.0
    assert manager.identity(token) is None
    assert manager.expire() == 1
