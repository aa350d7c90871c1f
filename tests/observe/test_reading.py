from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workbench import Workbench, module_target

from pytest_importcontract.observe.facts import Frame, Observation, Origin, OutcomeKind, Place
from pytest_importcontract.observe.reading import Reader

SILENT: dict[str, Any] = {
    "error": "",
    "hello": True,
    "end": None,
    "at": [],
    "status": None,
    "timed_out": False,
    "seconds": 1.5,
    "memory": 0,
    "stdout": ["", 0, ""],
    "stderr": ["", 0, ""],
    "trace": "",
    "answer": None,
}
END: dict[str, Any] = {
    "stage": "import",
    "links": [],
    "missing": {},
    "exit": None,
    "edges": [],
    "effects": [],
    "swallowed": [],
    "loaded": ["app"],
}


def placed(value: Any, tree: str) -> Any:
    """The value with TREE replaced in every text of it."""
    match value:
        case str():
            return value.replace("TREE", tree)
        case list():
            return [placed(each, tree) for each in value]
        case dict():
            return {key: placed(each, tree) for key, each in value.items()}
    return value


@pytest.fixture
def read(bench: Workbench) -> Any:
    """Reads a reply about a staged service of two packages, of which `app` ships."""
    bench.write("app/__init__.py")
    bench.write("other/__init__.py")
    shipment = bench.shipment('ships.files = ["app"]', "runtime.timeout = 2.5")
    reader = Reader(shipment, "/ours/probe.py")

    def read(**known: Any) -> Observation:
        known = placed(known, str(shipment.tree))
        return reader.observation(module_target("app"), {**SILENT, **known})

    return read


def ended(**known: Any) -> dict[str, Any]:
    return {**END, **known}


def test_an_end_without_an_exception_is_success(read: Any) -> None:
    observation = read(end=END, status=None)
    assert observation.outcome.ok
    assert (observation.loaded, observation.seconds) == (frozenset({"app"}), 1.5)


@pytest.mark.parametrize(
    ("known", "kind", "detail"),
    [
        ({"status": 0}, OutcomeKind.EXITED, "with status 0"),
        ({"status": 3}, OutcomeKind.EXITED, "with status 3"),
        ({"status": -11}, OutcomeKind.CRASHED, "with SIGSEGV"),
        ({"status": -6}, OutcomeKind.CRASHED, "with SIGABRT"),
        ({"status": -9}, OutcomeKind.KILLED, "by SIGKILL"),
        ({"status": -99}, OutcomeKind.KILLED, "by signal 99"),
        ({"timed_out": True, "status": -9}, OutcomeKind.TIMED_OUT, "after 2.5 s"),
        ({"error": "python: gone"}, OutcomeKind.COULD_NOT_START, "python: gone"),
        ({"end": ended(exit=3)}, OutcomeKind.EXITED, "with status 3"),
    ],
)
def test_how_it_ended(read: Any, known: dict[str, Any], kind: OutcomeKind, detail: str) -> None:
    outcome = read(**known).outcome
    assert (outcome.kind, outcome.detail, outcome.ok) == (kind, detail, False)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"status": 1, "stderr": ["error:\nno libc\n\n", 0, ""]}, "no libc"),
        ({"status": 1}, "exited with status 1"),
        ({"status": -9}, "ended by SIGKILL"),
        ({"status": None}, "ended"),
    ],
)
def test_an_interpreter_without_a_word(read: Any, known: dict[str, Any], said: str) -> None:
    outcome = read(hello=False, **known).outcome
    assert outcome.kind is OutcomeKind.COULD_NOT_START
    assert outcome.detail.endswith(f": {said}")


TRACE = """\
Fatal Python error: Segmentation fault

Thread 0x01 (most recent call first):
  File "/lib/threading.py", line 1 in wait

Current thread 0x02 (most recent call first):
  File "TREE/app/b.py", line 7 in work
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
  File "/lib/json.py", line 5 in loads
  File "TREE/app/__init__.py", line 2 in <module>
  File "/ours/probe.py", line 9 in main
"""


