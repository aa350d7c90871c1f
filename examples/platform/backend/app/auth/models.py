"""The signed-in person as the API shows them."""

from pydantic import BaseModel

from shared.models import Identity


class CurrentUser(BaseModel):
    """The answer to "who am I"."""

    name: str
    is_admin: bool

    @classmethod
    def of(cls, identity: Identity) -> "CurrentUser":
        return cls(name=identity.name, is_admin="admin" in identity.roles)
