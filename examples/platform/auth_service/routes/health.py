"""Whether the service is up."""

from fastapi import APIRouter

from shared.models import Health

router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> Health:
    return Health(service="auth", status="ok")
