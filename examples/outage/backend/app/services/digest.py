"""A room at a glance."""

from pydantic import BaseModel

from backend.app.database.messages import MessageStore


class Digest(BaseModel):
    """Who spoke lately, and what was said last."""

    authors: list[str]
    last: str


def digest_of(messages: MessageStore, room: str) -> Digest:
    latest = messages.latest(room, limit=100)
    return Digest(
        authors=sorted({message.author for message in latest}),
        last=latest[-1].text if latest else "",
    )
