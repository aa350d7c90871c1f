"""The signed-in person as the API shows them."""

from pydantic import BaseModel

from auth_service.auth_core.database.models import AuthUser
from shared.models import Identity


class CurrentUser(BaseModel):
    """The answer to "who am I"."""

    name: str
    is_admin: bool

    @classmethod
    def of(cls, person: AuthUser | Identity) -> "CurrentUser":
        return cls(name=person.name, is_admin="admin" in person.roles)
