"""Forgetting the sessions that are over."""

from auth_service.auth_core.core.session_manager import SessionManager


def expire(manager: SessionManager) -> int:
    """How many sessions were over."""
    return manager.expire()
