"""What travels between the services."""

from pydantic import BaseModel, ConfigDict, Field


class Credentials(BaseModel):
    """What a person signs in with."""

    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=8, max_length=256)


class Token(BaseModel):
    """Proof of a session, for the Authorization header."""

    access_token: str
    expires_in: int


class Identity(BaseModel):
    """Who is asking."""

    model_config = ConfigDict(frozen=True)

    user_id: int
    name: str
    roles: tuple[str, ...] = ()


class Health(BaseModel):
    """A service's word on itself."""

    service: str
    status: str
