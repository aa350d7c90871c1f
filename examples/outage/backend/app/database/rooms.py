"""Rooms in the database."""

import sqlite3

from pydantic import BaseModel


class RoomExistsError(ValueError):
    """A room of that name is there already."""


class Room(BaseModel):
    """A place to talk."""

    name: str
    owner: str


class RoomStore:
    """The rooms, within one session."""

    def __init__(self, session: sqlite3.Connection) -> None:
        self._session = session

    def add(self, room: Room) -> None:
        """Keep a new room.

        Raises:
            RoomExistsError: the name is in use.
        """
        insert = "INSERT INTO rooms (name, owner) VALUES (?, ?)"
        try:
            self._session.execute(insert, (room.name, room.owner))
        except sqlite3.IntegrityError:
            raise RoomExistsError(room.name) from None

    def get(self, name: str) -> Room | None:
        query = "SELECT name, owner FROM rooms WHERE name = ?"
        row = self._session.execute(query, (name,)).fetchone()
        return None if row is None else Room(**row)

    def all(self) -> list[Room]:
        rows = self._session.execute("SELECT name, owner FROM rooms ORDER BY name")
        return [Room(**row) for row in rows]

    def remove(self, name: str) -> None:
        self._session.execute("DELETE FROM rooms WHERE name = ?", (name,))
