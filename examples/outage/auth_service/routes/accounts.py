"""Accounts and their sessions."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from auth_service.auth_core.database.users import NameTakenError, UserStore
from auth_service.core.session_manager import SessionManager
from shared.models import Credentials, Identity, Token

router = APIRouter(tags=["accounts"])


def users(request: Request) -> UserStore:
    store: UserStore = request.app.state.users
    return store


def sessions(request: Request) -> SessionManager:
    manager: SessionManager = request.app.state.sessions
    return manager


Users = Annotated[UserStore, Depends(users)]
Sessions = Annotated[SessionManager, Depends(sessions)]
Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


@router.post("/users", status_code=status.HTTP_201_CREATED)
def register(credentials: Credentials, store: Users) -> Identity:
    try:
        return store.add(credentials).identity
    except NameTakenError:
        raise HTTPException(status.HTTP_409_CONFLICT, "that name is taken") from None


@router.post("/login")
def login(credentials: Credentials, store: Users, manager: Sessions) -> Token:
    user = store.authenticate(credentials)
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "wrong name or password")
    return manager.open(user)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
def logout(bearer: Bearer, manager: Sessions) -> None:
    manager.close(bearer.credentials)


@router.get("/identity")
def identity(bearer: Bearer, manager: Sessions) -> Identity:
    found = manager.identity(bearer.credentials)
    if found is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "no such session")
    return found


@router.post("/sessions/expire")
def expire_sessions(manager: Sessions) -> int:
    from auth_service.jobs.expire_sessions import expire

    return expire(manager)
