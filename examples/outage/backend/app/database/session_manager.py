"""Sessions of work on the database. Not the sessions of people: those are auth's."""

import sqlite3
from contextlib import AbstractContextManager

from backend.app.database.schema import TABLES
from shared.sqlite import transaction


class SessionManager:
    """Opens sessions on one database file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def create_tables(self) -> None:
        with self.session() as session:
            session.executescript(TABLES)

    def session(self) -> AbstractContextManager[sqlite3.Connection]:
        """A session whose changes are kept when the block ends well, else undone."""
        return transaction(self._path)
