"""Both services, and people who sign in to them."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from auth_service.core.app_factory import create_app as create_auth
from auth_service.core.settings import Settings as AuthSettings
from backend.app.core.app_factory import create_app as create_backend
from backend.app.core.settings import Settings as BackendSettings
from shared.models import Credentials

with warnings.catch_warnings():
    # Starlette would rather have httpx2 for its client; httpx serves as well.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

SignIn = Callable[..., dict[str, str]]


@pytest.fixture
def auth_app(tmp_path: Path) -> FastAPI:
    return create_auth(AuthSettings(secret="test", database=str(tmp_path / "auth.sqlite3")))


@pytest.fixture
def auth(auth_app: FastAPI) -> Iterator[TestClient]:
    with TestClient(auth_app) as client:
        yield client


@pytest.fixture
def backend(auth: TestClient, auth_app: FastAPI, tmp_path: Path) -> Iterator[TestClient]:
    """The backend, with the real auth service on the other end of its HTTP client."""
    settings = BackendSettings(
        auth_url="http://auth.test", database=str(tmp_path / "backend.sqlite3")
    )
    app = create_backend(settings, auth_transport=httpx.ASGITransport(auth_app))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def backend_alone(tmp_path: Path) -> Iterator[TestClient]:
    """The backend while the auth service is down."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    settings = BackendSettings(
        auth_url="http://auth.test", database=str(tmp_path / "backend.sqlite3")
    )
    app = create_backend(settings, auth_transport=httpx.MockTransport(refuse))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def sign_in(auth: TestClient, auth_app: FastAPI) -> SignIn:
    """Registers a person and returns the headers that identify them."""

    def sign_in(name: str, *, roles: tuple[str, ...] = ("member",)) -> dict[str, str]:
        credentials = Credentials(name=name, password="correct horse")
        auth_app.state.users.add(credentials, roles)
        token = auth.post("/login", json=credentials.model_dump()).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    return sign_in
