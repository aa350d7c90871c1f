"""What the database holds."""

from dataclasses import dataclass

from shared.models import Identity


@dataclass(frozen=True, kw_only=True)
class AuthUser:
    """An account. Its password hash never leaves this service."""

    id: int
    name: str
    password_hash: str
    roles: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """What others may know of the account."""
        return Identity(user_id=self.id, name=self.name, roles=self.roles)
