"""SQLite as both services use it: a connection for each transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager


@contextmanager
def transaction(path: str) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept when the block ends well, else undone."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        with connection:
            yield connection
