"""The rooms."""

from fastapi import APIRouter, HTTPException, status
from pydantic import BaseModel, Field

from backend.app.auth_integration.auth import CurrentIdentity
from backend.app.core.dependencies import Sessions
from backend.app.database.rooms import Room, RoomExistsError, RoomStore
from backend.app.services.audit import record

router = APIRouter(prefix="/rooms", tags=["rooms"])


class NewRoom(BaseModel):
    """What a new room needs."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$")


@router.get("")
def all_rooms(who: CurrentIdentity, sessions: Sessions) -> list[Room]:
    with sessions.session() as session:
        return RoomStore(session).all()


@router.post("", status_code=status.HTTP_201_CREATED)
def add(new: NewRoom, who: CurrentIdentity, sessions: Sessions) -> Room:
    room = Room(name=new.name, owner=who.name)
    try:
        with sessions.session() as session:
            RoomStore(session).add(room)
    except RoomExistsError:
        raise HTTPException(status.HTTP_409_CONFLICT, "that room exists") from None
    return room


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove(name: str, who: CurrentIdentity, sessions: Sessions) -> None:
    with sessions.session() as session:
        rooms = RoomStore(session)
        room = rooms.get(name)
        if room is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such room")
        if room.owner != who.name and "admin" not in who.roles:
            raise HTTPException(status.HTTP_403_FORBIDDEN, "only its owner may remove a room")
        rooms.remove(name)
    record(who.name, "removed", name)
