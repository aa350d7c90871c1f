"""Builds the application from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from auth_service.auth_core.database.users import UserStore
from auth_service.core.session_manager import SessionManager
from auth_service.core.settings import Settings
from auth_service.routes import accounts, health
from shared.logs import service_logger


def create_app(settings: Settings) -> FastAPI:
    """The application; nothing is opened or written before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        logger = service_logger("auth", settings.log_level)
        app.state.users.create_tables()
        logger.info("started")
        yield
        logger.info("stopped")

    app = FastAPI(title="auth", lifespan=lifespan)
    app.state.users = UserStore(settings.database)
    app.state.sessions = SessionManager(settings.secret, settings.session_seconds)
    app.include_router(accounts.router)
    app.include_router(health.router)
    return app
