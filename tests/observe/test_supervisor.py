from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract.observe import probe, supervisor
from pytest_importcontract.observe.supervisor import (
    Output,
    Verdicts,
    read_message,
    write_message,
)

KEEP = 16 * 1024
END = {
    "stage": "import",
    "links": [],
    "missing": {},
    "exit": None,
    "edges": [],
    "effects": [],
    "swallowed": [],
    "loaded": [],
}

MARK = b"\xc3mark\0\1\2"
QUIET = {"question": None, "keep": False}


def message(value: Any) -> bytes:
    body = json.dumps(value).encode()
    return MARK + len(body).to_bytes(4, "big") + body


def told(*values: Any) -> Verdicts:
    verdicts = Verdicts(MARK)
    verdicts.add(b"".join(map(message, values)))
    return verdicts


# Questions

ANSWER = {**END, "found": []}


def test_what_becomes_of_a_question() -> None:
    verdicts = told({"end": END}, {"asking": True}, {"answer": ANSWER}, {"asked": [0, False, ""]})
    assert verdicts.answer == ANSWER
    assert verdicts.asked == {"status": 0, "timed_out": False, "trace": ""}


def test_a_fork_that_dies_of_it() -> None:
    at = [0, "a.py", 3, "b"]
    verdicts = told({"end": END}, {"asking": True}, {"at": at}, {"asked": [11, True, "Fatal"]})
    assert verdicts.answer is None
    assert verdicts.at == [at]
    assert verdicts.asked == {"status": -11, "timed_out": True, "trace": "Fatal"}


def test_the_next_question_is_another() -> None:
    verdicts = told({"end": END}, {"asking": True}, {"answer": ANSWER}, {"asked": [0, False, ""]})
    verdicts.expect()
    assert (verdicts.asking, verdicts.answer, verdicts.asked, verdicts.at) == (
        False,
        None,
        None,
        [],
    )


@pytest.mark.parametrize(
    "said",
    [
        [{"answer": ANSWER}],
        [{"asking": True}, {"answer": ANSWER}],
        [{"end": END}, {"answer": ANSWER}],
        [{"end": END}, {"asking": True}, {"answer": {}}],
        [{"end": END}, {"asking": 1}, {"answer": ANSWER}],
        [{"end": END}, {"asking": True}, {"asked": [0, 1, None]}],
    ],
)
def test_what_answers_no_question_is_passed_over(said: list[Any]) -> None:
    verdicts = told(*said)
    assert (verdicts.answer, verdicts.asked) == (None, None)


@pytest.mark.parametrize("status", [None, "x", 1.5, 1 << 70])
def test_a_wait_status_that_is_none(status: Any) -> None:
    verdicts = told({"end": END}, {"asking": True}, {"asked": [status, False, ""]})
    assert verdicts.asked == {"status": None, "timed_out": False, "trace": ""}


# Output


def test_short_output_is_kept_whole() -> None:
    output = Output()
    output.add(b"one ")
    output.add(b"two")
    assert output.bounded() == ("one two", 0, "")


def test_long_output_keeps_head_and_tail() -> None:
    output = Output()
    output.add(b"a" * KEEP + b"lost" + b"z" * KEEP)
    assert output.bounded() == ("a" * KEEP, 4, "z" * KEEP)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9), max_size=30), st.integers(1, 8))
def test_head_and_tail_do_not_depend_on_how_the_bytes_came(chunks: list[bytes], keep: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervisor, "_KEEP", keep)
        patch.setattr(supervisor, "_decode", bytes)
        output = Output()
        for chunk in chunks:
            output.add(chunk)
        whole = b"".join(chunks)
        rest = whole[keep:]
        expected = (whole[:keep], max(len(rest) - keep, 0), rest[-keep:])
        assert output.bounded() == expected


# Verdicts


def test_a_probe_says_hello() -> None:
    assert told({"hello": 1}).hello
    assert not told({"hello": "x"}).hello


def test_unfinished_imports_nest() -> None:
    steps: list[Any] = [
        {"at": [0, "a.py", 1, "b"]},
        {"at": [1, "b.py", 2, "c"]},
        {"done": 1},
        {"at": [1, "b.py", 3, "d"]},
    ]
    assert told(*steps).at == [[0, "a.py", 1, "b"], [1, "b.py", 3, "d"]]
    assert told(*steps, {"done": 0}).at == []


def test_the_end_is_the_end() -> None:
    assert told({"end": END}).end == END


@pytest.mark.parametrize("value", [{"end": {}}, {"end": None}, {"end": 1}, [], None, {}, "end"])
def test_what_is_no_message_of_a_probe_is_passed_over(value: Any) -> None:
    verdicts = told(value, {"hello": 1})
    assert verdicts.end is None
    assert verdicts.hello


@settings(deadline=None)
@given(st.integers(1, 7))
def test_messages_may_come_in_pieces(size: int) -> None:
    data = message({"hello": 1}) + message({"at": [0, "a", 1, "b"]}) + message({"end": END})
    verdicts = Verdicts(MARK)
    for start in range(0, len(data), size):
        verdicts.add(data[start : start + size])
    assert verdicts.end == END


