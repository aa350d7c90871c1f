"""Passwords are kept as salted scrypt hashes."""

import hashlib
import hmac
import secrets


def hash_password(password: str) -> str:
    """A salted hash to store."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_digest(password, salt)}"


def verify_password(password: str, stored: str) -> bool:
    """Whether `password` is the one behind the `stored` hash."""
    salt, _, digest = stored.partition("$")
    return hmac.compare_digest(_digest(password, bytes.fromhex(salt)), digest)


def _digest(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**13, r=8, p=1).hex()
