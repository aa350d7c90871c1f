"""Sessions of signed-in people."""

import secrets
import time
from collections.abc import Callable

from auth_service.auth_core.database.models import AuthUser
from auth_service.core.tokens import TokenError, claims_of, sign
from shared.models import Identity, Token


class SessionManager:
    """Opens, recognises and closes sessions; a token is good while its session is open."""

    def __init__(
        self, secret: str, lifetime: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._clock = clock
        self._ends: dict[str, float] = {}

    def open(self, user: AuthUser) -> Token:
        """A new session for `user`."""
        session = secrets.token_urlsafe(16)
        self._ends[session] = self._clock() + self._lifetime
        claims = {"session": session, "identity": user.identity.model_dump()}
        return Token(access_token=sign(claims, self._secret), expires_in=int(self._lifetime))

    def identity(self, token: str) -> Identity | None:
        """Who `token` stands for, or None when its session is not open."""
        try:
            claims = claims_of(token, self._secret)
        except TokenError:
            return None
        if self._ends.get(claims["session"], 0.0) <= self._clock():
            return None
        return Identity.model_validate(claims["identity"])

    def close(self, token: str) -> None:
        """End the session of `token`, if it is open."""
        try:
            claims = claims_of(token, self._secret)
        except TokenError:
            return
        self._ends.pop(claims["session"], None)

    def expire(self) -> int:
        """Forget the sessions that are over; how many they were."""
        now = self._clock()
        over = [session for session, end in self._ends.items() if end <= now]
        for session in over:
            del self._ends[session]
        return len(over)
