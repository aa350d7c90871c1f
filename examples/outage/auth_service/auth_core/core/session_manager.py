"""What sessions agree on. The class that manages them is in auth_service.core.session_manager."""

SESSION_SECONDS = 3600.0


class SessionError(RuntimeError):
    """A session cannot be opened or closed."""
