"""What the containers start."""

import importlib

import pytest


@pytest.mark.parametrize(
    ("module", "variable"),
    [("backend.app.main", "AUTH_SERVICE_URL"), ("auth_service.main", "AUTH_SECRET")],
)
def test_has_an_application(monkeypatch, module, variable):
    monkeypatch.setenv(variable, "http://auth.test")
    app = importlib.import_module(module).app
    assert "/health" in app.openapi()["paths"]
