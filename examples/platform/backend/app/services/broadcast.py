"""Messages on their way to everyone who listens to a room."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from backend.app.database.messages import Message


class Broadcaster:
    """Hands each message to the listeners of its room. Lives on the event loop."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[asyncio.Queue[Message]]] = defaultdict(set)

    @contextmanager
    def subscribe(self, room: str) -> Iterator[asyncio.Queue[Message]]:
        messages: asyncio.Queue[Message] = asyncio.Queue()
        self._listeners[room].add(messages)
        try:
            yield messages
        finally:
            self._listeners[room].discard(messages)

    def publish(self, message: Message) -> None:
        for messages in self._listeners[message.room]:
            messages.put_nowait(message)
