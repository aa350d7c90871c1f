from __future__ import annotations

import dataclasses

from pytest_importcontract.diagnosis.chain import (
    branches,
    cycle,
    hops,
    own_line,
    root_of,
    settled,
    way_to,
)
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.observe.facts import Failure, Frame, Link, Place

RAISE = "raise RuntimeError"


def frame(module: str, line: int = 1, function: str = "<module>", *, own: bool = True) -> Frame:
    place = Place(f"/{module.replace('.', '/')}.py", line)
    return Frame(place=place, function=function, module=module, first_party=own)


def link(kind: str, *frames: Frame, relation: str = "") -> Link:
    return Link(type=kind, bases=(kind,), message="", frames=frames, relation=relation)


def root(*links: Link, statement: str = RAISE) -> int:
    return root_of(Failure(stage="import", links=links), lambda _: statement)


def shown(*frames: Frame) -> list[str]:
    return [f"{hop.file}:{hop.line} {hop.text}" for hop in hops(frames, lambda _: "here")]


def test_one_exception_is_its_own_root() -> None:
    assert root(link("ValueError")) == 0


def test_an_explicit_cause_is_the_root_whatever_it_is() -> None:
    a, b = frame("a"), frame("b")
    assert root(link("ValueError", a), link("KeyError", b, relation="cause")) == 1


def test_an_error_raised_where_an_import_failed_is_its_consequence() -> None:
    a, missing = frame("a", 4), link("ImportError", frame("a", 2), frame("b"), relation="context")
    assert root(link("RuntimeError", a), missing) == 1
    assert root(link("RuntimeError", a), missing, statement="") == 1


def test_an_error_that_no_raise_raised_is_not() -> None:
    missing = link("ImportError", frame("a", 2), relation="context")
    assert root(link("RuntimeError", frame("a", 4)), missing, statement="x = 1 / 0") == 0


def test_an_exit_is_whatever_statement_asked_for_it() -> None:
    missing = link("ImportError", frame("a", 2), relation="context")
    assert root(link("SystemExit", frame("a", 4)), missing, statement="sys.exit('no')") == 1


def test_an_error_raised_elsewhere_is_not() -> None:
    missing = link("ImportError", frame("a", 2), relation="context")
    assert root(link("RuntimeError", frame("a", 4), frame("b")), missing) == 0
    assert root(link("RuntimeError", frame("a", 4, "f")), missing) == 0


def test_a_second_import_is_a_cause_of_its_own() -> None:
    missing = link("ImportError", frame("a", 2), relation="context")
    assert root(link("ImportError", frame("a", 4)), missing) == 0


def test_an_error_raised_while_another_kind_was_handled_is_not() -> None:
    handled = link("ValueError", frame("a", 2), relation="context")
    assert root(link("RuntimeError", frame("a", 4)), handled) == 0


def test_an_error_raised_for_a_variable_that_is_not_set_is() -> None:
    last = frame("os", 679, "__getitem__", own=False)
    unset = link("KeyError", frame("a", 2), last, relation="context")
    assert root(link("RuntimeError", frame("a", 4)), unset) == 1


def test_exceptions_without_frames_lead_nowhere() -> None:
    assert root(link("RuntimeError"), link("ImportError", relation="context")) == 0


def test_the_way_of_the_only_exception_is_its_frames() -> None:
    a, b = frame("a"), frame("b")
    assert way_to(Failure(stage="import", links=(link("E", a, b),)), 0) == (a, b)


def test_the_way_to_a_deeper_exception_goes_on_where_it_was_handled() -> None:
    outer = link("E", frame("a"), frame("b", 9))
    inner = link("E", frame("b", 3), frame("c"), relation="cause")
    way = way_to(Failure(stage="import", links=(outer, inner)), 1)
    assert way == (frame("a"), frame("b", 3), frame("c"))


def test_the_way_to_an_exception_from_elsewhere_is_its_own() -> None:
    outer, inner = link("E", frame("a")), link("E", frame("z"), relation="cause")
    assert way_to(Failure(stage="import", links=(outer, inner)), 1) == (frame("z"),)


def test_frames_without_place_in_the_chain_change_nothing() -> None:
    outer, inner = link("E", frame("a")), link("E", relation="cause")
    assert way_to(Failure(stage="import", links=(outer, inner)), 1) == (frame("a"),)


