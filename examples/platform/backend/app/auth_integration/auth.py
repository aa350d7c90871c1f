"""The auth service, over HTTP. No other module knows that it exists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import Depends, HTTPException, status
from fastapi.requests import HTTPConnection
from fastapi.security.utils import get_authorization_scheme_param

from shared.models import Credentials, Identity, Token


class AuthUnavailableError(RuntimeError):
    """The auth service does not answer, or not as agreed."""


class AuthClient:
    """Asks the auth service."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, url: str, *, timeout: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> AsyncIterator["AuthClient"]:
        async with httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport) as http:
            yield cls(http)

    async def login(self, credentials: Credentials) -> Token | None:
        """A token for `credentials`, or None when they are wrong."""
        response = await self._ask("POST", "/login", json=credentials.model_dump())
        return None if response is None else Token.model_validate(response.json())

    async def identity(self, token: str) -> Identity | None:
        """Who `token` stands for, or None when it is not valid."""
        response = await self._ask("GET", "/identity", token=token)
        return None if response is None else Identity.model_validate(response.json())

    async def logout(self, token: str) -> None:
        await self._ask("POST", "/logout", token=token)

    async def is_up(self) -> bool:
        try:
            return await self._ask("GET", "/health") is not None
        except AuthUnavailableError:
            return False

    async def _ask(
        self, method: str, path: str, *, token: str = "", json: object = None
    ) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            response = await self._http.request(method, path, headers=headers, json=json)
        except httpx.TransportError:
            raise AuthUnavailableError("the auth service does not answer") from None
        if response.status_code == status.HTTP_401_UNAUTHORIZED:
            return None
        if response.is_error:
            raise AuthUnavailableError(f"the auth service answered {response.status_code}")
        return response


def auth_client(connection: HTTPConnection) -> AuthClient:
    client: AuthClient = connection.app.state.auth
    return client


Auth = Annotated[AuthClient, Depends(auth_client)]


def bearer_token(connection: HTTPConnection) -> str:
    scheme, token = get_authorization_scheme_param(connection.headers.get("Authorization"))
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "sign in first")
    return token


BearerToken = Annotated[str, Depends(bearer_token)]


async def current_identity(token: BearerToken, auth: Auth) -> Identity:
    identity = await auth.identity(token)
    if identity is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "sign in again")
    return identity


CurrentIdentity = Annotated[Identity, Depends(current_identity)]
