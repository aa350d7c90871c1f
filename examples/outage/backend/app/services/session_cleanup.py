"""Signing everyone out."""

from auth_service.auth_core.core.session_manager import SessionManager


def expire_all(manager: SessionManager) -> int:
    """How many sessions were over."""
    return manager.expire()