def test_a_line_says_what_comes_next_and_the_last_what_it_is() -> None:
    assert shown(frame("a", 4), frame("b", 2), frame("b", 9, "f")) == [
        "/a.py:4 imports b",
        "/b.py:2 calls f()",
        "/b.py:9 here",
    ]


def test_code_of_others_is_folded_into_one_line() -> None:
    inner = (frame("x.a", own=False), frame("x.b", own=False), frame("y", own=False))
    assert shown(frame("a"), *inner, frame("b")) == [
        "/a.py:1 imports x.a",
        ":0 … 3 steps in x, y …",
        "/b.py:1 here",
    ]


def test_code_of_others_before_the_first_own_line_is_left_out() -> None:
    assert shown(frame("x", own=False), frame("a")) == ["/a.py:1 here"]


def test_the_last_line_shows_whoever_it_belongs_to() -> None:
    assert shown(frame("a"), frame("x", own=False)) == ["/a.py:1 imports x", "/x.py:1 here"]


def test_lines_of_others_are_marked() -> None:
    text = Frame(place=Place("<string>", 1), function="<module>", module="a")
    assert [hop.foreign for hop in hops((frame("a"), frame("x", own=False)), str)] == [False, True]
    assert [hop.foreign for hop in hops(settled((frame("a"), text)), str)] == [False, True]


def test_text_belongs_to_whoever_executes_it() -> None:
    text = Frame(place=Place("<string>", 1), function="<module>")
    settled_frames = settled((text, frame("a"), text, frame("x", own=False), text))
    assert [f.first_party for f in settled_frames] == [False, True, True, False, False]


def test_the_own_line_is_the_last_that_has_a_file() -> None:
    text = Frame(place=Place("<string>", 1), function="f", first_party=True)
    assert own_line((frame("a"), frame("b", 3), text, frame("x", own=False))) == frame("b", 3)
    assert own_line((text, frame("x", own=False))) is None


def test_an_import_by_name_shows_who_asked_for_it() -> None:
    by_name = frame("importlib", 126, "import_module", own=False)
    assert shown(frame("a"), by_name, frame("b")) == ["/a.py:1 imports b", "/b.py:1 here"]
    assert shown(frame("a"), by_name) == ["/a.py:1 here"]


def test_a_recursion_shows_once() -> None:
    inner = frame("a", 2, "f")
    assert shown(frame("a", 4), *[inner] * 50) == [
        "/a.py:4 calls f()",
        "/a.py:2 calls f()",
        ":0 … again and again …",
        "/a.py:2 here",
    ]


def test_a_long_way_loses_its_middle() -> None:
    lines = shown(*(frame(f"m{number}") for number in range(100)))
    assert len(lines) == 41
    assert lines[19:22] == ["/m19.py:1 imports m20", ":0 … more steps …", "/m80.py:1 imports m81"]


def test_a_tail_comes_last() -> None:
    tail = Hop(file="/b.py", line=3, text="def f(:")
    assert hops([frame("a")], lambda _: "import b", [tail])[-1] == tail


def test_no_frames_are_no_lines() -> None:
    assert hops((), lambda _: "") == ()


def test_a_circle_starts_at_the_module_that_waits() -> None:
    frames = [frame("main"), frame("a"), frame("b"), frame("b", 2, "f"), frame("c")]
    assert cycle(frames, "a") == ("a", "b", "c", "a")
    assert cycle(frames, "c") == ("c", "c")


def test_a_module_that_is_not_running_closes_no_circle() -> None:
    assert cycle([frame("a"), frame("b", 2, "f")], "b") == ()


def test_a_group_branches_into_its_members() -> None:
    one, two = link("KeyError", frame("a", 3)), link("ImportError", frame("a", 4))
    inner = dataclasses.replace(link("ExceptionGroup"), members=((two,),))
    group = dataclasses.replace(link("ExceptionGroup", frame("a", 9)), members=((one,), (inner,)))
    parts = branches(Failure(stage="import", links=(group,)), lambda _: RAISE)
    assert [[link.type for link in part.links] for part in parts] == [
        ["ExceptionGroup", "KeyError"],
        ["ExceptionGroup", "ExceptionGroup", "ImportError"],
    ]
    assert [root_of(part, lambda _: RAISE) for part in parts] == [1, 2]


def test_a_failure_without_a_group_is_its_only_branch() -> None:
    failure = Failure(stage="import", links=(link("KeyError", frame("a")),))
    assert branches(failure, lambda _: RAISE) == (failure,)
