"""Saying something in a room."""

from backend.app.database.messages import Message, MessageStorage
from backend.app.database.rooms import RoomStore
from backend.app.database.session_manager import SessionManager


class UnknownRoomError(LookupError):
    """There is no room of that name."""


def post(sessions: SessionManager, room: str, author: str, text: str) -> Message:
    """Keep what `author` said.

    Raises:
        UnknownRoomError: the room is not there.
    """
    with sessions.session() as session:
        if RoomStore(session).get(room) is None:
            raise UnknownRoomError(room)
        return MessageStorage(session).add(room, author, text)
