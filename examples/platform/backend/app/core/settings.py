"""The service's settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.settings import positive, required


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator decides."""

    auth_url: str
    auth_timeout: float = 5.0
    database: str = "backend.sqlite3"
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        return cls(
            auth_url=required(env, "AUTH_SERVICE_URL"),
            auth_timeout=positive(env, "AUTH_TIMEOUT", cls.auth_timeout),
            database=env.get("BACKEND_DATABASE", cls.database),
            log_level=env.get("LOG_LEVEL", cls.log_level),
        )
