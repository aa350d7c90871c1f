"""Accounts in SQLite."""

import sqlite3

from auth_service.core.passwords import hash_password, verify_password
from auth_service.database.models import AuthUser
from shared.models import Credentials
from shared.sqlite import transaction

_TABLES = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    roles TEXT NOT NULL
)
"""


class NameTakenError(ValueError):
    """Another account has that name."""


class UserStore:
    """The accounts of one database file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def create_tables(self) -> None:
        with transaction(self._path) as connection:
            connection.execute(_TABLES)

    def add(self, credentials: Credentials, roles: tuple[str, ...] = ("member",)) -> AuthUser:
        """A new account.

        Raises:
            NameTakenError: the name is in use.
        """
        password_hash = hash_password(credentials.password)
        row = (credentials.name, password_hash, " ".join(roles))
        try:
            with transaction(self._path) as connection:
                insert = "INSERT INTO users (name, password_hash, roles) VALUES (?, ?, ?)"
                user_id = connection.execute(insert, row).lastrowid
        except sqlite3.IntegrityError:
            raise NameTakenError(credentials.name) from None
        return AuthUser(
            id=user_id or 0, name=credentials.name, password_hash=password_hash, roles=roles
        )

    def authenticate(self, credentials: Credentials) -> AuthUser | None:
        """The account that `credentials` open, if any."""
        with transaction(self._path) as connection:
            query = "SELECT * FROM users WHERE name = ?"
            row = connection.execute(query, (credentials.name,)).fetchone()
        if row is None or not verify_password(credentials.password, row["password_hash"]):
            return None
        return AuthUser(
            id=row["id"],
            name=row["name"],
            password_hash=row["password_hash"],
            roles=tuple(row["roles"].split()),
        )
