"""The backend's door to auth, with auth up and down."""


def test_signs_in_and_out_through_the_backend(backend, auth):
    credentials = {"name": "ada", "password": "correct horse"}
    auth.post("/users", json=credentials)
    token = backend.post("/login", json=credentials).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert backend.get("/me", headers=headers).json() == {"name": "ada", "is_admin": False}
    assert backend.post("/logout", headers=headers).status_code == 204
    assert backend.get("/me", headers=headers).status_code == 401


def test_wrong_credentials_are_refused(backend):
    credentials = {"name": "nobody", "password": "correct horse"}
    assert backend.post("/login", json=credentials).status_code == 401


def test_is_ready_while_auth_is_up(backend):
    assert backend.get("/ready").status_code == 200


def test_is_healthy_but_not_ready_while_auth_is_down(backend_alone):
    assert backend_alone.get("/health").json() == {"service": "backend", "status": "ok"}
    assert backend_alone.get("/ready").status_code == 503
    headers = {"Authorization": "Bearer x"}
    assert backend_alone.get("/rooms", headers=headers).status_code == 503
