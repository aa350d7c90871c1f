"""Settings come from the environment, or the service does not start."""

import json
import logging

import pytest

from auth_service.core.settings import Settings as AuthSettings
from backend.app.core.settings import Settings as BackendSettings
from shared.logs import JsonFormatter
from shared.settings import SettingsError, positive


def test_what_is_not_set_has_its_default():
    settings = BackendSettings.from_env({"AUTH_SERVICE_URL": "http://auth:8001"})
    assert settings == BackendSettings(auth_url="http://auth:8001")


def test_what_is_set_is_taken():
    env = {"AUTH_SECRET": "s", "AUTH_SESSION_SECONDS": "60", "AUTH_DATABASE": "a", "LOG_LEVEL": "x"}
    assert AuthSettings.from_env(env) == AuthSettings(
        secret="s", session_seconds=60.0, database="a", log_level="x"
    )


@pytest.mark.parametrize("settings", [AuthSettings, BackendSettings])
def test_what_must_be_set_is_missed(settings):
    with pytest.raises(SettingsError, match="is not set"):
        settings.from_env({})


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan"])
def test_a_number_is_one_above_zero(text):
    with pytest.raises(SettingsError, match="SECONDS is not"):
        positive({"SECONDS": text}, "SECONDS", 1.0)


def test_logs_are_json():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "hello %s", ("you",), None)
    assert json.loads(JsonFormatter("backend").format(record)) == {
        "service": "backend",
        "level": "INFO",
        "message": "hello you",
    }
