"""Whether the service is up, and whether it can work."""

from fastapi import APIRouter, Response, status

from backend.app.auth_integration.auth import Auth
from shared.models import Health

router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> Health:
    return Health(service="backend", status="ok")


@router.get("/ready")
async def ready(auth: Auth, response: Response) -> Health:
    if await auth.is_up():
        return Health(service="backend", status="ok")
    response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Health(service="backend", status="auth is down")
