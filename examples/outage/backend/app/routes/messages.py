"""What is said in rooms."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, status
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from backend.app.auth_integration.auth import CurrentIdentity
from backend.app.core.dependencies import Broadcast, Sessions
from backend.app.database.messages import Message, MessageStorage
from backend.app.database.rooms import RoomStore
from backend.app.services.posting import UnknownRoomError, post

router = APIRouter(prefix="/rooms/{room}", tags=["messages"])


class NewMessage(BaseModel):
    """What someone wants to say."""

    text: str = Field(min_length=1, max_length=2000)


@router.get("/messages")
def latest(
    room: str,
    who: CurrentIdentity,
    sessions: Sessions,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[Message]:
    with sessions.session() as session:
        if RoomStore(session).get(room) is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such room")
        return MessageStorage(session).latest(room, limit)


@router.post("/messages", status_code=status.HTTP_201_CREATED)
async def say(
    room: str, new: NewMessage, who: CurrentIdentity, sessions: Sessions, broadcast: Broadcast
) -> Message:
    try:
        message = await run_in_threadpool(post, sessions, room, who.name, new.text)
    except UnknownRoomError:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such room") from None
    broadcast.publish(message)
    return message


@router.get("/digest")
def digest(room: str, who: CurrentIdentity, sessions: Sessions) -> dict[str, object]:
    from backend.app.services.digest import digest_of

    with sessions.session() as session:
        return digest_of(MessageStorage(session), room).model_dump()
