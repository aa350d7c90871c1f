"""The service's settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from auth_service.auth_core.core.session_manager import SESSION_SECONDS
from shared.settings import positive, required


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator decides."""

    secret: str
    database: str = "auth.sqlite3"
    session_seconds: float = SESSION_SECONDS
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        return cls(
            secret=required(env, "AUTH_SECRET"),
            database=env.get("AUTH_DATABASE", cls.database),
            session_seconds=positive(env, "AUTH_SESSION_SECONDS", cls.session_seconds),
            log_level=env.get("LOG_LEVEL", cls.log_level),
        )