@pytest.mark.parametrize(
    "noise",
    [
        b"\xff\xff\xff\xff",
        MARK[:5],
        MARK + b"\xff\xff\xff\xff",
        MARK + MARK,
        MARK + b"\0\0\0\1}",
        message({"hello": 1})[len(MARK) :],
    ],
)
def test_a_message_is_found_behind_whatever_else_was_written(noise: bytes) -> None:
    for size in (1, 3, 1000):
        verdicts = Verdicts(MARK)
        data = noise + message({"end": END})
        for start in range(0, len(data), size):
            verdicts.add(data[start : start + size])
        assert verdicts.end == END
        assert not verdicts.hello


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40) | st.just(message({"hello": 1})), max_size=5))
def test_noise_around_messages_neither_hides_nor_makes_one(chunks: list[bytes]) -> None:
    verdicts = told()
    for chunk in chunks:
        verdicts.add(chunk)
    assert verdicts.hello == (message({"hello": 1}) in chunks)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
KEYED = st.dictionaries(st.sampled_from(["hello", "at", "done", "end"]), JSON)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=5))
def test_any_bytes_are_borne(chunks: list[bytes]) -> None:
    verdicts = Verdicts(MARK)
    for chunk in chunks:
        verdicts.add(chunk)
    assert verdicts.end is None


@settings(deadline=None, max_examples=50)
@given(st.lists(KEYED | JSON, max_size=5))
def test_any_json_is_borne(values: list[Any]) -> None:
    assert told(*values).end is None


@pytest.mark.parametrize("body", [b"[" * 100_000, b"1" * 10_000, b'{"hello": \xff}', b"NaN"])
def test_json_that_breaks_parsers_is_borne(body: bytes) -> None:
    verdicts = Verdicts(MARK)
    verdicts.add(MARK + len(body).to_bytes(4, "big") + body)
    assert not verdicts.hello


# Messages between runner and supervisor


@settings(deadline=None)
@given(JSON)
def test_messages_arrive_as_they_were_sent(value: Any) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "wb", buffering=0):
        write_message(writing, value)
        assert json.dumps(read_message(reading)) == json.dumps(value)


def test_messages_longer_than_a_pipe_holds_arrive() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "wb", buffering=0):
        sender = threading.Thread(target=write_message, args=(writing, "x" * 300_000))
        sender.start()
        assert read_message(reading) == "x" * 300_000
        sender.join()


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\0\x09half"])
def test_a_stream_that_ends_is_no_message(data: bytes) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"):
        with os.fdopen(writing, "wb") as stream:
            stream.write(data)
        assert read_message(reading) is None


# The program


def request(argv: list[str], cwd: Path) -> dict[str, Any]:
    return {"argv": argv, "env": {}, "cwd": str(cwd), "timeout": 10, "probe": QUIET}


@pytest.fixture
def asked(tmp_path: Path) -> Any:
    """Sends requests to a supervisor and returns its replies."""

    def asked(*requests: dict[str, Any]) -> list[dict[str, Any]]:
        folder = tmp_path / "supervisor"
        folder.mkdir()
        command = [sys.executable, "-I", "-S", supervisor.__file__, probe.__file__, folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            replies = []
            for each in requests:
                write_message(process.stdin.fileno(), each)
                replies.append(read_message(process.stdout.fileno()))
            process.stdin.close()
            assert process.wait(10) == 0
        assert not folder.exists()
        return replies

    return asked


def test_the_supervisor_needs_the_standard_library_alone(asked: Any) -> None:
    assert asked() == []


def test_what_does_not_start_is_an_error_and_the_next_request_is_served(
    asked: Any, tmp_path: Path
) -> None:
    absent = str(tmp_path / "absent")
    for reply in asked(request([absent], tmp_path), request([absent], tmp_path)):
        assert reply["error"] == f"{absent}: No such file or directory"
        assert reply["end"] is None


def test_a_variable_no_process_can_have_is_an_error(asked: Any, tmp_path: Path) -> None:
    asking = {**request([sys.executable], tmp_path), "env": {"A": "a\0b"}}
    assert asked(asking)[0]["error"] == "embedded null byte"


def test_a_folder_that_is_gone_is_an_error(asked: Any, tmp_path: Path) -> None:
    assert asked(request([sys.executable], tmp_path / "gone"))[0]["error"] != ""


def test_a_program_that_is_no_probe_says_nothing(asked: Any, tmp_path: Path) -> None:
    (reply,) = asked(request(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], tmp_path))
    assert (reply["hello"], reply["end"], reply["status"]) == (False, None, 3)
    assert (reply["stdout"], reply["stderr"]) == (["out\n", 0, ""], ["err\n", 0, ""])


def test_a_program_past_its_deadline_is_stopped(asked: Any, tmp_path: Path) -> None:
    asking = {**request(["/bin/sh", "-c", "trap '' TERM INT; sleep 60"], tmp_path), "timeout": 0.2}
    (reply,) = asked(asking)
    assert reply["timed_out"]
    assert reply["seconds"] < 5
