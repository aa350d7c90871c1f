"""Advice on passwords, where it is to be had."""

try:
    from auth_service.core.passwords import is_common
except ImportError:
    is_common = None


def advice(password: str) -> str:
    """What to tell someone who chose `password`; empty when it is fine."""
    if is_common is not None and is_common(password):
        return "many people use this password"
    return ""
