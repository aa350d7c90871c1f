"""Signing in and out."""

from fastapi import APIRouter, HTTPException, status

from backend.app.auth.models import CurrentUser
from backend.app.auth_integration.auth import Auth, BearerToken, CurrentIdentity
from shared.models import Credentials, Token

router = APIRouter(tags=["auth"])


@router.post("/login")
async def login(credentials: Credentials, auth: Auth) -> Token:
    token = await auth.login(credentials)
    if token is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "wrong name or password")
    return token


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(token: BearerToken, auth: Auth) -> None:
    await auth.logout(token)


@router.get("/me")
def me(who: CurrentIdentity) -> CurrentUser:
    return CurrentUser.of(who)
