"""What routes ask for by type."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from backend.app.database.session_manager import SessionManager
from backend.app.services.broadcast import Broadcaster


def sessions(connection: HTTPConnection) -> SessionManager:
    manager: SessionManager = connection.app.state.sessions
    return manager


def broadcaster(connection: HTTPConnection) -> Broadcaster:
    found: Broadcaster = connection.app.state.broadcaster
    return found


Sessions = Annotated[SessionManager, Depends(sessions)]
Broadcast = Annotated[Broadcaster, Depends(broadcaster)]
