"""Rooms and their messages over HTTP."""

import pytest


@pytest.fixture
def ada(sign_in):
    return sign_in("ada")


def test_only_the_signed_in_see_rooms(backend):
    assert backend.get("/rooms").status_code == 401
    assert backend.get("/rooms", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_room_is_made_and_listed(backend, ada):
    assert backend.post("/rooms", json={"name": "tea"}, headers=ada).status_code == 201
    assert backend.post("/rooms", json={"name": "tea"}, headers=ada).status_code == 409
    assert backend.get("/rooms", headers=ada).json() == [{"name": "tea", "owner": "ada"}]


@pytest.mark.parametrize(
    ("name", "roles", "status"),
    [("bob", ("member",), 403), ("eve", ("member", "admin"), 204)],
)
def test_a_room_is_removed_by_its_owner_or_an_admin(backend, ada, sign_in, name, roles, status):
    backend.post("/rooms", json={"name": "tea"}, headers=ada)
    other = sign_in(name, roles=roles)
    assert backend.delete("/rooms/tea", headers=other).status_code == status


def test_messages_are_kept_in_order(backend, ada):
    backend.post("/rooms", json={"name": "tea"}, headers=ada)
    for text in ("first", "second", "third"):
        backend.post("/rooms/tea/messages", json={"text": text}, headers=ada)
    latest = backend.get("/rooms/tea/messages", params={"limit": 2}, headers=ada).json()
    assert [message["text"] for message in latest] == ["second", "third"]


def test_an_unknown_room_is_not_found(backend, ada):
    assert backend.get("/rooms/tea/messages", headers=ada).status_code == 404
    said = backend.post("/rooms/tea/messages", json={"text": "hello"}, headers=ada)
    assert said.status_code == 404


def test_a_failed_session_leaves_nothing(backend, ada):
    backend.post("/rooms", json={"name": "tea"}, headers=ada)

    def fail_halfway():
        with backend.app.state.sessions.session() as session:
            session.execute("DELETE FROM rooms")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()
    assert len(backend.get("/rooms", headers=ada).json()) == 1
