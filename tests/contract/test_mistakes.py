from __future__ import annotations

import pickle

from pytest_importcontract.contract.mistakes import Mistake, MistakesError


def test_a_mistake_reads_place_subject_fault_suggestion() -> None:
    mistake = Mistake(file="c.toml", line=3, subject="a.b", what="unknown key", suggestion="try c")
    assert str(mistake) == "c.toml:3: a.b: unknown key (try c)"


def test_what_is_not_known_leaves_no_trace() -> None:
    assert str(Mistake(file="c.toml", what="is empty")) == "c.toml: is empty"


def test_the_line_may_be_all_that_is_known() -> None:
    assert str(Mistake(file="c.toml", line=2, what="is empty")) == "c.toml:2: is empty"


def test_a_mistake_is_one_line_whatever_its_names_hold() -> None:
    mistake = Mistake(file="c\udcff.toml", subject="a", what="é\n\x1b[31m\u202e is 'no' folder\\")
    assert str(mistake) == r"c\udcff.toml: a: é\n\x1b[31m\u202e is 'no' folder" + "\\"


def test_mistakes_come_in_file_order() -> None:
    error = MistakesError(
        (
            Mistake(file="b", line=1, what="5"),
            Mistake(file="a", line=10, what="4"),
            Mistake(file="a", line=2, subject="s[10]", what="3"),
            Mistake(file="a", line=2, subject="s[9]", what="2"),
            Mistake(file="a", what="1"),
        )
    )
    assert str(error) == "a: 1\na:2: s[9]: 2\na:2: s[10]: 3\na:10: 4\nb:1: 5"


def test_numbers_beyond_counting_do_not_hinder_the_order() -> None:
    assert str(MistakesError((Mistake(file="a", subject="9" * 5000, what="w"),)))


def test_mistakes_survive_pickling() -> None:
    error = MistakesError((Mistake(file="a", line=2, subject="s", what="w", suggestion="t"),))
    assert pickle.loads(pickle.dumps(error)).mistakes == error.mistakes
