"""A record of who did what."""

from auth_service.core.tokens import sign
from shared.logs import service_logger


def record(actor: str, action: str, subject: str) -> None:
    """Log an action with a seal that shows later changes."""
    seal = sign({"actor": actor, "action": action, "subject": subject}, "audit")
    service_logger("backend").info("%s %s %s [%s]", actor, action, subject, seal[-12:])
