"""Messages in the database."""

import sqlite3
import time

from pydantic import BaseModel


class Message(BaseModel):
    """What someone said in a room."""

    room: str
    author: str
    text: str
    sent_at: float


class MessageStore:
    """The messages, within one session."""

    def __init__(self, session: sqlite3.Connection) -> None:
        self._session = session

    def add(self, room: str, author: str, text: str) -> Message:
        message = Message(room=room, author=author, text=text, sent_at=time.time())
        insert = "INSERT INTO messages (room, author, text, sent_at) VALUES (?, ?, ?, ?)"
        self._session.execute(insert, (room, author, text, message.sent_at))
        return message

    def latest(self, room: str, limit: int) -> list[Message]:
        """The last messages of a room, oldest first."""
        query = (
            "SELECT room, author, text, sent_at FROM messages"
            " WHERE room = ? ORDER BY id DESC LIMIT ?"
        )
        rows = self._session.execute(query, (room, limit)).fetchall()
        return [Message(**row) for row in reversed(rows)]
