"""Builds the application from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse

from backend.app.auth_integration.auth import AuthClient, AuthUnavailableError
from backend.app.core.settings import Settings
from backend.app.database.session_manager import SessionManager
from backend.app.routes import auth, health, messages, rooms, stream
from backend.app.services.broadcast import Broadcaster
from shared.logs import service_logger


def create_app(
    settings: Settings, *, auth_transport: httpx.AsyncBaseTransport | None = None
) -> FastAPI:
    """The application; nothing is opened or written before it starts.

    `auth_transport` replaces the network between this service and auth.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        logger = service_logger("backend", settings.log_level)
        app.state.sessions.create_tables()
        async with AuthClient.connect(
            settings.auth_url, timeout=settings.auth_timeout, transport=auth_transport
        ) as client:
            app.state.auth = client
            logger.info("started")
            yield
        logger.info("stopped")

    app = FastAPI(title="backend", lifespan=lifespan)
    app.state.sessions = SessionManager(settings.database)
    app.state.broadcaster = Broadcaster()
    app.add_exception_handler(AuthUnavailableError, _auth_unavailable)
    for module in (auth, health, messages, rooms, stream):
        app.include_router(module.router)
    return app


def _auth_unavailable(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status.HTTP_503_SERVICE_UNAVAILABLE)
