"""A room live, over WebSocket."""

import pytest
from fastapi import WebSocketDisconnect


def path(headers, room="tea"):
    return f"/rooms/{room}/stream?token={headers['Authorization'].removeprefix('Bearer ')}"


def test_everyone_in_a_room_hears_what_is_said(backend, sign_in):
    ada, bob = sign_in("ada"), sign_in("bob")
    backend.post("/rooms", json={"name": "tea"}, headers=ada)
    with (
        backend.websocket_connect(path(ada)) as adas,
        backend.websocket_connect(path(bob)) as bobs,
    ):
        adas.send_text("milk?")
        assert bobs.receive_json()["text"] == "milk?"
        backend.post("/rooms/tea/messages", json={"text": "no"}, headers=bob)
        heard = [adas.receive_json() for _ in range(2)]
    assert [(message["author"], message["text"]) for message in heard] == [
        ("ada", "milk?"),
        ("bob", "no"),
    ]


def test_strangers_are_turned_away(backend):
    assert why_refused(backend) == "sign in first"


def test_nobody_is_let_in_while_auth_is_down(backend_alone):
    assert why_refused(backend_alone) == "the auth service does not answer"


def why_refused(backend):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        backend.websocket_connect("/rooms/tea/stream?token=x.y"),
    ):
        pass
    return refused.value.reason


def test_an_unknown_room_closes_the_stream(backend, sign_in):
    with backend.websocket_connect(path(sign_in("ada"))) as stream:
        stream.send_text("anyone?")
        with pytest.raises(WebSocketDisconnect) as closed:
            stream.receive_text()
    assert closed.value.reason == "no such room"
