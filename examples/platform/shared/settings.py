"""Reading settings from environment variables."""

from collections.abc import Mapping


class SettingsError(RuntimeError):
    """The environment lacks a variable or holds one that cannot be used."""


def required(env: Mapping[str, str], name: str) -> str:
    """The variable `name`, which must be set."""
    value = env.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def positive(env: Mapping[str, str], name: str, default: float) -> float:
    """The variable `name` as a number above zero."""
    text = env.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{name} is not a number: {text!r}") from None
    if not value > 0:
        raise SettingsError(f"{name} is not above zero: {text!r}")
    return value