def test_where_it_stood(read: Any, bench: Workbench) -> None:
    app = bench.root / "app"
    assert read(status=-11, trace=TRACE).outcome.standing == (
        Frame(place=Place(f"{app}/__init__.py", 2), function="<module>", first_party=True),
        Frame(place=Place("/lib/json.py", 5), function="loads"),
        Frame(place=Place(f"{app}/b.py", 7), function="work", first_party=True),
    )


def test_without_a_trace_the_unfinished_imports_say_where(read: Any, bench: Workbench) -> None:
    at = [[0, "TREE/app/__init__.py", 2, "app.b"], [1, "TREE/app/b.py", 3, "json"]]
    observation = read(status=-9, at=at)
    assert [f.place.line for f in observation.outcome.standing] == [2, 3]
    assert observation.outcome.importing == "json"
    assert [(e.importer, e.imported, e.origin) for e in observation.edges] == [
        ("", "app.b", Origin.FIRST_PARTY),
        ("app.b", "json", Origin.STANDARD_LIBRARY),
    ]
    assert observation.edges[0].place.file == str(bench.root / "app/__init__.py")


def raw_edge(imported: str, *, own: bool = True, of_own: bool = False) -> list[Any]:
    return ["app", "TREE/app/__init__.py", 1, imported, [], [], False, own, of_own, ""]


@pytest.mark.parametrize(
    ("imported", "origin"),
    [
        ("app.absent", Origin.FIRST_PARTY),
        ("other", Origin.FIRST_PARTY),
        ("json", Origin.STANDARD_LIBRARY),
        ("pytest", Origin.THIRD_PARTY),
        ("nowhere", Origin.THIRD_PARTY),
    ],
)
def test_where_an_imported_module_belongs(read: Any, imported: str, origin: Origin) -> None:
    (edge,) = read(end=ended(edges=[raw_edge(imported)])).edges
    assert edge.origin is origin


def test_imports_among_strangers_are_dropped(read: Any) -> None:
    edges = [raw_edge("json", own=False), raw_edge("app", own=False)]
    assert [e.imported for e in read(end=ended(edges=edges)).edges] == ["app"]


def link(**known: Any) -> dict[str, Any]:
    plain = {"type": "ValueError", "bases": ["ValueError", "Exception"], "relation": ""}
    return {**plain, "message": "", "frames": [], **known}


def test_messages_name_the_repositorys_files(read: Any, bench: Workbench) -> None:
    raw = link(message="no TREE/app/x", filename="TREE/app/x", path="TREE/app/__init__.py")
    failure = read(end=ended(links=[raw])).outcome.failure
    assert failure.outermost.message == f"no {bench.root}/app/x"
    assert failure.outermost.filename == f"{bench.root}/app/x"
    assert failure.outermost.path == f"{bench.root}/app/__init__.py"


def test_output_says_what_was_left_out(read: Any) -> None:
    assert read(end=END, stdout=["head", 5, "tail"]).stdout == ("head\n… 5 bytes left out …\ntail")


def test_missing_symbols(read: Any) -> None:
    raw = {"missing": "b", "owner": "A", "names": ["c"], "links": [link(message="why")]}
    missing = read(end=ended(missing={"A.b": raw})).missing["A.b"]
    assert (missing.missing, missing.owner, missing.names) == ("b", "A", ("c",))
    assert missing.failure is not None
    assert missing.failure.outermost.message == "why"


def test_paths_of_others_stay_as_they_are(read: Any) -> None:
    frame = ["/lib/x.py", 1, "f", "x", False]
    (found,) = read(end=ended(links=[link(frames=[frame])])).outcome.failure.outermost.frames
    assert Path(found.place.file) == Path("/lib/x.py")
