"""What only an admin may do."""

from fastapi import APIRouter, HTTPException, status

from backend.app.auth_integration.auth import CurrentIdentity
from backend.app.core.dependencies import Sessions
from backend.app.services.presence import SessionManager

router = APIRouter(prefix="/admin", tags=["admin"])
connected = SessionManager()


@router.post("/sessions/expire")
def expire_sessions(who: CurrentIdentity, sessions: Sessions) -> int:
    if "admin" not in who.roles:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "only an admin may do that")
    from backend.app.services.session_cleanup import expire_all

    return expire_all(sessions)


@router.get("/sessions")
def people(who: CurrentIdentity) -> list[str]:
    """The names of those who are connected."""
    return connected.names()
