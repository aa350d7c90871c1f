"""A room live, over WebSocket."""

import asyncio

from fastapi import APIRouter, WebSocket, status
from fastapi.concurrency import run_in_threadpool

from backend.app.auth_integration.auth import Auth, AuthUnavailableError
from backend.app.core.dependencies import Broadcast, Sessions
from backend.app.database.messages import Message
from backend.app.services.posting import UnknownRoomError, post

router = APIRouter()


@router.websocket("/rooms/{room}/stream")
async def stream(
    websocket: WebSocket,
    room: str,
    auth: Auth,
    sessions: Sessions,
    broadcast: Broadcast,
    token: str = "",
) -> None:
    try:
        who = await auth.identity(token) if token else None
    except AuthUnavailableError as error:
        await websocket.close(status.WS_1013_TRY_AGAIN_LATER, str(error))
        return
    if who is None:
        await websocket.close(status.WS_1008_POLICY_VIOLATION, "sign in first")
        return
    with broadcast.subscribe(room) as messages:
        await websocket.accept()
        sending = asyncio.create_task(_send(websocket, messages))
        try:
            async for text in websocket.iter_text():
                message = await run_in_threadpool(post, sessions, room, who.name, text)
                broadcast.publish(message)
        except UnknownRoomError:
            await websocket.close(status.WS_1008_POLICY_VIOLATION, "no such room")
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _send(websocket: WebSocket, messages: asyncio.Queue[Message]) -> None:
    while True:
        message = await messages.get()
        await websocket.send_text(message.model_dump_json())
