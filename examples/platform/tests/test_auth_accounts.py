"""The auth service over HTTP."""

CREDENTIALS = {"name": "ada", "password": "correct horse"}


def test_registers_and_signs_in(auth):
    assert auth.post("/users", json=CREDENTIALS).status_code == 201
    token = auth.post("/login", json=CREDENTIALS).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert auth.get("/identity", headers=headers).json() == {
        "user_id": 1,
        "name": "ada",
        "roles": ["member"],
    }


def test_a_name_is_taken_once(auth):
    auth.post("/users", json=CREDENTIALS)
    assert auth.post("/users", json=CREDENTIALS).status_code == 409


def test_a_wrong_password_opens_nothing(auth):
    auth.post("/users", json=CREDENTIALS)
    wrong = {**CREDENTIALS, "password": "battery staple"}
    assert auth.post("/login", json=wrong).status_code == 401


def test_signing_out_ends_the_session(auth, sign_in):
    headers = sign_in("ada")
    assert auth.post("/logout", headers=headers).status_code == 204
    assert auth.get("/identity", headers=headers).status_code == 401


def test_is_healthy(auth):
    assert auth.get("/health").json() == {"service": "auth", "status": "ok"}
